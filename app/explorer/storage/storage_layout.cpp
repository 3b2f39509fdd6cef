#include "app/explorer/storage/storage_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace app::explorer::storage {

using engine::observe::ClusterState;
using engine::observe::CompactionView;
using engine::observe::FlushView;
using engine::observe::NodeView;
using engine::observe::SstableAdded;
using engine::observe::TableStorageView;
using shell::bytesText;

namespace {

constexpr double kMargin = 16;
constexpr double kLabels = 94;        // Width of the rows' names.
constexpr double kColumnGap = 3;
constexpr double kInset = 9;          // Within a column.
constexpr double kNarrow = 100;       // Columns when there are many.
constexpr std::size_t kWideColumns = 4;
constexpr double kBlockHeight = 40, kBlockSmall = 16;
constexpr double kBlockGap = 8, kBlockGapSmall = 3;
constexpr double kTickWidth = 8;
constexpr double kLeftOutWidth = 76;
constexpr std::size_t kBlocksMax = 40;  // In a row, before they become a histogram.
constexpr double kFillPart = .86;     // Of a column, what the largest file takes.
constexpr double kSegmentWidth = 96;
constexpr double kWindowLeast = 64;
constexpr double kLongSummary = 220;  // A column's width for whole words.

QString clipped(const QString& text, int most) { return text.size() <= most ? text : text.left(most - 1) + QChar(0x2026); }

/// Fills a StorageLayout from above to below.
class Builder {
public:
    Builder(const StorageLayout::Input& input, QSizeF size)
        : m_in(input), m_size(size), m_groups(Groups::of(*input.state, input.table)) {}

    StorageLayout build() {
        m_out.strategy = m_groups.strategy();
        addColumns();
        m_out.isEmpty = std::none_of(m_out.columns.begin(), m_out.columns.end(), [](const auto& c) { return c.isTold; });
        if (m_out.isEmpty) {
            m_out.columns.clear();
            return std::move(m_out);
        }
        double y = addTiles(4);
        const double top = y;
        y += 44;
        addRule(y);
        y = addCommitLog(y);
        y = addMemtables(y);
        addRule(y);
        chooseScale();
        y = m_groups.strategy() == Strategy::TimeWindow ? addWindows(y) : addRows(y);
        for (auto& column : m_out.columns) {
            column.rect.setTop(top);
            column.rect.setBottom(y);
        }
        m_out.legendY = y + 18;
        y = addTimeline(y + 40);
        m_out.height = y + 8;
        addItems();
        return std::move(m_out);
    }

private:
    // ---- columns ----

    void addColumns() {
        auto views = m_in.state->ordered();
        std::erase_if(views, [](const NodeView* view) { return view->tokens.empty() && !view->storage.told; });
        if (m_in.onlyFocus && !views.empty()) {
            const auto chosen = std::find_if(views.begin(), views.end(), [this](const NodeView* v) { return v->node == m_in.focusNode; });
            views = {chosen != views.end() ? *chosen : views.front()};
        }
        const double left = kMargin + kLabels, width = m_size.width() - left - kMargin;
        const auto count = static_cast<double>(views.size());
        const bool many = views.size() > kWideColumns;
        double wide = count > 0 ? (width - kColumnGap * (count - 1)) / count : width;
        double narrow = wide;
        const bool hasFocus = std::any_of(views.begin(), views.end(), [this](const NodeView* v) { return v->node == m_in.focusNode; });
        if (many && hasFocus && wide < 2 * kNarrow) {
            narrow = std::min(kNarrow, (width - 2.4 * kNarrow) / (count - 1) - kColumnGap);
            wide = width - (narrow + kColumnGap) * (count - 1);
        }
        double x = left;
        for (const NodeView* view : views) {
            StorageLayout::Column column;
            const double w = many && view->node != m_in.focusNode ? narrow : wide;
            column.rect = QRectF(x, 0, w, 0);
            column.node = view->node;
            column.number = numberIn(*m_in.nodes, view->node);
            column.isWide = w >= 160;
            column.isTold = view->storage.told;
            column.isReachable = view->reachable;
            const TableStorageView* table = view->storage.table(m_in.table);
            const std::size_t files = table != nullptr ? table->sstables.size() : 0;
            const QString bytes = table != nullptr ? bytesText(table->bytes()) : QString();
            column.summary = !column.isReachable && !column.isTold ? QString("does not answer")
                             : files == 0                          ? QString(column.isWide ? "no SSTable" : "none")
                             : w >= kLongSummary                   ? QString("%1 in %2").arg(bytes, shell::counted(static_cast<std::int64_t>(files), "SSTable"))
                                                                   : QString("%1 in %2").arg(bytes).arg(files);
            m_out.columns.push_back(std::move(column));
            m_views.push_back(view);
            x += w + kColumnGap;
        }
    }

