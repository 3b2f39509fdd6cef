#include "engine/types/literals.h"

#include <QTest>

#include "engine/types/codec.h"
#include "engine/types/temporal.h"
#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

/// Texts to values and back, with Cassandra's own words where a text is refused.
class LiteralsTest : public QObject {
    Q_OBJECT

private slots:
    void textsBecomeValues_data();
    void textsBecomeValues();
    void textsAreRefused_data();
    void textsAreRefused();
    void timestampsOfEveryShape_data();
    void timestampsOfEveryShape();
    void nowIsTheGivenTime();
    void emptyTextIsAnEmptyValue();
    void addresses_data();
    void addresses();
    void constantsFitReceivers_data();
    void constantsFitReceivers();
    void constantsHaveATypeOfTheirOwn_data();
    void constantsHaveATypeOfTheirOwn();
    void blobConstantKeepsItsBytes();
    void literalsOfStructures();
    void tuplesAreReadFromTexts();
    void farDays();
};

void LiteralsTest::textsBecomeValues_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("hex");
    QTest::addColumn<QString>("printed");
    const auto row = [](const char* type, const char* text, const char* hex, const char* printed) {
        QTest::addRow("%s %s", type, text) << type << text << hex << printed;
    };
    row("int", "-1", "ffffffff", "-1");
    row("int", "+5", "00000005", "5");
    row("tinyint", "-128", "80", "-128");
    row("varint", "-129", "ff7f", "-129");
    row("varint", "100000000000000000000", "056bc75e2d63100000", "100000000000000000000");
    row("varint", "00", "00", "0");
    row("decimal", "0", "0000000000", "0");
    row("decimal", "0.00", "0000000200", "0.00");
    row("decimal", "1.10", "000000026e", "1.10");
    row("decimal", "1e3", "fffffffd01", "1E+3");
    row("decimal", "1.50e3", "ffffffff0096", "1.50E+3");
    row("decimal", "-12.345", "00000003cfc7", "-12.345");
    row("decimal", "1e-10", "0000000a01", "1E-10");
    row("decimal", "0.000001", "0000000601", "0.000001");
    row("decimal", "0.0000001", "0000000701", "1E-7");
    row("double", "0.1", "3fb999999999999a", "0.1");
    row("double", "1e308", "7fe1ccf385ebc8a0", "1.0E308");
    row("double", "9007199254740992", "4340000000000000", "9.007199254740992E15");
    row("double", "4.9e-324", "0000000000000001", "4.9E-324");
    row("double", "1e400", "7ff0000000000000", "Infinity");
    row("double", "-Infinity", "fff0000000000000", "-Infinity");
    row("double", "NaN", "7ff8000000000000", "NaN");
    row("double", "-0.0", "8000000000000000", "-0.0");
    row("double", "0.001", "3f50624dd2f1a9fc", "0.001");
    row("double", "1234567", "4132d68700000000", "1234567.0");
    row("double", "12345678", "41678c29c0000000", "1.2345678E7");
    row("double", "100", "4059000000000000", "100.0");
    row("float", "0.1", "3dcccccd", "0.1");
    row("float", "16777216", "4b800000", "1.6777216E7");
    row("float", "3.4028235e38", "7f7fffff", "3.4028235E38");
    row("float", "1.4e-45", "00000001", "1.4E-45");
    row("boolean", "True", "01", "true");
    row("blob", "00FF", "00ff", "0x00ff");
    row("date", "2024-02-29", "80004d46", "2024-02-29");
    row("date", "2147483648", "80000000", "1970-01-01");
    row("date", "-0001-01-01", "7ff503eb", "-0001-01-01");
    row("time", "12:34:56", "000029324bfd6000", "12:34:56.000000000");
    row("time", "1:2:3.5", "00000362f1e51300", "01:02:03.500000000");
    row("time", "86399999999999", "00004e94914effff", "23:59:59.999999999");
    row("duration", "1y2mo3w4d5h6m7s8ms9us10ns", "", "1y2mo25d5h6m7s8ms9us10ns");
    row("duration", "-1d", "000100", "-1d");
    row("duration", "P1Y2M3DT4H5M6S", "", "1y2mo3d4h5m6s");
    row("duration", "P4W", "003800", "28d");
    row("duration", "P0001-02-03T04:05:06", "", "1y2mo3d4h5m6s");
    row("duration", "0s", "000000", "");
    row("duration", "1H30M", "", "1h30m");
    row("uuid", "8D9D6EE4-6d3c-4a60-9d2f-6c2e6e9c0a11", "8d9d6ee46d3c4a609d2f6c2e6e9c0a11",
        "8d9d6ee4-6d3c-4a60-9d2f-6c2e6e9c0a11");
    row("text", "it's", "69742773", "it's");
}

