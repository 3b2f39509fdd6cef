#include "engine/native/request.h"

#include <QtTest>

#include "engine/types/codec.h"

using namespace engine;
using namespace engine::native;

namespace {

EnvelopeHeader headerOf(int version, Opcode opcode, std::uint8_t flags = 0) {
    EnvelopeHeader header;
    header.version = static_cast<std::uint8_t>(version);
    header.opcode = static_cast<std::uint8_t>(opcode);
    header.flags = flags;
    return header;
}

Bytes unhex(const char* text) {
    std::string digits;
    for (const char* c = text; *c != '\0'; ++c) {
        if (*c != ' ') {
            digits += *c;
        }
    }
    return fromHex(digits).value();
}

template <typename T>
T decoded(int version, Opcode opcode, const Bytes& body, std::uint8_t flags = 0) {
    auto request = decodeRequest(headerOf(version, opcode, flags), body);
    if (request.has_error()) {
        qFatal("%s", request.error().message.c_str());
    }
    return std::get<T>(std::move(request.value()));
}

/// Every parameter there is, in the order of the specification.
Bytes allParameters(int version) {
    ByteWriter out;
    out.u16(6);
    const std::uint32_t flags = version >= 5 ? 0x1ff : 0x7f;
    version >= 5 ? out.u32(flags) : out.u8(static_cast<std::uint8_t>(flags));
    out.u16(3);
    out.shortBlob("a");
    out.longBlob("value");
    out.shortBlob("b");
    out.i32(-1);
    out.shortBlob("c");
    out.i32(version >= 4 ? -2 : -1);
    out.i32(100);
    out.longBlob("state");
    out.u16(9);
    out.i64(1234567);
    if (version >= 5) {
        out.shortBlob("ks");
        out.i32(42);
    }
    return out.take();
}

void checkAllParameters(const QueryParameters& parameters, int version) {
    const cql::QueryOptions& options = parameters.options;
    QCOMPARE(int(options.consistency), 6);
    QCOMPARE(int(options.serialConsistency), 9);
    QVERIFY(parameters.skipMetadata);
    QVERIFY((options.valueNames == std::vector<std::string>{"a", "b", "c"}));
    QCOMPARE(options.values.at(0).bytes, Bytes("value"));
    QVERIFY(options.values[0].state == cql::BoundValue::State::Set);
    QVERIFY(options.values[1].state == cql::BoundValue::State::Null);
    QVERIFY(options.values[2].state ==
            (version >= 4 ? cql::BoundValue::State::Unset : cql::BoundValue::State::Null));
    QCOMPARE(options.pageSize, 100);
    QCOMPARE(*options.pagingState, Bytes("state"));
    QCOMPARE(*options.timestampMicros, std::int64_t(1234567));
    QCOMPARE(options.protocolVersion, version);
    QCOMPARE(parameters.keyspace, std::string(version >= 5 ? "ks" : ""));
    QCOMPARE(options.nowSeconds.value_or(-1), version >= 5 ? 42 : -1);
}

}  // namespace

class RequestTest : public QObject {
    Q_OBJECT
private slots:
    void startupKeysAreInUpperCase() {
        // {"CQL_VERSION": "3.0.0", "compression": "lz4"}
        const auto request = decoded<StartupRequest>(
            5, Opcode::Startup,
            unhex("0002 000b 43514c5f56455253494f4e 0005 332e302e30 "
                  "000b 636f6d7072657373696f6e 0003 6c7a34"));
        QCOMPARE(request.options.at("CQL_VERSION"), std::string("3.0.0"));
        QCOMPARE(request.options.at("COMPRESSION"), std::string("lz4"));
    }

