#include "engine/coordinator/batchlog/batch_log.h"

#include <QtTest>

#include <set>

#include "engine/coordinator/batch_limits.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

using namespace engine;
using namespace engine::coordinator;

namespace {

schema::TablePtr tableOf(std::int32_t grace) {
    auto table = std::make_shared<schema::Table>();
    table->keyspace = "ks";
    table->name = "t";
    table->columns.push_back({"k", types::int32(), schema::ColumnKind::PartitionKey, 0});
    table->columns.push_back({"v", types::blob(), schema::ColumnKind::Regular});
    table->options.gcGraceSeconds = grace;
    table->finish();
    return table;
}

rows::Mutation mutation(const schema::TablePtr& table, int key, std::size_t bytes) {
    rows::Row row;
    row.liveness.timestamp = 1;
    row.cells.push_back({"v", {}, Bytes(bytes, 'x'), 1});
    rows::PartitionUpdate update{table, {}};
    update.partition.key = rows::decorate(types::encodeInt(key));
    update.partition.rows.push_back(std::move(row));
    rows::Mutation out;
    out.updates.push_back(std::move(update));
    return out;
}

}  // namespace

class BatchLogTest : public QObject {
    Q_OBJECT
private slots:
    void twoRacksOtherThanTheCoordinatorsAreChosen() {
        runtime::SeededRandom random(1);
        const std::vector<BatchLogCandidate> members{{"a1", "a", false}, {"a2", "a", true}, {"b1", "b", true},
                                                     {"b2", "b", true},  {"c1", "c", true}};
        for (int i = 0; i < 50; ++i) {
            const auto choice = chooseBatchLogNodes(members, "a", random);
            QCOMPARE(choice.nodes.size(), std::size_t(2));
            std::set<char> racks;
            for (const std::string& node : choice.nodes) {
                racks.insert(node.front());
            }
            QCOMPARE(racks, (std::set<char>{'b', 'c'}));
        }
    }

    void oneOtherRackGivesBoth() {
        runtime::SeededRandom random(2);
        const auto choice = chooseBatchLogNodes(
            {{"a1", "a", false}, {"b1", "b", true}, {"b2", "b", true}, {"b3", "b", true}}, "a", random);
        QCOMPARE(choice.nodes.size(), std::size_t(2));
        QVERIFY(choice.nodes[0] != choice.nodes[1]);
    }

    void whoIsThereIsTakenIfTheyAreFew() {
        runtime::SeededRandom random(3);
        const auto one = chooseBatchLogNodes({{"a1", "a", false}, {"a2", "a", true}, {"a3", "a", false}}, "a", random);
        QCOMPARE(one.nodes, std::vector<std::string>{"a2"});
        QVERIFY(!one.isSmall);
        QVERIFY(chooseBatchLogNodes({{"a1", "a", false}, {"a2", "a", false}, {"a3", "a", false}}, "a", random).nodes.empty());
    }

    void aSmallDatacenterUsesAllItHas() {
        runtime::SeededRandom random(4);
        const auto choice = chooseBatchLogNodes({{"a1", "a", false}, {"a2", "a", false}}, "a", random);
        QVERIFY(choice.isSmall);
        QCOMPARE(choice.nodes.size(), std::size_t(2));
    }

    /// Sizes as recorded of Cassandra 5.0.6: two rows with 3000 bytes each count 6140.
    void sizesAreWarnedOfAndRefused() {
        const auto table = tableOf(10);
        std::vector<std::string> warnings;
        std::vector<rows::Mutation> batch;
        batch.push_back(mutation(table, 1, 3000));
        batch.push_back(mutation(table, 2, 3000));
        QVERIFY(checkBatch({}, cql::BatchType::Logged, batch, warnings).has_value());
        QCOMPARE(warnings.size(), std::size_t(1));
        QCOMPARE(QString::fromStdString(warnings.front()),
                 QString("Batch for [ks.t] is of size 6140, exceeding specified threshold of 5120 by 1020."));
        batch.push_back(mutation(table, 3, 60000));
        const auto refused = checkBatch({}, cql::BatchType::Logged, batch, warnings);
        QVERIFY(!refused);
        QCOMPARE(QString::fromStdString(refused.error().message), QString("Batch too large"));
    }

    void onePartitionMayBeAsLargeAsItLikes() {
        std::vector<std::string> warnings;
        std::vector<rows::Mutation> batch;
        batch.push_back(mutation(tableOf(10), 1, 100000));
        QVERIFY(checkBatch({}, cql::BatchType::Unlogged, batch, warnings).has_value());
        QVERIFY(warnings.empty());
    }

    void manyPartitionsAndNoGraceAreWarnedOf() {
        std::vector<std::string> warnings;
        std::vector<rows::Mutation> batch;
        for (int k = 0; k < 11; ++k) {
            batch.push_back(mutation(tableOf(10), k, 1));
        }
        QVERIFY(checkBatch({}, cql::BatchType::Unlogged, batch, warnings).has_value());
        QCOMPARE(warnings.size(), std::size_t(1));
        QVERIFY(warnings.front().starts_with("Unlogged batch covering 11 partitions detected against table [ks.t]."));
        warnings.clear();
        batch.clear();
        batch.push_back(mutation(tableOf(0), 1, 1));
        QVERIFY(checkBatch({}, cql::BatchType::Logged, batch, warnings).has_value());
        QCOMPARE(warnings.size(), std::size_t(1));
        QVERIFY(warnings.front().starts_with("Executing a LOGGED BATCH on table [ks.t], configured with a"));
    }
};

QTEST_APPLESS_MAIN(BatchLogTest)
#include "batch_log_test.moc"
