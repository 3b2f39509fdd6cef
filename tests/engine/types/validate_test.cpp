#include <QTest>

#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

class ValidateTest : public QObject {
    Q_OBJECT

private slots:
    void refusesWithCassandrasWords_data();
    void refusesWithCassandrasWords();
};

void ValidateTest::refusesWithCassandrasWords_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("hex");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* type, const char* hex, const char* message) {
        QTest::addRow("%s %s", type, hex) << type << hex << message;
    };
    row("int", "00000001", "");
    row("int", "", "");
    row("int", "01", "Expected 4 or 0 byte int (1)");
    row("bigint", "00", "Expected 8 or 0 byte long (1)");
    row("counter", "0000000000000001", "");
    row("smallint", "", "Expected 2 bytes for a smallint (0)");
    row("tinyint", "0102", "Expected 1 byte for a tinyint (2)");
    row("boolean", "0101", "Expected 1 or 0 byte value (2)");
    row("boolean", "02", "");
    row("float", "00", "Expected 4 or 0 byte value for a float (1)");
    row("double", "00", "Expected 8 or 0 byte value for a double (1)");
    row("decimal", "000000", "Expected 0 or at least 4 bytes (3)");
    row("decimal", "00000000", "");
    row("timestamp", "00", "Expected 8 or 0 byte long for date (1)");
    row("date", "", "Expected 4 byte long for date (0)");
    row("time", "", "Expected 8 byte long for time (0)");
    row("uuid", "00", "UUID should be 16 or 0 bytes (1)");
    row("timeuuid", "8d9d6ee46d3c4a609d2f6c2e6e9c0a11", "Invalid version for TimeUUID type: 0x8");
    row("timeuuid", "123e4567e89b42d3a456426614174000", "Invalid version for TimeUUID type: 0x1");
    row("timeuuid", "50554d6e29bb11e5b345feff819cdc9f", "");
    row("inet", "7f0000", "Expected 4 or 16 byte inetaddress; got 7f0000");
    row("ascii", "80", "Invalid byte for ascii: -128");
    row("text", "c3a9", "");
    row("text", "c080", "");
    row("text", "ff", "String didn't validate.");
    row("text", "c328", "String didn't validate.");
    row("text", "f8a1a1a1a1", "String didn't validate.");
    row("varint", "", "");
    row("duration", "0000", "Expected at least 3 bytes for a duration (2)");
    row("duration", "020306",
        "The duration months, days and nanoseconds must be all of the same sign (1, -2, 3)");
    row("frozen<list<int>>", "", "Not enough bytes to read a list");
    row("frozen<set<int>>", "", "");
    row("frozen<list<int>>", "0000000100000004", "Not enough bytes to read a list");
    row("frozen<list<int>>", "000000000a", "Unexpected extraneous bytes after list value");
    row("frozen<list<int>>", "00000001000000020102", "Expected 4 or 0 byte int (2)");
    row("frozen<map<int, int>>", "00000001000000040000000100000004",
        "Not enough bytes to read a map");
    row("tuple<int, int>", "0000000400000001", "");
    row("tuple<int>", "ffffffffffffffff", "Invalid remaining data after end of tuple value");
    row("tuple<int>", "0000000400", "Not enough bytes to read 0th component");
    row("vector<float, 2>", "3f800000", "Not enough bytes to read a vector<float, 2>");
    row("vector<float, 1>", "3f8000003f", "Unexpected 1 extraneous bytes after vector<float, 1> value");
    row("vector<float, 1>", "", "Invalid empty vector value");
    row("frozen<set<int>>", "00000001ffffffff", "Null value read when not allowed");
    row("text", "f4908080", "");
}

void ValidateTest::refusesWithCassandrasWords() {
    QFETCH(const QString, type);
    QFETCH(const QString, hex);
    QFETCH(const QString, message);
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    const auto result = validate(*parsed, hex.isEmpty() ? Bytes() : *fromHex(hex.toStdString()));
    QCOMPARE(QString::fromStdString(result ? std::string() : result.error().message), message);
}

QTEST_GUILESS_MAIN(ValidateTest)
#include "validate_test.moc"
