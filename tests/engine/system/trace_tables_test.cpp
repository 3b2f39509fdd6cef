#include "engine/system/trace_tables.h"

#include <QtTest>

#include "engine/system/row_builder.h"
#include "engine/system/system_keyspaces.h"

using namespace engine;
using namespace engine::system;

namespace {

constexpr std::int64_t kMicros = 1'700'000'000'000'000;
const runtime::Endpoint kNode{"10.0.0.1", 7000};

coordinator::TraceReport report() {
    coordinator::TraceReport out;
    out.session = Uuid::timeBased(kMicros * 10, 1);
    return out;
}

coordinator::TraceStart startOf() {
    return {.request = "Execute CQL3 query",
            .client = "10.9.9.9:51000",
            .parameters = {{"query", "SELECT 1"}},
            .startedMillis = kMicros / 1000};
}

}  // namespace

class TraceTablesTest : public QObject {
    Q_OBJECT
private slots:
    void aStartIsARowOfSessionsWithoutDuration() {
        coordinator::TraceReport started = report();
        started.start = startOf();
        const rows::Mutation mutation = traceMutation(systemSchema(), kNode, started, kMicros);
        QCOMPARE(mutation.updates.size(), std::size_t{1});
        const rows::PartitionUpdate& update = mutation.updates.front();
        QCOMPARE(update.table->qualifiedName(), std::string("system_traces.sessions"));
        QCOMPARE(update.partition.key.key, started.session.toBytes());
        const RowReader row(*update.table, update.partition.rows.front());
        QCOMPARE(row.text("request"), std::string("Execute CQL3 query"));
        QCOMPARE(row.text("command"), std::string("QUERY"));
        QCOMPARE(types::decodeInet(row.text("client")), std::string("10.9.9.9"));
        QCOMPARE(types::decodeInet(row.text("coordinator")), std::string("10.0.0.1"));
        QCOMPARE(row.int32("coordinator_port"), 7000);
        QCOMPARE(row.textMap("parameters").at("query"), std::string("SELECT 1"));
        QVERIFY(!row.get("duration"));
    }

    void anEndBringsDurationAndEventsAtOnce() {
        coordinator::TraceReport ended = report();
        ended.durationMicros = 1505;
        ended.lines = {{Uuid::timeBased(kMicros * 10 + 1, 1), "Parsing x", coordinator::stage::kRequest, 3},
                       {Uuid::timeBased(kMicros * 10 + 2, 1), "Preparing statement", coordinator::stage::kRequest, 4}};
        const rows::Mutation mutation = traceMutation(systemSchema(), kNode, ended, kMicros);
        QCOMPARE(mutation.updates.size(), std::size_t{2});
        const rows::PartitionUpdate& session = mutation.updates[0];
        QCOMPARE(RowReader(*session.table, session.partition.rows.front()).int32("duration"), 1505);
        const rows::PartitionUpdate& events = mutation.updates[1];
        QCOMPARE(events.table->qualifiedName(), std::string("system_traces.events"));
        QCOMPARE(events.partition.rows.size(), std::size_t{2});
        const RowReader line(*events.table, events.partition.rows[1]);
        QCOMPARE(line.text("activity"), std::string("Preparing statement"));
        QCOMPARE(line.text("thread"), std::string("Native-Transport-Requests-1"));
        QCOMPARE(line.int32("source_elapsed"), 4);
        QCOMPARE(line.int32("source_port"), 7000);
    }

    void rowsExpireAfterADay() {
        coordinator::TraceReport started = report();
        started.start = startOf();
        started.lines = {{Uuid::timeBased(kMicros * 10 + 1, 1), "Parsing x", coordinator::stage::kRequest, 3}};
        for (const rows::PartitionUpdate& update : traceMutation(systemSchema(), kNode, started, kMicros).updates) {
            for (const rows::Row& row : update.partition.rows) {
                QVERIFY(row.hasLiveData(kMicros / 1'000'000 + 86'399));
                QVERIFY(!row.hasLiveData(kMicros / 1'000'000 + 86'401));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TraceTablesTest)
#include "trace_tables_test.moc"
