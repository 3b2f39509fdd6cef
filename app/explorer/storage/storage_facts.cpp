#include "app/explorer/storage/storage_facts.h"

#include <QDateTime>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>

namespace app::explorer::storage {

using engine::observe::ClusterState;
using engine::observe::CompactionView;
using engine::observe::NodeView;
using engine::observe::SstableAdded;
using engine::observe::TableStorage;
using engine::observe::TableStorageView;
using shell::bytesText;

namespace {

constexpr double kMib = 1024.0 * 1024;

/// Every node's view of a table.
template <typename Visit>
void eachTable(const ClusterState& state, const std::string& table, Visit visit) {
    for (const auto& [name, node] : state.nodes) {
        if (const TableStorageView* view = node.storage.table(table)) {
            visit(node, *view);
        }
    }
}

bool isSystem(const std::string& table) { return table.rfind("system", 0) == 0; }

/// Milliseconds of TimeWindowCompactionStrategy's window.
std::int64_t windowMillisOf(const TableStorage& definition) {
    std::int64_t unit = 86'400'000;
    for (const auto& [name, value] : definition.options) {
        if (name == "compaction_window_unit") {
            unit = value == "MINUTES" ? 60'000 : value == "HOURS" ? 3'600'000 : 86'400'000;
        }
    }
    return unit * static_cast<std::int64_t>(std::max(1.0, optionOf(definition, "compaction_window_size", 1)));
}

/// The buckets of SizeTieredCompactionStrategy.getBuckets: sizes that lie around one average.
std::vector<std::vector<std::uint64_t>> bucketsOf(const TableStorage& definition, std::vector<std::uint64_t> sizes) {
    const double low = optionOf(definition, "bucket_low", .5), high = optionOf(definition, "bucket_high", 1.5);
    const double least = optionOf(definition, "min_sstable_size", 50 * kMib);
    std::sort(sizes.begin(), sizes.end());
    std::vector<std::vector<std::uint64_t>> buckets;
    for (const std::uint64_t size : sizes) {
        const auto value = static_cast<double>(size);
        const auto fits = [&](const std::vector<std::uint64_t>& bucket) {
            const double average = std::accumulate(bucket.begin(), bucket.end(), 0.0) / static_cast<double>(bucket.size());
            return (value > average * low && value < average * high) || (value < least && average < least);
        };
        const auto bucket = std::find_if(buckets.begin(), buckets.end(), fits);
        if (bucket != buckets.end()) {
            bucket->push_back(size);
        } else {
            buckets.push_back({size});
        }
    }
    return buckets;
}

QString timeText(std::int64_t micros) { return shell::clockText(micros); }

QString percentOf(double share) { return QString::number(share * 100, 'f', 1); }

}  // namespace

Strategy strategyOf(const TableStorage& table) {
    if (table.strategy.rfind("Leveled", 0) == 0) {
        return Strategy::Leveled;
    }
    if (table.strategy.rfind("TimeWindow", 0) == 0) {
        return Strategy::TimeWindow;
    }
    return table.strategy.rfind("Unified", 0) == 0 ? Strategy::Unified : Strategy::SizeTiered;
}

QString nameOf(Strategy strategy) {
    switch (strategy) {
    case Strategy::SizeTiered: return "size-tiered";
    case Strategy::Leveled: return "leveled";
    case Strategy::TimeWindow: return "time-window";
    case Strategy::Unified: return "unified";
    }
    return {};
}

double optionOf(const TableStorage& table, const std::string& name, double otherwise) {
    for (const auto& [key, text] : table.options) {
        double value = 0;
        if (key == name && std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc()) {
            return value;
        }
    }
    return otherwise;
}

// ---- groups ----

Groups Groups::of(const ClusterState& state, const std::string& table) {
    Groups out;
    const TableStorage definition = definitionOf(state, table);
    out.m_strategy = strategyOf(definition);
    out.m_windowMillis = windowMillisOf(definition);
    std::vector<std::uint64_t> sizes;
    std::set<std::int64_t> windows;
    int highest = 0;
    eachTable(state, table, [&](const NodeView& node, const TableStorageView& view) {
        for (const auto& [generation, file] : view.sstables) {
            sizes.push_back(file.info.bytes);
            highest = std::max(highest, file.info.level);
            windows.insert(out.windowOf(file.info));
        }
        for (const CompactionView* running : runningOf(node, table)) {
            highest = std::max(highest, running->started.level);
        }
    });
    switch (out.m_strategy) {
    case Strategy::SizeTiered: out.addTiers(definition, std::move(sizes)); break;
    case Strategy::Leveled:
    case Strategy::Unified: out.addLevels(highest); break;
    case Strategy::TimeWindow: out.addWindows({windows.begin(), windows.end()}, out.m_windowMillis); break;
    }
    return out;
}

void Groups::addTiers(const TableStorage& definition, std::vector<std::uint64_t> sizes) {
    const int threshold = static_cast<int>(optionOf(definition, "min_threshold", 4));
    for (const auto& bucket : bucketsOf(definition, std::move(sizes))) {
        const std::uint64_t sum = std::accumulate(bucket.begin(), bucket.end(), std::uint64_t{0});
        m_tierEnds.push_back(bucket.back());
        m_groups.push_back({"SSTables", "about " + bytesText(sum / bucket.size()), threshold, sum / bucket.size()});
    }
    if (m_groups.empty()) {
        m_groups.push_back({"SSTables", "none yet", threshold});
        m_tierEnds.push_back(0);
    }
}

void Groups::addLevels(int highest) {
    for (int level = 0; level <= highest; ++level) {
        m_groups.push_back({QString("L%1").arg(level), level == 0 ? "from flushes" : "", level == 0 && m_strategy == Strategy::Leveled ? 4 : 0});
    }
}

void Groups::addWindows(const std::vector<std::int64_t>& starts, std::int64_t length) {
    const bool days = length >= 86'400'000;
    for (const std::int64_t start : starts) {
        m_windowStarts.push_back(start);
        m_groups.push_back({"Window", QDateTime::fromMSecsSinceEpoch(start).toString(days ? "d MMM" : "HH:mm"), 0});
    }
    if (m_groups.empty()) {
        m_windowStarts.push_back(0);
        m_groups.push_back({"Window", "none yet", 0});
    }
}

std::int64_t Groups::windowOf(const SstableAdded& file) const {
    if (file.windowMillis != 0) {
        return file.windowMillis;
    }
    const std::int64_t millis = file.maxTimestamp / 1000;
    return millis - millis % m_windowMillis;
}

std::size_t Groups::indexOf(const SstableAdded& file) const {
    std::size_t at = 0;
    if (m_strategy == Strategy::SizeTiered) {
        at = static_cast<std::size_t>(std::lower_bound(m_tierEnds.begin(), m_tierEnds.end(), file.bytes) - m_tierEnds.begin());
    } else if (m_strategy == Strategy::TimeWindow) {
        at = static_cast<std::size_t>(std::lower_bound(m_windowStarts.begin(), m_windowStarts.end(), windowOf(file)) - m_windowStarts.begin());
    } else {
        at = static_cast<std::size_t>(std::max(0, file.level));
    }
    return std::min(at, m_groups.size() - 1);
}

// ---- measures ----

Measures measuresOf(const ClusterState& state, const std::string& table) {
    Measures out;
    out.nanos = state.nanos;
    double live = 0, droppable = 0;
    std::uint64_t flushed = 0, compacted = 0, bloomFalse = 0, bloomNo = 0;
    std::vector<std::uint64_t> perRead;
    eachTable(state, table, [&](const NodeView&, const TableStorageView& view) {
        for (const auto& [generation, file] : view.sstables) {
            const Shares shares = sharesOf(file.info);
            out.bytes += file.info.bytes;
            out.isReplacedKnown = out.isReplacedKnown && file.info.replaced >= 0;
            live += static_cast<double>(file.info.bytes) * shares.live;
            droppable += static_cast<double>(file.info.bytes) * shares.droppable;
        }
        out.sstables += view.sstables.size();
        const auto& sums = view.statistics;
        flushed += sums.flushedBytes;
        compacted += sums.compactedBytes;
        bloomFalse += sums.bloomFalse;
        bloomNo += sums.bloomNo;
        // Of the last minute: what was before it is subtracted.
        const auto* before = view.statisticsBefore.empty() ? nullptr : &view.statisticsBefore.front().second;
        perRead.resize(std::max(perRead.size(), sums.sstablesPerRead.size()));
        for (std::size_t i = 0; i < sums.sstablesPerRead.size(); ++i) {
            const bool sameSums = before != nullptr && view.statisticsBefore.size() > 1 && i < before->sstablesPerRead.size();
            perRead[i] += sums.sstablesPerRead[i] - (sameSums ? std::min(before->sstablesPerRead[i], sums.sstablesPerRead[i]) : 0);
        }
    });
    if (flushed > 0) {
        out.writeAmplification = static_cast<double>(flushed + compacted) / static_cast<double>(flushed);
    }
    if (live > 0) {
        out.spaceAmplification = static_cast<double>(out.bytes) / live;
        out.droppable = droppable / static_cast<double>(out.bytes);
    }
    if (bloomFalse + bloomNo > 0) {
        out.bloomFalse = static_cast<double>(bloomFalse) / static_cast<double>(bloomFalse + bloomNo);
    }
    const std::uint64_t reads = std::accumulate(perRead.begin(), perRead.end(), std::uint64_t{0});
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < perRead.size() && reads > 0; ++i) {
        seen += perRead[i];
        if (static_cast<double>(seen) >= .99 * static_cast<double>(reads)) {
            out.sstablesPerRead99 = static_cast<int>(i);
            break;
        }
    }
    return out;
}

