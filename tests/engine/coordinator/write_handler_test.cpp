#include "engine/coordinator/write_handler.h"

#include <QtTest>

#include "engine/sim/machine.h"
#include "engine/sim/world.h"

using namespace engine;
using namespace engine::coordinator;
using messaging::FailureReason;
using ring::Consistency;

namespace {

ring::NodeInfo nodeOf(int number, const std::string& datacenter = "dc1") {
    ring::NodeInfo out;
    out.node = "10.0.0." + std::to_string(number) + ":7000";
    out.datacenter = datacenter;
    return out;
}

struct Fixture {
    sim::SimWorld world{1};
    sim::SimMachine& machine = world.addMachine("n", {"10.0.0.1"});
    observe::Observer observer{machine.clock(), "10.0.0.1:7000"};

    /// Nothing while the handler still waits.
    std::optional<Result<void>> outcomeOf(WriteHandler& handler) {
        return sim::runUntilDone(world, await(handler), std::chrono::seconds(1));
    }
    static runtime::Task<Result<void>> await(WriteHandler& handler) {
        Result<void> out = co_await handler.outcome();
        co_return out;
    }
};

WriteHandler::Plan planOf(Consistency level, std::uint32_t required, std::uint32_t contacted) {
    WriteHandler::Plan plan;
    plan.level = level;
    plan.required = required;
    plan.contacted = contacted;
    plan.localDatacenter = "dc1";
    return plan;
}

}  // namespace

class WriteHandlerTest : public QObject {
    Q_OBJECT
private slots:
    void enoughAcknowledgementsMeetTheLevel() {
        Fixture f;
        WriteHandler handler(planOf(Consistency::Quorum, 2, 3), f.observer);
        handler.answered(nodeOf(1));
        QVERIFY(!handler.outcome().isSet());
        handler.answered(nodeOf(2));
        QVERIFY(handler.outcome().isSet());
        handler.failed(nodeOf(3), FailureReason::Unknown);  // Too late to matter.
        QVERIFY(f.outcomeOf(handler)->has_value());
    }
    void otherDatacentersDoNotCountForALocalLevel() {
        Fixture f;
        WriteHandler handler(planOf(Consistency::LocalQuorum, 2, 4), f.observer);
        handler.answered(nodeOf(3, "dc2"));
        handler.answered(nodeOf(4, "dc2"));
        handler.answered(nodeOf(1));
        QVERIFY(!handler.outcome().isSet());
        handler.answered(nodeOf(2));
        QVERIFY(f.outcomeOf(handler)->has_value());
    }
    void eachQuorumWantsEveryDatacenter() {
        Fixture f;
        auto plan = planOf(Consistency::EachQuorum, 2, 4);
        plan.missing = {{"dc1", 1}, {"dc2", 1}};
        WriteHandler handler(plan, f.observer);
        handler.answered(nodeOf(1));
        handler.answered(nodeOf(2));
        QVERIFY(!handler.outcome().isSet());
        handler.answered(nodeOf(3, "dc2"));
        QVERIFY(f.outcomeOf(handler)->has_value());
    }
    void silenceIsATimeoutThatTellsHowManyCame() {
        Fixture f;
        WriteHandler handler(planOf(Consistency::All, 3, 3), f.observer);
        handler.answered(nodeOf(1));
        handler.answered(nodeOf(2));
        handler.failed(nodeOf(3), FailureReason::Timeout);
        const auto outcome = f.outcomeOf(handler);
        QVERIFY(outcome->error().kind == ErrorKind::WriteTimeout);
        QCOMPARE(outcome->error().detail->received, 2);
    }
    void aFailureThatCannotBeMadeUpForEndsTheWait() {
        Fixture f;
        WriteHandler handler(planOf(Consistency::All, 3, 3), f.observer);
        handler.failed(nodeOf(1), FailureReason::Unknown);
        const auto outcome = f.outcomeOf(handler);
        QVERIFY(outcome->error().kind == ErrorKind::WriteFailure);
        QCOMPARE(outcome->error().detail->failures.size(), std::size_t(1));
    }
    void aFailureThatCanBeMadeUpForDoesNot() {
        Fixture f;
        WriteHandler handler(planOf(Consistency::Quorum, 2, 3), f.observer);
        handler.failed(nodeOf(1), FailureReason::Unknown);
        QVERIFY(!handler.outcome().isSet());
        handler.answered(nodeOf(2));
        handler.answered(nodeOf(3));
        QVERIFY(f.outcomeOf(handler)->has_value());
    }
};

QTEST_GUILESS_MAIN(WriteHandlerTest)
#include "write_handler_test.moc"
