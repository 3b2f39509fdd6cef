#include <QtTest>

#include "engine/messaging/link_rules.h"

using namespace engine;
using namespace engine::messaging;
using namespace std::chrono_literals;

class LinkRulesTest : public QObject {
    Q_OBJECT
private slots:
    void ruleMatchesPeerAndVerb();
    void delaysAddUpAndJitterStaysBelowItsBound();
    void probabilityDropsItsShare();
    void settingANameAgainReplacesTheRule();
};

void LinkRulesTest::ruleMatchesPeerAndVerb() {
    runtime::SeededRandom random(1);
    LinkRules rules;
    rules.set({"cut", "127.0.0.2:7000", Verb::MutationReq, 1, 0ns, 0ns});
    QVERIFY(rules.judge("127.0.0.2:7000", Verb::MutationReq, random).drop);
    QVERIFY(!rules.judge("127.0.0.2:7000", Verb::ReadReq, random).drop);
    QVERIFY(!rules.judge("127.0.0.3:7000", Verb::MutationReq, random).drop);
    rules.set({"cut all", "", std::nullopt, 1, 0ns, 0ns});
    QVERIFY(rules.judge("127.0.0.3:7000", Verb::EchoReq, random).drop);
    rules.remove("cut all");
    QVERIFY(!rules.judge("127.0.0.3:7000", Verb::EchoReq, random).drop);
}

void LinkRulesTest::delaysAddUpAndJitterStaysBelowItsBound() {
    runtime::SeededRandom random(1);
    LinkRules rules;
    rules.set({"a", "", std::nullopt, 0, 10ms, 0ns});
    rules.set({"b", "", std::nullopt, 0, 5ms, 2ms});
    for (int i = 0; i < 100; ++i) {
        const auto verdict = rules.judge("127.0.0.3:7000", Verb::ReadReq, random);
        QVERIFY(!verdict.drop && verdict.delay >= 15ms && verdict.delay < 17ms);
    }
}

void LinkRulesTest::probabilityDropsItsShare() {
    runtime::SeededRandom random(1);
    LinkRules rules;
    rules.set({"lossy", "", std::nullopt, 0.25, 0ns, 0ns});
    int dropped = 0;
    for (int i = 0; i < 10000; ++i) {
        dropped += rules.judge("127.0.0.3:7000", Verb::ReadReq, random).drop ? 1 : 0;
    }
    QVERIFY(dropped > 2300 && dropped < 2700);
}

void LinkRulesTest::settingANameAgainReplacesTheRule() {
    LinkRules rules;
    rules.set({"a", "", std::nullopt, 1, 0ns, 0ns});
    rules.set({"a", "", std::nullopt, 0, 0ns, 0ns});
    QCOMPARE(rules.rules().size(), std::size_t{1});
    QCOMPARE(rules.rules()[0].drop, 0.0);
    rules.clear();
    QVERIFY(rules.empty());
}

QTEST_GUILESS_MAIN(LinkRulesTest)
#include "link_rules_test.moc"
