#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include <sqlite3.h>

#include "labs/progress_store.h"

using namespace lab;

/// What is kept between sittings, and what happens to files that are not ours.
class ProgressStoreTest : public QObject {
    Q_OBJECT

private slots:
    void whatWasSavedIsReadAgain();
    void predictionsOfAllLabsAreListed();
    void savingsAreAStack();
    void onlySoManySavingsAreKept();
    void aFileOfVersion1KeepsItsSaving();
    void aFileOfANewerRingsideIsLeftAlone();
    void aFileThatIsNoDatabaseIsAnError();
};

void ProgressStoreTest::whatWasSavedIsReadAgain() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("home/progress.db").toStdString();
    StepState state;
    state.verdict = Verdict::Passed;
    state.hintsShown = 2;
    state.predicted = 1;
    state.confidence = 80;
    state.predictedRight = true;
    {
        const auto store = ProgressStore::open(path);
        QVERIFY2(store.has_value(), store ? "" : store.error().message.c_str());
        QVERIFY(!store.value()->currentStep("a").value().has_value());
        QVERIFY(store.value()->saveStep("a", "first", state).has_value());
        QVERIFY(store.value()->saveCurrentStep("a", "second").has_value());
    }
    const auto store = ProgressStore::open(path);
    const auto steps = store.value()->steps("a").value();
    QCOMPARE(steps.size(), std::size_t(1));
    const StepState& found = steps.at("first");
    QCOMPARE(found.verdict, Verdict::Passed);
    QCOMPARE(found.hintsShown, 2);
    QCOMPARE(*found.predicted, std::size_t(1));
    QCOMPARE(found.confidence, 80);
    QVERIFY(*found.predictedRight);
    QCOMPARE(*store.value()->currentStep("a").value(), std::string("second"));
    QVERIFY(store.value()->forget("a").has_value());
    QVERIFY(store.value()->steps("a").value().empty());
}

void ProgressStoreTest::predictionsOfAllLabsAreListed() {
    const auto store = ProgressStore::open(":memory:");
    StepState state;
    state.confidence = 70;
    state.predicted = 0;
    QVERIFY(store.value()->saveStep("a", "open", state).has_value());
    state.predictedRight = false;
    QVERIFY(store.value()->saveStep("b", "decided", state).has_value());
    const auto predictions = store.value()->predictions().value();
    QCOMPARE(predictions.size(), std::size_t(1));
    QCOMPARE(predictions.front().confidence, 70);
    QVERIFY(!predictions.front().right);
}

void ProgressStoreTest::savingsAreAStack() {
    const auto store = ProgressStore::open(":memory:");
    QVERIFY(store.value()->pushSaving("a", {"first", {"CREATE 1", "CREATE 2"}, ""}).has_value());
    QVERIFY(store.value()->setLeft("a", "bare").has_value());
    QVERIFY(store.value()->pushSaving("a", {"second", {"CREATE 3"}, ""}).has_value());
    QVERIFY(!store.value()->lastSaving("b").value().has_value());
    const auto newest = store.value()->lastSaving("a").value();
    QCOMPARE(newest->step, std::string("second"));
    QCOMPARE(newest->statements, std::vector<std::string>{"CREATE 3"});
    QVERIFY(store.value()->popSaving("a").has_value());
    const auto first = store.value()->lastSaving("a").value();
    QCOMPARE(first->statements, (std::vector<std::string>{"CREATE 1", "CREATE 2"}));
    QCOMPARE(first->left, std::string("bare"));
    QVERIFY(store.value()->popSaving("a").has_value());
    QVERIFY(!store.value()->lastSaving("a").value().has_value());
    QVERIFY(store.value()->popSaving("a").has_value());
}

void ProgressStoreTest::onlySoManySavingsAreKept() {
    const auto store = ProgressStore::open(":memory:");
    for (int i = 0; i <= ProgressStore::kSavingsMax; ++i) {
        QVERIFY(store.value()->pushSaving("a", {std::to_string(i), {"CREATE"}, ""}).has_value());
    }
    for (int i = ProgressStore::kSavingsMax; i > 0; --i) {
        QCOMPARE(store.value()->lastSaving("a").value()->step, std::to_string(i));
        QVERIFY(store.value()->popSaving("a").has_value());
    }
    QVERIFY(!store.value()->lastSaving("a").value().has_value());
}

void ProgressStoreTest::aFileOfVersion1KeepsItsSaving() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("progress.db").toStdString();
    sqlite3* file = nullptr;
    QCOMPARE(sqlite3_open(path.c_str(), &file), SQLITE_OK);
    sqlite3_exec(file,
                 "CREATE TABLE undo (lab TEXT PRIMARY KEY, step TEXT NOT NULL);"
                 "CREATE TABLE undo_statement (lab TEXT NOT NULL, position INTEGER NOT NULL, cql TEXT NOT NULL,"
                 " PRIMARY KEY (lab, position));"
                 "INSERT INTO undo VALUES ('a', 'first'); INSERT INTO undo_statement VALUES ('a', 0, 'CREATE 1');"
                 "PRAGMA user_version = 1",
                 nullptr, nullptr, nullptr);
    sqlite3_close(file);
    for (int opening = 0; opening < 2; ++opening) {
        const auto store = ProgressStore::open(path);
        QVERIFY2(store.has_value(), store ? "" : store.error().message.c_str());
        QCOMPARE(store.value()->lastSaving("a").value()->statements, std::vector<std::string>{"CREATE 1"});
    }
}

void ProgressStoreTest::aFileOfANewerRingsideIsLeftAlone() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("progress.db").toStdString();
    sqlite3* file = nullptr;
    QCOMPARE(sqlite3_open(path.c_str(), &file), SQLITE_OK);
    sqlite3_exec(file, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
    sqlite3_close(file);
    const auto store = ProgressStore::open(path);
    QVERIFY(!store.has_value());
    QVERIFY(store.error().message.find("newer Ringside") != std::string::npos);
}

void ProgressStoreTest::aFileThatIsNoDatabaseIsAnError() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("progress.db").toStdString();
    std::ofstream(path) << "this is no database, and long enough to be looked at as one: " << std::string(200, 'x');
    const auto store = ProgressStore::open(path);
    QVERIFY(!store.has_value());
    QVERIFY(store.error().message.find(path) == 0);
}

QTEST_GUILESS_MAIN(ProgressStoreTest)
#include "progress_store_test.moc"
