#include "engine/types/type_names.h"

#include <QTest>

using namespace engine;
using namespace engine::types;

/// Names of types: what system_schema and SSTables hold, and reading them back.
class TypeNamesTest : public QObject {
    Q_OBJECT

private slots:
    void cqlNamesReadBack_data();
    void cqlNamesReadBack();
    void classNamesReadBack_data();
    void classNamesReadBack();
    void keyOfSeveralColumnsIsComposite();
    void unknownUserTypeIsNamed();
    void brokenNamesAreRefused_data();
    void brokenNamesAreRefused();
    void namesAreQuotedWhenTheyMustBe_data();
    void namesAreQuotedWhenTheyMustBe();

private:
    static TypePtr address(bool frozen) {
        return udt("ks", "addr", {"street", "ZIP"}, {text(), int32()}, frozen);
    }
    static TypePtr lookUp(std::string_view keyspace, std::string_view name) {
        return keyspace == "ks" && name == "addr" ? address(false) : nullptr;
    }
};

void TypeNamesTest::cqlNamesReadBack_data() {
    QTest::addColumn<QString>("written");
    QTest::addColumn<QString>("printed");

    for (const Kind kind : nativeKinds()) {
        const QString name = QString::fromStdString(cqlName(native(kind)));
        QTest::newRow(qPrintable(name)) << name << name;
    }
    const auto row = [](const char* written, const char* printed) {
        QTest::newRow(written) << written << printed;
    };
    row("counter", "counter");
    row("varchar", "text");
    row("VARCHAR", "text");
    row("list<int>", "list<int>");
    row("map<int,text>", "map<int, text>");
    row("frozen<map<int, text>>", "frozen<map<int, text>>");
    row("set<frozen<list<int>>>", "set<frozen<list<int>>>");
    row("frozen<set<list<int>>>", "frozen<set<frozen<list<int>>>>");
    row("tuple<int, text>", "frozen<tuple<int, text>>");
    row("frozen<tuple<int>>", "frozen<tuple<int>>");
    row("addr", "addr");
    row("frozen<addr>", "frozen<addr>");
    row("ks.addr", "addr");
    row("list<frozen<\"addr\">>", "list<frozen<addr>>");
    row("VECTOR<float,3>", "vector<float, 3>");
    row("vector<frozen<list<int>>, 2>", "vector<frozen<list<int>>, 2>");
    row("'UTF8Type'", "text");
    row("'org.acme.Mine'", "'org.acme.Mine'");  // TYP-25
}

void TypeNamesTest::cqlNamesReadBack() {
    QFETCH(const QString, written);
    QFETCH(const QString, printed);
    const auto type = parseCqlType(written.toStdString(), "ks", lookUp);
    QVERIFY2(type, type ? "" : type.error().message.c_str());
    QCOMPARE(QString::fromStdString(cqlName(type.value())), printed);
    const auto again = parseCqlType(printed.toStdString(), "ks", lookUp);
    QVERIFY(again && same(again.value(), type.value()));
}

void TypeNamesTest::classNamesReadBack_data() {
    QTest::addColumn<QString>("cql");
    QTest::addColumn<bool>("reversed");
    QTest::addColumn<QString>("className");

    const auto row = [](const char* cql, bool reversed, const char* name) {
        QString full = name;
        full.replace("@", "org.apache.cassandra.db.marshal.");
        QTest::newRow(name) << cql << reversed << full;
    };
    row("int", false, "@Int32Type");
    row("text", true, "@ReversedType(@UTF8Type)");
    row("date", false, "@SimpleDateType");
    row("counter", false, "@CounterColumnType");
    row("list<int>", false, "@ListType(@Int32Type)");
    row("frozen<list<int>>", false, "@FrozenType(@ListType(@Int32Type))");
    row("map<int, frozen<set<text>>>", false,
        "@MapType(@Int32Type,@FrozenType(@SetType(@UTF8Type)))");
    row("frozen<map<int, frozen<set<text>>>>", true,
        "@ReversedType(@FrozenType(@MapType(@Int32Type,@SetType(@UTF8Type))))");
    row("tuple<int, frozen<list<int>>>", false, "@TupleType(@Int32Type,@ListType(@Int32Type))");
    row("vector<float, 3>", false, "@VectorType(@FloatType , 3)");
    row("addr", false, "@UserType(ks,61646472,737472656574:@UTF8Type,5a4950:@Int32Type)");
    row("frozen<addr>", false,
        "@FrozenType(@UserType(ks,61646472,737472656574:@UTF8Type,5a4950:@Int32Type))");
    row("'org.acme.Mine'", false, "org.acme.Mine");
}

void TypeNamesTest::classNamesReadBack() {
    QFETCH(const QString, cql);
    QFETCH(const bool, reversed);
    QFETCH(const QString, className);
    const TypePtr type = parseCqlType(cql.toStdString(), "ks", lookUp).value();
    QCOMPARE(QString::fromStdString(types::className(*type, reversed)), className);
    const auto parsed = parseClassName(className.toStdString());
    QVERIFY2(parsed, parsed ? "" : parsed.error().message.c_str());
    QCOMPARE(parsed.value().reversed, reversed);
    QVERIFY(same(parsed.value().type, type));
}

void TypeNamesTest::keyOfSeveralColumnsIsComposite() {
    const std::vector<TypePtr> types = {int32(), text()};
    const std::string name = keyClassName(types);
    QCOMPARE(name, std::string("org.apache.cassandra.db.marshal.CompositeType("
                               "org.apache.cassandra.db.marshal.Int32Type,"
                               "org.apache.cassandra.db.marshal.UTF8Type)"));
    const auto parsed = parseKeyClassName(name);
    QVERIFY(parsed);
    QCOMPARE(parsed.value().size(), std::size_t(2));
    QVERIFY(same(parsed.value()[1].type, text()));
    QCOMPARE(keyClassName(std::span(types.data(), 1)), className(*int32()));
}

void TypeNamesTest::unknownUserTypeIsNamed() {
    const auto type = parseCqlType("frozen<nope>", "ks", lookUp);
    QVERIFY(!type);
    QCOMPARE(type.error().message, std::string("Unknown type ks.nope"));
}

void TypeNamesTest::brokenNamesAreRefused_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"", "list<", "list<int", "list<int>>", "map<int>", "vector<int, 0>",
                             "list<int, int>", "int int", "<int>"}) {
        QTest::newRow(text) << text;
    }
}

void TypeNamesTest::brokenNamesAreRefused() {
    QFETCH(const QString, text);
    QVERIFY(!parseCqlType(text.toStdString(), "ks", lookUp));
}

void TypeNamesTest::namesAreQuotedWhenTheyMustBe_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("quoted");
    QTest::newRow("plain") << "a_1"
                           << "a_1";
    QTest::newRow("upper case") << "Up"
                                << "\"Up\"";
    QTest::newRow("reserved") << "select"
                              << "\"select\"";
    QTest::newRow("type name is free") << "text"
                                       << "text";
    QTest::newRow("starts with a digit") << "1a"
                                         << "\"1a\"";
    QTest::newRow("quote inside") << "a\"b"
                                  << "\"a\"\"b\"";
    QTest::newRow("empty") << ""
                           << "\"\"";
}

void TypeNamesTest::namesAreQuotedWhenTheyMustBe() {
    QFETCH(const QString, name);
    QFETCH(const QString, quoted);
    QCOMPARE(QString::fromStdString(maybeQuote(name.toStdString())), quoted);
}

QTEST_GUILESS_MAIN(TypeNamesTest)
#include "type_names_test.moc"
