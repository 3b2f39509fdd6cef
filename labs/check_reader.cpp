#include "labs/check_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "engine/ring/consistency.h"
#include "labs/words.h"

namespace lab {

namespace {

constexpr int kCopiesMax = 1000;
constexpr int kVnodesMax = 1024;
constexpr int kSstablesMax = 10'000;
constexpr int kLevelMax = 8;  // LeveledManifest.MAX_LEVEL_COUNT - 1.
constexpr int kLoadRowsMax = 1'000'000;
constexpr int kLoadBytesMax = 100'000;
constexpr int kSleepSecondsMax = 60;

const std::vector<std::string> kKinds{"cql", "schema", "replicas", "cluster", "events", "storage", "quiz", "predict"};

/// "n3" or "3"; 0 when it is neither.
int nodeNumber(std::string text) {
    if (!text.empty() && text.front() == 'n') {
        text.erase(0, 1);
    }
    const bool digits = !text.empty() && text.size() < 4 &&
                        std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    return digits ? std::stoi(text) : 0;
}

/// One check or action while it is read: its fields, and the sizes they must fit.
class PartReader {
public:
    PartReader(YamlFields& fields, int nodes) : m_fields(fields), m_nodes(nodes) {}

    int node(std::string_view name) {
        const YamlValue* value = m_fields.find(name);
        return value == nullptr ? 0 : nodeOf(name, *value);
    }

    std::vector<int> nodes(std::string_view name) {
        std::vector<int> out;
        const YamlValue* value = m_fields.find(name);
        if (value == nullptr) {
            return out;
        }
        if (value->kind != YamlValue::Kind::List) {
            return {nodeOf(name, *value)};
        }
        for (const YamlValue& item : value->items) {
            out.push_back(nodeOf(name, item));
        }
        return out;
    }

    std::string consistency(std::string_view otherwise) {
        const std::string level = m_fields.text("consistency", otherwise);
        if (!level.empty() && !engine::ring::parseConsistency(level)) {
            m_fields.problem(m_fields.find("consistency")->line,
                             fmt::format("{}: expected a consistency level as ONE, QUORUM or ALL, found '{}'",
                                         m_fields.pathOf("consistency"), level));
        }
        return level;
    }

