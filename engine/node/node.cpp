#include "engine/node/node.h"

#include <algorithm>
#include <set>

#include "engine/access/cache_views.h"
#include "engine/access/node_access.h"
#include "engine/access/password_authenticator.h"
#include "engine/admin/admin_server.h"
#include "engine/admin/node_methods.h"
#include "engine/coordinator/hints/hints_service.h"
#include "engine/coordinator/paxos/paxos_replica.h"
#include "engine/coordinator/query_runner.h"
#include "engine/coordinator/truncations.h"
#include "engine/coordinator/views/view_keeper.h"
#include "engine/gossip/gossiper.h"
#include "engine/index/index_manager.h"
#include "engine/native/native_server.h"
#include "engine/node/effective_settings.h"
#include "engine/node/storage_teller.h"
#include "engine/ring/allocation.h"
#include "engine/system/compaction_tables.h"
#include "engine/system/local_tables.h"
#include "engine/system/node_views.h"
#include "engine/system/size_estimates.h"
#include "engine/system/storage_views.h"
#include "engine/system/prepared_table.h"
#include "engine/system/schema_sync.h"
#include "engine/system/system_keyspaces.h"
#include "engine/system/trace_tables.h"
#include "engine/system/virtual_tables.h"

namespace engine::node {

using gossip::ApplicationState;
using runtime::Task;

namespace {

constexpr runtime::Duration kShadowRound = std::chrono::milliseconds(500);
/// Nodes that start together are learnt of together.
constexpr runtime::Duration kPeersFlushDelay = std::chrono::milliseconds(200);
constexpr runtime::Duration kMetricsPeriod = std::chrono::seconds(1);
constexpr runtime::Duration kFirstEstimates = std::chrono::seconds(30);
constexpr runtime::Duration kEstimatesPeriod = std::chrono::minutes(5);
constexpr runtime::Duration kSuperuserRetry = std::chrono::seconds(1);
constexpr std::string_view kNetVersion = "12";

}  // namespace

/// The parts, in the order in which they need one another.
struct Node::Impl {
    runtime::Runtime runtime;
    NodeConfig config;
    Log& log;
    std::string name;
    std::map<std::string, std::string> settings;
    observe::Observer observer;
    schema::SchemaRegistry schema;
    ring::TopologyRegistry topology;
    storage::StorageEngine storage;
    index::IndexManager indexes;
    StorageTeller storageTeller;
    messaging::MessagingService messaging;
    gossip::Gossiper gossiper;
    coordinator::Tracer tracer;
    coordinator::LatencyRegistry latencies;
    coordinator::ClusterView view;
    coordinator::Truncations truncations;
    coordinator::Writer writer;
    coordinator::HintsService hints;
    coordinator::ViewKeeper views;
    coordinator::Reader reader;
    coordinator::CounterWriter counters;
    coordinator::PaxosReplica paxosReplica;
    coordinator::Paxos paxos;
    coordinator::BatchLog batchLog;
    system::SchemaSync schemaSync;
    system::NodeVirtualTables virtualTables;
    coordinator::QueryRunner queries;
    std::unique_ptr<access::NodeAccess> accessControl;  // Null: nobody has to log in.
    std::unique_ptr<access::PasswordAuthenticator> authenticator;
    native::NativeServer native;
    admin::AdminServer admin;
    runtime::TaskGroup tasks;

    system::LocalState local;
    std::vector<system::PeerRow> peers;
    std::set<std::string> announced;  // Peers of which clients were told NEW_NODE.
    runtime::Instant started;
    bool stopping = false;
    bool peersDirty = false;
    std::uint64_t toldReads = 0;
    std::uint64_t toldWrites = 0;
    std::function<void()> shutdownAsked;
    std::function<void()> died;
    bool transportsStopped = false;

