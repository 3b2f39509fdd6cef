#include <QtTest>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "engine/types/codec.h"
#include "engine/gossip/gossiper.h"
#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;
using engine::runtime::Duration;
using engine::storage::CommitLogSync;

namespace {

constexpr std::size_t kKeys = 12;

/// What a client knows of one key. Every write carries a timestamp that is also its value, so the
/// newest of two is known whatever the nodes' clocks say.
struct Key {
    std::int64_t acknowledged = 0;  // The newest write that was.
    std::int64_t read = 0;          // The newest that a quorum read has shown.
};

/// Clients that write and read at QUORUM while nodes die, wires break and clocks are wrong; what they
/// were promised is checked with every read.
class Story {
public:
    Story(std::size_t nodes, std::uint64_t seed, CommitLogSync sync, bool recordEvents = false)
        : m_cluster({.nodes = nodes, .seed = seed, .sync = sync, .recordEvents = recordEvents}),
          m_sync(sync) {}

    void play(int steps) {
        begin();
        for (int i = 0; i < steps && m_broken.empty(); ++i) {
            act();
            m_cluster.runFor(Duration(static_cast<std::int64_t>(below(150'000'000))));
            checkReads();
        }
        end();
    }

    const std::string& broken() const { return m_broken; }
    SimCluster& cluster() { return m_cluster; }
    int writesAcknowledged() const { return m_writesAcknowledged; }
    int readsAnswered() const { return m_readsAnswered; }

private:
    struct Write {
        std::size_t key;
        std::int64_t stamp;
        std::shared_ptr<Request> request;
    };
    struct Read {
        std::size_t key;
        std::int64_t least;  // What it must show, or something newer.
        std::shared_ptr<Request> request;
    };

    std::uint64_t below(std::uint64_t bound) { return m_cluster.world().random().below(bound); }
    std::size_t anyNode() { return below(m_cluster.size()); }

    void begin() {
        expect(m_cluster.start(), "the cluster does not start");
        expect(m_cluster.cql(0, "CREATE KEYSPACE ks WITH replication = "
                                "{'class': 'SimpleStrategy', 'replication_factor': 3}").has_value(), "no keyspace");
        expect(m_cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY, v bigint)").has_value(), "no table");
        expect(m_cluster.runUntil([this] { return m_cluster.schemaAgrees(); }, 30s), "no schema agreement");
    }

    void act() {
        const std::uint64_t choice = below(100);
        if (choice < 45) {
            write();
        } else if (choice < 80) {
            read();
        } else if (choice < 84) {
            crash();
        } else if (choice < 91) {
            startOne();
        } else if (choice < 94) {
            partition();
        } else if (choice < 97) {
            m_cluster.heal();
        } else if (choice < 99) {
            slowDown();
        } else {
            const auto seconds = static_cast<std::int64_t>(below(120)) - 60;
            m_cluster.skewClock(anyNode(), std::chrono::seconds(seconds));
        }
    }

    void write() {
        noteWrites();
        const std::size_t key = below(kKeys);
        const std::int64_t stamp = ++m_stamp;
        auto request = m_cluster.send(anyNode(), fmt::format("UPDATE ks.t USING TIMESTAMP {0} SET v = {0} WHERE k = {1}",
                                                             stamp, key), Consistency::Quorum);
        m_writes.push_back({key, stamp, std::move(request)});
    }

    void read() {
        noteWrites();
        const std::size_t key = below(kKeys);
        const std::int64_t least = std::max(m_keys[key].acknowledged, m_keys[key].read);
        auto request = m_cluster.send(anyNode(), fmt::format("SELECT v FROM ks.t WHERE k = {}", key), Consistency::Quorum);
        m_reads.push_back({key, least, std::move(request)});
    }

    /// In periodic mode only processes die, as by kill -9: what was written is with the system.
    void crash() {
        const std::size_t node = anyNode();
        if (!m_cluster.isUp(node)) {
            return;
        }
        noteWrites();
        if (m_sync == CommitLogSync::Periodic) {
            m_cluster.crash(node, {.processOnly = true});
        } else {
            m_cluster.crash(node, {.tornWrites = below(2) == 0});
        }
    }