// ---- tables ----

QStringList tablesOf(const ClusterState& state) {
    std::set<std::string> users, systems;
    for (const auto& [name, node] : state.nodes) {
        for (const auto& [table, view] : node.storage.tables) {
            if (!view->definition.strategy.empty()) {
                (isSystem(table) ? systems : users).insert(table);
            }
        }
    }
    QStringList out;
    for (const auto* from : {&users, &systems}) {
        for (const std::string& table : *from) {
            out += QString::fromStdString(table);
        }
    }
    return out;
}

std::string tableToShow(const ClusterState& state, const QString& selected) {
    const QStringList tables = tablesOf(state);
    if (tables.contains(selected)) {
        return selected.toStdString();
    }
    std::string best;
    std::uint64_t most = 0;
    for (const QString& table : tables) {
        std::uint64_t bytes = 1;
        eachTable(state, table.toStdString(), [&](const NodeView&, const TableStorageView& view) { bytes += view.bytes() + view.memtableBytes; });
        const bool wins = best.empty() || (!isSystem(table.toStdString()) && bytes > most);
        if (wins) {
            best = table.toStdString();
            most = isSystem(best) ? 0 : bytes;
        }
    }
    return best;
}

TableStorage definitionOf(const ClusterState& state, const std::string& table) {
    TableStorage out;
    eachTable(state, table, [&](const NodeView&, const TableStorageView& view) {
        if (out.strategy.empty()) {
            out = view.definition;
        }
    });
    return out;
}