    void queryHasItsParameters_data() {
        QTest::addColumn<int>("version");
        QTest::newRow("v3") << 3;
        QTest::newRow("v4") << 4;
        QTest::newRow("v5") << 5;
    }
    void queryHasItsParameters() {
        QFETCH(const int, version);
        ByteWriter body;
        body.longBlob("SELECT 1");
        body.raw(allParameters(version));
        const auto request = decoded<QueryRequest>(version, Opcode::Query, body.take());
        QCOMPARE(request.text, std::string("SELECT 1"));
        checkAllParameters(request.parameters, version);
    }

    void aQueryAsThePythonDriverSendsIt() {
        // SELECT 1 at LOCAL_ONE, page size 5000, timestamp; v5.
        const auto request = decoded<QueryRequest>(
            5, Opcode::Query,
            unhex("00000008 53454c4543542031 000a 00000024 00001388 000000000012d687"));
        QCOMPARE(int(request.parameters.options.consistency), 10);
        QCOMPARE(request.parameters.options.pageSize, 5000);
        QCOMPARE(*request.parameters.options.timestampMicros, std::int64_t(1234567));
        QCOMPARE(int(request.parameters.options.serialConsistency), 8);
        QVERIFY(request.parameters.options.values.empty());
    }

    void prepareBringsAKeyspaceInV5() {
        QCOMPARE(decoded<PrepareRequest>(5, Opcode::Prepare, unhex("00000001 61 00000001 0002 6b73"))
                     .keyspace, std::string("ks"));
        QCOMPARE(decoded<PrepareRequest>(5, Opcode::Prepare, unhex("00000001 61 00000000")).keyspace,
                 std::string());
        QCOMPARE(decoded<PrepareRequest>(4, Opcode::Prepare, unhex("00000001 61")).text,
                 std::string("a"));
    }

    void executeHasAMetadataIdInV5() {
        ByteWriter newer;
        newer.shortBlob("id");
        newer.shortBlob("metadata");
        newer.raw(allParameters(5));
        const auto v5 = decoded<ExecuteRequest>(5, Opcode::Execute, newer.take());
        QCOMPARE(v5.id, Bytes("id"));
        QCOMPARE(v5.resultMetadataId, Bytes("metadata"));
        checkAllParameters(v5.parameters, 5);
        ByteWriter older;
        older.shortBlob("id");
        older.raw(allParameters(4));
        const auto v4 = decoded<ExecuteRequest>(4, Opcode::Execute, older.take());
        QCOMPARE(v4.resultMetadataId, Bytes());
        checkAllParameters(v4.parameters, 4);
    }

    void batchHasTextsAndIds() {
        for (const int version : {3, 4, 5}) {
            ByteWriter body;
            body.u8(1);
            body.u16(2);
            body.u8(0);
            body.longBlob("INSERT");
            body.u16(0);
            body.u8(1);
            body.shortBlob("id");
            body.u16(2);
            body.longBlob(types::encodeInt(7));
            body.i32(-1);
            body.u16(4);
            version >= 5 ? body.u32(0x30) : body.u8(0x30);
            body.u16(8);
            body.i64(99);
            const auto request = decoded<BatchRequest>(version, Opcode::Batch, body.take());
            QVERIFY(request.type == cql::BatchType::Unlogged);
            QCOMPARE(request.entries.size(), std::size_t(2));
            QCOMPARE(std::get<0>(request.entries[0].textOrId), std::string("INSERT"));
            QCOMPARE(std::get<1>(request.entries[1].textOrId), Bytes("id"));
            QCOMPARE(request.entries[1].values.at(0).bytes, types::encodeInt(7));
            QVERIFY(request.entries[1].values.at(1).state == cql::BoundValue::State::Null);
            QCOMPARE(int(request.parameters.options.consistency), 4);
            QCOMPARE(*request.parameters.options.timestampMicros, std::int64_t(99));
        }
    }

    void registerNamesEvents() {
        ByteWriter body;
        body.u16(2);
        body.shortBlob("STATUS_CHANGE");
        body.shortBlob("schema_change");
        QCOMPARE(int(decoded<RegisterRequest>(4, Opcode::Register, body.take()).events),
                 int(kStatusEvents | kSchemaEvents));
    }

