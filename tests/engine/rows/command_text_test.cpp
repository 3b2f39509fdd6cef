#include "engine/rows/command_text.h"

#include <QtTest>

#include "rows_fixture.h"

using namespace rowstest;

class CommandTextTest : public QObject {
    Q_OBJECT
private slots:
    void partitionsAndLimits();
    void namesAndSlices();
    void rangesOfTokens();
    void namesAreQuotedWhereNeeded();

private:
    ReadCommand ofKey(int pk) const {
        ReadCommand out;
        out.table = m_table;
        out.key = key(pk);
        return out;
    }
    const schema::TablePtr m_table = makeTable();
};

void CommandTextTest::partitionsAndLimits() {
    ReadCommand command = ofKey(7);
    QCOMPARE(toCql(command), std::string("SELECT * FROM ks.t WHERE pk = 7 ALLOW FILTERING"));
    command.columns = {false, {"a", "b"}};
    command.limits.rows = 10;
    command.limits.rowsPerPartition = 2;
    QCOMPARE(toCql(command), std::string("SELECT a, b FROM ks.t WHERE pk = 7 PER PARTITION LIMIT 2 "
                                         "LIMIT 10 ALLOW FILTERING"));
}

void CommandTextTest::namesAndSlices() {
    ReadCommand command = ofKey(7);
    command.names = {at(1, "x")};
    QCOMPARE(toCql(command),
             std::string("SELECT * FROM ks.t WHERE pk = 7 AND (c, d) = (1, 'x') ALLOW FILTERING"));
    command.names = {at(1, "x"), at(2, "y'z")};
    QCOMPARE(toCql(command), std::string("SELECT * FROM ks.t WHERE pk = 7 AND (c, d) IN ((1, 'x'), "
                                         "(2, 'y''z')) ALLOW FILTERING"));
    command.names.clear();
    command.slices = {{{{types::encodeInt(1)}, false}, {{types::encodeInt(5)}, true}}};
    QCOMPARE(toCql(command),
             std::string("SELECT * FROM ks.t WHERE pk = 7 AND c > 1 AND c <= 5 ALLOW FILTERING"));
    command.slices = {{{{types::encodeInt(1)}, true}, {{types::encodeInt(1)}, true}}};
    QCOMPARE(toCql(command), std::string("SELECT * FROM ks.t WHERE pk = 7 AND c = 1 ALLOW FILTERING"));
}

void CommandTextTest::rangesOfTokens() {
    ReadCommand command;
    command.table = m_table;
    QCOMPARE(toCql(command), std::string("SELECT * FROM ks.t ALLOW FILTERING"));
    command.range.start = PartitionBound{5, {}, false};
    command.range.end = PartitionBound{9, {}, true};
    QCOMPARE(toCql(command), std::string("SELECT * FROM ks.t WHERE token(pk) > 5 AND token(pk) <= 9 "
                                         "ALLOW FILTERING"));
}

void CommandTextTest::namesAreQuotedWhereNeeded() {
    schema::Table table = *m_table;
    table.name = "Mixed Case";
    ReadCommand command;
    command.table = std::make_shared<const schema::Table>(std::move(table));
    QCOMPARE(toCql(command), std::string("SELECT * FROM ks.\"Mixed Case\" ALLOW FILTERING"));
}

QTEST_GUILESS_MAIN(CommandTextTest)
#include "command_text_test.moc"
