#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QMenu>
#include <QSemaphore>
#include <QShortcut>
#include <QtTest>

#include "app/console/console_pane.h"
#include "app/console/exports.h"
#include "app/console/shell_verb.h"
#include "engine/cql/assist/completion.h"
#include "engine/types/codec.h"

using namespace app;
using namespace app::console;

namespace {

/// What a SLOW statement waits for.
QSemaphore& gate() {
    static QSemaphore semaphore;
    return semaphore;
}

/// Answers a query that begins with SELECT with rows, "SLOW" once the gate opens, "BAD" with an error.
class FakeClient : public engine::client::Client {
public:
    engine::Result<void> prepare(const std::string&) override { return engine::ok(); }
    engine::Result<engine::client::QueryAnswer> execute(const engine::client::Query& query) override {
        if (query.text.find("SLOW") != std::string::npos) {
            (void)gate().tryAcquire(1, 30'000);
        }
        if (query.text.find("UNPLACED") != std::string::npos) {
            return engine::makeError(engine::ErrorKind::Invalid, "Undefined column name unplaced in table ks.t");
        }
        if (query.text.find("UNFILTERED") != std::string::npos && query.text.find("ALLOW") == std::string::npos) {
            return engine::makeError(engine::ErrorKind::Invalid, "If you want to execute this query, use ALLOW FILTERING");
        }
        if (query.text.find("release_version") != std::string::npos) {
            auto columns = std::make_shared<engine::cql::ResultMetadata>();
            engine::cql::RowsResult versions;
            for (const char* name : {"release_version", "cql_version", "native_protocol_version"}) {
                columns->columns.push_back({"system", "local", name, engine::types::text()});
            }
            versions.metadata = columns;
            versions.rows.push_back({engine::cql::Value("5.0.6"), engine::cql::Value("3.4.7"), engine::cql::Value("5")});
            return engine::client::QueryAnswer{versions, {}, {}};
        }
        if (query.text.starts_with("DESCRIBE")) {
            auto text = std::make_shared<engine::cql::ResultMetadata>();
            text->columns = {{"system", "describe", "keyspace_name", engine::types::text()},
                             {"system", "describe", "create_statement", engine::types::text()}};
            engine::cql::RowsResult described;
            described.metadata = text;
            described.rows.push_back({engine::cql::Value("ks"), engine::cql::Value("CREATE TABLE ks.t (\n    k int PRIMARY KEY\n);")});
            return engine::client::QueryAnswer{described, {}, {}};
        }
        if (query.text.find("BAD") != std::string::npos) {
            engine::Error error = engine::makeError(engine::ErrorKind::Syntax, "line 1:7 no viable alternative");
            auto detail = std::make_shared<engine::ErrorDetail>();
            detail->hasSpan = true;
            detail->span = {7, 3, 1, 7};
            error.detail = detail;
            return error;
        }
        auto metadata = std::make_shared<engine::cql::ResultMetadata>();
        metadata->columns = {{"ks", "t", "name", engine::types::text()}, {"ks", "t", "copies", engine::types::int32()}};
        engine::cql::RowsResult rows;
        rows.metadata = metadata;
        for (int i = 0; i < 3; ++i) {
            rows.rows.push_back({engine::cql::Value("book"), i == 2 ? engine::cql::Value() : engine::cql::Value(engine::types::encodeInt(i))});
        }
        return engine::client::QueryAnswer{rows, {}, {}};
    }
    const std::string& keyspace() const override { return m_keyspace; }
    bool isOpen() const override { return true; }

private:
    std::string m_keyspace;
};

/// One node that runs, so that the console has a coordinator.
class OneNode : public sources::ClusterSource {
public:
    QString name() const override { return "one"; }
    std::vector<sources::NodeProcess> nodes() const override {
        sources::NodeProcess node;
        node.number = 1;
        node.name = "127.0.0.1:7000";
        node.address = "127.0.0.1";
        node.nativePort = 9042;
        node.state = sources::ProcessState::Running;
        return {node};
    }
    bool canAct() const override { return false; }
    void perform(sources::NodeAction, int) override {}
};

CqlRunner* fakeRunner() {
    return new CqlRunner([](const engine::client::ConnectOptions&) -> engine::Result<std::unique_ptr<engine::client::Client>> {
        return std::unique_ptr<engine::client::Client>(std::make_unique<FakeClient>());
    }, nullptr);
}

}  // namespace

/// Statements, completion, the console's verbs, and the pane end to end with a client of its own.
class ConsoleTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { shell::theme().install(shell::ThemeKind::Light); }
    void semicolonsInStringsAndCommentsDoNotSplit();
    void aBatchIsOneStatement();
    void shellVerbsEndWithTheLine();
    void offsetsAreUtf16();
    void verbsChangeTheSettings();
    void everyVerbOfferedIsKnown();
    void adviceNamesWhatIsDear();
    void resultsExport();
    void resultModelKeepsItsContract();
    void runShowsRowsAndHowTheyWereRead();
    void anErrorIsUnderlinedAndKeptWordForWord();
    void stopLetsGoAndTheWindowNeverWaits();
    void sheetsComeBackAsTheyWereLeft();
    void sheetsAreFilesToo();
    void sheetsHaveNamesOfTheirOwn();
    void aClosedSheetComesBack();
    void helpKnowsEveryTopicAndNoOther();
    void theVersionIsALine();
    void aTypoIsUnderlinedBeforeItIsRunAndMended();
    void aFixChangesTheSheet();
    void copyWritesTheTableIntoAFile();
    void whatFollowsAFailedCopyIsNotRun();
    void captureWritesResultsAsTables();
    void historyIsSearchedWhole();
    void passwordsAreNotWrittenToTheHistory();
    void aNameInAnErrorIsUnderlinedWithoutAPlace();
    void resultsComeBackAfterARestart();
    void aResultTurnsVerticalAndBack();
    void enterOpensTheRow();
    void rowsAreCopiedInEveryForm();
    void describeIsShownAsCql();
    void theFooterSaysHowItWasRun();
    void theFooterLeavesNothingOut();
    void escapeClosesTheMessageAndNothingElse();
    void whatIsMissingIsUnderlinedWhereItBelongs();
    void theKeyboardReachesTheFootersLinks();
    void aMisspeltNameIsUnderlinedUnlessTheSheetMakesIt();
};