void LiteralsTest::textsBecomeValues() {
    QFETCH(const QString, type);
    QFETCH(const QString, text);
    QFETCH(const QString, hex);
    QFETCH(const QString, printed);
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    const auto bytes = fromString(*parsed, text.toStdString());
    QVERIFY2(bytes, bytes ? "" : bytes.error().message.c_str());
    if (!hex.isEmpty()) {
        QCOMPARE(QString::fromStdString(toHex(bytes.value())), hex);
    }
    QCOMPARE(QString::fromStdString(toText(*parsed, bytes.value())), printed);
    QVERIFY(validate(*parsed, bytes.value()));
}

void LiteralsTest::textsAreRefused_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* type, const char* text, const char* message) {
        QTest::addRow("%s %s", type, text) << type << text << message;
    };
    row("int", "2147483648", "Unable to make int from '2147483648'");
    row("int", "1x", "Unable to make int from '1x'");
    row("bigint", "9223372036854775808", "Unable to make long from '9223372036854775808'");
    row("smallint", "32768", "Unable to make short from '32768'");
    row("tinyint", "200", "Unable to make byte from '200'");
    row("boolean", "yes", "Unable to make boolean from 'yes'");
    row("double", "abc", "Unable to make double from 'abc'");
    row("float", "1.5.2", "Unable to make float from '1.5.2'");
    row("decimal", "NaN", "unable to make BigDecimal from 'NaN'");
    row("decimal", "Infinity", "unable to make BigDecimal from 'Infinity'");
    row("blob", "abc", "cannot parse 'abc' as hex bytes");
    row("uuid", "x", "Unable to make UUID from 'x'");
    row("timeuuid", "8d9d6ee4-6d3c-4a60-9d2f-6c2e6e9c0a11",
        "TimeUUID supports only version 1 UUIDs");
    row("timeuuid", "x", "Unknown timeuuid representation: x");
    for (const char* text :
         {"2024-2-9", "10000-01-01", "+2024-01-01", "5881580-07-11", "2023-02-29", "1900-02-29",
          "2024-13-01", "2024-00-10", "2024-04-31", "2024-01-00", "2024/01/01", "2024-01",
          "2024-01-01 10:00:00", "today", "", " 2024-01-01"}) {
        row("date", text,
            ("Unable to coerce '" + std::string(text) + "' to a formatted date (long)").c_str());
    }
    for (const char* text : {"-1", "4294967296", "99999999999999999999"}) {
        row("date", text,
            ("Unable to make unsigned int (for date) from: '" + std::string(text) + "'").c_str());
    }
    row("date", "-5877641-06-22",
        "Input date -5877641-06-22 is less than min supported date -5877641-06-23T00:00Z");
    for (const char* text :
         {"01:02:03.", "12:34", "12:34:56.1234567890", "24:00:00", "23:60:00", "23:59:60",
          "-01:00:00", "12:34:56 PM", "12:34:56Z", "12.34.56", "noon", ""}) {
        row("time", text,
            ("(TimeType) Unable to coerce '" + std::string(text) + "' to a formatted time (long)")
                .c_str());
    }
    for (const char* text : {"86400000000000", "-1", "99999999999999999999"}) {
        row("time", text,
            ("Unable to make long (for time) from: '" + std::string(text) + "'").c_str());
    }
    row("duration", "2147483648mo",
        "Invalid duration. The total number of months must be less or equal to 2147483647");
    row("duration", "306783379w",
        "Invalid duration. The total number of days must be less or equal to 2147483647");
    row("duration", "178956971y",
        "Invalid duration. The total number of months must be less or equal to 2147483647");
    row("duration", "99999999999999h",
        "Invalid duration. The total number of nanoseconds must be less or equal to 2147483647");
    row("duration", "1h1h", "Invalid duration. The hours are specified multiple times");
    row("duration", "1m1h", "Invalid duration. The minutes should be after hours");
    row("duration", "1d1mo", "Invalid duration. The days should be after months");
    for (const char* text : {"3600", "h", "1x", "PT1X", "P1H", "soon", ""}) {
        row("duration", text,
            ("Unable to convert '" + std::string(text) + "' to a duration").c_str());
    }
    row("timestamp", "9223372036854775808",
        "Unable to make long (for date) from: '9223372036854775808'");
}