    Impl(const runtime::Runtime& r, NodeConfig c, Log& l)
        : runtime(r),
          config(std::move(c)),
          log(l),
          name(config.internode.toString()),
          settings(effectiveSettings(config)),
          observer(r.clock, name),
          topology(name),
          storage(r, config.storage, schema, l),
          indexes(r, storage, schema, l),
          storageTeller(r.clock, observer, storage, schema, config.storage),
          messaging(r, config.internode, {.clusterName = config.clusterName}, observer, l),
          gossiper(r, messaging, gossipOptions(config), observer, l),
          tracer(r, messaging),
          view{r, storage, messaging, gossiper, topology, schema, observer, l, tracer, latencies,
               truncations, config.timeouts},
          truncations(view),
          writer(view),
          hints(view, writer, config.hints),
          views(view, writer),
          reader(view, writer),
          counters(view, writer),
          paxosReplica(view, writer),
          paxos(view, reader, writer),
          batchLog(view, writer),
          schemaSync(view, [this] { return queries.clusterFacts(); }),
          virtualTables(schema),
          queries({view, reader, writer, counters, paxos, batchLog, config.batchLimits, virtualTables, schemaSync, config.clusterName, config.features, config.guardrails}),
          accessControl(config.accessControl.passwords ? std::make_unique<access::NodeAccess>(view, queries, config.accessControl) : nullptr),
          authenticator(accessControl ? std::make_unique<access::PasswordAuthenticator>(*accessControl) : nullptr),
          native(r, clientOptions(config, authenticator.get()), queries, l, clientCallbacks()),
          admin(r, {.listen = config.admin, .token = config.adminToken}, observer, l),
          started(r.clock.now()) {
        wire();
    }

    static native::NativeOptions clientOptions(const NodeConfig& config, native::Authenticator* authenticator) {
        native::NativeOptions out = config.clients;
        out.authenticator = authenticator;
        out.listen = config.native;
        return out;
    }

    static gossip::GossipOptions gossipOptions(const NodeConfig& config) {
        gossip::GossipOptions out;
        out.clusterName = config.clusterName;
        out.seeds = config.seeds;
        out.phiConvictThreshold = config.phiConvictThreshold;
        return out;
    }

    native::NativeCallbacks clientCallbacks() {
        native::NativeCallbacks out;
        out.clientConnected = [this](const native::ConnectionInfo& c) { tellClient(c, true); };
        out.clientClosed = [this](const native::ConnectionInfo& c) { tellClient(c, false); };
        return out;
    }

    /// What disk_failure_policy and commit_failure_policy want (StorageService.stopTransports): clients
    /// and the other nodes see it down, the admin endpoint still answers.
    void storageFailed(const storage::StorageFailure& failure) {
        if (failure.action == storage::StorageFailure::Action::Die) {
            log.error("ending the process: {}", failure.why);
            if (died) {
                died();
            }
            return;
        }
        if (!std::exchange(transportsStopped, true)) {
            log.error("stopping gossiper and native transport: {}", failure.why);
            // What failed may be a request of the transport that is to be stopped.
            runtime.executor.post([this] { tasks.spawn(stopTransports()); });
        }
    }

    Task<void> stopTransports() {
        gossiper.setState(ApplicationState::RpcReady, "false");
        co_await native.stop();
        co_await gossiper.stop(true);
    }

    void wire() {
        storage.onFailure([this](const storage::StorageFailure& failure) { storageFailed(failure); });
        storage.onCompacted([this](const storage::CompactionHistoryEntry& entry) {
            const Result<void> saved = system::saveCompaction(storage, entry, runtime.clock.wallMicros());
            if (!saved) {
                log.warn("no record of a compaction: {}", saved.error().message);
            }
        });
        writer.serve();
        writer.hintTo(&hints);
        writer.keepViewsBy(&views);
        hints.serve();
        reader.serve();
        counters.serve();
        paxosReplica.serve();
        batchLog.serve();
        queries.serve();
        queries.controlAccessBy(accessControl.get());
        schemaSync.serve();
        tracer.reportTo([this](coordinator::TraceReport report) { tasks.spawn(writeTrace(std::move(report))); });
        schemaSync.onChanged([this](const schema::SchemaChange& change) {
            native.pushSchemaChange(change);
            if (observer.wants(observe::Category::Schema)) {
                observer.tell(schemaSnapshot(change));
            }
            storageTeller.schemaChanged();
        });
        gossip::GossipListener listener;
        listener.onJoin = [this](const std::string&, const gossip::EndpointState&) { refreshTopology(); };
        listener.onAlive = [this](const std::string& node, const gossip::EndpointState&) { judged(node, "UP"); };
        listener.onDead = [this](const std::string& node, const gossip::EndpointState&) { judged(node, "DOWN"); };
        listener.onChange = [this](const std::string& node, ApplicationState key, const std::string& value) {
            gossipChanged(node, key, value);
        };
        listener.onRemove = [this](const std::string&) { refreshTopology(); };
        gossiper.addListener(std::move(listener));
        wireVirtualTables();
        admin.setSnapshot([this] { return snapshot(); });
        admin::addNodeMethods(admin, {view, queries, hints, indexes, native, config.clusterName,
                                      local, config.settings, started,
                                      [this] {
                                          if (shutdownAsked) {
                                              shutdownAsked();
                                          }
                                      }});
    }