void ConsoleTest::semicolonsInStringsAndCommentsDoNotSplit() {
    const auto statements = splitStatements("SELECT ';' FROM a; -- one; two\nSELECT 2 FROM b /* ; */;");
    QCOMPARE(statements.size(), std::size_t(2));
    QCOMPARE(statements[0].text, QString("SELECT ';' FROM a"));
    QCOMPARE(statements[1].line, 2);
}

void ConsoleTest::aBatchIsOneStatement() {
    const auto statements = splitStatements("BEGIN BATCH INSERT INTO a (b) VALUES (1); DELETE FROM a WHERE b = 2; APPLY BATCH; SELECT 1 FROM a");
    QCOMPARE(statements.size(), std::size_t(2));
    QVERIFY(statements[0].text.endsWith("APPLY BATCH"));
    QCOMPARE(statements[0].verb(), QString("BEGIN BATCH"));
}

void ConsoleTest::shellVerbsEndWithTheLine() {
    const auto statements = splitStatements("CONSISTENCY QUORUM\nSELECT * FROM a;");
    QCOMPARE(statements.size(), std::size_t(2));
    QVERIFY(statements[0].shellVerb);
    QVERIFY(!statements[1].shellVerb);
}

void ConsoleTest::offsetsAreUtf16() {
    const QString sheet = QString::fromUtf8("SELECT '\u00e9\U0001F600' FROM a; SELECT 2 FROM b;");
    const auto statements = splitStatements(sheet);
    QCOMPARE(sheet.mid(statements[1].offset, statements[1].length), QString("SELECT 2 FROM b"));
}

