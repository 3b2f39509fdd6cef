#include "engine/types/json.h"

#include <QTest>
#include <cmath>

#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

class JsonTest : public QObject {
    Q_OBJECT

private slots:
    void valuesPrintAndReadBack_data();
    void valuesPrintAndReadBack();
    void lenientForms_data();
    void lenientForms();
    void refusesWithCassandrasWords_data();
    void refusesWithCassandrasWords();
    void stringsAreEscapedAsJacksonDoes();
    void nanHasNoJson();
    void objectsSplitIntoColumns();
    void brokenTextsAreRefused_data();
    void brokenTextsAreRefused();

private:
    static TypePtr parse(const QString& type) {
        return parseCqlType(
                   type.toStdString(), "ks",
                   [](std::string_view, std::string_view) {
                       return udt("ks", "addr", {"street", "ZIP"}, {text(), int32()}, false);
                   })
            .value();
    }
};

void JsonTest::valuesPrintAndReadBack_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("json");
    const auto row = [](const char* type, const char* json) {
        QTest::addRow("%s %s", type, json) << type << json;
    };
    row("ascii", "\"ascii\"");
    row("bigint", "9223372036854775807");
    row("blob", "\"0x00ff\"");
    row("boolean", "true");
    row("date", "\"2024-02-29\"");
    row("decimal", "1.5");
    row("double", "1.0E100");
    row("duration", "\"1mo2d3h4m5s\"");
    row("float", "1.0E-7");
    row("inet", "\"fe80:0:0:0:0:0:1:2\"");
    row("smallint", "-32768");
    row("time", "\"13:14:15.000000001\"");
    row("timestamp", "\"2024-02-29 13:14:15.678Z\"");
    row("timeuuid", "\"50554d6e-29bb-11e5-b345-feff819cdc9f\"");
    row("tinyint", "-128");
    row("uuid", "\"123e4567-e89b-42d3-a456-426614174000\"");
    row("varint", "123456789012345678901234567890");
    row("list<int>", "[2, 1]");
    row("set<text>", "[\"a\", \"b\"]");
    row("map<text, int>", "{\"q\\\"\": 2, \"x y\": 1}");
    row("map<int, text>", "{\"1\": \"one\", \"2\": \"two\"}");
    row("map<timestamp, boolean>", "{\"1970-01-01 00:00:00.000Z\": true}");
    row("map<blob, int>", "{\"0xab\": 1}");
    row("map<frozen<list<int>>, frozen<map<boolean, int>>>", "{\"[1, 2]\": {\"true\": 1}}");
    row("tuple<int, text, double>", "[1, \"a\", 2.5]");
    row("tuple<int, text>", "[null, null]");
    row("addr", "{\"street\": \"S\", \"\\\"ZIP\\\"\": 1}");
    row("vector<float, 2>", "[1.0, 2.5]");
}

void JsonTest::valuesPrintAndReadBack() {
    QFETCH(const QString, type);
    QFETCH(const QString, json);
    const TypePtr parsed = parse(type);
    const auto value = fromJson(*parsed, json.toStdString());
    QVERIFY2(value, value ? "" : value.error().message.c_str());
    QVERIFY(value.value().has_value());
    QCOMPARE(QString::fromStdString(toJson(*parsed, *value.value())), json);
}

void JsonTest::lenientForms_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("printed");
    const auto row = [](const char* type, const char* json, const char* printed) {
        QTest::addRow("%s %s", type, json) << type << json << printed;
    };
    row("int", "\"2\"", "2");
    row("boolean", "\"TRUE\"", "true");
    row("double", "1e3", "1000.0");
    row("decimal", "1.50", "1.5");
    row("decimal", "\"1e-3\"", "0.001");
    row("timestamp", "1700000000000", "\"2023-11-14 22:13:20.000Z\"");
    row("timestamp", "\"0\"", "\"1970-01-01 00:00:00.000Z\"");
    row("duration", "\"P1Y2M\"", "\"1y2mo\"");
    row("list<int>", "[3, 1, \"2\"]", "[3, 1, 2]");
    row("set<text>", "[\"b\", \"a\", \"b\"]", "[\"a\", \"b\"]");
    row("list<int>", "\"[1, 2]\"", "[1, 2]");
    row("addr", "{\"STREET\": \"F\"}", "{\"street\": \"F\", \"\\\"ZIP\\\"\": null}");
    row("text", "\"\\u00e9\\n\\t\\\"\\\\\\/\"", "\"é\\n\\t\\\"\\\\/\"");
    row("text", "\"\\ud83d\\ude00\"", "\"😀\"");
    row("int", " 5 ", "5");
}