    void startOne() {
        const std::size_t first = anyNode();
        for (std::size_t i = 0; i < m_cluster.size(); ++i) {
            const std::size_t node = (first + i) % m_cluster.size();
            if (!m_cluster.isUp(node)) {
                m_cluster.startNode(node);
                return;
            }
        }
    }

    void partition() {
        std::vector<std::size_t> group;
        for (std::size_t i = 0; i < m_cluster.size(); ++i) {
            if (below(2) == 0) {
                group.push_back(i);
            }
        }
        m_cluster.partition(group);
    }

    void slowDown() {
        engine::sim::LinkRule rule = m_cluster.world().network().rule(m_cluster.machine(0), m_cluster.machine(1));
        rule.latency = std::chrono::milliseconds(below(400));
        rule.jitter = std::chrono::milliseconds(below(400));
        rule.loss = static_cast<double>(below(10)) / 100;
        rule.cut = false;
        m_cluster.world().network().setRule(m_cluster.machine(anyNode()), m_cluster.machine(anyNode()), rule);
    }

    void noteWrites() {
        std::erase_if(m_writes, [this](const Write& write) {
            if (write.request->isOk()) {
                ++m_writesAcknowledged;
                m_keys[write.key].acknowledged = std::max(m_keys[write.key].acknowledged, write.stamp);
            }
            return write.request->ended;
        });
    }

    static std::optional<std::int64_t> valueOf(const engine::coordinator::Answer& answer) {
        const auto& rows = std::get<engine::cql::RowsResult>(answer.result).rows;
        if (rows.empty() || !rows.front().front()) {
            return std::nullopt;
        }
        return engine::types::decodeBigint(*rows.front().front());
    }

    void checkReads() {
        noteWrites();
        std::erase_if(m_reads, [this](const Read& read) {
            if (read.request->isOk()) {
                ++m_readsAnswered;
                check(read.key, read.least, valueOf(read.request->answer.value()).value_or(0));
            }
            return read.request->ended;
        });
    }

    void check(std::size_t key, std::int64_t least, std::int64_t value) {
        expect(value >= least, fmt::format("key {} shows {}, though {} was promised", key, value, least));
        expect(value <= m_stamp, fmt::format("key {} shows {}, which nobody wrote", key, value));
        m_keys[key].read = std::max(m_keys[key].read, value);
    }

    /// Everything is mended; then all that was promised is there, on every replica.
    void end() {
        m_cluster.runFor(15s);  // What is under way ends.
        checkReads();
        m_cluster.world().network().setDefaultRule({});
        for (std::size_t a = 0; a < m_cluster.size(); ++a) {
            for (std::size_t b = 0; b < m_cluster.size(); ++b) {
                m_cluster.world().network().setRule(m_cluster.machine(a), m_cluster.machine(b), {});
            }
            if (!m_cluster.isUp(a)) {
                m_cluster.startNode(a);
            }
        }
        const bool together = m_cluster.runUntil([this] { return m_cluster.converged(); }, 120s);
        for (std::size_t i = 0; i < m_cluster.size(); ++i) {
            expect(m_cluster.startError(i).empty(), fmt::format("n{} does not start: {}", i, m_cluster.startError(i)));
        }
        expect(together, "the nodes do not find together");
        expect(m_cluster.runUntil([this] { return m_cluster.schemaAgrees(); }, 60s), "no schema agreement at the end" + versions());
        for (std::size_t key = 0; key < kKeys && m_broken.empty(); ++key) {
            const std::string query = fmt::format("SELECT v FROM ks.t WHERE k = {}", key);
            auto answer = m_cluster.cql(anyNode(), query, Consistency::All);
            for (int again = 0; again < 20 && !answer; ++again) {
                m_cluster.runFor(1s);  // A node may have been doubted for a moment.
                answer = m_cluster.cql(anyNode(), query, Consistency::All);
            }
            if (!answer) {
                expect(false, fmt::format("key {} cannot be read: {}", key, answer.error().message));
                break;
            }
            const std::int64_t least = std::max(m_keys[key].acknowledged, m_keys[key].read);
            check(key, least, valueOf(answer.value()).value_or(0));
        }
    }