void LiteralsTest::textsAreRefused() {
    QFETCH(const QString, type);
    QFETCH(const QString, text);
    QFETCH(const QString, message);
    const auto bytes = fromString(*parseCqlType(type.toStdString()).value(), text.toStdString());
    QVERIFY(!bytes);
    QCOMPARE(QString::fromStdString(bytes.error().message), message);
}

void LiteralsTest::timestampsOfEveryShape_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("millis");  // -9 stands for refused.
    const auto row = [](const char* text, qint64 millis) {
        QTest::newRow(qPrintable(QString("'%1'").arg(text))) << text << millis;
    };
    row("2024-03-01", 1709251200000);
    row("2024-03-01 10:20", 1709288400000);
    row("2024-03-01T10:20", 1709288400000);
    row("2024-03-01 10:20:30", 1709288430000);
    row("2024-03-01 10:20:30.1", 1709288430100);
    row("2024-03-01 10:20:30.12", 1709288430120);
    row("2024-03-01 10:20:30.123999", 1709288430123);
    row("2024-03-01 10:20:30.123456789", 1709288430123);
    row("2024-03-01 10:20:30Z", 1709288430000);
    row("2024-03-01 10:20:30+01", 1709284830000);
    row("2024-03-01 10:20:30+0130", 1709283030000);
    row("2024-03-01 10:20:30-02:30", 1709297430000);
    row("2024-03-01 10:20:30 +0100", 1709284830000);
    row("2024-03-01 10:20:30 UTC", 1709288430000);
    row("2024-03-01 10:20:30 GMT", 1709288430000);
    row("2024-03-01+0100", 1709247600000);
    row("2024-03-01T00:00+01:00", 1709247600000);
    row("2024-3-1", -9);
    row("2024-3-1 1:2", 1709254920000);
    row("2024-03-01 1:2:3", 1709254923000);
    row("1969-12-31 23:59:59.999+0000", -1);
    row("1709288430123", 1709288430123);
    row("-1000", -1000);
    row("1582-10-04 00:00:00+0000", -12220243200000);
    row("0001-01-01 00:00:00+0000", -62135596800000);
    row("10000-01-01 00:00:00+0000", 253402300800000);
    row("0000-01-01 00:00:00+0000", -9);
    row("-0001-01-01 00:00:00+0000", -9);
    row("2024-02-30", 1709164800000);
    row("2023-02-29 00:00", 1677542400000);
    row("2024-03-01 24:00:00", 1709337600000);
    row("2024-02-31 10:00", 1709200800000);
    row("20240301", 20240301);
    for (const char* text :
         {"2024-04-32", "2024-13-01", "2024-03-01 25:00:00", "2024-03-01 10:60",
          "2024-03-01 10:20:60", "2024-03-01 10:20:30.1234567890", "2024-03-01 10:20:30+25:00",
          "2024-03-01 10:20:30 Nowhere", "2024-03-01 10", "2024-03-01T", "2024-03-01t10:20:30z",
          "2024/03/01", "2024-03", "01-03-2024", "yesterday", " 2024-03-01", "10:20:30"}) {
        row(text, -9);
    }
}

void LiteralsTest::timestampsOfEveryShape() {
    QFETCH(const QString, text);
    QFETCH(const qint64, millis);
    const auto parsed = parseTimestamp(text.toStdString(), 0);
    if (millis == -9) {
        QVERIFY(!parsed);
        QCOMPARE(QString::fromStdString(parsed.error().message),
                 QString("Unable to parse a date/time from '%1'").arg(text));
    } else {
        QVERIFY2(parsed, parsed ? "" : parsed.error().message.c_str());
        QCOMPARE(qint64(parsed.value()), millis);
    }
}

void LiteralsTest::nowIsTheGivenTime() {
    QCOMPARE(decodeBigint(fromString(*timestamp(), "Now", 42).value()), std::int64_t(42));
}

void LiteralsTest::emptyTextIsAnEmptyValue() {
    for (const Kind kind : {Kind::Int, Kind::Timestamp, Kind::Inet, Kind::Text, Kind::Blob}) {
        const auto bytes = fromString(*native(kind), "");
        QVERIFY(bytes && bytes.value().empty());
    }
}

