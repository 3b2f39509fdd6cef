#include "engine/base/hash.h"

#include <QtTest>

#include <limits>

using namespace engine;

/// Tokens are those that Apache Cassandra 5.0.6 answers to SELECT token(k).
class HashTest : public QObject {
    Q_OBJECT
private slots:
    void murmur3GivesCassandrasTokens_data() {
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<qint64>("token");
        const auto repeated = [](const char* byte, int times) { return QByteArray(byte).repeated(times); };
        QTest::newRow("no byte but one zero") << repeated("00", 1) << qint64(5048724184180415669);
        QTest::newRow("int 0") << repeated("00", 4) << qint64(-3485513579396041028);
        QTest::newRow("bigint 0") << repeated("00", 8) << qint64(2945182322382062539);
        QTest::newRow("9 zeros") << repeated("00", 9) << qint64(8297479994805284640);
        QTest::newRow("15 zeros") << repeated("00", 15) << qint64(7845573677149415537);
        QTest::newRow("uuid of zeros") << repeated("00", 16) << qint64(5457549051747178710);
        QTest::newRow("17 zeros") << repeated("00", 17) << qint64(-4494164905354967000);
        QTest::newRow("40 zeros") << repeated("00", 40) << qint64(-8572297559741146533);
        QTest::newRow("int 42") << QByteArray("0000002a") << qint64(-7160136740246525330);
        QTest::newRow("bigint -1") << repeated("ff", 8) << qint64(7071048584287372947);
        QTest::newRow("uuid of ones") << repeated("ff", 16) << qint64(-2824192546314762522);
        QTest::newRow("one high byte") << repeated("80", 1) << qint64(-5284281814142962636);
        QTest::newRow("two high bytes") << repeated("80", 2) << qint64(9126203624323612221);
        QTest::newRow("9 high bytes") << repeated("80", 9) << qint64(-8549929301482172571);
        QTest::newRow("17 high bytes") << repeated("80", 17) << qint64(-7492040465024918340);
        QTest::newRow("33 high bytes") << repeated("80", 33) << qint64(8320964553149094587);
        QTest::newRow("40 high bytes") << repeated("80", 40) << qint64(-49557237340185385);
        QTest::newRow("ascii") << QByteArray("abcdefghijklmnopqrstuvwxyz").toHex() << qint64(8402764170624191145);
        QTest::newRow("utf-8") << QByteArray("\xf0\x9f\x98\x80").toHex() << qint64(4665903609083583598);
        QTest::newRow("highest token") << QByteArray("5f3a044d433910dad381b4e7828da8f8")
                                       << std::numeric_limits<qint64>::max();
        QTest::newRow("lowest hash") << QByteArray("a1ded3809597e1fa5a0c902750d0d7f2")
                                     << std::numeric_limits<qint64>::min();
        QTest::newRow("zero") << QByteArray("97e78a5ddec324b473f76707c6e5f360") << qint64(0);
    }
    void murmur3GivesCassandrasTokens() {
        QFETCH(const QByteArray, hex);
        QFETCH(const qint64, token);
        QCOMPARE(murmur3(QByteArray::fromHex(hex).toStdString())[0], std::int64_t(token));
    }

    void crc32IsTheIeeeOneAndContinues() {
        QCOMPARE(crc32("123456789"), 0xcbf43926U);
        QCOMPARE(crc32("6789", crc32("12345")), 0xcbf43926U);
    }
    void crc32IsTheSameInOneGoAndByteByByte() {
        Bytes bytes;
        std::uint32_t one = 7;
        for (int i = 0; i < 1000; ++i) {
            QCOMPARE(crc32(bytes, 7), one);
            const char next = static_cast<char>(i * 167 + i / 7);
            bytes.push_back(next);
            one = crc32(BytesView(&next, 1), one);
        }
    }

    void frameChecksumsAreThoseOfProtocolV5() {
        QCOMPARE(crc24(0, 3), 0x7de777U);
        QCOMPARE(crc24(9 | 1 << 17, 3), 0xc1c8a4U);
        QCOMPARE(crc24(100 | 250ULL << 17 | 1ULL << 34, 5), 0x370fc8U);
        QCOMPARE(frameCrc32(""), 0x44777ed3U);
        QCOMPARE(frameCrc32("hello"), 0xb60e8074U);
    }

    void md5OfNothing() { QCOMPARE(toHex(md5("")), std::string("d41d8cd98f00b204e9800998ecf8427e")); }
};

QTEST_GUILESS_MAIN(HashTest)
#include "hash_test.moc"
