#include <QtTest>

#include "engine/cql/assist/classification.h"
#include "engine/cql/assist/completion.h"
#include "engine/cql/assist/fixes.h"
#include "engine/cql/assist/place.h"
#include "engine/cql/assist/spelling.h"
#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/text.h"

using namespace engine::cql::assist;
using engine::ErrorKind;

namespace {

Names library() {
    Names names;
    auto& tables = names.keyspaces["library"].tables;
    tables["loans"] = {{"due", "date", "regular", -1},       {"isbn", "text", "clustering", 0},
                       {"member", "text", "partition_key", 0}, {"tags", "set<text>", "regular", -1},
                       {"Branch", "text", "static", -1}};
    tables["visits"] = {{"branch", "text", "partition_key", 0}, {"day", "date", "partition_key", 1}, {"n", "int", "regular", -1}};
    names.keyspaces["library"].types = {"address"};
    names.keyspaces["library"].functions = {"fines"};
    names.keyspaces["system"].tables["local"] = {{"key", "text", "partition_key", 0}};
    names.sortColumns();
    return names;
}

QStringList offered(const QString& before) {
    QStringList texts;
    for (const Candidate& candidate : complete(before.toStdString(), library(), "library").candidates) {
        texts << QString::fromStdString(candidate.text);
    }
    return texts;
}

/// The statement after its first fix; empty when there is none.
QString mended(const QString& statement, ErrorKind kind = ErrorKind::Syntax, const QString& message = {}) {
    const std::string text = statement.toStdString();
    const auto fixes = fixesFor(text, engine::makeError(kind, message.toStdString()), library(), "library");
    return fixes.empty() ? QString() : QString::fromStdString(withFix(text, fixes.front()));
}

Classification classified(const char* statement) {
    const auto found = classify(statement, library(), "library");
    return found.value_or(Classification{StatementKind::Access, LevelUse::None, {}, false, false, false, 99});
}

}  // namespace

/// Completion, classification and fixes, by examples.
class AssistTest : public QObject {
    Q_OBJECT

private slots:
    void completionKnowsTheContext_data();
    void completionKnowsTheContext();
    void columnsComeInTheOrderOfTheKey();
    void operatorsFollowTheColumnsType();
    void nothingIsOfferedInQuotes();
    void namesThatNeedQuotesGetThem();
    void anEarlierStatementDoesNotCount();
    void aReadIsAScanWithoutItsWholePartitionKey();
    void partitionsOfInListsMultiply();
    void conditionsUseTheSerialLevel();
    void aBatchCountsItsPartitions();
    void syntaxFixesSatisfyTheParser_data();
    void syntaxFixesSatisfyTheParser();
    void nothingIsOfferedForWhatCannotBeMended();
    void namesAreMendedToNearOnes_data();
    void namesAreMendedToNearOnes();
    void errorsWithoutAPlaceAreFoundByTheirWords_data();
    void errorsWithoutAPlaceAreFoundByTheirWords();
    void linesEndWhereCqlshEndsThem();
    void everyBeginningOfAStatementIsAnswered();
    void namesThatAreNearlyThereAreFound_data();
    void namesThatAreNearlyThereAreFound();
};

