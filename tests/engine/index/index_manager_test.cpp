#include "engine/index/index_manager.h"

#include <QtTest>

#include <algorithm>
#include <bit>
#include <random>

#include "engine/rows/nearest.h"
#include "engine/sim/machine.h"
#include "engine/sim/world.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

schema::Index legacy(const std::string& name, const std::string& target) {
    return {name, "COMPOSITES", {{"target", target}}};
}

schema::Index attached(const std::string& name, const std::string& target,
                       std::map<std::string, std::string> options = {}) {
    options["target"] = target;
    options["class_name"] = "sai";
    return {name, "CUSTOM", std::move(options)};
}

/// k int, c int, v int, t text, m map<int, int>, s text static; PRIMARY KEY (k, c).
schema::TablePtr makeTable(std::vector<schema::Index> indexes) {
    auto table = std::make_shared<schema::Table>();
    table->id = Uuid::nameBased("indexed");
    table->keyspace = "ks";
    table->name = "t";
    table->columns = {{"k", types::int32(), schema::ColumnKind::PartitionKey, 0, false},
                      {"c", types::int32(), schema::ColumnKind::Clustering, 0, false},
                      {"s", types::text(), schema::ColumnKind::Static, -1, false},
                      {"m", types::map(types::int32(), types::int32(), false), schema::ColumnKind::Regular, -1, false},
                      {"t", types::text(), schema::ColumnKind::Regular, -1, false},
                      {"v", types::int32(), schema::ColumnKind::Regular, -1, false}};
    table->indexes = std::move(indexes);
    table->finish();
    return table;
}

/// k int, c int, e vector<float, 8>, v int; PRIMARY KEY (k, c); an index on e.
schema::TablePtr makeVectorTable() {
    auto table = std::make_shared<schema::Table>();
    table->id = Uuid::nameBased("vectors");
    table->keyspace = "ks";
    table->name = "t";
    table->columns = {{"k", types::int32(), schema::ColumnKind::PartitionKey, 0, false},
                      {"c", types::int32(), schema::ColumnKind::Clustering, 0, false},
                      {"e", types::vector(types::float32(), 8), schema::ColumnKind::Regular, -1, false},
                      {"v", types::int32(), schema::ColumnKind::Regular, -1, false}};
    table->indexes = {attached("by_e", "e", {{"similarity_function", "euclidean"}})};
    table->finish();
    return table;
}

class Fixture {
public:
    explicit Fixture(std::vector<schema::Index> declared) : Fixture(makeTable(std::move(declared))) {}
    explicit Fixture(schema::TablePtr first)
        : m_world(1), m_machine(m_world.addMachine("a", {"10.0.0.1"})), table(std::move(first)) {
        storage::StorageOptions options;
        options.dataFolder = "/data";
        options.commitLogFolder = "/commitlog";
        publish(table);
        m_engine = std::make_unique<storage::StorageEngine>(m_machine.doors(), options, *m_schema, m_log);
        ENSURE(m_engine->open().has_value());
        ENSURE(m_engine->replay().has_value());
        openIndexes();
    }

    void openIndexes() {
        indexes.reset();
        indexes = std::make_unique<index::IndexManager>(m_machine.doors(), *m_engine, *m_schema, m_log);
        indexes->open();
    }

    /// What was written goes into a file, and the file's rows are damaged.
    void flushAndDamage() {
        ENSURE(sim::runUntilDone(m_world, m_engine->flush(table), 60s).has_value());
        const std::string path = m_engine->readers(*table).front()->path();
        ENSURE(m_machine.disk().flipBit(path, 20, 3));
    }

    void publish(schema::TablePtr next) {
        table = std::move(next);
        schema::Keyspace keyspace;
        keyspace.name = "ks";
        keyspace.tables["t"] = table;
        m_schema->publish(std::make_shared<const schema::Schema>(
            schema::Schema().with(std::make_shared<const schema::Keyspace>(std::move(keyspace)))));
    }

    void write(rows::Partition partition) {
        rows::Mutation mutation;
        mutation.updates.push_back({table, std::move(partition)});
        ENSURE(m_engine->applyNow(mutation).has_value());
    }

