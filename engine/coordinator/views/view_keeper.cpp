#include "engine/coordinator/views/view_keeper.h"

#include <algorithm>

#include "engine/coordinator/write_handler.h"

namespace engine::coordinator {

using runtime::Task;

namespace {

/// Base rows that are read at once while a view is built.
constexpr std::uint32_t kBuildPageRows = 1000;

/// ViewUtils.getViewNaturalEndpoint: a base replica writes to one view replica, itself if it is one;
/// those that are both are left out of the pairing. Null: it has none.
const ring::NodeInfo* pairOf(const ring::Topology& topology, const ring::Placement& placement,
                             std::int64_t baseToken, std::int64_t viewToken, std::string_view self) {
    const std::string& datacenter = topology.localDatacenter();
    const auto local = [&](std::int64_t token) {
        std::vector<const ring::NodeInfo*> out;
        for (const ring::NodeInfo* node : placement.replicasFor(token).natural) {
            if (!placement.isNetworkTopology() || node->datacenter == datacenter) {
                out.push_back(node);
            }
        }
        return out;
    };
    const auto base = local(baseToken);
    const auto view = local(viewToken);
    const auto contains = [](const auto& nodes, const ring::NodeInfo* node) {
        return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
    };
    std::vector<const ring::NodeInfo*> baseOnly;
    std::vector<const ring::NodeInfo*> viewOnly;
    for (const ring::NodeInfo* node : view) {
        if (node->node == self) {
            return node;
        }
        if (!contains(base, node)) {
            viewOnly.push_back(node);
        }
    }
    for (const ring::NodeInfo* node : base) {
        if (!contains(view, node)) {
            baseOnly.push_back(node);
        }
    }
    for (std::size_t i = 0; i < baseOnly.size() && i < viewOnly.size(); ++i) {
        if (baseOnly[i]->node == self) {
            return viewOnly[i];
        }
    }
    return nullptr;
}

}  // namespace

ViewKeeper::ViewKeeper(const ClusterView& view, Writer& writer) : m_view(view), m_writer(writer) {
    m_view.schema.onChange([this](const schema::SchemaPtr& before, const schema::SchemaPtr& after) {
        onSchemaChange(*before, *after);
    });
}

void ViewKeeper::define(const schema::Schema& schema) {
    m_views.clear();
    for (const auto& [name, keyspace] : schema.keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (!table->view) {
                continue;
            }
            const schema::TablePtr base = schema.findTable(table->view->baseId);
            auto definition = base == nullptr ? std::nullopt : defineView(table, base, schema);
            if (definition) {
                m_views[base->id].push_back(std::move(*definition));
            } else {
                m_view.log.warn("view {} is not kept: its base does not fit it", table->qualifiedName());
            }
        }
    }
}

void ViewKeeper::onSchemaChange(const schema::Schema& before, const schema::Schema& after) {
    define(after);
    if (!m_started) {
        return;
    }
    for (const auto& [name, keyspace] : before.keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (table->view && after.findTable(table->id) == nullptr) {
                record(*table, false);
            }
        }
    }
    for (const auto& [name, keyspace] : after.keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            if (table->view && before.findTable(table->id) == nullptr) {
                m_tasks.spawn(build(table));
            }
        }
    }
}

void ViewKeeper::start() {
    m_started = true;
    for (const auto& [base, views] : m_views) {
        for (const ViewDefinition& definition : views) {
            if (!isBuilt(*definition.view)) {
                m_tasks.spawn(build(definition.view));
            }
        }
    }
}

bool ViewKeeper::concerns(const rows::Mutation& mutation) const {
    return !m_views.empty() &&
           std::any_of(mutation.updates.begin(), mutation.updates.end(),
                       [&](const rows::PartitionUpdate& update) { return m_views.contains(update.table->id); });
}

