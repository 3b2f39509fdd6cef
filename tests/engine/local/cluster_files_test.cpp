#include "engine/local/cluster_files.h"

#include <QtTest>

#include "engine/node/node_config.h"
#include "engine/sim/disk.h"

using namespace engine;
using namespace engine::local;

namespace {

ClusterSpec spec() {
    ClusterSpec out;
    out.name = "demo";
    out.datacenters = {{"dc1", 2}, {"dc2", 1}};
    out.racks = 2;
    out.vnodes = 4;
    out.net = "127.0.9";
    out.settings = {{"read_request_timeout", "3000ms"}};
    return out;
}

}  // namespace

class ClusterFilesTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsWrittenIsReadBack() {
        sim::SimDisk disk(1);
        const auto described = describe("/home/demo", spec(), false, "secret");
        QVERIFY(described.has_value());
        QVERIFY(writeFiles(disk, "/home/demo", described.value()).has_value());
        const auto read = readFiles(disk, "/home/demo");
        QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
        QCOMPARE(read.value().nodes.size(), std::size_t(3));
        for (std::size_t i = 0; i < 3; ++i) {
            const LocalNode& was = described.value().nodes[i];
            const LocalNode& is = read.value().nodes[i];
            QCOMPARE(is.name(), was.name());
            QCOMPARE(is.datacenter, was.datacenter);
            QCOMPARE(is.rack, was.rack);
            QCOMPARE(is.adminToken, std::string("secret"));
        }
        QCOMPARE(read.value().spec.datacenters, spec().datacenters);
    }

    void nodesGetTheirSettings() {
        sim::SimDisk disk(1);
        const auto described = describe("/home/demo", spec(), false, "secret");
        QVERIFY(writeFiles(disk, "/home/demo", described.value()).has_value());
        const auto config = node::loadConfig(disk, "/home/demo/node3/cassandra.yaml");
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        QCOMPARE(config.value().internode.toString(), std::string("127.0.9.3:7000"));
        QCOMPARE(config.value().datacenter, std::string("dc2"));
        QCOMPARE(config.value().initialTokens.size(), std::size_t(4));
        QVERIFY(config.value().timeouts.read == std::chrono::seconds(3));
        QVERIFY(config.value().unknown.empty());
        QCOMPARE(config.value().seeds.size(), std::size_t(2));
    }

    void withoutAddressesEachNodeHasItsPorts() {
        const auto described = describe("/home/demo", spec(), true, "secret");
        QCOMPARE(described.value().nodes[2].name(), std::string("127.0.0.1:7020"));
        QCOMPARE(described.value().nodes[2].nativePort, std::uint16_t(9062));
    }

    void aBrokenFileIsNamedWithItsLine() {
        sim::SimDisk disk(1);
        QVERIFY(runtime::writeFileAtomically(disk, "/cluster.yaml", "name: demo\nnet: 127.0.0\nvnodes: many\n").has_value());
        const auto read = readFiles(disk, "");
        QVERIFY(!read);
        QVERIFY2(read.error().message.starts_with("/cluster.yaml:3: "), read.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(ClusterFilesTest)
#include "cluster_files_test.moc"
