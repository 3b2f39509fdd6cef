#include "engine/cql/modification/modification.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/modification/row_order.h"
#include "engine/cql/modification/write_guard.h"
#include "engine/rows/index_rules.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

const rows::Row* findRow(const schema::Table& table, const rows::Partition* partition,
                         const rows::Clustering& clustering) {
    if (partition != nullptr) {
        for (const rows::Row& row : partition->rows) {
            if (rows::compareClustering(table, row.clustering, clustering) == 0) {
                return &row;
            }
        }
    }
    return nullptr;
}

/// CassandraIndex.validate: a legacy index has the value as its table's key.
Result<void> checkIndexedSizes(const schema::Table& table, const rows::Partition& update) {
    constexpr std::size_t kMost = 65535;
    for (const schema::Index& index : table.indexes) {
        if (rows::classOf(index) != rows::IndexClass::Legacy) {
            continue;
        }
        const rows::IndexTarget target = rows::targetOf(index);
        const auto check = [&](const rows::Row& row) -> Result<void> {
            for (const rows::Cell& cell : row.cells) {
                const std::size_t size =
                    target.on == rows::IndexOn::Keys ? cell.path.size() : cell.value.size();
                if (cell.column == target.column && size > kMost) {
                    return invalid(fmt::format("Cannot index value of size {} for index {} on {}({}) (maximum "
                                               "allowed size={})",
                                               size, index.name, table.qualifiedName(), target.column, kMost));
                }
            }
            return ok();
        };
        TRY(check(update.staticRow));
        for (const rows::Row& row : update.rows) {
            TRY(check(row));
        }
    }
    return ok();
}

}  // namespace

Modification::Modification(Parts parts) : m_parts(std::move(parts)) {
    std::stable_sort(m_parts.operations.begin(), m_parts.operations.end(),
                     [](const OperationPtr& a, const OperationPtr& b) {
                         return a->column().name < b->column().name;
                     });
    for (const OperationPtr& operation : m_parts.operations) {
        (operation->isStatic() ? m_hasStatic : m_hasRegular) = true;
        m_readsFirst = m_readsFirst || operation->readsFirst();
        m_hasMultiCell = m_hasMultiCell || operation->column().type->isMultiCell();
    }
}

bool Modification::isOnStaticRow() const {
    const bool statics = m_hasStatic || !m_parts.conditions.onStatic.empty();
    return statics && !m_hasRegular && m_parts.conditions.onRegular.empty() &&
           !m_parts.restrictions.hasClustering();
}

bool Modification::updatesRows() const {
    return m_parts.table->clustering().empty() || m_parts.restrictions.hasClustering();
}

Result<std::vector<rows::ReadCommand>> Modification::readsFirst(const QueryOptions& options,
                                                                const ExecutionContext& context) const {
    if (!m_readsFirst) {
        return std::vector<rows::ReadCommand>();
    }
    return readsFirst(Binding{options.values, context, options.protocolVersion},
                      nowSecondsOf(options, context));
}

Result<std::vector<rows::ReadCommand>> Modification::readsFirst(const Binding& binding,
                                                                std::int64_t nowSeconds) const {
    std::vector<rows::ReadCommand> commands;
    if (!m_readsFirst) {
        return commands;
    }
    TRY_ASSIGN(auto keys, m_parts.restrictions.partitionKeys(binding));
    TRY_ASSIGN(const auto choice, m_parts.restrictions.clustering(binding));
    for (Bytes& key : keys) {
        rows::ReadCommand command;
        command.table = m_parts.table;
        command.key = rows::decorate(std::move(key));
        command.names = choice.names;
        command.slices = choice.slices;
        command.staticOnly = !updatesRows();
        command.nowSeconds = nowSeconds;
        commands.push_back(std::move(command));
    }
    return commands;
}

Result<std::vector<rows::Mutation>> Modification::mutations(
    const QueryOptions& options, const ExecutionContext& context,
    const std::vector<std::vector<rows::Partition>>& read) const {
    const std::int64_t timestamp =
        options.timestampMicros ? *options.timestampMicros
                                : (attributes().hasTimestamp() ? 0 : context.uniqueMicros());
    std::vector<rows::Mutation> out;
    TRY(mutations(Binding{options.values, context, options.protocolVersion}, timestamp,
                  nowSecondsOf(options, context), read, out));
    return out;
}

/// ModificationStatement.validate and validateTimestamp: a batch looks at the first alone.
Result<void> Modification::guard(const QueryOptions& options, const ExecutionContext& context, bool inBatch) const {
    if (!context.guardrails.hold() || !attributes().hasTimestamp()) {
        return ok();
    }
    TRY(context.guardrails.userTimestamps());
    if (inBatch) {
        return ok();
    }
    const Binding binding{options.values, context, options.protocolVersion};
    TRY_ASSIGN(const std::int64_t timestamp, attributes().timestamp(context.nowMicros, binding));
    return context.guardrails.timestamp(timestamp, context.nowMicros, table()->name);
}

