#include <QtTest>

#include "engine/cql/syntax/text.h"

using namespace engine::cql::syntax;

class TextTest : public QObject {
    Q_OBJECT

private slots:
    void splitsAtSemicolonsOutsideOfStrings();
    void batchIsOneStatement();
    void spansKnowTheirLine();
    void incompleteUntilTheSemicolon_data();
    void incompleteUntilTheSemicolon();
    void quotesOnlyWhatNeedsIt();
};

namespace {

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> statements;
    for (const engine::SourceSpan& span : splitStatements(text)) {
        statements.emplace_back(text.substr(span.offset, span.length));
    }
    return statements;
}

using Texts = std::vector<std::string>;

}  // namespace

void TextTest::splitsAtSemicolonsOutsideOfStrings() {
    QVERIFY(split("") == Texts{});
    QVERIFY(split(" ;; -- nothing; here\n") == Texts{});
    QVERIFY((split("SELECT ';' FROM \"a;b\"; /* ; */ USE k -- ;\n ; x") ==
             Texts{"SELECT ';' FROM \"a;b\"", "USE k", "x"}));
    QVERIFY((split("CREATE FUNCTION f … AS $$ return 1; $$; USE k;") ==
             Texts{"CREATE FUNCTION f … AS $$ return 1; $$", "USE k"}));
    QVERIFY((split("SELECT ^ ; USE k") == Texts{"SELECT ^", "USE k"}));
}

void TextTest::batchIsOneStatement() {
    QVERIFY((split("begin unlogged batch INSERT …; DELETE …; apply batch; USE k;") ==
             Texts{"begin unlogged batch INSERT …; DELETE …; apply batch", "USE k"}));
    QVERIFY((split("BEGIN; USE k;") == Texts{"BEGIN", "USE k"}));
}

void TextTest::spansKnowTheirLine() {
    const auto spans = splitStatements("USE a;\n\n  USE b;");
    QCOMPARE(spans.size(), std::size_t{2});
    QCOMPARE(spans[1].line, 3u);
    QCOMPARE(spans[1].column, 2u);
}

void TextTest::incompleteUntilTheSemicolon_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("incomplete");
    QTest::newRow("nothing") << QByteArray("  ") << false;
    QTest::newRow("ended") << QByteArray("USE k;") << false;
    QTest::newRow("no semicolon") << QByteArray("USE k") << true;
    QTest::newRow("second one open") << QByteArray("USE k; SELECT") << true;
    QTest::newRow("semicolon in an open string") << QByteArray("SELECT 'a;") << true;
    QTest::newRow("open comment") << QByteArray("USE k; /* x;") << true;
    QTest::newRow("open batch") << QByteArray("BEGIN BATCH DELETE FROM t WHERE k = 1;") << true;
    QTest::newRow("batch ended") << QByteArray("BEGIN BATCH APPLY BATCH;") << false;
}

void TextTest::incompleteUntilTheSemicolon() {
    QFETCH(const QByteArray, text);
    QFETCH(const bool, incomplete);
    QCOMPARE(isIncomplete(text.toStdString()), incomplete);
}

void TextTest::quotesOnlyWhatNeedsIt() {
    QCOMPARE(maybeQuote("abc_1"), std::string("abc_1"));
    QCOMPARE(maybeQuote("key"), std::string("key"));
    QCOMPARE(maybeQuote("select"), std::string("\"select\""));
    QCOMPARE(maybeQuote("Abc"), std::string("\"Abc\""));
    QCOMPARE(maybeQuote("1a"), std::string("\"1a\""));
    QCOMPARE(maybeQuote("a\"b"), std::string("\"a\"\"b\""));
    QCOMPARE(maybeQuote(""), std::string("\"\""));
    QCOMPARE(quoteText("it's"), std::string("'it''s'"));
}

QTEST_GUILESS_MAIN(TextTest)
#include "text_test.moc"