    /// Which schema each node believes each to have.
    std::string versions() {
        std::string out;
        for (std::size_t i = 0; i < m_cluster.size(); ++i) {
            out += fmt::format("\n    n{}:", i);
            for (const auto& [name, state] : m_cluster.node(i).gossiper().states()) {
                out += fmt::format(" {}", std::string(state.value(engine::gossip::ApplicationState::Schema)).substr(0, 8));
            }
        }
        return out;
    }

    void expect(bool condition, const std::string& otherwise) {
        if (!condition && m_broken.empty()) {
            m_broken = fmt::format("at {:.3f} s: {}", static_cast<double>(m_cluster.world().now().nanos) * 1e-9, otherwise);
            const auto& said = m_cluster.complaints();
            for (std::size_t i = said.size() > 8 ? said.size() - 8 : 0; i < said.size(); ++i) {
                m_broken += "\n    " + said[i];
            }
        }
    }

    SimCluster m_cluster;
    CommitLogSync m_sync;
    std::array<Key, kKeys> m_keys;
    std::vector<Write> m_writes;
    std::vector<Read> m_reads;
    std::int64_t m_stamp = 0;
    int m_writesAcknowledged = 0;
    int m_readsAnswered = 0;
    std::string m_broken;
};

CommitLogSync syncOf(std::uint64_t seed) {
    constexpr std::array kModes{CommitLogSync::Batch, CommitLogSync::Group, CommitLogSync::Periodic};
    return kModes[seed % kModes.size()];
}

std::uint64_t seedOfRow() { return QByteArray(QTest::currentDataTag()).toULongLong(); }

void addSeeds(int count) {
    QTest::addColumn<int>("nothing");
    for (int seed = 1; seed <= seedsPlayed(count); ++seed) {
        QTest::addRow("%d", seed) << 0;
    }
}

}  // namespace

/// What a client was promised holds through crashes, partitions, delays and wrong clocks. The name of a
/// row is its seed; `sim_durability_test noAcknowledgedWriteIsLost:17` plays it again.
class SimDurabilityTest : public QObject {
    Q_OBJECT
private slots:
    void noAcknowledgedWriteIsLost_data() { addSeeds(150); }
    void noAcknowledgedWriteIsLost() {
        const std::uint64_t seed = seedOfRow();
        Story story(3 + seed % 5, seed, syncOf(seed));
        story.play(300);
        QVERIFY2(story.broken().empty(), story.broken().c_str());
        QVERIFY(story.writesAcknowledged() > 0);
        QVERIFY(story.readsAnswered() > 0);
    }

    void sameSeedGivesTheSameEvents_data() { addSeeds(10); }
    void sameSeedGivesTheSameEvents() {
        const std::uint64_t seed = seedOfRow();
        Story first(3 + seed % 3, seed, syncOf(seed), true);
        first.play(60);
        Story second(3 + seed % 3, seed, syncOf(seed), true);
        second.play(60);
        QVERIFY(first.cluster().eventCount() > 1000);
        QCOMPARE(second.cluster().eventCount(), first.cluster().eventCount());
        QCOMPARE(second.cluster().eventDigest(), first.cluster().eventDigest());
        QCOMPARE(second.cluster().world().traceDigest(), first.cluster().world().traceDigest());
    }

    void otherSeedsGiveOtherEvents() {
        Story first(3, 1, CommitLogSync::Batch, true);
        first.play(20);
        Story second(3, 2, CommitLogSync::Batch, true);
        second.play(20);
        QVERIFY(second.cluster().eventDigest() != first.cluster().eventDigest());
    }
};

QTEST_GUILESS_MAIN(SimDurabilityTest)
#include "sim_durability_test.moc"