void AssistTest::completionKnowsTheContext_data() {
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("wanted");
    QTest::newRow("a statement begins") << "SE" << "SELECT";
    QTest::newRow("the shell's verbs too") << "" << "CAPTURE";
    QTest::newRow("tables after FROM") << "SELECT * FROM lo" << "loans";
    QTest::newRow("tables of a keyspace") << "SELECT * FROM library." << "loans";
    QTest::newRow("keyspaces as the start of a name") << "SELECT * FROM lib" << "library.";
    QTest::newRow("columns after WHERE") << "SELECT * FROM loans WHERE " << "member";
    QTest::newRow("columns before FROM once a letter is typed") << "SELECT me" << "member";
    QTest::newRow("functions of one's own") << "SELECT fi" << "fines(";
    QTest::newRow("columns to write") << "INSERT INTO library.loans (" << "isbn";
    QTest::newRow("columns to set") << "UPDATE loans SET d" << "due";
    QTest::newRow("values by type") << "UPDATE loans SET due = to_d" << "to_date(now())";
    QTest::newRow("levels") << "CONSISTENCY LOCAL" << "LOCAL_QUORUM";
    QTest::newRow("serial levels") << "SERIAL CONSISTENCY " << "LOCAL_SERIAL";
    QTest::newRow("after an earlier statement") << "SELECT 1 FROM a; USE lib" << "library";
    QTest::newRow("user types in a table") << "CREATE TABLE t (k int PRIMARY KEY, a addr" << "address";
    QTest::newRow("table options") << "CREATE TABLE t (k int PRIMARY KEY) WITH gc_" << "gc_grace_seconds =";
    QTest::newRow("an option's values") << "ALTER TABLE loans WITH compaction = " << "{'class': 'LeveledCompactionStrategy'}";
    QTest::newRow("columns to drop") << "ALTER TABLE loans DROP d" << "due";
    QTest::newRow("columns to index") << "CREATE INDEX ON loans (d" << "due";
    QTest::newRow("columns to copy") << "COPY loans (is" << "isbn";
    QTest::newRow("options of an export") << "COPY loans TO 'a' WITH FLOAT" << "FLOATPRECISION =";
    QTest::newRow("options of an import") << "COPY loans FROM 'a' WITH ERR" << "ERRFILE =";
    QTest::newRow("columns in a batch") << "BEGIN BATCH UPDATE loans SET du" << "due";
    QTest::newRow("tables to describe") << "DESCRIBE lo" << "loans";
}

void AssistTest::completionKnowsTheContext() {
    QFETCH(const QString, before);
    QFETCH(const QString, wanted);
    QVERIFY2(offered(before).contains(wanted), qPrintable(offered(before).join(" | ")));
}

void AssistTest::columnsComeInTheOrderOfTheKey() {
    QCOMPARE(offered("SELECT * FROM loans WHERE ").mid(0, 5), QStringList({"member", "isbn", "\"Branch\"", "due", "tags"}));
}

void AssistTest::operatorsFollowTheColumnsType() {
    QVERIFY(offered("SELECT * FROM loans WHERE tags ").contains("CONTAINS"));
    QVERIFY(!offered("SELECT * FROM loans WHERE tags ").contains("CONTAINS KEY"));
    QVERIFY(!offered("SELECT * FROM loans WHERE due ").contains("CONTAINS"));
}

void AssistTest::nothingIsOfferedInQuotes() {
    QVERIFY(offered("SELECT * FROM loans WHERE member = 'lo").isEmpty());
    QVERIFY(offered("-- SEL").isEmpty());
}

void AssistTest::namesThatNeedQuotesGetThem() {
    QVERIFY(offered("UPDATE loans SET ").contains("\"Branch\""));
}

void AssistTest::anEarlierStatementDoesNotCount() {
    QVERIFY(offered("SELECT * FROM loans; ").contains("INSERT INTO"));
    QVERIFY(offered("CONSISTENCY ONE\n").contains("INSERT INTO"));
    QVERIFY(!offered("SELECT * FROM loans WHERE member = 'a' AND ").contains("INSERT INTO"));
}

void AssistTest::aReadIsAScanWithoutItsWholePartitionKey() {
    QVERIFY(!classified("SELECT * FROM loans WHERE member = 'a'").fullScan);
    QVERIFY(classified("SELECT * FROM loans").fullScan);
    QVERIFY(classified("SELECT * FROM visits WHERE branch = 'a' ALLOW FILTERING").fullScan);
    QVERIFY(classified("SELECT * FROM visits WHERE branch = 'a' ALLOW FILTERING").allowFiltering);
    QVERIFY(!classified("SELECT * FROM visits WHERE branch = 'a' AND day = '2026-01-01'").fullScan);
    QVERIFY(!classified("SELECT * FROM system.local").fullScan);
    QVERIFY(!classified("SELECT * FROM unknown WHERE k = 1").fullScan);
    QCOMPARE(classified("SELECT * FROM system.local").level, LevelUse::None);
    QCOMPARE(classified("SELECT * FROM loans").tables, std::vector<TableUse>({{"", "loans"}}));
}