Shares sharesOf(const SstableAdded& file) {
    Shares out;
    out.droppable = std::clamp(file.droppable, 0.0, 1.0);
    out.replaced = std::clamp(file.replaced, 0.0, 1 - out.droppable);
    out.live = 1 - out.droppable - out.replaced;
    return out;
}

std::vector<const CompactionView*> runningOf(const NodeView& node, const std::string& table) {
    std::vector<const CompactionView*> out;
    for (const CompactionView& compaction : node.storage.compactions) {
        if (compaction.finishedNanos == 0 && compaction.started.keyspace + '.' + compaction.started.table == table) {
            out.push_back(&compaction);
        }
    }
    return out;
}

bool overlap(const SstableAdded& a, const SstableAdded& b) {
    const bool known = a.minToken != a.maxToken || b.minToken != b.maxToken;
    return known && a.minToken <= b.maxToken && b.minToken <= a.maxToken;
}

QString damageOf(const engine::observe::SstableUnreadable& damaged) {
    const QString file = QString::fromStdString(damaged.file);
    return QString::fromStdString(damaged.why).remove(file.left(file.lastIndexOf('/') + 1));
}

QString fileName(std::uint64_t generation) { return QString("nb-%1").arg(generation); }

QString sizeText(std::uint64_t bytes) {
    const double mib = static_cast<double>(bytes) / kMib;
    return mib >= 1 ? QString::number(mib, 'f', 1) : bytesText(bytes);
}

// ---- table form ----

int PartRows::indexOf(const Part& part) const {
    const auto at = std::find(parts.begin(), parts.end(), part);
    return at == parts.end() ? -1 : static_cast<int>(at - parts.begin());
}

