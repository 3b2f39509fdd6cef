#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include "labs/lab.h"

namespace {

const std::string kStepText =
    "# Title\n\nText.\n\n```cql\nSELECT 1;\n```\n\n## Hint 1\n\na\n\n## Hint 2\n\nb\n\n## Hint 3\n\nc\n\n## Why\n\nBecause.\n";

const std::string kHead = "id: one\ntitle: One\nweek: 2\nsummary: S\n";

const std::string kStep =
    "steps:\n"
    "  - id: first\n"
    "    text: step.md\n"
    "    checks:\n"
    "      - kind: schema\n"
    "        says: It is there\n"
    "        keyspace: ks\n"
    "    solution:\n"
    "      - cql: CREATE KEYSPACE ks\n";

void write(const QString& path, const std::string& text) {
    std::ofstream(path.toStdString()) << text;
}

/// Lines 5 and on of a document whose head is right.
std::string withStep(const std::string& checks) {
    return kHead + "steps:\n  - id: first\n    text: step.md\n    solution:\n      - node: kill 3\n    checks:\n" + checks;
}

}  // namespace

/// An author is told every mistake at once, each with its place and what was expected.
class LabLoaderTest : public QObject {
    Q_OBJECT

private slots:
    void aGoodLabIsRead();
    void mistakesAreNamed_data();
    void mistakesAreNamed();
    void mistakesInTheTextAreNamed_data();
    void mistakesInTheTextAreNamed();
    void allMistakesAreToldAtOnce();
    void aMissingFileIsNamed();
    void listingGoesOnPastABrokenLab();

private:
    std::string problemsOf(const std::string& yaml, const std::string& markdown = kStepText);
};

std::string LabLoaderTest::problemsOf(const std::string& yaml, const std::string& markdown) {
    QTemporaryDir folder;
    write(folder.filePath("lab.yaml"), yaml);
    write(folder.filePath("step.md"), markdown);
    const auto lab = lab::loadLab(folder.path().toStdString());
    return lab ? std::string() : lab.error().message;
}

void LabLoaderTest::aGoodLabIsRead() {
    QTemporaryDir folder;
    write(folder.filePath("lab.yaml"), kHead + kStep);
    write(folder.filePath("step.md"), kStepText);
    const auto lab = lab::loadLab(folder.path().toStdString());
    QVERIFY2(lab.has_value(), lab ? "" : lab.error().message.c_str());
    QCOMPARE(lab.value().id, std::string("one"));
    const lab::Step& step = lab.value().steps.front();
    QCOMPARE(step.title, std::string("Title"));
    QCOMPARE(step.text, std::string("Text."));
    QCOMPARE(step.snippets.front(), std::string("SELECT 1;"));
    QCOMPARE(step.hints.size(), std::size_t(3));
    QCOMPARE(step.why, std::string("Because."));
    QCOMPARE(std::get<lab::SchemaWants>(step.checks.front().wants).keyspace, std::string("ks"));
}

void LabLoaderTest::mistakesAreNamed_data() {
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("problem");

    const auto row = [](const char* name, const std::string& yaml, const char* problem) {
        QTest::newRow(name) << QString::fromStdString(yaml) << QString(problem);
    };
    row("no YAML", "id: [", "lab.yaml:1: is not YAML");
    row("no map", "- 1", "lab.yaml:1: the document: expected a map of names and values, found a list");
    row("id missing", "title: One\nweek: 2\nsummary: S\n" + kStep, "lab.yaml:1: id: is missing; expected a text");
    row("id in capitals", "id: One\ntitle: One\nweek: 2\nsummary: S\n" + kStep, "lab.yaml:1: id: expected small letters");
    row("week beyond the course", "id: one\ntitle: One\nweek: 19\nsummary: S\n" + kStep,
        "lab.yaml:3: week: expected a whole number from 1 to 18, found '19'");
    row("a name that is not known", kHead + "colour: red\n" + kStep, "lab.yaml:5: colour: is not known here; expected one of");
    row("a name given twice", kHead + "title: Two\n" + kStep, "lab.yaml:5: title: is given twice");
    row("no steps", kHead, "steps: expected at least one step");
    row("steps that are no list", kHead + "steps: 3\n", "lab.yaml:5: steps: expected a list, found a single value");
    row("text outside the folder", kHead + "steps:\n  - id: a\n    text: ../step.md\n    checks: []\n",
        "lab.yaml:7: steps[0].text: expected the name of a Markdown file beside lab.yaml, found '../step.md'");
    row("a kind that is not known", withStep("      - kind: telepathy\n        says: x\n"),
        "lab.yaml:11: steps[0].checks[0].kind: expected one of cql, schema, replicas, cluster, events, storage, quiz, predict, found 'telepathy'");
    row("a level that is not known", withStep("      - kind: events\n        says: x\n        consistency: MOST\n"),
        "lab.yaml:13: steps[0].checks[0].consistency: expected a consistency level as ONE, QUORUM or ALL, found 'MOST'");
    row("a node beyond the topology", withStep("      - kind: cluster\n        says: x\n        node: n4\n        state: up\n"),
        "lab.yaml:13: steps[0].checks[0].node: expected a node, n1 to n3, found 'n4'");
    row("a quiz without its answer",
        withStep("      - kind: quiz\n        says: x\n        question: q\n        choices: [a, b]\n        answer: c\n"),
        "lab.yaml:15: steps[0].checks[0].answer: expected one of the choices, first-replica or no-replica, found 'c'");
    row("rows and error", withStep("      - kind: cql\n        says: x\n        query: SELECT\n"),
        "lab.yaml:11: steps[0].checks[0].rows: expected either rows or an error");
    row("rows of what is no SELECT",
        withStep("      - {kind: cql, says: x, query: DELETE FROM k.t WHERE a = 1, rows: [[1]]}\n"),
        "lab.yaml:11: steps[0].checks[0].query: expected a SELECT, since rows are compared");
    row("a mistake that is no SELECT",
        withStep("      - {kind: cql, says: x, query: SELECT a, rows: [[1]], mistakes: [{query: DROP TABLE t, says: y}]}\n"),
        "lab.yaml:11: steps[0].checks[0].mistakes[0].query: expected a SELECT");
    row("only given checks", withStep("      - {kind: cluster, says: x, node: n1, state: up, given: true}\n"),
        "steps[0].checks: expected at least one check that is not given");
    row("no solution", kHead + "steps:\n  - id: a\n    text: step.md\n    checks:\n      - {kind: schema, says: x, keyspace: k}\n",
        "lab.yaml:6: steps[0].solution: expected what passes the checks");
    row("an action that is not known",
        kHead + "steps:\n  - id: a\n    text: step.md\n    checks:\n      - {kind: schema, says: x, keyspace: k}\n"
                "    solution:\n      - node: burn 3\n",
        "lab.yaml:11: steps[0].solution[0].node: expected stop N, kill N");
    row("a load of no rows",
        kHead + "steps:\n  - id: a\n    text: step.md\n    checks:\n      - {kind: schema, says: x, keyspace: k}\n"
                "    solution:\n      - node: load k.t 0 100\n",
        "lab.yaml:11: steps[0].solution[0].node: expected stop N, kill N");
    row("a compaction of no table",
        kHead + "steps:\n  - id: a\n    text: step.md\n    checks:\n      - {kind: schema, says: x, keyspace: k}\n"
                "    solution:\n      - node: compact 1 t\n",
        "lab.yaml:11: steps[0].solution[0].node: expected stop N, kill N");
    row("files of which nothing is asked", withStep("      - {kind: storage, says: x, keyspace: k, table: t}\n"),
        "lab.yaml:11: steps[0].checks[0].sstables: expected something to look at");
    row("a strategy that is not known", withStep("      - {kind: storage, says: x, keyspace: k, table: t, strategy: Leveled}\n"),
        "lab.yaml:11: steps[0].checks[0].strategy: expected one of SizeTieredCompactionStrategy");
    row("two steps of one id", kHead + kStep + "  - id: first\n    text: step.md\n    checks:\n      - {kind: schema, says: x, keyspace: k}\n    solution: [{cql: x}]\n",
        "steps[1].id: 'first' is the id of an earlier step");
}

