#include "engine/system/schema_sync.h"

#include <algorithm>

#include "engine/rows/serialization.h"
#include "engine/system/local_tables.h"
#include "engine/system/schema_tables.h"
#include "engine/system/system_keyspaces.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

namespace engine::system {

using messaging::Verb;
using runtime::Task;

namespace {

Bytes encode(const std::vector<rows::Mutation>& mutations) {
    ByteWriter out;
    out.unsignedVint(mutations.size());
    for (const rows::Mutation& mutation : mutations) {
        rows::write(out, mutation);
    }
    return out.take();
}

Result<std::vector<rows::Mutation>> decode(BytesView payload) {
    ByteReader in(payload);
    std::vector<rows::Mutation> out;
    const std::uint64_t count = in.unsignedVint();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        TRY_ASSIGN(auto mutation, rows::readMutation(in, systemSchema()));
        out.push_back(std::move(mutation));
    }
    return out;
}

/// Rows of dropped_columns have milliseconds; while a node lives it goes by the microseconds that it
/// knows of, so that what was written just before a drop stays hidden.
schema::Schema withExactDropTimes(const schema::Schema& loaded, const schema::Schema& known) {
    schema::Schema out = loaded;
    for (const auto& [name, keyspace] : loaded.keyspaces()) {
        schema::Keyspace exact = *keyspace;
        bool differs = false;
        for (auto& [tableName, table] : exact.tables) {
            const schema::TablePtr was = table->dropped.empty() ? nullptr : known.findTable(table->id);
            if (was == nullptr) {
                continue;
            }
            schema::Table mended = *table;
            for (schema::DroppedColumn& dropped : mended.dropped) {
                for (const schema::DroppedColumn& old : was->dropped) {
                    if (old.column.name == dropped.column.name &&
                        old.droppedAtMicros / 1000 == dropped.droppedAtMicros / 1000) {
                        dropped.droppedAtMicros = old.droppedAtMicros;
                    }
                }
            }
            table = std::make_shared<schema::Table>(std::move(mended));
            differs = true;
        }
        if (differs) {
            out = out.with(std::make_shared<schema::Keyspace>(std::move(exact)));
        }
    }
    return out.withVersion(loaded.version());
}

/// Tables that are as they were keep their object, by which prepared statements know them.
schema::Schema sharing(const schema::Schema& before, const schema::Schema& next) {
    schema::Schema out = next;
    for (const auto& [name, keyspace] : next.keyspaces()) {
        const auto* old = before.findKeyspace(name);
        if (old == nullptr || *old == keyspace) {
            continue;
        }
        if (**old == *keyspace) {
            out = out.with(*old);
            continue;
        }
        schema::Keyspace shared = *keyspace;
        for (auto& [tableName, table] : shared.tables) {
            const auto was = (*old)->tables.find(tableName);
            if (was != (*old)->tables.end() && *was->second == *table) {
                table = was->second;
            }
        }
        out = out.with(std::make_shared<schema::Keyspace>(std::move(shared)));
    }
    return out.withVersion(next.version());
}

}  // namespace

/// Later than all that this node has written or seen, even from a node whose clock is ahead: a change
/// that a client is told of must win over what was there. Every second one, see schemaMutations().
std::int64_t SchemaSync::nextTimestamp() {
    m_lastTimestamp = std::max(m_view.runtime.clock.wallMicros(), m_lastTimestamp + 2);
    return m_lastTimestamp;
}

Result<void> SchemaSync::load() {
    TRY_ASSIGN(const auto rows, allSchemaRows(m_view.storage, systemSchema(), m_view.runtime.clock.wallSeconds()));
    m_lastTimestamp = std::max(m_lastTimestamp, newestTimestamp(rows));
    std::vector<std::string> problems;
    TRY_ASSIGN(auto loaded, loadSchema(m_view.storage, systemSchema(), m_view.runtime.clock.wallSeconds(), problems));
    for (const std::string& problem : problems) {
        m_view.log.warn("left out of the schema: {}", problem);
    }
    m_view.schema.publish(std::make_shared<schema::Schema>(sharing(*m_view.schema.current(), loaded)));
    return ok();
}