void JsonTest::lenientForms() {
    QFETCH(const QString, type);
    QFETCH(const QString, json);
    QFETCH(const QString, printed);
    const TypePtr parsed = parse(type);
    const auto value = fromJson(*parsed, json.toStdString());
    QVERIFY2(value, value ? "" : value.error().message.c_str());
    QCOMPARE(QString::fromStdString(toJson(*parsed, *value.value())), printed);
}

void JsonTest::refusesWithCassandrasWords_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* type, const char* json, const char* message) {
        QTest::addRow("%s %s", type, json) << type << json << message;
    };
    const auto decorated = [&row](const char* type, const char* json, const std::string& message) {
        row(type, json, ("Error decoding JSON value for c: " + message).c_str());
    };
    decorated("int", "\"one\"", "Unable to make int from 'one'");
    decorated("int", "1.5", "Expected an int value, but got a Double: 1.5");
    decorated("int", "2147483648", "Expected an int value, but got a Long: 2147483648");
    decorated("int", "true", "Expected an int value, but got a Boolean: true");
    decorated("int", "[1]", "Expected an int value, but got a ArrayList: [1]");
    decorated("int", "{\"a\": 1}", "Expected an int value, but got a LinkedHashMap: {a=1}");
    decorated("ascii", "5", "Expected an ascii string, but got a Integer: 5");
    decorated("text", "5", "Expected a UTF-8 string, but got a Integer: 5");
    decorated("bigint", "9223372036854775808",
              "Expected a bigint value, but got a BigInteger: 9223372036854775808");
    decorated("blob", "\"00ff\"",
              "Value '00ff' is not a valid blob representation: String representation of blob is "
              "missing 0x prefix: 00ff");
    decorated("blob", "\"0x0\"",
              "Value '0x0' is not a valid blob representation: cannot parse '0' as hex bytes");
    decorated("boolean", "1", "Expected a boolean value, but got a Integer: 1");
    decorated("boolean", "\"yes\"", "Unable to make boolean from 'yes'");
    decorated("date", "5",
              "Expected a string representation of a date value, but got a Integer: 5");
    decorated("decimal", "\"abc\"", "Value 'abc' is not a valid representation of a decimal value");
    decorated("decimal", "true", "Value 'true' is not a valid representation of a decimal value");
    decorated("double", "\"abc\"", "Unable to make double from 'abc'");
    decorated("float", "[]", "Expected a float value, but got a ArrayList: []");
    row("duration", "\"soon\"", "Unable to convert 'soon' to a duration");
    decorated("duration", "5",
              "Expected a string representation of a duration, but got a Integer: 5");
    decorated("inet", "\"300.1.1.1\"", "Unable to make inet address from '300.1.1.1'");
    decorated("smallint", "32768", "Unable to make short from '32768'");
    decorated("tinyint", "\"x\"", "Unable to make byte from 'x'");
    decorated("timestamp", "0",
              "Expected a long or a datestring representation of a timestamp value, but got a "
              "Integer: 0");
    decorated("timeuuid", "\"x\"", "Unknown timeuuid representation: x");
    decorated("uuid", "1", "Expected a string representation of a uuid, but got a Integer: 1");
    decorated("varint", "1.5", "Value '1.5' is not a valid representation of a varint value");
    decorated("list<int>", "5", "Expected a list, but got a Integer: 5");
    decorated("list<int>", "[1, null]", "Invalid null element in list");
    decorated("set<text>", "{\"a\": 1}",
              "Expected a list (representing a set), but got a LinkedHashMap: {a=1}");
    decorated("set<text>", "[null]", "Invalid null element in set");
    decorated("map<text, int>", "[\"a\"]", "Expected a map, but got a ArrayList: [a]");
    decorated("map<text, int>", "{\"a\": null}", "Invalid null value in map");
    decorated("map<int, int>", "{\"a\": 1}", "Unable to make int from 'a'");
    decorated("tuple<int, text>", "[1]", "Tuple is missing items (expected 2): [1]");
    decorated("tuple<int, text>", "[1, \"a\", 2]",
              "Tuple contains extra items (expected 2): [1, a, 2]");
    decorated("addr", "{\"town\": \"x\"}",
              "Unknown field 'town' in value of user defined type addr");
    decorated("vector<float, 3>", "[1, 2]",
              "List had incorrect size: expected 3 but given 2; [1, 2]");
    decorated("vector<float, 3>", "\"abc\"",
              "Error decoding JSON string: Unrecognized token 'abc': was expecting (JSON String, "
              "Number, Array, Object or token 'null', 'true' or 'false')");
}

