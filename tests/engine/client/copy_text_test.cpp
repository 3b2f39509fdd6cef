#include "engine/client/copy_text.h"

#include <QtTest>

#include "engine/types/codec.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::client;
using namespace engine::types;

namespace {

CopyStyle styled(const QString& options) {
    CopyStyle style;
    for (const QString& option : options.split(' ', Qt::SkipEmptyParts)) {
        const std::string value = option.mid(2).toStdString();
        (option[0] == 't' ? style.thousandsSeparator : option[0] == 'd' ? style.decimalSeparator : style.timestampFormat) = value;
    }
    return style;
}

}  // namespace

/// Fields as cqlsh 6.2.2 wrote them (COPY … TO), and values as it reads them.
class CopyTextTest : public QObject {
    Q_OBJECT
private slots:
    void fieldsAreThoseOfCqlsh_data();
    void fieldsAreThoseOfCqlsh();
    void valuesComeBackFromTheirFields_data();
    void valuesComeBackFromTheirFields();
    void fieldsThatAreNoValuesAreNamed_data();
    void fieldsThatAreNoValuesAreNamed();
};

void CopyTextTest::fieldsAreThoseOfCqlsh_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("literal");
    QTest::addColumn<QString>("options");
    QTest::addColumn<QString>("field");
    const auto row = [](const char* type, const char* literal, const char* field, const char* options = "") {
        QTest::addRow("%s %s %s", type, literal, options) << type << literal << options << field;
    };
    row("double", "3.141592653589793", "3.14159265359");
    row("double", "123456789.123456789", "123456789.123456791043");
    row("double", "1e16", "1e+16");
    row("double", "100", "100");
    row("double", "-Infinity", "-Infinity");
    row("float", "2.7182817", "2.71828");
    row("float", "123456.789", "1.2346e+05");
    row("float", "-1.5e-7", "-1.5e-07");
    row("float", "0.0001", "0.0001");
    row("double", "1234567.125", "1,234,567.125", "t=,");
    row("double", "-0.5", "-0,5", "d=,");
    row("bigint", "1234567", "1.234.567", "t=.");
    row("int", "-999", "-999", "t=.");
    row("decimal", "1234567.8900", "1234567.8900");
    row("boolean", "true", "True");
    row("text", "tab\tx", "tab\\tx");
    row("text", "back\\slash", "back\\\\slash");
    row("timestamp", "2024-02-29 01:02:03.4+0000", "2024-02-29 01:02:03.400+0000");
    row("timestamp", "2024-02-29 01:02:03.4+0000", "29/02/24,01h", "f=%d/%m/%y,%Hh");
    row("timestamp", "1969-12-31 23:59:59.999+0000", "1969-12-31 23:59:59.999+0000");
    row("timestamp", "253402300800000", "253402300800000");
    row("timestamp", "2024-02-29 13:02:03.4+0000", "Thu_29_Feb_2024_01:02:03_PM_060_%", "f=%a_%d_%b_%Y_%I:%M:%S_%p_%j_%%");
    row("timestamp", "1969-12-31 23:59:59.999+0000", "Wednesday,December,31,69,23:59", "f=%A,%B,%e,%y,%R");
    row("inet", "::1", "::1");
    row("inet", "::", "::");
    row("inet", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    row("inet", "1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7");
    row("inet", "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
    row("inet", "fe80::ffff:1.2.3.4", "fe80::ffff:102:304");
    row("inet", "10.200.0.1", "10.200.0.1");
    row("duration", "-2w", "-14d");
}

void CopyTextTest::fieldsAreThoseOfCqlsh() {
    QFETCH(const QString, type);
    QFETCH(const QString, literal);
    QFETCH(const QString, options);
    QFETCH(const QString, field);
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    const Bytes value = fromString(*parsed, literal.toStdString()).value();
    QCOMPARE(QString::fromStdString(copyText(*parsed, value, styled(options))), field);
}

void CopyTextTest::valuesComeBackFromTheirFields_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("options");
    QTest::addColumn<QString>("again");
    const auto row = [](const char* type, const char* field, const char* again = nullptr, const char* options = "") {
        QTest::addRow("%s %s %s", type, field, options) << type << field << options << (again == nullptr ? field : again);
    };
    row("list<int>", "[1, -2, 3000]");
    row("list<int>", "[]");
    row("list<int>", "[1.000, 2]", nullptr, "t=.");
    row("set<text>", "{'b', 'a''b'}", "{'a''b', 'b'}");
    row("map<text, double>", "{'x': 1.5, 'y, z': 1e+300}");
    row("map<timestamp, boolean>", "{'2001-01-01 00:00:00.000+0000': True}");
    row("list<frozen<list<text>>>", "[['a', 'b'], ['c,d]']]");
    row("list<time>", "[01:02:03.000000000]");
    row("list<date>", "[2024-02-29]");
    row("set<inet>", "{'10.0.0.1', '::1'}");
    row("set<blob>", "{0x00, 0xff}");
    row("tuple<int, text, float>", "(1, 'two', 3.25)");
    row("vector<float, 3>", "[1, 2.5, 0.1]");
    row("timestamp", "Feb 3 2024 12:05 AM", "2024-02-03 00:05:00.000+0000");
    row("timestamp", "29.02.2024", "2024-02-29 00:00:00.000+0000");
    row("timestamp", "2024-02-29 01:02:03+0130", "2024-02-28 23:32:03.000+0000");
}

void CopyTextTest::valuesComeBackFromTheirFields() {
    QFETCH(const QString, type);
    QFETCH(const QString, field);
    QFETCH(const QString, options);
    QFETCH(const QString, again);
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    CopyStyle reading = styled(options);
    if (field == "29.02.2024") {
        reading.timestampFormat = "%d.%m.%Y";
    } else if (field.endsWith(" AM")) {
        reading.timestampFormat = "%b %d %Y %I:%M %p";
    } else if (field.endsWith("+0130")) {
        reading.timestampFormat = "%Y-%m-%d %H:%M:%S%z";
    }
    const auto value = copyValue(*parsed, field.toStdString(), reading);
    QVERIFY2(value, value ? "" : value.error().message.c_str());
    QCOMPARE(QString::fromStdString(copyText(*parsed, value.value(), styled(options))), again);
}

void CopyTextTest::fieldsThatAreNoValuesAreNamed_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("message");
    QTest::newRow("no brackets") << "list<int>" << "1, 2"
                                 << "Invalid composite string, it should start and end with matching parentheses: 1, 2";
    QTest::newRow("an empty element") << "list<int>" << "[1, , 2]" << "Empty values are not allowed";
    QTest::newRow("a short vector") << "vector<float, 3>" << "[1, 2]"
                                    << "The length of given vector value '2' is not equal to the vector size from the type "
                                       "definition '3'";
    QTest::newRow("no pair") << "map<int, int>" << "{1}" << "'1' is no key and its value";
    QTest::newRow("too many components") << "tuple<int>" << "(1, 2)" << "2 components for 1";
}

void CopyTextTest::fieldsThatAreNoValuesAreNamed() {
    QFETCH(const QString, type);
    QFETCH(const QString, field);
    QFETCH(const QString, message);
    const auto value = copyValue(*parseCqlType(type.toStdString()).value(), field.toStdString(), {});
    QVERIFY(!value);
    QCOMPARE(QString::fromStdString(value.error().message), message);
}

QTEST_APPLESS_MAIN(CopyTextTest)
#include "copy_text_test.moc"