Result<void> SchemaSync::writeSystemRows() {
    for (const rows::Mutation& mutation : schemaMutations(schema::Schema(), systemSchema(), 0, true)) {
        TRY(m_view.storage.applyNow(mutation));
    }
    return load();
}

Task<Result<void>> SchemaSync::write(std::vector<rows::Mutation> mutations) {
    std::vector<schema::TablePtr> touched;
    for (rows::Mutation& mutation : mutations) {
        for (const rows::PartitionUpdate& update : mutation.updates) {
            if (std::find(touched.begin(), touched.end(), update.table) == touched.end()) {
                touched.push_back(update.table);
            }
        }
        Result<void> done = co_await m_view.storage.apply(std::move(mutation), true);
        if (!done) {
            co_return done;
        }
    }
    // The schema must be readable before the commit log is: it says what the log's records mean.
    for (const schema::TablePtr& table : touched) {
        Result<void> done = co_await m_view.storage.flush(table);
        if (!done) {
            co_return done;
        }
    }
    co_return ok();
}

void SchemaSync::publish(schema::SchemaPtr next, bool dropGone) {
    const schema::SchemaPtr before = m_view.schema.current();
    m_view.schema.publish(next);
    m_view.gossiper.setState(gossip::ApplicationState::Schema, next->version().toString(), true);
    const Result<void> saved =
        saveSchemaVersion(m_view.storage, next->version(), m_view.runtime.clock.wallMicros());
    if (!saved) {
        m_view.log.error("cannot write system.local: {}", saved.error().message);
    }
    if (dropGone) {
        for (const auto& [name, keyspace] : before->keyspaces()) {
            for (const auto& [tableName, table] : keyspace->tables) {
                if (m_view.schema.current()->findTable(table->id) == nullptr) {
                    m_view.storage.drop(*table);
                }
            }
        }
    }
    if (m_onChanged) {
        for (const schema::SchemaChange& change : changesBetween(*before, *next)) {
            m_onChanged(change);
        }
    }
}

class SchemaSync::Turn {
public:
    explicit Turn(SchemaSync& sync) : m_sync(sync) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (!m_mine) {
            std::erase(m_sync.m_waiting, this);
            return;
        }
        m_sync.m_taken = false;
        if (!m_sync.m_waiting.empty()) {
            Turn* next = m_sync.m_waiting.front();
            m_sync.m_waiting.pop_front();
            next->m_called.set(true);
        }
    }
    Task<void> come() {
        while (m_sync.m_taken) {
            m_sync.m_waiting.push_back(this);
            m_called = runtime::Promise<bool>();
            const bool called = co_await m_called;
            ENSURE(called);
        }
        m_sync.m_taken = true;
        m_mine = true;
    }

private:
    SchemaSync& m_sync;
    runtime::Promise<bool> m_called;
    bool m_mine = false;
};

Result<void> SchemaSync::publishRows(const schema::Schema* planned) {
    std::vector<std::string> problems;
    TRY_ASSIGN(auto loaded, loadSchema(m_view.storage, systemSchema(), m_view.runtime.clock.wallSeconds(), problems));
    for (const std::string& problem : problems) {
        m_view.log.warn("left out of the schema: {}", problem);
    }
    schema::Schema exact = withExactDropTimes(loaded, *m_view.schema.current());
    if (planned != nullptr) {
        exact = withExactDropTimes(exact, *planned);
    }
    if (loaded.version() != m_view.schema.current()->version()) {
        publish(std::make_shared<schema::Schema>(sharing(*m_view.schema.current(), exact)), problems.empty());
    }
    return ok();
}

Task<Result<cql::SchemaTransformation>> SchemaSync::change(std::shared_ptr<const cql::SchemaStatement> statement,
                                                           cql::ExecutionContext context) {
    Bytes payload;
    Result<cql::SchemaTransformation> done = co_await apply(std::move(statement), std::move(context), payload);
    if (!payload.empty()) {
        co_await push(std::move(payload));
    }
    co_return done;
}