void ConsoleTest::verbsChangeTheSettings() {
    RunSettings settings;
    QCOMPARE(runShellVerb("CONSISTENCY quorum", settings).settings.consistency, QString("QUORUM"));
    QCOMPARE(runShellVerb("SERIAL CONSISTENCY LOCAL_SERIAL", settings).settings.serial, QString("LOCAL_SERIAL"));
    QCOMPARE(runShellVerb("PAGING 100", settings).settings.pageSize, 100);
    QVERIFY(runShellVerb("TRACING ON", settings).settings.tracing);
    QVERIFY(runShellVerb("CONSISTENCY MOST", settings).failed);
    QCOMPARE(runShellVerb("CAPTURE 'out.txt'", settings).settings.capture, QString("out.txt"));
    settings.capture = "out.txt";
    QVERIFY(runShellVerb("CAPTURE OFF", settings).settings.capture.isEmpty());
    QCOMPARE(runShellVerb("COPY a TO 'b'", settings).copy->file, std::string("b"));
    QCOMPARE(runShellVerb("SHOW REPLICAS -12 ks", settings).token, qint64(-12));
    QVERIFY(runShellVerb("SHOW REPLICAS many", settings).failed);
    QVERIFY(runShellVerb("SHOW SESSION 1-2-3", settings).statement.contains("session_id = 1-2-3"));
    QVERIFY(runShellVerb("LOGIN ada", settings).failed);
    QCOMPARE(runShellVerb("LOGIN ada 'secret'", settings).login->user, std::string("ada"));
    QCOMPARE(runShellVerb("LOGIN ada 'secret'", settings).login->password, std::string("secret"));
}

/// Every verb that completion offers does something: none is answered as unknown.
void ConsoleTest::everyVerbOfferedIsKnown() {
    for (const std::string_view verb : engine::cql::assist::shellVerbs()) {
        const auto answer = runShellVerb(QString::fromUtf8(verb.data(), static_cast<qsizetype>(verb.size())), {});
        QVERIFY2(!answer.says.contains("not known"), std::string(verb).c_str());
    }
}

void ConsoleTest::adviceNamesWhatIsDear() {
    engine::cql::assist::Names names;
    names.keyspaces["ks"].tables["a"] = {{"b", "int", "partition_key", 0}, {"c", "int", "regular", -1}};
    const auto advice = [&](const char* statement) { return adviceOn(*engine::cql::assist::classify(statement, names, "ks")); };
    QCOMPARE(advice("SELECT * FROM a WHERE c = 1 ALLOW FILTERING").size(), std::size_t(1));
    QCOMPARE(advice("SELECT * FROM a").size(), std::size_t(1));
    QVERIFY(!advice("SELECT * FROM a").front().lab.isEmpty());
    QCOMPARE(advice("SELECT * FROM system.local").size(), std::size_t(0));
    QCOMPARE(advice("SELECT * FROM a WHERE b = 1").size(), std::size_t(0));
    QVERIFY(advice("SELECT * FROM a WHERE b IN (1,2,3,4,5,6,7,8,9,10,11)").front().says.contains("11"));
    QCOMPARE(advice("BEGIN BATCH INSERT INTO a (b) VALUES (1); INSERT INTO a (b) VALUES (1); APPLY BATCH").size(), std::size_t(0));
    QCOMPARE(advice("BEGIN BATCH INSERT INTO a (b) VALUES (1); INSERT INTO a (b) VALUES (2); APPLY BATCH").size(), std::size_t(1));
}

void ConsoleTest::resultsExport() {
    ResultSet set;
    set.columns = {{"name", "text", false, false}, {"n", "int", true, true}};
    set.rows = {{QString("a,\"b\""), QString("1")}, {std::nullopt, std::nullopt}};
    QCOMPARE(toCsv(set), QString("name,n\n\"a,\"\"b\"\"\",1\n,\n"));
    QVERIFY(QJsonDocument::fromJson(toJson(set).toUtf8()).array().size() == 2);
    QVERIFY(toMarkdown(set).contains("| null | null |"));
    QCOMPARE(toTable(set), QString("\n name  | n    \n-------+------\n a,\"b\" |    1 \n  null | null \n\n(2 rows)\n"));
    QVERIFY(toInserts(set).isEmpty());
    set.table = "ks.t";
    set.columns[0].quoted = true;
    set.rows[1][1] = "2";
    QCOMPARE(toInserts(set), QString("INSERT INTO ks.t (name, n) VALUES ('a,\"b\"', 1);\nINSERT INTO ks.t (n) VALUES (2);\n"));
    set.columns[1].name = "count(n)";
    QVERIFY(toInserts(set).isEmpty());
}

void ConsoleTest::resultModelKeepsItsContract() {
    auto set = std::make_shared<ResultSet>();
    set->columns = {{"n", "int", true, true}};
    set->rows = {{QString("1")}, {std::nullopt}};
    ResultModel model(set);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.append(set);
    QCOMPARE(model.rowCount(), 4);
    QVERIFY(model.index(3, 0).data(ResultModel::NullRole).toBool());
    QCOMPARE(model.index(2, 0).data().toString(), QString("1"));
}