void LabLoaderTest::mistakesAreNamed() {
    QFETCH(const QString, yaml);
    QFETCH(const QString, problem);
    const QString found = QString::fromStdString(problemsOf(yaml.toStdString()));
    QVERIFY2(found.contains(problem), qPrintable(found));
}

void LabLoaderTest::mistakesInTheTextAreNamed_data() {
    QTest::addColumn<QString>("markdown");
    QTest::addColumn<QString>("problem");

    QTest::newRow("no title") << "Text" << "step.md:1: expected a heading '# Title of the step'";
    QTest::newRow("two hints") << "# T\n\nText\n\n## Hint 1\n\na\n\n## Hint 2\n\nb\n\n## Why\n\nc"
                               << "step.md:15: expected three hints, '## Hint 1' to '## Hint 3', found 2";
    QTest::newRow("hints out of order") << "# T\n\nText\n\n## Hint 2\n\na"
                                        << "step.md:5: expected '## Hint 1' or '## Why', found '## Hint 2'";
    QTest::newRow("no why") << "# T\n\nText" << "expected a section '## Why'";
    QTest::newRow("a block of another language") << "# T\n\nText\n\n```sh\nls\n```\n" << "step.md:5: expected ```cql";
    QTest::newRow("an open block") << "# T\n\nText\n\n```cql\nSELECT" << "step.md:6: the ``` block is not closed";
}

void LabLoaderTest::mistakesInTheTextAreNamed() {
    QFETCH(const QString, markdown);
    QFETCH(const QString, problem);
    const QString found = QString::fromStdString(problemsOf(kHead + kStep, markdown.toStdString()));
    QVERIFY2(found.contains(problem), qPrintable(found));
}

void LabLoaderTest::allMistakesAreToldAtOnce() {
    const std::string found = problemsOf("id: One\nweek: 0\nsummary: S\ncolour: red\n" + kStep, "Text");
    QVERIFY(std::count(found.begin(), found.end(), '\n') >= 5);
}

void LabLoaderTest::aMissingFileIsNamed() {
    QTemporaryDir folder;
    const auto none = lab::loadLab(folder.path().toStdString());
    QVERIFY(!none.has_value());
    QVERIFY(none.error().message.find("lab.yaml:1: lab.yaml: cannot be read") == 0);
    write(folder.filePath("lab.yaml"), kHead + kStep);
    const auto noText = lab::loadLab(folder.path().toStdString());
    QVERIFY(noText.error().message.find("lab.yaml:7: step.md: cannot be read") == 0);
}

void LabLoaderTest::listingGoesOnPastABrokenLab() {
    QTemporaryDir curriculum;
    QDir(curriculum.path()).mkpath("a/broken");
    QDir(curriculum.path()).mkpath("b/good");
    write(curriculum.filePath("a/broken/lab.yaml"), "id: One\n");
    write(curriculum.filePath("b/good/lab.yaml"), kHead + kStep);
    write(curriculum.filePath("b/good/step.md"), kStepText);
    const lab::LabList list = lab::listLabs(curriculum.path().toStdString());
    QCOMPARE(list.labs.size(), std::size_t(1));
    QCOMPARE(list.problems.size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(LabLoaderTest)
#include "lab_loader_test.moc"
