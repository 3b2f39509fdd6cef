#include <QtTest>

#include "fake_world.h"
#include "labs/lab_session.h"
#include "labs/snapshot.h"

using namespace lab;

namespace {

Check check(const char* kind, Wants wants) {
    Check out;
    out.kind = kind;
    out.says = "It is so";
    out.wants = std::move(wants);
    return out;
}

EventsWants write(const char* consistency) {
    EventsWants wants;
    wants.request = "write";
    wants.table = "loans";
    wants.consistency = consistency;
    return wants;
}

/// Two steps: a QUORUM write predicted beforehand, then a quiz.
Lab twoSteps() {
    Lab lab;
    lab.id = "two";
    lab.keyspaces = {"lending"};
    Step first;
    first.id = "write";
    first.prediction = Question{"How many?", {"one", "two"}, 1, LiveAnswer::None, {}, {}};
    first.checks = {check("events", write("QUORUM")), check("predict", PredictWants{})};
    first.hints = {"a", "b", "c"};
    first.solution.push_back({});
    first.solution.back().cql = "UPDATE";
    first.reset.push_back({});
    first.reset.back().node = "start 3";
    first.resetSays = "n3 is started.";
    Step second;
    second.id = "quiz";
    second.checks = {check("quiz", QuizWants{Question{"Which?", {"n1", "n2"}, 0, LiveAnswer::None, {}, {}}})};
    lab.steps = {first, second};
    return lab;
}

const std::string kColumnsOfLoans =
    "SELECT column_name, kind, type FROM system_schema.columns WHERE keyspace_name = 'lending' AND table_name = 'loans'";
const std::string kRowsOfLoans = "SELECT * FROM lending.loans LIMIT 2001";

/// What a reset looks at before it drops anything.
void answerSnapshot(FakeWorld& world) {
    world.answers[{"SELECT keyspace_name FROM system_schema.keyspaces", 0}] = {{"keyspace_name"}, {{"'lending'"}}};
    world.answers[{"DESCRIBE KEYSPACE lending", 0}] = {
        {}, {{"'lending'", "'keyspace'", "'lending'", "'CREATE KEYSPACE lending'"}, {"'lending'", "'table'", "'loans'", "'CREATE TABLE lending.loans'"}}};
    world.answers[{kColumnsOfLoans, 0}] = {
        {}, {{"'member'", "'partition_key'", "'text'"}, {"'Due'", "'regular'", "'int'"}, {"'note'", "'regular'", "'text'"}}};
    world.answers[{kRowsOfLoans, 0}] = {{"member", "Due", "note"}, {{"'it''s'", "1", "null"}}};
}

/// What undoing asks for when everything is as answerSnapshot() says.
const std::vector<std::string> kRestoring{"DROP KEYSPACE IF EXISTS lending", "CREATE KEYSPACE lending",
                                          "CREATE TABLE lending.loans",
                                          "INSERT INTO lending.loans (member, \"Due\") VALUES ('it''s', 1)"};

void allow(FakeWorld& world, const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) {
        world.answers[{statement, 0}] = {};
    }
}

/// What was asked from the first DROP on.
std::vector<std::string> restored(const FakeWorld& world) {
    std::vector<std::string> out;
    for (const CqlRequest& request : world.asked) {
        if (!out.empty() || request.text.rfind("DROP", 0) == 0) {
            out.push_back(request.text);
        }
    }
    return out;
}

}  // namespace

/// What a learner may rely on: steps that have passed stay passed, nothing blocks, nothing is lost.
class LabSessionTest : public QObject {
    Q_OBJECT

private slots:
    void aStepPassesByWhatHappensAfterItWasOpened();
    void whatHasPassedStaysPassed();
    void aPredictionIsLockedOnceAndScored();
    void aMissingPredictionIsNotInTheWay();
    void solvingRunsTheSolutionAndAnswers();
    void skippingGoesOn();
    void progressIsTakenUpAgain();
    void resetSavesRowsFirstAndUndoBringsThemBack();
    void countersComeBackByAdditions();
    void aSecondResetKeepsWhatTheFirstSaved();
    void workBetweenResetsIsSavedOnTop();
    void rowsThatDidNotComeBackAreReported();
    void rowsThatAreNotSavedAreReported();
    void whatFailsInASolutionIsNamed();
    void whatAnEarlierStepLeftIsNoMistake();
    void onlySomeEventsAreWorthALook();
};

