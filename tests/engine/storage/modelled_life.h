#pragma once

#include <QtGlobal>
#include <set>

#include "engine/rows/counter_context.h"
#include "engine/storage/compaction_manager.h"
#include "plain_model.h"
#include "small_strategies.h"
#include "storage_fixture.h"

namespace storagetest {

using storage::CompactionRequest;

inline constexpr std::int32_t kGcGraceSeconds = 10;
inline constexpr std::int64_t kSkewMicros = 2'000'000;  // Of clients' clocks; less than gc_grace_seconds.
inline constexpr std::int64_t kTickMicros = 250'000;    // So that timestamps meet.

inline constexpr std::size_t kWideValueBytes = 1000;     // Partitions of several index blocks.

enum class Shape { Rich, Plain, Single, Counters, Wide };
inline constexpr Shape kShapes[] = {Shape::Rich, Shape::Plain, Shape::Rich, Shape::Single, Shape::Rich, Shape::Counters,
                             Shape::Rich, Shape::Plain, Shape::Wide};

inline schema::TablePtr tableOf(Shape shape, const CompactionOptionsMap& strategy) {
    using schema::ColumnKind;
    schema::Table out;
    out.id = Uuid{1, 1};
    out.keyspace = "ks";
    out.name = "t";
    out.isCounter = shape == Shape::Counters;
    out.columns = {{"pk", types::int32(), ColumnKind::PartitionKey, 0}};
    if (shape != Shape::Single) {
        out.columns.push_back({"c", types::int32(), ColumnKind::Clustering, 0});
    }
    const types::TypePtr value = out.isCounter ? types::counter() : types::text();
    out.columns.push_back({"a", value});
    out.columns.push_back({"b", value});
    if (shape == Shape::Rich) {
        out.columns.push_back({"d", types::text(), ColumnKind::Clustering, 1, true});
        out.columns.push_back({"s", types::text(), ColumnKind::Static});
        out.columns.push_back({"z", types::set(types::int32(), false), ColumnKind::Static});
        out.columns.push_back({"l", types::list(types::text(), false)});
        out.columns.push_back({"m", types::map(types::int32(), types::text(), false)});
        out.columns.push_back({"t", types::set(types::text(), false)});
        out.columns.push_back({"u", types::udt("ks", "pair", {"x", "y"}, {types::text(), types::text()}, false)});
    }
    out.options.compaction = withFullClass(strategy);
    out.options.gcGraceSeconds = kGcGraceSeconds;
    out.finish();
    return std::make_shared<const schema::Table>(std::move(out));
}

/// A table's life, in an engine and in the plainest model of it.
class ModelledLife {
public:
    ModelledLife(std::uint64_t seed, const CompactionOptionsMap& strategy)
        : ModelledLife(seed, strategy, kShapes[seed % std::size(kShapes)]) {}
    ModelledLife(std::uint64_t seed, const CompactionOptionsMap& strategy, Shape shape, bool compactsByItself = true)
        : m_random(seed), m_shape(shape), m_table(tableOf(m_shape, strategy)),
          m_f(seed), m_model(m_shape == Shape::Counters) {
        m_f.publish({m_table});
        m_f.options().compaction.bytesPerSecond = 0;
        m_f.options().compaction.automatic = compactsByItself;
        m_f.options().sync = storage::CommitLogSync::Batch;
        ENSURE(m_f.start());
    }

    void step() {
        switch (m_random.below(14)) {
            case 0: flush(); break;
            case 1: m_f.world().runFor(std::chrono::seconds(m_random.below(20))); break;
            case 2: isOneIn(3) ? compact() : write(); break;
            case 3: isOneIn(5) ? restart() : write(); break;
            case 4: isOneIn(40) ? truncate() : write(); break;
            default: write(); break;
        }
    }