Result<void> Modification::mutations(const Binding& binding, std::int64_t timestamp,
                                     std::int64_t nowSeconds, const Read& read,
                                     std::vector<rows::Mutation>& out) const {
    const schema::Table& table = *m_parts.table;
    TRY_ASSIGN(auto keys, m_parts.restrictions.partitionKeys(binding));
    // A bound list may hold nulls; one that is a key may not.
    if (table.partitionKey().size() == 1 && table.partitionKey().front().type->isCollection()) {
        for (const Bytes& key : keys) {
            TRY(types::validate(*table.partitionKey().front().type, key));
        }
    }
    TRY_ASSIGN(const WriteParameters parameters, this->parameters(binding, timestamp, nowSeconds));
    TRY_ASSIGN(const ClusteringChoice choice, m_parts.restrictions.clustering(binding));
    for (const rows::Clustering& clustering : choice.names) {
        std::size_t bytes = 0;
        for (const Bytes& value : clustering) {
            bytes += value.size();
        }
        TRY(validateKey(bytes));
    }
    out.reserve(out.size() + keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        rows::PartitionUpdate update{m_parts.table, {}};
        update.partition.key = rows::decorate(std::move(keys[i]));
        const rows::Partition* existing =
            i < read.size() && !read[i].empty() ? &read[i].front() : nullptr;
        TRY(write(update.partition, choice, binding, parameters, existing));
        TRY(checkTerms(update.partition, binding));
        if (!update.partition.isEmpty()) {
            out.emplace_back().updates.push_back(std::move(update));
        }
    }
    return ok();
}

Result<void> Modification::checkTerms(const rows::Partition& update, const Binding& binding) const {
    TRY(checkIndexedSizes(*m_parts.table, update));
    const Guardrails& guardrails = binding.context.guardrails;
    return guardrails.hold() ? guardTerms(*m_parts.table, update, guardrails) : ok();
}

Result<WriteParameters> Modification::parameters(const Binding& binding, std::int64_t timestamp,
                                                 std::int64_t nowSeconds) const {
    WriteParameters out;
    out.table = m_parts.table.get();
    TRY_ASSIGN(out.timestamp, m_parts.attributes.timestamp(timestamp, binding));
    TRY_ASSIGN(out.ttl, m_parts.attributes.ttl(*m_parts.table, nowSeconds, binding));
    out.nowSeconds = nowSeconds;
    return out;
}

Result<void> Modification::applyTo(rows::Partition& into, const Binding& binding, std::int64_t timestamp,
                                   std::int64_t nowSeconds, const rows::Partition* existing) const {
    TRY_ASSIGN(const WriteParameters parameters, this->parameters(binding, timestamp, nowSeconds));
    TRY_ASSIGN(const ClusteringChoice choice, m_parts.restrictions.clustering(binding));
    rows::Partition own;
    own.key = into.key;
    TRY(write(own, choice, binding, parameters, existing));
    TRY(checkTerms(own, binding));
    rows::merge(*m_parts.table, into, std::move(own));
    return ok();
}

Result<void> Modification::write(rows::Partition& partition, const ClusteringChoice& choice,
                                 const Binding& binding, const WriteParameters& parameters,
                                 const rows::Partition* existing) const {
    if (m_parts.kind == StatementKind::Delete) {
        if (m_parts.operations.empty()) {
            return deleteRows(partition, choice, parameters);
        }
        const bool ranges = choice.names.empty() && !m_parts.table->clustering().empty();
        if (!choice.none && ranges && (m_hasRegular || m_parts.restrictions.hasClustering())) {
            return invalid("Range deletions are not supported for specific columns");
        }
    }
    if (updatesRows() && !choice.none) {
        // A table without clustering columns has one row, of the empty clustering.
        const std::vector<rows::Clustering> only(1);
        const auto& names = m_parts.table->clustering().empty() ? only : choice.names;
        partition.rows.reserve(names.size());
        for (const rows::Clustering& clustering : names) {
            rows::Row& row = partition.rows.emplace_back();
            row.clustering = clustering;
            if (m_parts.kind == StatementKind::Insert && m_parts.table->hasRowMarkers()) {
                row.liveness = parameters.liveness();
            }
            TRY(writeRow(row, false, binding, parameters,
                         findRow(*m_parts.table, existing, clustering)));
            if (row.isEmpty()) {
                partition.rows.pop_back();
            }
        }
    }
    if (m_hasStatic) {
        TRY(writeRow(partition.staticRow, true, binding, parameters,
                     existing != nullptr ? &existing->staticRow : nullptr));
    }
    return ok();
}

Result<void> Modification::writeRow(rows::Row& row, bool statics, const Binding& binding,
                                    const WriteParameters& parameters,
                                    const rows::Row* existing) const {
    row.cells.reserve(m_parts.operations.size());
    const Guardrails& guardrails = binding.context.guardrails;
    for (const OperationPtr& operation : m_parts.operations) {
        if (operation->isStatic() == statics && m_parts.table->isCounter) {
            // A counter may be changed twice in one statement.
            rows::Row own;
            TRY(operation->apply(own, binding, parameters, existing));
            rows::merge(*m_parts.table, row, std::move(own));
        } else if (operation->isStatic() == statics) {
            const std::size_t before = row.cells.size();
            TRY(operation->apply(row, binding, parameters, existing));
            if (guardrails.hold()) {
                TRY(guardWritten(*operation, std::span(row.cells).subspan(before), guardrails));
            }
        }
    }
    if (m_hasMultiCell) {
        sortCells(*m_parts.table, row);
    }
    return ok();
}

Result<void> Modification::deleteRows(rows::Partition& partition, const ClusteringChoice& choice,
                                      const WriteParameters& parameters) const {
    if (!m_parts.restrictions.hasClustering()) {
        partition.deletion = parameters.deletion();
        return ok();
    }
    for (const rows::Clustering& clustering : choice.names) {
        rows::Row& row = partition.rows.emplace_back();
        row.clustering = clustering;
        row.deletion = parameters.deletion();
    }
    for (const rows::Slice& slice : choice.slices) {
        partition.rangeTombstones.push_back({slice, parameters.deletion()});
    }
    return ok();
}

}  // namespace engine::cql