    CqlWants cql() {
        CqlWants out;
        out.query = m_fields.text("query");
        out.consistency = consistency("ONE");
        out.coordinator = node("coordinator");
        out.error = m_fields.text("error", "");
        out.errorText = m_fields.text("error_text", "");
        for (const YamlValue& row : m_fields.list("rows")) {
            std::vector<std::string> cells;
            for (const YamlValue& cell : row.items) {
                cells.push_back(cell.text);
            }
            if (row.kind != YamlValue::Kind::List || cells.empty()) {
                m_fields.problem(row.line, m_fields.pathOf("rows") + ": expected each row as a list of CQL literals");
            }
            out.rows.push_back(std::move(cells));
        }
        if (!out.rows.empty() && !isSelect(out.query)) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("query") + ": expected a SELECT, since rows are compared");
        }
        if (out.rows.empty() == out.error.empty()) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("rows") + ": expected either rows or an error");
        }
        int i = 0;
        for (const YamlValue& item : m_fields.list("mistakes")) {
            YamlFields mistake(item, fmt::format("{}[{}]", m_fields.pathOf("mistakes"), i++), m_fields.file(),
                               m_fields.problems());
            std::string query = mistake.text("query");
            if (!query.empty() && !isSelect(query)) {
                mistake.problem(item.line, mistake.pathOf("query") + ": expected a SELECT");
            }
            out.mistakes.emplace_back(std::move(query), mistake.text("says"));
        }
        return out;
    }

    SchemaWants schema() {
        SchemaWants out;
        out.keyspace = m_fields.text("keyspace");
        out.strategy = m_fields.oneOf("strategy", {"SimpleStrategy", "NetworkTopologyStrategy"}, "");
        out.copies = m_fields.number("copies", 0, 1, kCopiesMax);
        out.table = m_fields.text("table", "");
        out.partitionKey = m_fields.texts("partition_key");
        out.clustering = m_fields.texts("clustering");
        for (const auto& [name, type] : m_fields.textMap("columns")) {
            out.columns.emplace_back(name, type);
        }
        if (out.table.empty() && !(out.partitionKey.empty() && out.clustering.empty() && out.columns.empty())) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("table") + ": is missing; expected the table's name");
        }
        return out;
    }

    ReplicasWants replicas() {
        ReplicasWants out;
        out.keyspace = m_fields.text("keyspace");
        out.table = m_fields.text("table");
        out.where = m_fields.text("where");
        out.column = m_fields.text("column", "");
        out.copies = m_fields.number("copies", 0, 1, kCopiesMax);
        out.agree = m_fields.flag("agree");
        for (const auto& [name, value] : m_fields.textMap("holds")) {
            const int number = nodeNumber(name);
            if (number < 1 || number > m_nodes) {
                m_fields.problem(m_fields.line(), fmt::format("{}: expected n1 to n{}, found '{}'",
                                                              m_fields.pathOf("holds"), m_nodes, name));
            }
            out.holds[number] = value;
        }
        if (out.copies == 0 && !out.agree && out.holds.empty()) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("copies") +
                                                  ": expected copies, agree or holds: what the replicas should hold");
        }
        if (out.column.empty() && (out.agree || !out.holds.empty())) {
            m_fields.problem(m_fields.line(),
                             m_fields.pathOf("column") + ": is missing; expected the column to compare");
        }
        return out;
    }

    ClusterWants cluster() {
        ClusterWants out;
        out.node = node("node");
        out.state = m_fields.oneOf("state", {"up", "down", "paused"}, "");
        out.nodesUp = m_fields.number("nodes_up", 0, 1, kCopiesMax);
        out.vnodes = m_fields.number("vnodes", 0, 1, kVnodesMax);
        if ((out.node == 0) != out.state.empty()) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("node") + ": expected node and state together");
        }
        if (out.node == 0 && out.nodesUp == 0 && out.vnodes == 0) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("node") + ": expected node, nodes_up or vnodes");
        }
        return out;
    }

    EventsWants events() {
        EventsWants out;
        out.request = m_fields.oneOf("request", {"read", "write", "batch", "schema"}, "");
        out.keyspace = m_fields.text("keyspace", "");
        out.table = m_fields.text("table", "");
        out.key = m_fields.texts("key");
        out.consistency = consistency("");
        out.coordinator = node("coordinator");
        out.result = m_fields.oneOf("result", {"ok", "Unavailable", "timeout"}, "");
        out.errorText = m_fields.text("error_text", "");
        out.answeredBy = nodes("answered_by");
        out.answers = m_fields.number("answers", 0, 1, kCopiesMax);
        out.repaired = node("repaired");
        out.lightweight = m_fields.flag("lightweight");
        out.logged = m_fields.flag("logged");
        out.count = m_fields.number("count", 1, 1, kCopiesMax);
        out.eachNode = m_fields.flag("each_node");
        if (!out.key.empty() && (out.keyspace.empty() || out.table.empty())) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("key") + ": expected keyspace and table with a key");
        }
        return out;
    }

    StorageWants storage() {
        StorageWants out;
        out.node = node("node");
        out.keyspace = m_fields.text("keyspace");
        out.table = m_fields.text("table");
        out.sstables = m_fields.number("sstables", -1, 0, kSstablesMax);
        out.sstablesAtLeast = m_fields.number("sstables_at_least", 0, 1, kSstablesMax);
        out.memtable = m_fields.oneOf("memtable", {"empty", "filled"}, "");
        out.flushed = m_fields.oneOf("flushed", {"any", "USER_FORCED", "MEMTABLE_LIMIT", "COMMITLOG_DIRTY", "MEMTABLE_PERIOD_EXPIRED"}, "");
        out.replayed = m_fields.flag("replayed");
        out.compacted = m_fields.number("compacted", 0, 1, kSstablesMax);
        out.compactions = m_fields.number("compactions", 0, 1, kSstablesMax);
        out.byItself = m_fields.flag("by_itself");
        out.expired = m_fields.number("expired", 0, 1, kSstablesMax);
        out.windows = m_fields.number("windows", 0, 1, kSstablesMax);
        out.options = m_fields.textMap("options");
        out.level = m_fields.number("level", -1, 0, kLevelMax);
        out.strategy = m_fields.oneOf("strategy", {"SizeTieredCompactionStrategy", "LeveledCompactionStrategy",
                                                   "TimeWindowCompactionStrategy", "UnifiedCompactionStrategy"}, "");
        out.tombstones = m_fields.oneOf("tombstones", {"none", "some"}, "");
        out.tombstonesSay = m_fields.text("tombstones_say", "");
        out.readTouched = m_fields.number("read_touched", 0, 1, kSstablesMax);
        const bool asksNothing = out.sstables < 0 && out.sstablesAtLeast == 0 && out.memtable.empty() && out.flushed.empty() &&
                                 !out.replayed && out.compacted == 0 && out.compactions == 0 && out.expired == 0 &&
                                 out.windows == 0 && out.options.empty() && out.level < 0 && out.strategy.empty() &&
                                 out.tombstones.empty() && out.readTouched == 0;
        if (asksNothing) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("sstables") +
                                                  ": expected something to look at: sstables, sstables_at_least, memtable, flushed, "
                                                  "replayed, compacted, compactions, expired, windows, options, level, strategy, "
                                                  "tombstones or read_touched");
        }
        return out;
    }

    Question question() {
        Question out;
        out.question = m_fields.text("question");
        for (const YamlValue& item : m_fields.list("choices")) {
            readChoice(item, out);
        }
        if (out.choices.size() < 2) {
            m_fields.problem(m_fields.line(), m_fields.pathOf("choices") + ": expected at least two choices");
        }
        const std::string answer = m_fields.text("answer");
        if (answer == "first-replica" || answer == "no-replica") {
            out.live = answer == "first-replica" ? LiveAnswer::FirstReplica : LiveAnswer::NoReplica;
            out.key = {m_fields.text("keyspace"), m_fields.text("table"), m_fields.texts("key")};
        } else if (const auto it = std::find(out.choices.begin(), out.choices.end(), answer); it != out.choices.end()) {
            out.answer = static_cast<std::size_t>(it - out.choices.begin());
        } else if (!answer.empty()) {
            m_fields.problem(m_fields.find("answer")->line,
                             fmt::format("{}: expected one of the choices, first-replica or no-replica, found '{}'",
                                         m_fields.pathOf("answer"), answer));
        }
        return out;
    }

