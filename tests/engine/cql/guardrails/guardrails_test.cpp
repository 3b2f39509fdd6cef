#include "engine/cql/guardrails/guardrails.h"

#include <QtTest>

#include "engine/schema/schema.h"

using namespace engine;
using namespace engine::cql;

namespace {

QString outcome(const Result<void>& result) {
    return result ? QString("ok") : QString::fromStdString(result.error().message);
}

}  // namespace

/// CFG-47, ERR-90: what each says is pinned by cql/guardrails of the recorded sessions; here, when they speak at all.
class GuardrailsTest : public QObject {
    Q_OBJECT
private slots:
    void withoutSettingsNothingIsChecked() {
        const Guardrails none;
        QVERIFY(!none.hold());
        QCOMPARE(outcome(none.keyspaces(1'000'000, "k")), QString("ok"));
        QCOMPARE(outcome(none.vector(1'000'000, "Column v")), QString("ok"));
        QCOMPARE(outcome(none.writeConsistency(0, 8)), QString("ok"));
        QCOMPARE(outcome(none.timestamp(1, 1'700'000'000'000'000, "t")), QString("ok"));
        QCOMPARE(outcome(none.saiTermSize(1 << 30, "c", Guardrails::TermKind::String)), QString("ok"));
    }

    void aThresholdWarnsAboveItselfAndFailsAboveTheOther() {
        GuardrailSettings settings;
        settings.tables = {2, 4};
        std::vector<std::string> warnings;
        const Guardrails guardrails(settings, warnings);
        QCOMPARE(outcome(guardrails.tables(2, "t")), QString("ok"));
        QVERIFY(warnings.empty());
        QCOMPARE(outcome(guardrails.tables(4, "t")), QString("ok"));
        QCOMPARE(warnings, std::vector<std::string>{"Guardrail tables violated: Creating table t, current number of tables "
                                                    "4 exceeds warning threshold of 2."});
        QCOMPARE(outcome(guardrails.tables(5, "t")),
                 QString("Guardrail tables violated: Cannot have more than 4 tables, aborting the creation of table t"));
    }

    void aThresholdOfZeroIsALimitAndANegativeOneIsNone() {
        GuardrailSettings settings;
        settings.itemsPerCollection = {-1, 0};
        std::vector<std::string> warnings;
        const Guardrails guardrails(settings, warnings);
        QVERIFY(!guardrails.itemsPerCollection(1, "c"));
        QVERIFY(guardrails.collectionSize(1 << 20, "c").has_value());
        QVERIFY(warnings.empty());
    }

    void theSameWarningIsGivenOnce() {
        GuardrailSettings settings;
        settings.columnValueSize = {10, -1};
        std::vector<std::string> warnings;
        const Guardrails guardrails(settings, warnings);
        QVERIFY(guardrails.columnValueSize(11, "c").has_value());
        QVERIFY(guardrails.columnValueSize(11, "c").has_value());
        QVERIFY(guardrails.columnValueSize(12, "c").has_value());
        QCOMPARE(warnings.size(), std::size_t(2));
    }

    void theLeastReplicationIsBelowTheMost() {
        GuardrailSettings settings;
        settings.minimumReplicationFactor = {3, 2};
        settings.maximumReplicationFactor = {4, 5};
        std::vector<std::string> warnings;
        const Guardrails guardrails(settings, warnings);
        const auto of = [&](const char* factor) {
            warnings.clear();
            return guardrails.replication("k", {"NetworkTopologyStrategy", {{"dc1", factor}}}).has_value();
        };
        QVERIFY(!of("1"));
        QVERIFY(of("2") && warnings.size() == 1);
        QVERIFY(of("3") && warnings.empty());
        QVERIFY(of("5") && warnings.size() == 1);
        QVERIFY(!of("6"));
    }

    void ignoredPropertiesAreNamedAndDisallowedOnesRefused() {
        GuardrailSettings settings;
        settings.tableProperties.ignored = {"comment"};
        settings.tableProperties.disallowed = {"cdc"};
        std::vector<std::string> warnings;
        const Guardrails guardrails(settings, warnings);
        const auto ignored = guardrails.tableProperties({"comment", "compaction"});
        QVERIFY(ignored.has_value());
        QCOMPARE(ignored.value(), std::set<std::string>{"comment"});
        QCOMPARE(warnings.size(), std::size_t(1));
        QVERIFY(!guardrails.tableProperties({"comment", "cdc"}));
    }

    void timesAreBoundedOnBothSidesOfNow() {
        constexpr std::int64_t kNow = 1'700'000'000'000'000;
        GuardrailSettings settings;
        settings.minimumTimestamp = {10, 100};
        settings.maximumTimestamp = {10, 100};
        std::vector<std::string> warnings;
        const Guardrails guardrails(settings, warnings);
        QVERIFY(guardrails.timestamp(kNow, kNow, "t").has_value() && warnings.empty());
        QVERIFY(guardrails.timestamp(kNow - 50, kNow, "t").has_value() && warnings.size() == 1);
        QVERIFY(guardrails.timestamp(kNow + 50, kNow, "t").has_value() && warnings.size() == 2);
        QVERIFY(!guardrails.timestamp(kNow - 101, kNow, "t"));
        QVERIFY(!guardrails.timestamp(kNow + 101, kNow, "t"));
    }
};

QTEST_GUILESS_MAIN(GuardrailsTest)
#include "guardrails_test.moc"
