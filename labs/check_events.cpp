#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "labs/checks.h"
#include "labs/words.h"

namespace lab {

namespace {

using engine::observe::RequestView;
using RequestPtr = std::shared_ptr<const RequestView>;

/// A batch is a write, too: what a check wants decides how it is called.
std::string kindOf(const RequestView& request, const std::string& wanted) {
    const std::string& kind = request.info.kind;
    if (kind == "BATCH" && wanted == "batch") {
        return wanted;
    }
    if (kind == "READ" || kind == "RANGE") {
        return "read";
    }
    return kind == "SCHEMA" ? "schema" : "write";
}

std::string resultOf(const RequestView& request) {
    if (request.error.empty()) {
        return "ok";
    }
    if (request.error.find("Cannot achieve consistency level") != std::string::npos) {
        return "Unavailable";
    }
    return request.error.find("timed out") != std::string::npos ? "timeout" : request.error;
}

/// One request held beside what a check asks for: a fact for each thing asked.
class Comparison {
public:
    Comparison(const EventsWants& wants, const Evidence& evidence) : m_wants(wants), m_evidence(evidence) {
        for (const WorldNode& node : evidence.world.nodes()) {
            m_labels[node.name] = node.label();
        }
        if (!wants.key.empty()) {
            const auto place = evidence.world.place({wants.keyspace, wants.table, wants.key});
            m_key = place ? std::optional(place.value().key) : std::nullopt;
        }
    }

    std::vector<Fact> facts(const RequestView& request) const {
        std::vector<Fact> out;
        const auto add = [&out](const char* what, const std::string& wanted, std::string got) {
            if (!wanted.empty()) {
                out.push_back(fact(what, wanted, std::move(got)));
            }
        };
        add("Request", m_wants.request, kindOf(request, m_wants.request));
        add("Keyspace", m_wants.keyspace, request.info.keyspace);
        add("Table", m_wants.table, request.info.table);
        if (!m_wants.key.empty()) {
            const bool same = m_key && request.info.key == *m_key;
            const std::string wanted = joined(m_wants.key);
            out.push_back({"Key", wanted, same ? wanted : request.info.key.empty() ? "no single key" : "another", same});
        }
        add("Coordinator", m_wants.coordinator == 0 ? "" : labelOf(m_wants.coordinator), label(request.coordinator));
        add("Consistency", m_wants.consistency, request.info.consistency);
        add("Result", m_wants.result, resultOf(request));
        if (!m_wants.errorText.empty()) {
            const bool told = request.error.find(m_wants.errorText) != std::string::npos;
            out.push_back({"Text", m_wants.errorText, request.error, told});
        }
        addAnswers(request, out);
        addRepair(request, out);
        if (m_wants.lightweight) {
            out.push_back(fact("Condition", "checked with Paxos", hasSent(request, "PAXOS_PREPARE_REQ") ? "checked with Paxos" : "none"));
        }
        if (m_wants.logged) {
            out.push_back(fact("Batch log", "kept there first", hasSent(request, "BATCH_STORE_REQ") ? "kept there first" : "not used"));
        }
        return out;
    }

    std::string label(const std::string& node) const {
        const auto it = m_labels.find(node);
        return it == m_labels.end() ? node : it->second;
    }

private:
    static bool hasSent(const RequestView& request, std::string_view verb) {
        return std::any_of(request.messages.begin(), request.messages.end(), [verb](const auto& m) { return m.verb == verb; });
    }

    void addAnswers(const RequestView& request, std::vector<Fact>& out) const {
        std::set<std::string> counted;
        for (const auto& ack : request.acks) {
            if (ack.counted) {
                counted.insert(label(ack.replica));
            }
        }
        const std::string got = joined({counted.begin(), counted.end()});
        if (!m_wants.answeredBy.empty()) {
            std::set<std::string> wanted;
            for (const int node : m_wants.answeredBy) {
                wanted.insert(labelOf(node));
            }
            out.push_back(fact("Answered by", joined({wanted.begin(), wanted.end()}), got));
        }
        if (m_wants.answers > 0) {
            const bool agrees = counted.size() == static_cast<std::size_t>(m_wants.answers);
            out.push_back({"Answered by", fmt::format("{} {}", m_wants.answers, m_wants.answers == 1 ? "replica" : "replicas"),
                           got, agrees});
        }
    }