    rows::Partition partition(int k) const {
        rows::Partition out;
        out.key = rows::decorate(types::encodeInt(k));
        return out;
    }

    /// Rows as (k, c) nearest to a vector, in no order.
    std::vector<std::pair<int, int>> nearest(const Bytes& vector, std::uint32_t limit,
                                             std::vector<rows::FilterExpression> filters = {}) {
        rows::ReadCommand command;
        command.table = table;
        command.filters = std::move(filters);
        command.filterAtReplica = true;
        command.useIndex = true;
        command.nearest = rows::NearestTo{"e", vector, limit};
        command.nowSeconds = 100;
        auto answer = m_engine->readNow(command);
        ENSURE(answer.has_value());
        std::vector<std::pair<int, int>> out;
        for (rows::Partition& found : answer.value()) {
            rows::filterLive(*table, found, command.nowSeconds);
            for (const rows::Row& row : found.rows) {
                out.emplace_back(types::decodeInt(found.key.key), types::decodeInt(row.clustering[0]));
            }
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    /// Rows as (k, c) that a read gives a client.
    std::vector<std::pair<int, int>> read(std::vector<rows::FilterExpression> filters, bool useIndex,
                                          std::uint32_t limit = rows::ReadLimits::kNone) {
        rows::ReadCommand command;
        command.table = table;
        command.filters = std::move(filters);
        command.filterAtReplica = true;
        command.useIndex = useIndex;
        command.limits.rows = limit;
        command.nowSeconds = 100;
        auto answer = m_engine->readNow(command);
        ENSURE(answer.has_value());
        std::vector<std::pair<int, int>> out;
        for (rows::Partition& found : answer.value()) {
            rows::filterLive(*table, found, command.nowSeconds);
            for (const rows::Row& row : found.rows) {
                if (rows::satisfies(command, found, row)) {
                    out.emplace_back(types::decodeInt(found.key.key), types::decodeInt(row.clustering[0]));
                }
            }
        }
        return out;
    }

    /// Why a read by an index is refused.
    std::string errorOf(std::vector<rows::FilterExpression> filters) {
        rows::ReadCommand command;
        command.table = table;
        command.filters = std::move(filters);
        command.filterAtReplica = true;
        command.useIndex = true;
        command.nowSeconds = 100;
        const auto answer = m_engine->readNow(command);
        ENSURE(!answer.has_value());
        return answer.error().message;
    }

private:
    sim::SimWorld m_world;
    sim::SimMachine& m_machine;
    Log m_log{[](LogLevel, std::string_view) {}};
    std::unique_ptr<schema::SchemaRegistry> m_schema = std::make_unique<schema::SchemaRegistry>();
    std::unique_ptr<storage::StorageEngine> m_engine;

public:
    schema::TablePtr table;
    std::unique_ptr<index::IndexManager> indexes;
};

rows::Row row(int c, std::int64_t timestamp, std::optional<int> v, std::optional<std::string> t = {}) {
    rows::Row out;
    out.clustering = {types::encodeInt(c)};
    out.liveness.timestamp = timestamp;
    const auto cell = [&](const char* column, std::optional<Bytes> value) {
        rows::Cell made;
        made.column = column;
        made.timestamp = timestamp;
        if (value) {
            made.value = std::move(*value);
        } else {
            made.localDeletionTime = 50;
        }
        out.cells.push_back(std::move(made));
    };
    if (t) {
        cell("t", Bytes(*t));
    }
    cell("v", v ? std::optional<Bytes>(types::encodeInt(*v)) : std::nullopt);
    return out;
}

rows::FilterExpression filter(const char* column, rows::Operator op, Bytes value) {
    return {column, op, std::move(value), {}, {}};
}

}  // namespace

class IndexManagerTest : public QObject {
    Q_OBJECT
private slots:
    void findsWhatAScanFinds_data();
    void findsWhatAScanFinds();
    void existingRowsAreIndexedWhenAnIndexIsMade();
    void aTableThatCannotBeReadHasNoIndexes();
    void analysedTextsAreFoundInAnyCase();
    void staticValuesFindTheWholePartition();
    void limitsCountRowsThatPass();
    void theNearestOfManyComeFromTheGraph();
};

void IndexManagerTest::findsWhatAScanFinds_data() {
    QTest::addColumn<quint32>("seed");
    QTest::addColumn<bool>("sai");
    for (quint32 seed = 1; seed <= 20; ++seed) {
        QTest::addRow("legacy %u", seed) << seed << false;
        QTest::addRow("sai %u", seed) << seed << true;
    }
}

/// Writes in any order of their times, overwrites, deletions of cells, rows, ranges and partitions.
void IndexManagerTest::findsWhatAScanFinds() {
    QFETCH(quint32, seed);
    QFETCH(bool, sai);
    Fixture fixture({sai ? attached("by_v", "v") : legacy("by_v", "v")});
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int i = 0; i < 120; ++i) {
        rows::Partition partition = fixture.partition(below(4));
        const std::int64_t at = 1 + below(60);
        switch (below(8)) {
            case 0: partition.deletion = {at, 50}; break;
            case 1: {
                rows::Row deleted;
                deleted.clustering = {types::encodeInt(below(5))};
                deleted.deletion = {at, 50};
                partition.rows.push_back(deleted);
                break;
            }
            case 2:
                partition.rangeTombstones.push_back(
                    {{{{types::encodeInt(below(3))}, true}, {{types::encodeInt(4)}, true}}, {at, 50}});
                break;
            case 3: partition.rows.push_back(row(below(5), at, std::nullopt)); break;
            default: partition.rows.push_back(row(below(5), at, below(4)));
        }
        fixture.write(std::move(partition));
        if (i % 10 == 0) {
            for (int v = 0; v < 4; ++v) {
                const auto equal = filter("v", rows::Operator::Eq, types::encodeInt(v));
                QCOMPARE(fixture.read({equal}, true), fixture.read({equal}, false));
            }
            if (sai) {
                const auto from = filter("v", rows::Operator::Gte, types::encodeInt(1));
                const auto to = filter("v", rows::Operator::Lt, types::encodeInt(3));
                QCOMPARE(fixture.read({from, to}, true), fixture.read({from, to}, false));
            }
        }
    }
    fixture.openIndexes();  // As after a restart.
    const auto equal = filter("v", rows::Operator::Eq, types::encodeInt(1));
    QCOMPARE(fixture.read({equal}, true), fixture.read({equal}, false));
}

