#include <QtTest>

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "engine/types/codec.h"
#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;
using engine::runtime::Duration;
using engine::storage::CommitLogSync;

namespace {

constexpr std::size_t kKeys = 3;

/// What clients know of one counter.
struct Counter {
    std::int64_t acknowledged = 0;  // The sum of the increments that were.
    std::int64_t unknown = 0;       // Of those that timed out or went down with their node: they may count.
};

/// Clients that count at QUORUM while nodes die and wires break. In the end each counter shows what was
/// acknowledged, and of the rest no more than was ever asked for.
class Story {
public:
    explicit Story(std::uint64_t seed) : m_cluster({.nodes = 3, .seed = seed, .sync = CommitLogSync::Batch}) {}

    void play(int steps) {
        expect(m_cluster.start(), "the cluster does not start");
        expect(m_cluster.cql(0, "CREATE KEYSPACE ks WITH replication = "
                                "{'class': 'SimpleStrategy', 'replication_factor': 3}").has_value(), "no keyspace");
        expect(m_cluster.cql(0, "CREATE TABLE ks.c (k int PRIMARY KEY, n counter)").has_value(), "no table");
        expect(m_cluster.runUntil([this] { return m_cluster.schemaAgrees(); }, 30s), "no schema agreement");
        for (int i = 0; i < steps && m_broken.empty(); ++i) {
            act();
            m_cluster.runFor(Duration(static_cast<std::int64_t>(below(80'000'000))));
        }
        end();
    }

    const std::string& broken() const { return m_broken; }
    int acknowledged() const { return m_acknowledged; }

private:
    struct Increment {
        std::size_t key;
        std::int64_t by;
        std::shared_ptr<Request> request;
    };

    std::uint64_t below(std::uint64_t bound) { return m_cluster.world().random().below(bound); }
    std::size_t anyNode() { return below(m_cluster.size()); }

    void act() {
        const std::uint64_t choice = below(100);
        if (choice < 80) {
            const std::size_t key = below(kKeys);
            const std::int64_t by = static_cast<std::int64_t>(below(9)) + 1;
            m_increments.push_back({key, by, m_cluster.send(anyNode(), fmt::format("UPDATE ks.c SET n = n + {} WHERE k = {}",
                                                                                   by, key), Consistency::Quorum)});
        } else if (choice < 84) {
            const std::size_t node = anyNode();
            if (m_cluster.isUp(node)) {
                m_cluster.crash(node, {.tornWrites = below(2) == 0});
            }
        } else if (choice < 92) {
            for (std::size_t node = 0; node < m_cluster.size(); ++node) {
                if (!m_cluster.isUp(node)) {
                    m_cluster.startNode(node);
                    break;
                }
            }
        } else if (choice < 95) {
            m_cluster.partition({anyNode()});
        } else {
            m_cluster.heal();
        }
    }

    void end() {
        m_cluster.heal();
        for (std::size_t node = 0; node < m_cluster.size(); ++node) {
            if (!m_cluster.isUp(node)) {
                m_cluster.startNode(node);
            }
        }
        expect(m_cluster.runUntil([this] { return m_cluster.converged(); }, 120s), "the nodes do not find together");
        m_cluster.runFor(30s);  // What is under way ends; hints are delivered.
        std::array<Counter, kKeys> counters;
        for (const Increment& increment : m_increments) {
            if (increment.request->isOk()) {
                counters[increment.key].acknowledged += increment.by;
                ++m_acknowledged;
            } else {
                counters[increment.key].unknown += increment.by;
            }
        }
        for (std::size_t key = 0; key < kKeys && m_broken.empty(); ++key) {
            const std::string query = fmt::format("SELECT n FROM ks.c WHERE k = {}", key);
            auto answer = m_cluster.cql(anyNode(), query, Consistency::All);
            for (int again = 0; again < 20 && !answer; ++again) {
                m_cluster.runFor(1s);
                answer = m_cluster.cql(anyNode(), query, Consistency::All);
            }
            if (!answer) {
                expect(false, fmt::format("counter {} cannot be read: {}", key, answer.error().message));
                return;
            }
            const auto& rows = std::get<engine::cql::RowsResult>(answer.value().result).rows;
            const std::int64_t shown =
                rows.empty() || !rows.front().front() ? 0 : engine::types::decodeBigint(*rows.front().front());
            const Counter& counter = counters[key];
            expect(shown >= counter.acknowledged,
                   fmt::format("counter {} shows {}, though {} were acknowledged", key, shown, counter.acknowledged));
            expect(shown <= counter.acknowledged + counter.unknown,
                   fmt::format("counter {} shows {}, though only {} and perhaps {} were asked for", key, shown,
                               counter.acknowledged, counter.unknown));
        }
    }

    void expect(bool condition, const std::string& otherwise) {
        if (!condition && m_broken.empty()) {
            m_broken = otherwise;
            for (const std::string& said : m_cluster.complaints()) {
                m_broken += "\n    " + said;
            }
        }
    }

    SimCluster m_cluster;
    std::vector<Increment> m_increments;
    int m_acknowledged = 0;
    std::string m_broken;
};

}  // namespace

/// The name of a row is its seed; `sim_counter_test nothingIsLostOrCountedTwice:17` plays it again.
class SimCounterTest : public QObject {
    Q_OBJECT
private slots:
    void nothingIsLostOrCountedTwice_data() {
        QTest::addColumn<int>("nothing");
        for (int seed = 1; seed <= 40; ++seed) {
            QTest::addRow("%d", seed) << 0;
        }
    }
    void nothingIsLostOrCountedTwice() {
        Story story(QByteArray(QTest::currentDataTag()).toULongLong());
        story.play(120);
        QVERIFY2(story.broken().empty(), story.broken().c_str());
        QVERIFY(story.acknowledged() > 0);
    }
};

QTEST_GUILESS_MAIN(SimCounterTest)
#include "sim_counter_test.moc"
