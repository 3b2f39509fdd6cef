#include "engine/native/response.h"

#include <QtTest>

#include "engine/base/hash.h"
#include "engine/client/reply.h"
#include "engine/native/error_codec.h"
#include "engine/native/type_codec.h"
#include "engine/types/type_names.h"
#include "native_fixture.h"

using namespace engine;
using namespace engine::native;

namespace {

Bytes resultBytes(int version, const cql::StatementResult& result, RowsStyle style = {}) {
    ByteWriter out;
    writeResult(out, version, result, style);
    return out.take();
}

/// What the client makes of a v5 response.
client::Reply understood(Opcode opcode, BytesView body, std::uint8_t flags = 0,
                         const cql::ResultMetadataPtr& known = nullptr) {
    EnvelopeHeader header;
    header.opcode = static_cast<std::uint8_t>(opcode);
    header.flags = flags;
    auto reply = client::decodeReply(header, body, known);
    if (reply.has_error()) {
        qFatal("%s", reply.error().message.c_str());
    }
    return std::move(reply.value());
}

cql::StatementResult understoodResult(const Bytes& body, const cql::ResultMetadataPtr& known = {}) {
    return std::get<client::QueryAnswer>(understood(Opcode::Result, body, 0, known)).result;
}

cql::RowsResult someRows() {
    cql::RowsResult rows;
    rows.metadata = native_fixture::twoColumns();
    rows.rows = {{types::encodeInt(1), Bytes("one")}, {types::encodeInt(2), std::nullopt}};
    return rows;
}

Error withDetail(ErrorKind kind) {
    auto detail = std::make_shared<ErrorDetail>();
    detail->consistency = 4;
    detail->required = 2;
    detail->received = 1;
    detail->dataPresent = true;
    detail->writeType = "SIMPLE";
    detail->failures = {{"127.0.0.2", 1}, {"::1", 5}};
    detail->keyspace = "ks";
    detail->table = "t";
    detail->function = "f";
    detail->argumentTypes = {"int", "text"};
    detail->preparedId = "id";
    return Error{kind, "M", detail};
}

}  // namespace

