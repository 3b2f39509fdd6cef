#include <QtTest>

#include <fmt/format.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <fstream>

#include "engine/client/client.h"
#include "engine/local/link_faults.h"
#include "engine/local/local_cluster.h"
#include "engine/ring/consistency.h"
#include "engine/runtime/process.h"
#include "engine/types/codec.h"

using namespace engine;
using local::LocalCluster;
using local::ProcessState;
using ring::Consistency;

namespace {

constexpr const char* kName = "live";
constexpr const char* kNet = "127.0.52";

local::ClusterSpec specOf(int nodes) {
    local::ClusterSpec spec;
    spec.name = kName;
    spec.datacenters = {{"datacenter1", nodes}};
    spec.net = kNet;
    spec.settings = {{"phi_convict_threshold", "5"},
                     {"write_request_timeout", "1000ms"},
                     {"read_request_timeout", "1000ms"},
                     {"range_request_timeout", "1000ms"}};
    return spec;
}

/// A cluster of processes in a folder of its own; gone with this object, whatever happened.
class Live {
public:
    explicit Live(int nodes = 3) {
        auto made = LocalCluster::create(home(), specOf(nodes));
        if (made) {
            m_cluster = std::move(made).value();
        } else {
            m_problem = made.error().message;
        }
    }
    ~Live() {
        m_clients.clear();
        if (m_cluster) {
            (void)m_cluster->destroy();
        }
    }

    bool start() {
        const auto started = m_cluster->start();
        m_problem = started ? "" : started.error().message;
        return started.has_value();
    }
    std::string home() const { return m_folder.path().toStdString(); }
    const std::string& problem() const { return m_problem; }
    LocalCluster& cluster() { return *m_cluster; }
    void forgetClients() { m_clients.clear(); }