namespace {

void addSegments(PartRows& out, const NodeView& node, const QString& label, const std::string& table) {
    for (const auto& [id, segment] : node.storage.segments) {
        const bool needed = std::find(segment.info.tables.begin(), segment.info.tables.end(), table) != segment.info.tables.end();
        out.parts.push_back({Part::Kind::Segment, node.node, id, {}});
        out.rows.push_back({label, "commit log segment", QString::number(id), {}, QString::number(segment.info.bytes), {}, {}, {}, {}, {},
                            QString::fromStdString(segment.info.state) + (needed ? ", needed by this table" : "")});
    }
}

void addFiles(PartRows& out, const NodeView& node, const QString& label, const std::string& table, const TableStorageView& view, const Groups& groups) {
    std::set<std::uint64_t> inputs;
    for (const CompactionView* running : runningOf(node, table)) {
        for (const auto& [generation, bytes] : running->started.inputs) {
            inputs.insert(generation);
        }
    }
    for (const auto& [generation, file] : view.sstables) {
        const Shares shares = sharesOf(file.info);
        const bool hasTimes = file.info.minTimestamp <= file.info.maxTimestamp;
        const bool isKnown = file.info.replaced >= 0;
        const Group& group = groups.all()[groups.indexOf(file.info)];
        out.parts.push_back({Part::Kind::Sstable, node.node, generation, {}});
        out.rows.push_back({label, "SSTable", QString::number(generation), (group.title == "SSTables" ? QString() : group.title + ' ') + group.note,
                            QString::number(file.info.bytes), isKnown ? percentOf(shares.live) : QString("not known"),
                            isKnown ? percentOf(shares.replaced) : QString("not known"), percentOf(shares.droppable),
                            hasTimes ? timeText(file.info.minTimestamp) : QString(), hasTimes ? timeText(file.info.maxTimestamp) : QString(),
                            view.unreadable.contains(generation) ? "damaged" : inputs.contains(generation) ? "being compacted" : "live"});
    }
    for (const auto& [generation, damaged] : view.unreadable) {
        if (!view.sstables.contains(generation)) {
            out.parts.push_back({Part::Kind::Sstable, node.node, generation, {}});
            out.rows.push_back({label, "SSTable", QString::number(generation), {}, {}, {}, {}, {}, {}, {}, "damaged, left out: " + damageOf(damaged)});
        }
    }
}

}  // namespace

PartRows partRows(const ClusterState& state, const Nodes& nodes, const std::string& table) {
    PartRows out;
    const Groups groups = Groups::of(state, table);
    for (const NodeView* node : state.ordered()) {
        const QString label = labelIn(nodes, node->node);
        addSegments(out, *node, label, table);
        const TableStorageView* view = node->storage.table(table);
        if (view == nullptr) {
            continue;
        }
        out.parts.push_back({Part::Kind::Memtable, node->node, 0, {}});
        out.rows.push_back({label, "memtable", {}, {}, QString::number(view->memtableBytes), {}, {}, {}, {}, {},
                            shell::counted(static_cast<std::int64_t>(view->memtableRows), "row")});
        addFiles(out, *node, label, table, *view, groups);
        for (const CompactionView* running : runningOf(*node, table)) {
            out.parts.push_back({Part::Kind::Compaction, node->node, 0, running->started.compaction});
            out.rows.push_back({label, "being written", running->progress.generation != 0 ? QString::number(running->progress.generation) : QString(), {},
                                QString::number(running->progress.writtenBytes), {}, {}, {}, {}, {},
                                QString("%1 of %2 read").arg(shell::percentText(running->share()), shell::counted(static_cast<std::int64_t>(running->started.inputs.size()), "SSTable"))});
        }
    }
    return out;
}

// ---- caption ----

