#include "engine/types/codec.h"

#include <QTest>

using namespace engine;
using namespace engine::types;

class CodecTest : public QObject {
    Q_OBJECT

private slots:
    void numbersAreBigEndian();
    void varintsAreMinimal_data();
    void varintsAreMinimal();
    void datesCountFromTheMiddle();
    void durationsAreThreeVints();
    void addressesBothWays();
    void collectionsReadBack();
    void setsAndMapsAreSortedWithoutDoubles();
    void tuplesReadBackWithMissingFields();
    void vectorsOfFixedAndVariableElements();
    void brokenCollectionsAreErrors();
};

void CodecTest::numbersAreBigEndian() {
    QCOMPARE(toHex(encodeInt(-2)), std::string("fffffffe"));
    QCOMPARE(decodeInt(encodeInt(-2)), -2);
    QCOMPARE(toHex(encodeBigint(258)), std::string("0000000000000102"));
    QCOMPARE(toHex(encodeSmallint(-32768)), std::string("8000"));
    QCOMPARE(decodeSmallint(encodeSmallint(-32768)), std::int16_t(-32768));
    QCOMPARE(toHex(encodeTinyint(-1)), std::string("ff"));
    QCOMPARE(decodeTinyint("\x80"), std::int8_t(-128));
    QCOMPARE(toHex(encodeDouble(1.5)), std::string("3ff8000000000000"));
    QCOMPARE(decodeFloat(encodeFloat(1.5F)), 1.5F);
    QCOMPARE(decodeInt("xy"), 0);
}

void CodecTest::varintsAreMinimal_data() {
    QTest::addColumn<qint64>("value");
    QTest::addColumn<QString>("hex");
    QTest::newRow("0") << qint64(0) << "00";
    QTest::newRow("127") << qint64(127) << "7f";
    QTest::newRow("128") << qint64(128) << "0080";
    QTest::newRow("-1") << qint64(-1) << "ff";
    QTest::newRow("-128") << qint64(-128) << "80";
    QTest::newRow("-129") << qint64(-129) << "ff7f";
    QTest::newRow("65536") << qint64(65536) << "010000";
}

void CodecTest::varintsAreMinimal() {
    QFETCH(const qint64, value);
    QFETCH(const QString, hex);
    QCOMPARE(QString::fromStdString(toHex(encodeVarint(value))), hex);
}

void CodecTest::datesCountFromTheMiddle() {
    QCOMPARE(toHex(encodeDate(0)), std::string("80000000"));
    QCOMPARE(toHex(encodeDate(-1)), std::string("7fffffff"));
    QCOMPARE(decodeDate(encodeDate(-719893)), -719893);
}

void CodecTest::durationsAreThreeVints() {
    QCOMPARE(toHex(encodeDuration({1, 2, 3})), std::string("020406"));
    QCOMPARE(toHex(encodeDuration({0, 0, 3'600'000'000'000})), std::string("0000fc068c61714000"));
    const DurationValue value{-1, 0, -5};
    QVERIFY(decodeDuration(encodeDuration(value)) == value);
}

void CodecTest::addressesBothWays() {
    QCOMPARE(toHex(*encodeInet("127.0.0.1")), std::string("7f000001"));
    QCOMPARE(decodeInet(*encodeInet("::1")), std::string("0:0:0:0:0:0:0:1"));
    QVERIFY(!encodeInet("nowhere"));
}

void CodecTest::collectionsReadBack() {
    const std::vector<Bytes> elements = {"a", "", "ccc"};
    const Bytes packed = packList(elements);
    QCOMPARE(toHex(packed), std::string("00000003000000016100000000") + "00000003636363");
    const auto unpacked = unpackList(packed);
    QVERIFY(unpacked);
    QCOMPARE(unpacked.value()[2], BytesView("ccc"));
    const std::vector<std::pair<Bytes, Bytes>> entries = {{"k", "v"}};
    const auto map = unpackMap(packMap(entries));
    QVERIFY(map);
    QCOMPARE(map.value().size(), std::size_t(1));
}

void CodecTest::setsAndMapsAreSortedWithoutDoubles() {
    std::vector<Bytes> elements = {encodeInt(5), encodeInt(-1), encodeInt(5)};
    sortSet(*int32(), elements);
    QCOMPARE(elements.size(), std::size_t(2));
    QCOMPARE(decodeInt(elements[0]), -1);
    std::vector<std::pair<Bytes, Bytes>> entries = {
        {encodeInt(2), "first"}, {encodeInt(1), "x"}, {encodeInt(2), "last"}};
    sortMap(*int32(), entries);
    QCOMPARE(entries.size(), std::size_t(2));
    QCOMPARE(entries[1].second, Bytes("last"));
}

void CodecTest::tuplesReadBackWithMissingFields() {
    const TypePtr type = tuple({int32(), text(), int32()});
    const std::vector<Value> components = {encodeInt(1), std::nullopt};
    const Bytes packed = packTuple(components);
    const auto unpacked = unpackTuple(*type, packed);
    QVERIFY(unpacked);
    QCOMPARE(unpacked.value().size(), std::size_t(3));
    QCOMPARE(decodeInt(*unpacked.value()[0]), 1);
    QVERIFY(!unpacked.value()[1]);
    QVERIFY(!unpacked.value()[2]);
}

void CodecTest::vectorsOfFixedAndVariableElements() {
    const TypePtr fixed = vector(float32(), 2);
    const std::vector<Bytes> floats = {encodeFloat(1), encodeFloat(2)};
    QCOMPARE(packVector(*fixed, floats).size(), std::size_t(8));
    QCOMPARE(decodeFloatVector(packVector(*fixed, floats))[1], 2.0F);
    const TypePtr variable = vector(text(), 2);
    const std::vector<Bytes> words = {"a", "bc"};
    const Bytes packed = packVector(*variable, words);
    QCOMPARE(toHex(packed), std::string("0161026263"));
    const auto unpacked = unpackVector(*variable, packed);
    QVERIFY(unpacked);
    QCOMPARE(unpacked.value()[1], BytesView("bc"));
}

void CodecTest::brokenCollectionsAreErrors() {
    QVERIFY(!unpackList(""));
    QVERIFY(!unpackList(BytesView("\x7f\xff\xff\xff", 4)));
    QVERIFY(!unpackMap(encodeInt(1) + encodeInt(4) + encodeInt(0)));
    QVERIFY(!unpackVector(*vector(float32(), 2), "abc"));
    QVERIFY(!unpackTuple(*tuple({int32()}), BytesView("\0\0\0\x09x", 5)));
}

QTEST_GUILESS_MAIN(CodecTest)
#include "codec_test.moc"