void LiteralsTest::addresses_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("hex");
    QTest::addColumn<QString>("printed");
    const auto row = [](const char* text, const char* hex, const char* printed) {
        QTest::newRow(text) << text << hex << printed;
    };
    row("192.168.0.1", "c0a80001", "192.168.0.1");
    row("::1", "00000000000000000000000000000001", "0:0:0:0:0:0:0:1");
    row("::", "00000000000000000000000000000000", "0:0:0:0:0:0:0:0");
    row("2001:DB8::A:b", "20010db80000000000000000000a000b", "2001:db8:0:0:0:0:a:b");
    row("2001:0db8:0000:0000:0000:0000:000a:000b", "20010db80000000000000000000a000b",
        "2001:db8:0:0:0:0:a:b");
    row("::ffff:1.2.3.4", "01020304", "1.2.3.4");
    row("::1.2.3.4", "00000000000000000000000001020304", "0:0:0:0:0:0:102:304");
    row("fe80::1:2:3:4", "fe800000000000000001000200030004", "fe80:0:0:0:1:2:3:4");
    row("1.2.3", "01020003", "1.2.0.3");
    row("[::1]", "00000000000000000000000000000001", "0:0:0:0:0:0:0:1");
    for (const char* text : {"256.0.0.1", "1.2.3.4.5", "1.2.3.-4", "1:2:3", "1::2::3", ":::",
                             "12345::", "::g", "10.0.0.0/8", "10.0.0.1:9042", "no such host"}) {
        row(text, "", "");
    }
}

void LiteralsTest::addresses() {
    QFETCH(const QString, text);
    QFETCH(const QString, hex);
    QFETCH(const QString, printed);
    const auto bytes = fromString(*inet(), text.toStdString());
    if (hex.isEmpty()) {
        QVERIFY(!bytes);
        QCOMPARE(QString::fromStdString(bytes.error().message),
                 QString("Unable to make inet address from '%1'").arg(text));
        return;
    }
    QVERIFY(bytes);
    QCOMPARE(QString::fromStdString(toHex(bytes.value())), hex);
    QCOMPARE(QString::fromStdString(toText(*inet(), bytes.value())), printed);
}

void LiteralsTest::constantsFitReceivers_data() {
    QTest::addColumn<int>("constant");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("type");
    QTest::addColumn<int>("fits");
    const auto row = [](Constant constant, const char* text, const char* type, Assignment fits) {
        QTest::addRow("%s for %s", text, type)
            << static_cast<int>(constant) << text << type << static_cast<int>(fits);
    };
    using enum Assignment;
    row(Constant::String, "abc", "ascii", Exact);
    row(Constant::String, "abc", "text", WeaklyAssignable);
    row(Constant::String, "é", "text", Exact);
    row(Constant::String, "abc", "timestamp", WeaklyAssignable);
    row(Constant::String, "abc", "int", NotAssignable);
    row(Constant::String, "abc", "blob", NotAssignable);
    row(Constant::String, "abc", "list<text>", NotAssignable);
    row(Constant::Integer, "1", "int", Exact);
    row(Constant::Integer, "1", "tinyint", WeaklyAssignable);
    row(Constant::Integer, "3000000000", "bigint", Exact);
    row(Constant::Integer, "1", "duration", WeaklyAssignable);
    row(Constant::Integer, "1", "text", NotAssignable);
    row(Constant::Integer, "1", "inet", NotAssignable);
    row(Constant::Float, "1.5", "double", Exact);
    row(Constant::Float, "1.5", "varint", NotAssignable);
    row(Constant::Boolean, "true", "boolean", Exact);
    row(Constant::Hex, "0x07", "blob", WeaklyAssignable);
    row(Constant::Hex, "0x07", "int", NotAssignable);
    row(Constant::Hex, "0x07", "tinyint", Exact);
    row(Constant::Duration, "1h", "time", NotAssignable);
    row(Constant::Uuid, "50554d6e-29bb-11e5-b345-feff819cdc9f", "timeuuid", Exact);
    row(Constant::Uuid, "123e4567-e89b-42d3-a456-426614174000", "timeuuid", WeaklyAssignable);
}

