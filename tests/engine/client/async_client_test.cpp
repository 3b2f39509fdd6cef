#include "engine/client/async_client.h"

#include <QtTest>

#include "native_fixture.h"

using namespace engine;
using namespace engine::client;
using namespace native_fixture;

namespace {

std::unique_ptr<AsyncClient> connected(ServerWorld& world, ConnectOptions options = {}) {
    options.contact = {"127.0.0.1", 9042};
    auto client = world.wait(AsyncClient::connect(world.doors, options));
    if (client.has_error()) {
        qFatal("%s", client.error().message.c_str());
    }
    return std::move(client.value());
}

Query queryOf(const std::string& text) {
    Query query;
    query.text = text;
    return query;
}

Task<void> note(Task<Result<QueryAnswer>> task, std::vector<std::string>& out) {
    const auto answer = co_await task;
    out.push_back(answer.has_error() ? answer.error().message : "answered");
}

}  // namespace

class AsyncClientTest : public QObject {
    Q_OBJECT
private slots:
    void answersComeBack_data() {
        QTest::addColumn<bool>("compress");
        QTest::newRow("plain") << false;
        QTest::newRow("LZ4") << true;
    }
    void answersComeBack() {
        QFETCH(const bool, compress);
        ServerWorld world;
        world.queries.onCall = [](const auto&) {
            auto answer = rowsAnswer(1000);
            answer.warnings = {"careful"};
            answer.tracingId = Uuid{1, 2};
            std::get<cql::RowsResult>(answer.result).pagingState = "next";
            return Result<coordinator::Answer>(std::move(answer));
        };
        ConnectOptions options;
        options.compress = compress;
        const auto client = connected(world, options);
        Query query = queryOf("SELECT");
        query.consistency = 4;
        query.serialConsistency = 9;
        query.pageSize = 100;
        query.pagingState = "state";
        query.timestampMicros = 42;
        query.tracing = true;
        query.values = {Bytes("v"), std::nullopt};
        const auto answer = world.wait(client->execute(query));
        const auto& rows = std::get<cql::RowsResult>(answer.value().result);
        QCOMPARE(rows.rows.size(), std::size_t(1000));
        QCOMPARE(*rows.pagingState, Bytes("next"));
        QVERIFY(answer.value().warnings == std::vector<std::string>{"careful"});
        QVERIFY(*answer.value().tracingId == (Uuid{1, 2}));

        const FakeQueries::Call& call = world.queries.calls.at(0);
        QCOMPARE(int(call.options.consistency), 4);
        QCOMPARE(int(call.options.serialConsistency), 9);
        QCOMPARE(call.options.pageSize, 100);
        QCOMPARE(*call.options.pagingState, Bytes("state"));
        QCOMPARE(*call.options.timestampMicros, std::int64_t(42));
        QVERIFY(call.info.tracing);
        QCOMPARE(call.options.values.at(0).bytes, Bytes("v"));
        QVERIFY(call.options.values.at(1).state == cql::BoundValue::State::Null);
        QVERIFY(world.queries.session->tellAll);
        QCOMPARE(world.queries.session->driverName, std::string("Ringside"));
    }

    void errorsComeBackWithTheirPlace() {
        ServerWorld world;
        world.queries.onCall = [](const auto&) {
            auto detail = std::make_shared<ErrorDetail>();
            detail->consistency = 4;
            detail->required = 2;
            detail->received = 1;
            detail->hasSpan = true;
            detail->span = {7, 3, 1, 7};
            return Error{ErrorKind::Unavailable, "Cannot achieve consistency level QUORUM", detail};
        };
        const auto client = connected(world);
        const auto answer = world.wait(client->execute(queryOf("SELECT")));
        QVERIFY(answer.error().kind == ErrorKind::Unavailable);
        QCOMPARE(answer.error().detail->required, 2);
        QCOMPARE(answer.error().detail->span.offset, 7U);
        QVERIFY(client->isOpen());
    }

    void statementsArePreparedAndExecuted() {
        ServerWorld world;
        auto statement = std::make_shared<cql::Prepared>();
        statement->variables = {{"ks", "t", "id", types::int32()}};
        statement->partitionKeyVariables = {0};
        statement->resultMetadata = twoColumns();
        world.queries.prepared = {"id", statement, {}};
        world.queries.onCall = [](const auto&) { return rowsAnswer(); };
        const auto client = connected(world);
        const auto prepared = world.wait(client->prepare("SELECT"));
        Query query;
        query.values = {types::encodeInt(1)};
        const auto answer = world.wait(client->execute(prepared.value(), query));
        const auto& rows = std::get<cql::RowsResult>(answer.value().result);
        QCOMPARE(rows.metadata->columns.at(1).name, std::string("name"));
        QCOMPARE(world.queries.calls.at(1).id, Bytes("id"));
        QCOMPARE(world.queries.calls.at(1).resultMetadataId, statement->resultMetadata->id);
    }