void LabSessionTest::aStepPassesByWhatHappensAfterItWasOpened() {
    FakeWorld world;
    LabSession session(twoSteps(), world, nullptr);
    world.tellRequest({});
    QVERIFY(session.open(0).has_value());
    world.now += 10;
    session.feed(world.batch);
    QVERIFY(session.check(0).has_value());
    QCOMPARE(session.state(0).verdict, Verdict::NotShownYet);
    QVERIFY(!session.check(0).value());

    world.batch.events.clear();
    world.tellRequest({});
    session.feed(world.batch);
    QVERIFY(session.check(0).value());
    QCOMPARE(session.state(0).verdict, Verdict::Passed);
    QCOMPARE(session.state(0).checks.front().says, std::string("It is so"));
}

void LabSessionTest::whatHasPassedStaysPassed() {
    FakeWorld world;
    Lab lab = twoSteps();
    ClusterWants down;
    down.node = 3;
    down.state = "down";
    lab.steps[0].checks.push_back(check("cluster", down));
    LabSession session(lab, world, nullptr);
    QVERIFY(session.open(0).has_value());
    world.now += 10;
    world.tellRequest({});
    session.feed(world.batch);
    QVERIFY(session.check(0).value());
    QCOMPARE(session.state(0).checks[0].verdict, Verdict::Passed);
    QCOMPARE(session.state(0).verdict, Verdict::NotShownYet);

    world.set(3, ProcessState::Stopped);
    world.batch.events.clear();
    world.judge(1, 3, false);
    world.judge(2, 3, false);
    session.feed(world.batch);
    QVERIFY(session.check(0).value());
    QCOMPARE(session.state(0).verdict, Verdict::Passed);
    world.set(3, ProcessState::Running);
    QVERIFY(!session.check(0).value());
    QCOMPARE(session.state(0).verdict, Verdict::Passed);
}

void LabSessionTest::aPredictionIsLockedOnceAndScored() {
    FakeWorld world;
    LabSession session(twoSteps(), world, nullptr);
    QVERIFY(session.open(0).has_value());
    QVERIFY(session.predict(0, 1, 80).has_value());
    QVERIFY(session.predict(0, 0, 50).has_value());
    QCOMPARE(*session.state(0).predicted, std::size_t(1));
    QCOMPARE(session.state(0).confidence, 80);
    QVERIFY(!session.state(0).predictedRight.has_value());
    world.now += 10;
    world.tellRequest({});
    session.feed(world.batch);
    QVERIFY(session.check(0).value());
    QVERIFY(*session.state(0).predictedRight);
}

void LabSessionTest::aMissingPredictionIsNotInTheWay() {
    FakeWorld world;
    LabSession session(twoSteps(), world, nullptr);
    QVERIFY(session.open(0).has_value());
    world.now += 10;
    world.tellRequest({});
    session.feed(world.batch);
    QVERIFY(session.check(0).value());
    QCOMPARE(session.state(0).verdict, Verdict::Passed);
    QCOMPARE(session.state(0).checks[1].verdict, Verdict::NotShownYet);
    QVERIFY(!session.state(0).predictedRight.has_value());
}

void LabSessionTest::solvingRunsTheSolutionAndAnswers() {
    FakeWorld world;
    world.answers[{"UPDATE", 0}] = {};
    LabSession session(twoSteps(), world, nullptr);
    QVERIFY(session.solve(0).has_value());
    QCOMPARE(world.asked.back().asWho, kSolverName);
    QVERIFY(session.solve(1).has_value());
    QVERIFY(session.check(1).value());
    QCOMPARE(session.state(1).verdict, Verdict::Passed);
}

void LabSessionTest::skippingGoesOn() {
    FakeWorld world;
    LabSession session(twoSteps(), world, nullptr);
    QVERIFY(session.skip(0).has_value());
    QVERIFY(session.state(0).skipped);
    QCOMPARE(session.current(), std::size_t(1));
    QVERIFY(session.skip(1).has_value());
    QCOMPARE(session.current(), std::size_t(1));
}

