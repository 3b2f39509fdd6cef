#include "engine/coordinator/virtual_read.h"

#include <QtTest>

#include "engine/types/codec.h"
#include "engine/types/data_type.h"

using namespace engine;

namespace {

schema::Table tableOf(std::initializer_list<types::TypePtr> key) {
    schema::Table out;
    out.keyspace = "system_views";
    out.name = "t";
    out.isVirtual = true;
    int position = 0;
    for (const types::TypePtr& type : key) {
        out.columns.push_back({"k" + std::to_string(position), type, schema::ColumnKind::PartitionKey, position});
        ++position;
    }
    out.finish();
    return out;
}

/// One partition a name, in the order given.
class Named : public coordinator::VirtualTables {
public:
    explicit Named(std::vector<std::string> names) : m_names(std::move(names)) {}
    std::vector<rows::Partition> rows(const schema::Table&) override {
        std::vector<rows::Partition> out;
        for (const std::string& name : m_names) {
            rows::Row row;
            row.liveness.timestamp = 0;
            out.push_back({.key = rows::decorate(name), .rows = {row}});
        }
        return out;
    }

private:
    std::vector<std::string> m_names;
};

rows::ReadCommand commandFor(const schema::Table& table) {
    rows::ReadCommand out;
    out.table = std::make_shared<schema::Table>(table);
    return out;
}

std::vector<std::string> keysOf(const std::vector<rows::Partition>& partitions) {
    std::vector<std::string> out;
    for (const rows::Partition& partition : partitions) {
        out.push_back(partition.key.key);
    }
    return out;
}

}  // namespace

class VirtualReadTest : public QObject {
    Q_OBJECT
private slots:
    void keysAreOrderedByTheirValues() {
        const schema::Table ints = tableOf({types::int32()});
        QVERIFY(coordinator::comparePartitionKeys(ints, types::encodeInt(-1), types::encodeInt(1)) < 0);
        QVERIFY(coordinator::comparePartitionKeys(ints, types::encodeInt(7), types::encodeInt(7)) == 0);
    }

    void compositeKeysAreOrderedComponentByComponent() {
        const schema::Table pairs = tableOf({types::text(), types::text()});
        const auto key = [](const std::string& a, const std::string& b) {
            ByteWriter out;
            for (const std::string& part : {a, b}) {
                out.shortBlob(part);
                out.u8(0);
            }
            return out.take();
        };
        QVERIFY(coordinator::comparePartitionKeys(pairs, key("alpha", "z"), key("b", "a")) < 0);
        QVERIFY(coordinator::comparePartitionKeys(pairs, key("b", "z"), key("b", "aa")) > 0);
    }

    void aKeyFindsItsPartition() {
        Named tables({"a", "b", "c"});
        rows::ReadCommand command = commandFor(tableOf({types::text()}));
        command.key = rows::decorate("b");
        QCOMPARE(keysOf(coordinator::readVirtual(tables, command, 1)), (std::vector<std::string>{"b"}));
    }

    void aPageGoesOnBehindItsKeyAlsoWhenThatHasGone() {
        Named tables({"a", "c", "d"});
        rows::ReadCommand command = commandFor(tableOf({types::text()}));
        command.range.start = rows::PartitionBound{rows::tokenOf("b"), Bytes("b"), false};
        QCOMPARE(keysOf(coordinator::readVirtual(tables, command, 1)), (std::vector<std::string>{"c", "d"}));
        command.range.start = rows::PartitionBound{rows::tokenOf("c"), Bytes("c"), false};
        QCOMPARE(keysOf(coordinator::readVirtual(tables, command, 1)), (std::vector<std::string>{"d"}));
    }

    void limitsHold() {
        Named tables({"a", "b", "c"});
        rows::ReadCommand command = commandFor(tableOf({types::text()}));
        command.limits.rows = 2;
        QCOMPARE(keysOf(coordinator::readVirtual(tables, command, 1)), (std::vector<std::string>{"a", "b"}));
    }
};

QTEST_GUILESS_MAIN(VirtualReadTest)
#include "virtual_read_test.moc"