void ConsoleTest::runShowsRowsAndHowTheyWereRead() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.resize(1100, 400);
    pane.show();
    pane.runBar().setConsistency("QUORUM");
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.offer("SELECT name, copies FROM books WHERE name = 'book';", true);
    QTRY_COMPARE(answered.count(), 1);
    const ResultCard* card = pane.sheet().currentCard();
    QCOMPARE(card->rows()->rowCount(), 3);
    QVERIFY(card->footerText().contains("3 rows"));
    QVERIFY(card->footerText().contains("QUORUM"));
    QVERIFY(card->footerText().contains("n1"));
}

void ConsoleTest::anErrorIsUnderlinedAndKeptWordForWord() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.offer("SELECT BAD FROM x;", true);
    QTRY_COMPARE(answered.count(), 1);
    QCOMPARE(pane.sheet().currentCard()->outcome().error->code, QString("2000 Syntax error"));
    QCOMPARE(pane.sheet().currentCard()->outcome().error->message, QString("line 1:7 no viable alternative"));
    QVERIFY(pane.sheet().editor().showsError());
    QTest::keyClick(&pane.sheet().editor(), Qt::Key_X);
    QVERIFY(!pane.sheet().editor().showsError());
}

void ConsoleTest::stopLetsGoAndTheWindowNeverWaits() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.offer("SELECT SLOW FROM x;", true);
    QTRY_VERIFY(pane.sheet().currentCard() != nullptr);
    QVERIFY(!pane.sheet().currentCard()->isDone());  // Nobody has opened the gate, and still we are here.
    pane.stop();
    QVERIFY(pane.sheet().currentCard()->isDone());
    gate().release();
    pane.offer("SELECT name FROM y;", true);
    QTRY_COMPARE(answered.count(), 1);
}

void ConsoleTest::sheetsComeBackAsTheyWereLeft() {
    QTemporaryDir folder;
    QSettings settings(folder.filePath("a.ini"), QSettings::IniFormat);
    sources::ClusterModel model;
    {
        ConsolePane pane(model, fakeRunner(), {});
        pane.newSheet();
        pane.sheet().editor().setPlainText("SELECT 1;\n");
        pane.runBar().setConsistency("ALL");
        pane.save(settings);
    }
    ConsolePane again(model, fakeRunner(), {});
    again.restore(settings);
    QCOMPARE(again.sheetCount(), 2);
    QCOMPARE(again.sheet().editor().toPlainText(), QString("SELECT 1;\n"));
    QCOMPARE(again.runBar().settings().consistency, QString("ALL"));
}

void ConsoleTest::sheetsAreFilesToo() {
    QTemporaryDir folder;
    const QString path = folder.filePath("schema.cql");
    QSettings settings(folder.filePath("a.ini"), QSettings::IniFormat);
    sources::ClusterModel model;
    {
        ConsolePane pane(model, fakeRunner(), {});
        pane.sheet().editor().setPlainText(QString::fromUtf8("SELECT '\u00fc' FROM a;\n"));
        QVERIFY(pane.writeFile(path));
        QCOMPARE(pane.sheet().name(), QString("schema.cql"));
        QVERIFY(!pane.sheet().isChanged());
        pane.sheet().editor().appendPlainText("SELECT 2;");
        QVERIFY(pane.sheet().isChanged());
        pane.newSheet();
        pane.openFile(path);  // It is open: that sheet comes forward, with what was typed.
        QCOMPARE(pane.sheetCount(), 2);
        QVERIFY(pane.sheet().isChanged());
        pane.save(settings);
    }
    ConsolePane again(model, fakeRunner(), {});
    again.restore(settings);
    QCOMPARE(again.sheet().file(), path);
    QVERIFY(again.sheet().isChanged());
    QVERIFY(again.saveFile());
    QVERIFY(!again.sheet().isChanged());
    again.closeSheet();
    again.openFile(path);
    QCOMPARE(again.sheet().editor().toPlainText(), QString::fromUtf8("SELECT '\u00fc' FROM a;\n\nSELECT 2;"));
    const int before = again.sheetCount();
    again.openFile(folder.filePath("not there.cql"));
    QCOMPARE(again.sheetCount(), before);
    QVERIFY(!again.writeFile(folder.filePath("no folder/x.cql")));
}