namespace {

shell::Caption compactionCaption(const NodeView& node, const Nodes& nodes, const TableStorageView& view, const CompactionView& running) {
    shell::Caption out;
    const auto inputs = running.started.inputs.size();
    out.sentence = QString("%1 merges %2 in token order%3. The output drops what newer cells replaced.")
                       .arg(labelIn(nodes, node.node), shell::counted(static_cast<std::int64_t>(inputs), "SSTable"),
                            running.started.why.empty() ? QString() : ": " + QString::fromStdString(running.started.why));
    const std::size_t after = view.sstables.size() + 1 - std::min(inputs, view.sstables.size());
    out.facts.push_back({"SSTables on " + labelIn(nodes, node.node), QString::number(view.sstables.size()), QString::number(after)});
    const std::uint64_t estimate = running.started.estimatedBytes;
    out.facts.push_back({"bytes", bytesText(running.inputBytes()), estimate != 0 ? bytesText(estimate) + ", estimated" : bytesText(running.progress.writtenBytes) + " so far"});
    return out;
}

QString flushWords(const engine::observe::FlushView& flush) {
    static const std::map<std::string, QString> kWords{{"MEMTABLE_LIMIT", "the memtable is full"},
                                                       {"COMMITLOG_DIRTY", "the commit log is full and needs its oldest segment back"},
                                                       {"MEMTABLE_PERIOD_EXPIRED", "its flush period is over"},
                                                       {"USER_FORCED", "it was told to"},
                                                       {"DRAIN", "the node is drained"},
                                                       {"SNAPSHOT", "a snapshot is taken"}};
    const auto at = kWords.find(flush.started.reason);
    return at == kWords.end() ? QString::fromStdString(flush.started.reason) : at->second;
}

/// The first file that cannot be read, and how many more there are.
QString damageText(const ClusterState& state, const Nodes& nodes, const std::string& table) {
    QString first;
    std::size_t all = 0;
    for (const NodeView* node : state.ordered()) {
        if (const TableStorageView* view = node->storage.table(table)) {
            all += view->unreadable.size();
            if (first.isEmpty() && !view->unreadable.empty()) {
                first = QString("%1 cannot read %2 of %3").arg(labelIn(nodes, node->node), fileName(view->unreadable.begin()->first), QString::fromStdString(table));
            }
        }
    }
    return all < 2 ? first + (first.isEmpty() ? "" : ": choose it to see why.") : QString("%1, and %2.").arg(first, shell::counted(static_cast<std::int64_t>(all) - 1, "file") + " more");
}

}  // namespace

shell::Caption storageCaption(const ClusterState& state, const Nodes& nodes, const std::string& table, const Measures& was, std::int64_t now) {
    if (table.empty()) {
        return {"No node has told of its files yet.", {}};
    }
    for (const NodeView* node : state.ordered()) {
        const TableStorageView* view = node->storage.table(table);
        const auto running = runningOf(*node, table);
        if (view != nullptr && !running.empty()) {
            return compactionCaption(*node, nodes, *view, *running.front());
        }
    }
    const Measures is = measuresOf(state, table);
    shell::Caption out;
    const QString damaged = damageText(state, nodes, table);
    const engine::observe::FlushView* newest = nullptr;
    const NodeView* flusher = nullptr;
    for (const NodeView* node : state.ordered()) {
        for (const auto& flush : node->storage.flushes) {
            const bool isOurs = flush.started.keyspace + '.' + flush.started.table == table;
            if (isOurs && flush.startedNanos > (newest != nullptr ? newest->startedNanos : 0)) {
                newest = &flush;
                flusher = node;
            }
        }
    }
    const QString name = QString::fromStdString(table);
    if (!damaged.isEmpty()) {
        out.sentence = damaged;
    } else if (newest != nullptr && newest->finishedNanos == 0) {
        out.sentence = QString("%1 writes its memtable to an SSTable: %2. Writes go on into a fresh one.").arg(labelIn(nodes, flusher->node), flushWords(*newest));
    } else if (newest != nullptr && now - newest->finishedNanos < 5 * kSecond) {
        out.sentence = newest->finished.error.empty()
                           ? QString("%1 flushed to %2, since %3. Its commit log may go up to here.").arg(labelIn(nodes, flusher->node), fileName(newest->finished.generation), flushWords(*newest))
                           : QString("%1 could not flush: %2").arg(labelIn(nodes, flusher->node), QString::fromStdString(newest->finished.error));
    } else if (is.sstables == 0) {
        out.sentence = QString("%1 has no SSTable yet: what was written is in commit logs and memtables.").arg(name);
    } else {
        out.sentence = QString("%1 has %2; nothing is being flushed or compacted.").arg(name, shell::counted(static_cast<std::int64_t>(is.sstables), "SSTable"));
    }
    const bool hasWas = was.nanos != 0;
    out.facts.push_back({"SSTables", hasWas ? QString::number(was.sstables) : QString(), QString::number(is.sstables)});
    out.facts.push_back({"bytes", hasWas ? bytesText(was.bytes) : QString(), bytesText(is.bytes)});
    return out;
}

}  // namespace app::explorer::storage