    double inner(std::size_t column) const { return m_out.columns[column].rect.width() - 2 * kInset; }
    double leftOf(std::size_t column) const { return m_out.columns[column].rect.left() + kInset; }
    const TableStorageView* tableAt(std::size_t column) const { return m_views[column]->storage.table(m_in.table); }
    bool isWide(std::size_t column) const { return m_out.columns[column].isWide; }
    double blockHeight() const { return anyWide() ? kBlockHeight : kBlockSmall; }
    bool anyWide() const {
        return std::any_of(m_out.columns.begin(), m_out.columns.end(), [](const auto& c) { return c.isWide; });
    }
    void addRule(double y) {
        for (const auto& column : m_out.columns) {
            m_out.rules.push_back({column.rect.left(), column.rect.right(), y});
        }
    }

    // ---- tiles ----

    double addTiles(double y) {
        const Measures is = measuresOf(*m_in.state, m_in.table);
        const Measures& was = m_in.was;
        const auto number = [](const std::optional<double>& v) { return v ? QString::number(*v, 'f', 2) : QString(); };
        const auto percent = [](const std::optional<double>& v) { return v ? shell::percentText(*v) : QString(); };
        const auto whole = [](const std::optional<int>& v) { return v ? QString::number(*v) : QString(); };
        const auto atLeast = [](const Measures& m) { return m.spaceAmplification && !m.isReplacedKnown ? QString(QChar(0x2265)) + ' ' : QString(); };
        m_out.tiles = {
            {{}, "Write amplification", number(is.writeAmplification), number(was.writeAmplification),
             "Bytes that flushes and compactions wrote to SSTables, over the bytes of flushes, since the nodes started"},
            {{}, "SSTables per read, p99", whole(is.sstablesPerRead99), whole(was.sstablesPerRead99),
             "Of the last minute's reads by partition key, how many SSTables all but one in a hundred had to look into at most"},
            {{}, "Space amplification", atLeast(is) + number(is.spaceAmplification), atLeast(was) + number(was.spaceAmplification),
             is.isReplacedKnown ? "Bytes on disk over the bytes that are still live, estimated: what newer files replaced by the keys that files have in common, tombstones by their statistics"
                                : "Bytes on disk over those that are no droppable tombstones. What newer files have replaced comes on top: where a partition has many rows only a compaction finds out"},
            {{}, "Droppable tombstones", percent(is.droppable), percent(was.droppable),
             "Share of the files' bytes that are tombstones older than gc_grace_seconds, by their statistics; computed"},
            {{}, "Bloom filter false hits", percent(is.bloomFalse), percent(was.bloomFalse),
             "Of lookups of keys that a file does not have, how many its filter let through"},
        };
        const double gap = 12, width = (m_size.width() - 2 * kMargin - 4 * gap) / 5;
        double x = kMargin;
        for (auto& tile : m_out.tiles) {
            tile.rect = QRectF(x, y, width, 54);
            x += width + gap;
        }
        return y + 54 + 14;
    }

    // ---- commit log ----