void ConsoleTest::sheetsHaveNamesOfTheirOwn() {
    sources::ClusterModel model;
    ConsolePane pane(model, fakeRunner(), {});
    const QString first = pane.sheet().name();
    pane.newSheet();
    QVERIFY(!pane.renameSheet(first));
    QVERIFY(!pane.renameSheet("  "));
    QVERIFY(pane.renameSheet(" books "));
    QCOMPARE(pane.sheet().name(), QString("books"));
}

void ConsoleTest::aClosedSheetComesBack() {
    QTemporaryDir folder;
    sources::ClusterModel model;
    ConsolePane pane(model, fakeRunner(), {});
    pane.sheet().editor().setPlainText("SELECT 1;");
    QVERIFY(pane.writeFile(folder.filePath("a.cql")));
    pane.sheet().editor().setPlainText("SELECT 2;");
    pane.closeSheet();
    QVERIFY(pane.canReopen());
    pane.closeSheet();  // The empty one is nothing to keep.
    pane.reopenSheet();
    QCOMPARE(pane.sheet().name(), QString("a.cql"));
    QCOMPARE(pane.sheet().editor().toPlainText(), QString("SELECT 2;"));
    QVERIFY(pane.sheet().isChanged());
    QVERIFY(!pane.canReopen());
}

void ConsoleTest::helpKnowsEveryTopicAndNoOther() {
    for (const HelpTopic& topic : helpTopics()) {
        const ShellAnswer answer = runShellVerb("help " + topic.name.toLower(), {});
        QCOMPARE(answer.help.size(), std::size_t(1));
        QCOMPARE(answer.help.front()->name, topic.name);
        QVERIFY(!topic.syntax.isEmpty() && topic.text.endsWith('.'));
    }
    for (const std::string_view verb : engine::cql::assist::shellVerbs()) {
        const QString word = QString::fromUtf8(verb.data(), static_cast<qsizetype>(verb.size()));
        QVERIFY2(!helpOn(word).empty() || QStringList({"EXIT", "QUIT", "UNICODE"}).contains(word), std::string(verb).c_str());
    }
    QVERIFY(runShellVerb("HELP CREATE", {}).help.size() > 5);
    QCOMPARE(runShellVerb("HELP select, create table update", {}).help.size(), std::size_t(3));
    const ShellAnswer unknown = runShellVerb("HELP nonsense", {});
    QVERIFY(unknown.failed && unknown.says.contains("nonsense"));
    QVERIFY(runShellVerb("HELP", {}).says.contains("CREATE TABLE"));
}

void ConsoleTest::theVersionIsALine() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.sheet().editor().setPlainText("SHOW VERSION\nSELECT name FROM y;");
    pane.runAll();
    QTRY_COMPARE(answered.count(), 1);  // What follows is run, and is the only result.
    QCOMPARE(pane.sheet().cardCount(), 1);
    QStringList lines;
    for (const QLabel* label : pane.sheet().findChildren<QLabel*>()) {
        lines << label->text();
    }
    const QString line = lines.filter("[Ringside").join("");
    QVERIFY2(line.endsWith(" | Cassandra 5.0.6 | CQL spec 3.4.7 | Native protocol v5]"), qPrintable(line));
}

void ConsoleTest::aTypoIsUnderlinedBeforeItIsRunAndMended() {
    CqlEditor editor;
    editor.show();
    editor.setPlainText("SELECT * FORM a;\nSELECT * FROM b;");
    QTRY_COMPARE(editor.underlined(), 1);
    editor.moveCursor(QTextCursor::Start);
    QTest::keyClick(&editor, Qt::Key_Return, Qt::AltModifier);
    QCOMPARE(editor.toPlainText(), QString("SELECT * FROM a;\nSELECT * FROM b;"));
    QCOMPARE(editor.underlined(), 0);
    // One letter in the place of another is a change as well.
    editor.moveCursor(QTextCursor::End);
    editor.moveCursor(QTextCursor::Left);
    editor.moveCursor(QTextCursor::Left, QTextCursor::KeepAnchor);
    editor.insertPlainText("(");
    editor.moveCursor(QTextCursor::Start);
    QTRY_COMPARE(editor.underlined(), 1);
    editor.undo();
    QTRY_COMPARE(editor.underlined(), 0);
    editor.undo();
    QCOMPARE(editor.toPlainText(), QString("SELECT * FORM a;\nSELECT * FROM b;"));
}