    /// The nodes that keep the roles may come up later than this one.
    Task<void> waitForSuperuser() {
        bool known = false;
        while (!known) {
            co_await runtime::sleep(runtime.clock, kSuperuserRetry);
            known = co_await accessControl->makeDefaultSuperuser();
        }
    }

    /// As Cassandra does: a trace that cannot be written is forgotten. The session's duration, by which drivers
    /// know that a trace is whole, comes when all replicas that are there have its events.
    Task<void> writeTrace(coordinator::TraceReport report) {
        rows::Mutation whole = system::traceMutation(*schema.current(), config.internode, report,
                                                     runtime.clock.wallMicros());
        const bool hasBoth = whole.updates.size() > 1;
        if (hasBoth) {
            rows::Mutation events;
            events.updates.push_back(std::move(whole.updates.back()));
            whole.updates.pop_back();
            co_await writeTracePart(std::move(events), ring::Consistency::All);
        }
        co_await writeTracePart(std::move(whole), ring::Consistency::Any);
    }

    Task<void> writeTracePart(rows::Mutation part, ring::Consistency level) {
        std::vector<rows::Mutation> mutations{part};
        Result<void> done = co_await writer.write(std::move(mutations), level, "SIMPLE", Uuid());
        if (!done && done.error().kind == ErrorKind::Unavailable) {
            std::vector<rows::Mutation> again{std::move(part)};
            done = co_await writer.write(std::move(again), ring::Consistency::Any, "SIMPLE", Uuid());
        }
        if (!done) {
            log.warn("a trace cannot be written: {}", done.error().message);
        }
    }

    void wireVirtualTables() {
        virtualTables.add("system_views.gossip_info", system::gossipInfo(gossiper));
        virtualTables.add("system_views.internode_inbound", system::internodeInbound(messaging, topology));
        virtualTables.add("system_views.internode_outbound", system::internodeOutbound(messaging, topology));
        virtualTables.add("system_views.sstable_tasks", system::sstableTasks(storage));
        virtualTables.add("system_views.pending_hints", system::pendingHints(hints, view));
        virtualTables.add("system_views.clients", [this](const schema::Table& table) { return clientRows(table); });
        system::addNodeViews(virtualTables, {view, queries, settings, started});
        system::addStorageViews(virtualTables, storage, schema);
        access::addCacheViews(virtualTables, accessControl.get());
    }

    std::vector<system::VirtualRow> clientRows(const schema::Table& table) const {
        std::vector<system::VirtualRow> out;
        for (const native::ConnectionInfo& client : native.connections()) {
            system::RowBuilder row(table, 0);
            row.clustering(types::encodeInt(client.remote.port))
                .textMap("client_options", client.options)
                .text("connection_stage", client.ready ? "ready" : "establishing")
                .text("driver_name", client.driverName)
                .text("driver_version", client.driverVersion)
                .text("hostname", client.remote.host)
                .text("keyspace_name", client.keyspace)
                .int32("protocol_version", client.protocolVersion)
                .bigint("request_count", static_cast<std::int64_t>(client.requests))
                .boolean("ssl_enabled", false)
                .text("username", client.user);
            out.push_back({{types::encodeInet(client.remote.host).value_or(Bytes())}, row.take()});
        }
        return out;
    }