/// From what is stored and what is to come.
Result<std::vector<rows::Mutation>> ViewKeeper::updatesOf(const rows::PartitionUpdate& update) const {
    std::vector<rows::Mutation> out;
    const auto it = m_views.find(update.table->id);
    if (it == m_views.end()) {
        return out;
    }
    const rows::Partition& partition = update.partition;
    rows::ReadCommand command;
    command.table = it->second.front().base;
    command.key = partition.key;
    command.nowSeconds = m_view.runtime.clock.wallSeconds();
    const bool wide = !partition.deletion.isLive() || !partition.rangeTombstones.empty();
    if (!wide && !command.table->clustering().empty()) {
        for (const rows::Row& row : partition.rows) {
            command.names.push_back(row.clustering);
        }
        if (command.names.empty()) {
            return out;  // Static columns alone, which no view has.
        }
    }
    TRY_ASSIGN(auto read, m_view.storage.readNow(command));
    rows::Partition before;
    before.key = partition.key;
    if (!read.empty()) {
        before = std::move(read.front());
    }
    rows::Partition after = before;
    rows::merge(*command.table, after, partition);
    for (const ViewDefinition& definition : it->second) {
        for (rows::Mutation& mutation : viewUpdates(definition, before, after, command.nowSeconds)) {
            out.push_back(std::move(mutation));
        }
    }
    return out;
}

Task<Result<void>> ViewKeeper::apply(rows::Mutation mutation, Uuid request) {
    const rows::DecoratedKey key = mutation.key();
    Bytes lock = mutation.keyspace() + '\0' + key.key;
    const KeyLocks::Held held = co_await m_locks.lock(std::move(lock));
    std::vector<rows::Mutation> updates;
    for (const rows::PartitionUpdate& update : mutation.updates) {
        CO_TRY_ASSIGN(auto some, updatesOf(update));
        for (rows::Mutation& one : some) {
            updates.push_back(std::move(one));
        }
    }
    // As Cassandra, which gives the base row up if the view's has no live replica.
    for (const rows::Mutation& one : updates) {
        const ring::TopologyPtr topology = m_view.topology.current();
        const ring::NodeInfo* target = targetOf(*topology, one, key);
        if (target != nullptr && !m_view.isAlive(target->node)) {
            co_return makeError(ErrorKind::Unavailable, "no live replica of view " + one.updates.front().table->name);
        }
    }
    Result<void> done = co_await m_writer.applyPlain(std::move(mutation), request);
    if (!done) {
        co_return done;
    }
    Result<void> sent = co_await send(std::move(updates), key, request);
    co_return sent;
}

/// Null: no replica of the view is this one's pair.
const ring::NodeInfo* ViewKeeper::targetOf(const ring::Topology& topology, const rows::Mutation& update,
                                           const rows::DecoratedKey& baseKey) const {
    const auto* keyspace = m_view.schema.current()->findKeyspace(update.keyspace());
    if (keyspace == nullptr) {
        return nullptr;
    }
    const ring::Placement& placement = topology.placement((*keyspace)->replication);
    return pairOf(topology, placement, baseKey.token, update.key().token, m_view.messaging.self());
}

Task<Result<void>> ViewKeeper::send(std::vector<rows::Mutation> updates, rows::DecoratedKey baseKey, Uuid request) {
    const ring::TopologyPtr topology = m_view.topology.current();
    for (rows::Mutation& update : updates) {
        const ring::NodeInfo* target = targetOf(*topology, update, baseKey);
        if (target == nullptr) {
            continue;
        }
        if (m_view.isSelf(target->node)) {
            Result<void> done = co_await m_writer.applyPlain(std::move(update), request);
            if (!done) {
                co_return done;
            }
        } else {
            m_writer.sendKept(*target, topology, std::move(update), request);
        }
    }
    co_return ok();
}

