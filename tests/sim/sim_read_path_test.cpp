#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include "engine/sim/world.h"
#include "tests/sim/sim_cluster.h"

using namespace engine;
using namespace simtest;
using namespace std::chrono_literals;

namespace {

/// A node with a table, and a caller at its admin endpoint.
class Caller {
public:
    Caller() : m_cluster({.nodes = 1}) {
        ENSURE(m_cluster.start());
        for (const char* text : {"CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
                                 "CREATE TABLE ks.t (k int, c int, v text, PRIMARY KEY (k, c))"}) {
            ENSURE(m_cluster.cql(0, text, Consistency::One).has_value());
        }
        auto& from = m_cluster.machine(0);
        m_stream = sim::runUntilDone(m_cluster.world(), from.doors().network.connect({}, runtime::Endpoint("10.0.0.1", 7199), 1s), 5s)->value();
        m_stream->start([this](BytesView bytes) { m_received.append(bytes); }, [](const std::string&) {});
        call("hello", {{"token", "sim"}});
    }
    void write(int k, int c, const QString& v) {
        const QString text = QString("INSERT INTO ks.t (k, c, v) VALUES (%1, %2, '%3')").arg(k).arg(c).arg(v);
        ENSURE(m_cluster.cql(0, text.toStdString(), Consistency::One).has_value());
    }
    void flush() { call("flush", {{"keyspace", "ks"}, {"tables", QJsonArray{"t"}}}); }
    /// The whole answer.
    QJsonObject call(const QString& method, const QJsonObject& params) {
        m_received.clear();
        const QJsonObject line{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
        m_stream->send(QJsonDocument(line).toJson(QJsonDocument::Compact).toStdString() + "\n");
        m_cluster.runUntil([this] { return m_received.find('\n') != std::string::npos; }, 10s);
        return QJsonDocument::fromJson(QByteArray::fromStdString(m_received)).object();
    }
    QJsonObject about(const QString& method, const QStringList& key, int generation = 0) {
        return call(method, {{"keyspace", "ks"}, {"table", "t"}, {"key", QJsonArray::fromStringList(key)}, {"generation", generation}});
    }

private:
    SimCluster m_cluster;
    std::shared_ptr<runtime::Connection> m_stream;
    std::string m_received;
};

}  // namespace

class SimReadPathTest : public QObject {
    Q_OBJECT
private slots:
    void aNodeTellsWhatItsReadMet() {
        Caller node;
        node.write(1, 1, "in the file");
        node.write(1, 2, "old");
        node.flush();
        node.write(1, 2, "new");
        const QJsonObject told = node.about("readpath", {"1"})["result"].toObject();
        QVERIFY(told["statement"].toString().contains("WHERE k = 1"));
        QCOMPARE(told["replicas"].toArray(), (QJsonArray{"10.0.0.1:7000"}));
        QCOMPARE(told["liveRows"].toInt(), 2);
        QVERIFY(told["memtables"][0]["found"].toBool());
        const QJsonObject file = told["sstables"][0].toObject();
        QCOMPARE(file["outcome"].toString(), QString("found"));
        QCOMPARE(file["rows"].toInt(), 2);
        QVERIFY(file["bytesRead"].toInt() > 0);
        QCOMPARE(file["chunks"].toArray().size(), 1);
        const QJsonArray cells = told["cells"].toArray();
        QCOMPARE(cells.size(), 2);
        QCOMPARE(cells[0]["row"].toString(), QString("1"));
        QCOMPARE(cells[0]["versions"][0]["value"].toString(), QString("'in the file'"));
        QCOMPARE(cells[1]["versions"][0]["source"].toString(), QString("memtable"));
        QVERIFY(cells[1]["versions"][0]["wins"].toBool());
        QVERIFY(!cells[1]["versions"][1]["wins"].toBool());
    }

    void aRowByNameStopsAtTheMemtable() {
        Caller node;
        node.write(1, 2, "old");
        node.flush();
        node.write(1, 2, "new");
        const QJsonObject told = node.about("readpath", {"1", "2"})["result"].toObject();
        QVERIFY(told["mayStop"].toBool());
        QCOMPARE(told["sstables"][0]["outcome"].toString(), QString("answered"));
    }

    void aFilesBytesHaveMeanings() {
        Caller node;
        node.write(1, 2, "seen");
        node.flush();
        const QJsonObject told = node.about("xray", {"1"}, 1)["result"].toObject();
        QVERIFY(told["found"].toBool());
        QCOMPARE(told["key"].toString(), QString("1"));
        bool hasCell = false;
        for (const auto& range : told["ranges"].toArray()) {
            hasCell = hasCell || range.toObject()["hex"].toString().contains(QString::fromLatin1(QByteArray("seen").toHex()));
        }
        QVERIFY(hasCell);
        // Without a key: the first one there is.
        QCOMPARE(node.about("xray", {}, 1)["result"].toObject()["key"].toString(), QString("1"));
    }

    /// In the words of tests/conformance/nodetool/caches.txt and settings.txt.
    void nodetoolEmptiesAndSizesTheKeyCache() {
        Caller node;
        for (int c = 0; c < 150; ++c) {
            node.write(1, c, QString(1000, 'v'));
        }
        node.flush();
        const auto isCached = [&node] {
            const QJsonObject told = node.about("readpath", {"1"})["result"].toObject();
            const QJsonObject promoted = told["sstables"][0]["promoted"].toObject();
            return promoted["bytes"].toInt() > 0 && promoted["cached"].toBool();
        };
        const auto nodetool = [&node](const QStringList& words) {
            return node.call("nodetool", {{"words", QJsonArray::fromStringList(words)}})["result"].toObject();
        };
        const QJsonObject done{{"out", ""}, {"err", ""}, {"exit", 0}};
        QVERIFY(!isCached());
        QVERIFY(isCached());
        QCOMPARE(nodetool({"invalidatekeycache"}), done);
        QVERIFY(!isCached());
        QVERIFY(isCached());
        QCOMPARE(nodetool({"setcachecapacity", "0", "0", "5"}), done);
        QVERIFY(!isCached());
        QVERIFY(!isCached());
        QCOMPARE(nodetool({"setcachecapacity", "10", "0", "5"}), done);
        QVERIFY(!isCached());
        QVERIFY(isCached());
        const QJsonObject refused = nodetool({"setcachecapacity"});
        QCOMPARE(refused["exit"].toInt(), 1);
        QVERIFY(refused["err"].toString().startsWith("nodetool: Required parameters are missing: <key-cache-capacity> "
                                                     "<row-cache-capacity> <counter-cache-capacity>\n"));
        QVERIFY(nodetool({"setcachecapacity", "-1", "0", "0"})["exit"].toInt() != 0);
    }

    void whatIsNotThereIsSaid() {
        Caller node;
        QVERIFY(node.about("xray", {"1"}, 5)["error"].toObject()["message"].toString().contains("no SSTable nb-5"));
        QVERIFY(node.about("readpath", {})["error"].toObject()["message"].toString().contains("0 values were given"));
        QVERIFY(node.about("readpath", {"'text'"})["error"].toObject()["message"].toString().size() > 0);
        QVERIFY(node.call("readpath", {{"keyspace", "ks"}, {"table", "no"}})["error"].toObject()["message"].toString().contains("does not exist"));
    }
};

QTEST_GUILESS_MAIN(SimReadPathTest)
#include "sim_read_path_test.moc"