    void write() {
        Partition update;
        update.key = key(someKey());
        const std::uint64_t kind = m_random.below(14);
        if (m_shape == Shape::Counters) {
            update.rows = {someRow()};
            // What was deleted is not counted again: Cassandra does not promise what comes of it.
            const auto name = std::pair(update.key.key, update.rows[0].clustering);
            if (kind == 0 && isOneIn(3)) {
                update.rows[0].cells.clear();
                update.rows[0].deletion = {wallMicros() + kSkewMicros, wallSeconds()};
                m_deleted.insert(name);
            } else if (m_deleted.contains(name)) {
                return;
            }
        } else if (kind == 0) {
            update.deletion = deletion();
        } else if (kind == 1 && m_shape != Shape::Single) {
            update.rangeTombstones = {{forwardSlice(), deletion()}};
        } else if (kind == 2 && m_shape != Shape::Single) {
            Row gone;
            gone.clustering = clustering();
            gone.deletion = deletion();
            update.rows = {gone};
        } else if (kind == 3 && m_shape == Shape::Rich) {
            if (isOneIn(2)) {
                update.staticRow.cells.push_back(one("s"));
            }
            Row other;
            addCollection(other, "z", numbers(), false);
            append(update.staticRow, other);
        } else {
            addRows(update);
        }
        std::erase_if(update.rows, [](const Row& row) { return row.isEmpty(); });
        if (update.isEmpty()) {
            return;
        }
        m_model.add(update);
        if (m_isNoted) {
            note("write\n" + described(update));
        }
        ENSURE(m_f.apply(rows::Mutation{{{m_table, std::move(update)}}}).has_value());
    }
    void flush() {
        note("flush");
        ENSURE(m_f.runTask(m_f.engine().flush(m_table)).has_value());
    }

    /// Empty when a read, chosen by the seed, gives what the model says.
    std::string compareRead() {
        const rows::ReadCommand command = read();
        const auto found = m_f.read(command);
        if (!found) {
            return found.error().message;
        }
        PlainModel answer(m_shape == Shape::Counters);
        for (const Partition& partition : found.value()) {
            answer.add(partition);
        }
        const PlainModel::Lines expected = m_model.view(command, true);
        const PlainModel::Lines seen = answer.view(command, false);
        if (expected == seen) {
            return "";
        }
        std::string out = "expected of " + textOf(command) + ":\n";
        for (const std::string& line : expected) {
            out += line + '\n';
        }
        out += "but saw:\n";
        for (const std::string& line : seen) {
            out += line + '\n';
        }
        return out;
    }
    std::string compareAll() {
        m_readsAll = true;
        const std::string out = compareRead();
        m_readsAll = false;
        return out;
    }
    StorageFixture& fixture() { return m_f; }
    const schema::TablePtr& table() const { return m_table; }
    PlainModel& model() { return m_model; }
    std::uint64_t compactions() { return m_compactions + m_f.engine().compactions().totals().completed; }
    const std::vector<std::string>& history() const { return m_history; }

private:
    bool isOneIn(std::uint64_t n) { return m_random.below(n) == 0; }
    int small(std::uint64_t bound) { return static_cast<int>(m_random.below(bound)); }
    std::int64_t wallMicros() { return m_f.world().machine(0).doors().clock.wallMicros(); }
    std::int64_t wallSeconds() { return wallMicros() / 1'000'000; }
    void note(const std::string& line) {
        if (m_isNoted) {
            m_history.push_back(std::to_string(wallMicros()) + ' ' + line);
        }
    }
    int someKey() { return small(m_shape == Shape::Wide ? 2 : 5); }

    std::int64_t timestamp() {
        const auto skew = static_cast<std::int64_t>(m_random.below(2 * kSkewMicros)) - kSkewMicros;
        return (wallMicros() + skew) / kTickMicros * kTickMicros;
    }
    /// Of what expires. Two such of one time and different ends are not reconciled the same way before and
    /// after one of them has been compacted into a tombstone, in Cassandra neither.
    std::int64_t timestampOfExpiring() {
        std::int64_t out = timestamp();
        while (!m_expiring.insert(out).second) {
            ++out;
        }
        return out;
    }
    DeletionTime deletion() { return {timestamp(), wallSeconds()}; }
    std::int32_t ttl() { return static_cast<std::int32_t>(1 + m_random.below(40)); }