    /// NET-29
    void customPayloadIsSkipped() {
        const Bytes payload = unhex("0002 0001 61 00000002 ffff 0001 62 ffffffff");
        const auto request = decoded<PrepareRequest>(4, Opcode::Prepare,
                                                     payload + unhex("00000001 61"),
                                                     flag::kCustomPayload);
        QCOMPARE(request.text, std::string("a"));
    }

    void brokenBodiesAreRefused_data() {
        QTest::addColumn<int>("opcode");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("text");
        const auto row = [](const char* name, Opcode opcode, const Bytes& body, const char* text) {
            QTest::newRow(name) << int(opcode) << QByteArray::fromStdString(body) << text;
        };
        row("an empty query", Opcode::Query, {},
            "Not enough bytes to read an UTF8 serialized string preceded by its 4 bytes length");
        row("a text of negative length", Opcode::Query, unhex("ffffffff 0001 00000000"),
            "Not enough bytes to read an UTF8 serialized string preceded by its 4 bytes length");
        row("a text longer than the body", Opcode::Query, unhex("7fffffff 61 0001 00000000"),
            "Not enough bytes to read an UTF8 serialized string preceded by its 4 bytes length");
        row("a text that is not UTF-8", Opcode::Query, unhex("00000003 61ff62 0001 00000000"),
            "Cannot decode string as UTF8: 'ff62'; java.nio.charset.MalformedInputException: Input length = 1");
        row("a surrogate in a text", Opcode::Prepare, unhex("00000004 61eda080 00000000"),
            "Cannot decode string as UTF8: 'eda080'; java.nio.charset.MalformedInputException: Input length = 3");
        row("a name that is not UTF-8", Opcode::Query, unhex("00000001 61 0001 00000041 0001 0001 ff 00000000"),
            "Cannot decode string as UTF8: 'ff'; java.nio.charset.MalformedInputException: Input length = 1");
        row("an id longer than the body", Opcode::Execute, unhex("ffff 61"),
            "Not enough bytes to read a byte array preceded by its 2 bytes length");
        row("pages of no rows", Opcode::Query, unhex("00000001 61 0001 00000004 00000000"),
            "The page size cannot be 0");
        row("an unknown level", Opcode::Query, unhex("00000001 61 0063 00000000"),
            "Unknown code 99 for a consistency level");
        row("a value of length -3", Opcode::Query, unhex("00000001 61 0001 00000001 0001 fffffffd"),
            "Invalid ByteBuf length -3");
        row("65535 values that are not there", Opcode::Query,
            unhex("00000001 61 0001 00000001 ffff"),
            "Not enough bytes to read the body of a QUERY message");
        row("the lowest timestamp", Opcode::Query,
            unhex("00000001 61 0001 00000020 8000000000000000"),
            "Out of bound timestamp, must be in [-9223372036854775807, 9223372036854775807] (got "
            "-9223372036854775808)");
        row("an unknown kind of batch", Opcode::Batch, unhex("03 0000 0001 00000000"),
            "Invalid BATCH message type 3");
        row("an unknown kind of batch entry", Opcode::Batch, unhex("00 0001 02 0000"),
            "Invalid query kind in BATCH messages. Must be 0 or 1 but got 2");
        row("an unknown event", Opcode::Register, unhex("0001 0003 666f6f"),
            "Invalid value 'FOO' for Type");
    }
    void brokenBodiesAreRefused() {
        QFETCH(const int, opcode);
        QFETCH(const QByteArray, body);
        QFETCH(const QString, text);
        const auto request =
            decodeRequest(headerOf(5, static_cast<Opcode>(opcode)), body.toStdString());
        QVERIFY(request.has_error());
        QVERIFY(request.error().kind == ErrorKind::Protocol);
        QCOMPARE(QString::fromStdString(request.error().message), text);
    }
};

QTEST_GUILESS_MAIN(RequestTest)
#include "request_test.moc"
