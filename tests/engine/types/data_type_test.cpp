#include "engine/types/data_type.h"

#include <QTest>

#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

class DataTypeTest : public QObject {
    Q_OBJECT

private slots:
    void nativesAreShared();
    void equalityLooksInside();
    void freezingGoesAllTheWayDown();
    void replacingAUserTypeKeepsFrozenness();
    void valueCompatibility_data();
    void valueCompatibility();
    void compatibilityKeepsTheOrder();
    void referencesAreFoundInside();
};

void DataTypeTest::nativesAreShared() {
    QVERIFY(text() == native(Kind::Text));
    QCOMPARE(nativeKinds().size(), std::size_t(19));
    QCOMPARE(int32()->fixedLength(), 4);
    QCOMPARE(smallint()->fixedLength(), -1);
    QVERIFY(!date()->allowsEmpty());
    QVERIFY(int32()->emptyIsMeaningless());
    QVERIFY(!text()->emptyIsMeaningless());
}

void DataTypeTest::equalityLooksInside() {
    QVERIFY(same(list(int32(), false), list(int32(), false)));
    QVERIFY(!same(list(int32(), false), list(int32(), true)));
    QVERIFY(!same(list(int32(), false), list(bigint(), false)));
    QVERIFY(!same(list(int32(), false), set(int32(), false)));
    QVERIFY(!same(vector(float32(), 2), vector(float32(), 3)));
    QVERIFY(!same(tuple({int32()}), tuple({int32(), int32()})));
}

void DataTypeTest::freezingGoesAllTheWayDown() {
    const TypePtr loose = map(int32(), list(set(text(), false), false), false);
    const TypePtr frozen = freeze(loose);
    QVERIFY(frozen->isFrozen());
    QVERIFY(frozen->valueType()->isFrozen());
    QVERIFY(frozen->valueType()->element()->isFrozen());
    QVERIFY(freeze(frozen) == frozen);
    QVERIFY(same(frozen, map(int32(), list(set(text(), false), false), true)));
    QVERIFY(tuple({list(int32(), false)})->element()->isFrozen());
}

void DataTypeTest::replacingAUserTypeKeepsFrozenness() {
    const TypePtr before = udt("ks", "t", {"a"}, {int32()}, false);
    const TypePtr after = udt("ks", "t", {"a", "b"}, {int32(), text()}, false);
    const TypePtr holder = list(freeze(before), false);
    const TypePtr changed = replaceUdt(holder, after);
    QVERIFY(!changed->isFrozen());
    QVERIFY(changed->element()->isFrozen());
    QCOMPARE(changed->element()->fieldNames().size(), std::size_t(2));
    const TypePtr other = list(int32(), false);
    QVERIFY(replaceUdt(other, after) == other);
    QVERIFY(changed->referencesUdt("ks", "t"));
}

void DataTypeTest::valueCompatibility_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("other");
    QTest::addColumn<bool>("compatible");
    const auto row = [](const char* type, const char* other, bool compatible) {
        QTest::addRow("%s from %s", type, other) << type << other << compatible;
    };
    row("text", "ascii", true);
    row("ascii", "text", false);
    row("blob", "int", true);
    row("blob", "list<int>", true);
    row("int", "blob", false);
    row("bigint", "timestamp", true);
    row("timestamp", "bigint", true);
    row("time", "bigint", true);
    row("date", "int", true);
    row("int", "date", false);
    row("varint", "int", true);
    row("varint", "timestamp", true);
    row("varint", "smallint", false);
    row("bigint", "int", false);
    row("uuid", "timeuuid", true);
    row("timeuuid", "uuid", false);
    row("double", "float", false);
    row("frozen<list<text>>", "frozen<list<ascii>>", true);
    row("frozen<list<text>>", "list<text>", false);
    row("set<varint>", "set<int>", false);
    row("map<text, varint>", "map<ascii, int>", true);
    row("tuple<int, text>", "tuple<int>", true);
    row("tuple<int>", "tuple<int, text>", false);
}

void DataTypeTest::valueCompatibility() {
    QFETCH(const QString, type);
    QFETCH(const QString, other);
    QFETCH(const bool, compatible);
    QCOMPARE(isValueCompatible(*parseCqlType(type.toStdString()).value(),
                               *parseCqlType(other.toStdString()).value()),
             compatible);
}

void DataTypeTest::compatibilityKeepsTheOrder() {
    QVERIFY(isCompatible(*text(), *ascii()));
    QVERIFY(isCompatible(*blob(), *text()));
    QVERIFY(!isCompatible(*varint(), *int32()));
    QVERIFY(!isCompatible(*uuid(), *timeuuid()));
}

void DataTypeTest::referencesAreFoundInside() {
    QVERIFY(list(tuple({duration()}), true)->references(Kind::Duration));
    QVERIFY(!list(int32(), true)->references(Kind::Duration));
}

QTEST_GUILESS_MAIN(DataTypeTest)
#include "data_type_test.moc"
