#include "engine/coordinator/prepared_statements.h"

#include <QtTest>

#include <algorithm>

using namespace engine;
using coordinator::PreparedStatements;

namespace {

cql::PreparedPtr statementOf(const std::string& text) {
    auto out = std::make_shared<cql::Prepared>();
    out->text = text;
    return out;
}

/// Statements with room for two, and what their keeper was told.
struct Fixture {
    Fixture() {
        statements.keepWith({[this](const Bytes& id, const std::string& keyspace, const std::string& text) {
                                 told.push_back("+" + id + ' ' + keyspace + ' ' + text);
                             },
                             [this](const Bytes& id) { told.push_back("-" + id); }});
    }
    PreparedStatements statements{2};
    std::vector<std::string> told;
};

}  // namespace

class PreparedStatementsTest : public QObject {
    Q_OBJECT
private slots:
    void idIsTheHashOfKeyspaceAndText() {
        QCOMPARE(toHex(PreparedStatements::idOf("ks", "SELECT")), std::string("1ca162e548f39748a5899d73a83ed7f4"));
        QVERIFY(PreparedStatements::idOf("", "SELECT") != PreparedStatements::idOf("ks", "SELECT"));
    }

    void whatIsNewIsKeptOnce() {
        Fixture f;
        f.statements.add("a", "ks", statementOf("SELECT 1"));
        f.statements.add("a", "ks", statementOf("SELECT 1"));
        QCOMPARE(f.told, (std::vector<std::string>{"+a ks SELECT 1"}));
    }

    void whatIsRestoredIsNotToldAgain() {
        Fixture f;
        f.statements.restore("a", statementOf("SELECT 1"));
        QVERIFY(f.statements.find("a") != nullptr);
        QVERIFY(f.told.empty());
    }

    void theOneNotUsedForLongestGoes() {
        Fixture f;
        f.statements.add("a", "", statementOf("A"));
        f.statements.add("b", "", statementOf("B"));
        QVERIFY(f.statements.find("a") != nullptr);
        f.statements.add("c", "", statementOf("C"));
        QVERIFY(f.statements.find("b") == nullptr);
        QVERIFY(f.statements.find("a") != nullptr);
        QCOMPARE(f.statements.evicted(), std::uint64_t{1});
        QVERIFY(std::find(f.told.begin(), f.told.end(), "-b") != f.told.end());
    }

    void thoseOfATableThatHasGoneAreDropped() {
        Fixture f;
        auto ofTable = std::make_shared<cql::Prepared>();
        ofTable->statement = cql::UseStatement{"k"};
        ofTable->tableId = Uuid{1, 1};
        f.statements.add("a", "", ofTable);
        f.statements.add("b", "", statementOf("USE k"));
        f.statements.dropChanged(schema::Schema());
        QVERIFY(f.statements.find("a") == nullptr);
        QVERIFY(f.statements.find("b") != nullptr);
        QCOMPARE(f.told.back(), std::string("-a"));
    }
};

QTEST_GUILESS_MAIN(PreparedStatementsTest)
#include "prepared_statements_test.moc"