class ResponseTest : public QObject {
    Q_OBJECT
private slots:
    void resultsAreCassandrasBytes_data() {
        QTest::addColumn<QString>("got");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const Bytes& got, QString expected) {
            QTest::newRow(name) << QString::fromStdString(toHex(got)) << expected.remove(' ');
        };
        const cql::RowsResult rows = someRows();
        const QString table = "0002 6b73 0001 74";  // ks, t
        const QString columns = "0002 6964 0009 0004 6e616d65 000d";  // id int, name text
        const QString data = "00000002 00000004 00000001 00000003 6f6e65 00000004 00000002 ffffffff";
        row("void", resultBytes(5, cql::VoidResult{}), "00000001");
        row("rows", resultBytes(5, rows), "00000002 00000001 00000002" + table + columns + data);
        row("rows of v3", resultBytes(3, rows), "00000002 00000001 00000002" + table + columns + data);
        row("rows without metadata", resultBytes(4, rows, {true, false}),
            "00000002 00000004 00000002" + data);
        row("rows with new metadata", resultBytes(5, rows, {true, true}),
            "00000002 00000009 00000002 0010" + QString("6d").repeated(16) + table + columns + data);
        row("v4 knows no new metadata", resultBytes(4, rows, {true, true}),
            "00000002 00000004 00000002" + data);
        cql::RowsResult paged = rows;
        paged.pagingState = "next";
        row("a page of rows", resultBytes(5, paged),
            "00000002 00000003 00000002 00000004 6e657874" + table + columns + data);
        row("a page without metadata", resultBytes(5, paged, {true, false}),
            "00000002 00000006 00000002 00000004 6e657874" + data);
        row("keyspace", resultBytes(5, cql::SetKeyspaceResult{"ks"}), "00000003 0002 6b73");
        const auto change = [](const char* what, const char* target, const char* name) {
            return cql::SchemaChangeResult{{what, target, "ks", name, {"int"}}};
        };
        row("schema change of a keyspace", resultBytes(5, change("CREATED", "KEYSPACE", "")),
            "00000005 0007 43524541544544 0008 4b45595350414345 0002 6b73");
        row("schema change of a table", resultBytes(3, change("DROPPED", "TABLE", "t")),
            "00000005 0007 44524f50504544 0005 5441424c45 0002 6b73 0001 74");
        row("schema change of a function", resultBytes(4, change("UPDATED", "FUNCTION", "f")),
            "00000005 0007 55504441544544 0008 46554e4354494f4e 0002 6b73 0001 66 0001 0003 696e74");
        row("functions are the keyspace's matter in v3",
            resultBytes(3, change("CREATED", "FUNCTION", "f")),
            "00000005 0007 55504441544544 0008 4b45595350414345 0002 6b73");
        row("a schema change that changed nothing", resultBytes(5, cql::SchemaChangeResult{}),
            "00000001");
    }
    /// NET-20, NET-25
    void resultsAreCassandrasBytes() {
        QFETCH(const QString, got);
        QFETCH(const QString, expected);
        QCOMPARE(got, expected);
    }

    void columnsOfSeveralTablesNameThem() {
        auto metadata = std::make_shared<cql::ResultMetadata>();
        metadata->columns = {{"ks", "a", "x", types::int32()}, {"ks", "b", "y", types::int32()}};
        cql::RowsResult rows;
        rows.metadata = metadata;
        QCOMPARE(toHex(resultBytes(5, rows)),
                 std::string("000000020000000000000002"
                             "00026b730001610001780009"
                             "00026b730001620001790009"
                             "00000000"));
        const auto back = std::get<cql::RowsResult>(understoodResult(resultBytes(5, rows)));
        QCOMPARE(back.metadata->columns.at(1).table, std::string("b"));
    }

    void theClientReadsRows() {
        cql::RowsResult rows = someRows();
        rows.pagingState = "next";
        const auto whole = std::get<cql::RowsResult>(understoodResult(resultBytes(5, rows)));
        QVERIFY(whole.rows == rows.rows);
        QCOMPARE(*whole.pagingState, Bytes("next"));
        QCOMPARE(whole.metadata->columns.at(1).name, std::string("name"));
        const auto bare = std::get<cql::RowsResult>(
            understoodResult(resultBytes(5, rows, {true, false}), rows.metadata));
        QCOMPARE(bare.metadata, rows.metadata);
        const auto changed = std::get<cql::RowsResult>(
            understoodResult(resultBytes(5, rows, {true, true}), rows.metadata));
        QCOMPARE(changed.metadata->id, rows.metadata->id);
        QVERIFY(changed.metadata != rows.metadata);
    }

    void typesComeBack_data() {
        QTest::addColumn<QString>("type");
        for (const char* type :
             {"ascii", "bigint", "blob", "boolean", "counter", "decimal", "double", "float", "int",
              "timestamp", "uuid", "text", "varint", "timeuuid", "inet", "date", "time", "smallint",
              "tinyint", "duration", "list<int>", "set<text>", "map<text, int>",
              "list<map<int, text>>", "frozen<tuple<int, text, blob>>", "vector<float, 3>"}) {
            QTest::newRow(type) << type;
        }
    }
    void typesComeBack() {
        QFETCH(const QString, type);
        const auto parsed = types::parseCqlType(type.toStdString());
        for (const int version : {3, 4, 5}) {
            ByteWriter out;
            writeType(out, version, *parsed.value());
            ByteReader in(out.bytes());
            const auto back = readType(in);
            QVERIFY(back.has_value());
            QVERIFY(in.atEnd());
            QCOMPARE(types::cqlName(back.value()), types::cqlName(parsed.value()));
        }
    }

    void typesAVersionDoesNotKnowAreClasses() {
        const auto hex = [](int version, const types::TypePtr& type) {
            ByteWriter out;
            writeType(out, version, *type);
            return toHex(out.bytes());
        };
        const auto custom = [](const std::string& name) {
            ByteWriter out;
            out.u16(0);
            out.shortBlob("org.apache.cassandra.db.marshal." + name);
            return toHex(out.bytes());
        };
        QCOMPARE(hex(5, types::duration()), std::string("0015"));
        QCOMPARE(hex(4, types::duration()), custom("DurationType"));
        QCOMPARE(hex(4, types::date()), std::string("0011"));
        QCOMPARE(hex(3, types::date()), custom("SimpleDateType"));
        QCOMPARE(hex(5, types::empty()), custom("EmptyType"));
        QCOMPARE(hex(5, types::vector(types::float32(), 3)),
                 custom("VectorType(org.apache.cassandra.db.marshal.FloatType , 3)"));
    }

    void userTypesHaveTheirFields() {
        const auto type = types::udt("ks", "address", {"street", "no"},
                                     {types::text(), types::list(types::int32(), true)}, true);
        ByteWriter out;
        writeType(out, 5, *type);
        QCOMPARE(toHex(out.bytes()),
                 std::string("003000026b730007616464726573730002"
                             "0006737472656574000d00026e6f00200009"));
        ByteReader in(out.bytes());
        const auto back = readType(in);
        QCOMPARE(back.value()->udtName(), std::string("address"));
        QCOMPARE(back.value()->fieldNames().at(1), std::string("no"));
    }

    void brokenTypesAreRefused() {
        const auto refused = [](const Bytes& bytes) {
            ByteReader in(bytes);
            return readType(in).has_error();
        };
        QVERIFY(refused(""));
        QVERIFY(refused(Bytes("\x77\x77", 2)));
        QVERIFY(refused(Bytes("\x00\x20", 2)));
        Bytes deep;
        for (int i = 0; i < 100000; ++i) {
            deep += Bytes("\x00\x20", 2);
        }
        QVERIFY(refused(deep));
    }

    void preparedStatementsComeBack() {
        auto statement = std::make_shared<cql::Prepared>();
        statement->variables = {{"ks", "t", "name", types::text()}, {"ks", "t", "id", types::int32()}};
        statement->partitionKeyVariables = {1};
        statement->resultMetadata = native_fixture::twoColumns();
        const coordinator::PreparedAnswer prepared{"id", statement, {}};
        ByteWriter v4;
        writePrepared(v4, 4, prepared);
        QCOMPARE(toHex(v4.bytes()),
                 std::string("00000004"
                             "00026964"
                             "0000000100000002000000010001" "00026b73000174"
                             "00046e616d65000d" "000269640009"
                             "0000000100000002" "00026b73000174" "000269640009" "00046e616d65000d"));
        ByteWriter v5;
        writePrepared(v5, 5, prepared);
        const auto back = std::get<client::PreparedQuery>(understood(Opcode::Result, v5.bytes()));
        QCOMPARE(back.id, Bytes("id"));
        QCOMPARE(back.resultMetadataId, statement->resultMetadata->id);
        QVERIFY(back.partitionKeyVariables == statement->partitionKeyVariables);
        QCOMPARE(back.variables.at(1).name, std::string("id"));
        QCOMPARE(back.resultMetadata->columns.size(), std::size_t(2));
    }

    void aStatementWithoutRowsHasTheIdOfNothing() {
        auto statement = std::make_shared<cql::Prepared>();
        statement->resultMetadata = std::make_shared<cql::ResultMetadata>();
        ByteWriter out;
        writePrepared(out, 5, {"id", statement, {}});
        QCOMPARE(toHex(out.bytes()),
                 std::string("00000004" "00026964" "0010d41d8cd98f00b204e9800998ecf8427e"
                             "000000000000000000000000" "0000000400000000"));
    }

    /// NET-06
    void thePrefixHasItsOrder() {
        const std::vector<std::string> warnings = {"careful"};
        ResponsePrefix prefix{Uuid{1, 2}, &warnings, packSpan({3, 4, 5, 6})};
        QCOMPARE(int(prefix.flags(3)), int(flag::kTracing));
        QCOMPARE(int(prefix.flags(4)), flag::kTracing | flag::kWarning | flag::kCustomPayload);
        ByteWriter v3;
        prefix.write(v3, 3);
        QCOMPARE(toHex(v3.bytes()), std::string("00000000000000010000000000000002"));
        ByteWriter v4;
        prefix.write(v4, 4);
        v4.i32(1);
        const auto back = std::get<client::QueryAnswer>(
            understood(Opcode::Result, v4.bytes(), prefix.flags(4)));
        QVERIFY(back.warnings == warnings);
        QVERIFY(*back.tracingId == (Uuid{1, 2}));
    }

    void supportedIsWhatCassandraSays() {
        ByteWriter out;
        writeSupported(out);
        const auto back = std::get<client::SupportedReply>(understood(Opcode::Supported, out.bytes()));
        const decltype(back.options) expected = {
            {"PROTOCOL_VERSIONS", {"3/v3", "4/v4", "5/v5", "6/v6-beta"}},
            {"COMPRESSION", {"snappy", "lz4"}},
            {"CQL_VERSION", {"3.4.7"}}};
        QVERIFY(back.options == expected);
    }

    void eventsComeBack() {
        ByteWriter node;
        writeNodeEvent(node, "STATUS_CHANGE", "UP", {"127.0.0.2", 9042});
        QCOMPARE(toHex(BytesView(node.bytes()).substr(19)), std::string("047f00000200002352"));
        const auto up = std::get<client::EventReply>(understood(Opcode::Event, node.bytes()));
        QCOMPARE(up.type + ' ' + up.change + ' ' + up.node.toString(),
                 std::string("STATUS_CHANGE UP 127.0.0.2:9042"));
        ByteWriter table;
        writeSchemaEvent(table, 5, {"CREATED", "TABLE", "ks", "t", {}});
        const auto created = std::get<client::EventReply>(understood(Opcode::Event, table.bytes()));
        QCOMPARE(created.schema.name, std::string("t"));
        QCOMPARE(created.change, std::string("CREATED"));
    }

    void errorsHaveTheirFields_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, int version, ErrorKind kind, const char* expected) {
            QTest::addRow("%s, v%d", name, version)
                << version << int(kind) << QString(expected).remove(' ');
        };
        // Code and text "M", then what the code brings along.
        row("server", 5, ErrorKind::Server, "00000000 0001 4d");
        row("disk", 5, ErrorKind::Io, "00000000 0001 4d");
        row("protocol", 4, ErrorKind::Protocol, "0000000a 0001 4d");
        row("unavailable", 5, ErrorKind::Unavailable, "00001000 0001 4d 0004 00000002 00000001");
        row("overloaded", 5, ErrorKind::Overloaded, "00001001 0001 4d");
        row("bootstrapping", 5, ErrorKind::IsBootstrapping, "00001002 0001 4d");
        row("truncate", 5, ErrorKind::Truncate, "00001003 0001 4d");
        row("write timeout", 5, ErrorKind::WriteTimeout,
            "00001100 0001 4d 0004 00000001 00000002 0006 53494d504c45");
        row("read timeout", 4, ErrorKind::ReadTimeout, "00001200 0001 4d 0004 00000001 00000002 01");
        row("read failure", 5, ErrorKind::ReadFailure,
            "00001300 0001 4d 0004 00000001 00000002 00000002 04 7f000002 0001 "
            "10 00000000000000000000000000000001 0005 01");
        row("read failure", 4, ErrorKind::ReadFailure,
            "00001300 0001 4d 0004 00000001 00000002 00000002 01");
        row("read failure", 3, ErrorKind::ReadFailure, "00001200 0001 4d 0004 00000001 00000002 01");
        row("write failure", 4, ErrorKind::WriteFailure,
            "00001500 0001 4d 0004 00000001 00000002 00000002 0006 53494d504c45");
        row("write failure", 3, ErrorKind::WriteFailure,
            "00001100 0001 4d 0004 00000001 00000002 0006 53494d504c45");
        row("function failure", 4, ErrorKind::FunctionFailure,
            "00001400 0001 4d 0002 6b73 0001 66 0002 0003 696e74 0004 74657874");
        row("function failure", 3, ErrorKind::FunctionFailure, "00002200 0001 4d");
        row("syntax", 5, ErrorKind::Syntax, "00002000 0001 4d");
        row("unauthorized", 5, ErrorKind::Unauthorized, "00002100 0001 4d");
        row("invalid", 5, ErrorKind::Invalid, "00002200 0001 4d");
        row("config", 5, ErrorKind::Config, "00002300 0001 4d");
        row("already exists", 5, ErrorKind::AlreadyExists, "00002400 0001 4d 0002 6b73 0001 74");
        row("unprepared", 5, ErrorKind::Unprepared, "00002500 0001 4d 0002 6964");
    }
    void errorsHaveTheirFields() {
        QFETCH(const int, version);
        QFETCH(const int, kind);
        QFETCH(const QString, expected);
        ByteWriter out;
        writeError(out, version, withDetail(static_cast<ErrorKind>(kind)));
        QCOMPARE(QString::fromStdString(toHex(out.bytes())), expected);
        if (version == 5) {
            ByteReader in(out.bytes());
            const Error back = readError(in);
            QVERIFY(in.atEnd());
            QCOMPARE(errorCode(back.kind), errorCode(static_cast<ErrorKind>(kind)));
            ByteWriter again;
            writeError(again, 5, back);
            QCOMPARE(again.bytes(), out.bytes());
        }
    }

    void aLightweightTransactionTellsItsContentions() {
        auto detail = std::make_shared<ErrorDetail>(*withDetail(ErrorKind::WriteTimeout).detail);
        detail->writeType = "CAS";
        const Error error{ErrorKind::WriteTimeout, "M", detail};
        ByteWriter v5;
        writeError(v5, 5, error);
        ByteWriter v4;
        writeError(v4, 4, error);
        QCOMPARE(v5.size(), v4.size() + 2);
    }

    void textsThatAreTooLongAreCut() {
        ByteWriter out;
        writeError(out, 5, makeError(ErrorKind::Invalid, std::string(70000, 'x')));
        QCOMPARE(out.size(), std::size_t(4 + 2 + 65535));
    }

    void syntaxErrorsAreLocatedByTheirWords() {
        const auto located = [](const char* message, const char* text) {
            const Error error =
                client::locateInText(makeError(ErrorKind::Syntax, message), text);
            return error.detail && error.detail->hasSpan ? int(error.detail->span.offset) : -1;
        };
        QCOMPARE(located("line 1:7 no viable alternative", "SELECT FROM t"), 7);
        QCOMPARE(located("line 2:4 mismatched input", "SELECT *\nFRM t"), 13);
        QCOMPARE(located("line 3:0 mismatched input", "SELECT *\nFRM t"), -1);
        QCOMPARE(located("something else", "SELECT *"), -1);
    }
};

QTEST_GUILESS_MAIN(ResponseTest)
#include "response_test.moc"
