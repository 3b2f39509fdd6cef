#include "engine/system/schema_sync.h"

#include <algorithm>

#include "engine/rows/serialization.h"
#include "engine/system/local_tables.h"
#include "engine/system/schema_tables.h"
#include "engine/system/system_keyspaces.h"

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

}  // namespace

std::int64_t SchemaSync::nextTimestamp() {
    m_lastTimestamp = std::max(m_view.runtime.clock.wallMicros(), m_lastTimestamp + 1);
    return m_lastTimestamp;
}

Result<void> SchemaSync::load() {
    TRY_ASSIGN(auto loaded, loadSchema(m_view.storage, systemSchema(), m_view.runtime.clock.wallSeconds()));
    m_view.schema.publish(std::make_shared<schema::Schema>(std::move(loaded)));
    return ok();
}

Result<void> SchemaSync::writeSystemRows() {
    for (const rows::Mutation& mutation : schemaMutations(schema::Schema(), systemSchema(), 0, true)) {
        TRY(m_view.storage.applyNow(mutation));
    }
    return ok();
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

void SchemaSync::publish(schema::SchemaPtr next) {
    const schema::SchemaPtr before = m_view.schema.current();
    m_view.schema.publish(next);
    m_view.gossiper.setState(gossip::ApplicationState::Schema, next->version().toString(), true);
    const Result<void> saved =
        saveSchemaVersion(m_view.storage, next->version(), m_view.runtime.clock.wallMicros());
    if (!saved) {
        m_view.log.error("cannot write system.local: {}", saved.error().message);
    }
    if (m_onChanged) {
        for (const schema::SchemaChange& change : changesBetween(*before, *next)) {
            m_onChanged(change);
        }
    }
}

Task<Result<cql::SchemaTransformation>> SchemaSync::change(std::shared_ptr<const cql::SchemaStatement> statement,
                                                           cql::ExecutionContext context) {
    while (m_changing) {
        runtime::Promise<bool> turn;
        m_waiting.push_back(turn);
        const bool mine = co_await turn;
        (void)mine;
    }
    m_changing = true;
    const auto release = [this] {
        m_changing = false;
        for (const auto& waiting : std::exchange(m_waiting, {})) {
            waiting.set(true);
        }
    };
    const schema::SchemaPtr before = m_view.schema.current();
    Result<cql::SchemaTransformation> planned = statement->apply(*before, m_facts(), context);
    if (!planned || !planned.value().next) {
        release();
        co_return planned;
    }
    auto mutations = schemaMutations(*before, *planned.value().next, nextTimestamp());
    Bytes payload = encode(mutations);
    Result<void> written = co_await write(std::move(mutations));
    if (!written) {
        release();
        co_return written.error();
    }
    const Uuid version = versionOf(*planned.value().next);
    publish(std::make_shared<schema::Schema>(planned.value().next->withVersion(version)));
    release();
    co_await push(std::move(payload));
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
        m_tasks.spawn(merge(message, std::move(mutations).value()));
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

Task<void> SchemaSync::merge(messaging::MessageHead head, std::vector<rows::Mutation> mutations) {
    Result<void> written = co_await write(std::move(mutations));
    if (written) {
        auto loaded = loadSchema(m_view.storage, systemSchema(), m_view.runtime.clock.wallSeconds());
        if (!loaded) {
            written = loaded.error();
        } else if (loaded.value().version() != m_view.schema.current()->version()) {
            publish(std::make_shared<schema::Schema>(std::move(loaded).value()));
        }
    }
    if (!written) {
        m_view.log.error("cannot take a schema change of {}: {}", head.from, written.error().message);
    }
    if (head.id != 0) {
        m_view.messaging.reply(head, Verb::SchemaVersionRsp, {});
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

Task<void> SchemaSync::pull(std::string node) {
    // A push is usually under way.
    co_await runtime::sleep(m_view.runtime.clock, kPullDelay);
    std::erase(m_pulling, node);
    const gossip::EndpointState* state = m_view.gossiper.find(node);
    if (state == nullptr || state->value(gossip::ApplicationState::Schema) ==
                                m_view.schema.current()->version().toString()) {
        co_return;
    }
    Result<Bytes> answer = co_await m_view.messaging.call(node, Verb::SchemaPullReq, Bytes(), m_view.in(kPushTimeout));
    if (!answer) {
        co_return;
    }
    auto mutations = decode(answer.value());
    if (!mutations) {
        m_view.log.warn("the schema of {} cannot be read: {}", node, mutations.error().message);
        co_return;
    }
    messaging::MessageHead head;
    head.from = node;
    co_await merge(std::move(head), std::move(mutations).value());
}

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