    double addCommitLog(double y) {
        const std::uint64_t capacity = std::max<std::uint64_t>(1, limitOf(&engine::observe::StorageSnapshot::segmentBytes));
        m_out.labels.push_back({y + 22, "Commit log", bytesText(capacity) + " each"});
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            std::vector<const engine::observe::SegmentView*> shown;
            for (const auto& [id, segment] : m_views[c]->storage.segments) {
                const bool old = segment.discardedNanos != 0 && m_in.now - segment.discardedNanos > 20 * kSecond;
                if (!old) {
                    shown.push_back(&segment);
                }
            }
            const double width = isWide(c) ? std::min(kSegmentWidth, inner(c)) : std::min(26.0, inner(c));
            const double gap = isWide(c) ? 14 : 4;
            const auto most = static_cast<std::size_t>(std::max(1.0, std::floor((inner(c) + gap) / (width + gap))));
            for (auto it = shown.begin(); it != shown.end() && shown.size() > most;) {
                it = (*it)->discardedNanos != 0 ? shown.erase(it) : it + 1;  // Those that are gone give way first.
            }
            std::size_t older = 0;
            if (shown.size() > most) {
                older = shown.size() - most;
                shown.erase(shown.begin(), shown.end() - static_cast<std::ptrdiff_t>(most));
            }
            double x = leftOf(c);
            for (const auto* segment : shown) {
                StorageLayout::Segment item;
                item.rect = QRectF(x, y + 10, width, 18);
                item.column = c;
                item.id = segment->info.segment;
                item.bytes = segment->info.bytes;
                item.share = std::min(1.0, static_cast<double>(item.bytes) / static_cast<double>(capacity));
                item.state = segment->discardedNanos != 0 ? "discarded" : segment->info.state;
                for (const std::string& table : segment->info.tables) {
                    item.tables += QString::fromStdString(table);
                    item.isNeeded = item.isNeeded || table == m_in.table;
                }
                item.olderHidden = std::exchange(older, 0);
                m_out.segments.push_back(std::move(item));
                x += width + gap;
            }
        }
        return y + (anyWide() ? 62 : 40);
    }

    std::uint64_t limitOf(std::uint64_t engine::observe::StorageSnapshot::* member) const {
        for (const NodeView* view : m_views) {
            if (view->storage.told) {
                return view->storage.limits.*member;
            }
        }
        return 0;
    }

    // ---- memtables ----

