#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "labs/checks.h"
#include "labs/words.h"

namespace lab {

namespace {

using engine::observe::CompactionView;
using engine::observe::FlushView;
using engine::observe::NodeStorageView;
using engine::observe::TableStorageView;

/// One node's files of the table, held beside what the check asks for.
class Look {
public:
    Look(const StorageWants& wants, const Evidence& evidence, const WorldNode& node, CheckResult& out)
        : m_wants(wants), m_evidence(evidence), m_node(node), m_out(out) {}

    /// Adds its facts to the result; true when all agree.
    bool judge() {
        const auto* view = m_evidence.state.node(m_node.name);
        if (m_node.process != ProcessState::Running || view == nullptr || !view->storage.told) {
            m_out.says = fmt::format("Waiting until {} tells of its files", m_node.label());
            add("Node", "runs", m_node.process == ProcessState::Running ? "has told nothing yet" : "does not run");
            return false;
        }
        m_storage = &view->storage;
        const TableStorageView* table = m_storage->table(m_wants.keyspace + '.' + m_wants.table);
        if (table == nullptr || table->definition.strategy.empty()) {
            m_out.says = fmt::format("Waiting for {}.{}", m_wants.keyspace, m_wants.table);
            add("Table", "is there", "is not there");
            return false;
        }
        m_table = table;
        lookAtStart();
        lookAtMemtable();
        lookAtFiles();
        lookAtStrategy();
        lookAtWindows();
        lookAtFlushes();
        lookAtCompactions();
        lookAtExpired();
        return m_agrees;
    }

private:
    void add(const std::string& what, const std::string& wanted, const std::string& got, bool agrees) {
        m_out.facts.push_back({m_wants.node == 0 ? fmt::format("{} on {}", what, m_node.label()) : what, wanted, got, agrees});
        m_agrees = m_agrees && agrees;
    }
    void add(const std::string& what, const std::string& wanted, const std::string& got) { add(what, wanted, got, wanted == got); }

    void near(std::string says, std::string change) {
        if (m_out.verdict != Verdict::Near) {
            m_out.verdict = Verdict::Near;
            m_out.says = "Near miss: " + std::move(says);
            m_out.smallestChange = std::move(change);
        }
    }

    bool isSince(std::int64_t nanos) const { return nanos >= m_evidence.sinceNanos; }

    void lookAtStart() {
        if (!m_wants.replayed) {
            return;
        }
        const bool started = isSince(m_storage->limits.startedNanos);
        const bool replayed = started && m_storage->limits.replayed > 0;
        add("Started in this step", "yes", started ? "yes" : "no");
        add("Mutations replayed", "some", started ? std::to_string(m_storage->limits.replayed) : "none", replayed);
        if (started && m_table->memtableRows == 0 && !m_table->sstables.empty()) {
            near(fmt::format("{} was stopped: it flushed first, and left nothing of the table to replay", m_node.label()),
                 fmt::format("kill {} instead of stopping it.", m_node.label()));
        }
    }

    void lookAtMemtable() {
        if (m_wants.memtable.empty()) {
            return;
        }
        const bool filled = m_table->memtableRows > 0;
        add("Memtable", m_wants.memtable, filled ? "filled" : "empty");
        if (m_wants.memtable == "filled" && !filled && m_wants.sstables == 0 && !m_table->sstables.empty()) {
            near("the rows have been flushed to an SSTable already", "write once more, without a flush behind it.");
        }
    }

    void lookAtFiles() {
        const auto& files = m_table->sstables;
        if (m_wants.sstables >= 0) {
            add("SSTables", std::to_string(m_wants.sstables), std::to_string(files.size()));
        }
        if (m_wants.sstablesAtLeast > 0) {
            add("SSTables", fmt::format("{} or more", m_wants.sstablesAtLeast), std::to_string(files.size()),
                files.size() >= static_cast<std::size_t>(m_wants.sstablesAtLeast));
        }
        if (m_wants.level >= 0) {
            int highest = -1;
            for (const auto& [generation, file] : files) {
                highest = std::max(highest, file.info.level);
            }
            add("Highest level", fmt::format("{} or above", m_wants.level), highest < 0 ? "no SSTable" : std::to_string(highest),
                highest >= m_wants.level);
        }
        if (m_wants.readTouched > 0) {
            std::size_t most = 0;
            const auto& reads = m_table->statistics.sstablesPerRead;
            for (std::size_t i = 0; i < reads.size(); ++i) {
                most = reads[i] > 0 ? i : most;
            }
            add("SSTables one read found the row's partition in", fmt::format("{} or more", m_wants.readTouched), std::to_string(most),
                most >= static_cast<std::size_t>(m_wants.readTouched));
        }
        lookAtTombstones();
    }

