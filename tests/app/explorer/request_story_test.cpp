#include <QtTest>

#include "app/explorer/request_story.h"
#include "scene.h"

using namespace app::explorer;
using tests::Scene;

/// A request's events told as errands.
class RequestStoryTest : public QObject {
    Q_OBJECT

private slots:
    void aWriteHasALegForEveryReplica();
    void theBlockingSetComesFirstInOrderOfArrival();
    void theDeciderIsTheAnswerThatMetTheLevel();
    void stagesFollowTheClock_data();
    void stagesFollowTheClock();
    void whatIsInFlightIsCounted();
    void aMismatchMakesFurtherRounds();
    void partsBeforeTheStartAreNoCrash();
    void onlyTheConsolesRequestsAreItsOwn();

private:
    RequestStory written();
};

RequestStory RequestStoryTest::written() {
    Scene scene;
    const auto id = scene.write();
    return RequestStory::of(scene.state().request(id));
}

void RequestStoryTest::aWriteHasALegForEveryReplica() {
    const RequestStory story = written();
    QVERIFY(story.isWrite);
    QCOMPARE(story.legs.size(), std::size_t(3));
    const auto local = std::find_if(story.legs.begin(), story.legs.end(), [](const Leg& leg) { return leg.isLocal; });
    QCOMPARE(local->replica, Scene::node(1));
    QCOMPARE(local->work.size(), std::size_t(2));
}

void RequestStoryTest::theBlockingSetComesFirstInOrderOfArrival() {
    const RequestStory story = written();
    QCOMPARE(story.legs[0].replica, Scene::node(1));
    QCOMPARE(story.legs[1].replica, Scene::node(2));
    QCOMPARE(story.legs[2].replica, Scene::node(3));
    QVERIFY(story.legs[1].counted);
    QVERIFY(story.legs[2].isLate());
}

void RequestStoryTest::theDeciderIsTheAnswerThatMetTheLevel() { QCOMPARE(written().decider()->replica, Scene::node(2)); }

void RequestStoryTest::stagesFollowTheClock_data() {
    QTest::addColumn<double>("millis");
    QTest::addColumn<int>("stage");
    QTest::newRow("before the send") << .05 << static_cast<int>(Stage::NotSent);
    QTest::newRow("on the wire") << .15 << static_cast<int>(Stage::OnItsWay);
    QTest::newRow("there") << .24 << static_cast<int>(Stage::Arrived);
    QTest::newRow("in the commit log") << .47 << static_cast<int>(Stage::Logged);
    QTest::newRow("in the memtable") << .515 << static_cast<int>(Stage::Applied);
    QTest::newRow("answer on the wire") << .6 << static_cast<int>(Stage::Answering);
    QTest::newRow("answered") << .7 << static_cast<int>(Stage::Answered);
}

void RequestStoryTest::stagesFollowTheClock() {
    QFETCH(const double, millis);
    QFETCH(const int, stage);
    const Scene scene;
    QCOMPARE(static_cast<int>(written().legs[1].stageAt(scene.nanos(millis))), stage);
}

void RequestStoryTest::whatIsInFlightIsCounted() {
    const Scene scene;
    const RequestStory story = written();
    QCOMPARE(story.inFlightAt(scene.nanos(.15)), 2);
    QCOMPARE(story.inFlightAt(scene.nanos(.4)), 1);
    QCOMPARE(story.inFlightAt(scene.nanos(5)), 0);
    QCOMPARE(story.countedAt(scene.nanos(.4)), 1u);
    QCOMPARE(story.lateAt(scene.nanos(5)), 1);
}

void RequestStoryTest::aMismatchMakesFurtherRounds() {
    Scene scene;
    const auto id = scene.readWithMismatch();
    const RequestStory story = RequestStory::of(scene.state().request(id));
    QVERIFY(!story.isWrite);
    QCOMPARE(story.legs.size(), std::size_t(4));
    QVERIFY(story.legs[1].digest);
    QCOMPARE(story.legs[2].round, 1);
    QVERIFY(story.legs[3].isRepair);
    QCOMPARE(story.legs[3].work.size(), std::size_t(2));
}

void RequestStoryTest::partsBeforeTheStartAreNoCrash() {
    Scene scene;
    const engine::Uuid id{1, 2};
    scene.tell(2, 3, engine::observe::MessageReceived{id, 4, "MUTATION_REQ", Scene::node(1)});
    const RequestStory story = RequestStory::of(scene.state().request(id));
    QVERIFY(story.legs.empty());
    QCOMPARE(story.begin, scene.nanos(3));
    QVERIFY(RequestStory::of(nullptr).legs.empty());
}

void RequestStoryTest::onlyTheConsolesRequestsAreItsOwn() {
    Scene scene;
    const auto mine = scene.write(0);
    scene.readWithMismatch(10);
    QCOMPARE(newestOfConsole(scene.state())->id, mine);
}

QTEST_MAIN(RequestStoryTest)
#include "request_story_test.moc"