void LabSessionTest::progressIsTakenUpAgain() {
    FakeWorld world;
    const auto store = ProgressStore::open(":memory:");
    {
        LabSession session(twoSteps(), world, store.value().get());
        QVERIFY(session.open(1).has_value());
        session.answer(1, 0, "n1");
        QVERIFY(session.check(1).value());
        QVERIFY(session.showHint(0).has_value());
    }
    const LabSession session(twoSteps(), world, store.value().get());
    QCOMPARE(session.current(), std::size_t(1));
    QCOMPARE(session.state(1).verdict, Verdict::Passed);
    QCOMPARE(session.state(1).checks.size(), std::size_t(1));
    QCOMPARE(session.state(0).hintsShown, 1);
    QVERIFY(!session.isDone());
}

void LabSessionTest::resetSavesRowsFirstAndUndoBringsThemBack() {
    FakeWorld world;
    answerSnapshot(world);
    const auto store = ProgressStore::open(":memory:");
    LabSession session(twoSteps(), world, store.value().get());
    session.answer(1, 0, "n1");
    const auto note = session.reset(0);
    QVERIFY2(note.has_value(), note ? "" : note.error().message.c_str());
    QCOMPARE(note.value().says, std::string("n3 is started."));
    QVERIFY(note.value().canUndo);
    QCOMPARE(world.acted, std::vector<std::string>{"start 3"});

    allow(world, kRestoring);
    world.asked.clear();
    LabSession later(twoSteps(), world, store.value().get());
    const auto undone = later.undoReset();
    QVERIFY2(undone.has_value(), undone ? "" : undone.error().message.c_str());
    QCOMPARE(restored(world), kRestoring);
    QVERIFY(!later.undoReset().has_value());
}

/// No statement but an addition brings a counter back; a static one is shown by each row and added once.
void LabSessionTest::countersComeBackByAdditions() {
    FakeWorld world;
    answerSnapshot(world);
    world.answers[{kColumnsOfLoans, 0}] = {{},
                                           {{"'member'", "'partition_key'", "'text'"},
                                            {"'year'", "'clustering'", "'int'"},
                                            {"'All'", "'static'", "'counter'"},
                                            {"'late'", "'regular'", "'counter'"}}};
    world.answers[{kRowsOfLoans, 0}] = {{"member", "year", "All", "late"},
                                        {{"'a'", "2025", "7", "3"}, {"'a'", "2026", "7", "-4"}, {"'b'", "null", "1", "null"}}};
    LabSession session(twoSteps(), world, nullptr);
    QVERIFY(session.reset(0).has_value());
    const std::vector<std::string> statements{
        "DROP KEYSPACE IF EXISTS lending",
        "CREATE KEYSPACE lending",
        "CREATE TABLE lending.loans",
        "UPDATE lending.loans SET \"All\" = \"All\" + 7, late = late + 3 WHERE member = 'a' AND year = 2025",
        "UPDATE lending.loans SET late = late + -4 WHERE member = 'a' AND year = 2026",
        "UPDATE lending.loans SET \"All\" = \"All\" + 1 WHERE member = 'b'"};
    allow(world, statements);
    world.asked.clear();
    const auto undone = session.undoReset();
    QVERIFY2(undone.has_value(), undone ? "" : undone.error().message.c_str());
    QCOMPARE(restored(world), statements);
    QCOMPARE(world.asked.back().consistency, std::string("QUORUM"));
}

/// The learner's rows are saved by the first; what it left is not worth saving over them.
void LabSessionTest::aSecondResetKeepsWhatTheFirstSaved() {
    FakeWorld world;
    answerSnapshot(world);
    LabSession session(twoSteps(), world, nullptr);
    world.onAct = [&world] { world.answers[{"SELECT keyspace_name FROM system_schema.keyspaces", 0}] = {}; };
    QVERIFY(session.reset(0).has_value());
    const auto again = session.reset(0);
    QVERIFY(again.has_value());
    QVERIFY(again.value().canUndo);
    allow(world, kRestoring);
    world.asked.clear();
    QVERIFY(session.undoReset().has_value());
    QCOMPARE(restored(world), kRestoring);
    QVERIFY(!session.undoReset().has_value());
}