    // ---- start and stop ------------------------------------------------------------------------

    Task<Result<void>> start() {
        for (const std::string& setting : config.unknown) {
            log.warn("setting {} is not used by Ringside", setting);
        }
        CO_TRY(openStorage());
        Result<void> prepared = co_await prepareLocal();
        if (!prepared) {
            co_return prepared;
        }
        Result<void> known = co_await truncations.load();
        if (!known) {
            co_return known;
        }
        CO_TRY(messaging.start());
        CO_TRY(admin.start());
        CO_TRY(restorePrepared());
        Result<void> joined = co_await joinRing();
        if (!joined) {
            co_return joined;
        }
        if (accessControl) {
            const bool known = co_await accessControl->makeDefaultSuperuser();
            if (!known) {
                tasks.spawn(waitForSuperuser());
            }
        }
        CO_TRY(native.start());
        gossiper.setState(ApplicationState::RpcReady, "true", true);
        batchLog.start();
        views.start();
        CO_TRY(hints.start());
        tasks.spawn(tellMetrics());
        tasks.spawn(estimateSizes());
        log.info("{} answers CQL on {}", name, config.native.toString());
        co_return ok();
    }

    Result<void> openStorage() {
        schema.publish(std::make_shared<schema::Schema>(system::systemSchema()));
        TRY(storage.open());
        // The schema says what the other files and the commit log's records mean. A part of its newest
        // change may be in files and the rest in the log: only both together are a schema.
        TRY_ASSIGN(const auto replayed, storage.replay());
        TRY(schemaSync.load());
        TRY_ASSIGN(const auto more, storage.replay());
        storageTeller.setReplayed(replayed + more);
        if (replayed + more > 0) {
            log.info("commit log replayed: {} mutations", replayed + more);
        }
        indexes.open();
        storage.start();
        return ok();
    }

    Task<Result<void>> prepareLocal() {
        CO_TRY_ASSIGN(const auto saved, system::loadLocal(storage, runtime.clock.wallSeconds()));
        const bool first = !saved;
        if (saved) {
            local = *saved;
        } else {
            local.hostId = runtime.random.uuid();
            local.tokens = config.initialTokens;
            CO_TRY(schemaSync.writeSystemRows());
        }
        local.generation = std::max(static_cast<std::int32_t>(runtime.clock.wallSeconds()), local.generation + 1);
        if (first && local.tokens.empty()) {
            local.tokens = ring::randomTokens(runtime.random, static_cast<std::size_t>(config.numTokens));
        }
        std::sort(local.tokens.begin(), local.tokens.end());
        local.bootstrapped = true;
        const system::LocalAddresses addresses{config.clusterName, config.internode, config.native,
                                               config.datacenter, config.rack};
        Result<void> done = co_await system::saveLocal(storage, local, addresses, schema.current()->version(),
                                                       runtime.clock.wallMicros());
        co_return done;
    }

    /// What a peer of the last life would tell of itself.
    static std::vector<std::pair<ApplicationState, std::string>> statesOf(const system::PeerRow& peer) {
        return {{ApplicationState::StatusWithPort, gossip::statusValue("NORMAL", peer.node.tokens)},
                {ApplicationState::Tokens, gossip::tokensValue(peer.node.tokens)},
                {ApplicationState::HostId, peer.node.hostId.toString()},
                {ApplicationState::Schema, peer.schemaVersion.toString()},
                {ApplicationState::Dc, peer.node.datacenter},
                {ApplicationState::Rack, peer.node.rack},
                {ApplicationState::ReleaseVersion, peer.release},
                {ApplicationState::InternalAddressAndPort, peer.node.internode.toString()},
                {ApplicationState::NativeAddressAndPort, peer.node.native.toString()}};
    }

