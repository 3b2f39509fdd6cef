#include "engine/native/native_server.h"

#include <QtTest>

#include "engine/native/error_codec.h"
#include "raw_client.h"

using namespace engine;
using namespace engine::native;
using namespace native_fixture;

Q_DECLARE_METATYPE(engine::native::Compression)

namespace {

/// Bytes of a header as a version 66 client sends it, stream 3.
Bytes strangeHeader(Opcode opcode) {
    ByteWriter out;
    out.u8(66);
    out.u8(0);
    out.i16(3);
    out.u8(static_cast<std::uint8_t>(opcode));
    out.u32(0);
    return out.take();
}

ErrorKind kindOf(const RawClient::Message& message) { return errorKind(message.code()); }

void versionsAndCompressions() {
    QTest::addColumn<int>("version");
    QTest::addColumn<Compression>("compression");
    QTest::newRow("v3") << 3 << Compression::None;
    QTest::newRow("v3 LZ4") << 3 << Compression::Lz4;
    QTest::newRow("v3 Snappy") << 3 << Compression::Snappy;
    QTest::newRow("v4") << 4 << Compression::None;
    QTest::newRow("v4 LZ4") << 4 << Compression::Lz4;
    QTest::newRow("v4 Snappy") << 4 << Compression::Snappy;
    QTest::newRow("v5") << 5 << Compression::None;
    QTest::newRow("v5 LZ4") << 5 << Compression::Lz4;
}

}  // namespace

class NativeServerTest : public QObject {
    Q_OBJECT
private slots:
    void unknownVersionsAreRefusedInTheHighestKnown_data() {
        QTest::addColumn<int>("opcode");
        QTest::newRow("OPTIONS, as Python and Java ask") << int(Opcode::Options);
        QTest::newRow("STARTUP, as Node.js asks") << int(Opcode::Startup);
    }
    /// NET-01, NET-02, NET-03
    void unknownVersionsAreRefusedInTheHighestKnown() {
        QFETCH(const int, opcode);
        ServerWorld world;
        RawClient client(world, 5);
        client.sendRaw(strangeHeader(static_cast<Opcode>(opcode)));
        QCOMPARE(int(static_cast<unsigned char>(client.received[0])), 0x85);
        const auto refusal = client.next();
        QCOMPARE(int(refusal.header.stream), 3);
        QCOMPARE(refusal.code(), 0x000A);
        QCOMPARE(refusal.text(),
                 std::string("Invalid or unsupported protocol version (66); supported versions are "
                             "(3/v3, 4/v4, 5/v5, 6/v6-beta)"));
        QVERIFY(client.closed);
        QVERIFY(world.server.connections().empty());
        QCOMPARE(world.logged.size(), std::size_t(2));  // That it listens, and the refusal.
    }

    /// DRV-09
    void optionsAreAnsweredBeforeAndAfterStartup() {
        ServerWorld world;
        RawClient client(world, 4);
        QVERIFY(client.ask(Opcode::Options, std::int16_t(5)).opcode() == Opcode::Supported);
        client.connect();
        const auto supported = client.ask(Opcode::Options, std::int16_t(6));
        QVERIFY(supported.opcode() == Opcode::Supported);
        QCOMPARE(int(supported.header.stream), 6);
    }