void IndexManagerTest::existingRowsAreIndexedWhenAnIndexIsMade() {
    Fixture fixture(std::vector<schema::Index>{});
    rows::Partition partition = fixture.partition(1);
    partition.rows.push_back(row(1, 1, 7));
    fixture.write(std::move(partition));
    fixture.publish(makeTable({legacy("by_v", "v")}));
    const auto equal = filter("v", rows::Operator::Eq, types::encodeInt(7));
    QCOMPARE(fixture.read({equal}, true), (std::vector<std::pair<int, int>>{{1, 1}}));
}

/// A node with such a table starts; the index is not asked.
void IndexManagerTest::aTableThatCannotBeReadHasNoIndexes() {
    Fixture fixture({legacy("by_v", "v")});
    rows::Partition partition = fixture.partition(1);
    partition.rows.push_back(row(1, 1, 7));
    fixture.write(std::move(partition));
    fixture.flushAndDamage();
    fixture.openIndexes();
    QCOMPARE(fixture.errorOf({filter("v", rows::Operator::Eq, types::encodeInt(7))}),
             std::string("The secondary index of t is not yet available"));
}

void IndexManagerTest::analysedTextsAreFoundInAnyCase() {
    Fixture fixture({attached("by_t", "t", {{"case_sensitive", "false"}, {"ascii", "true"}})});
    rows::Partition partition = fixture.partition(1);
    partition.rows.push_back(row(1, 1, 7, "Caf\xc3\xa9"));
    partition.rows.push_back(row(2, 1, 7, "tea"));
    fixture.write(std::move(partition));
    auto equal = filter("t", rows::Operator::Eq, "CAFE");
    equal.analysis = rows::Analysis::LowerCase | rows::Analysis::AsciiOnly;
    QCOMPARE(fixture.read({equal}, true), (std::vector<std::pair<int, int>>{{1, 1}}));
}

