#include <QtTest>

#include <sstream>

#include "engine/client/copy.h"
#include "engine/types/codec.h"

using namespace engine;
using namespace engine::client;

namespace {

/// Keeps what it is asked, and answers a SELECT with two pages of a table (id int, name text, tags set<text>).
class Table : public Client {
public:
    Result<void> prepare(const std::string&) override { return ok(); }
    Result<QueryAnswer> execute(const Query& query) override {
        asked.push_back(query);
        if (query.text.find("refused") != std::string::npos ||
            (!query.values.empty() && query.values.back() && *query.values.back() == "refused")) {
            return invalid("no");
        }
        if (!query.text.starts_with("SELECT")) {
            return QueryAnswer{cql::VoidResult{}, {}, {}};
        }
        auto metadata = std::make_shared<cql::ResultMetadata>();
        if (query.text.find("system_schema") != std::string::npos) {
            metadata->columns = {{"s", "c", "column_name", types::text()}, {"s", "c", "kind", types::text()}, {"s", "c", "position", types::int32()}};
            cql::RowsResult keys;
            keys.metadata = metadata;
            keys.rows = {{Bytes("id"), Bytes("partition_key"), types::encodeInt(0)}, {Bytes("n"), Bytes("regular"), types::encodeInt(-1)}};
            return QueryAnswer{keys, {}, {}};
        }
        if (query.text.find("counted") != std::string::npos) {
            metadata->columns = {{"ks", "counted", "id", types::int32()}, {"ks", "counted", "n", types::counter()}};
            cql::RowsResult none;
            none.metadata = metadata;
            return QueryAnswer{none, {}, {}};
        }
        if (query.text.find("flags") != std::string::npos) {
            metadata->columns = {{"ks", "flags", "id", types::int32()}, {"ks", "flags", "set", types::boolean()}};
            cql::RowsResult one;
            one.metadata = metadata;
            one.rows.push_back({types::encodeInt(1), types::encodeBoolean(true)});
            return QueryAnswer{one, {}, {}};
        }
        metadata->columns = {{"ks", "t", "id", types::int32()}, {"ks", "t", "name", types::text()},
                             {"ks", "t", "tags", types::set(types::text(), true)}};
        cql::RowsResult rows;
        rows.metadata = metadata;
        if (query.pagingState) {
            rows.rows.push_back({types::encodeInt(2), Bytes("a,\"b\"\nc"), {}});
        } else {
            rows.rows.push_back({types::encodeInt(1), {}, {}});
            rows.pagingState = Bytes("more");
        }
        return QueryAnswer{rows, {}, {}};
    }
    const std::string& keyspace() const override { return m_keyspace; }
    bool isOpen() const override { return true; }

    std::vector<Query> asked;

private:
    std::string m_keyspace;
};

bool always(std::uint64_t) { return true; }

CopyCommand command(const char* text) { return parseCopy(text).value(); }

}  // namespace

/// COPY both ways, its options, and files of separated values.
class CopyTest : public QObject {
    Q_OBJECT

private slots:
    void commandsAreRead();
    void whatIsUnknownIsNamed_data();
    void whatIsUnknownIsNamed();
    void recordsReadBackAsTheyWereWritten_data();
    void recordsReadBackAsTheyWereWritten();
    void anOpenQuoteIsAnErrorWithItsLine();
    void everyPageGoesToTheFile();
    void recordsBecomeBoundValues();
    void aRefusedRecordIsCountedAndTheRestGoesIn();
    void literalsThatAreNoTermsNeverReachTheServer();
    void progressMayEndIt();
    void whatOnlyTunesCqlshChangesNothing();
    void countersAreAddedTo();
    void booleansHaveTheirStyle();
    void tokensBoundTheExport();
    void columnsMayBeSkippedAndRowsExpire();
    void aHeaderThatNamesNoColumnsIsPassedOver();
    void itEndsAfterTooManyErrors();
};

void CopyTest::commandsAreRead() {
    const CopyCommand copy = command("COPY library.\"Books\" (id, \"Name\") FROM 'it''s.csv' WITH HEADER = true AND DELIMITER = '|' "
                                     "AND NULL = 'nil' AND MAXROWS = 5 AND SKIPROWS = 1;");
    QVERIFY(copy.from && copy.header);
    QCOMPARE(copy.table, std::string("library.\"Books\""));
    QCOMPARE(copy.columns, std::vector<std::string>({"id", "Name"}));
    QCOMPARE(copy.file, std::string("it's.csv"));
    QCOMPARE(copy.form.delimiter, '|');
    QCOMPARE(copy.style.null, std::string("nil"));
    QCOMPARE(copy.maxRows, std::int64_t(5));
    QCOMPARE(copy.skipRows, std::int64_t(1));
}

