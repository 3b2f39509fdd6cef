#include "engine/types/bound_value.h"

#include <QtTest>

#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

class BoundValueTest : public QObject {
    Q_OBJECT
private slots:
    void refusesAsCassandraDoes_data();
    void refusesAsCassandraDoes();
    void aBrokenUserTypeIsAServerError();
};

void BoundValueTest::refusesAsCassandraDoes_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("hex");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* type, const char* hex, const char* message) {
        QTest::addRow("%s %s", type, hex) << type << hex << message;
    };
    row("list<int>", "0000000100000000", "");
    row("list<int>", "00000001ffffffff", "");
    row("list<int>", "ffffffff", "The data cannot be deserialized as a list");
    row("list<int>", "7fffffff", "Not enough bytes to read a list");
    row("list<int>", "7fffffff0000000400000001", "Not enough bytes to read a list");
    row("list<int>", "000000017fffffff00", "Not enough bytes to read a list");
    row("list<int>", "0000000000", "Unexpected extraneous bytes after list value");
    row("set<int>", "", "Not enough bytes to read a set");
    row("set<int>", "00000001ffffffff", "Null value read when not allowed");
    row("set<int>", "fffffffe", "The data cannot be deserialized as a set");
    row("map<text, int>", "", "Not enough bytes to read a map");
    row("map<text, int>", "000000010000000161ffffffff", "Null value read when not allowed");
    row("map<text, int>", "0000000100000001ff0000000400000001", "String didn't validate.");
    row("list<text>", "0000000100000002c080", "Invalid UTF-8 bytes c080");
    row("text", "c080", "");
    row("list<frozen<list<int>>>", "0000000100000008000000017fffffff", "Not enough bytes to read a list");
    row("list<frozen<list<int>>>", "0000000100000004ffffffff", "The data cannot be deserialized as a list");
    row("list<frozen<list<int>>>", "000000010000000800000001ffffffff", "Null value read when not allowed");
    row("vector<frozen<list<int>>, 2>", "000000010000000400000001", "Not enough bytes to read a list");
}

void BoundValueTest::refusesAsCassandraDoes() {
    QFETCH(const QString, type);
    QFETCH(const QString, hex);
    QFETCH(const QString, message);
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    const auto result = validateBound(*parsed, hex.isEmpty() ? Bytes() : *fromHex(hex.toStdString()));
    QCOMPARE(QString::fromStdString(result ? std::string() : result.error().message), message);
    QVERIFY(result || result.error().kind == ErrorKind::Invalid);
}

void BoundValueTest::aBrokenUserTypeIsAServerError() {
    const TypePtr type = udt("ks", "u", {"a", "b"}, {int32(), text()}, true);
    const auto result = validateBound(*type, *fromHex("00000003000000"));
    QVERIFY(result.has_error());
    QVERIFY(result.error().kind == ErrorKind::Server);
    QCOMPARE(result.error().message,
             std::string("org.apache.cassandra.serializers.MarshalException: Failure validating the 0th field a; "
                         "Expected 4 or 0 byte int (3)"));
}

QTEST_GUILESS_MAIN(BoundValueTest)
#include "bound_value_test.moc"
