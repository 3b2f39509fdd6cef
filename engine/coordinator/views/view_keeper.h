#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/key_locks.h"
#include "engine/coordinator/views/view_updates.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {

class Writer;

/// Keeps the materialized views of this node's base rows (org.apache.cassandra.db.view): reads a row
/// before it is changed, works out what changes in the views, and sends that to the view's replica that
/// is this one's pair. Writes of one base partition come one after the other.
class ViewKeeper {
public:
    ViewKeeper(const ClusterView& view, Writer& writer);

    /// Whether a table of the mutation has views.
    bool concerns(const rows::Mutation& mutation) const;
    /// Applies the mutation here, and its views' updates here or at their replicas. Those of others are
    /// not waited for; what is not acknowledged is kept as a hint.
    runtime::Task<Result<void>> apply(rows::Mutation mutation, Uuid request);
    /// Builds views that were not built when the node went down; later ones are built as they come.
    void start();
    void stop() { m_stopping = true; }

private:
    void onSchemaChange(const schema::Schema& before, const schema::Schema& after);
    void define(const schema::Schema& schema);
    Result<std::vector<rows::Mutation>> updatesOf(const rows::PartitionUpdate& update) const;
    runtime::Task<Result<void>> send(std::vector<rows::Mutation> updates, rows::DecoratedKey baseKey, Uuid request);
    const ring::NodeInfo* targetOf(const ring::Topology& topology, const rows::Mutation& update,
                                   const rows::DecoratedKey& baseKey) const;
    runtime::Task<void> build(schema::TablePtr view);
    void tell(const schema::Table& view, std::string_view status);
    runtime::Task<void> write(std::vector<rows::Mutation> mutations);
    bool isBuilt(const schema::Table& view) const;
    void record(const schema::Table& view, bool built);

    ClusterView m_view;
    Writer& m_writer;
    KeyLocks m_locks;
    std::map<Uuid, std::vector<ViewDefinition>> m_views;  // By base.
    bool m_started = false;
    bool m_stopping = false;
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
