#include "scene.h"

#include <algorithm>
#include <random>

namespace tests {

using namespace engine::observe;
using engine::Uuid;

namespace {

using Tokens = std::vector<std::vector<std::int64_t>>;

const Tokens kTokens{
    {-8356713051084470934, -6982750889909555159, -6327154226446465901, -4692174888110853977, -3676052173803932634, -3237721222933111173,
     -1478483003883871516, -1093275218463066359, 568060745095628173, 2088219059739914721, 3201275511602338112, 3608810089348263605,
     5306236476446117001, 6802822293599426845, 7143397255915664274, 8897685740058119267},
    {-8645172344751982603, -7613930849054502620, -6015104022697672840, -5453033783786969347, -4032779917593969583, -2902444265208472464,
     -2170611153085255014, -539557054417221042, 914866611187263810, 1640467357788225948, 2411154575038027062, 4107350666378154826,
     5455910627842866958, 6261878237935103960, 7828956103032097964, 8634941750201166790},
    {-8981069016350794240, -7886011224884366529, -6618627221825332034, -5167010349453712942, -4317877997480621316, -2596915851595136347,
     -1638082340640315441, -256283213014172173, 202265691101766296, 1490317044022314807, 2921051680155619979, 4367154582594593823,
     4820934364561934388, 5828719099033053811, 7417296307393448263, 8168422022839086529}};

}  // namespace

SchemaKeyspace Scene::library(int replicationFactor) {
    return {"library", "SimpleStrategy", {{"class", "SimpleStrategy"}, {"replication_factor", std::to_string(replicationFactor)}},
            {"books", "copies_by_branch", "loans_by_member"}};
}

Scene::Scene() : Scene(kTokens) {}

Scene Scene::ofSize(int nodes, int vnodes) {
    Tokens tokens(static_cast<std::size_t>(nodes));
    std::mt19937_64 random(4);
    const int all = nodes * vnodes;
    const double step = 0x1.0p64 / all;
    for (int i = 0; i < all; ++i) {
        const double within = .12 + .76 * static_cast<double>(random() % 1000) / 1000;
        const auto at = static_cast<std::uint64_t>((i + within) * step) + (std::uint64_t(1) << 63);
        tokens[static_cast<std::size_t>((i * 7 + i / nodes) % nodes)].push_back(static_cast<std::int64_t>(at));
    }
    return Scene(std::move(tokens));
}

Scene::Scene(Tokens tokens) : m_nodes(static_cast<int>(tokens.size())) {
    RingSnapshot ring{"library-lab", 3, {}};
    for (int i = 1; i <= m_nodes; ++i) {
        RingNode member;
        member.node = node(i);
        member.hostId = Uuid{static_cast<std::uint64_t>(i), 1};
        member.datacenter = "datacenter1";
        member.rack = "rack1";
        member.status = "NORMAL";
        member.nativeAddress = "127.0.0." + std::to_string(i) + ":9042";
        member.alive = true;
        member.tokens = tokens[static_cast<std::size_t>(i - 1)];
        ring.nodes.push_back(std::move(member));
    }
    for (int i = 1; i <= m_nodes; ++i) {
        reach(i, true);
        tell(i, -1000, ring);
        tell(i, -1000, NodeMetrics{31u << 20, 0, 0, 0, 1, 10'000});
    }
    tell(1, -999, SchemaSnapshot{{1, 1}, {library()}, ""});
}

void Scene::tell(int number, double millis, EventBody body) {
    const std::int64_t at = nanos(millis);
    m_batch.events.push_back({node(number), at, 1'763'719'320'000'000 + at / 1000, ++m_sequence, std::move(body)});
}

MessageSent Scene::sent(const Uuid& id, std::uint64_t message, const char* verb, int to) const { return {id, message, verb, node(to), 96}; }

Uuid Scene::write(double at) {
    const Uuid id{0x8f2c'0000'0000'4000 + ++m_requests, 0x8000'0000'0000'0000};
    RequestStarted start;
    start.request = id;
    start.kind = "WRITE";
    start.statement = "INSERT INTO library.loans_by_member (member, due, isbn, title) VALUES ('m-1131', '2026-03-14', '978-0-00-000731-4', 'Tidal Almanac')";
    start.keyspace = "library";
    start.table = "loans_by_member";
    start.key = "m-1131";
    start.token = -6137897972142853338;
    start.consistency = "QUORUM";
    start.required = 2;
    start.replicas = start.contacted = {node(2), node(3), node(1)};
    start.client = "127.0.0.1:51544";
    start.clientName = "Ringside console";
    start.receivedNanos = nanos(at);
    start.parsedNanos = nanos(at + .05);
    start.plannedNanos = nanos(at + .10);
    tell(1, at + .10, start);
    tell(1, at + .10, sent(id, 11, "MUTATION_REQ", 2));
    tell(1, at + .104, sent(id, 12, "MUTATION_REQ", 3));
    tell(1, at + .29, Work{id, "commitlog", nanos(at + .11), nanos(at + .25)});
    tell(1, at + .29, Work{id, "memtable", nanos(at + .25), nanos(at + .29)});
    tell(1, at + .30, AckCounted{id, node(1), 1, true, false, false});
    tell(2, at + .23, MessageReceived{id, 11, "MUTATION_REQ", node(1)});
    tell(2, at + .51, Work{id, "commitlog", nanos(at + .25), nanos(at + .46)});
    tell(2, at + .51, Work{id, "memtable", nanos(at + .46), nanos(at + .51)});
    tell(2, at + .52, sent(id, 21, "MUTATION_RSP", 1));
    tell(1, at + .65, MessageReceived{id, 21, "MUTATION_RSP", node(2)});
    tell(1, at + .65, AckCounted{id, node(2), 2, true, false, false});
    tell(1, at + .651, LevelMet{id, 2});
    tell(1, at + .80, RequestAnswered{id, "", 0});
    tell(3, at + 1.04, MessageReceived{id, 12, "MUTATION_REQ", node(1)});
    tell(3, at + 1.28, Work{id, "commitlog", nanos(at + 1.06), nanos(at + 1.23)});
    tell(3, at + 1.28, Work{id, "memtable", nanos(at + 1.23), nanos(at + 1.28)});
    tell(3, at + 1.29, sent(id, 31, "MUTATION_RSP", 1));
    tell(1, at + 1.41, MessageReceived{id, 31, "MUTATION_RSP", node(3)});
    tell(1, at + 1.41, AckCounted{id, node(3), 3, false, false, false});
    return id;
}

Uuid Scene::readWithMismatch(double at) {
    const Uuid id{0x51d0'0000'0000'4000 + ++m_requests, 0x8000'0000'0000'0000};
    RequestStarted start;
    start.request = id;
    start.kind = "READ";
    start.statement = "SELECT title FROM library.loans_by_member WHERE member = 'm-1131'";
    start.prepared = true;
    start.keyspace = "library";
    start.table = "loans_by_member";
    start.key = "m-1131";
    start.token = -6137897972142853338;
    start.consistency = "QUORUM";
    start.required = 2;
    start.replicas = {node(2), node(3), node(1)};
    start.contacted = {node(2), node(3)};
    start.client = "127.0.0.1:51544";
    start.clientName = "DataStax Python Driver";
    start.receivedNanos = nanos(at);
    start.parsedNanos = nanos(at + .02);
    start.plannedNanos = nanos(at + .04);
    tell(2, at + .04, start);
    tell(2, at + .05, sent(id, 41, "READ_REQ", 3));
    tell(2, at + .20, Work{id, "read", nanos(at + .06), nanos(at + .20)});
    tell(2, at + .20, AckCounted{id, node(2), 1, true, false, false});
    tell(3, at + .15, MessageReceived{id, 41, "READ_REQ", node(2)});
    tell(3, at + .27, Work{id, "read", nanos(at + .16), nanos(at + .27)});
    tell(3, at + .28, sent(id, 51, "READ_RSP", 2));
    tell(2, at + .37, MessageReceived{id, 51, "READ_RSP", node(3)});
    tell(2, at + .37, AckCounted{id, node(3), 2, true, true, false});
    tell(2, at + .371, LevelMet{id, 2});
    tell(2, at + .38, DigestMismatch{id, {node(2), node(3)}});
    tell(2, at + .39, sent(id, 42, "READ_REQ", 3));
    tell(3, at + .48, MessageReceived{id, 42, "READ_REQ", node(2)});
    tell(3, at + .58, Work{id, "read", nanos(at + .49), nanos(at + .58)});
    tell(3, at + .59, sent(id, 52, "READ_RSP", 2));
    tell(2, at + .68, MessageReceived{id, 52, "READ_RSP", node(3)});
    tell(2, at + .69, ReadRepair{id, node(3), 2});
    tell(2, at + .70, sent(id, 43, "READ_REPAIR_REQ", 3));
    tell(3, at + .79, MessageReceived{id, 43, "READ_REPAIR_REQ", node(2)});
    tell(3, at + .93, Work{id, "commitlog", nanos(at + .80), nanos(at + .90)});
    tell(3, at + .94, Work{id, "memtable", nanos(at + .90), nanos(at + .93)});
    tell(3, at + .95, sent(id, 53, "READ_REPAIR_RSP", 2));
    tell(2, at + 1.04, MessageReceived{id, 53, "READ_REPAIR_RSP", node(3)});
    tell(2, at + 1.10, RequestAnswered{id, "", 1});
    return id;
}

void Scene::gossip(int seconds, int silent, int silentFrom) {
    std::vector<double> heard(static_cast<std::size_t>((m_nodes + 1) * (m_nodes + 1)), -900);
    std::uint64_t exchange = 1000;
    for (int second = 0; second < seconds; ++second) {
        for (int from = 1; from <= m_nodes; ++from) {
            const double at = second * 1000.0 + from * 250;
            const bool quiet = from == silent && second >= silentFrom;
            if (quiet) {
                continue;
            }
            const int to = 1 + (from + second % (m_nodes - 1)) % m_nodes;
            tell(from, at, EndpointKnowledge{node(from), 1'763'719'214, 800 + second, 800 + second});
            tell(from, at, GossipRound{static_cast<std::uint64_t>(second), 800 + second, {node(to)}});
            if (to != silent || second < silentFrom) {
                ++exchange;
                tell(to, at + 1, GossipMessage{exchange, node(from), node(to), "SYN", nanos(at + .2), 3, 0});
                tell(from, at + 2, GossipMessage{exchange, node(to), node(from), "ACK", nanos(at + 1.2), 1, 1});
                tell(to, at + 3, GossipMessage{exchange, node(from), node(to), "ACK2", nanos(at + 2.2), 0, 1});
            }
            for (int subject = 1; subject <= m_nodes; ++subject) {
                double& last = heard[static_cast<std::size_t>(from * (m_nodes + 1) + subject)];
                if (subject == from) {
                    continue;
                }
                if (subject != silent || second < silentFrom) {
                    last = at - 20 - 300 * ((second * 7 + subject) % 3);
                    tell(from, at, EndpointKnowledge{node(subject), 1'763'719'214, 799 + second, 799 + second});
                }
                const double gap = from == 1 ? 1020 : 1310;
                tell(from, at + 1, PhiSample{node(subject), .4343 * (at - last) / gap, gap, static_cast<std::int64_t>(at - last), 8});
            }
        }
    }
}

ClusterState Scene::state() const {
    ClusterState state;
    for (const auto& [name, reachable] : m_batch.reachable) {
        setReachable(state, name, reachable, kStart);
    }
    for (const Event& event : m_batch.events) {
        fold(state, event);
    }
    return state;
}

app::explorer::Nodes Scene::nodes() const {
    app::sources::ClusterModel model;
    model.take(m_batch);
    return model.nodes();
}

void Scene::files(int perNode, const std::string& strategy) {
    constexpr std::uint64_t kMib = 1u << 20;
    for (int i = 1; i <= m_nodes; ++i) {
        tell(i, 0, StorageSnapshot{32 * kMib, 1024 * kMib, 32 * kMib, 256 * kMib});
        tell(i, 0, TableStorage{"library", "books", strategy, {{"min_threshold", "4"}, {"min_sstable_size", "1048576"}}, 864'000});
        tell(i, 1, MemtableGrew{"library", "books", (5 + static_cast<std::uint64_t>(i) * 3) * kMib, 1000});
        tell(i, 1, CommitLogSegment{330, 32 * kMib, "needed", {"library.books"}});
        tell(i, 1, CommitLogSegment{331, 7 * kMib, "active", {"library.books"}});
        for (int k = 0; k < perNode; ++k) {
            const bool large = k % 10 == 9;
            SstableAdded file;
            file.keyspace = "library";
            file.table = "books";
            file.generation = static_cast<std::uint64_t>(k + 1);
            file.origin = "flush";
            file.bytes = (large ? 100 : 25) * kMib + static_cast<std::uint64_t>(k) * 1000;
            file.partitions = 4000;
            file.minToken = -9'000'000'000'000'000'000 + k * 100'000'000'000'000'000;
            file.maxToken = file.minToken + 5'000'000'000'000'000'000;
            file.minTimestamp = 1'763'719'320'000'000 + k * 60'000'000;
            file.maxTimestamp = file.minTimestamp + 30'000'000;
            file.level = large ? 1 : 0;
            file.droppable = .05;
            file.replaced = .1;
            tell(i, 2, file);
        }
        TableStatistics sums;
        sums.keyspace = "library";
        sums.table = "books";
        sums.reads = 100;
        sums.sstablesPerRead = {0, 90, 8, 2};
        sums.bloomNo = 990;
        sums.bloomFalse = 10;
        sums.flushedBytes = 100 * kMib;
        sums.compactedBytes = 131 * kMib;
        tell(i, 3, sums);
    }
}

Uuid Scene::compaction(double at) {
    constexpr std::uint64_t kMib = 1u << 20;
    CompactionStarted started;
    started.compaction = Uuid{0xa41e'7c02'0000'4000, 0x8000'0000'0000'0001};
    started.keyspace = "library";
    started.table = "books";
    started.kind = "compaction";
    started.strategy = "SizeTieredCompactionStrategy";
    started.inputs = {{1, 25 * kMib}, {2, 25 * kMib}, {3, 25 * kMib}, {4, 25 * kMib}};
    started.estimatedBytes = 86 * kMib;
    started.why = "4 SSTables of one size, min_threshold 4";
    started.group = "bucket";
    started.candidates = {{"about 25 MiB", 4, 100 * kMib, 4.0 / 4, true}, {"about 100 MiB", 1, 100 * kMib, .25, false}};
    tell(2, at, started);
    CompactionProgress progress;
    progress.compaction = started.compaction;
    progress.readBytes = {12 * kMib + kMib / 2, 12 * kMib + kMib / 2, 12 * kMib + kMib / 2, 12 * kMib + kMib / 2};
    progress.writtenBytes = 43 * kMib;
    progress.generation = 32;
    progress.bytesPerSecond = 18.4 * static_cast<double>(kMib);
    progress.limitBytesPerSecond = 64 * kMib;
    progress.cellsKept = 1'536'210;
    progress.cellsReplaced = 141'873;
    tell(2, at + 5, progress);
    return started.compaction;
}

}  // namespace tests