    Clustering clustering() {
        switch (m_shape) {
            case Shape::Single: return {};
            case Shape::Rich: return at(small(3) - 1, std::string(1, static_cast<char>('a' + m_random.below(3))));
            default: return {types::encodeInt(small(m_shape == Shape::Wide ? 80 : 5) - 1)};
        }
    }
    Clustering prefix() {
        Clustering out = clustering();
        out.resize(m_random.below(out.size() + 1));
        return out;
    }
    Slice slice() { return {{prefix(), isOneIn(2)}, {prefix(), isOneIn(2)}}; }
    /// One that may hold rows: its start is not behind its end.
    Slice forwardSlice() {
        Slice out = slice();
        while (!out.start.prefix.empty() && !out.end.prefix.empty() &&
               PlainModel::compare(out.start.prefix, out.end.prefix) >= 0) {
            out = slice();
        }
        return out;
    }

    Cell one(std::string column, Bytes path = {}) {
        Cell out{std::move(column), std::move(path), std::to_string(m_random.below(1000)), timestamp()};
        if (m_shape == Shape::Wide) {
            out.value.resize(kWideValueBytes, '.');
        }
        if (isOneIn(4)) {
            out.ttl = ttl();
            out.localDeletionTime = wallSeconds() + out.ttl;
            out.timestamp = timestampOfExpiring();
        } else if (isOneIn(6)) {
            out.value.clear();
            out.localDeletionTime = wallSeconds();
        }
        return out;
    }
    /// `column = {...}`, `column = column + {...}`, `column[k] = ...`, or `column = null`.
    void addCollection(Row& row, const std::string& column, const std::vector<Bytes>& paths, bool hasValues) {
        if (!isOneIn(4)) {
            return;
        }
        const std::int64_t when = timestamp();
        if (isOneIn(3)) {
            row.complexDeletions.push_back({column, {when - 1, wallSeconds()}});
        }
        for (const Bytes& path : paths) {
            if (isOneIn(2)) {
                Cell element = one(column, path);
                if (!hasValues) {
                    element.value.clear();
                }
                // Of one statement with the deletion: newer than it.
                element.timestamp = row.complexDeletions.empty() ? element.timestamp
                                                                 : std::max(element.timestamp, when);
                if (element.isExpiring() && element.timestamp == when) {
                    element.ttl = 0;
                    element.localDeletionTime = rows::kNoDeletionTime;
                }
                row.cells.push_back(std::move(element));
            }
        }
    }
    static std::vector<Bytes> numbers() {
        return {types::encodeInt(-1), types::encodeInt(0), types::encodeInt(1)};
    }
    /// Time UUIDs, in their order in time.
    static std::vector<Bytes> places() {
        return {types::encodeUuid({0x0000000100001000ULL, 0x8080808080808080ULL}),
                types::encodeUuid({0x0000000200001000ULL, 0x8080808080808080ULL})};
    }