void ConsoleTest::aFixChangesTheSheet() {
    CqlEditor editor;
    editor.setPlainText("-- later\nSELECT nme FROM books;");
    const RunFix fix{"Change to name", 7, 3, "name"};
    QVERIFY(editor.applyFix(0, "SELECT nme FROM books", fix));  // It has moved since.
    QCOMPARE(editor.toPlainText(), QString("-- later\nSELECT name FROM books;"));
    QVERIFY(!editor.applyFix(0, "SELECT nme FROM books", fix));
}

void ConsoleTest::copyWritesTheTableIntoAFile() {
    QTemporaryDir folder;
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    const QString file = folder.filePath("books.csv");
    pane.sheet().editor().setPlainText("COPY books TO '" + file + "' WITH HEADER = true;\nSELECT name FROM books;");
    pane.runAll();
    QTRY_COMPARE(answered.count(), 1);
    QFile written(file);
    QVERIFY(written.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(written.readAll()), QString("name,copies\r\nbook,0\r\nbook,1\r\nbook,\r\n"));
}

void ConsoleTest::whatFollowsAFailedCopyIsNotRun() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.sheet().editor().setPlainText("COPY books FROM '/nowhere/a.csv';\nSELECT name FROM books;");
    pane.runAll();
    const auto says = [&] {
        QString all;
        for (const auto* label : pane.sheet().findChildren<QLabel*>()) {
            all += label->text();
        }
        return all;
    };
    QTRY_VERIFY(says().contains("Cannot read /nowhere/a.csv"));
    QTest::qWait(50);
    QCOMPARE(answered.count(), 0);
}

void ConsoleTest::captureWritesResultsAsTables() {
    QTemporaryDir folder;
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    const QString file = folder.filePath("out.txt");
    pane.sheet().editor().setPlainText("CAPTURE '" + file + "'\nSELECT name FROM books;\nCAPTURE OFF\nSELECT name FROM books;");
    pane.runAll();
    QTRY_COMPARE(answered.count(), 2);
    QFile written(file);
    QVERIFY(written.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(written.readAll()).count("(3 rows)"), 1);
}

void ConsoleTest::historyIsSearchedWhole() {
    QTemporaryDir folder;
    const QString file = folder.filePath("history.jsonl");
    {
        HistoryStore store(file);
        store.add("SELECT oldest FROM a");
        for (int i = 0; i < 6000; ++i) {
            store.add(QString("SELECT %1 FROM a").arg(i));
        }
    }
    QCOMPARE(HistoryStore(file).find("oldest").size(), 1);
}

void ConsoleTest::passwordsAreNotWrittenToTheHistory() {
    QTemporaryDir folder;
    const QString file = folder.filePath("history.jsonl");
    HistoryStore store(file);
    for (const char* statement : {"LOGIN ada 'secret'", "CREATE ROLE ada WITH PASSWORD = 'secret'", "alter user ada with password 'secret'",
                                  "SELECT password FROM logins"}) {
        store.add(statement);
    }
    QCOMPARE(store.find("secret").size(), 3);  // As long as the window lives.
    QCOMPARE(HistoryStore(file).find(""), QStringList("SELECT password FROM logins"));
}

void ConsoleTest::aNameInAnErrorIsUnderlinedWithoutAPlace() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.offer("SELECT name, UNPLACED FROM t;", true);
    QTRY_COMPARE(answered.count(), 1);
    const RunError& error = *pane.sheet().currentCard()->outcome().error;
    QVERIFY(error.hasSpan);
    QCOMPARE(QString("SELECT name, UNPLACED FROM t").mid(error.offset, error.length), QString("UNPLACED"));
    QVERIFY(pane.sheet().editor().showsError());
}

void ConsoleTest::resultsComeBackAfterARestart() {
    QTemporaryDir folder;
    QSettings settings(folder.filePath("a.ini"), QSettings::IniFormat);
    const QString history = folder.filePath("history.jsonl");
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    {
        ConsolePane pane(model, fakeRunner(), history);
        pane.show();
        QSignalSpy answered(&pane, &ConsolePane::answered);
        pane.offer("SELECT name, copies FROM t;", true);
        QTRY_COMPARE(answered.count(), 1);
        pane.offer("SELECT BAD FROM t;", true);
        QTRY_COMPARE(answered.count(), 2);
        pane.save(settings);
    }
    ConsolePane again(model, fakeRunner(), history);
    again.restore(settings);
    const auto outcomes = again.sheet().outcomes();
    QCOMPARE(outcomes.size(), std::size_t(2));
    QVERIFY(outcomes[0].earlier);
    QCOMPARE(toCsv(*outcomes[0].rows), QString("name,copies\nbook,0\nbook,1\nbook,\n"));
    QCOMPARE(outcomes[1].error->message, QString("line 1:7 no viable alternative"));
    QVERIFY(again.sheet().currentCard()->footerText().contains("of an earlier session"));
}