    /// What clients prepared in this node's last life (QueryProcessor.preloadPreparedStatements).
    Result<void> restorePrepared() {
        TRY_ASSIGN(const auto known, system::loadPrepared(storage, runtime.clock.wallSeconds()));
        for (const system::PreparedRow& row : known) {
            if (!queries.restorePrepared(row.id, row.keyspace, row.text)) {
                TRY(system::deletePrepared(storage, row.id, runtime.clock.wallMicros()));
            }
        }
        queries.preparedStatements().keepWith(
            {[this](const Bytes& id, const std::string& keyspace, const std::string& text) {
                 keep(system::savePrepared(storage, {id, keyspace, text}, runtime.clock.wallMicros()));
             },
             [this](const Bytes& id) {
                 keep(system::deletePrepared(storage, id, runtime.clock.wallMicros()));
             }});
        return ok();
    }

    void keep(const Result<void>& written) {
        if (!written) {
            log.error("cannot write system.prepared_statements: {}", written.error().message);
        }
    }

    Task<Result<void>> joinRing() {
        CO_TRY_ASSIGN(peers, system::loadPeers(storage, runtime.clock.wallSeconds()));
        std::vector<std::string> known;
        for (const system::PeerRow& peer : peers) {
            known.push_back(peer.node.node);
            gossiper.addSavedEndpoint(peer.node.node, statesOf(peer));
        }
        Result<void> asked = co_await gossiper.shadowRound(std::move(known), kShadowRound);
        if (!asked) {
            log.info("nobody answered at first: {}", asked.error().message);
        }
        std::vector<std::pair<ApplicationState, std::string>> states{
            {ApplicationState::StatusWithPort, gossip::statusValue("NORMAL", local.tokens)},
            {ApplicationState::Tokens, gossip::tokensValue(local.tokens)},
            {ApplicationState::HostId, local.hostId.toString()},
            {ApplicationState::Schema, schema.current()->version().toString()},
            {ApplicationState::Dc, config.datacenter},
            {ApplicationState::Rack, config.rack},
            {ApplicationState::ReleaseVersion, std::string(system::kReleaseVersion)},
            {ApplicationState::NetVersion, std::string(kNetVersion)},
            {ApplicationState::InternalAddressAndPort, config.internode.toString()},
            {ApplicationState::NativeAddressAndPort, config.native.toString()},
            {ApplicationState::Load, std::to_string(storage.loadBytes())},
            {ApplicationState::SstableVersions, "big-nb"},
            {ApplicationState::RpcReady, "false"},
        };
        gossiper.start(local.generation, std::move(states));
        refreshTopology();
        co_return ok();
    }

    Task<void> stop() {
        stopping = true;
        observer.tell(observe::NodeStopping{});
        if (!transportsStopped) {
            gossiper.setState(ApplicationState::RpcReady, "false");
            co_await native.stop();
        }
        batchLog.stop();
        hints.stop();
        tracer.reportTo({});
        if (!transportsStopped) {
            co_await gossiper.stop(true);
        }
        co_await admin.stop();
        co_await messaging.stop();
        views.stop();
        co_await indexes.stop();
        co_await storage.drain();
        co_await storage.stop();
    }

    // ---- ring ----------------------------------------------------------------------------------

    void refreshTopology() {
        if (!topology.publish(gossiper.ringNodes())) {
            refreshPeers();
            return;
        }
        refreshPeers();
        if (observer.wants(observe::Category::Cluster)) {
            observer.tell(ringSnapshot());
        }
    }

    void refreshPeers() {
        std::vector<system::PeerRow> now;
        for (const ring::NodeInfo& node : topology.current()->nodes()) {
            if (node.node == name) {
                continue;
            }
            const gossip::EndpointState* state = gossiper.find(node.node);
            if (state == nullptr) {
                continue;
            }
            now.push_back({node, Uuid::parse(state->value(ApplicationState::Schema)).value_or(Uuid()),
                           std::string(state->value(ApplicationState::ReleaseVersion))});
        }
        const Result<void> saved = system::savePeers(storage, peers, now, runtime.clock.wallMicros());
        if (!saved) {
            log.error("cannot write system.peers_v2: {}", saved.error().message);
        }
        const bool sameNodes = std::equal(now.begin(), now.end(), peers.begin(), peers.end(),
                                          [](const auto& a, const auto& b) { return a.node == b.node; });
        if (!sameNodes && !std::exchange(peersDirty, true)) {
            tasks.spawn(flushPeers());
        }
        for (const system::PeerRow& old : peers) {
            const bool stays = std::any_of(now.begin(), now.end(), [&old](const system::PeerRow& p) {
                return p.node.node == old.node.node;
            });
            if (!stays && announced.erase(old.node.node) > 0) {
                native.pushTopologyChange("REMOVED_NODE", old.node.native.host, old.node.native.port);
            }
        }
        peers = std::move(now);
    }

