#include "engine/base/bytes.h"

#include <QtTest>

#include <limits>

using namespace engine;

class BytesTest : public QObject {
    Q_OBJECT
private slots:
    void numbersAreBigEndian() {
        ByteWriter out;
        out.u8(1);
        out.u16(0x0203);
        out.u32(0x04050607);
        out.u64(0x08090a0b0c0d0e0fULL);
        out.i32(-2);
        out.f32(1.0f);
        out.f64(-2.5);
        out.boolean(true);
        QCOMPARE(toHex(out.bytes()),
                 std::string("0102030405060708090a0b0c0d0e0ffffffffe3f800000c00400000000000001"));
        ByteReader in(out.bytes());
        QCOMPARE(in.u8(), std::uint8_t(1));
        QCOMPARE(in.u16(), std::uint16_t(0x0203));
        QCOMPARE(in.u32(), std::uint32_t(0x04050607));
        QCOMPARE(in.u64(), std::uint64_t(0x08090a0b0c0d0e0fULL));
        QCOMPARE(in.i32(), -2);
        QCOMPARE(in.f32(), 1.0f);
        QCOMPARE(in.f64(), -2.5);
        QVERIFY(in.boolean());
        QVERIFY(in.atEnd());
        QVERIFY(!in.failed());
    }

    void unsignedVintsHaveCassandrasBytes_data() {
        QTest::addColumn<quint64>("value");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("zero") << quint64(0) << QByteArray("00");
        QTest::newRow("largest of one byte") << quint64(127) << QByteArray("7f");
        QTest::newRow("smallest of two") << quint64(128) << QByteArray("8080");
        QTest::newRow("largest of two") << quint64(16383) << QByteArray("bfff");
        QTest::newRow("smallest of three") << quint64(16384) << QByteArray("c04000");
        QTest::newRow("largest of eight") << (quint64(1) << 56) - 1 << QByteArray("feffffffffffffff");
        QTest::newRow("smallest of nine") << (quint64(1) << 56) << QByteArray("ff0100000000000000");
        QTest::newRow("largest") << ~quint64(0) << QByteArray("ffffffffffffffffff");
    }
    void unsignedVintsHaveCassandrasBytes() {
        QFETCH(const quint64, value);
        QFETCH(const QByteArray, hex);
        ByteWriter out;
        out.unsignedVint(value);
        QCOMPARE(toHex(out.bytes()), hex.toStdString());
        QCOMPARE(ByteReader(out.bytes()).unsignedVint(), std::uint64_t(value));
    }

    void signedVintsZigZag() {
        const std::pair<std::int64_t, const char*> known[] = {
            {0, "00"}, {-1, "01"}, {1, "02"}, {-64, "7f"}, {64, "8080"},
            {std::numeric_limits<std::int64_t>::max(), "fffffffffffffffffe"},
            {std::numeric_limits<std::int64_t>::min(), "ffffffffffffffffff"}};
        for (const auto& [value, hex] : known) {
            ByteWriter out;
            out.vint(value);
            QCOMPARE(toHex(out.bytes()), std::string(hex));
            QCOMPARE(ByteReader(out.bytes()).vint(), value);
        }
    }

    void vintsOfEveryLengthComeBack() {
        for (int bits = 0; bits < 64; ++bits) {
            for (const std::int64_t delta : {-1, 0, 1}) {
                const std::uint64_t value = (std::uint64_t(1) << bits) + static_cast<std::uint64_t>(delta);
                ByteWriter out;
                out.unsignedVint(value);
                out.vint(static_cast<std::int64_t>(value));
                ByteReader in(out.bytes());
                QCOMPARE(in.unsignedVint(), value);
                QCOMPARE(in.vint(), static_cast<std::int64_t>(value));
                QVERIFY(in.atEnd() && !in.failed());
            }
        }
    }

    void lengthPrefixesComeBack() {
        ByteWriter out;
        out.blob("vint");
        out.shortBlob("short");
        out.longBlob("long");
        out.i32(-1);
        const std::size_t place = out.size();
        out.u32(0);
        out.patchU32(place, 0xcafebabe);
        ByteReader in(out.bytes());
        QCOMPARE(in.blob(), BytesView("vint"));
        QCOMPARE(in.shortBlob(), BytesView("short"));
        QCOMPARE(*in.longBlob(), BytesView("long"));
        QVERIFY(!in.longBlob());
        QCOMPARE(in.u32(), 0xcafebabeU);
    }

    void readingPastTheEndFailsAndStaysFailed() {
        ByteReader in(BytesView("\x00\x00\x00\x09yes", 7));
        QCOMPARE(in.longBlob()->size(), std::size_t(0));
        QVERIFY(in.failed());
        QCOMPARE(in.u64(), std::uint64_t(0));
        QVERIFY(in.failed());
        ByteReader truncated(BytesView("\xff\x01", 2));
        QCOMPARE(truncated.unsignedVint(), std::uint64_t(0));
        QVERIFY(truncated.failed());
        ByteReader huge(BytesView("\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9));
        QCOMPARE(huge.blob().size(), std::size_t(0));
        QVERIFY(huge.failed());
    }

    void hexIsReadInEitherCase() {
        QCOMPARE(*fromHex("00fFaB"), Bytes("\x00\xff\xab", 3));
        QVERIFY(!fromHex("0"));
        QVERIFY(!fromHex("0g"));
        QCOMPARE(fromHex("")->size(), std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(BytesTest)
#include "bytes_test.moc"