private:
    int nodeOf(std::string_view name, const YamlValue& value) {
        const int number = nodeNumber(value.text);
        if (value.kind != YamlValue::Kind::Scalar || number < 1 || number > m_nodes) {
            m_fields.problem(value.line, fmt::format("{}: expected a node, n1 to n{}, found '{}'", m_fields.pathOf(name),
                                                     m_nodes, value.text));
        }
        return number;
    }

    /// A text, or `choice: why it is wrong`.
    void readChoice(const YamlValue& item, Question& out) {
        if (item.kind == YamlValue::Kind::Map && item.fields.size() == 1) {
            out.choices.push_back(item.fields.front().name);
            out.explanations.push_back(item.fields.front().value.text);
            return;
        }
        if (item.kind != YamlValue::Kind::Scalar || item.text.empty()) {
            m_fields.problem(item.line, m_fields.pathOf("choices") + ": expected a text, or 'text: why it is wrong'");
        }
        out.choices.push_back(item.text);
        out.explanations.emplace_back();
    }

    YamlFields& m_fields;
    const int m_nodes;
};

Wants readWants(const std::string& kind, YamlFields& fields, int nodes) {
    PartReader reader(fields, nodes);
    if (kind == "cql") {
        return reader.cql();
    }
    if (kind == "schema") {
        return reader.schema();
    }
    if (kind == "replicas") {
        return reader.replicas();
    }
    if (kind == "cluster") {
        return reader.cluster();
    }
    if (kind == "events") {
        return reader.events();
    }
    if (kind == "storage") {
        return reader.storage();
    }
    if (kind == "quiz") {
        return QuizWants{reader.question()};
    }
    return PredictWants{};
}

constexpr std::string_view kNodeForms =
    "stop N, kill N, start N, pause N, resume N, flush N, wait N up, wait N down, compact N KEYSPACE.TABLE, "
    "load KEYSPACE.TABLE ROWS BYTES or sleep SECONDS";

bool isTable(const std::string& text) {
    const auto dot = text.find('.');
    return dot != std::string::npos && dot > 0 && dot + 1 < text.size();
}

bool isCount(const std::string& text, int most) {
    const bool digits = !text.empty() && text.size() < 8 &&
                        std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    return digits && std::stoi(text) >= 1 && std::stoi(text) <= most;
}