    Row someRow() {
        Row out;
        out.clustering = clustering();
        if (m_shape == Shape::Counters) {
            for (const char* name : {"a", "b"}) {
                if (isOneIn(2)) {
                    out.cells.push_back(increment(name));
                }
            }
            return out;
        }
        if (isOneIn(2)) {
            out.liveness.timestamp = timestamp();
            if (isOneIn(3)) {
                out.liveness.timestamp = timestampOfExpiring();
                out.liveness.ttl = ttl();
                out.liveness.localExpirationTime = wallSeconds() + out.liveness.ttl;
            }
        }
        for (const char* name : {"a", "b"}) {
            if (isOneIn(2)) {
                out.cells.push_back(one(name));
            }
        }
        if (m_shape == Shape::Rich) {
            addCollection(out, "l", places(), true);
            addOthers(out);
        }
        return out;
    }
    void addOthers(Row& row) {
        Row other;
        addCollection(other, "m", numbers(), true);
        append(row, other);
        addCollection(other, "t", {"x", "y"}, false);
        append(row, other);
        addCollection(other, "u", {Bytes("\0\0", 2), Bytes("\0\1", 2)}, true);
        append(row, other);
    }
    static void append(Row& row, Row& other) {
        std::move(other.cells.begin(), other.cells.end(), std::back_inserter(row.cells));
        std::move(other.complexDeletions.begin(), other.complexDeletions.end(),
                  std::back_inserter(row.complexDeletions));
        other = {};
    }
    /// The new shard of one of three writers, which may be told late.
    Cell increment(const char* column) {
        const Uuid id{m_random.below(3) + 1, 7};
        auto& [clock, count] = m_shards[id];
        ++clock;
        count += small(9) - 4;
        Cell out{column, {}, rows::counterContext({{id, clock, count, rows::CounterShard::Kind::Global}}), timestamp()};
        return out;
    }

    /// One row, or some of a batch.
    void addRows(Partition& update) {
        const std::uint64_t batch = m_shape == Shape::Wide ? 25 : 3;
        for (std::uint64_t rows = isOneIn(6) ? batch : 1; rows > 0; --rows) {
            Row row = someRow();
            const auto place = std::find_if(update.rows.begin(), update.rows.end(), [&](const Row& other) {
                return PlainModel::compare(other.clustering, row.clustering) >= 0;
            });
            if (place == update.rows.end() || place->clustering != row.clustering) {
                update.rows.insert(place, std::move(row));
            }
        }
    }

    void truncate() {
        note("truncate");
        ENSURE(m_f.runTask(m_f.engine().truncate(m_table)).has_value());
        m_model.clear();
        m_deleted.clear();
    }
    void compact() {
        using Kind = CompactionRequest::Kind;
        CompactionRequest request;
        constexpr Kind kKinds[] = {Kind::Major, Kind::UserDefined, Kind::Cleanup, Kind::Scrub, Kind::Upgrade, Kind::GarbageCollect};
        request.kind = kKinds[m_random.below(std::size(kKinds))];
        if (request.kind == Kind::Major) {
            request.splitOutput = isOneIn(2);
            if (isOneIn(3)) {
                request.ranges = {tokens()};
            }
        } else if (request.kind == Kind::UserDefined) {
            for (const storage::SstableInfo& file : m_f.engine().sstables(*m_table)) {
                if (isOneIn(2)) {
                    request.generations.push_back(file.generation);
                }
            }
        } else if (request.kind == Kind::GarbageCollect) {
            request.shadows = isOneIn(2) ? storage::compaction::ShadowKind::Row : storage::compaction::ShadowKind::Cell;
        } else if (request.kind == Kind::Cleanup) {
            flush();  // What is in memory is not cleaned up.
            request.owned = {tokens()};
            m_model.keep(request.owned[0]);
        }
        note("compaction of kind " + std::to_string(static_cast<int>(request.kind)));
        const auto done = m_f.runTask(m_f.engine().compactions().compact(m_table, request));
        ENSURE(done.has_value());
    }
    /// Some of the ring, with ends that are tokens of keys; often all of it.
    rows::TokenRange tokens() {
        constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
        return isOneIn(2) ? rows::TokenRange{kLeast, kLeast}
                          : rows::TokenRange{key(someKey()).token, key(someKey()).token};
    }
    void restart() {
        m_compactions += m_f.engine().compactions().totals().completed;
        switch (m_random.below(3)) {
            case 0: note("stop"); m_f.stop(); break;
            case 1: note("kill"); m_f.kill(); break;
            default: note("power cut"); m_f.powerCut(isOneIn(2)); break;
        }
        ENSURE(m_f.start());
    }