    void lookAtStrategy() {
        const auto& definition = m_table->definition;
        if (!m_wants.strategy.empty()) {
            add("Strategy", m_wants.strategy, definition.strategy);
            if (definition.strategy != m_wants.strategy) {
                near(fmt::format("the table has {}", definition.strategy), fmt::format("take {}.", m_wants.strategy));
            }
        }
        for (const auto& [name, wanted] : m_wants.options) {
            const auto it = std::find_if(definition.options.begin(), definition.options.end(),
                                         [&option = name](const auto& o) { return o.first == option; });
            const std::string got = it == definition.options.end() ? "not set" : it->second;
            const bool agrees = equalIgnoringCase(got, wanted);
            add(name, wanted, got, agrees);
            // At first it is as an earlier step left it, which is no mistake.
            if (!agrees && hasFlushed()) {
                near(fmt::format("{} is {}", name, got), fmt::format("one option of the table's compaction, {}.", name));
            }
        }
    }

    void lookAtWindows() {
        if (m_wants.windows == 0) {
            return;
        }
        std::map<std::int64_t, std::size_t> windows;
        for (const auto& [generation, file] : m_table->sstables) {
            ++windows[file.info.windowMillis];
        }
        std::size_t most = 0;
        for (auto it = windows.begin(); it != windows.end() && std::next(it) != windows.end(); ++it) {
            most = std::max(most, it->second);
        }
        add("Windows", std::to_string(m_wants.windows), std::to_string(windows.size()));
        add("SSTables in a window that is over", "1", windows.size() < 2 ? "none is over" : std::to_string(most));
        const bool tooFew = windows.size() < static_cast<std::size_t>(m_wants.windows);
        if (tooFew && countOf([this](const CompactionView& c) { return isAsked(c); }) > 0) {
            near("a compaction that was asked for takes every file, whatever its window", "Reset, and leave out Compact.");
        } else if (tooFew && m_table->sstables.size() > static_cast<std::size_t>(m_wants.windows)) {
            near(fmt::format("all {} SSTables are of one window", m_table->sstables.size()),
                 "smaller windows, or moments of writing that lie further apart.");
        }
    }

    void lookAtTombstones() {
        if (m_wants.tombstones.empty()) {
            return;
        }
        std::uint64_t count = 0;
        for (const auto& [generation, file] : m_table->sstables) {
            count += file.info.tombstones;
        }
        const bool some = count > 0;
        add("Tombstones in SSTables", m_wants.tombstones, some ? "some" : "none");
        const bool compacted = countOf([this](const CompactionView& c) { return isOurs(c); }) > 0;
        if (m_wants.tombstones == "none" && some && !m_wants.tombstonesSay.empty()) {
            near(m_wants.tombstonesSay, "Reset, and write it without what leaves a tombstone.");
        } else if (m_wants.tombstones == "none" && some && compacted) {
            near(fmt::format("compacted, and the tombstone is still there: gc_grace_seconds is {}", m_table->definition.gcGraceSeconds),
                 "shorten gc_grace_seconds, wait for as long, and compact again.");
        }
    }

    bool isOurs(const FlushView& flush) const {
        return flush.finishedNanos != 0 && isSince(flush.finishedNanos) && flush.finished.error.empty() &&
               flush.started.keyspace == m_wants.keyspace && flush.started.table == m_wants.table;
    }
    /// What another strategy began, before the table got the one that is asked for, does not count.
    bool isOurs(const CompactionView& compaction) const {
        const std::string& strategy = m_wants.strategy.empty() ? compaction.started.strategy : m_wants.strategy;
        return compaction.started.strategy == strategy && compaction.finishedNanos != 0 && isSince(compaction.finishedNanos) && compaction.finished.error.empty() &&
               compaction.started.keyspace == m_wants.keyspace && compaction.started.table == m_wants.table;
    }

    /// Asked for by somebody; the strategy did not begin it.
    bool isAsked(const CompactionView& compaction) const {
        return isOurs(compaction) && (compaction.started.kind == "major" || compaction.started.kind == "user-defined");
    }
    bool isWanted(const CompactionView& compaction) const {
        return isOurs(compaction) && !(m_wants.byItself && isAsked(compaction));
    }
    bool isWhollyExpired(const CompactionView& compaction) const {
        return isOurs(compaction) && compaction.started.kind == "expired" && compaction.finished.outputs.empty();
    }