bool isNodeAction(const std::string& text, int nodes) {
    std::istringstream in(text);
    std::string verb;
    std::string number;
    std::string state;
    std::string rest;
    in >> verb >> number >> state >> rest;
    if (verb == "load") {
        std::string more;
        return isTable(number) && isCount(state, kLoadRowsMax) && isCount(rest, kLoadBytesMax) && !(in >> more);
    }
    if (verb == "sleep") {
        return isCount(number, kSleepSecondsMax) && state.empty();
    }
    const int node = nodeNumber(number);
    if (node < 1 || node > nodes || !rest.empty()) {
        return false;
    }
    if (verb == "wait") {
        return state == "up" || state == "down";
    }
    if (verb == "compact") {
        return isTable(state);
    }
    static const std::vector<std::string> verbs{"stop", "kill", "start", "pause", "resume", "flush"};
    return state.empty() && std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

SolutionAction readAction(YamlFields& fields, int nodes) {
    SolutionAction out;
    PartReader reader(fields, nodes);
    out.cql = fields.text("cql", "");
    out.consistency = reader.consistency("ONE");
    out.coordinator = reader.node("coordinator");
    out.mayFail = fields.flag("may_fail");
    out.node = fields.text("node", "");
    if (out.cql.empty() == out.node.empty()) {
        fields.problem(fields.line(), fields.pathOf("cql") + ": expected either cql or node");
    }
    if (!out.node.empty() && !isNodeAction(out.node, nodes)) {
        fields.problem(fields.find("node")->line, fmt::format("{}: expected {}, with N from 1 to {}, found '{}'",
                                                              fields.pathOf("node"), kNodeForms, nodes, out.node));
    }
    return out;
}

}  // namespace

std::vector<Check> readChecks(YamlFields& step, int nodes) {
    std::vector<Check> out;
    for (const YamlValue& item : step.list("checks")) {
        YamlFields fields(item, fmt::format("{}[{}]", step.pathOf("checks"), out.size()), step.file(), step.problems());
        Check check;
        check.line = item.line;
        check.kind = fields.oneOf("kind", kKinds, "");
        check.says = fields.text("says");
        check.given = fields.flag("given");
        if (std::find(kKinds.begin(), kKinds.end(), check.kind) == kKinds.end()) {
            if (check.kind.empty()) {
                fields.problem(item.line, fields.pathOf("kind") + ": is missing; expected the kind of the check");
            }
            // What else stands there cannot be judged.
            for (const auto& [name, value] : item.fields) {
                fields.find(name);
            }
        } else {
            check.wants = readWants(check.kind, fields, nodes);
        }
        out.push_back(std::move(check));
    }
    const bool decides = std::any_of(out.begin(), out.end(), [](const Check& check) {
        return !check.given && check.kind != "predict";
    });
    if (!decides) {
        step.problem(step.line(), step.pathOf("checks") + ": expected at least one check that is not given");
    }
    return out;
}

std::optional<Prediction> readPrediction(YamlFields& step) {
    const YamlValue* value = step.find("prediction");
    if (value == nullptr) {
        return std::nullopt;
    }
    YamlFields fields(*value, step.pathOf("prediction"), step.file(), step.problems());
    return PartReader(fields, 0).question();
}

std::vector<SolutionAction> readActions(YamlFields& fields, std::string_view name, int nodes) {
    std::vector<SolutionAction> out;
    for (const YamlValue& item : fields.list(name)) {
        YamlFields action(item, fmt::format("{}[{}]", fields.pathOf(name), out.size()), fields.file(),
                          fields.problems());
        out.push_back(readAction(action, nodes));
    }
    return out;
}

std::vector<Shortcut> readShortcuts(YamlFields& step, int nodes) {
    std::vector<Shortcut> out;
    for (const YamlValue& item : step.list("shortcuts")) {
        YamlFields fields(item, fmt::format("{}[{}]", step.pathOf("shortcuts"), out.size()), step.file(),
                          step.problems());
        Shortcut shortcut;
        shortcut.line = item.line;
        shortcut.says = fields.text("says");
        shortcut.near = fields.flag("near");
        shortcut.actions = readActions(fields, "actions", nodes);
        shortcut.undo = readActions(fields, "undo", nodes);
        out.push_back(std::move(shortcut));
    }
    return out;
}

}  // namespace lab