void ConsoleTest::aResultTurnsVerticalAndBack() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.offer("SELECT name FROM t;", true);
    QTRY_COMPARE(answered.count(), 1);
    ResultCard* card = pane.sheet().currentCard();
    QVERIFY(card->grid() != nullptr);
    card->followFooter("vertical");
    QVERIFY(card->grid() == nullptr);
    QVERIFY(card->findChild<TextBlock*>()->toPlainText().contains("@ Row 3"));
    QVERIFY(card->footerText().contains("Grid"));
    card->followFooter("vertical");
    QVERIFY(card->grid() != nullptr);
}

void ConsoleTest::enterOpensTheRow() {
    auto set = std::make_shared<ResultSet>();
    set->columns = {{"name", "text", false, false}, {"n", "int", true, true}};
    set->rows = {{QString("a"), QString("1")}, {QString("b"), std::nullopt}};
    ResultModel model(set);
    ResultGrid grid(&model);
    grid.show();
    grid.table().setCurrentIndex(model.index(1, 0));
    QTest::keyClick(&grid.table(), Qt::Key_Return);
    QVERIFY(grid.showsRow());
    QVERIFY(grid.rowText().startsWith("@ Row 2\n"));
    QVERIFY(grid.rowText().endsWith(" n    | null"));
    grid.table().setCurrentIndex(model.index(0, 0));
    QVERIFY(grid.rowText().contains(" name | a"));
    QTest::keyClick(&grid.table(), Qt::Key_Escape);
    QVERIFY(!grid.showsRow());
}

void ConsoleTest::rowsAreCopiedInEveryForm() {
    auto set = std::make_shared<ResultSet>();
    set->table = "ks.t";
    set->columns = {{"name", "text", false, false, true}, {"n", "double", true, true}};
    set->rows = {{QString("a"), QString("1")}, {QString("b"), QString("NaN")}};
    ResultModel model(set);
    ResultGrid grid(&model);
    QMenu menu;
    grid.addCopies(menu, "Copy", [&] { return model.chosen({1}); });
    const auto copied = [&](const QString& form) {
        for (QAction* action : menu.actions().front()->menu()->actions()) {
            if (action->text() == form) {
                action->trigger();
                return QGuiApplication::clipboard()->text();
            }
        }
        return QString();
    };
    QCOMPARE(copied("CSV"), QString("name,n\nb,NaN\n"));
    QCOMPARE(QJsonDocument::fromJson(copied("JSON").toUtf8()).array().at(0).toObject()["n"].toString(), QString("NaN"));
    QCOMPARE(copied("INSERT statements"), QString("INSERT INTO ks.t (name, n) VALUES ('b', NaN);\n"));
}

void ConsoleTest::describeIsShownAsCql() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.offer("DESCRIBE TABLE ks.t", true);
    QTRY_COMPARE(answered.count(), 1);
    const ResultCard* card = pane.sheet().currentCard();
    QVERIFY(card->grid() == nullptr);
    QCOMPARE(card->findChild<TextBlock*>()->toPlainText(), QString("CREATE TABLE ks.t (\n    k int PRIMARY KEY\n);"));
}

void ConsoleTest::theFooterSaysHowItWasRun() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    RunSettings settings = pane.runBar().settings();
    settings.pageSize = -1;
    settings.clientTimestamp = true;
    settings.serial = "LOCAL_SERIAL";
    pane.runBar().setSettings(settings);
    pane.offer("UPDATE t SET copies = 1 WHERE name = 'a' IF copies = 2;", true);
    QTRY_COMPARE(answered.count(), 1);
    const QString footer = pane.sheet().currentCard()->footerText();
    QVERIFY2(footer.contains("serial LOCAL_SERIAL") && footer.contains("client timestamp") && footer.contains("no pages"), qPrintable(footer));
}