    bool hasFlushed() const {
        return std::any_of(m_storage->flushes.begin(), m_storage->flushes.end(), [this](const FlushView& f) { return isOurs(f); });
    }

    template <typename Condition>
    std::size_t countOf(Condition condition) const {
        return static_cast<std::size_t>(std::count_if(m_storage->compactions.begin(), m_storage->compactions.end(), condition));
    }

    void lookAtFlushes() {
        if (m_wants.flushed.empty()) {
            return;
        }
        std::string other;
        for (const FlushView& flush : m_storage->flushes) {
            if (isOurs(flush)) {
                if (m_wants.flushed == "any" || flush.started.reason == m_wants.flushed) {
                    add("Flushed", m_wants.flushed, flush.started.reason, true);
                    return;
                }
                other = flush.started.reason;
            }
        }
        add("Flushed", m_wants.flushed, other.empty() ? "not yet" : other, false);
        if (!other.empty()) {
            near(fmt::format("flushed, but for another reason: {}", other), fmt::format("let the reason be {}.", m_wants.flushed));
        }
    }

    void lookAtCompactions() {
        if (m_wants.compactions > 0) {
            const std::size_t count = countOf([this](const CompactionView& c) { return isWanted(c); });
            add("Compactions", fmt::format("{} or more", m_wants.compactions), std::to_string(count),
                count >= static_cast<std::size_t>(m_wants.compactions));
        }
        if (m_wants.compacted == 0) {
            return;
        }
        const auto wanted = static_cast<std::size_t>(m_wants.compacted);
        std::size_t most = 0;
        bool asked = false;
        for (const CompactionView& compaction : m_storage->compactions) {
            most = isWanted(compaction) ? std::max(most, compaction.started.inputs.size()) : most;
            asked = asked || isAsked(compaction);
        }
        add("SSTables compacted at once", fmt::format("{} or more", wanted), std::to_string(most), most >= wanted);
        if (most < wanted && m_wants.byItself && asked) {
            near("a compaction was asked for, where the strategy was to begin one", "flush more SSTables, and leave out Compact.");
        } else if (most > 0 && most < wanted) {
            near(fmt::format("a compaction took {} of them", most), fmt::format("flush {} SSTables before it.", wanted));
        }
    }

    void lookAtExpired() {
        if (m_wants.expired == 0) {
            return;
        }
        const auto wanted = static_cast<std::size_t>(m_wants.expired);
        std::size_t gone = 0;
        for (const CompactionView& compaction : m_storage->compactions) {
            gone += isWhollyExpired(compaction) ? compaction.started.inputs.size() : 0;
        }
        add("SSTables that expired whole", fmt::format("{} or more", wanted), std::to_string(gone), gone >= wanted);
        if (gone >= wanted) {
            return;
        }
        if (m_table->definition.gcGraceSeconds > 0 && m_table->sstables.size() > 1) {
            near(fmt::format("what has expired is kept for gc_grace_seconds, {}", m_table->definition.gcGraceSeconds),
                 "gc_grace_seconds = 0.");
        } else if (countOf([this](const CompactionView& c) { return isAsked(c); }) > 0) {
            near("a compaction that was asked for read and wrote what it kept", "leave out Compact, the next flush is enough.");
        }
    }

    const StorageWants& m_wants;
    const Evidence& m_evidence;
    const WorldNode& m_node;
    CheckResult& m_out;
    const NodeStorageView* m_storage = nullptr;
    const TableStorageView* m_table = nullptr;
    bool m_agrees = true;
};

}  // namespace

CheckResult checkStorage(const StorageWants& wants, const Evidence& evidence) {
    CheckResult out;
    out.says = fmt::format("Waiting for the files of {}.{}", wants.keyspace, wants.table);
    std::size_t good = 0, asked = 0;
    for (const WorldNode& node : evidence.world.nodes()) {
        const bool wanted = wants.node == 0 ? node.process == ProcessState::Running : node.number == wants.node;
        if (wanted) {
            ++asked;
            good += Look(wants, evidence, node, out).judge() ? 1 : 0;
        }
    }
    if (asked > 0 && good == asked) {
        out.verdict = Verdict::Passed;
    }
    if (asked > 1) {
        out.progress = progressOf(good, asked);
    }
    return out;
}

}  // namespace lab