    void startupIsChecked_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("refusal");
        QTest::newRow("Rust's CQL version") << 4 << "CQL_VERSION" << "4.0.0" << "";
        QTest::newRow("an old CQL version")
            << 4 << "CQL_VERSION" << "2.0.0"
            << "CQL version 2.0.0 is not supported by the binary protocol (supported version are >= "
               "3.0.0)";
        QTest::newRow("Snappy in v5") << 5 << "COMPRESSION" << "snappy"
                                      << "Snappy compression is not supported in protocol V5";
        QTest::newRow("an unknown compression")
            << 4 << "COMPRESSION" << "zip" << "Unknown compression algorithm: zip";
        QTest::newRow("long values of unknown keys")
            << 4 << "DRIVER_CONFIG" << QString(9000, 'x') << "";
    }
    /// NET-08, NET-14: snappy in v5 is refused, STARTUP and READY travel bare.
    void startupIsChecked() {
        QFETCH(const int, version);
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        QFETCH(const QString, refusal);
        ServerWorld world;
        RawClient client(world, version);
        const auto answer = client.startup({{key.toStdString(), value.toStdString()}});
        if (refusal.isEmpty()) {
            QVERIFY(answer.opcode() == Opcode::Ready);
            return;
        }
        QVERIFY(kindOf(answer) == ErrorKind::Protocol);
        QCOMPARE(QString::fromStdString(answer.text()), refusal);
        QVERIFY(client.closed);
    }

    void startupNeedsACqlVersion() {
        ServerWorld world;
        RawClient client(world, 4);
        const auto answer = client.ask(Opcode::Startup, std::int16_t(0), BytesView("\0\0", 2));
        QCOMPARE(answer.text(), std::string("Missing value CQL_VERSION in STARTUP message"));
    }

    void messagesHaveTheirTime() {
        ServerWorld world;
        RawClient early(world, 4);
        QCOMPARE(early.query("SELECT").text(),
                 std::string("Unexpected message QUERY, expecting STARTUP or OPTIONS"));
        QVERIFY(early.closed);
        RawClient twice(world, 4);
        twice.connect();
        QCOMPARE(twice.startup().text(),
                 std::string("Unexpected message STARTUP, the connection is already initialized"));
        RawClient other(world, 4);
        other.connect();
        ByteWriter options;
        beginEnvelope(options, 3, false, 0, 9, Opcode::Options);
        other.sendRaw(options.take());
        QCOMPARE(other.next().text(),
                 std::string("Invalid message version. Got 3/v3 but previous messages on this "
                             "connection had version 4/v4"));
    }

    void clientsAreToldToTheExplorer() {
        ServerWorld world;
        RawClient client(world, 5);
        client.connect(Compression::Lz4, {{"DRIVER_NAME", "D"}, {"driver_version", "1.2"}});
        QVERIFY(world.told == std::vector<std::string>{"open D"});
        const auto connections = world.server.connections();
        QCOMPARE(connections.size(), std::size_t(1));
        const ConnectionInfo& info = connections.front();
        QCOMPARE(info.remote.host, std::string("127.0.0.1"));
        QCOMPARE(info.driverVersion, std::string("1.2"));
        QCOMPARE(info.protocolVersion, 5);
        QVERIFY(info.compression == Compression::Lz4);
        QVERIFY(info.ready);
        client.pipe->close(false);
        world.executor.drain();
        QCOMPARE(world.told.back(), std::string("closed D"));
        QVERIFY(world.server.connections().empty());
    }

    void queriesAreAnswered_data() { versionsAndCompressions(); }
    void queriesAreAnswered() {
        QFETCH(const int, version);
        QFETCH(const Compression, compression);
        ServerWorld world;
        world.queries.onCall = [](const auto&) { return rowsAnswer(2); };
        RawClient client(world, version);
        client.connect(compression);
        const auto answer = client.query("SELECT * FROM ks.t", 77);
        QVERIFY(answer.opcode() == Opcode::Result);
        QCOMPARE(int(answer.header.stream), 77);
        QCOMPARE(int(answer.header.version), version);
        ByteReader in(answer.body);
        QCOMPARE(in.i32(), 2);
        QCOMPARE(world.queries.calls.at(0).text, std::string("SELECT * FROM ks.t"));
        QCOMPARE(world.queries.calls.at(0).options.protocolVersion, version);
    }

    void largeMessagesTravelBothWays_data() { versionsAndCompressions(); }
    void largeMessagesTravelBothWays() {
        QFETCH(const int, version);
        QFETCH(const Compression, compression);
        ServerWorld world;
        world.queries.onCall = [](const FakeQueries::Call& call) {
            cql::RowsResult rows;
            rows.metadata = twoColumns();
            rows.rows = {{types::encodeInt(1), call.text}};
            coordinator::Answer answer;
            answer.result = std::move(rows);
            return Result<coordinator::Answer>(std::move(answer));
        };
        RawClient client(world, version);
        client.connect(compression);
        const std::string text(700000, 'q');
        client.putQuery("small", 1);
        client.putQuery(text, 2);
        client.putQuery("small", 3);
        client.send();
        QCOMPARE(client.messages.size(), std::size_t(3));
        client.next();
        QCOMPARE(client.messages.front().body.size() > 700000, true);
        QCOMPARE(world.queries.calls.at(1).text.size(), text.size());
    }

    void severalRequestsOfOneFrameAreAnsweredInOneWrite() {
        ServerWorld world;
        RawClient client(world, 5);
        client.connect();
        const int before = client.serverEnd->sends;
        for (std::int16_t i = 0; i < 11; ++i) {
            client.putQuery("SELECT", i);
        }
        client.send();
        QCOMPARE(client.messages.size(), std::size_t(11));
        QCOMPARE(client.serverEnd->sends, before + 1);
    }

    /// NET-13
    void answersComeInAnyOrder() {
        ServerWorld world;
        RawClient client(world, 5);
        client.connect();
        client.putQuery("wait", 1);
        client.putQuery("quick", 2);
        client.send();
        QCOMPARE(int(client.next().header.stream), 2);
        QVERIFY(client.messages.empty());
        world.queries.release();
        world.executor.drain();
        QCOMPARE(int(client.next().header.stream), 1);
    }

    /// NET-27
    void prefixesAndTracingTravel() {
        ServerWorld world;
        world.queries.onCall = [](const auto&) {
            coordinator::Answer answer;
            answer.warnings = {"careful"};
            answer.tracingId = Uuid{1, 2};
            return Result<coordinator::Answer>(std::move(answer));
        };
        RawClient v4(world, 4);
        v4.connect();
        const auto newer = v4.query("SELECT", 1, flag::kTracing);
        QVERIFY(world.queries.calls.at(0).info.tracing);
        QCOMPARE(int(newer.header.flags), flag::kTracing | flag::kWarning);
        RawClient v3(world, 3);
        v3.connect();
        QCOMPARE(int(v3.query("SELECT").header.flags), int(flag::kTracing));
        QVERIFY(!world.queries.calls.at(1).info.tracing);
    }

    void errorsAreAnsweredAndTheConnectionStays() {
        ServerWorld world;
        world.queries.onCall = [](const auto&) { return invalid("no such table"); };
        RawClient client(world, 5);
        client.connect();
        const auto answer = client.query("SELECT");
        QVERIFY(kindOf(answer) == ErrorKind::Invalid);
        QCOMPARE(answer.text(), std::string("no such table"));
        QVERIFY(!client.closed);
    }

    void placesOfErrorsGoToThoseWhoAskForThem() {
        ServerWorld world;
        world.queries.onCall = [](const auto&) {
            auto detail = std::make_shared<ErrorDetail>();
            detail->hasSpan = true;
            detail->span = {7, 3, 1, 7};
            return Error{ErrorKind::Invalid, "M", detail};
        };
        RawClient plain(world, 5);
        plain.connect();
        QCOMPARE(int(plain.query("SELECT").header.flags), 0);
        QVERIFY(!world.queries.session->tellAll);
        RawClient looker(world, 5);
        looker.connect(Compression::None, {{"RINGSIDE_TELL", "none"}});
        looker.query("SELECT");
        QVERIFY(world.queries.session->tellNothing);
        RawClient ours(world, 5);
        ours.connect(Compression::None, {{"RINGSIDE_TELL", "all"}});
        const auto answer = ours.query("SELECT");
        QVERIFY(world.queries.session->tellAll);
        QCOMPARE(int(answer.header.flags), int(flag::kCustomPayload));
        const auto error = client::decodeReply(answer.header, answer.body, nullptr).error();
        QCOMPARE(error.detail->span.offset, 7U);
        QCOMPARE(error.detail->span.length, 3U);
    }

    /// DRV-10
    void useHoldsForTheConnection() {
        ServerWorld world;
        world.queries.onCall = [](const FakeQueries::Call& call) {
            coordinator::Answer answer;
            if (call.text == "USE ks") {
                answer.result = cql::SetKeyspaceResult{"ks"};
            }
            return Result<coordinator::Answer>(std::move(answer));
        };
        RawClient client(world, 5);
        client.connect();
        client.query("USE ks");
        client.query("SELECT");
        QCOMPARE(world.queries.calls.at(1).keyspace, std::string("ks"));
        // A request may bring another keyspace, for itself alone.
        client.ask(Opcode::Query, std::int16_t(3), [](ByteWriter& out) {
            out.longBlob("SELECT");
            out.u16(1);
            out.u32(query_flag::kKeyspace);
            out.shortBlob("other");
        });
        QCOMPARE(world.queries.calls.at(2).keyspace, std::string("other"));
        client.query("SELECT");
        QCOMPARE(world.queries.calls.at(3).keyspace, std::string("ks"));
        QCOMPARE(world.server.connections().at(0).keyspace, std::string("ks"));
    }

    /// NET-21: ids and metadata travel.
    void statementsArePreparedAndExecuted() {
        ServerWorld world;
        auto statement = std::make_shared<cql::Prepared>();
        statement->resultMetadata = twoColumns();
        world.queries.prepared = {"id", statement, {"warned"}};
        world.queries.onCall = [](const auto&) { return rowsAnswer(); };
        RawClient client(world, 5);
        client.connect();
        const auto prepared = client.ask(Opcode::Prepare, std::int16_t(1), [](ByteWriter& out) {
            out.longBlob("SELECT");
            out.u32(1);
            out.shortBlob("ks");
        });
        QCOMPARE(int(prepared.header.flags), int(flag::kWarning));
        QCOMPARE(world.queries.calls.at(0).keyspace, std::string("ks"));
        const auto executed = client.ask(Opcode::Execute, std::int16_t(2), [](ByteWriter& out) {
            out.shortBlob("id");
            out.shortBlob("metadata");
            out.u16(1);
            out.u32(query_flag::kSkipMetadata);
        });
        QCOMPARE(world.queries.calls.at(1).resultMetadataId, Bytes("metadata"));
        ByteReader in(executed.body);
        QCOMPARE(in.i32(), 2);
        QCOMPARE(in.u32(), rows_flag::kNoMetadata);
    }

    void batchesAreRun() {
        ServerWorld world;
        RawClient client(world, 4);
        client.connect();
        const auto answer = client.ask(Opcode::Batch, std::int16_t(1), [](ByteWriter& out) {
            out.u8(2);
            out.u16(1);
            out.u8(1);
            out.shortBlob("id");
            out.u16(0);
            out.u16(1);
            out.u8(0);
        });
        QVERIFY(answer.opcode() == Opcode::Result);
        QVERIFY(world.queries.calls.at(0).batchType == cql::BatchType::Counter);
        QCOMPARE(std::get<1>(world.queries.calls.at(0).entries.at(0).textOrId), Bytes("id"));
    }

    void eventsGoToThoseWhoRegistered() {
        ServerWorld world;
        RawClient deaf(world, 5);
        deaf.connect();
        RawClient client(world, 5);
        client.connect();
        ByteWriter kinds;
        kinds.u16(2);
        kinds.shortBlob("STATUS_CHANGE");
        kinds.shortBlob("SCHEMA_CHANGE");
        QVERIFY(client.ask(Opcode::Register, std::int16_t(1), kinds.bytes()).opcode() ==
                Opcode::Ready);
        world.server.pushTopologyChange("NEW_NODE", "127.0.0.2", 9042);
        world.server.pushStatusChange("UP", "127.0.0.2", 9042);
        world.server.pushStatusChange("UP", "127.0.0.2", 9042);
        world.server.pushSchemaChange({"CREATED", "TABLE", "ks", "t", {}});
        world.server.pushSchemaChange({});
        world.executor.drain();
        QVERIFY(deaf.messages.empty());
        QCOMPARE(client.messages.size(), std::size_t(2));
        const auto up = client.next();
        QCOMPARE(int(up.header.stream), -1);
        QVERIFY(up.opcode() == Opcode::Event);
        const auto event = std::get<client::EventReply>(
            client::decodeReply(client.next().header, up.body, nullptr).value());
        QCOMPARE(event.type + event.change, std::string("STATUS_CHANGEUP"));
    }

    void tooManyRequestsHoldTheReadingBack() {
        NativeOptions options;
        options.limits.maxRequestsInFlight = 8;
        ServerWorld world(options);
        RawClient client(world, 4);
        client.connect();
        for (std::int16_t i = 0; i < 100; ++i) {
            client.putQuery("wait", i);
        }
        client.send();
        QCOMPARE(world.queries.waiting.size(), std::size_t(8));
        QVERIFY(client.serverEnd->isPaused());
        int rounds = 0;
        for (; !world.queries.waiting.empty(); ++rounds) {
            QVERIFY(world.queries.waiting.size() <= 8);
            world.queries.release();
            world.executor.drain();
        }
        QCOMPARE(rounds, 13);
        QCOMPARE(client.messages.size(), std::size_t(100));
        QVERIFY(!client.serverEnd->isPaused());
    }

    void tooManyBytesHoldTheReadingBack() {
        NativeOptions options;
        options.limits.maxRequestBytesPerAddress = 1000;
        ServerWorld world(options);
        RawClient client(world, 5);
        client.connect();
        for (std::int16_t i = 0; i < 20; ++i) {
            client.putQuery("wait" + std::string(400, ' '), i);
        }
        client.send();
        QCOMPARE(world.queries.waiting.size(), std::size_t(3));
        while (!world.queries.waiting.empty()) {
            world.queries.release();
            world.executor.drain();
        }
        QCOMPARE(client.messages.size(), std::size_t(20));
    }

    void allConnectionsShareTheBytesInFlight() {
        NativeOptions options;
        options.limits.maxRequestBytes = 1000;
        ServerWorld world(options);
        RawClient first(world, 5);
        RawClient second(world, 4);
        first.connect();
        second.connect();
        for (std::int16_t i = 0; i < 3; ++i) {
            first.putQuery("wait" + std::string(400, ' '), i);
        }
        first.send();
        second.putQuery("wait", 0);
        second.send();
        QCOMPARE(world.queries.waiting.size(), std::size_t(3));
        QVERIFY(second.serverEnd->isPaused());
        world.queries.release();
        world.executor.drain();
        QCOMPARE(first.messages.size(), std::size_t(3));
        QCOMPARE(world.queries.waiting.size(), std::size_t(1));  // The second's turn.
        world.queries.release();
        world.executor.drain();
        QCOMPARE(second.messages.size(), std::size_t(1));
        QVERIFY(!second.serverEnd->isPaused());
    }

    void whoAsksForItIsToldOfAnOverload() {
        NativeOptions options;
        options.limits.maxRequestBytes = 1000;
        options.limits.maxRequestBytesPerAddress = 900;
        ServerWorld world(options);
        RawClient client(world, 5);
        client.connect(Compression::None, {{"THROW_ON_OVERLOAD", "1"}});
        for (std::int16_t i = 0; i < 4; ++i) {
            client.putQuery("wait" + std::string(400, ' '), i);
        }
        client.send();
        QCOMPARE(world.queries.waiting.size(), std::size_t(2));
        QCOMPARE(client.messages.size(), std::size_t(2));
        const auto refusal = client.next();
        QVERIFY(kindOf(refusal) == ErrorKind::Overloaded);
        QCOMPARE(int(refusal.header.stream), 2);
        QCOMPARE(refusal.text(), std::string("Request breached limit on bytes in flight. (Endpoint: 828/900 bytes, Global: 828/1000 bytes.) "
                                             "Server is currently in an overloaded state and cannot accept more requests."));
        client.messages.clear();
        world.queries.release();
        world.executor.drain();
        QCOMPARE(client.messages.size(), std::size_t(2));
        QVERIFY(client.query("SELECT").opcode() == Opcode::Result);
    }

    /// What a client that has gone had under way is no longer counted.
    void theBytesOfAClosedConnectionComeBack() {
        NativeOptions options;
        options.limits.maxRequestBytes = 1000;
        ServerWorld world(options);
        {
            RawClient gone(world, 5);
            gone.connect();
            for (std::int16_t i = 0; i < 3; ++i) {
                gone.putQuery("wait" + std::string(400, ' '), i);
            }
            gone.send();
            gone.pipe->close(true);
            world.executor.drain();
        }
        world.queries.release();
        world.executor.drain();
        RawClient next(world, 5);
        next.connect();
        QVERIFY(next.query("SELECT").opcode() == Opcode::Result);
        QVERIFY(!next.serverEnd->isPaused());
    }

    void aLimitHoldsForEachAddress() {
        NativeOptions options;
        options.limits.maxConnectionsPerAddress = 2;
        ServerWorld world(options);
        RawClient first(world, 4);
        auto second = std::make_unique<RawClient>(world, 4);
        RawClient third(world, 4);
        world.executor.drain();
        QVERIFY(third.closed);
        QVERIFY(world.logged.back().find("native_transport_max_concurrent_connections_per_ip") != std::string::npos);
        second->pipe->close(true);
        world.executor.drain();
        RawClient fourth(world, 4);
        world.executor.drain();
        QVERIFY(!fourth.closed);
    }

    void idleConnectionsAreClosedWhereTheyShallBe() {
        NativeOptions options;
        options.idleTimeout = std::chrono::seconds(5);
        ServerWorld world(options);
        RawClient busy(world, 5);
        RawClient idle(world, 5);
        busy.connect();
        idle.connect();
        for (int second = 0; second < 6; ++second) {
            world.clock.advance(std::chrono::seconds(1));
            busy.query("SELECT");
        }
        world.clock.advance(std::chrono::seconds(1));
        world.executor.drain();
        QVERIFY(idle.closed);
        QVERIFY(!busy.closed);
        QCOMPARE(world.server.connections().size(), std::size_t(1));
    }

    /// PLAIN by way of an authenticator: AUTHENTICATE, a wrong password, the right one (SYNC: PasswordAuthenticator).
    void anAuthenticatorIsAsked_data() {
        QTest::addColumn<int>("version");
        QTest::newRow("v4") << 4;
        QTest::newRow("v5") << 5;
    }
    void anAuthenticatorIsAsked() {
        QFETCH(const int, version);
        struct OneUser : Authenticator {
            struct Negotiator : SaslNegotiator {
                runtime::Task<Result<Bytes>> evaluate(Bytes token) override {
                    CO_TRY_ASSIGN(const PlainCredentials plain, decodePlain(token));
                    if (plain.password != "secret") {
                        co_return makeError(ErrorKind::BadCredentials,
                                            "Provided username " + plain.user + " and/or password are incorrect");
                    }
                    known = plain.user;
                    co_return Bytes();
                }
                bool complete() const override { return !known.empty(); }
                const std::string& user() const override { return known; }
                std::string known;
            };
            std::string className() const override { return "org.apache.cassandra.auth.PasswordAuthenticator"; }
            std::unique_ptr<SaslNegotiator> negotiate(const std::string&) override { return std::make_unique<Negotiator>(); }
        };
        OneUser authenticator;
        NativeOptions options;
        options.authenticator = &authenticator;
        ServerWorld world(options);
        RawClient client(world, version);
        const auto asked = client.startup();
        QVERIFY(asked.opcode() == Opcode::Authenticate);
        QCOMPARE(ByteReader(asked.body).shortBlob(), BytesView("org.apache.cassandra.auth.PasswordAuthenticator"));
        client.beginFrames();
        const auto say = [&](BytesView token) {
            return client.ask(Opcode::AuthResponse, std::int16_t(1), [&](ByteWriter& out) { out.longBlob(token); });
        };
        const auto wrong = say(BytesView("\0ada\0guess", 10));
        QVERIFY(kindOf(wrong) == ErrorKind::BadCredentials);
        QCOMPARE(wrong.text(), std::string("Provided username ada and/or password are incorrect"));
        QCOMPARE(say(BytesView("nothing")).text(), std::string("Password must not be null"));
        QVERIFY(!world.server.connections().front().ready);
        const auto right = say(BytesView("\0ada\0secret", 11));
        QVERIFY(right.opcode() == Opcode::AuthSuccess);
        QCOMPARE(ByteReader(right.body).i32(), -1);
        QCOMPARE(world.server.connections().front().user, std::string("ada"));
        QVERIFY(client.query("SELECT").opcode() == Opcode::Result);
    }

    void nothingButTheAnswerIsTakenWhileAuthenticating() {
        struct Never : Authenticator {
            struct Negotiator : SaslNegotiator {
                runtime::Task<Result<Bytes>> evaluate(Bytes) override { co_return Bytes("go on"); }
                bool complete() const override { return false; }
                const std::string& user() const override { return none; }
                std::string none;
            };
            std::string className() const override { return "Never"; }
            std::unique_ptr<SaslNegotiator> negotiate(const std::string&) override { return std::make_unique<Negotiator>(); }
        };
        Never authenticator;
        NativeOptions options;
        options.authenticator = &authenticator;
        ServerWorld world(options);
        RawClient client(world, 4);
        client.startup();
        const auto more = client.ask(Opcode::AuthResponse, std::int16_t(1), [](ByteWriter& out) { out.longBlob(BytesView("a")); });
        QVERIFY(more.opcode() == Opcode::AuthChallenge);
        QCOMPARE(ByteReader(more.body).longBlob().value_or(BytesView()), BytesView("go on"));
        const auto refused = client.query("SELECT");
        QVERIFY(kindOf(refused) == ErrorKind::Protocol);
        QCOMPARE(refused.text(), std::string("Unexpected message QUERY, expecting AUTH_RESPONSE"));
        QVERIFY(client.closed);
        QVERIFY(world.queries.calls.empty());
    }

    /// Each look at a password costs the node; a client that has not logged in may ask for one at a time.
    void asManyPasswordsAsAClientSendsAreLookedAtOneByOne() {
        struct Slow : Authenticator {
            struct Negotiator : SaslNegotiator {
                explicit Negotiator(Slow& s) : slow(s) {}
                runtime::Task<Result<Bytes>> evaluate(Bytes) override {
                    ++slow.looks;
                    const bool known = co_await slow.answer;
                    co_return known ? Result<Bytes>(Bytes()) : makeError(ErrorKind::BadCredentials, "no");
                }
                bool complete() const override { return true; }
                const std::string& user() const override { return name; }
                Slow& slow;
                std::string name = "ada";
            };
            std::string className() const override { return "Slow"; }
            std::unique_ptr<SaslNegotiator> negotiate(const std::string&) override { return std::make_unique<Negotiator>(*this); }
            int looks = 0;
            runtime::Promise<bool> answer;
        };
        Slow authenticator;
        NativeOptions options;
        options.authenticator = &authenticator;
        ServerWorld world(options);
        RawClient client(world, 4);
        client.startup();
        const auto say = [](ByteWriter& out) { out.longBlob(BytesView("a")); };
        client.put(Opcode::AuthResponse, 1, say);
        client.put(Opcode::AuthResponse, 2, say);
        client.send();
        QCOMPARE(authenticator.looks, 1);
        QVERIFY(client.closed);
        authenticator.answer.set(true);
        world.executor.drain();
        QVERIFY(world.server.connections().empty());
    }

    void aClientThatDoesNotReadIsHeldBackThenCutOff() {
        NativeOptions options;
        options.limits.pauseUnsentBytes = 10000;
        options.limits.maxUnsentBytes = 60000;
        ServerWorld world(options);
        world.queries.onCall = [](const auto&) { return rowsAnswer(500); };
        RawClient client(world, 4);
        client.connect();
        client.serverEnd->clog(true);
        for (std::int16_t i = 0; i < 10; ++i) {
            client.putQuery("SELECT", i);
        }
        client.send();
        QCOMPARE(world.queries.calls.size(), std::size_t(2));
        QVERIFY(client.serverEnd->isPaused());
        client.serverEnd->clog(false);
        for (int i = 0; i < 5; ++i) {
            world.executor.drain();
            world.clock.advance(std::chrono::milliseconds(5));
        }
        world.executor.drain();
        QCOMPARE(client.messages.size(), std::size_t(10));

        client.serverEnd->clog(true);
        for (std::int16_t i = 0; i < 2; ++i) {
            client.putQuery("wait", i);
        }
        client.send();
        world.queries.onCall = [](const auto&) { return rowsAnswer(5000); };
        world.queries.release();
        QVERIFY(world.server.connections().empty());
        QVERIFY(world.logged.back().find("does not take its answers") != std::string::npos);
    }

    void tooManyClientsAreTurnedAway() {
        NativeOptions options;
        options.limits.maxConnections = 1;
        ServerWorld world(options);
        RawClient first(world, 4);
        RawClient second(world, 4);
        world.executor.drain();
        QVERIFY(!first.closed);
        QVERIFY(second.closed);
        QVERIFY(world.logged.back().find("is refused") != std::string::npos);
    }

    void aRequestThatIsTooBigIsRefusedAndTheConnectionStays_data() { versionsAndCompressions(); }
    void aRequestThatIsTooBigIsRefusedAndTheConnectionStays() {
        QFETCH(const int, version);
        QFETCH(const Compression, compression);
        if (compression != Compression::None) {
            return;
        }
        NativeOptions options;
        options.limits.maxEnvelopeBytes = 200000;
        ServerWorld world(options);
        RawClient client(world, version);
        client.connect();
        const auto refusal = client.query(std::string(300000, 'x'), 9);
        QVERIFY(kindOf(refusal) == ErrorKind::Invalid);
        QCOMPARE(int(refusal.header.stream), 9);
        QVERIFY(client.query("SELECT").opcode() == Opcode::Result);
    }

    void brokenFramesCloseTheConnection() {
        ServerWorld world;
        RawClient client(world, 5);
        client.connect();
        client.sendRaw("this is no frame, whatever it may be");
        QVERIFY(kindOf(client.next()) == ErrorKind::Protocol);
        QVERIFY(client.closed);
        QVERIFY(world.logged.back().find("unrecoverable CRC mismatch") != std::string::npos);
    }

    /// Where the message ends is known: the next one is read as ever.
    void brokenBodiesAreRefusedAlone() {
        ServerWorld world;
        RawClient client(world, 4);
        client.connect();
        const auto answer = client.ask(Opcode::Execute, std::int16_t(4), BytesView("\xff"));
        QVERIFY(kindOf(answer) == ErrorKind::Protocol);
        QCOMPARE(int(answer.header.stream), 4);
        QVERIFY(!client.closed);
        QVERIFY(client.query("SELECT").opcode() == Opcode::Result);
    }

    void answersOfClosedConnectionsAreLost() {
        ServerWorld world;
        auto client = std::make_unique<RawClient>(world, 5);
        client->connect();
        client->putQuery("wait", 1);
        client->send();
        client->pipe->close(false);
        world.executor.drain();
        QVERIFY(world.server.connections().empty());
        world.queries.release();
        world.executor.drain();
    }

    void stoppingWaitsForRunningRequests() {
        ServerWorld world;
        RawClient client(world, 5);
        client.connect();
        client.putQuery("wait", 1);
        client.send();
        bool stopped = false;
        TaskGroup group;
        group.spawn([](NativeServer& server, bool& done) -> Task<void> {
            co_await server.stop();
            done = true;
        }(world.server, stopped));
        world.executor.drain();
        QVERIFY(client.closed);
        QVERIFY(!stopped);
        world.queries.release();
        QVERIFY(stopped);
    }
};

QTEST_GUILESS_MAIN(NativeServerTest)
#include "native_server_test.moc"
