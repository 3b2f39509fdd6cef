#include "engine/admin/link_methods.h"

#include <QtTest>

using namespace engine;
using namespace engine::admin;
using namespace std::chrono_literals;
using messaging::Verb;

class LinkMethodsTest : public QObject {
    Q_OBJECT
private slots:
    void aRuleIsSetAndTold() {
        messaging::LinkRules rules;
        const auto answer = changeLinks(rules, R"({"set":{"name":"cut n3","to":"127.0.0.3:7000","drop":1}})");
        QVERIFY(answer.has_value());
        QCOMPARE(answer.value(), std::string(R"([{"name":"cut n3","to":"127.0.0.3:7000","verb":"","drop":1E0,)"
                                             R"("delayMicros":0,"jitterMicros":0}])"));
        QCOMPARE(rules.rules().size(), std::size_t(1));
        QCOMPARE(rules.rules()[0].drop, 1.0);
    }
    void delayAndVerbAreTaken() {
        messaging::LinkRules rules;
        QVERIFY(changeLinks(rules, R"({"set":{"name":"a","verb":"MUTATION_REQ","delayMicros":800,"jitterMicros":40}})"));
        QVERIFY(rules.rules()[0].verb == Verb::MutationReq);
        QVERIFY(rules.rules()[0].delay == 800us);
        QVERIFY(rules.rules()[0].jitter == 40us);
    }
    void oneOrAllAreRemoved() {
        messaging::LinkRules rules;
        QVERIFY(changeLinks(rules, R"({"set":{"name":"a","drop":1}})"));
        QVERIFY(changeLinks(rules, R"({"set":{"name":"b","drop":1}})"));
        QVERIFY(changeLinks(rules, R"({"remove":"a"})"));
        QCOMPARE(rules.rules().size(), std::size_t(1));
        QCOMPARE(rules.rules()[0].name, std::string("b"));
        const auto answer = changeLinks(rules, R"({"clear":true})");
        QCOMPARE(answer.value(), std::string("[]"));
        QVERIFY(rules.empty());
    }
    void whatIsWrongChangesNothing_data() {
        QTest::addColumn<QByteArray>("params");
        QTest::newRow("no object") << QByteArray("[]");
        QTest::newRow("no name") << QByteArray(R"({"set":{"drop":1}})");
        QTest::newRow("no such verb") << QByteArray(R"({"set":{"name":"a","verb":"NO_SUCH"}})");
        QTest::newRow("drop over one") << QByteArray(R"({"set":{"name":"a","drop":2}})");
        QTest::newRow("negative delay") << QByteArray(R"({"set":{"name":"a","delayMicros":-1}})");
        QTest::newRow("delay of an hour") << QByteArray(R"({"set":{"name":"a","delayMicros":3600000000}})");
        QTest::newRow("drop is a word") << QByteArray(R"({"set":{"name":"a","drop":"all"}})");
    }
    void whatIsWrongChangesNothing() {
        QFETCH(QByteArray, params);
        messaging::LinkRules rules;
        QVERIFY(!changeLinks(rules, params.toStdString()));
        QVERIFY(rules.empty());
    }
};

QTEST_GUILESS_MAIN(LinkMethodsTest)
#include "link_methods_test.moc"
