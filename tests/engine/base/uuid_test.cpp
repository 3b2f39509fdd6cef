#include "engine/base/uuid.h"

#include <QtTest>

using namespace engine;

class UuidTest : public QObject {
    Q_OBJECT
private slots:
    void textAndBytesComeBack() {
        const std::string text = "d2177dd0-eaa2-11de-a572-001b779c76e3";
        const Uuid id = *Uuid::parse(text);
        QCOMPARE(id.high, 0xd2177dd0eaa211deULL);
        QCOMPARE(id.low, 0xa572001b779c76e3ULL);
        QCOMPARE(id.toString(), text);
        QVERIFY(*Uuid::fromBytes(id.toBytes()) == id);
        QCOMPARE(id.version(), 1);
        QVERIFY(!id.isNil());
        QVERIFY(Uuid().isNil());
    }

    void malformedTextAndBytesAreEmpty() {
        QVERIFY(!Uuid::parse("d2177dd0-eaa2-11de-a572-001b779c76e"));
        QVERIFY(!Uuid::parse("d2177dd0-eaa2-11de-a572-001b779c76eg"));
        QVERIFY(!Uuid::parse("d2177dd0eeaa2-11de-a572-001b779c76e3"));
        QVERIFY(!Uuid::fromBytes("fifteen bytes.."));
    }

    void aTimeUuidKnowsItsTime() {
        const Uuid id = *Uuid::parse("d2177dd0-eaa2-11de-a572-001b779c76e3");
        QCOMPARE(id.timestamp(), std::int64_t(134803023898050000));
        QCOMPARE(id.unixMillis(), std::int64_t(1261009589805));
        const Uuid again = Uuid::timeBased(12610095898050000, id.low);
        QVERIFY(again == id);
    }

    void namesGiveCassandrasTableIds() {
        QCOMPARE(Uuid::nameBased("systemlocal").toString(),
                 std::string("7ad54392-bcdd-35a6-8417-4e047860b377"));
        QCOMPARE(Uuid::nameBased("hello").toString(),
                 std::string("5d41402a-bc4b-3a76-b971-9d911017c592"));
    }

    void randomOnesAreOfVersionFour() {
        const Uuid id = Uuid::random(~0ULL, ~0ULL);
        QCOMPARE(id.toString(), std::string("ffffffff-ffff-4fff-bfff-ffffffffffff"));
        QCOMPARE(id.version(), 4);
    }
};

QTEST_GUILESS_MAIN(UuidTest)
#include "uuid_test.moc"