    void keyspacesAreUsed() {
        ServerWorld world;
        world.queries.onCall = [](const FakeQueries::Call& call) {
            coordinator::Answer answer;
            answer.result = cql::SetKeyspaceResult{call.text.substr(4)};
            return Result<coordinator::Answer>(std::move(answer));
        };
        ConnectOptions options;
        options.keyspace = "My\"Keyspace";
        const auto client = connected(world, options);
        QCOMPARE(world.queries.calls.at(0).text, std::string("USE \"My\"\"Keyspace\""));
        QCOMPARE(client->keyspace(), world.queries.session->state.keyspace);
    }

    void manyRequestsTravelAtOnce() {
        ServerWorld world;
        const auto client = connected(world);
        std::vector<std::string> answers;
        TaskGroup group;
        for (int i = 0; i < 500; ++i) {
            group.spawn(note(client->execute(queryOf("wait")), answers));
        }
        world.executor.drain();
        QVERIFY(answers.empty());
        world.queries.release();
        world.executor.drain();
        QCOMPARE(answers.size(), std::size_t(500));
        QCOMPARE(group.running(), std::size_t(0));
    }

    void requestsTimeOut() {
        ServerWorld world;
        ConnectOptions options;
        options.timeout = std::chrono::milliseconds(500);
        const auto client = connected(world, options);
        std::vector<std::string> answers;
        TaskGroup group;
        group.spawn(note(client->execute(queryOf("wait")), answers));
        world.executor.drain();
        for (int i = 0; i < 7; ++i) {
            world.clock.advance(std::chrono::milliseconds(100));
        }
        QVERIFY((answers ==
                 std::vector<std::string>{"no answer from 127.0.0.1:9042 within 500 ms"}));
        // The late answer is nobody's, and the connection goes on.
        world.queries.release();
        world.executor.drain();
        QVERIFY(world.wait(client->execute(queryOf("SELECT"))).has_value());
    }

    void whatWaitsEndsWithTheConnection() {
        ServerWorld world;
        const auto client = connected(world);
        std::vector<std::string> answers;
        TaskGroup group;
        group.spawn(note(client->execute(queryOf("wait")), answers));
        world.executor.drain();
        world.network.lastServerEnd->close(false);
        world.executor.drain();
        QCOMPARE(answers.at(0),
                 std::string("connection to 127.0.0.1:9042 has ended: closed by the other side"));
        QVERIFY(!client->isOpen());
        const auto later = world.wait(client->execute(queryOf("SELECT")));
        QCOMPARE(later.error().message, std::string("not connected to 127.0.0.1:9042"));
    }

    void aClientMayGoWhileItsRequestsWait() {
        ServerWorld world;
        auto client = connected(world);
        std::vector<std::string> answers;
        TaskGroup group;
        group.spawn(note(client->execute(queryOf("wait")), answers));
        world.executor.drain();
        client.reset();
        QCOMPARE(answers.at(0), std::string("connection to 127.0.0.1:9042 was closed"));
        world.queries.release();
        world.executor.drain();
    }

    void eventsAreTold() {
        ServerWorld world;
        const auto client = connected(world);
        std::vector<std::string> events;
        const auto listening = world.wait(
            client->listen({"STATUS_CHANGE"}, [&](const EventReply& event) {
                events.push_back(event.change + ' ' + event.node.toString());
            }));
        QVERIFY(listening.has_value());
        world.server.pushStatusChange("DOWN", "127.0.0.3", 9042);
        world.executor.drain();
        QVERIFY((events == std::vector<std::string>{"DOWN 127.0.0.3:9042"}));
    }

    void theServersOptionsAreTold() {
        ServerWorld world;
        const auto client = connected(world);
        const auto supported = world.wait(client->options());
        QCOMPARE(supported.value().options.at(2).second.at(0), std::string("3.4.7"));
    }
};

QTEST_GUILESS_MAIN(AsyncClientTest)
#include "async_client_test.moc"
