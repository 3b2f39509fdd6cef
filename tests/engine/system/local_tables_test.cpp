#include "engine/system/local_tables.h"

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

PeerRow peerOf(int number) {
    PeerRow out;
    out.node.internode = runtime::Endpoint("10.0.0." + std::to_string(number), 7000);
    out.node.node = out.node.internode.toString();
    out.node.native = runtime::Endpoint("10.0.0." + std::to_string(number), 9042);
    out.node.hostId = Uuid{1, static_cast<std::uint64_t>(number)};
    out.node.tokens = {-5, number, 100};
    out.schemaVersion = Uuid{2, 2};
    out.release = "5.0.6";
    return out;
}

}  // namespace

class LocalTablesTest : public QObject {
    Q_OBJECT
private slots:
    void aNewNodeRemembersNothing() {
        Fixture f;
        QVERIFY(f.opened);
        const auto found = loadLocal(f.storage, kMicros / 1'000'000);
        QVERIFY(found.has_value() && !found.value());
    }

    void whatIsSavedIsLoaded() {
        Fixture f;
        LocalState state;
        state.hostId = Uuid{3, 4};
        state.tokens = {-7, 0, 9};
        state.generation = 123;
        state.bootstrapped = true;
        LocalAddresses addresses{"c", runtime::Endpoint("10.0.0.1", 7000), runtime::Endpoint("10.0.0.1", 9042), "dc1", "r1"};
        const auto saved = sim::runUntilDone(f.world, saveLocal(f.storage, state, addresses, Uuid{5, 5}, kMicros),
                                             std::chrono::seconds(10));
        QVERIFY(saved && saved->has_value());
        const auto found = loadLocal(f.storage, kMicros / 1'000'000);
        QVERIFY(found.has_value() && found.value());
        QCOMPARE(found.value()->hostId.toString(), state.hostId.toString());
        QCOMPARE(found.value()->tokens, state.tokens);
        QCOMPARE(found.value()->generation, 123);
        QVERIFY(found.value()->bootstrapped);
    }

    void aClockThatWasSetBackDoesNotLoseWhatIsSaved() {
        Fixture f;
        LocalState state;
        state.hostId = Uuid{3, 4};
        const LocalAddresses addresses{"c", runtime::Endpoint("10.0.0.1", 7000), runtime::Endpoint("10.0.0.1", 9042), "dc1", "r1"};
        for (const std::int64_t micros : {kMicros, kMicros - 60'000'000}) {
            ++state.generation;
            const auto saved = sim::runUntilDone(f.world, saveLocal(f.storage, state, addresses, Uuid{5, 5}, micros),
                                                 std::chrono::seconds(10));
            QVERIFY(saved && saved->has_value());
            QCOMPARE(loadLocal(f.storage, kMicros / 1'000'000).value()->generation, state.generation);
        }
    }

    void peersComeAndGo() {
        Fixture f;
        const std::vector<PeerRow> two{peerOf(2), peerOf(3)};
        QVERIFY(savePeers(f.storage, {}, two, kMicros).has_value());
        auto found = loadPeers(f.storage, kMicros / 1'000'000);
        QVERIFY(found.has_value());
        QCOMPARE(found.value().size(), std::size_t(2));
        QVERIFY(savePeers(f.storage, two, {two[1]}, kMicros + 1).has_value());
        found = loadPeers(f.storage, kMicros / 1'000'000);
        QCOMPARE(found.value().size(), std::size_t(1));
        QVERIFY(found.value()[0].node == two[1].node);
        QCOMPARE(found.value()[0].release, std::string("5.0.6"));
    }
};

QTEST_GUILESS_MAIN(LocalTablesTest)
#include "local_tables_test.moc"
