#include "engine/system/local_tables.h"

#include <algorithm>
#include <charconv>

#include "engine/system/row_builder.h"
#include "engine/system/schema_tables.h"
#include "engine/system/system_keyspaces.h"

namespace engine::system {

namespace {

constexpr std::string_view kPartitioner = "org.apache.cassandra.dht.Murmur3Partitioner";
constexpr std::string_view kNativeProtocol = "5";

schema::TablePtr table(std::string_view name) { return systemSchema().findTable("system", name); }

std::vector<std::string> asTexts(const std::vector<std::int64_t>& tokens) {
    std::vector<std::string> out;
    for (const std::int64_t token : tokens) {
        out.push_back(std::to_string(token));
    }
    return out;
}

std::vector<std::int64_t> parseTokens(const std::vector<std::string>& texts) {
    std::vector<std::int64_t> out;
    for (const std::string& text : texts) {
        std::int64_t token = 0;
        std::from_chars(text.data(), text.data() + text.size(), token);
        out.push_back(token);
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<std::vector<rows::Partition>> readLive(storage::StorageEngine& storage, const schema::TablePtr& from,
                                              std::optional<Bytes> key, std::int64_t nowSeconds) {
    rows::ReadCommand command;
    command.table = from;
    command.nowSeconds = nowSeconds;
    if (key) {
        command.key = rows::decorate(std::move(*key));
    }
    TRY_ASSIGN(auto partitions, storage.readNow(command));
    for (rows::Partition& partition : partitions) {
        rows::filterLive(*from, partition, nowSeconds);
    }
    return partitions;
}

rows::PartitionUpdate deletion(schema::TablePtr from, Bytes key, std::int64_t nowMicros) {
    rows::PartitionUpdate out{std::move(from), {}};
    out.partition.key = rows::decorate(std::move(key));
    out.partition.deletion = {nowMicros, nowMicros / 1'000'000};
    return out;
}

/// The time of a write that wins over what is there, though the clock may have been set back.
Result<std::int64_t> timeAfter(storage::StorageEngine& storage, const schema::TablePtr& to, const Bytes& key,
                               std::int64_t nowMicros) {
    rows::ReadCommand command;
    command.table = to;
    command.key = rows::decorate(key);
    command.nowSeconds = nowMicros / 1'000'000;
    TRY_ASSIGN(auto partitions, storage.readNow(command));
    rows::Mutation found;
    for (rows::Partition& partition : partitions) {
        found.updates.push_back({to, std::move(partition)});
    }
    return std::max(nowMicros, newestTimestamp({found}) + 1);
}

Result<void> savePeer(storage::StorageEngine& storage, const PeerRow& peer, std::int64_t nowMicros) {
    const ring::NodeInfo& node = peer.node;
    const Bytes key = types::encodeInet(node.internode.host).value_or(Bytes());
    const auto old = table("peers");
    TRY_ASSIGN(const auto now, timeAfter(storage, table("peers_v2"), key, nowMicros));
    TRY(applyUpdate(storage, update(old, key, RowBuilder(*old, now)
                                            .text("data_center", node.datacenter)
                                            .uuid("host_id", node.hostId)
                                            .text("rack", node.rack)
                                            .text("release_version", peer.release)
                                            .inet("rpc_address", node.native.host)
                                            .uuid("schema_version", peer.schemaVersion)
                                            .textSet("tokens", asTexts(node.tokens))
                                            .take())));
    const auto current = table("peers_v2");
    return applyUpdate(storage, update(current, key, RowBuilder(*current, now)
                                                   .clustering(types::encodeInt(node.internode.port))
                                                   .text("data_center", node.datacenter)
                                                   .uuid("host_id", node.hostId)
                                                   .inet("native_address", node.native.host)
                                                   .int32("native_port", node.native.port)
                                                   .text("rack", node.rack)
                                                   .text("release_version", peer.release)
                                                   .uuid("schema_version", peer.schemaVersion)
                                                   .textSet("tokens", asTexts(node.tokens))
                                                   .take()));
}

}  // namespace

Result<std::optional<LocalState>> loadLocal(storage::StorageEngine& storage, std::int64_t nowSeconds) {
    const auto from = table("local");
    TRY_ASSIGN(const auto partitions, readLive(storage, from, Bytes("local"), nowSeconds));
    if (partitions.empty() || partitions.front().rows.empty()) {
        return std::optional<LocalState>();
    }
    const RowReader reader(*from, partitions.front().rows.front());
    LocalState out;
    const auto hostId = Uuid::fromBytes(reader.text("host_id"));
    if (!hostId) {
        return makeError(ErrorKind::Corrupt, "system.local has no host_id");
    }
    out.hostId = *hostId;
    out.generation = reader.int32("gossip_generation");
    out.bootstrapped = reader.text("bootstrapped") == "COMPLETED";
    out.tokens = parseTokens(reader.textList("tokens"));
    return std::optional(out);
}

runtime::Task<Result<void>> saveLocal(storage::StorageEngine& storage, LocalState state,
                                      LocalAddresses addresses, Uuid schemaVersion,
                                      std::int64_t nowMicros) {
    const auto to = table("local");
    CO_TRY_ASSIGN(const auto now, timeAfter(storage, to, "local", nowMicros));
    RowBuilder row(*to, now);
    row.text("bootstrapped", state.bootstrapped ? "COMPLETED" : "IN_PROGRESS")
        .inet("broadcast_address", addresses.internode.host)
        .int32("broadcast_port", addresses.internode.port)
        .text("cluster_name", addresses.clusterName)
        .text("cql_version", kCqlVersion)
        .text("data_center", addresses.datacenter)
        .int32("gossip_generation", state.generation)
        .uuid("host_id", state.hostId)
        .inet("listen_address", addresses.internode.host)
        .int32("listen_port", addresses.internode.port)
        .text("native_protocol_version", kNativeProtocol)
        .text("partitioner", kPartitioner)
        .text("rack", addresses.rack)
        .text("release_version", kReleaseVersion)
        .inet("rpc_address", addresses.native.host)
        .int32("rpc_port", addresses.native.port)
        .uuid("schema_version", schemaVersion)
        .textSet("tokens", asTexts(state.tokens));
    CO_TRY(applyUpdate(storage, update(to, "local", row.take())));
    Result<void> flushed = co_await storage.flush(to);
    co_return flushed;
}

Result<void> saveSchemaVersion(storage::StorageEngine& storage, const Uuid& version, std::int64_t nowMicros) {
    const auto to = table("local");
    TRY_ASSIGN(const auto now, timeAfter(storage, to, "local", nowMicros));
    rows::Row row;
    row.cells.push_back({.column = "schema_version", .value = version.toBytes(), .timestamp = now});
    return applyUpdate(storage, update(to, "local", std::move(row)));
}

Result<void> savePeers(storage::StorageEngine& storage, const std::vector<PeerRow>& before,
                       const std::vector<PeerRow>& after, std::int64_t nowMicros) {
    for (const PeerRow& old : before) {
        const bool stays = std::any_of(after.begin(), after.end(), [&old](const PeerRow& peer) {
            return peer.node.internode == old.node.internode;
        });
        if (!stays) {
            const Bytes key = types::encodeInet(old.node.internode.host).value_or(Bytes());
            TRY_ASSIGN(const auto now, timeAfter(storage, table("peers_v2"), key, nowMicros));
            TRY(applyUpdate(storage, deletion(table("peers"), key, now)));
            TRY(applyUpdate(storage, deletion(table("peers_v2"), key, now)));
        }
    }
    for (const PeerRow& peer : after) {
        const bool same = std::any_of(before.begin(), before.end(), [&peer](const PeerRow& old) {
            return old.node == peer.node && old.schemaVersion == peer.schemaVersion &&
                   old.release == peer.release;
        });
        if (!same) {
            TRY(savePeer(storage, peer, nowMicros));
        }
    }
    return ok();
}

Result<std::vector<PeerRow>> loadPeers(storage::StorageEngine& storage, std::int64_t nowSeconds) {
    const auto from = table("peers_v2");
    TRY_ASSIGN(const auto partitions, readLive(storage, from, std::nullopt, nowSeconds));
    std::vector<PeerRow> out;
    for (const rows::Partition& partition : partitions) {
        for (const rows::Row& row : partition.rows) {
            const RowReader reader(*from, row);
            PeerRow peer;
            ring::NodeInfo& node = peer.node;
            node.internode = runtime::Endpoint(types::decodeInet(partition.key.key),
                                               static_cast<std::uint16_t>(reader.int32("peer_port")));
            node.node = node.internode.toString();
            node.native = runtime::Endpoint(types::decodeInet(reader.text("native_address")),
                                            static_cast<std::uint16_t>(reader.int32("native_port")));
            node.hostId = Uuid::fromBytes(reader.text("host_id")).value_or(Uuid());
            node.datacenter = reader.text("data_center");
            node.rack = reader.text("rack");
            node.tokens = parseTokens(reader.textList("tokens"));
            peer.schemaVersion = Uuid::fromBytes(reader.text("schema_version")).value_or(Uuid());
            peer.release = reader.text("release_version");
            out.push_back(std::move(peer));
        }
    }
    return out;
}

}  // namespace engine::system
