#include <QtTest>

#include <random>

#include "engine/cql/syntax/lexer.h"

using namespace engine::cql::syntax;

class LexerTest : public QObject {
    Q_OBJECT

private slots:
    void cutsOneTokenOfEachKind_data();
    void cutsOneTokenOfEachKind();
    void keywordsInAnyCase();
    void everyKeywordIsFound();
    void positionsCountUtf16Units();
    void errorsAreWordedAsTheGeneratedLexerDoes_data();
    void errorsAreWordedAsTheGeneratedLexerDoes();
    void tokenizeLeavesNoGapAndNeverFails();
    void tokenizeShowsAnOpenStringAsOneError();
};

namespace {

std::vector<TokenKind> visibleKinds(std::string_view text) {
    std::vector<TokenKind> kinds;
    for (const Token& token : tokenize(text)) {
        if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::Comment &&
            token.kind != TokenKind::Eof) {
            kinds.push_back(token.kind);
        }
    }
    return kinds;
}

std::string errorOf(std::string_view text) {
    Lexer lexer(text);
    Token token;
    while (lexer.next(token)) {
        if (token.kind == TokenKind::Eof) {
            return {};
        }
    }
    return lexer.error().message;
}

}  // namespace

void LexerTest::cutsOneTokenOfEachKind_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("kind");
    const auto row = [](const char* text, TokenKind kind) {
        QTest::newRow(text) << QByteArray(text) << static_cast<int>(kind);
    };
    row("abc_1", TokenKind::Ident);
    row("\"A\"\"b\"", TokenKind::QuotedName);
    row("\"\"", TokenKind::EmptyQuotedName);
    row("'it''s'", TokenKind::StringLiteral);
    row("$$ a'b; $$", TokenKind::StringLiteral);
    row("-12", TokenKind::Integer);
    row("1.", TokenKind::Float);
    row("1e10", TokenKind::Float);
    row("-1.5E-3", TokenKind::Float);
    row("tRue", TokenKind::Boolean);
    row("1y2mo3w4d5h6m7s8ms9us10ns", TokenKind::Duration);
    row("5\xC2\xB5s", TokenKind::Duration);
    row("P1Y2M3DT4H5M6S", TokenKind::Duration);
    row("-P4W", TokenKind::Duration);
    row("P0001-02-03T04:05:06", TokenKind::Duration);
    row("P1", TokenKind::Ident);
    row("123e4567-e89b-42d3-a456-426614174000", TokenKind::Uuid);
    row("deadbeef-e89b-42d3-a456-426614174000", TokenKind::Uuid);
    row("deadbeef", TokenKind::Ident);
    row("0xCAFE", TokenKind::HexNumber);
    row("-NaN", TokenKind::NegativeNan);
    row("-infinity", TokenKind::NegativeInfinity);
    row("expr(", TokenKind::ExprParen);
    row("COLUMNFAMILIES", TokenKind::KTables);  // CQL-L11: synonyms.
    row("Table", TokenKind::KColumnfamily);
    row("!=", TokenKind::NotEqual);
    row("..", TokenKind::Range);
}

void LexerTest::cutsOneTokenOfEachKind() {
    QFETCH(const QByteArray, text);
    QFETCH(const int, kind);
    const std::vector<TokenKind> kinds = visibleKinds(text.toStdString());
    QCOMPARE(kinds.size(), std::size_t{1});
    QCOMPARE(static_cast<int>(kinds.front()), kind);
}

void LexerTest::keywordsInAnyCase() {
    QVERIFY((visibleKinds("sElEcT FROM from_") == std::vector{TokenKind::KSelect, TokenKind::KFrom,
                                                              TokenKind::Ident}));
    QVERIFY((visibleKinds("1..2") ==
             std::vector{TokenKind::Integer, TokenKind::Range, TokenKind::Integer}));
    QVERIFY((visibleKinds("a-1") == std::vector{TokenKind::Ident, TokenKind::Integer}));
    QVERIFY((visibleKinds("a -- b\n// c\n/* d */ e") ==
             std::vector{TokenKind::Ident, TokenKind::Ident}));
}

void LexerTest::everyKeywordIsFound() {
    for (const KeywordEntry& entry : allKeywords()) {
        QVERIFY2(keywordKind(entry.word) == entry.kind, std::string(entry.word).c_str());
    }
}

void LexerTest::positionsCountUtf16Units() {
    // U+65E5 is three bytes and one unit, U+1F600 four bytes and two.
    const std::vector<Token> tokens = tokenize("'\xE6\x97\xA5\xF0\x9F\x98\x80' x\n  y");
    QCOMPARE(tokens[2].column, 6u);
    QCOMPARE(tokens[4].line, 2u);
    QCOMPARE(tokens[4].column, 2u);
}

void LexerTest::errorsAreWordedAsTheGeneratedLexerDoes_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* text, const char* message) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(message);
    };
    row("SELECT 'a", "line 1:9 mismatched character '<EOF>' expecting '''");
    row("SELECT -- x", "line 1:11 mismatched character '<EOF>' expecting set null");
    row("SELECT /* x", "line 1:11 mismatched character '<EOF>' expecting '*'");
    row("SELECT /* x *", "line 1:13 mismatched character '<EOF>' expecting '/'");
    row("SELECT `a`", "line 1:7 no viable alternative at character '`'");
    row("SELECT \xE6\x97\xA5", "line 1:7 no viable alternative at character '\xE6\x97\xA5'");
    row("SELECT a ! b", "line 1:10 mismatched character ' ' expecting '='");
    row("SELECT 1e", "line 1:9 no viable alternative at character '<EOF>'");
    row("SELECT 12345678-x", "line 1:16 mismatched character 'x' expecting set null");
    row("SELECT -name", "line 1:10 mismatched character 'm' expecting set null");
    row("SELECT 1h5", "line 1:10 no viable alternative at character '<EOF>'");
    row("SELECT 1.5e)",
        "line 1:11 required (...)+ loop did not match anything at character ')'");
}

void LexerTest::errorsAreWordedAsTheGeneratedLexerDoes() {
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, message);
    QCOMPARE(QByteArray::fromStdString(errorOf(text.toStdString())), message);
}

void LexerTest::tokenizeLeavesNoGapAndNeverFails() {
    std::string text = "SELECT \"a FROM `t` WHERE é = 'x' AND 1e ^ $x /* open";
    std::minstd_rand random(7);
    for (int round = 0; round < 2000; ++round) {
        std::size_t offset = 0;
        const std::vector<Token> tokens = tokenize(text);
        for (const Token& token : tokens) {
            QCOMPARE(std::size_t{token.offset}, offset);
            offset += token.length;
        }
        QCOMPARE(offset, text.size());
        text[random() % text.size()] = static_cast<char>(random() % 256);
    }
}

void LexerTest::tokenizeShowsAnOpenStringAsOneError() {
    const std::vector<Token> tokens = tokenize("SELECT 'abc def");
    QCOMPARE(tokens.size(), std::size_t{4});
    QCOMPARE(tokens[2].kind, TokenKind::Error);
    QCOMPARE(tokens[2].length, 8u);
}

QTEST_GUILESS_MAIN(LexerTest)
#include "lexer_test.moc"