    Result<client::QueryAnswer> execute(int node, const std::string& text, Consistency level = Consistency::Quorum) {
        auto& client = m_clients[node];
        if (!client || !client->isOpen()) {
            client::ConnectOptions options;
            options.contact = {fmt::format("{}.{}", kNet, node), 9042};
            TRY_ASSIGN(client, client::Client::connect(options));
        }
        client::Query query;
        query.text = text;
        query.consistency = static_cast<std::uint16_t>(level);
        return client->execute(query);
    }
    std::size_t rowCount(int node, const std::string& text, Consistency level = Consistency::One) {
        const auto answer = execute(node, text, level);
        if (!answer) {
            return 0;
        }
        const auto* rows = std::get_if<cql::RowsResult>(&answer.value().result);
        return rows != nullptr ? rows->rows.size() : 0;
    }
    bool makeTable() {
        return execute(1, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}") &&
               execute(1, "CREATE TABLE ks.t (k int PRIMARY KEY, v int)");
    }
    Result<client::QueryAnswer> put(int node, int key, Consistency level) {
        return execute(node, fmt::format("INSERT INTO ks.t (k, v) VALUES ({0}, {0})", key), level);
    }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<LocalCluster> m_cluster;
    std::string m_problem;
    std::map<int, std::unique_ptr<client::Client>> m_clients;
};

template <typename F>
bool waitFor(F reached, int millis) {
    QElapsedTimer timer;
    timer.start();
    while (!reached()) {
        if (timer.elapsed() > millis) {
            return false;
        }
        runtime::pauseThread(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace

/// Clusters of real processes, by engine/local.
class LocalClusterTest : public QObject {
    Q_OBJECT
private slots:
    void threeNodesSeeEachOther() {
        Live live;
        QVERIFY2(live.start(), live.problem().c_str());
        for (int node = 1; node <= 3; ++node) {
            QCOMPARE(live.rowCount(node, "SELECT peer, peer_port, data_center FROM system.peers_v2"), std::size_t(2));
            QCOMPARE(live.rowCount(node, "SELECT address FROM system_views.gossip_info"), std::size_t(3));
        }
        for (const local::LocalNode& node : live.cluster().nodes()) {
            QVERIFY(node.state == ProcessState::Running);
            QVERIFY(node.processId > 0);
        }
    }

    void aNodeThatIsCutOffMissesAWriteAndAReadMendsIt() {
        Live live;
        QVERIFY2(live.start() && live.makeTable(), live.problem().c_str());
        QVERIFY(live.put(1, 1, Consistency::All).has_value());
        QVERIFY(local::cutOff(live.cluster().nodes(), 3).has_value());
        QVERIFY(live.put(1, 2, Consistency::Quorum).has_value());
        QCOMPARE(live.rowCount(3, "SELECT v FROM ks.t WHERE k = 2", Consistency::NodeLocal), std::size_t(0));
        QVERIFY(!live.put(1, 2, Consistency::All).has_value());
        QVERIFY(local::healLinks(live.cluster().nodes()).has_value());
        QVERIFY(waitFor([&] { return live.rowCount(1, "SELECT v FROM ks.t WHERE k = 2", Consistency::All) == 1; }, 20'000));
        QCOMPARE(live.rowCount(3, "SELECT v FROM ks.t WHERE k = 2", Consistency::NodeLocal), std::size_t(1));
    }

    void aSlowLinkHoldsWhatPassesIt() {
        Live live;
        QVERIFY2(live.start() && live.makeTable(), live.problem().c_str());
        QVERIFY(live.put(1, 1, Consistency::All).has_value());
        QVERIFY(local::slowDown(live.cluster().nodes(), 1, 2, std::chrono::milliseconds(200), {}).has_value());
        QElapsedTimer timer;
        timer.start();
        QVERIFY(live.put(1, 1, Consistency::All).has_value());
        QVERIFY(timer.elapsed() >= 200);
        QVERIFY(!local::slowDown(live.cluster().nodes(), 1, 9, std::chrono::milliseconds(200), {}).has_value());
        QVERIFY(local::healLinks(live.cluster().nodes(), local::slowName(1, 2)).has_value());
        const local::LocalNode sender = live.cluster().nodes()[0];
        const auto left = admin::linksOf({sender.address, sender.adminPort, sender.adminToken});
        QVERIFY(left.has_value());
        QVERIFY(left.value().empty());
    }

    void aKilledNodeLeavesAQuorumAndIsMissedAtAll() {
        Live live;
        QVERIFY2(live.start() && live.makeTable(), live.problem().c_str());
        QVERIFY(live.cluster().killNode(3).has_value());
        QVERIFY(live.cluster().nodes()[2].state == ProcessState::Stopped);
        int key = 0;
        ErrorKind last = ErrorKind::Server;
        const bool convicted = waitFor([&] {
            ++key;
            const auto written = live.put(1, key, Consistency::Quorum);
            const auto read = live.execute(2, fmt::format("SELECT v FROM ks.t WHERE k = {}", key));
            if (!written || !read) {
                return true;
            }
            const auto all = live.put(1, key, Consistency::All);
            last = all ? ErrorKind::Server : all.error().kind;
            return last == ErrorKind::Unavailable;
        }, 60'000);
        QVERIFY(convicted);
        QVERIFY(last == ErrorKind::Unavailable);
        const auto all = live.put(1, 1, Consistency::All);
        QCOMPARE(all.error().message, std::string("Cannot achieve consistency level ALL"));
        QCOMPARE(all.error().detail->required, 3);
        QCOMPARE(all.error().detail->received, 2);
        for (int k = 1; k <= key; ++k) {
            QCOMPARE(live.rowCount(2, fmt::format("SELECT v FROM ks.t WHERE k = {}", k), Consistency::Quorum), std::size_t(1));
        }
        QVERIFY(live.cluster().startNode(3).has_value());
        QVERIFY(waitFor([&] { return live.put(1, 1, Consistency::All).has_value(); }, 20'000));
    }

    void everythingAcknowledgedIsThereAfterAllWereKilled() {
        constexpr int kRows = 400;
        Live live;
        QVERIFY2(live.start() && live.makeTable(), live.problem().c_str());
        for (int k = 0; k < kRows; ++k) {
            QVERIFY(live.put(1 + k % 3, k, Consistency::Quorum).has_value());
        }
        for (int node = 1; node <= 3; ++node) {
            QVERIFY(live.cluster().killNode(node).has_value());
        }
        live.forgetClients();
        QVERIFY2(live.start(), live.problem().c_str());
        for (int node = 1; node <= 3; ++node) {
            QCOMPARE(live.rowCount(node, "SELECT k, v FROM ks.t", Consistency::Quorum), std::size_t(kRows));
        }
    }

    void aStoppedNodeIsMissedAtOnceAndComesBack() {
        Live live;
        QVERIFY2(live.start() && live.makeTable(), live.problem().c_str());
        QVERIFY(live.cluster().stopNode(2).has_value());
        QVERIFY(waitFor([&] {
            const auto all = live.put(1, 1, Consistency::All);
            return !all && all.error().kind == ErrorKind::Unavailable;
        }, 3'000));
        QVERIFY(live.put(1, 2, Consistency::Quorum).has_value());
        QVERIFY(live.cluster().startNode(2).has_value());
        QVERIFY(waitFor([&] { return live.put(1, 3, Consistency::All).has_value(); }, 10'000));
        QVERIFY(live.cluster().stop().has_value());
        for (const local::LocalNode& node : live.cluster().nodes()) {
            QVERIFY(node.state == ProcessState::Stopped);
        }
    }

    void aPausedNodeMakesAllTimeOut() {
        Live live;
        QVERIFY2(live.start() && live.makeTable(), live.problem().c_str());
        QVERIFY(live.put(1, 1, Consistency::All).has_value());
        QVERIFY(live.cluster().pauseNode(3).has_value());
        QVERIFY(live.cluster().nodes()[2].state == ProcessState::Paused);
        const auto write = live.put(1, 1, Consistency::All);
        QVERIFY(!write && write.error().kind == ErrorKind::WriteTimeout);
        QCOMPARE(write.error().message, std::string("Operation timed out - received only 2 responses."));
        QCOMPARE(write.error().detail->received, 2);
        QCOMPARE(write.error().detail->required, 3);
        QCOMPARE(write.error().detail->writeType, std::string("SIMPLE"));
        const auto read = live.execute(1, "SELECT v FROM ks.t WHERE k = 1", Consistency::All);
        QVERIFY(!read && read.error().kind == ErrorKind::ReadTimeout);
        QCOMPARE(read.error().message, std::string("Operation timed out - received only 2 responses."));
        QVERIFY(read.error().detail->dataPresent);
        QVERIFY(live.put(1, 2, Consistency::Quorum).has_value());
        QVERIFY(live.cluster().resumeNode(3).has_value());
        QVERIFY(waitFor([&] { return live.put(1, 3, Consistency::All).has_value(); }, 20'000));
    }

    void aPortInUseIsNamed() {
        Live live(1);
        QVERIFY2(live.start(), live.problem().c_str());
        QTemporaryDir other;
        auto second = LocalCluster::create(other.path().toStdString(), specOf(1));
        QVERIFY(second.has_value());
        const auto started = second.value()->start();
        QVERIFY(!started);
        QVERIFY2(started.error().message.find("n1 cannot have its CQL port") != std::string::npos &&
                     started.error().message.find("127.0.52.1:9042") != std::string::npos &&
                     started.error().message.find("in use") != std::string::npos,
                 started.error().message.c_str());
        QVERIFY(live.rowCount(1, "SELECT key FROM system.local") == 1);
        QVERIFY(second.value()->destroy().has_value());
    }

    void aFolderThatCannotBeWrittenIsNamed() {
        QTemporaryDir folder;
        const std::string file = folder.filePath("file").toStdString();
        std::ofstream(file) << "no folder";
        const auto made = LocalCluster::create(file, specOf(1));
        QVERIFY(!made);
        QVERIFY2(made.error().message.find(file) != std::string::npos, made.error().message.c_str());

        Live live(1);
        const std::string data = live.cluster().nodes()[0].folder + "/data";
        std::ofstream(data) << "no folder";
        QVERIFY(!live.start());
        QVERIFY2(live.problem().starts_with("n1 did not start: ") && live.problem().find(data) != std::string::npos,
                 live.problem().c_str());
    }

    void aSecondHolderIsToldWhoTheFirstIs() {
        Live live(1);
        QVERIFY(live.cluster().hold().has_value());
        QVERIFY(live.cluster().hold().has_value());
        const auto again = LocalCluster::open(live.home(), kName);
        QVERIFY(again.has_value());
        const auto held = again.value()->hold();
        QVERIFY(!held);
        QCOMPARE(held.error().message, fmt::format("cluster {} is open in another Ringside: it is held by process {}",
                                                   kName, runtime::thisProcessId()));
    }

    void unknownClustersAndNodesAreNamed() {
        Live live(1);
        QCOMPARE(LocalCluster::open(live.home(), "nosuch").error().message, "there is no cluster nosuch in " + live.home());
        QCOMPARE(live.cluster().killNode(7).error().message, std::string("cluster live has no node 7; it has 1"));
        QCOMPARE(LocalCluster::create(live.home(), specOf(1)).error().message.find("there is a cluster live already"), std::size_t(0));
        QCOMPARE(LocalCluster::list(live.home()), std::vector<std::string>{kName});
    }

    void nodesEndWithTheProgramThatStartedThem() { endWithTheirHolder(false); }

    void pausedNodesEndWithTheProgramThatStartedThem() { endWithTheirHolder(true); }

    void aLabThatIsKilledLeavesNothingBehind() {
        QProcess lab;
        lab.start(QCoreApplication::applicationDirPath() + "/ringctl",
                  {"lab", "check", QString(CURRICULUM) + "/week-02/replication-and-consistency"});
        QVERIFY(lab.waitForStarted());
        const QString folder = QDir::temp().filePath(QString("ringside-lab-%1").arg(lab.processId()));
        QVERIFY(waitFor([&] { return QFile::exists(folder + "/lab/node3/pid"); }, 10'000));
        lab.kill();
        QVERIFY(lab.waitForFinished());
        QVERIFY(waitFor([&] { return !QFile::exists(folder); }, 10'000));
    }

    void destroyEndsTheProcessesAndRemovesTheFolder() {
        Live live(2);
        QVERIFY2(live.start(), live.problem().c_str());
        const auto nodes = live.cluster().nodes();
        QVERIFY(live.cluster().destroy().has_value());
        for (const local::LocalNode& node : nodes) {
            QVERIFY(!runtime::processInfo(node.processId));
            QVERIFY(!QFile::exists(QString::fromStdString(node.folder)));
        }
    }

private:
    static void endWithTheirHolder(bool paused) {
        Live live(2);
        QProcess holder;
        holder.start(QCoreApplication::applicationDirPath() + "/cluster_holder",
                     {QString::fromStdString(live.home()), kName});
        QVERIFY(holder.waitForReadyRead(30'000));
        QCOMPARE(holder.readAllStandardOutput(), QByteArray("started\n"));
        for (const local::LocalNode& node : live.cluster().nodes()) {
            QVERIFY(node.state == ProcessState::Running);
        }
        if (paused) {
            QVERIFY(live.cluster().pauseNode(2).has_value());
        }
        holder.kill();
        QVERIFY(holder.waitForFinished());
        QVERIFY(waitFor([&] {
            const auto nodes = live.cluster().nodes();
            return std::all_of(nodes.begin(), nodes.end(),
                               [](const auto& node) { return node.state == ProcessState::Stopped; });
        }, 10'000));
    }
};

QTEST_GUILESS_MAIN(LocalClusterTest)
#include "local_cluster_test.moc"