void AssistTest::partitionsOfInListsMultiply() {
    QCOMPARE(classified("SELECT * FROM visits WHERE branch IN ('a', 'b', 'c') AND day IN ('2026-01-01', '2026-01-02')").partitions,
             std::size_t(6));
    QCOMPARE(classified("SELECT * FROM loans WHERE member IN ?").partitions, std::size_t(0));
    QVERIFY(!classified("SELECT * FROM loans WHERE member IN ?").fullScan);
}

void AssistTest::conditionsUseTheSerialLevel() {
    QCOMPARE(classified("INSERT INTO loans (member, isbn) VALUES ('a', 'b') IF NOT EXISTS").level, LevelUse::Serial);
    QCOMPARE(classified("UPDATE loans SET due = null WHERE member = 'a' AND isbn = 'b' IF due = null").level, LevelUse::Serial);
    QCOMPARE(classified("INSERT INTO loans (member, isbn) VALUES ('a', 'b')").level, LevelUse::Normal);
    QCOMPARE(classified("CREATE TABLE t (k int PRIMARY KEY)").kind, StatementKind::Schema);
    QVERIFY(!classify("SELECT FROM WHERE", library(), "library"));
}

void AssistTest::aBatchCountsItsPartitions() {
    const auto same = classified("BEGIN BATCH INSERT INTO loans (member, isbn) VALUES ('a', 'x'); "
                                 "UPDATE loans SET due = null WHERE member = 'a' AND isbn = 'y'; APPLY BATCH");
    QCOMPARE(same.partitions, std::size_t(1));
    QVERIFY(same.logged);
    const auto two = classified("BEGIN UNLOGGED BATCH INSERT INTO loans (member, isbn) VALUES ('a', 'x'); "
                                "INSERT INTO loans (member, isbn) VALUES ('b', 'x'); APPLY BATCH");
    QCOMPARE(two.partitions, std::size_t(2));
    QVERIFY(!two.logged);
}

void AssistTest::syntaxFixesSatisfyTheParser_data() {
    QTest::addColumn<QString>("wrong");
    QTest::addColumn<QString>("right");
    QTest::newRow("first word") << "SELCT * FROM loans" << "SELECT * FROM loans";
    QTest::newRow("a word in the middle") << "SELECT * FORM loans" << "SELECT * FROM loans";
    QTest::newRow("a word at the end") << "SELECT * FROM loans ALLOW FILTRING" << "SELECT * FROM loans ALLOW FILTERING";
    QTest::newRow("VALUE") << "INSERT INTO loans (member) VALUE ('a')" << "INSERT INTO loans (member) VALUES ('a')";
    QTest::newRow("double quotes") << "SELECT * FROM loans WHERE member = \"Ada\"" << "SELECT * FROM loans WHERE member = 'Ada'";
    QTest::newRow("two equals") << "SELECT * FROM loans WHERE member == 'a'" << "SELECT * FROM loans WHERE member = 'a'";
    QTest::newRow("a comma too many") << "SELECT member, FROM loans" << "SELECT member FROM loans";
    QTest::newRow("a comma too few") << "SELECT member isbn FROM loans" << "SELECT member, isbn FROM loans";
    QTest::newRow("an open parenthesis") << "INSERT INTO loans (member) VALUES ('a'" << "INSERT INTO loans (member) VALUES ('a')";
    QTest::newRow("an open string") << "SELECT * FROM loans WHERE member = 'a" << "SELECT * FROM loans WHERE member = 'a'";
    QTest::newRow("a reserved word") << "CREATE TABLE t (token int PRIMARY KEY)" << "CREATE TABLE t (\"token\" int PRIMARY KEY)";
    QTest::newRow("CREATE SCHEMA") << "CREATE SCHEMA a WITH replication = {'class': 'SimpleStrategy'}"
                                   << "CREATE KEYSPACE a WITH replication = {'class': 'SimpleStrategy'}";
}