void IndexManagerTest::staticValuesFindTheWholePartition() {
    Fixture fixture({legacy("by_s", "s")});
    rows::Partition partition = fixture.partition(1);
    rows::Cell cell;
    cell.column = "s";
    cell.value = "red";
    cell.timestamp = 1;
    partition.staticRow.cells.push_back(cell);
    partition.rows = {row(1, 1, 1), row(2, 1, 2)};
    fixture.write(std::move(partition));
    const auto equal = filter("s", rows::Operator::Eq, "red");
    QCOMPARE(fixture.read({equal}, true), (std::vector<std::pair<int, int>>{{1, 1}, {1, 2}}));
}

void IndexManagerTest::limitsCountRowsThatPass() {
    Fixture fixture({legacy("by_v", "v")});
    rows::Partition partition = fixture.partition(1);
    for (int c = 0; c < 10; ++c) {
        partition.rows.push_back(row(c, 1, c % 2, c < 5 ? "low" : "high"));
    }
    fixture.write(std::move(partition));
    const auto even = filter("v", rows::Operator::Eq, types::encodeInt(0));
    const auto high = filter("t", rows::Operator::Eq, "high");
    QCOMPARE(fixture.read({even}, true, 2), (std::vector<std::pair<int, int>>{{1, 0}, {1, 2}}));
    QCOMPARE(fixture.read({even, high}, true, 2), (std::vector<std::pair<int, int>>{{1, 6}, {1, 8}}));
}

/// More vectors than Postings::kGraphFrom: the same rows as a look at all of them, also after some are overwritten and
/// deleted, and where a filter leaves few.
void IndexManagerTest::theNearestOfManyComeFromTheGraph() {
    Fixture fixture(makeVectorTable());
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    const auto vector = [&] {
        ByteWriter out;
        for (int i = 0; i < 8; ++i) {
            out.u32(std::bit_cast<std::uint32_t>(normal(random)));
        }
        return out.take();
    };
    std::map<std::pair<int, int>, std::pair<Bytes, int>> model;
    const auto put = [&](int k, int c, std::int64_t timestamp, const std::optional<Bytes>& e, int v) {
        rows::Partition partition = fixture.partition(k);
        rows::Row made = row(c, timestamp, v);
        rows::Cell cell;
        cell.column = "e";
        cell.timestamp = timestamp;
        if (e) {
            cell.value = *e;
        } else {
            cell.localDeletionTime = 50;
        }
        made.cells.insert(made.cells.begin(), std::move(cell));
        partition.rows.push_back(std::move(made));
        fixture.write(std::move(partition));
        e ? static_cast<void>(model[{k, c}] = {*e, v}) : static_cast<void>(model.erase({k, c}));
    };
    for (int i = 0; i < 3000; ++i) {
        put(i % 50, i / 50, 1, vector(), i % 100);
    }
    for (int i = 0; i < 600; ++i) {
        put(i % 50, i / 50, 2, i % 3 == 0 ? std::nullopt : std::optional(vector()), i % 100);
    }
    std::size_t hits = 0, asked = 0;
    for (int q = 0; q < 30; ++q) {
        const Bytes wanted = vector();
        const bool filtered = q % 3 == 0;
        std::vector<std::pair<float, std::pair<int, int>>> exact;
        for (const auto& [key, value] : model) {
            if (!filtered || value.second == 7) {
                exact.emplace_back(-rows::similarity(rows::Similarity::Euclidean, types::decodeFloatVector(wanted),
                                                     types::decodeFloatVector(value.first)),
                                   key);
            }
        }
        std::sort(exact.begin(), exact.end());
        const auto found = fixture.nearest(wanted, 10, filtered ? std::vector{filter("v", rows::Operator::Eq, types::encodeInt(7))}
                                                                : std::vector<rows::FilterExpression>());
        QCOMPARE(found.size(), std::size_t(10));
        for (std::size_t i = 0; i < 10; ++i) {
            hits += std::count(found.begin(), found.end(), exact[i].second);
            ++asked;
        }
    }
    // Seeded throughout: a fixed figure.
    QVERIFY2(hits * 100 >= asked * 95, qPrintable(QString("%1 of %2").arg(hits).arg(asked)));
}

QTEST_GUILESS_MAIN(IndexManagerTest)
#include "index_manager_test.moc"
