#include "engine/rows/cell.h"

#include <QtTest>

using namespace engine::rows;

Q_DECLARE_METATYPE(engine::rows::Cell)
Q_DECLARE_METATYPE(engine::rows::LivenessInfo)

namespace {

Cell live(std::int64_t timestamp, std::string value) {
    return {"v", {}, std::move(value), timestamp};
}
Cell dead(std::int64_t timestamp, std::int64_t at) {
    return {"v", {}, {}, timestamp, kNoTtl, at};
}
Cell expiring(std::int64_t timestamp, std::string value, std::int32_t ttl, std::int64_t at) {
    return {"v", {}, std::move(value), timestamp, ttl, at};
}

}  // namespace

class CellTest : public QObject {
    Q_OBJECT
private slots:
    void winnerOfTwoCells_data();
    void winnerOfTwoCells();
    void winnerOfTwoRowMarkers_data();
    void winnerOfTwoRowMarkers();
    void expiringCellLivesUntilItsTime();
    void selectionOfSomeColumns();
};

void CellTest::winnerOfTwoCells_data() {
    QTest::addColumn<Cell>("winner");
    QTest::addColumn<Cell>("loser");
    QTest::newRow("newer value beats older") << live(2, "a") << live(1, "b");
    QTest::newRow("newer value beats older tombstone") << live(2, "a") << dead(1, 10);
    QTest::newRow("newer tombstone beats older value") << dead(2, 10) << live(1, "a");
    QTest::newRow("tie: tombstone beats value") << dead(1, 10) << live(1, "z");
    QTest::newRow("tie: expiring beats value") << expiring(1, "a", 5, 10) << live(1, "z");
    QTest::newRow("tie: tombstone beats expiring") << dead(1, 10) << expiring(1, "z", 5, 90);
    QTest::newRow("tie: later tombstone") << dead(1, 11) << dead(1, 10);
    QTest::newRow("tie: later expiry") << expiring(1, "a", 5, 11) << expiring(1, "b", 5, 10);
    QTest::newRow("tie: smaller ttl") << expiring(1, "a", 4, 10) << expiring(1, "b", 5, 10);
    QTest::newRow("tie: greater value of expiring")
        << expiring(1, "b", 5, 10) << expiring(1, "a", 5, 10);
    QTest::newRow("tie: greater value") << live(1, "b") << live(1, "a");
    QTest::newRow("tie: longer value") << live(1, "aa") << live(1, "a");
    QTest::newRow("tie: values compare unsigned") << live(1, "\xff") << live(1, "\x01");
}

void CellTest::winnerOfTwoCells() {
    QFETCH(const Cell, winner);
    QFETCH(const Cell, loser);
    QVERIFY(rightWins(loser, winner));
    QVERIFY(!rightWins(winner, loser));
}

void CellTest::winnerOfTwoRowMarkers_data() {
    QTest::addColumn<LivenessInfo>("winner");
    QTest::addColumn<LivenessInfo>("loser");
    QTest::newRow("newer") << LivenessInfo{2} << LivenessInfo{1};
    QTest::newRow("any beats none") << LivenessInfo{1} << LivenessInfo{};
    QTest::newRow("tie: expiring beats lasting") << LivenessInfo{1, 5, 10} << LivenessInfo{1};
    QTest::newRow("tie: later expiry") << LivenessInfo{1, 5, 11} << LivenessInfo{1, 5, 10};
    QTest::newRow("tie: smaller ttl") << LivenessInfo{1, 4, 10} << LivenessInfo{1, 5, 10};
}

void CellTest::winnerOfTwoRowMarkers() {
    QFETCH(const LivenessInfo, winner);
    QFETCH(const LivenessInfo, loser);
    QVERIFY(supersedes(winner, loser));
    QVERIFY(!supersedes(loser, winner));
}

void CellTest::expiringCellLivesUntilItsTime() {
    const Cell cell = expiring(1, "a", 5, 10);
    QVERIFY(cell.isLive(9));
    QVERIFY(!cell.isLive(10));
    QVERIFY(!cell.isTombstone());
    QVERIFY(!dead(1, 10).isLive(9));
}

void CellTest::selectionOfSomeColumns() {
    QVERIFY(ColumnSelection{}.contains("x"));
    const ColumnSelection some{false, {"a", "c"}};
    QVERIFY(some.contains("c"));
    QVERIFY(!some.contains("b"));
}

QTEST_GUILESS_MAIN(CellTest)
#include "cell_test.moc"
