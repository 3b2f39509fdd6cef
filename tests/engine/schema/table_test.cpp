#include <QtTest>

#include "engine/schema/schema.h"
#include "engine/types/data_type.h"

using namespace engine;
using schema::ColumnKind;

class TableTest : public QObject {
    Q_OBJECT

private:
    static schema::Table table() {
        schema::Table out;
        out.keyspace = "k";
        out.name = "t";
        out.columns = {{"z", types::list(types::text(), false), ColumnKind::Regular, -1, false},
                       {"c", types::int32(), ColumnKind::Clustering, 0, true},
                       {"\xc3\xa9", types::int32(), ColumnKind::Regular, -1, false},
                       {"p", types::int32(), ColumnKind::PartitionKey, 0, false},
                       {"s", types::int32(), ColumnKind::Static, -1, false}};
        out.finish();
        return out;
    }

private slots:
    void columnsAreSortedByKindAndPlace() {
        const schema::Table t = table();
        QCOMPARE(t.partitionKey()[0].name, std::string("p"));
        QCOMPARE(t.clustering()[0].name, std::string("c"));
        QCOMPARE(t.statics()[0].name, std::string("s"));
        // Cassandra compares the first eight bytes as a signed number.
        QCOMPARE(t.regulars()[0].name, std::string("\xc3\xa9"));
        QCOMPARE(t.regulars()[1].name, std::string("z"));
    }

    void tablesAreEqualByWhatTheirTypesAre() {
        QVERIFY(table() == table());
        schema::Table other = table();
        other.columns.back().type = types::list(types::int32(), false);
        QVERIFY(!(table() == other));
    }

    void schemasShareWhatStays() {
        auto keyspace = std::make_shared<schema::Keyspace>();
        keyspace->name = "k";
        keyspace->tables["t"] = std::make_shared<schema::Table>(table());
        const schema::Schema first = schema::Schema().with(keyspace);
        auto other = std::make_shared<schema::Keyspace>();
        other->name = "o";
        const schema::Schema second = first.with(other);
        QCOMPARE(second.findTable("k", "t"), first.findTable("k", "t"));
        QVERIFY(second.without("k").findTable("k", "t") == nullptr);
        QVERIFY(*keyspace == *second.keyspaces().find("k")->second);
    }
};

QTEST_GUILESS_MAIN(TableTest)
#include "table_test.moc"