void CopyTest::whatIsUnknownIsNamed_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("names");
    QTest::newRow("no file") << "COPY t TO" << "file";
    QTest::newRow("no direction") << "COPY t 'a.csv'" << "TO|FROM";
    QTest::newRow("option") << "COPY t TO 'a' WITH MAXOUTPUTSIZE = 5" << "MAXOUTPUTSIZE";
    QTest::newRow("option of nobody") << "COPY t TO 'a' WITH NONSENSE = 5" << "Unrecognized COPY TO options: nonsense";
    QTest::newRow("one boolean word") << "COPY t TO 'a' WITH BOOLSTYLE = 'yes'" << "BOOLSTYLE";
    QTest::newRow("encoding") << "COPY t TO 'a' WITH ENCODING = latin1" << "latin1";
    QTest::newRow("value") << "COPY t TO 'a' WITH PAGESIZE = many" << "many";
    QTest::newRow("delimiter") << "COPY t TO 'a' WITH DELIMITER = '::'" << "::";
    QTest::newRow("tail") << "COPY t TO 'a' LIMIT" << "LIMIT";
}

void CopyTest::whatIsUnknownIsNamed() {
    QFETCH(const QString, text);
    QFETCH(const QString, names);
    const auto copy = parseCopy(text.toStdString());
    QVERIFY(!copy);
    QVERIFY2(QString::fromStdString(copy.error().message).contains(names), copy.error().message.c_str());
}

void CopyTest::recordsReadBackAsTheyWereWritten_data() {
    QTest::addColumn<char>("escape");
    QTest::newRow("backslash") << '\\';
    QTest::newRow("doubled quotes") << '"';
}

void CopyTest::recordsReadBackAsTheyWereWritten() {
    QFETCH(const char, escape);
    CsvForm form;
    form.escape = escape;
    const std::vector<std::vector<std::string>> records{{"a", "", "b,c"}, {"\"q\"", "two\nlines", "back\\slash"}, {"", "", ""}};
    std::stringstream file;
    for (const auto& record : records) {
        file << csvRecord(record, form);
    }
    CsvReader reader(file, form);
    for (const auto& record : records) {
        QCOMPARE(reader.next().value().value(), record);
    }
    QVERIFY(!reader.next().value().has_value());
}

void CopyTest::anOpenQuoteIsAnErrorWithItsLine() {
    std::stringstream file("a,b\n\"open,c\n");
    CsvReader reader(file, {});
    QVERIFY(reader.next());
    const auto bad = reader.next();
    QVERIFY(!bad);
    QVERIFY(bad.error().message.starts_with("line 2:"));
}

void CopyTest::everyPageGoesToTheFile() {
    Table table;
    std::stringstream out;
    const auto report = copyTo(table, command("COPY t TO 'x' WITH HEADER = true AND NULL = '-'"), {}, out, always);
    QCOMPARE(report.value().rows, std::uint64_t(2));
    QCOMPARE(out.str(), std::string("id,name,tags\r\n1,-,-\r\n2,\"a,\\\"b\\\"\\\\nc\",-\r\n"));
}

void CopyTest::recordsBecomeBoundValues() {
    Table table;
    std::stringstream in("id,name,tags\n7,Ada,\"{'a', 'b'}\"\n8,,\n");
    const auto report = copyFrom(table, command("COPY t FROM 'x' WITH HEADER = true"), {}, in, always);
    QVERIFY2(report, report ? "" : report.error().message.c_str());
    QCOMPARE(report.value().rows, std::uint64_t(2));
    QCOMPARE(table.asked[1].text, std::string("INSERT INTO t (id, name, tags) VALUES (?, ?, ?)"));
    const std::vector<Bytes> tags{"a", "b"};
    QCOMPARE(table.asked[1].values, std::vector<std::optional<Bytes>>({types::encodeInt(7), Bytes("Ada"), types::packList(tags)}));
    QCOMPARE(table.asked[2].text, std::string("INSERT INTO t (id) VALUES (?)"));
}

void CopyTest::aRefusedRecordIsCountedAndTheRestGoesIn() {
    Table table;
    std::stringstream in("1,a,\nx,b,\n3,refused,\n4,d,\n");
    const auto report = copyFrom(table, command("COPY t FROM 'x'"), {}, in, always);
    QCOMPARE(report.value().rows, std::uint64_t(2));
    QCOMPARE(report.value().failed, std::uint64_t(2));
    QVERIFY2(report.value().firstFailure.starts_with("line 2: id: "), report.value().firstFailure.c_str());
}

