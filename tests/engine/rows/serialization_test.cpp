#include "engine/rows/serialization.h"

#include <QtTest>

#include "rows_fixture.h"

using namespace rowstest;

class SerializationTest : public QObject {
    Q_OBJECT
private slots:
    void randomPartitionsComeBack_data();
    void randomPartitionsComeBack();
    void truncatedPartitionsAreRefused();
    void damagedPartitionsNeverCrash();
    void mutationComesBackWithItsTables();
    void updatesOfUnknownTablesAreSkippedOrRefused();
    void readCommandComesBack();
    void partitionLayoutIsTheDocumentedOne();

private:
    schema::Schema schemaWith(std::vector<schema::TablePtr> tables) const;
    const schema::TablePtr m_table = makeTable();
};

schema::Schema SerializationTest::schemaWith(std::vector<schema::TablePtr> tables) const {
    schema::Keyspace keyspace;
    keyspace.name = "ks";
    for (const auto& table : tables) {
        keyspace.tables[table->name] = table;
    }
    return schema::Schema().with(std::make_shared<const schema::Keyspace>(keyspace));
}

void SerializationTest::randomPartitionsComeBack_data() {
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 200; ++seed) {
        QTest::addRow("seed %llu", seed) << seed;
    }
}

void SerializationTest::randomPartitionsComeBack() {
    QFETCH(const quint64, seed);
    RandomRows random(seed);
    const Partition before = random.partition(*m_table, static_cast<int>(seed));
    ByteWriter out;
    write(out, before);
    ByteReader in(out.bytes());
    const auto after = readPartition(in);
    QVERIFY(after.has_value());
    QVERIFY(in.atEnd());
    QVERIFY(after.value() == before);
}

void SerializationTest::truncatedPartitionsAreRefused() {
    RandomRows random(3);
    for (int i = 0; i < 50; ++i) {
        ByteWriter out;
        write(out, random.partition(*m_table, i));
        for (std::size_t length = 0; length < out.size(); ++length) {
            ByteReader in(BytesView(out.bytes()).substr(0, length));
            QVERIFY(!readPartition(in).has_value());
        }
    }
}

void SerializationTest::damagedPartitionsNeverCrash() {
    RandomRows random(4);
    for (int i = 0; i < 2000; ++i) {
        ByteWriter out;
        write(out, random.partition(*m_table, i));
        Bytes bytes = out.take();
        for (std::uint64_t k = 1 + random.below(4); k > 0; --k) {
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        }
        ByteReader in(bytes);
        static_cast<void>(readPartition(in));
    }
}

void SerializationTest::mutationComesBackWithItsTables() {
    RandomRows random(5);
    const auto other = makeTable("other", 2);
    const auto schema = schemaWith({m_table, other});
    const Mutation before{
        {{m_table, random.partition(*m_table, 1)}, {other, random.partition(*other, 1)}}};
    ByteWriter out;
    write(out, before);
    ByteReader in(out.bytes());
    const auto after = readMutation(in, schema);
    QVERIFY(after.has_value());
    QCOMPARE(after.value().updates.size(), std::size_t(2));
    QCOMPARE(after.value().updates[1].table.get(), other.get());
    QVERIFY(after.value().updates[1].partition == before.updates[1].partition);
    for (std::size_t length = 0; length < out.size(); ++length) {
        ByteReader cut(BytesView(out.bytes()).substr(0, length));
        QVERIFY(!readMutation(cut, schema).has_value());
    }
}

void SerializationTest::updatesOfUnknownTablesAreSkippedOrRefused() {
    RandomRows random(6);
    const auto dropped = makeTable("dropped", 9);
    ByteWriter out;
    write(out, Mutation{{{dropped, random.partition(*dropped, 1)},
                         {m_table, random.partition(*m_table, 1)}}});
    const auto schema = schemaWith({m_table});
    ByteReader strict(out.bytes());
    const auto refused = readMutation(strict, schema);
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().kind, ErrorKind::NotFound);
    QVERIFY(refused.error().message.find(dropped->id.toString()) != std::string::npos);
    ByteReader lenient(out.bytes());
    std::vector<Uuid> unknown;
    const auto kept = readMutation(lenient, schema, unknown);
    QVERIFY(kept.has_value());
    QCOMPARE(kept.value().updates.size(), std::size_t(1));
    QCOMPARE(unknown.size(), std::size_t(1));
}

void SerializationTest::readCommandComesBack() {
    ReadCommand before;
    before.table = m_table;
    before.range = {PartitionBound{-5, Bytes("k"), false}, PartitionBound{7, std::nullopt, true}};
    before.columns = {false, {"a", "b"}};
    before.names = {at(1, "x")};
    before.slices = {{{at(1, "x"), false}, {{}, true}}};
    before.reversed = true;
    before.filters = {{"a", Operator::In, "", {"p", "q"}, "k"}};
    before.filterAtReplica = true;
    before.limits = {10, 2, true};
    before.nowSeconds = 1234567890;
    ByteWriter out;
    write(out, before);
    const auto schema = schemaWith({m_table});
    ByteReader in(out.bytes());
    const auto result = readReadCommand(in, schema);
    QVERIFY(result.has_value());
    const ReadCommand& after = result.value();
    QCOMPARE(after.table.get(), m_table.get());
    QVERIFY(!after.key && after.range == before.range);
    QVERIFY(!after.columns.all && after.columns.names == before.columns.names);
    QVERIFY(after.names == before.names && after.slices == before.slices);
    QVERIFY(after.reversed && after.filterAtReplica && !after.staticOnly);
    QVERIFY(after.filters[0].values == before.filters[0].values);
    QCOMPARE(after.filters[0].mapKey, Bytes("k"));
    QCOMPARE(after.limits.rows, 10u);
    QVERIFY(after.limits.distinct);
    QCOMPARE(after.nowSeconds, before.nowSeconds);
    for (std::size_t length = 0; length < out.size(); ++length) {
        ByteReader cut(BytesView(out.bytes()).substr(0, length));
        QVERIFY(!readReadCommand(cut, schema).has_value());
    }
}

void SerializationTest::partitionLayoutIsTheDocumentedOne() {
    Partition partition;
    partition.key = key(1);
    partition.rows = {row(at(2, "d"), 3, {cell("a", "x", 3), cell("b", "y", 4)})};
    ByteWriter out;
    write(out, partition);
    QCOMPARE(QByteArray::fromStdString(toHex(out.bytes())),
             QByteArray("0400000001"
                        "00"
                        "01"  // key, flags, one row
                        "01"
                        "02"
                        "0400000002"
                        "0164"  // liveness; clustering of two values
                        "06"
                        "02"  // timestamp 3; two cells
                        "11"
                        "00"
                        "0161"
                        "0178"  // same timestamp, value; column 0 is a
                        "10"
                        "01"
                        "0162"
                        "08"
                        "0179"));  // column 1 is b, timestamp 4
}

QTEST_GUILESS_MAIN(SerializationTest)
#include "serialization_test.moc"
