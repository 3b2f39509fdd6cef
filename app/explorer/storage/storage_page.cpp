#include "app/explorer/storage/storage_page.h"

#include <algorithm>

namespace app::explorer::storage {

using namespace sheet;
using engine::observe::ClusterState;
using engine::observe::CompactionView;
using engine::observe::NodeView;
using engine::observe::SstableAdded;
using engine::observe::TableStorageView;
using shell::Align;
using shell::bytesText;
using shell::Tokens;

namespace {

constexpr double kValueX = 120;

QString agoText(std::int64_t nanos) {
    return nanos < kSecond ? QString("just now") : shell::millisText(nanos / 100'000'000 * 100'000'000) + " ago";
}

void title(Lines& out, const QString& text, const QString& note) {
    out.push_back(gap(4));
    Line line{.height = 44, .spans = {{.text = text, .px = 17, .weight = 600}}};
    if (!note.isEmpty()) {
        line.spans.push_back({.text = note, .x = -16, .ink = &Tokens::muted, .px = 12, .align = Align::Right});
    }
    out.push_back(std::move(line));
}

/// A fact whose value may take more lines.
void longFact(Lines& out, const QString& label, const QString& value, double width) {
    Lines words;
    paragraph(words, value, width, &Tokens::text, 12.5, kValueX);
    if (!words.empty()) {
        words.front().spans.push_back({.text = label, .ink = &Tokens::muted});
    }
    for (Line& line : words) {
        out.push_back(std::move(line));
    }
}

void counts(Lines& out, const QString& label, std::uint64_t count) {
    out.push_back({.spans = {{.text = label}, {.text = shell::countText(static_cast<std::int64_t>(count)), .x = -16, .mono = true, .align = Align::Right}}});
}

void inputRows(Lines& out, const CompactionView& view, const TableStorageView* table) {
    out.push_back(heading("Inputs"));
    out.push_back({.spans = {{.text = "SSTable", .ink = &Tokens::faint, .px = 11}, {.text = "Size", .x = 170, .ink = &Tokens::faint, .px = 11, .align = Align::Right},
                             {.text = "Read", .x = 240, .ink = &Tokens::faint, .px = 11, .align = Align::Right},
                             {.text = "Droppable", .x = -16, .ink = &Tokens::faint, .px = 11, .align = Align::Right}}});
    for (std::size_t i = 0; i < view.started.inputs.size(); ++i) {
        const auto& [generation, bytes] = view.started.inputs[i];
        const std::uint64_t read = i < view.progress.readBytes.size() ? view.progress.readBytes[i] : 0;
        const double share = view.finishedNanos != 0 ? 1 : bytes == 0 ? 0 : static_cast<double>(read) / static_cast<double>(bytes);
        QString droppable;
        if (table != nullptr) {
            const auto file = table->sstables.find(generation);
            droppable = file != table->sstables.end() ? shell::percentText(sharesOf(file->second.info).droppable) : QString("gone");
        }
        out.push_back({.spans = {{.text = fileName(generation), .px = 12, .mono = true}, {.text = bytesText(bytes), .x = 170, .px = 12, .mono = true, .align = Align::Right},
                                 {.text = shell::percentText(share), .x = 240, .px = 12, .mono = true, .align = Align::Right},
                                 {.text = droppable, .x = -16, .px = 12, .mono = true, .align = Align::Right}}});
    }
}

void candidateRows(Lines& out, const CompactionView& view) {
    if (view.started.candidates.empty()) {
        return;
    }
    out.push_back(rule());
    out.push_back(heading("What the strategy weighed", QString::fromStdString(view.started.strategy)));
    for (const auto& candidate : view.started.candidates) {
        const QString detail = QString("%1, %2").arg(shell::counted(candidate.sstables, "SSTable"), bytesText(candidate.bytes));
        Line line{.height = 26, .spans = {{.text = QString::fromStdString(candidate.name), .weight = candidate.chosen ? 600 : 400, .fit = 130},
                                          {.text = detail, .x = 156, .ink = &Tokens::muted, .px = 12},
                                          {.text = QString::number(candidate.score, 'f', 2), .x = -16, .px = 12, .weight = candidate.chosen ? 700 : 400, .mono = true, .align = Align::Right}}};
        line.isSelected = candidate.chosen;
        line.tip = QString("%1, %2, score %3%4").arg(QString::fromStdString(candidate.name), detail).arg(candidate.score, 0, 'f', 2).arg(candidate.chosen ? ", chosen" : "");
        out.push_back(std::move(line));
    }
}

void compactionLines(Lines& out, const NodeView& node, const Nodes& nodes, const TableStorageView* table, const CompactionView& view, std::int64_t now, double width) {
    const bool done = view.finishedNanos != 0 && view.finishedNanos <= now;
    title(out, "Compaction on " + labelIn(nodes, node.node), QString::fromStdString(view.started.keyspace + '.' + view.started.table));
    const double bar = width - 32, share = done ? 1 : view.share();
    out.push_back({.height = 14, .marks = {{.kind = Mark::Kind::Bar, .x = 16, .size = bar, .colour = &Tokens::line_strong}, {.kind = Mark::Kind::Bar, .x = 16, .size = bar * share, .colour = &Tokens::live}}});
    const std::uint64_t read = done ? view.finished.readBytes : view.readBytes();
    out.push_back({.spans = {{.text = QString("%1 of %2 read").arg(bytesText(read), bytesText(std::max(read, view.inputBytes()))), .px = 12, .mono = true},
                             {.text = done ? "took " + shell::millisText(view.finished.nanos) : "began " + agoText(now - view.startedNanos), .x = -16, .px = 12, .mono = true, .align = Align::Right}}});
    if (!view.started.why.empty()) {
        longFact(out, "Why", QString::fromStdString(view.started.why), width);
    }
    if (!done) {
        const QString limit = view.progress.limitBytesPerSecond == 0 ? QString("no limit") : "limit " + bytesText(view.progress.limitBytesPerSecond) + "/s";
        out.push_back(fact("Speed", view.progress.paused ? QString("paused") : QString("%1 MiB/s, %2").arg(view.progress.bytesPerSecond / (1 << 20), 0, 'f', 1).arg(limit), kValueX));
    } else if (!view.finished.error.empty()) {
        longFact(out, "Ended", QString::fromStdString(view.finished.error), width);
    } else {
        QStringList names;
        for (const std::uint64_t generation : view.finished.outputs) {
            names += fileName(generation);
        }
        longFact(out, "Wrote", names.isEmpty() ? QString("nothing: no row is left") : QString("%1, %2").arg(joined(names), bytesText(view.finished.writtenBytes)), width);
    }
    out.push_back(fact("Task", shell::shortId(QString::fromStdString(view.started.compaction.toString()), 8) + ", " + QString::fromStdString(view.started.kind), kValueX, true));
    out.push_back(rule());
    inputRows(out, view, table);
    const auto& p = view.progress;
    if (p.cellsKept + p.cellsReplaced + p.tombstonesDropped + p.tombstonesKept > 0) {
        out.push_back(rule());
        out.push_back(heading(done ? "Merged" : "Merged so far"));
        counts(out, "Cells kept", p.cellsKept);
        counts(out, "Replaced or deleted by newer writes, dropped", p.cellsReplaced);
        counts(out, "Tombstones past gc_grace, dropped", p.tombstonesDropped);
        counts(out, "Tombstones kept", p.tombstonesKept);
    }
    candidateRows(out, view);
    if (!done) {
        const bool isSlow = view.progress.limitBytesPerSecond == static_cast<std::uint64_t>(kSlowMebibytes) << 20;
        const auto add = [&](const QString& label, const QString& icon, CompactionDeed deed) {
            out.push_back(button(label, icon, kCompactionButton, static_cast<int>(deed)));
        };
        out.push_back(rule());
        isSlow ? add("Full speed", "play", CompactionDeed::FullSpeed)
               : add(QString("Slow to %1 MiB/s").arg(kSlowMebibytes), "clock", CompactionDeed::Slow);
        view.progress.paused ? add("Resume", "play", CompactionDeed::Resume) : add("Pause", "pause", CompactionDeed::Pause);
        add("Stop", "stop", CompactionDeed::Stop);
    }
}

/// Why a file cannot be read, and what can be done.
void damageLines(Lines& out, const engine::observe::SstableUnreadable& damaged, bool isOpen, double width) {
    longFact(out, "Damaged", damageOf(damaged), width);
    out.push_back(gap(6));
    paragraph(out, isOpen ? QString("Reads that meet the place end with an error. Verify reads the whole file; Scrub writes what is readable of it to a new one and drops the rest. "
                                    "What is dropped may still be on other replicas.")
                          : QString("The table is open without it, as disk_failure_policy says. Its rows are missing on this node; other replicas may have them. The file stays where it is: "
                                    "put a sound copy in its place and start the node again, or scrub it with ringctl."), width);
    out.push_back(gap(6));
    if (isOpen) {
        out.push_back(button("Verify", "search", kFileButton, static_cast<int>(FileDeed::Verify)));
        out.push_back(button("Scrub", "heal", kFileButton, static_cast<int>(FileDeed::Scrub)));
    }
    out.push_back(rule());
}

void leftOutLines(Lines& out, const NodeView& node, const Nodes& nodes, const engine::observe::SstableUnreadable& damaged, double width) {
    title(out, fileName(damaged.generation) + " on " + labelIn(nodes, node.node), QString::fromStdString(damaged.keyspace + '.' + damaged.table));
    const QString path = QString::fromStdString(damaged.file);
    Line file = fact("File", path.section('/', -1), kValueX, true);
    file.tip = path;
    out.push_back(std::move(file));
    damageLines(out, damaged, false, width);
}

void fileLines(Lines& out, const NodeView& node, const Nodes& nodes, const TableStorageView& table, const engine::observe::SstableView& view, double width) {
    const SstableAdded& file = view.info;
    title(out, fileName(file.generation) + " on " + labelIn(nodes, node.node), QString::fromStdString(file.keyspace + '.' + file.table));
    if (const auto damaged = table.unreadable.find(file.generation); damaged != table.unreadable.end()) {
        damageLines(out, damaged->second, true, width);
    }
    out.push_back(fact("On disk", bytesText(file.bytes) + (file.dataBytes != 0 ? QString(", %1 uncompressed").arg(bytesText(file.dataBytes)) : QString()), kValueX, true));
    out.push_back(fact("Partitions", shell::countText(static_cast<std::int64_t>(file.partitions)), kValueX, true));
    if (file.rows != 0) {
        out.push_back(fact("Rows", shell::countText(static_cast<std::int64_t>(file.rows)), kValueX, true));
    }
    if (strategyOf(table.definition) == Strategy::Leveled || strategyOf(table.definition) == Strategy::Unified) {
        out.push_back(fact("Level", QString::number(file.level) + (file.shard >= 0 ? QString(", shard %1").arg(file.shard) : QString()), kValueX, true));
    }
    if (file.minTimestamp <= file.maxTimestamp) {
        out.push_back(fact("Written", shell::clockText(file.minTimestamp) + " to " + shell::clockText(file.maxTimestamp), kValueX, true));
    }
    if (file.minToken != file.maxToken) {
        out.push_back(fact("Tokens from", shell::tokenText(file.minToken), kValueX, true));
        out.push_back(fact("to", shell::tokenText(file.maxToken), kValueX, true));
    }
    out.push_back(fact("Came by", QString::fromStdString(file.origin == "open" ? std::string("being there when the node was asked") : file.origin), kValueX));
    out.push_back(rule());
    out.push_back(heading("What is in it", "estimated"));
    const Shares shares = sharesOf(file);
    if (file.replaced >= 0) {
        out.push_back(fact("Live", shell::percentText(shares.live), kValueX, true));
        out.push_back(fact("Replaced", shell::percentText(shares.replaced), kValueX, true));
    }
    out.push_back(fact("Droppable", shell::percentText(shares.droppable), kValueX, true));
    if (file.tombstones != 0) {
        out.push_back(fact("Tombstones", shell::countText(static_cast<std::int64_t>(file.tombstones)), kValueX, true));
    }
    paragraph(out, QString("Droppable: tombstones older than gc_grace_seconds (%1 s). A compaction may drop them only where no other file may hold what they hide.")
                       .arg(table.definition.gcGraceSeconds), width);
    QStringList overlaps;
    for (const auto& [generation, other] : table.sstables) {
        if (generation != file.generation && overlap(other.info, file)) {
            overlaps += fileName(generation);
        }
    }
    out.push_back(gap(6));
    longFact(out, "Overlaps", overlaps.isEmpty() ? QString("no other file by tokens") : overlaps.mid(0, 8).join(", ") + (overlaps.size() > 8 ? QString(" and %1 more").arg(overlaps.size() - 8) : QString()), width);
    out.push_back(gap(8));
    out.push_back(button("Open bytes", "file", kBytesButton));
}

void segmentLines(Lines& out, const NodeView& node, const Nodes& nodes, const engine::observe::SegmentView& segment, double width) {
    title(out, "Commit log segment", labelIn(nodes, node.node));
    out.push_back(fact("Segment", QString::number(segment.info.segment), kValueX, true));
    const std::uint64_t capacity = node.storage.limits.segmentBytes;
    out.push_back(fact("Bytes", bytesText(segment.info.bytes) + (capacity != 0 ? " of " + bytesText(capacity) : QString()), kValueX, true));
    out.push_back(fact("State", QString::fromStdString(segment.info.state), kValueX));
    out.push_back(rule());
    out.push_back(heading("Tables that need it"));
    if (segment.info.tables.empty()) {
        paragraph(out, "None: everything in it lies in SSTables. A restart would replay nothing of it.", width);
    }
    for (const std::string& table : segment.info.tables) {
        out.push_back({.spans = {{.text = QString::fromStdString(table), .px = 12, .mono = true}}});
    }
    out.push_back(gap(8));
    paragraph(out, "A table needs a segment while one of its writes in there is in no SSTable yet. The segment goes once no table does.", width);
}

void memtableLines(Lines& out, const NodeView& node, const Nodes& nodes, const TableStorageView& table, std::int64_t now, double width) {
    title(out, "Memtable on " + labelIn(nodes, node.node), QString::fromStdString(table.definition.keyspace + '.' + table.definition.table));
    const auto& limits = node.storage.limits;
    out.push_back(fact("Bytes", bytesText(table.memtableBytes) + (limits.memtableLimitBytes != 0 ? " of " + bytesText(limits.memtableLimitBytes) : QString()), kValueX, true));
    out.push_back(fact("Rows", shell::countText(static_cast<std::int64_t>(table.memtableRows)), kValueX, true));
    out.push_back(rule());
    out.push_back(heading("Flushes"));
    int shown = 0;
    for (auto flush = node.storage.flushes.rbegin(); flush != node.storage.flushes.rend() && shown < 8; ++flush) {
        if (flush->started.keyspace != table.definition.keyspace || flush->started.table != table.definition.table) {
            continue;
        }
        ++shown;
        const bool done = flush->finishedNanos != 0;
        out.push_back({.height = 26,
                       .spans = {{.text = done ? agoText(std::max<std::int64_t>(0, now - flush->finishedNanos)) : QString("now"), .px = 12, .mono = true},
                                 {.text = QString::fromStdString(flush->started.reason), .x = kValueX, .px = 12, .fit = width - kValueX - 130},
                                 {.text = !done                             ? QString("going on")
                                          : !flush->finished.error.empty() ? QString("failed")
                                                                           : fileName(flush->finished.generation) + ' ' + bytesText(flush->finished.bytes),
                                  .x = -16, .px = 12, .mono = true, .align = Align::Right}},
                       .tip = QString::fromStdString(flush->finished.error)});
    }
    if (shown == 0) {
        paragraph(out, "None since this window listens.", width);
    }
    out.push_back(gap(8));
    paragraph(out, "Every write goes into the commit log first and then here, sorted. A flush writes it to an SSTable; writes go on into a fresh one meanwhile.", width);
}

}  // namespace

Lines partLines(const ClusterState& state, const Nodes& nodes, const std::string& table, const Part& part, std::int64_t now, double width) {
    Lines out;
    const NodeView* node = state.node(part.node);
    if (node == nullptr) {
        return out;
    }
    const auto& storage = node->storage;
    const TableStorageView* view = storage.table(table);
    if (part.kind == Part::Kind::Segment) {
        const auto segment = storage.segments.find(part.number);
        if (segment != storage.segments.end()) {
            segmentLines(out, *node, nodes, segment->second, width);
        }
    } else if (part.kind == Part::Kind::Memtable) {
        if (view != nullptr) {
            memtableLines(out, *node, nodes, *view, now, width);
        }
    } else if (part.kind == Part::Kind::Compaction) {
        const auto found = std::find_if(storage.compactions.begin(), storage.compactions.end(), [&](const auto& c) { return c.started.compaction == part.compaction; });
        if (found != storage.compactions.end()) {
            compactionLines(out, *node, nodes, storage.table(found->started.keyspace + '.' + found->started.table), *found, now, width);
        }
    } else if (view != nullptr && view->sstables.contains(part.number)) {
        fileLines(out, *node, nodes, *view, view->sstables.at(part.number), width);
    } else if (view != nullptr && view->unreadable.contains(part.number)) {
        leftOutLines(out, *node, nodes, view->unreadable.at(part.number), width);
    }
    if (out.empty()) {
        title(out, part.kind == Part::Kind::Sstable ? fileName(part.number) : QString("Gone"), labelIn(nodes, part.node));
        paragraph(out, "It is not there at this moment: a compaction or a flush has replaced it.", width);
    }
    out.push_back(gap(14));
    return out;
}

Lines toldLines(const Told& told, double width) {
    Lines out;
    title(out, told.title, told.note);
    for (const auto& [label, value] : told.facts) {
        longFact(out, label, value, width);
    }
    if (!told.text.isEmpty()) {
        out.push_back(rule());
        paragraph(out, told.text, width, &Tokens::text);
    }
    if (told.file) {
        out.push_back(gap(8));
        out.push_back(button("Open bytes of " + fileName(told.file->number), "file", kBytesButton));
    }
    out.push_back(gap(14));
    return out;
}

}  // namespace app::explorer::storage