Task<Result<cql::SchemaTransformation>> SchemaSync::apply(std::shared_ptr<const cql::SchemaStatement> statement,
                                                          cql::ExecutionContext context, Bytes& payload) {
    Turn turn(*this);
    co_await turn.come();
    const schema::SchemaPtr before = m_view.schema.current();
    Result<cql::SchemaTransformation> planned = statement->apply(*before, m_facts(), context);
    if (!planned || !planned.value().next) {
        co_return planned;
    }
    auto mutations = schemaMutations(*before, *planned.value().next, nextTimestamp());
    Bytes encoded = encode(mutations);
    Result<void> written = co_await write(std::move(mutations));
    if (!written) {
        co_return written.error();
    }
    CO_TRY(publishRows(&*planned.value().next));
    payload = std::move(encoded);
    co_return planned;
}

Task<void> SchemaSync::push(Bytes payload) {
    std::vector<runtime::Promise<bool>> answers;
    for (const std::string& node : m_view.gossiper.liveNodes()) {
        runtime::Promise<bool> answered;
        m_view.messaging.request(node, Verb::SchemaPushReq, payload, m_view.in(kPushTimeout),
                                 [answered](const messaging::Reply&) { answered.set(true); });
        answers.push_back(answered);
    }
    // A client's next statement may go to another node: it should know by then.
    for (const auto& answer : answers) {
        const bool done = co_await answer;
        (void)done;
    }
}

void SchemaSync::serve() {
    m_view.messaging.on(Verb::SchemaPushReq, [this](const messaging::Message& message) {
        auto mutations = decode(message.payload);
        if (!mutations) {
            m_view.log.warn("a schema change of {} cannot be read: {}", message.from, mutations.error().message);
            m_view.messaging.failure(message, messaging::FailureReason::IncompatibleSchema);
            return;
        }
        m_tasks.spawn(mergeFor(message, std::move(mutations).value()));
    });
    m_view.messaging.on(Verb::SchemaVersionReq, [this](const messaging::Message& message) {
        m_view.messaging.reply(message, Verb::SchemaVersionRsp, m_view.schema.current()->version().toBytes());
    });
    m_view.messaging.on(Verb::SchemaPullReq, [this](const messaging::Message& message) {
        auto mutations = allSchemaRows(m_view.storage, systemSchema(), m_view.runtime.clock.wallSeconds());
        if (mutations) {
            m_view.messaging.reply(message, Verb::SchemaPullRsp, encode(mutations.value()));
        } else {
            m_view.messaging.failure(message, messaging::FailureReason::Unknown, mutations.error().message);
        }
    });
}

Task<Result<void>> SchemaSync::merge(std::vector<rows::Mutation> mutations) {
    Turn turn(*this);
    co_await turn.come();
    m_lastTimestamp = std::max(m_lastTimestamp, newestTimestamp(mutations));
    Result<void> written = co_await write(std::move(mutations));
    if (!written) {
        co_return written;
    }
    co_return publishRows();
}

Task<void> SchemaSync::mergeFor(messaging::MessageHead head, std::vector<rows::Mutation> mutations) {
    const Result<void> merged = co_await merge(std::move(mutations));
    if (merged) {
        m_view.messaging.reply(head, Verb::SchemaVersionRsp, {});
    } else {
        m_view.log.error("cannot take a schema change of {}: {}", head.from, merged.error().message);
        m_view.messaging.failure(head, messaging::FailureReason::Unknown, merged.error().message);
    }
}

void SchemaSync::heard(const std::string& node, const std::string& version) {
    if (version == m_view.schema.current()->version().toString() ||
        std::find(m_pulling.begin(), m_pulling.end(), node) != m_pulling.end()) {
        return;
    }
    m_pulling.push_back(node);
    m_tasks.spawn(pull(node));
}

bool SchemaSync::agreesWith(const std::string& node) const {
    const gossip::EndpointState* state = m_view.gossiper.find(node);
    return state == nullptr || state->value(gossip::ApplicationState::Schema) ==
                                   m_view.schema.current()->version().toString();
}

/// Until both agree or the node is gone: a push or an answer may get lost.
Task<void> SchemaSync::pull(std::string node) {
    // A push is usually under way.
    runtime::Duration delay = kPullDelay;
    co_await runtime::sleep(m_view.runtime.clock, delay);
    while (m_view.gossiper.isAlive(node) && !agreesWith(node)) {
        const bool done = co_await pullOnce(node);
        delay = done ? kPullDelay : std::min(delay * 2, kPullDelayMax);
        co_await runtime::sleep(m_view.runtime.clock, delay);
    }
    std::erase(m_pulling, node);
}