void JsonTest::refusesWithCassandrasWords() {
    QFETCH(const QString, type);
    QFETCH(const QString, json);
    QFETCH(const QString, message);
    const auto value = columnFromJson("c", *parse(type), json.toStdString());
    QVERIFY(!value);
    QCOMPARE(QString::fromStdString(value.error().message), message);
}

void JsonTest::stringsAreEscapedAsJacksonDoes() {
    QCOMPARE(toJson(*text(), BytesView("\0\1\x1f\r\b", 5)),
             std::string("\"\\u0000\\u0001\\u001F\\r\\b\""));
    QCOMPARE(toJson(*text(), "quote \" back \\ slash /"),
             std::string("\"quote \\\" back \\\\ slash /\""));
}

void JsonTest::nanHasNoJson() {
    QCOMPARE(toJson(*float64(), encodeDouble(std::nan(""))), std::string("null"));
    QCOMPARE(toJson(*int32(), ""), std::string("\"\""));
    const auto null = fromJson(*int32(), "null");
    QVERIFY(null && !null.value().has_value());
}

void JsonTest::objectsSplitIntoColumns() {
    const auto columns = splitJsonObject(R"( {"K": 1, "\"Up\"": [1, {"a": "b}"}], "k2": null} )");
    QVERIFY(columns);
    QCOMPARE(columns.value().size(), std::size_t(3));
    QCOMPARE(columns.value().at("k"), std::string("1"));
    QCOMPARE(columns.value().at("Up"), std::string(R"([1, {"a": "b}"}])"));
    QCOMPARE(columns.value().at("k2"), std::string("null"));
    const auto twice = splitJsonObject(R"({"a": 1, "a": 2})");
    QCOMPARE(twice.value().at("a"), std::string("2"));
    const auto more = splitJsonObject(R"({"k": 1} more)");  // Jackson stops behind the object.
    QCOMPARE(more.value().at("k"), std::string("1"));
}

void JsonTest::brokenTextsAreRefused_data() {
    QTest::addColumn<QString>("json");
    for (const char* json : {"", "{", "{\"k\": 1, \"c\": 1,}", "{k: 1}", "{'k': 1}",
                             "{\"k\": 1 \"c\": 1}", "{\"k\": 01}", "[1, 2]",
                             "{\"k\": \"\\q\"}", "{\"k\": tru}", "{\"k\": 1.}", "{\"k\": -}"}) {
        QTest::newRow(json) << json;
    }
}

void JsonTest::brokenTextsAreRefused() {
    QFETCH(const QString, json);
    QVERIFY(!splitJsonObject(json.toStdString()));
}

QTEST_GUILESS_MAIN(JsonTest)
#include "json_test.moc"