/// What the learner did in between is saved, too, and comes back first.
void LabSessionTest::workBetweenResetsIsSavedOnTop() {
    FakeWorld world;
    answerSnapshot(world);
    LabSession session(twoSteps(), world, nullptr);
    world.onAct = [&world] { world.answers[{kRowsOfLoans, 0}] = {{"member"}, {}}; };
    QVERIFY(session.reset(0).has_value());
    world.answers[{kRowsOfLoans, 0}] = {{"member"}, {{"'new'"}}};
    QVERIFY(session.reset(0).has_value());

    std::vector<std::string> newest = kRestoring;
    newest.back() = "INSERT INTO lending.loans (member) VALUES ('new')";
    allow(world, kRestoring);
    allow(world, newest);
    world.asked.clear();
    QVERIFY(session.undoReset().has_value());
    QCOMPARE(restored(world), newest);
    world.asked.clear();
    QVERIFY(session.undoReset().has_value());
    QCOMPARE(restored(world), kRestoring);
}

void LabSessionTest::rowsThatDidNotComeBackAreReported() {
    FakeWorld world;
    answerSnapshot(world);
    LabSession session(twoSteps(), world, nullptr);
    QVERIFY(session.reset(0).has_value());
    allow(world, {kRestoring.begin(), kRestoring.end() - 1});
    const auto half = session.undoReset();
    QVERIFY(!half.has_value());
    QVERIFY2(half.error().message.find("2 of 3 saved statements were run") == 0, half.error().message.c_str());
    allow(world, kRestoring);
    QVERIFY(session.undoReset().has_value());
}

void LabSessionTest::rowsThatAreNotSavedAreReported() {
    FakeWorld world;
    answerSnapshot(world);
    world.answers[{kRowsOfLoans, 0}].rows.resize(kSnapshotRowsMax + 1, {"'m'", "1", "null"});
    LabSession session(twoSteps(), world, nullptr);
    const auto note = session.reset(0);
    QVERIFY(note.has_value());
    QCOMPARE(note.value().says, std::string("n3 is started. Of lending.loans only 2000 rows were saved."));
}

void LabSessionTest::whatFailsInASolutionIsNamed() {
    FakeWorld world;
    LabSession session(twoSteps(), world, nullptr);
    const auto solved = session.solve(0);
    QVERIFY(!solved.has_value());
    QCOMPARE(solved.error().message, std::string("UPDATE: unconfigured table"));
}

void LabSessionTest::whatAnEarlierStepLeftIsNoMistake() {
    FakeWorld world;
    world.answers[{"SELECT due", 0}] = {{"due"}, {{"1"}}};
    CqlWants due;
    due.query = "SELECT due";
    due.rows = {{"2"}};
    Lab lab = twoSteps();
    lab.steps[0].checks = {check("cql", due)};
    LabSession session(lab, world, nullptr);
    QVERIFY(session.open(0).has_value());
    world.now += 10;
    world.tellRequest({.kind = "READ"});
    session.feed(world.batch);
    QVERIFY(session.check(0).value());
    QCOMPARE(session.state(0).verdict, Verdict::NotShownYet);
    world.batch.events.clear();
    world.tellRequest({});
    session.feed(world.batch);
    QVERIFY(session.check(0).value());
    QCOMPARE(session.state(0).verdict, Verdict::Failed);
}

void LabSessionTest::onlySomeEventsAreWorthALook() {
    FakeWorld world;
    LabSession session(twoSteps(), world, nullptr);
    world.tell(1, engine::observe::GossipRound{});
    FakeWorld::Request request;
    request.client = std::string(kCheckerName);
    world.tellRequest(request);
    QVERIFY(!session.feed(world.batch));
    world.tellRequest({});
    QVERIFY(session.feed(world.batch));
}

QTEST_GUILESS_MAIN(LabSessionTest)
#include "lab_session_test.moc"
