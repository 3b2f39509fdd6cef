#include "engine/cql/modification/batch.h"

#include <algorithm>

#include "engine/cql/batch_rules.h"
#include "engine/cql/errors.h"

namespace engine::cql {
namespace {

/// Puts what `from` does to a key beside what is done to it already.
void combine(std::vector<rows::Mutation>& into, rows::Mutation from) {
    const auto it = std::find_if(into.begin(), into.end(), [&](const rows::Mutation& mutation) {
        return mutation.key() == from.key() && mutation.keyspace() == from.keyspace();
    });
    if (it == into.end()) {
        into.push_back(std::move(from));
        return;
    }
    for (rows::PartitionUpdate& update : from.updates) {
        const auto same = std::find_if(
            it->updates.begin(), it->updates.end(),
            [&](const rows::PartitionUpdate& other) { return other.table->id == update.table->id; });
        if (same == it->updates.end()) {
            it->updates.push_back(std::move(update));
        } else {
            rows::merge(*update.table, same->partition, std::move(update.partition));
        }
    }
}

class Batch : public BatchStatement {
public:
    Batch(BatchType type, Attributes attributes, std::vector<BatchChild> children,
          std::vector<const Modification*> plans)
        : m_type(type),
          m_attributes(std::move(attributes)),
          m_children(std::move(children)),
          m_plans(std::move(plans)) {}

    BatchType type() const override { return m_type; }
    const std::vector<BatchChild>& children() const override { return m_children; }

    Result<std::vector<rows::ReadCommand>> readsFirst(const QueryOptions& options,
                                                      const ExecutionContext& context) const override {
        const Binding binding{options.values, context, options.protocolVersion};
        std::vector<rows::ReadCommand> commands;
        for (const Modification* plan : m_plans) {
            TRY_ASSIGN(auto own, plan->readsFirst(binding, nowSecondsOf(options, context)));
            std::move(own.begin(), own.end(), std::back_inserter(commands));
        }
        return commands;
    }

    Result<std::vector<rows::Mutation>> mutations(
        const QueryOptions& options, const ExecutionContext& context,
        const std::vector<std::vector<rows::Partition>>& read) const override {
        const Binding binding{options.values, context, options.protocolVersion};
        const std::int64_t now =
            options.timestampMicros ? *options.timestampMicros : context.uniqueMicros();
        TRY_ASSIGN(const std::int64_t timestamp, m_attributes.timestamp(now, binding));
        std::vector<rows::Mutation> out;
        std::size_t firstRead = 0;
        for (const Modification* plan : m_plans) {
            std::vector<rows::Mutation> own;
            std::vector<std::vector<rows::Partition>> ownRead;
            if (plan->needsRead() && firstRead < read.size()) {
                TRY_ASSIGN(const auto keys, plan->restrictions().partitionKeys(binding));
                const std::size_t end = std::min(firstRead + keys.size(), read.size());
                ownRead.assign(read.begin() + static_cast<std::ptrdiff_t>(firstRead),
                               read.begin() + static_cast<std::ptrdiff_t>(end));
                firstRead = end;
            }
            TRY(plan->mutations(binding, timestamp, nowSecondsOf(options, context), ownRead, own));
            for (rows::Mutation& mutation : own) {
                combine(out, std::move(mutation));
            }
        }
        return out;
    }

private:
    BatchType m_type;
    Attributes m_attributes;
    std::vector<BatchChild> m_children;
    std::vector<const Modification*> m_plans;  // The children's own.
};

/// What USING of the batch may not be.
Result<void> checkAttributes(BatchType type, const Attributes& attributes,
                             const std::vector<const Modification*>& plans) {
    if (attributes.hasTtl()) {
        return invalid("Global TTL on the BATCH statement is not supported.");
    }
    if (!attributes.hasTimestamp()) {
        return ok();
    }
    for (const Modification* plan : plans) {
        if (plan->isConditional()) {
            return invalid("Cannot provide custom timestamp for conditional BATCH");
        }
    }
    if (type == BatchType::Counter) {
        return invalid("Cannot provide custom timestamp for counter BATCH");
    }
    for (const Modification* plan : plans) {
        if (plan->attributes().hasTimestamp()) {
            return invalid("Timestamp must be set either on BATCH or individual statements");
        }
    }
    for (const Modification* plan : plans) {
        if (plan->table()->isCounter) {
            return invalid("Cannot provide custom timestamp for a BATCH containing counters");
        }
    }
    return ok();
}

BatchType typeOf(syntax::BatchStatement::Kind kind) {
    switch (kind) {
        case syntax::BatchStatement::Kind::Logged: return BatchType::Logged;
        case syntax::BatchStatement::Kind::Unlogged: return BatchType::Unlogged;
        case syntax::BatchStatement::Kind::Counter: return BatchType::Counter;
    }
    return BatchType::Logged;
}

}  // namespace

Result<std::shared_ptr<const BatchStatement>> prepareBatch(const syntax::BatchStatement& batch,
                                                           const std::string& sessionKeyspace,
                                                           PrepareContext& context) {
    TRY_ASSIGN(auto attributes, Attributes::prepare(batch.using_, "[batch]", "[batch]", context));
    std::vector<BatchChild> children;
    std::vector<const Modification*> plans;
    for (const syntax::Modification& statement : batch.statements) {
        TRY_ASSIGN(auto plan, prepareModification(statement, sessionKeyspace, context));
        plans.push_back(plan.get());
        // Markers are numbered throughout the batch, so each child takes all of its values.
        children.push_back({std::move(plan), 0, context.markers.size()});
    }
    const BatchType type = typeOf(batch.kind);
    TRY(checkAttributes(type, attributes, plans));
    std::vector<std::shared_ptr<const ModificationStatement>> statements;
    for (const BatchChild& child : children) {
        statements.push_back(child.statement);
    }
    TRY(checkBatch(type, statements));
    return std::shared_ptr<const BatchStatement>(
        std::make_shared<Batch>(type, std::move(attributes), std::move(children), std::move(plans)));
}

Result<void> checkBatch(BatchType type,
                        const std::vector<std::shared_ptr<const ModificationStatement>>& statements) {
    bool counters = false;
    bool others = false;
    bool conditional = false;
    bool virtuals = false;
    bool real = false;
    for (const auto& statement : statements) {
        (statement->table()->isCounter ? counters : others) = true;
        (statement->table()->isVirtual ? virtuals : real) = true;
        conditional = conditional || statement->isConditional();
    }
    if (type == BatchType::Counter && others) {
        return invalid("Cannot include non-counter statement in a counter batch");
    }
    if (counters && others) {
        return invalid("Counter and non-counter mutations cannot exist in the same batch");
    }
    if (type == BatchType::Logged && counters) {
        return invalid("Cannot include a counter statement in a logged batch");
    }
    if (type == BatchType::Logged && virtuals) {
        return invalid("Cannot include a virtual table statement in a logged batch");
    }
    if (virtuals && real) {
        return invalid("Mutations for virtual and regular tables cannot exist in the same batch");
    }
    if (conditional && virtuals) {
        return invalid("Conditional BATCH statements cannot include mutations for virtual tables");
    }
    for (const auto& statement : statements) {
        if (conditional && statement->table()->id != statements.front()->table()->id) {
            return invalid("Batch with conditions cannot span multiple tables");
        }
    }
    return ok();
}

}  // namespace engine::cql
