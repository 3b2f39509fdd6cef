#include "engine/admin/pace.h"

#include <QtTest>

#include "engine/sim/machine.h"
#include "engine/sim/world.h"

using namespace engine;
using namespace engine::admin;

class PaceTest : public QObject {
    Q_OBJECT
private slots:
    void theFactorSlowsTheNodesClock() {
        sim::SimWorld world(1);
        auto& clock = world.addMachine("a", {"10.0.0.1"}).clock();
        const auto answer = changePace(clock, R"({"factor":1000})");
        QVERIFY(answer.has_value());
        QCOMPARE(answer.value(), std::string(R"({"factor":1E3})"));
        QCOMPARE(clock.dilation(), 1000.0);
    }
    void withoutAFactorItIsOnlyTold() {
        sim::SimWorld world(1);
        auto& clock = world.addMachine("a", {"10.0.0.1"}).clock();
        clock.setDilation(10);
        QCOMPARE(changePace(clock, "{}").value(), std::string(R"({"factor":1E1})"));
        QCOMPARE(clock.dilation(), 10.0);
    }
    void whatIsNoFactorIsRefused_data() {
        QTest::addColumn<QString>("params");
        QTest::newRow("faster than the wall") << R"({"factor":0.5})";
        QTest::newRow("slower than the limit") << R"({"factor":5001})";
        QTest::newRow("no number") << R"({"factor":"slow"})";
        QTest::newRow("no object") << "[]";
        QTest::newRow("no JSON") << "{";
    }
    void whatIsNoFactorIsRefused() {
        QFETCH(const QString, params);
        sim::SimWorld world(1);
        auto& clock = world.addMachine("a", {"10.0.0.1"}).clock();
        QVERIFY(!changePace(clock, params.toStdString()));
        QCOMPARE(clock.dilation(), 1.0);
    }
};

QTEST_GUILESS_MAIN(PaceTest)
#include "pace_test.moc"
