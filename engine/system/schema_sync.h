#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/query_runner.h"
#include "engine/runtime/task.h"

namespace engine::system {

/// Keeps the node's schema: loads it, changes it, and agrees on it with the other nodes. A change is
/// written to system_schema, flushed, published, told by gossip and pushed to all live nodes; a node
/// that hears of another version pulls its rows. Rows reconcile as any data does, so all end with the
/// same schema (org.apache.cassandra.schema.DefaultSchemaUpdateHandler).
class SchemaSync : public coordinator::SchemaChanger {
public:
    static constexpr runtime::Duration kPushTimeout = std::chrono::seconds(2);
    static constexpr runtime::Duration kPullDelay = std::chrono::milliseconds(200);
    static constexpr runtime::Duration kPullDelayMax = std::chrono::seconds(10);

    SchemaSync(const coordinator::ClusterView& view, std::function<cql::ClusterFacts()> facts)
        : m_view(view), m_facts(std::move(facts)) {}

    /// Publishes what system_schema's rows say.
    Result<void> load();
    /// First start: writes the system keyspaces' own rows, and publishes what they say.
    Result<void> writeSystemRows();

    runtime::Task<Result<cql::SchemaTransformation>> change(
        std::shared_ptr<const cql::SchemaStatement> statement, cql::ExecutionContext context) override;

    /// Takes SCHEMA_PUSH_REQ and SCHEMA_PULL_REQ.
    void serve();
    /// Gossip says that a node has this version.
    void heard(const std::string& node, const std::string& version);

    /// What each change was, for clients and the explorer; called after it is published.
    void onChanged(std::function<void(const schema::SchemaChange&)> listener) {
        m_onChanged = std::move(listener);
    }

private:
    /// While one is held nobody else changes the schema; those that wait go on in order.
    class Turn;

    runtime::Task<Result<cql::SchemaTransformation>> apply(std::shared_ptr<const cql::SchemaStatement> statement,
                                                           cql::ExecutionContext context, Bytes& payload);
    runtime::Task<Result<void>> write(std::vector<rows::Mutation> mutations);
    runtime::Task<Result<void>> merge(std::vector<rows::Mutation> mutations);
    runtime::Task<void> mergeFor(messaging::MessageHead head, std::vector<rows::Mutation> mutations);
    runtime::Task<void> pull(std::string node);
    runtime::Task<bool> pullOnce(std::string node);
    bool agreesWith(const std::string& node) const;
    /// `planned`: the schema that was meant, where this node made the change.
    Result<void> publishRows(const schema::Schema* planned = nullptr);
    void publish(schema::SchemaPtr next, bool dropGone);
    runtime::Task<void> push(Bytes payload);
    std::int64_t nextTimestamp();

    coordinator::ClusterView m_view;
    std::function<cql::ClusterFacts()> m_facts;
    std::function<void(const schema::SchemaChange&)> m_onChanged;
    std::int64_t m_lastTimestamp = 0;
    bool m_taken = false;         // By the one whose turn it is.
    std::deque<Turn*> m_waiting;  // Those that wait for theirs.
    std::vector<std::string> m_pulling;
    runtime::TaskGroup m_tasks;
};

/// What differs between two schemas, as the events that clients know: one a keyspace, table or type.
std::vector<schema::SchemaChange> changesBetween(const schema::Schema& before, const schema::Schema& after);

}  // namespace engine::system