void AssistTest::syntaxFixesSatisfyTheParser() {
    QFETCH(const QString, wrong);
    QFETCH(const QString, right);
    QVERIFY(!engine::cql::syntax::parse(wrong.toStdString()));
    QCOMPARE(mended(wrong), right);
}

void AssistTest::nothingIsOfferedForWhatCannotBeMended() {
    QCOMPARE(mended("this is no CQL at all"), QString());
    QCOMPARE(mended(""), QString());
    QCOMPARE(mended("SELECT wrong FROM loans", ErrorKind::Invalid, "Undefined column name wrong in table library.loans"), QString());
}

void AssistTest::namesAreMendedToNearOnes_data() {
    QTest::addColumn<QString>("wrong");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("right");
    QTest::newRow("column") << "SELECT membr FROM loans" << "Undefined column name membr in table library.loans" << "SELECT member FROM loans";
    QTest::newRow("table") << "SELECT * FROM loan" << "table loan does not exist" << "SELECT * FROM loans";
    QTest::newRow("table of a keyspace") << "SELECT * FROM library.vists" << "table library.vists does not exist" << "SELECT * FROM library.visits";
    QTest::newRow("keyspace") << "USE libary" << "Keyspace 'libary' does not exist" << "USE library";
    QTest::newRow("no keyspace") << "SELECT * FROM loans" << "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename"
                                 << "SELECT * FROM library.loans";
    QTest::newRow("filtering") << "SELECT * FROM loans WHERE due = '2026-01-01'"
                               << "Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. "
                                  "If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING"
                               << "SELECT * FROM loans WHERE due = '2026-01-01' ALLOW FILTERING";
    QTest::newRow("quotes too many") << "UPDATE visits SET n = '5' WHERE branch = 'a'" << "Invalid STRING constant (5) for \"n\" of type int"
                                     << "UPDATE visits SET n = 5 WHERE branch = 'a'";
    QTest::newRow("quotes too few") << "SELECT * FROM loans WHERE member = 5" << "Invalid INTEGER constant (5) for \"member\" of type text"
                                    << "SELECT * FROM loans WHERE member = '5'";
}

void AssistTest::namesAreMendedToNearOnes() {
    QFETCH(const QString, wrong);
    QFETCH(const QString, message);
    QFETCH(const QString, right);
    QCOMPARE(mended(wrong, ErrorKind::Invalid, message), right);
}

void AssistTest::errorsWithoutAPlaceAreFoundByTheirWords_data() {
    QTest::addColumn<QString>("statement");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("place");
    QTest::newRow("column") << "SELECT name, membr FROM loans" << "Undefined column name membr in table library.loans" << "membr";
    QTest::newRow("column in quotes") << "SELECT * FROM loans WHERE \"Brnch\" = 'a'" << "Undefined column name \"Brnch\" in table library.loans"
                                      << "\"Brnch\"";
    QTest::newRow("table") << "SELECT * FROM library.vists" << "table library.vists does not exist" << "vists";
    QTest::newRow("keyspace") << "USE libary" << "Keyspace 'libary' does not exist" << "libary";
    QTest::newRow("function") << "SELECT fine(due) FROM loans" << "Unknown function 'fine'" << "fine";
    QTest::newRow("value") << "UPDATE visits SET n = '5' WHERE branch = 'a'" << "Invalid STRING constant (5) for \"n\" of type int" << "'5'";
    QTest::newRow("key") << "SELECT * FROM loans WHERE isbn = 'a'"
                         << "PRIMARY KEY column \"isbn\" cannot be restricted as preceding column \"member\" is not restricted" << "isbn";
    QTest::newRow("nothing named") << "SELECT name, data FROM loans"
                                   << "Cannot execute this query as it might involve data filtering and thus may have unpredictable performance."
                                   << "";
    QTest::newRow("what is named is not there") << "SELECT * FROM visits WHERE branch = 'a'" << "Some partition key parts are missing: day" << "";
}

void AssistTest::errorsWithoutAPlaceAreFoundByTheirWords() {
    QFETCH(const QString, statement);
    QFETCH(const QString, message);
    QFETCH(const QString, place);
    const std::string text = statement.toStdString();
    const auto span = placeOf(text, message.toStdString());
    QCOMPARE(span ? QString::fromStdString(text.substr(span->offset, span->length)) : QString(), place);
}

