#include <QTest>

#include "engine/types/codec.h"
#include "engine/types/json.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

/// Order of values: each row lists values of a type in the order Cassandra keeps them.
class CompareTest : public QObject {
    Q_OBJECT

private slots:
    void valuesAreInOrder_data();
    void valuesAreInOrder();
    void equalValuesOfOtherBytes();
    void emptyComesFirst();
    void structuresCompareElementByElement_data();
    void structuresCompareElementByElement();
    void trailingNullsOfTuplesDoNotCount();
    void hugeExponentsCompareAtOnce();
};

void CompareTest::valuesAreInOrder_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QStringList>("values");
    const auto row = [](const char* type, const QStringList& values) {
        QTest::newRow(type) << type << values;
    };
    row("ascii", {"", "B", "a", "aa", "b"});
    row("text", {"A", "a", "z", "é", "日", "😀"});
    row("tinyint", {"-128", "-1", "0", "1", "127"});
    row("smallint", {"-32768", "-1", "0", "32767"});
    row("int", {"-2147483648", "-1", "0", "1", "256", "2147483647"});
    row("bigint", {"-9223372036854775808", "-1", "0", "9223372036854775807"});
    row("varint", {"-99999999999999999999", "-129", "-128", "-1", "0", "127", "128", "255", "256",
                   "99999999999999999999"});
    row("float", {"-Infinity", "-1.5", "-0.0", "0.0", "1.4e-45", "1.5", "Infinity", "NaN"});
    row("double", {"-Infinity", "-1.5", "-4.9e-324", "-0.0", "0.0", "1", "Infinity", "NaN"});
    row("decimal", {"-1E+30", "-10", "-9.99", "0", "0.01", "0.09", "0.1", "9.999", "10", "99",
                    "1E+2", "101", "1E+30"});
    row("boolean", {"false", "true"});
    row("blob", {"00", "7f", "7fff", "80", "ff"});
    row("date", {"-0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29"});
    row("time", {"00:00:00", "09:59:59.999", "10:00:00"});
    row("timestamp", {"-1", "0", "2024-01-01"});
    row("inet", {"::1", "9.255.255.255", "10.0.0.1", "32.1.13.184", "2001:db8::1", "fe80::1",
                 "255.255.255.255"});
    // By version first, then by time for version 1, else by bytes.
    row("uuid", {"00000000-0000-0000-0000-000000000000", "00000000-0000-1000-8000-000000000000",
                 "50554d6e-29bb-11e5-b345-feff819cdc9f", "f23e4567-e89b-12d3-a456-426614174000",
                 "123e4567-e89b-42d3-a456-426614174000", "f23e4567-e89b-42d3-a456-426614174000"});
    // By time, then by the low bytes, signed.
    row("timeuuid",
        {"00000000-0000-1000-8080-808080808080", "13814000-1dd2-11b2-8080-808080808080",
         "13814000-1dd2-11b2-ff80-808080808080", "13814000-1dd2-11b2-0080-808080808080",
         "13814000-1dd2-11b2-7f7f-7f7f7f7f7f7f", "50554d6e-29bb-11e5-b345-feff819cdc9f"});
}

void CompareTest::valuesAreInOrder() {
    QFETCH(const QString, type);
    QFETCH(const QStringList, values);
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    std::vector<Bytes> bytes;
    for (const QString& value : values) {
        const auto encoded = fromString(*parsed, value.toStdString());
        QVERIFY2(encoded, qPrintable(value));
        bytes.push_back(encoded.value());
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (std::size_t j = 0; j < bytes.size(); ++j) {
            const int result = compare(*parsed, bytes[i], bytes[j]);
            QCOMPARE(result < 0, i < j);
            QCOMPARE(result > 0, i > j);
        }
    }
}