Task<bool> SchemaSync::pullOnce(std::string node) {
    Result<Bytes> answer = co_await m_view.messaging.call(node, Verb::SchemaPullReq, Bytes(), m_view.in(kPushTimeout));
    if (!answer) {
        co_return false;
    }
    auto mutations = decode(answer.value());
    if (!mutations) {
        m_view.log.warn("the schema of {} cannot be read: {}", node, mutations.error().message);
        co_return false;
    }
    const Result<void> merged = co_await merge(std::move(mutations).value());
    if (!merged) {
        m_view.log.error("cannot take the schema of {}: {}", node, merged.error().message);
    }
    // It may be the other that lacks something and pulls from here.
    co_return merged && agreesWith(node);
}

namespace {

template <typename Declared>
void addFunctionChanges(const char* target, const std::vector<Declared>& before, const std::vector<Declared>& after,
                        std::vector<schema::SchemaChange>& out) {
    const auto change = [&](const char* what, const Declared& function) {
        std::vector<std::string> types;
        for (const types::TypePtr& type : function.argumentTypes) {
            types.push_back(types::cqlName(type));
        }
        out.push_back({what, target, function.keyspace, function.name, std::move(types)});
    };
    const auto find = [](const std::vector<Declared>& all, const Declared& wanted) {
        return std::find_if(all.begin(), all.end(), [&](const Declared& other) {
            return other.name == wanted.name &&
                   std::equal(other.argumentTypes.begin(), other.argumentTypes.end(), wanted.argumentTypes.begin(),
                              wanted.argumentTypes.end(), types::same);
        });
    };
    for (const Declared& old : before) {
        if (find(after, old) == after.end()) {
            change("DROPPED", old);
        }
    }
    for (const Declared& next : after) {
        const auto old = find(before, next);
        if (old == before.end() || !(*old == next)) {
            change(old == before.end() ? "CREATED" : "UPDATED", next);
        }
    }
}

}  // namespace

std::vector<schema::SchemaChange> changesBetween(const schema::Schema& before, const schema::Schema& after) {
    std::vector<schema::SchemaChange> out;
    static const schema::Keyspace nothing;
    for (const auto& [name, keyspace] : before.keyspaces()) {
        if (after.findKeyspace(name) == nullptr) {
            out.push_back({"DROPPED", "KEYSPACE", name, "", {}});
        }
    }
    for (const auto& [name, keyspace] : after.keyspaces()) {
        const auto* old = before.findKeyspace(name);
        if (old != nullptr && *old == keyspace) {
            continue;
        }
        if (old == nullptr) {
            out.push_back({"CREATED", "KEYSPACE", name, "", {}});
        } else if ((*old)->replication != keyspace->replication || (*old)->durableWrites != keyspace->durableWrites) {
            out.push_back({"UPDATED", "KEYSPACE", name, "", {}});
        }
        const schema::Keyspace& was = old != nullptr ? **old : nothing;
        for (const auto& [type, definition] : was.types) {
            if (!keyspace->types.contains(type)) {
                out.push_back({"DROPPED", "TYPE", name, type, {}});
            }
        }
        for (const auto& [type, definition] : keyspace->types) {
            const auto it = was.types.find(type);
            if (it == was.types.end() || !(it->second == definition)) {
                out.push_back({it == was.types.end() ? "CREATED" : "UPDATED", "TYPE", name, type, {}});
            }
        }
        addFunctionChanges("FUNCTION", was.functions, keyspace->functions, out);
        addFunctionChanges("AGGREGATE", was.aggregates, keyspace->aggregates, out);
        for (const auto& [table, definition] : was.tables) {
            if (!keyspace->tables.contains(table)) {
                out.push_back({"DROPPED", "TABLE", name, table, {}});
            }
        }
        for (const auto& [table, definition] : keyspace->tables) {
            const auto it = was.tables.find(table);
            if (it == was.tables.end()) {
                out.push_back({"CREATED", "TABLE", name, table, {}});
            } else if (it->second != definition && !(*it->second == *definition)) {
                out.push_back({"UPDATED", "TABLE", name, table, {}});
            }
        }
    }
    return out;
}

}  // namespace engine::system