void CopyTest::literalsThatAreNoTermsNeverReachTheServer() {
    Table table;
    std::stringstream in("1,a,\"{'a'}) IF NOT EXISTS\"\n");
    const auto report = copyFrom(table, command("COPY t FROM 'x'"), {}, in, always);
    QCOMPARE(report.value().failed, std::uint64_t(1));
    QCOMPARE(table.asked.size(), std::size_t(1));
}

void CopyTest::progressMayEndIt() {
    Table table;
    std::stringstream out;
    const auto report = copyTo(table, command("COPY t TO 'x'"), {}, out, [](std::uint64_t) { return false; });
    QCOMPARE(report.value().rows, std::uint64_t(1));
}

void CopyTest::whatOnlyTunesCqlshChangesNothing() {
    const CopyCommand copy = command("COPY t FROM 'x' WITH NUMPROCESSES = 4 AND CHUNKSIZE = 100 AND MAXROWS = -1 AND ENCODING = 'UTF8'");
    QCOMPARE(copy.maxRows, std::int64_t(-1));
    QVERIFY(!copy.header);
}

void CopyTest::countersAreAddedTo() {
    Table table;
    std::stringstream in("7,5\n");
    const auto report = copyFrom(table, command("COPY counted FROM 'x'"), {}, in, always);
    QVERIFY2(report, report ? "" : report.error().message.c_str());
    QCOMPARE(report.value().rows, std::uint64_t(1));
    QCOMPARE(table.asked.back().text, std::string("UPDATE counted SET n = n + ? WHERE id = ?"));
    QCOMPARE(table.asked.back().values, std::vector<std::optional<Bytes>>({types::encodeBigint(5), types::encodeInt(7)}));
}

void CopyTest::booleansHaveTheirStyle() {
    Table table;
    std::stringstream out;
    QVERIFY(copyTo(table, command("COPY flags TO 'x'"), {}, out, always));
    QVERIFY(copyTo(table, command("COPY flags TO 'x' WITH BOOLSTYLE = 'yes, no'"), {}, out, always));
    QCOMPARE(out.str(), std::string("1,True\r\n1,yes\r\n"));
    std::stringstream in("2,NO\n3,maybe\n");
    const auto report = copyFrom(table, command("COPY flags FROM 'x' WITH BOOLSTYLE = 'yes, no'"), {}, in, always);
    QCOMPARE(report.value().rows, std::uint64_t(1));
    QCOMPARE(report.value().failed, std::uint64_t(1));
    QCOMPARE(table.asked.back().values, std::vector<std::optional<Bytes>>({types::encodeInt(2), types::encodeBoolean(false)}));
}

void CopyTest::tokensBoundTheExport() {
    Table table;
    std::stringstream out;
    QVERIFY(copyTo(table, command("COPY t TO 'x' WITH BEGINTOKEN = -5 AND ENDTOKEN = '17'"), {}, out, always));
    QCOMPARE(table.asked.back().text, std::string("SELECT * FROM t WHERE token(id) > -5 AND token(id) <= 17"));
}

void CopyTest::columnsMayBeSkippedAndRowsExpire() {
    Table table;
    std::stringstream in("1,a,{'x'}\n");
    QVERIFY(copyFrom(table, command("COPY t FROM 'x' WITH SKIPCOLS = 'name, tags' AND TTL = 60"), {}, in, always));
    QCOMPARE(table.asked.back().text, std::string("INSERT INTO t (id) VALUES (?) USING TTL 60"));
}

void CopyTest::aHeaderThatNamesNoColumnsIsPassedOver() {
    Table table;
    std::stringstream in("Number,Name,Tags\n1,a,\n");
    const auto report = copyFrom(table, command("COPY t FROM 'x' WITH HEADER = true"), {}, in, always);
    QCOMPARE(report.value().rows, std::uint64_t(1));
    QCOMPARE(table.asked.back().text, std::string("INSERT INTO t (id, name) VALUES (?, ?)"));
}

void CopyTest::itEndsAfterTooManyErrors() {
    Table table;
    std::stringstream in("x,a,\ny,a,\n1,a,\n");
    const auto report = copyFrom(table, command("COPY t FROM 'x' WITH MAXPARSEERRORS = 1"), {}, in, always);
    QCOMPARE(report.value().rows, std::uint64_t(0));
    QCOMPARE(report.value().failed, std::uint64_t(2));
    std::stringstream again("1,refused,\n2,a,\n");
    const auto other = copyFrom(table, command("COPY t FROM 'x' WITH MAXINSERTERRORS = 0 AND MAXPARSEERRORS = 0"), {}, again, always);
    QCOMPARE(other.value().rows, std::uint64_t(0));
    QCOMPARE(other.value().failed, std::uint64_t(1));
}

QTEST_APPLESS_MAIN(CopyTest)
#include "copy_test.moc"