    /// A node that comes back must know its ring whatever the commit log has lost: with only a part of it
    /// it would take writes for tokens that are others'.
    Task<void> flushPeers() {
        co_await runtime::sleep(runtime.clock, kPeersFlushDelay);
        peersDirty = false;
        for (const char* table : {"peers", "peers_v2"}) {
            const Result<void> flushed = co_await storage.flush(system::systemSchema().findTable("system", table));
            if (!flushed) {
                log.error("cannot flush system.{}: {}", table, flushed.error().message);
            }
        }
    }

    /// Clients hear of a node once it takes clients itself (Server.LatestEvent, RPC_READY).
    void tellClientsUp(const std::string& node) {
        const ring::NodeInfo* info = topology.current()->find(node);
        const gossip::EndpointState* state = gossiper.find(node);
        if (info == nullptr || state == nullptr || state->value(ApplicationState::RpcReady) != "true" ||
            !gossiper.isAlive(node)) {
            return;
        }
        if (announced.insert(node).second) {
            native.pushTopologyChange("NEW_NODE", info->native.host, info->native.port);
        }
        native.pushStatusChange("UP", info->native.host, info->native.port);
    }

    void judged(const std::string& node, const std::string& change) {
        refreshTopology();
        hints.judged(node, change == "UP");
        if (change == "UP") {
            tellClientsUp(node);
            const gossip::EndpointState* state = gossiper.find(node);
            if (state != nullptr) {
                schemaSync.heard(node, std::string(state->value(ApplicationState::Schema)));
            }
        } else if (const ring::NodeInfo* info = topology.current()->find(node)) {
            native.pushStatusChange("DOWN", info->native.host, info->native.port);
        }
        if (observer.wants(observe::Category::Cluster)) {
            observer.tell(ringSnapshot());
        }
    }

    void gossipChanged(const std::string& node, ApplicationState key, const std::string& value) {
        switch (key) {
            case ApplicationState::Schema:
                refreshPeers();
                if (gossiper.isAlive(node)) {
                    schemaSync.heard(node, value);
                }
                break;
            case ApplicationState::RpcReady: {
                if (value == "true") {
                    refreshTopology();
                    tellClientsUp(node);
                } else if (const ring::NodeInfo* info = topology.current()->find(node)) {
                    native.pushStatusChange("DOWN", info->native.host, info->native.port);
                }
                break;
            }
            case ApplicationState::Load:
            case ApplicationState::Severity: break;
            default: refreshTopology();
        }
    }

    // ---- events --------------------------------------------------------------------------------

    observe::RingSnapshot ringSnapshot() const {
        observe::RingSnapshot out;
        out.clusterName = config.clusterName;
        out.ringVersion = topology.current()->version();
        for (const ring::NodeInfo& node : topology.current()->nodes()) {
            out.nodes.push_back({node.node, node.hostId, node.datacenter, node.rack, node.status,
                                 node.native.toString(), node.node == name || gossiper.isAlive(node.node),
                                 node.tokens});
        }
        return out;
    }

    observe::SchemaSnapshot schemaSnapshot(const schema::SchemaChange& change) const {
        observe::SchemaSnapshot out;
        out.version = schema.current()->version();
        for (const auto& [keyspaceName, keyspace] : schema.current()->keyspaces()) {
            observe::SchemaKeyspace described{keyspaceName, keyspace->replication.strategy, {}, {}};
            described.replication.assign(keyspace->replication.options.begin(), keyspace->replication.options.end());
            for (const auto& [table, definition] : keyspace->tables) {
                described.tables.push_back(table);
            }
            out.keyspaces.push_back(std::move(described));
        }
        if (!change.change.empty()) {
            out.change = change.change + ' ' + change.target + ' ' + change.keyspace +
                         (change.name.empty() ? "" : '.' + change.name);
        }
        return out;
    }