    rows::ReadCommand read() {
        rows::ReadCommand out;
        out.table = m_table;
        out.nowSeconds = wallSeconds();
        if (m_readsAll) {
            return out;
        }
        if (!isOneIn(3)) {
            out.key = key(someKey());
        } else if (isOneIn(2)) {
            addRange(out);
        }
        const std::uint64_t rows = m_random.below(3);
        if (rows == 0 && m_shape != Shape::Single) {
            out.slices = {forwardSlice()};
        } else if (rows == 1 && m_shape != Shape::Single && out.key) {
            out.names = {clustering()};
        }
        if (isOneIn(4)) {
            out.columns = {false, {"a"}};
        }
        out.reversed = out.key && isOneIn(3);
        if (isOneIn(3)) {
            out.limits.rows = 1 + static_cast<std::uint32_t>(m_random.below(4));
        }
        if (isOneIn(5)) {
            out.limits.rowsPerPartition = 1 + static_cast<std::uint32_t>(m_random.below(2));
        }
        return out;
    }
    void addRange(rows::ReadCommand& command) {
        DecoratedKey from = key(someKey());
        DecoratedKey to = key(someKey());
        if (to < from) {
            std::swap(from, to);
        }
        if (!isOneIn(3)) {
            command.range.start = {from.token, isOneIn(2) ? std::optional(from.key) : std::nullopt, isOneIn(2)};
        }
        if (!isOneIn(3)) {
            command.range.end = {to.token, isOneIn(2) ? std::optional(to.key) : std::nullopt, isOneIn(2)};
        }
    }
    static std::string textOf(const rows::ReadCommand& command) {
        return (command.key ? "key " + std::to_string(types::decodeInt(command.key->key)) : "a range") +
               (command.reversed ? ", reversed" : "") + (command.slices.empty() ? "" : ", a slice") +
               (command.names.empty() ? "" : ", by name") + (command.columns.all ? "" : ", one column") +
               ", limits " + std::to_string(command.limits.rows) + " and " +
               std::to_string(command.limits.rowsPerPartition);
    }
    /// What a reader would see of it alone; and its deletions.
    std::string described(const Partition& update) {
        PlainModel alone(m_shape == Shape::Counters);
        alone.add(update);
        rows::ReadCommand command;
        command.table = m_table;
        std::string out;
        for (const std::string& line : alone.view(command, true)) {
            out += line + '\n';
        }
        const auto add = [&](const std::string& what, const DeletionTime& deletion) {
            if (!deletion.isLive()) {
                out += std::to_string(types::decodeInt(update.key.key)) + ' ' + what + " deleted at " +
                       std::to_string(deletion.markedForDeleteAt) + '\n';
            }
        };
        add("partition", update.deletion);
        for (const RangeTombstone& range : update.rangeTombstones) {
            add("range", range.deletion);
        }
        for (const Row& row : update.rows) {
            add("row " + std::to_string(row.clustering.empty() ? 0 : types::decodeInt(row.clustering[0])), row.deletion);
            for (const auto& complex : row.complexDeletions) {
                add("column " + complex.column.text(), complex.deletion);
            }
            for (const Cell& cell : row.cells) {
                if (cell.isTombstone()) {
                    add("cell " + cell.column.text() + toHex(cell.path), {cell.timestamp, 0});
                }
            }
        }
        return out;
    }

    runtime::SeededRandom m_random;
    const Shape m_shape;
    schema::TablePtr m_table;
    StorageFixture m_f;
    PlainModel m_model;
    std::set<std::int64_t> m_expiring;
    std::set<std::pair<Bytes, Clustering>> m_deleted;  // Counters.
    std::map<Uuid, std::pair<std::int64_t, std::int64_t>> m_shards;
    std::uint64_t m_compactions = 0;
    bool m_readsAll = false;
    const bool m_isNoted = qEnvironmentVariableIsSet("STORAGE_MODEL_HISTORY");
    std::vector<std::string> m_history;
};

}  // namespace storagetest