Task<void> ViewKeeper::build(schema::TablePtr view) {
    std::optional<rows::PartitionBound> after;
    const std::string name = view->qualifiedName();
    tell(*view, "STARTED");
    while (!m_stopping) {
        const schema::TablePtr base = m_view.schema.current()->findTable(view->view->baseId);
        if (base == nullptr || m_view.schema.current()->findTable(view->id) == nullptr) {
            co_return;
        }
        rows::ReadCommand command;
        command.table = base;
        command.nowSeconds = m_view.runtime.clock.wallSeconds();
        command.limits.rows = kBuildPageRows;
        command.range.start = after;
        auto page = m_view.storage.readNow(command);
        if (!page) {
            m_view.log.error("view {} cannot be built: {}", name, page.error().message);
            co_return;
        }
        std::size_t rows = 0;
        for (const rows::Partition& found : page.value()) {
            rows += found.rows.size() + 1;
            Bytes lock = base->keyspace + '\0' + found.key.key;
            const KeyLocks::Held held = co_await m_locks.lock(std::move(lock));
            rows::ReadCommand whole;
            whole.table = base;
            whole.key = found.key;
            whole.nowSeconds = command.nowSeconds;
            auto read = m_view.storage.readNow(whole);
            const auto it = m_views.find(base->id);
            if (!read || read.value().empty() || it == m_views.end()) {
                continue;
            }
            rows::Partition nothing;
            nothing.key = found.key;
            std::vector<rows::Mutation> updates;
            for (const ViewDefinition& definition : it->second) {
                if (definition.view->id == view->id) {
                    updates = viewUpdates(definition, nothing, read.value().front(), command.nowSeconds);
                }
            }
            const Result<void> sent = co_await send(std::move(updates), found.key, Uuid());
            if (!sent) {
                m_view.log.error("view {} cannot be built: {}", name, sent.error().message);
                co_return;
            }
        }
        if (rows < kBuildPageRows) {
            record(*view, true);
            tell(*view, "SUCCESS");
            m_view.log.info("view {} is built", name);
            co_return;
        }
        const rows::DecoratedKey& last = page.value().back().key;
        after = rows::PartitionBound{last.token, last.key, false};
        co_await runtime::sleep(m_view.runtime.clock, std::chrono::milliseconds(1));
    }
}

bool ViewKeeper::isBuilt(const schema::Table& view) const {
    rows::ReadCommand command;
    command.table = m_view.schema.current()->findTable("system", "built_views");
    if (command.table == nullptr) {
        return false;
    }
    command.key = rows::decorate(view.keyspace);
    command.names = {{view.name}};
    command.nowSeconds = m_view.runtime.clock.wallSeconds();
    const auto read = m_view.storage.readNow(command);
    return read && std::any_of(read.value().begin(), read.value().end(), [&](const rows::Partition& partition) {
        return std::any_of(partition.rows.begin(), partition.rows.end(),
                           [&](const rows::Row& row) { return row.hasLiveData(command.nowSeconds); });
    });
}

/// system_distributed.view_build_status, for the other nodes to see.
void ViewKeeper::tell(const schema::Table& view, std::string_view status) {
    const schema::TablePtr table =
        m_view.schema.current()->findTable("system_distributed", "view_build_status");
    const ring::NodeInfo* self = m_view.topology.current()->find(m_view.messaging.self());
    if (table == nullptr || self == nullptr) {
        return;
    }
    const std::int64_t now = m_view.runtime.clock.wallMicros();
    ByteWriter key;
    for (const std::string* part : {&view.keyspace, &view.name}) {
        key.shortBlob(*part);
        key.u8(0);
    }
    rows::PartitionUpdate update{table, {}};
    update.partition.key = rows::decorate(key.take());
    rows::Row& row = update.partition.rows.emplace_back();
    row.clustering = {self->hostId.toBytes()};
    row.liveness.timestamp = now;
    row.cells.push_back({.column = "status", .value = Bytes(status), .timestamp = now});
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(update));
    std::vector<rows::Mutation> mutations;
    mutations.push_back(std::move(mutation));
    m_tasks.spawn(write(std::move(mutations)));
}

Task<void> ViewKeeper::write(std::vector<rows::Mutation> mutations) {
    const Result<void> done =
        co_await m_writer.write(std::move(mutations), ring::Consistency::One, "SIMPLE", Uuid());
    if (!done) {
        m_view.log.warn("a view's build status cannot be written: {}", done.error().message);
    }
}

/// system.built_views.
void ViewKeeper::record(const schema::Table& view, bool built) {
    const schema::TablePtr table = m_view.schema.current()->findTable("system", "built_views");
    if (table == nullptr) {
        return;
    }
    const std::int64_t now = m_view.runtime.clock.wallMicros();
    rows::PartitionUpdate update{table, {}};
    update.partition.key = rows::decorate(view.keyspace);
    rows::Row& row = update.partition.rows.emplace_back();
    row.clustering = {view.name};
    if (built) {
        row.liveness.timestamp = now;
        row.cells.push_back({.column = "status_replicated", .value = Bytes(1, '\x01'), .timestamp = now});
    } else {
        row.deletion = {now, now / 1'000'000};
    }
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(update));
    const Result<void> done = m_view.storage.applyNow(mutation);
    if (!done) {
        m_view.log.error("cannot write system.built_views: {}", done.error().message);
    }
}

}  // namespace engine::coordinator