void AssistTest::linesEndWhereCqlshEndsThem() {
    const auto count = [](const char* text) { return engine::cql::syntax::splitStatements(text, lineVerbs()).size(); };
    QCOMPARE(count("DESCRIBE TABLES\nDESC KEYSPACE a\nSELECT 1 FROM b"), std::size_t(3));
    QCOMPARE(count("COPY loans (member,\n isbn)\nTO 'a.csv';\nCONSISTENCY ONE"), std::size_t(2));
}

/// What is typed is unfinished most of the time: nothing here may stumble over it, and every fix must lie inside.
void AssistTest::everyBeginningOfAStatementIsAnswered() {
    const Names names = library();
    const std::string all = "SELECT member, \"Branch\" FROM library.loans WHERE tags CONTAINS 'a' AND due > '2026-01-01' ALLOW FILTERING; "
                            "BEGIN BATCH UPDATE loans SET tags = tags + {'\u00fc'} WHERE member = $$x$$ AND isbn = 'b' IF due = null; "
                            "APPLY BATCH; COPY loans (member, isbn) FROM 'a' WITH HEADER = true; GRANT SELECT ON loans TO x -- end";
    for (std::size_t i = 0; i <= all.size(); ++i) {
        const std::string text = all.substr(0, i);
        const auto completion = complete(text, names, "library");
        QVERIFY(completion.typed.size() <= text.size());
        (void)classify(text, names, "library");
        const auto parsed = engine::cql::syntax::parse(text);
        for (const Fix& fix : parsed ? std::vector<Fix>() : fixesFor(text, parsed.error(), names, "library")) {
            QVERIFY(fix.offset + fix.length <= text.size());
        }
        if (const auto place = placeOf(text, "Undefined column name due in table library.loans")) {
            QVERIFY(place->length > 0 && place->offset + place->length <= text.size());
        }
    }
}

void AssistTest::namesThatAreNearlyThereAreFound_data() {
    QTest::addColumn<QString>("statement");
    QTest::addColumn<QString>("found");
    QTest::newRow("columns of a read") << "SELECT membr, isbn FROM loans WHERE isnb = 'a' ORDER BY isbm" << "membr isnb isbm";
    QTest::newRow("columns of writes") << "BEGIN BATCH INSERT INTO loans (member, isbn, du) VALUES ('a', 'b', null); UPDATE loans SET tgs = {} WHERE "
                                          "memberr = 'a' AND isbn = 'b'; DELETE dues FROM loans WHERE member = 'a' AND isbn = 'b'; APPLY BATCH"
                                       << "du tgs memberr dues";
    QTest::newRow("table") << "SELECT anything FROM loanz" << "loanz";
    QTest::newRow("keyspace") << "SELECT * FROM libary.loans" << "libary";
    QTest::newRow("in quotes") << "UPDATE loans SET \"Brnch\" = 'x' WHERE member = 'a'" << "\"Brnch\"";
    QTest::newRow("right") << "SELECT member, \"Branch\", count(*), ttl(due) AS left FROM library.loans WHERE member = 'a' AND isbn > 'x'" << "";
    QTest::newRow("like nothing there") << "SELECT wholly_new FROM loans" << "";
    QTest::newRow("a table like nothing there") << "SELECT * FROM system_views.clients" << "";
    QTest::newRow("no statement") << "SELECT membr FROM" << "";
}

void AssistTest::namesThatAreNearlyThereAreFound() {
    QFETCH(const QString, statement);
    QFETCH(const QString, found);
    const std::string text = statement.toStdString();
    QStringList places;
    for (const Misspelling& one : misspelt(text, library(), "library")) {
        places << QString::fromStdString(text.substr(one.place.offset, one.place.length));
        QVERIFY(one.fix.offset == one.place.offset && one.fix.length == one.place.length && !one.fix.text.empty());
    }
    QCOMPARE(places.join(' '), found);
}

QTEST_APPLESS_MAIN(AssistTest)
#include "assist_test.moc"
