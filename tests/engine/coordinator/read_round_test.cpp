#include "engine/coordinator/read_round.h"

#include <QtTest>

#include "engine/sim/machine.h"
#include "engine/sim/world.h"

using namespace engine;
using namespace engine::coordinator;
using messaging::FailureReason;
using ring::Consistency;

namespace {

struct Fixture {
    sim::SimWorld world{1};
    sim::SimMachine& machine = world.addMachine("n", {"10.0.0.1"});
    observe::Observer observer{machine.clock(), "n1"};

    ReadRound round(std::uint32_t required, std::uint32_t contacted) {
        ReadRound::Plan plan;
        plan.level = Consistency::Quorum;
        plan.required = required;
        plan.contacted = contacted;
        return ReadRound(plan, observer);
    }
    std::optional<Result<void>> outcomeOf(ReadRound& round) {
        return sim::runUntilDone(world, await(round), std::chrono::seconds(1));
    }
    static runtime::Task<Result<void>> await(ReadRound& round) {
        Result<void> out = co_await round.outcome();
        co_return out;
    }
};

ReplicaAnswer data(const char* node) { return {node, false, {}, {}}; }
ReplicaAnswer digest(const char* node) { return {node, true, "d", {}}; }

}  // namespace

class ReadRoundTest : public QObject {
    Q_OBJECT
private slots:
    void dataAndADigestAreEnough() {
        Fixture f;
        ReadRound round = f.round(2, 2);
        round.answered(digest("n2"));
        QVERIFY(!round.isDecided());
        round.answered(data("n1"));
        QVERIFY(f.outcomeOf(round)->has_value());
        QCOMPARE(round.answers().size(), std::size_t(2));
    }
    void digestsAloneAreNot() {
        Fixture f;
        ReadRound round = f.round(2, 3);
        round.answered(digest("n2"));
        round.answered(digest("n3"));
        QVERIFY(!round.isDecided());
        round.answered(data("n1"));
        QVERIFY(f.outcomeOf(round)->has_value());
    }
    void aSpareMakesUpForTheOneThatIsLate() {
        Fixture f;
        ReadRound round = f.round(2, 2);
        round.answered(digest("n2"));
        round.contactedMore();
        round.failed("n1", FailureReason::Timeout);
        QVERIFY(!round.isDecided());
        round.answered(data("n3"));
        QVERIFY(f.outcomeOf(round)->has_value());
    }
    void silenceIsATimeout() {
        Fixture f;
        ReadRound round = f.round(2, 2);
        round.answered(data("n1"));
        round.failed("n2", FailureReason::Timeout);
        const auto outcome = f.outcomeOf(round);
        QVERIFY(outcome->error().kind == ErrorKind::ReadTimeout);
        QCOMPARE(outcome->error().detail->received, 1);
        QVERIFY(outcome->error().detail->dataPresent);
    }
    void aFailureEndsTheWaitWhenNobodyIsLeft() {
        Fixture f;
        ReadRound round = f.round(2, 2);
        round.failed("n2", FailureReason::ReadTooManyTombstones);
        QVERIFY(f.outcomeOf(round)->error().kind == ErrorKind::ReadFailure);
    }
};

QTEST_GUILESS_MAIN(ReadRoundTest)
#include "read_round_test.moc"