    void addRepair(const RequestView& request, std::vector<Fact>& out) const {
        if (m_wants.repaired == 0) {
            return;
        }
        std::set<std::string> repaired;
        for (const auto& repair : request.repairs) {
            repaired.insert(label(repair.replica));
        }
        const bool agrees = repaired.contains(labelOf(m_wants.repaired));
        out.push_back({"Repaired", labelOf(m_wants.repaired), joined({repaired.begin(), repaired.end()}), agrees});
    }

    const EventsWants& m_wants;
    const Evidence& m_evidence;
    std::map<std::string, std::string> m_labels;
    std::optional<engine::Bytes> m_key;
};

bool allAgree(const std::vector<Fact>& facts) {
    return std::all_of(facts.begin(), facts.end(), [](const Fact& f) { return f.agrees; });
}

const Fact* firstOff(const std::vector<Fact>& facts) {
    const auto it = std::find_if(facts.begin(), facts.end(), [](const Fact& f) { return !f.agrees; });
    return it == facts.end() ? nullptr : &*it;
}

const Fact* named(const std::vector<Fact>& facts, std::string_view what) {
    const auto it = std::find_if(facts.begin(), facts.end(), [what](const Fact& f) { return f.what == what; });
    return it == facts.end() ? nullptr : &*it;
}

/// Requests of people and programs since the step began that have been answered, oldest first.
std::vector<RequestPtr> requestsSince(const Evidence& evidence) {
    std::vector<RequestPtr> out;
    for (const engine::Uuid& id : evidence.state.requestOrder) {
        RequestPtr request = evidence.state.request(id);
        if (request != nullptr && request->started && request->answeredNanos != 0 &&
            request->startedNanos >= evidence.sinceNanos && request->info.clientName != kCheckerName) {
            out.push_back(std::move(request));
        }
    }
    return out;
}

/// A request of the right kind on the right keyspace or table: worth telling what is off.
bool resembles(const EventsWants& wants, const std::vector<Fact>& facts) {
    const auto agrees = [&facts](std::string_view what) {
        const Fact* fact = named(facts, what);
        return fact != nullptr && fact->agrees;
    };
    if (!wants.request.empty() && !agrees("Request")) {
        return false;
    }
    return wants.table.empty() ? agrees("Keyspace") : agrees("Table");
}

std::string_view pastOf(const EventsWants& wants) {
    return wants.request == "read" ? "read" : wants.request == "write" ? "written" : "run";
}

/// "right row, read at ONE"
std::string nearWords(const EventsWants& wants, const std::vector<Fact>& facts) {
    const Fact& off = *firstOff(facts);
    const std::string thing = wants.key.empty() ? "right table" : "right row";
    if (off.what == "Keyspace") {
        return fmt::format("right table, in the wrong keyspace {}", off.got);
    }
    if (off.what == "Key") {
        return fmt::format("right table, {}", off.got == "another" ? "another row" : "not by its key");
    }
    if (off.what == "Coordinator") {
        return fmt::format("{}, {} through {}", thing, pastOf(wants), off.got);
    }
    if (off.what == "Consistency") {
        return fmt::format("{}, {} at {}", thing, pastOf(wants), off.got);
    }
    if (off.what == "Result") {
        return off.got == "ok" ? fmt::format("{}, but it was not refused", thing)
                               : fmt::format("{}, but the answer was {}", thing, off.got);
    }
    if (off.what == "Answered by") {
        return fmt::format("{}, answered by {}", thing, off.got);
    }
    if (off.what == "Repaired") {
        return off.got == "none" ? fmt::format("{}, but the replicas that were asked agreed", thing)
                                 : fmt::format("{}, but it mended {}", thing, off.got);
    }
    if (off.what == "Condition") {
        return fmt::format("{}, {} without a condition", thing, pastOf(wants));
    }
    if (off.what == "Batch log") {
        return "one batch, but an unlogged one: no node kept it first";
    }
    return fmt::format("{} is {}, wanted {}", off.what, off.got, off.wanted);
}

std::string changeFor(const std::vector<Fact>& facts) {
    const auto off = [&facts](std::string_view what) {
        const Fact* fact = named(facts, what);
        return fact != nullptr && !fact->agrees;
    };
    if (off("Keyspace") || off("Table")) {
        return "one name, the keyspace before the table.";
    }
    if (off("Key")) {
        return "the partition key in WHERE or VALUES.";
    }
    if (off("Consistency") && off("Coordinator")) {
        return "two settings, Coordinator and Consistency.";
    }
    if (off("Consistency")) {
        return "one setting, Consistency.";
    }
    if (off("Condition")) {
        return "a condition as IF NOT EXISTS at the end.";
    }
    if (off("Batch log")) {
        return "leave out UNLOGGED.";
    }
    return off("Coordinator") ? "one setting, Coordinator." : "";
}

void waitingWords(const EventsWants& wants, CheckResult& out) {
    const std::string where = wants.table.empty() ? wants.keyspace : fmt::format("{}.{}", wants.keyspace, wants.table);
    out.says = fmt::format("Waiting for a {}{}{}{}", wants.consistency.empty() ? "" : wants.consistency + ' ',
                           wants.request.empty() ? "request" : wants.request, where.empty() ? "" : " on ", where);
}

/// The newest of the requests that come closest, if it is newer than the last full match.
void tellNearMiss(const EventsWants& wants, const Evidence& evidence, const Comparison& comparison,
                  const std::vector<RequestPtr>& requests, CheckResult& out) {
    std::size_t fewest = 0;
    for (const RequestPtr& request : requests) {
        std::vector<Fact> facts = comparison.facts(*request);
        if (allAgree(facts)) {
            out.verdict = Verdict::NotShownYet;
            out.facts.clear();
            continue;
        }
        if (evidence.spokenFor.contains(request->id) || !resembles(wants, facts)) {
            continue;
        }
        const auto off = static_cast<std::size_t>(
            std::count_if(facts.begin(), facts.end(), [](const Fact& f) { return !f.agrees; }));
        if (out.verdict == Verdict::Near && off > fewest) {
            continue;
        }
        fewest = off;
        out.verdict = Verdict::Near;
        out.says = "Near miss: " + nearWords(wants, facts);
        out.smallestChange = changeFor(facts);
        out.facts = std::move(facts);
        out.moment = request->id.toString();
    }
    if (out.verdict != Verdict::Near) {
        out.smallestChange.clear();
        out.moment.clear();
        waitingWords(wants, out);
    }
}

/// One through each node that runs.
CheckResult checkEachNode(const EventsWants& wants, const Evidence& evidence) {
    const Comparison comparison(wants, evidence);
    const std::vector<RequestPtr> requests = requestsSince(evidence);
    std::set<std::string> through;
    CheckResult out;
    for (const RequestPtr& request : requests) {
        if (allAgree(comparison.facts(*request))) {
            through.insert(comparison.label(request->coordinator));
            out.moment = request->id.toString();
        }
    }
    std::vector<std::string> wanted;
    std::size_t done = 0;
    for (const WorldNode& node : evidence.world.nodes()) {
        if (node.process == ProcessState::Running) {
            wanted.push_back(node.label());
            done += through.contains(node.label()) ? 1 : 0;
        }
    }
    out.progress = progressOf(done, wanted.size());
    if (!wanted.empty() && done == wanted.size()) {
        out.verdict = Verdict::Passed;
        out.facts.push_back(fact("Coordinators", joined(wanted), joined(wanted)));
        return out;
    }
    tellNearMiss(wants, evidence, comparison, requests, out);
    if (out.verdict == Verdict::NotShownYet && !through.empty()) {
        out.says = fmt::format("Done through {}, wanted through {}", joined({through.begin(), through.end()}), joined(wanted));
    }
    return out;
}

}  // namespace

std::vector<engine::Uuid> matchingRequests(const EventsWants& wants, const Evidence& evidence) {
    const Comparison comparison(wants, evidence);
    std::vector<engine::Uuid> out;
    for (const RequestPtr& request : requestsSince(evidence)) {
        if (allAgree(comparison.facts(*request))) {
            out.push_back(request->id);
        }
    }
    return out;
}

CheckResult checkEvents(const EventsWants& wants, const Evidence& evidence) {
    if (wants.eachNode) {
        return checkEachNode(wants, evidence);
    }
    const Comparison comparison(wants, evidence);
    const std::vector<RequestPtr> requests = requestsSince(evidence);
    const auto wanted = static_cast<std::size_t>(wants.count);
    std::size_t matched = 0;
    CheckResult out;
    for (const RequestPtr& request : requests) {
        std::vector<Fact> facts = comparison.facts(*request);
        if (allAgree(facts)) {
            ++matched;
            out.facts = std::move(facts);
            out.moment = request->id.toString();
        }
    }
    out.progress = wanted > 1 ? progressOf(std::min(matched, wanted), wanted) : "";
    if (matched >= wanted) {
        out.verdict = Verdict::Passed;
        return out;
    }
    tellNearMiss(wants, evidence, comparison, requests, out);
    return out;
}

}  // namespace lab
