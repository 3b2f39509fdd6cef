#include <QtTest>

#include <chrono>

#include "engine/client/load.h"
#include "engine/observe/cluster_state.h"
#include "tests/sim/sim_cluster.h"

using namespace engine;
using namespace simtest;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMemtableBytes = 128 * 1024;

/// Three nodes with small memtables, what they tell folded into a state, and a machine for the load.
struct Fixture {
    explicit Fixture(std::uint64_t seed)
        : cluster({.nodes = 3, .seed = seed, .adjust = [](std::size_t, node::NodeConfig& config) {
                       config.storage.memtableBytes = kMemtableBytes;
                   }}) {
        machine = &cluster.world().addMachine("client", {"10.0.1.1"});
        cluster.onEvent([this](std::size_t, const observe::Event& event) { observe::fold(state, event); });
        started = cluster.start();
    }

    client::LoadOptions options() const {
        client::LoadOptions out;
        for (int i = 1; i <= 3; ++i) {
            out.contacts.emplace_back("10.0.0." + std::to_string(i), 9042);
        }
        return out;
    }
    Result<client::LoadTally> run(client::LoadOptions given) {
        client::Load load(machine->doors(), std::move(given));
        const auto done = sim::runUntilDone(cluster.world(), load.run(), 120s);
        if (!done) {
            return makeError(ErrorKind::Timeout, "the load does not end");
        }
        if (!*done) {
            return done->error();
        }
        return load.tally();
    }
    const observe::NodeStorageView& storage(std::size_t node) const { return state.node(cluster.nameOf(node))->storage; }

    SimCluster cluster;
    sim::SimMachine* machine = nullptr;
    observe::ClusterState state;
    bool started = false;
};

}  // namespace

/// The load as `ringctl load` and the window run it, and what the nodes tell of their files meanwhile.
class SimLoadTest : public QObject {
    Q_OBJECT

private slots:
    void everyRowIsWrittenOnce();
    void theRateIsKeptAndTheVerbsAreShared();
    void anyTableWithNativeKeysWillDo();
    void aKeyItCannotMakeIsSaidAtOnce();
    void nobodyThereIsAnError();
    void fullMemtablesFlushAndAreTold();
};

void SimLoadTest::everyRowIsWrittenOnce() {
    Fixture f(1);
    QVERIFY(f.started);
    client::LoadOptions options = f.options();
    options.fill = true;
    options.rows = 250;
    const auto tally = f.run(options);
    QVERIFY2(tally.has_value(), tally ? "" : tally.error().message.c_str());
    QCOMPARE(tally.value().writes, std::uint64_t(250));
    QCOMPARE(tally.value().errors, std::uint64_t(0));
    QCOMPARE(f.cluster.rows(0, "SELECT station, reading FROM sensors.readings").size(), std::size_t(250));
}

void SimLoadTest::theRateIsKeptAndTheVerbsAreShared() {
    Fixture f(2);
    QVERIFY(f.started);
    client::LoadOptions options = f.options();
    options.rate = 200;
    options.seconds = 5;
    options.rows = 1000;
    options.reads = .25;
    options.deletes = .25;
    const auto tally = f.run(options);
    QVERIFY2(tally.has_value(), tally ? "" : tally.error().message.c_str());
    const std::uint64_t all = tally.value().writes + tally.value().reads + tally.value().deletes;
    QVERIFY2(all > 950 && all < 1050, std::to_string(all).c_str());
    QVERIFY(tally.value().reads > all / 5 && tally.value().reads < all * 3 / 10);
    QVERIFY(tally.value().deletes > all / 5 && tally.value().deletes < all * 3 / 10);
    QCOMPARE(tally.value().errors, std::uint64_t(0));
}

void SimLoadTest::anyTableWithNativeKeysWillDo() {
    Fixture f(3);
    QVERIFY(f.started);
    QVERIFY(f.cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}").has_value());
    QVERIFY(f.cluster.cql(0, "CREATE TABLE ks.\"T\" (a uuid, b text, at timestamp, v double, tags set<text>, PRIMARY KEY ((a, b), at))").has_value());
    QVERIFY(f.cluster.runUntil([&] { return f.cluster.schemaAgrees(); }, 10s));
    client::LoadOptions options = f.options();
    options.keyspace = "ks";
    options.table = "T";
    options.fill = true;
    options.rows = 30;
    const auto tally = f.run(options);
    QVERIFY2(tally.has_value(), tally ? "" : tally.error().message.c_str());
    QCOMPARE(tally.value().writes, std::uint64_t(30));
    QCOMPARE(tally.value().errors, std::uint64_t(0));
}

void SimLoadTest::aKeyItCannotMakeIsSaidAtOnce() {
    Fixture f(4);
    QVERIFY(f.started);
    QVERIFY(f.cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}").has_value());
    QVERIFY(f.cluster.cql(0, "CREATE TABLE ks.t (k inet PRIMARY KEY, v text)").has_value());
    QVERIFY(f.cluster.runUntil([&] { return f.cluster.schemaAgrees(); }, 10s));
    client::LoadOptions options = f.options();
    options.keyspace = "ks";
    options.table = "t";
    const auto tally = f.run(options);
    QVERIFY(!tally);
    QCOMPARE(tally.error().message, std::string("the load makes no values for key column k of type inet"));
    options.table = "absent";
    QCOMPARE(f.run(options).error().message, std::string("table ks.absent does not exist"));
}

void SimLoadTest::nobodyThereIsAnError() {
    Fixture f(5);
    QVERIFY(f.started);
    client::LoadOptions options;
    options.contacts.emplace_back("10.0.0.9", 9042);
    QVERIFY(!f.run(options));
    options.contacts.clear();
    QVERIFY(!f.run(options));
}

void SimLoadTest::fullMemtablesFlushAndAreTold() {
    Fixture f(6);
    QVERIFY(f.started);
    client::LoadOptions options = f.options();
    options.fill = true;
    options.rows = 2000;
    const auto tally = f.run(options);
    QVERIFY2(tally.has_value(), tally ? "" : tally.error().message.c_str());
    f.cluster.runFor(2s);
    for (std::size_t node = 0; node < 3; ++node) {
        const auto* table = f.storage(node).table("sensors.readings");
        QVERIFY(table != nullptr);
        QVERIFY(!table->sstables.empty() || !f.storage(node).compactions.empty());
        const auto& flushes = f.storage(node).flushes;
        const auto full = std::find_if(flushes.begin(), flushes.end(), [](const observe::FlushView& flush) {
            return flush.started.table == "readings" && flush.started.reason == "MEMTABLE_LIMIT";
        });
        QVERIFY(full != flushes.end());
        QVERIFY(full->finished.generation > 0);
        QVERIFY(full->started.bytes >= kMemtableBytes);
        QVERIFY(table->memtableBytes < 2 * kMemtableBytes);
        QCOMPARE(table->definition.strategy, std::string("SizeTieredCompactionStrategy"));
    }
}

QTEST_GUILESS_MAIN(SimLoadTest)
#include "sim_load_test.moc"