    std::vector<observe::EventBody> snapshot() const {
        std::vector<observe::EventBody> out;
        out.emplace_back(ringSnapshot());
        out.emplace_back(observe::NodeStarted{local.hostId, std::string(system::kReleaseVersion),
                                              local.generation, runtime.executor.processId()});
        out.emplace_back(schemaSnapshot({}));
        for (const auto& [node, state] : gossiper.states()) {
            out.emplace_back(observe::EndpointKnowledge{node, state.heartBeat.generation,
                                                        state.heartBeat.version, state.maxVersion()});
            for (const auto& [key, value] : state.states) {
                out.emplace_back(observe::EndpointState{node, std::string(gossip::toString(key)), value.value,
                                                        value.version});
            }
        }
        for (const native::ConnectionInfo& client : native.connections()) {
            if (client.ready) {
                out.emplace_back(clientEvent(client, true));
            }
        }
        storageTeller.addSnapshot(out);
        out.emplace_back(metrics());
        return out;
    }

    static observe::ClientConnection clientEvent(const native::ConnectionInfo& client, bool open) {
        return {client.remote.toString(), client.driverName, client.driverVersion,
                static_cast<std::uint32_t>(client.protocolVersion), open};
    }

    void tellClient(const native::ConnectionInfo& client, bool open) {
        if (observer.wants(observe::Category::Clients)) {
            observer.tell(clientEvent(client, open));
        }
    }

    observe::NodeMetrics metrics() const {
        observe::NodeMetrics out;
        out.residentBytes = runtime.executor.residentBytes();
        out.loadBytes = storage.loadBytes();
        out.reads = queries.counts().reads;
        out.writes = queries.counts().writes;
        out.clients = native.connections().size();
        out.uptimeMillis = std::chrono::duration_cast<std::chrono::milliseconds>(runtime.clock.now() - started).count();
        return out;
    }

    /// As Cassandra's recorder: after half a minute, then every five.
    Task<void> estimateSizes() {
        co_await runtime::sleep(runtime.clock, kFirstEstimates);
        while (!stopping) {
            const Result<void> done =
                system::refreshSizeEstimates(storage, *schema.current(), *topology.current(), name, runtime.clock.wallMicros());
            if (!done) {
                log.warn("no estimates of tables' sizes: {}", done.error().message);
            }
            co_await runtime::sleep(runtime.clock, kEstimatesPeriod);
        }
    }

    Task<void> tellMetrics() {
        while (!stopping) {
            co_await runtime::sleep(runtime.clock, kMetricsPeriod);
            if (stopping) {
                break;
            }
            gossiper.setState(ApplicationState::Load, std::to_string(storage.loadBytes()));
            const coordinator::RequestCounts& counts = queries.counts();
            if (observer.wants(observe::Category::Requests) &&
                (counts.reads != toldReads || counts.writes != toldWrites)) {
                observer.tell(observe::RequestsCounted{counts.reads - toldReads, counts.writes - toldWrites, 0});
            }
            toldReads = counts.reads;
            toldWrites = counts.writes;
            if (observer.wants(observe::Category::Metrics)) {
                observer.tell(metrics());
            }
            storageTeller.tellStatistics();
        }
    }
};

Node::Node(const runtime::Runtime& runtime, NodeConfig config, Log& log)
    : m_impl(std::make_unique<Impl>(runtime, std::move(config), log)) {}

Node::~Node() = default;

Task<Result<void>> Node::start() {
    Result<void> done = co_await m_impl->start();
    co_return done;
}

Task<void> Node::stop() { co_await m_impl->stop(); }

coordinator::QueryProcessor& Node::queries() { return m_impl->queries; }
gossip::Gossiper& Node::gossiper() { return m_impl->gossiper; }
observe::Observer& Node::observer() { return m_impl->observer; }
void Node::onDied(std::function<void()> callback) { m_impl->died = std::move(callback); }
void Node::onShutdownAsked(std::function<void()> callback) { m_impl->shutdownAsked = std::move(callback); }

}  // namespace engine::node
