#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"
#include "engine/schema/schema.h"

namespace engine::coordinator {

/// A view as its updates are worked out: its base, and what rows of the base it takes.
struct ViewDefinition {
    schema::TablePtr view;
    schema::TablePtr base;
    std::vector<rows::FilterExpression> filters;
    std::optional<std::string> extraKeyColumn;  // Of the view's key, none of the base's.
};

/// WHERE of the view, prepared. Nothing when it no longer makes sense.
std::optional<ViewDefinition> defineView(const schema::TablePtr& view, const schema::TablePtr& base,
                                         const schema::Schema& schema);

/// What a change of base rows does to the view (org.apache.cassandra.db.view.ViewUpdateGenerator): one
/// mutation a view key. `before` and `after` are the partition without and with the change.
std::vector<rows::Mutation> viewUpdates(const ViewDefinition& definition, const rows::Partition& before,
                                        const rows::Partition& after, std::int64_t nowSeconds);

}  // namespace engine::coordinator