void ConsoleTest::theFooterLeavesNothingOut() {
    FooterStrip strip;
    strip.resize(160, 28);
    strip.setParts({{"first part of it"}, {"second part of it"}, {"Third", shell::Ink::Accent, "third"}});
    strip.show();
    QVERIFY(strip.height() > 40);
    QSignalSpy chosen(&strip, &FooterStrip::chosen);
    for (int y = 2; y < strip.height() && chosen.isEmpty(); y += 8) {
        for (int x = 12; x < strip.width() && chosen.isEmpty(); x += 8) {
            QTest::mouseClick(&strip, Qt::LeftButton, {}, {x, y});
        }
    }
    QCOMPARE(chosen.count(), 1);
}

void ConsoleTest::escapeClosesTheMessageAndNothingElse() {
    CqlEditor editor;
    QShortcut stop(QKeySequence("Esc"), &editor);
    QSignalSpy stopped(&stop, &QShortcut::activated);
    editor.show();
    editor.activateWindow();
    editor.setFocus();
    editor.setPlainText("SELECT a FROM b;");
    RunError error;
    error.message = "Undefined column name a in table ks.b";
    error.hasSpan = true;
    error.offset = 7;
    error.length = 1;
    editor.showError(0, "SELECT a FROM b", error);
    QTest::keyClick(&editor, Qt::Key_Escape);
    QVERIFY(!editor.showsError());
    QCOMPARE(stopped.count(), 0);
}

void ConsoleTest::whatIsMissingIsUnderlinedWhereItBelongs() {
    OneNode source;
    sources::ClusterModel model;
    model.setSource(&source);
    ConsolePane pane(model, fakeRunner(), {});
    pane.show();
    QSignalSpy answered(&pane, &ConsolePane::answered);
    pane.offer("SELECT name FROM t WHERE UNFILTERED = 1;", true);
    QTRY_COMPARE(answered.count(), 1);
    CqlEditor& editor = pane.sheet().editor();
    QVERIFY(editor.showsError());
    QTest::keyClick(&editor, Qt::Key_Return, Qt::AltModifier);
    QVERIFY2(editor.toPlainText().contains("UNFILTERED = 1 ALLOW FILTERING;"), qPrintable(editor.toPlainText()));
}

void ConsoleTest::theKeyboardReachesTheFootersLinks() {
    FooterStrip strip;
    strip.setParts({{"3 rows"}, {"Next page", shell::Ink::Accent, "page"}, {"n1"}, {"Export", shell::Ink::Accent, "export"}});
    QSignalSpy chosen(&strip, &FooterStrip::chosen);
    QFocusEvent in(QEvent::FocusIn, Qt::TabFocusReason);
    QCoreApplication::sendEvent(&strip, &in);
    QTest::keyClick(&strip, Qt::Key_Return);
    QTest::keyClick(&strip, Qt::Key_Right);
    QTest::keyClick(&strip, Qt::Key_Right);
    QTest::keyClick(&strip, Qt::Key_Return);
    QTest::keyClick(&strip, Qt::Key_Left);
    QTest::keyClick(&strip, Qt::Key_Space);
    QCOMPARE(chosen.count(), 3);
    QCOMPARE(chosen[0][0].toString(), QString("page"));
    QCOMPARE(chosen[1][0].toString(), QString("export"));
    QCOMPARE(chosen[2][0].toString(), QString("page"));
}

void ConsoleTest::aMisspeltNameIsUnderlinedUnlessTheSheetMakesIt() {
    engine::cql::assist::Names names;
    names.keyspaces["ks"].tables["books"] = {{"name", "text", "partition_key", 0}, {"copies", "int", "regular", -1}};
    CqlEditor editor;
    editor.setNames(&names, "ks");
    editor.show();
    editor.setPlainText("SELECT nme FROM books WHERE name = 'a';\nSELECT 1 FROM bookz;");
    QTRY_COMPARE(editor.underlined(), 2);
    editor.moveCursor(QTextCursor::Start);
    QTest::keyClick(&editor, Qt::Key_Return, Qt::AltModifier);
    QVERIFY2(editor.toPlainText().startsWith("SELECT name FROM books"), qPrintable(editor.toPlainText()));
    editor.setPlainText("CREATE TABLE bookz (a int PRIMARY KEY);\nSELECT a FROM bookz;\nSELECT nme FROM books;");
    QTRY_COMPARE(editor.underlined(), 1);
}

QTEST_MAIN(ConsoleTest)
#include "console_test.moc"
