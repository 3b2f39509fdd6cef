#include "engine/system/prepared_table.h"

#include <QtTest>

#include "engine/sim/machine.h"
#include "engine/sim/world.h"
#include "engine/system/system_keyspaces.h"

using namespace engine;
using namespace engine::system;

namespace {

constexpr std::int64_t kMicros = 1'700'000'000'000'000;

struct Fixture {
    Fixture() {
        registry.publish(std::make_shared<schema::Schema>(systemSchema()));
        opened = storage.open().has_value();
    }
    static storage::StorageOptions options() {
        storage::StorageOptions out;
        out.dataFolder = "/data";
        out.commitLogFolder = "/commitlog";
        return out;
    }
    sim::SimWorld world{1};
    sim::SimMachine& machine = world.addMachine("n", {"10.0.0.1"});
    Log log;
    schema::SchemaRegistry registry;
    storage::StorageEngine storage{machine.doors(), options(), registry, log};
    bool opened = false;
};

}  // namespace

class PreparedTableTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsSavedIsLoadedUntilItIsDeleted() {
        Fixture f;
        QVERIFY(f.opened);
        QVERIFY(savePrepared(f.storage, {"id1", "ks", "SELECT * FROM t"}, kMicros).has_value());
        QVERIFY(savePrepared(f.storage, {"id2", "", "SELECT * FROM k.t"}, kMicros).has_value());
        const auto both = loadPrepared(f.storage, kMicros / 1'000'000);
        QVERIFY(both.has_value());
        QCOMPARE(both.value().size(), std::size_t{2});

        QVERIFY(deletePrepared(f.storage, "id2", kMicros + 1).has_value());
        const auto one = loadPrepared(f.storage, kMicros / 1'000'000);
        QVERIFY(one.has_value());
        QCOMPARE(one.value().size(), std::size_t{1});
        QCOMPARE(one.value().front().id, Bytes("id1"));
        QCOMPARE(one.value().front().keyspace, std::string("ks"));
        QCOMPARE(one.value().front().text, std::string("SELECT * FROM t"));
    }
};

QTEST_GUILESS_MAIN(PreparedTableTest)
#include "prepared_table_test.moc"