    double addMemtables(double y) {
        const std::uint64_t limit = limitOf(&engine::observe::StorageSnapshot::memtableLimitBytes);
        m_out.labels.push_back({y + 18, "Memtable", limit != 0 ? "flush at " + bytesText(limit) : QString()});
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            const TableStorageView* table = tableAt(c);
            StorageLayout::Memtable item;
            item.column = c;
            item.limit = limit;
            const double value = isWide(c) ? 74 : 0;
            item.rect = QRectF(leftOf(c), y + 8, inner(c) - value, isWide(c) ? 20 : 14);
            if (table != nullptr) {
                item.bytes = table->memtableBytes;
                item.rows = table->memtableRows;
            }
            item.share = limit == 0 ? 0 : std::min(1.0, static_cast<double>(item.bytes) / static_cast<double>(limit));
            const QString rows = shell::counted(static_cast<std::int64_t>(item.rows), "row");
            item.note = inner(c) >= kLongSummary - 40 ? memtableNote(*m_views[c], rows) : rows;
            m_out.memtables.push_back(std::move(item));
        }
        return y + (anyWide() ? 58 : 36);
    }

    QString memtableNote(const NodeView& view, const QString& note) const {
        for (auto flush = view.storage.flushes.rbegin(); flush != view.storage.flushes.rend(); ++flush) {
            if (flush->started.keyspace + '.' + flush->started.table != m_in.table) {
                continue;
            }
            if (flush->finishedNanos == 0) {
                return note + ", " + bytesText(flush->started.bytes) + " being flushed";
            }
            if (m_in.now >= flush->finishedNanos) {
                const std::int64_t ago = (m_in.now - flush->finishedNanos) / 100'000'000 * 100'000'000;
                return note + ", flushed " + (ago < kSecond ? QString("just now") : shell::millisText(ago) + " ago");
            }
        }
        return note;
    }

    // ---- files ----

    double narrowest() const {
        double least = m_size.width();
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            least = std::min(least, inner(c));
        }
        return least;
    }

    /// One scale for every file and every output in the view.
    void chooseScale() {
        std::uint64_t largest = 1;
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            if (const TableStorageView* table = tableAt(c)) {
                for (const auto& [generation, file] : table->sstables) {
                    largest = std::max(largest, file.info.bytes);
                }
            }
            for (const CompactionView* running : runningOf(*m_views[c], m_in.table)) {
                largest = std::max(largest, estimateOf(*running));
            }
        }
        double width = narrowest() * kFillPart;
        if (m_groups.strategy() == Strategy::TimeWindow) {
            width = (narrowest() / static_cast<double>(windowsShown())) - 6;
        }
        m_out.pixelsPerByte = std::max(width, kTickWidth) / static_cast<double>(largest);
        // The files that start a compaction, and the places of those that lack, stand in one line.
        const Group& first = m_groups.all().front();
        if (first.threshold > 1 && first.fileBytes > 0) {
            const double line = narrowest() - kBlockGap * (first.threshold - 1) - 4;
            m_out.pixelsPerByte = std::min(m_out.pixelsPerByte, line / first.threshold / static_cast<double>(first.fileBytes));
        }
    }

    static std::uint64_t estimateOf(const CompactionView& running) {
        const std::uint64_t estimate = running.started.estimatedBytes != 0 ? running.started.estimatedBytes : running.inputBytes();
        return std::max(estimate, running.progress.writtenBytes);
    }

    StorageLayout::File fileOf(std::size_t column, std::size_t group, const engine::observe::SstableView& view) const {
        StorageLayout::File file;
        file.column = column;
        file.group = group;
        file.info = view.info;
        file.shares = sharesOf(view.info);
        file.addedMicros = view.addedMicros;
        const auto& unreadable = tableAt(column)->unreadable;
        if (const auto damaged = unreadable.find(view.info.generation); damaged != unreadable.end()) {
            file.damage = damageOf(damaged->second);
        }
        const double width = static_cast<double>(view.info.bytes) * m_out.pixelsPerByte;
        file.isTick = width < kTickWidth;
        file.rect.setWidth(std::max(width, kTickWidth));
        for (const CompactionView* running : runningOf(*m_views[column], m_in.table)) {
            for (std::size_t i = 0; i < running->started.inputs.size(); ++i) {
                const auto& [generation, bytes] = running->started.inputs[i];
                if (generation == view.info.generation) {
                    const std::uint64_t read = i < running->progress.readBytes.size() ? running->progress.readBytes[i] : 0;
                    file.read = bytes == 0 ? 0 : std::min(1.0, static_cast<double>(read) / static_cast<double>(bytes));
                }
            }
        }
        return file;
    }

    /// Files of a group at a node, those of a level by token, others by generation.
    std::vector<const engine::observe::SstableView*> filesOf(std::size_t column, std::size_t group) const {
        std::vector<const engine::observe::SstableView*> found;
        if (const TableStorageView* table = tableAt(column)) {
            for (const auto& [generation, file] : table->sstables) {
                if (m_groups.indexOf(file.info) == group) {
                    found.push_back(&file);
                }
            }
        }
        const bool byToken = m_groups.strategy() == Strategy::Leveled && group > 0;
        if (byToken) {
            std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->info.minToken < b->info.minToken; });
        }
        return found;
    }

    bool hasStrips() const { return m_groups.strategy() == Strategy::Leveled || m_groups.strategy() == Strategy::Unified; }

    /// Where the row of what is being written comes: below the last row with an input.
    std::size_t writtenBelow() const {
        std::size_t below = 0;
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            const TableStorageView* table = tableAt(c);
            for (const CompactionView* running : runningOf(*m_views[c], m_in.table)) {
                for (const auto& [generation, bytes] : running->started.inputs) {
                    const auto file = table != nullptr ? table->sstables.find(generation) : decltype(table->sstables.end()){};
                    if (table != nullptr && file != table->sstables.end()) {
                        below = std::max(below, m_groups.indexOf(file->second.info));
                    }
                }
            }
        }
        return below;
    }

    double addRows(double y) {
        const std::size_t below = writtenBelow();
        for (std::size_t g = 0; g < m_groups.all().size(); ++g) {
            const Group& group = m_groups.all()[g];
            m_out.labels.push_back({y + 24, group.title, group.note});
            double bottom = y;
            for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
                bottom = std::max(bottom, addRow(c, g, y + 10));
            }
            y = bottom + 12;
            if (g == below) {
                y = addWritten(y);
            }
            if (g + 1 < m_groups.all().size()) {
                addRule(y);
            }
        }
        return y;
    }

    /// The blocks of one group at one node, in as many lines as they need. Returns their bottom.
    double addRow(std::size_t c, std::size_t g, double y) {
        const auto files = filesOf(c, g);
        const double height = isWide(c) ? kBlockHeight : kBlockSmall;
        const double gap = isWide(c) ? kBlockGap : kBlockGapSmall;
        if (files.size() > kBlocksMax) {
            return addHistogram(c, files, y);
        }
        double x = leftOf(c);
        const double right = leftOf(c) + inner(c);
        std::vector<StorageLayout::File> blocks;
        for (const auto* view : files) {
            blocks.push_back(fileOf(c, g, *view));
        }
        if (g == 0) {
            addLeftOut(c, blocks);
        }
        for (StorageLayout::File& file : blocks) {
            if (x > leftOf(c) && x + file.rect.width() > right) {
                x = leftOf(c);
                y += height + gap + 4;
            }
            file.rect = QRectF(x, y, file.rect.width(), height);
            x += file.rect.width() + gap;
            m_out.files.push_back(std::move(file));
        }
        addSlots(c, g, files, x, y, height);
        y += height + 8;
        if (hasStrips() && !files.empty()) {
            addStrip(c, files, y);
            y += 16;
        }
        return y;
    }

    /// Files that the table was opened without: nobody knows their size.
    void addLeftOut(std::size_t c, std::vector<StorageLayout::File>& blocks) const {
        const TableStorageView* table = tableAt(c);
        if (table == nullptr) {
            return;
        }
        for (const auto& [generation, damaged] : table->unreadable) {
            if (!table->sstables.contains(generation)) {
                StorageLayout::File file;
                file.column = c;
                file.info.keyspace = damaged.keyspace;
                file.info.table = damaged.table;
                file.info.generation = generation;
                file.damage = damageOf(damaged);
                file.rect.setWidth(isWide(c) ? kLeftOutWidth : kTickWidth);
                blocks.push_back(std::move(file));
            }
        }
    }

    /// Dashed places up to the number that starts a compaction.
    void addSlots(std::size_t c, std::size_t g, const std::vector<const engine::observe::SstableView*>& files, double x, double y, double height) {
        const int threshold = m_groups.all()[g].threshold;
        const int has = static_cast<int>(files.size());
        if (!isWide(c) || threshold == 0 || has == 0 || has >= threshold) {
            return;
        }
        double sum = 0;
        for (const auto* view : files) {
            sum += static_cast<double>(view->info.bytes);
        }
        const double width = std::max(24.0, sum / has * m_out.pixelsPerByte);
        for (int i = has; i < threshold && x + width <= leftOf(c) + inner(c) + 1; ++i) {
            m_out.places.push_back({{x, y, width, height}, QString("%1 of %2").arg(i + 1).arg(threshold)});
            x += width + kBlockGap;
        }
    }

    double addHistogram(std::size_t c, const std::vector<const engine::observe::SstableView*>& files, double y) {
        StorageLayout::Histogram histogram;
        histogram.rect = QRectF(leftOf(c), y, inner(c), 40);
        histogram.files = files.size();
        double low = std::numeric_limits<double>::max(), high = 0;
        for (const auto* view : files) {
            const double size = std::log2(static_cast<double>(std::max<std::uint64_t>(1, view->info.bytes)));
            low = std::min(low, size);
            high = std::max(high, size);
        }
        constexpr std::size_t kBins = 16;
        histogram.counts.assign(kBins, 0);
        for (const auto* view : files) {
            const double size = std::log2(static_cast<double>(std::max<std::uint64_t>(1, view->info.bytes)));
            const double share = high > low ? (size - low) / (high - low) : .5;
            ++histogram.counts[std::min(kBins - 1, static_cast<std::size_t>(share * kBins))];
        }
        m_out.histograms.push_back(std::move(histogram));
        return y + 52;
    }

    void addStrip(std::size_t c, const std::vector<const engine::observe::SstableView*>& files, double y) {
        StorageLayout::TokenStrip strip;
        strip.rect = QRectF(leftOf(c), y, inner(c), 8);
        const auto xOf = [&](std::int64_t token) { return strip.rect.left() + (static_cast<double>(token) / 0x1.0p64 + .5) * strip.rect.width(); };
        for (std::size_t i = 0; i < files.size(); ++i) {
            const SstableAdded& a = files[i]->info;
            strip.ranges.push_back({QPointF(xOf(a.minToken), y), QPointF(std::max(xOf(a.minToken) + 1, xOf(a.maxToken)), y + 8)});
            for (std::size_t k = 0; k < i; ++k) {
                const SstableAdded& b = files[k]->info;
                if (overlap(a, b)) {
                    const double from = xOf(std::max(a.minToken, b.minToken)), to = xOf(std::min(a.maxToken, b.maxToken));
                    strip.overlaps.push_back({QPointF(from, y), QPointF(std::max(from + 1, to), y + 8)});
                }
            }
        }
        m_out.strips.push_back(std::move(strip));
    }

    std::size_t windowsShown() const {
        const auto fits = static_cast<std::size_t>(std::max(1.0, narrowest() / kWindowLeast));
        return std::clamp<std::size_t>(m_groups.all().size(), 1, std::max<std::size_t>(1, fits));
    }

    /// Windows side by side, the newest at the right; older ones that do not fit share the first.
    double addWindows(double y) {
        const std::size_t all = m_groups.all().size(), shown = windowsShown(), folded = all - shown;
        m_out.labels.push_back({y + 24, "SSTables", "by time window"});
        double bottom = y + 10 + kBlockHeight;
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            const double width = inner(c) / static_cast<double>(shown);
            const double height = isWide(c) ? kBlockHeight : kBlockSmall;
            for (std::size_t w = 0; w < shown; ++w) {
                const double left = leftOf(c) + static_cast<double>(w) * width;
                double at = y + 10, x = left;
                bool any = false;
                for (std::size_t g = w == 0 ? 0 : w + folded; g <= w + folded; ++g) {
                    for (const auto* view : filesOf(c, g)) {
                        StorageLayout::File file = fileOf(c, g, *view);
                        if (x > left && x + file.rect.width() > left + width - 4) {
                            x = left;
                            at += height + kBlockGapSmall + 4;
                        }
                        file.rect = QRectF(x, at, file.rect.width(), height);
                        x += file.rect.width() + kBlockGapSmall + 1;
                        any = true;
                        m_out.files.push_back(std::move(file));
                    }
                }
                at += any ? height + kBlockGapSmall + 4 : 0;
                bottom = std::max(bottom, at);
            }
        }
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            const double width = inner(c) / static_cast<double>(shown);
            for (std::size_t w = 0; w < shown && (isWide(c) || w == 0); ++w) {
                const QString note = m_groups.all()[w + folded].note;
                m_out.notes.push_back({{leftOf(c) + static_cast<double>(w) * width, bottom + 2, width, 14}, {w == 0 && folded > 0 ? QString("to %1").arg(note) : note}});
            }
        }
        return addWritten(bottom + 22);
    }

    // ---- what is being written ----

    double addWritten(double y) {
        double bottom = y + (anyWide() ? 54 : 30);
        bool any = false;
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            const auto running = runningOf(*m_views[c], m_in.table);
            double at = y + (running.empty() ? 12 : 34);
            for (const CompactionView* compaction : running) {
                addOutput(c, *compaction, at);
                at += (isWide(c) ? kBlockHeight : kBlockSmall) + 10;
                any = true;
            }
            if (running.empty() && isWide(c)) {
                addQuiet(c, y + 14);
            }
            bottom = std::max(bottom, at + 4);
        }
        if (any || anyWide()) {
            m_out.labels.push_back({y + (any ? 54 : 26), "Being written", ""});
        }
        return bottom;
    }

    void addQuiet(std::size_t c, double y) {
        QStringList lines{"No compaction."};
        const auto& all = m_views[c]->storage.compactions;
        const auto last = std::find_if(all.rbegin(), all.rend(), [this](const CompactionView& v) {
            return v.finishedNanos != 0 && v.started.keyspace + '.' + v.started.table == m_in.table && v.finishedNanos <= m_in.now;
        });
        if (last != all.rend()) {
            const std::int64_t ago = (m_in.now - last->finishedNanos) / kSecond * kSecond;
            lines = {QString("Last one %1:").arg(ago < kSecond ? QString("just now") : shell::millisText(ago) + " ago"),
                     !last->finished.error.empty() ? clipped(QString::fromStdString(last->finished.error), 40)
                                                   : QString("%1 to %2, %3 to %4").arg(last->started.inputs.size()).arg(last->finished.outputs.size())
                                                         .arg(sizeText(last->finished.readBytes), bytesText(last->finished.writtenBytes))};
        }
        m_out.notes.push_back({{leftOf(c), y, inner(c), 32}, std::move(lines)});
    }

    void addOutput(std::size_t c, const CompactionView& compaction, double y) {
        StorageLayout::Output item;
        const double height = isWide(c) ? kBlockHeight : kBlockSmall;
        item.column = c;
        item.compaction = compaction.started.compaction;
        item.generation = compaction.progress.generation;
        item.writtenBytes = compaction.progress.writtenBytes;
        item.estimatedBytes = estimateOf(compaction);
        item.share = compaction.share();
        item.bytesPerSecond = compaction.progress.bytesPerSecond;
        item.isPaused = compaction.progress.paused;
        item.why = QString::fromStdString(compaction.started.why);
        const double most = inner(c);
        item.estimate = QRectF(leftOf(c), y, std::clamp(static_cast<double>(item.estimatedBytes) * m_out.pixelsPerByte, kTickWidth, most), height);
        item.written = QRectF(leftOf(c), y, std::clamp(static_cast<double>(item.writtenBytes) * m_out.pixelsPerByte, 1.0, most), height);
        addRibbons(item, compaction);
        m_out.outputs.push_back(std::move(item));
    }

    /// From what was read of each input to its part of what was written.
    void addRibbons(StorageLayout::Output& output, const CompactionView& compaction) const {
        const std::uint64_t all = compaction.readBytes();
        if (all == 0) {
            return;
        }
        double to = output.written.left();
        for (std::size_t i = 0; i < compaction.started.inputs.size() && i < compaction.progress.readBytes.size(); ++i) {
            const std::uint64_t generation = compaction.started.inputs[i].first;
            const auto from = std::find_if(m_out.files.begin(), m_out.files.end(), [&](const auto& f) {
                return f.column == output.column && f.info.generation == generation;
            });
            const double part = static_cast<double>(compaction.progress.readBytes[i]) / static_cast<double>(all) * output.written.width();
            if (from == m_out.files.end()) {
                continue;
            }
            const double top = from->rect.bottom() + 6, bottom = output.written.top() - 1, middle = (top + bottom) / 2;
            const double left = from->rect.left(), right = left + from->rect.width() * std::max(0.0, from->read);
            QPainterPath ribbon(QPointF(left, top));
            ribbon.lineTo(right, top);
            ribbon.cubicTo(QPointF(right, middle), QPointF(to + part, middle), QPointF(to + part, bottom));
            ribbon.lineTo(to, bottom);
            ribbon.cubicTo(QPointF(to, middle), QPointF(left, middle), QPointF(left, top));
            output.ribbons.push_back(std::move(ribbon));
            to += part;
        }
    }

    // ---- time ----

    double addTimeline(double y) {
        const double lane = m_out.columns.size() > 6 ? 20 : 32;
        m_out.plot = QRectF(kMargin + kLabels, y + 22, m_size.width() - 2 * kMargin - kLabels, lane * static_cast<double>(m_out.columns.size()));
        for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
            const double top = m_out.plot.top() + lane * static_cast<double>(c);
            m_out.lanes.push_back({top + lane / 2, m_out.columns[c].number, m_out.columns[c].node});
            addPast(c, top, lane);
        }
        return m_out.plot.bottom() + 26;
    }

    double xOf(std::int64_t nanos) const {
        return m_out.plot.left() + (1 - static_cast<double>(m_in.now - nanos) / StorageLayout::kSpan) * m_out.plot.width();
    }

    void addPast(std::size_t c, double top, double lane) {
        const std::int64_t from = m_in.now - StorageLayout::kSpan;
        for (const FlushView& flush : m_views[c]->storage.flushes) {
            const std::int64_t at = flush.finishedNanos != 0 ? flush.finishedNanos : flush.startedNanos;
            if (flush.started.keyspace + '.' + flush.started.table == m_in.table && at >= from && at <= m_in.now) {
                m_out.flushes.push_back({{xOf(at), top + 5}, c, flush});
            }
        }
        double labelledTo = 0;
        for (const CompactionView& view : m_views[c]->storage.compactions) {
            const bool isRunning = view.finishedNanos == 0 || view.finishedNanos > m_in.now;
            const std::int64_t end = isRunning ? m_in.now : view.finishedNanos;
            if (view.started.keyspace + '.' + view.started.table != m_in.table || end < from || view.startedNanos > m_in.now) {
                continue;
            }
            const double left = std::max(m_out.plot.left(), xOf(view.startedNanos)), right = std::max(left + 4, xOf(end));
            StorageLayout::Bar bar{{left, top + lane - (lane > 24 ? 18 : 9), right - left, lane > 24 ? 11.0 : 7.0}, c, {}, isRunning, view};
            const QString text = QString("%1 to %2").arg(sizeText(view.finished.readBytes), sizeText(view.finished.writtenBytes));
            const double width = shell::widthOf(shell::mono(11), text);
            // Labels that would touch are left out; the tooltip has them.
            if (!isRunning && lane > 24 && view.finished.error.empty() && right + 6 + width < m_out.plot.right() && left > labelledTo) {
                bar.label = text;
                labelledTo = right + 6 + width + 8;
            }
            if (left < labelledTo && bar.label.isEmpty() && !m_out.bars.empty() && m_out.bars.back().lane == c && left < m_out.bars.back().rect.right() + 6 + width) {
                m_out.bars.back().label.clear();
            }
            m_out.bars.push_back(std::move(bar));
        }
    }

    // ---- items ----

    template <typename Parts, typename RectOf>
    void addItems(const Parts& parts, int kind, double radius, RectOf rectOf) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            m_out.items.push_back({Shape::rect(rectOf(parts[i]), radius), kind, static_cast<int>(i), -1});
        }
    }

    /// In the order of the keyboard. Their rows of the table are PartRows'.
    void addItems() {
        const auto rect = [](const auto& part) { return part.rect; };
        addItems(m_out.tiles, StorageLayout::TileItem, 8, rect);
        addItems(m_out.columns, StorageLayout::HeadItem, 6, [](const auto& c) { return QRectF(c.rect.left(), c.rect.top(), c.rect.width(), 43); });
        addItems(m_out.segments, StorageLayout::SegmentItem, 3, rect);
        addItems(m_out.memtables, StorageLayout::MemtableItem, 3, rect);
        addItems(m_out.files, StorageLayout::FileItem, 3, rect);
        addItems(m_out.outputs, StorageLayout::OutputItem, 3, [](const auto& o) { return o.estimate; });
        addItems(m_out.flushes, StorageLayout::FlushItem, 2, [](const auto& f) { return QRectF(f.at.x() - 6, f.at.y() - 4, 12, 13); });
        addItems(m_out.bars, StorageLayout::BarItem, 2, [](const auto& b) { return b.rect.adjusted(0, -2, 0, 2); });
    }

    const StorageLayout::Input& m_in;
    const QSizeF m_size;
    const Groups m_groups;
    std::vector<const NodeView*> m_views;  // Of the columns.
    StorageLayout m_out;
};

}  // namespace

StorageLayout StorageLayout::compute(const Input& input, QSizeF size) { return Builder(input, size).build(); }

std::optional<Part> StorageLayout::partOf(const Item& item) const {
    const auto i = static_cast<std::size_t>(item.index);
    switch (item.kind) {
    case SegmentItem: return Part{Part::Kind::Segment, columns[segments[i].column].node, segments[i].id, {}};
    case MemtableItem: return Part{Part::Kind::Memtable, columns[memtables[i].column].node, 0, {}};
    case FileItem: return Part{Part::Kind::Sstable, columns[files[i].column].node, files[i].info.generation, {}};
    case OutputItem: return Part{Part::Kind::Compaction, columns[outputs[i].column].node, 0, outputs[i].compaction};
    case BarItem: return Part{Part::Kind::Compaction, lanes[bars[i].lane].node, 0, bars[i].compaction.started.compaction};
    default: return std::nullopt;
    }
}

}  // namespace app::explorer::storage
