#include <QtTest>

#include <random>

#include "engine/cql/syntax/parser.h"
#include "golden_file.h"

using namespace engine::cql::syntax;

/// Every syntax error to the letter: the answers of a real Apache Cassandra 5.0.6 as data.
class ParserErrorsTest : public QObject {
    Q_OBJECT

private slots:
    void saysWhatCassandraSays_data();
    void saysWhatCassandraSays();
    void errorKnowsItsPlace();
    void endOfTextHasAPlaceToo();
    void nestingIsLimited_data();
    void nestingIsLimited();
    void longStatementsTakeLinearTime();
    void randomBytesNeverCrash();
};

void ParserErrorsTest::saysWhatCassandraSays_data() {
    QTest::addColumn<QByteArray>("file");
    QTest::newRow("statements people get wrong") << QByteArray("/refused.txt");
    QTest::newRow("statements changed at random") << QByteArray("/mutated.txt");
}

void ParserErrorsTest::saysWhatCassandraSays() {
    QFETCH(const QByteArray, file);
    const std::vector<GoldenAnswer> golden = readGolden(DATA_FOLDER + file.toStdString());
    QVERIFY(golden.size() > 1000);
    std::size_t same = 0;
    for (const GoldenAnswer& expected : golden) {
        const auto parsed = parse(expected.statement);
        const std::string answer = parsed ? "OK" : parsed.error().message;
        if (answer == expected.answer) {
            ++same;
            continue;
        }
        qWarning("%s\n   expected %s\n   was      %s", expected.statement.c_str(),
                 expected.answer.c_str(), answer.c_str());
    }
    qInfo("%zu of %zu the same", same, golden.size());
    QCOMPARE(same, golden.size());
}

void ParserErrorsTest::errorKnowsItsPlace() {
    const auto parsed = parse("SELECT *\nFORM t;");
    QVERIFY(!parsed);
    QVERIFY(parsed.error().kind == engine::ErrorKind::Syntax);
    QVERIFY(parsed.error().detail && parsed.error().detail->hasSpan);
    const engine::SourceSpan span = parsed.error().detail->span;
    QCOMPARE(span.offset, 9u);
    QCOMPARE(span.length, 4u);
    QCOMPARE(span.line, 2u);
    QCOMPARE(span.column, 0u);
}

void ParserErrorsTest::endOfTextHasAPlaceToo() {
    const auto parsed = parse("SELECT * FROM");
    QVERIFY(!parsed);
    QCOMPARE(QByteArray::fromStdString(parsed.error().message),
             QByteArray("line 0:-1 no viable alternative at input '<EOF>'"));
    QCOMPARE(parsed.error().detail->span.offset, 13u);
}

void ParserErrorsTest::nestingIsLimited_data() {
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("repeated");
    QTest::newRow("tuples") << QByteArray("SELECT k FROM t WHERE k = ") << QByteArray("(");
    QTest::newRow("lists") << QByteArray("SELECT k FROM t WHERE k = ") << QByteArray("[");
    QTest::newRow("maps") << QByteArray("SELECT k FROM t WHERE k = ") << QByteArray("{1:");
    QTest::newRow("casts") << QByteArray("SELECT k FROM t WHERE k = ") << QByteArray("CAST(");
    QTest::newRow("hints") << QByteArray("SELECT k FROM t WHERE k = ") << QByteArray("(int)");
    QTest::newRow("relations") << QByteArray("SELECT k FROM t WHERE ") << QByteArray("(");
    QTest::newRow("selectors") << QByteArray("SELECT ") << QByteArray("(");
    QTest::newRow("selected hints") << QByteArray("SELECT ") << QByteArray("(int)");
    QTest::newRow("selected hints in brackets") << QByteArray("SELECT ") << QByteArray("(int)(");
    QTest::newRow("negations") << QByteArray("SELECT ") << QByteArray("- ");
    QTest::newRow("functions") << QByteArray("SELECT ") << QByteArray("f(");
    QTest::newRow("json") << QByteArray("SELECT ") << QByteArray("json ");
    QTest::newRow("fields") << QByteArray("SELECT a") << QByteArray(".b");
    QTest::newRow("types") << QByteArray("ALTER TABLE t ADD c ") << QByteArray("list<");
    QTest::newRow("sums") << QByteArray("SELECT k FROM t WHERE k = 1") << QByteArray(" + 1");
    QTest::newRow("products") << QByteArray("SELECT 1") << QByteArray(" * 1");
}

void ParserErrorsTest::nestingIsLimited() {
    QFETCH(const QByteArray, before);
    QFETCH(const QByteArray, repeated);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!parse((before + repeated.repeated(100000)).toStdString()));
    QVERIFY(timer.elapsed() < 5000);
}

void ParserErrorsTest::longStatementsTakeLinearTime() {
    std::string batch = "BEGIN BATCH ";
    std::string update = "UPDATE t SET a0 = 1";
    for (int i = 1; i < 20000; ++i) {
        batch += "INSERT INTO t (k, v) VALUES (" + std::to_string(i) + ", 'text'); ";
        update += ", a" + std::to_string(i) + " = " + std::to_string(i);
    }
    QVERIFY(parse(batch + "APPLY BATCH"));
    QVERIFY(parse(update + " WHERE k = 1"));
    QVERIFY(!parse(batch + "APPLY BATHC"));
}

void ParserErrorsTest::randomBytesNeverCrash() {
    std::vector<GoldenAnswer> golden = readGolden(DATA_FOLDER "/mutated.txt");
    std::minstd_rand random(11);
    for (GoldenAnswer& answer : golden) {
        for (int i = 0; i < 20; ++i) {
            std::string& text = answer.statement;
            text[random() % text.size()] = static_cast<char>(random() % 256);
            (void)parse(text).has_value();
        }
    }
}

QTEST_GUILESS_MAIN(ParserErrorsTest)
#include "parser_errors_test.moc"