void LiteralsTest::constantsFitReceivers() {
    QFETCH(const int, constant);
    QFETCH(const QString, text);
    QFETCH(const QString, type);
    QFETCH(const int, fits);
    QCOMPARE(
        static_cast<int>(constantAssignment(static_cast<Constant>(constant), text.toStdString(),
                                            *parseCqlType(type.toStdString()).value())),
        fits);
}

void LiteralsTest::constantsHaveATypeOfTheirOwn_data() {
    QTest::addColumn<int>("constant");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("type");
    const auto row = [](Constant constant, const char* text, const char* type) {
        QTest::newRow(text) << static_cast<int>(constant) << text << type;
    };
    row(Constant::Integer, "1", "int");
    row(Constant::Integer, "2147483648", "bigint");
    row(Constant::Integer, "99999999999999999999", "varint");
    row(Constant::Float, "1.5", "double");
    row(Constant::Float, "NaN", "double");
    row(Constant::Float, "1.23456789012345678901234567890", "decimal");
    row(Constant::String, "x", "ascii");
    row(Constant::String, "é", "text");
    row(Constant::Duration, "1h", "duration");
}

void LiteralsTest::constantsHaveATypeOfTheirOwn() {
    QFETCH(const int, constant);
    QFETCH(const QString, text);
    QFETCH(const QString, type);
    QCOMPARE(QString::fromStdString(
                 cqlName(preferredType(static_cast<Constant>(constant), text.toStdString()))),
             type);
}

void LiteralsTest::blobConstantKeepsItsBytes() {
    QCOMPARE(constantValue(Constant::Hex, "0xabcd", *blob()).value(), Bytes("\xab\xcd"));
    QCOMPARE(constantValue(Constant::Hex, "0xabc", *blob()).error().message,
             std::string("cannot parse 'abc' as hex bytes"));
    QCOMPARE(decodeBigint(constantValue(Constant::Integer, "5", *counter()).value()),
             std::int64_t(5));
}

void LiteralsTest::literalsOfStructures() {
    const std::vector<Bytes> words = {"a", "it's"};
    QCOMPARE(toCqlLiteral(*list(text(), true), packList(words)), std::string("['a', 'it''s']"));
    const TypePtr type = udt("ks", "t", {"a", "B"}, {int32(), date()}, true);
    const std::vector<Value> fields = {std::nullopt, encodeDate(0)};
    QCOMPARE(toCqlLiteral(*type, packTuple(fields)), std::string("{a: null, \"B\": '1970-01-01'}"));
    const std::vector<std::pair<Bytes, Bytes>> entries = {{encodeInt(1), encodeDouble(2)}};
    QCOMPARE(toCqlLiteral(*map(int32(), float64(), true), packMap(entries)),
             std::string("{1: 2.0}"));
    QCOMPARE(toCqlLiteral(*blob(), "\x01"), std::string("0x01"));
}

void LiteralsTest::tuplesAreReadFromTexts() {
    const TypePtr type = tuple({int32(), text()});
    const auto read = [&type](std::string_view given) { return constantValue(Constant::String, given, *type); };
    QCOMPARE(read("1:a").value(), packTuple(std::vector<Value>{encodeInt(1), Bytes("a")}));
    QCOMPARE(read("1").value(), packTuple(std::vector<Value>{encodeInt(1)}));
    QCOMPARE(read(R"(@:b\:c)").value(), packTuple(std::vector<Value>{std::nullopt, Bytes("b:c")}));
    QCOMPARE(read("").value(), Bytes());
    QCOMPARE(read("x").error().message, std::string("Unable to make int from 'x'"));
    QCOMPARE(read("1:a:b").error().message,
             std::string("Invalid tuple literal: too many elements. Type frozen<tuple<int, text>> expects 2 but got 3"));
}

void LiteralsTest::farDays() {
    for (const std::int64_t days :
         {-719528LL, -1LL, 0LL, 59LL, 60LL, 11016LL, 2147483647LL, -2147483648LL}) {
        QCOMPARE(daysFromCivil(civilFromDays(days)), days);
    }
    QCOMPARE(timestampText(253402300800000, 'T'), std::string("+10000-01-01T00:00:00.000Z"));
    // Casts print the year of the era: 5877368 before Christ.
    QCOMPARE(timestampText(-2147483648LL * 86'400'000, 'T'), std::string("+5877642-06-23T00:00:00.000Z"));
    QCOMPARE(dateText(2147483647), std::string("+5881580-07-11"));
}

QTEST_GUILESS_MAIN(LiteralsTest)
#include "literals_test.moc"