void CompareTest::equalValuesOfOtherBytes() {
    const auto decimalOf = [](const char* text) { return fromString(*decimal(), text).value(); };
    QCOMPARE(compare(*decimal(), decimalOf("1"), decimalOf("1.00")), 0);
    QCOMPARE(compare(*decimal(), decimalOf("0"), decimalOf("0.000")), 0);
    QCOMPARE(compare(*decimal(), decimalOf("100"), decimalOf("1E+2")), 0);
    QCOMPARE(compare(*varint(), BytesView("\x00\x00\x01", 3), BytesView("\x01", 1)), 0);
    QCOMPARE(compare(*varint(), BytesView("\xff\xff", 2), BytesView("\xff", 1)), 0);
    QCOMPARE(compare(*boolean(), BytesView("\x02", 1), BytesView("\x01", 1)), 0);
    const Bytes oddNan("\xff\xf8\0\0\0\0\0\1", 8);
    QCOMPARE(compare(*float64(), oddNan, fromString(*float64(), "NaN").value()), 0);
}

void CompareTest::emptyComesFirst() {
    for (const Kind kind : nativeKinds()) {
        const TypePtr& type = native(kind);
        const Bytes low = kind == Kind::Inet ? Bytes(4, '\0') : Bytes(16, '\0');
        QVERIFY(compare(*type, "", low) < 0);
        QVERIFY(compare(*type, low, "") > 0);
        QCOMPARE(compare(*type, "", ""), 0);
    }
}

void CompareTest::structuresCompareElementByElement_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("less");
    QTest::addColumn<QString>("more");
    const auto row = [](const char* type, const char* less, const char* more) {
        QTest::addRow("%s %s", type, less) << type << less << more;
    };
    row("frozen<list<int>>", "[]", "[1]");
    row("frozen<list<int>>", "[1]", "[1, 0]");
    row("frozen<list<int>>", "[-1, 5]", "[1]");
    row("frozen<set<text>>", "[\"a\", \"z\"]", "[\"b\"]");
    row("frozen<map<int, int>>", "{\"1\": 1}", "{\"1\": 2}");
    row("frozen<map<int, int>>", "{\"1\": 9}", "{\"2\": 0}");
    row("tuple<int, text>", "[1, \"a\"]", "[1, \"b\"]");
    row("tuple<int, text>", "[1, null]", "[1, \"\"]");
    row("tuple<int, text>", "[null, \"z\"]", "[-5, \"a\"]");
    row("vector<int, 2>", "[-1, 9]", "[0, 0]");
    row("vector<text, 2>", "[\"a\", \"b\"]", "[\"a\", \"c\"]");
}

void CompareTest::structuresCompareElementByElement() {
    QFETCH(const QString, type);
    QFETCH(const QString, less);
    QFETCH(const QString, more);
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    const Bytes a = *fromJson(*parsed, less.toStdString()).value();
    const Bytes b = *fromJson(*parsed, more.toStdString()).value();
    QVERIFY(compare(*parsed, a, b) < 0);
    QVERIFY(compare(*parsed, b, a) > 0);
    QCOMPARE(compare(*parsed, a, a), 0);
}

void CompareTest::trailingNullsOfTuplesDoNotCount() {
    const TypePtr type = tuple({int32(), int32()});
    const std::vector<Value> shorter = {encodeInt(1)};
    const std::vector<Value> longer = {encodeInt(1), std::nullopt};
    const std::vector<Value> more = {encodeInt(1), encodeInt(-5)};
    QCOMPARE(compare(*type, packTuple(shorter), packTuple(longer)), 0);
    QVERIFY(compare(*type, packTuple(shorter), packTuple(more)) < 0);
    const std::vector<Value> empty = {encodeInt(1), Bytes()};  // Empty is not null.
    QVERIFY(compare(*type, packTuple(shorter), packTuple(empty)) < 0);
}

void CompareTest::hugeExponentsCompareAtOnce() {
    const Bytes huge = fromString(*decimal(), "1E+2000000000").value();
    const Bytes tiny = fromString(*decimal(), "1E-2000000000").value();
    QVERIFY(compare(*decimal(), tiny, huge) < 0);
    QVERIFY(compare(*decimal(), encodeInt(0) + Bytes(1, '\1'), huge) < 0);
}

QTEST_GUILESS_MAIN(CompareTest)
#include "compare_test.moc"
