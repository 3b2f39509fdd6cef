#include "engine/coordinator/views/view_updates.h"

#include <algorithm>
#include <map>

#include "engine/cql/restrictions/statement_restrictions.h"
#include "engine/cql/syntax/parser.h"
#include "engine/rows/merge.h"
#include "engine/rows/range_tombstones.h"
#include "engine/types/data_type.h"

namespace engine::coordinator {

namespace {

using schema::ColumnKind;

/// A component of a partition key: the whole when there is one column, else 16-bit length, bytes, end.
std::vector<Bytes> keyComponents(const schema::Table& table, BytesView key) {
    if (table.partitionKey().size() == 1) {
        return {Bytes(key)};
    }
    std::vector<Bytes> out;
    ByteReader in(key);
    for (std::size_t i = 0; i < table.partitionKey().size(); ++i) {
        out.emplace_back(in.shortBlob());
        in.u8();
    }
    return out;
}

Bytes packedKey(const std::vector<Bytes>& components) {
    if (components.size() == 1) {
        return components.front();
    }
    ByteWriter out;
    for (const Bytes& component : components) {
        out.shortBlob(component);
        out.u8(0);
    }
    return out.take();
}

/// One base row before and after, for one view.
class RowUpdate {
public:
    RowUpdate(const ViewDefinition& definition, const rows::DecoratedKey& key, std::int64_t now)
        : m_definition(definition), m_view(*definition.view), m_base(*definition.base), m_key(key),
          m_components(keyComponents(m_base, key.key)), m_now(now) {}

    void add(const rows::Row& before, const rows::Row& after, std::vector<rows::Mutation>& out) {
        const bool had = has(before);
        const bool hasNow = has(after);
        if (!had && !hasNow) {
            return;
        }
        const bool sameEntry = had && hasNow && extraValue(before) == extraValue(after);
        if (sameEntry) {
            update(before, after, out);
            return;
        }
        if (had && matches(before)) {
            remove(before, after, out);
        }
        if (hasNow && matches(after)) {
            create(after, out);
        }
    }

private:
    /// The row has an entry in the view, if it passes the view's conditions.
    bool has(const rows::Row& row) const {
        if (!m_definition.extraKeyColumn) {
            return row.hasLiveData(m_now);
        }
        const rows::Cell* cell = extraCell(row);
        return cell != nullptr && cell->isLive(m_now);
    }

    const rows::Cell* extraCell(const rows::Row& row) const {
        for (const rows::Cell& cell : row.cells) {
            if (m_definition.extraKeyColumn && cell.column == *m_definition.extraKeyColumn) {
                return &cell;
            }
        }
        return nullptr;
    }
    Bytes extraValue(const rows::Row& row) const {
        const rows::Cell* cell = extraCell(row);
        return cell == nullptr ? Bytes() : cell->value;
    }

    bool matches(const rows::Row& row) const {
        rows::ReadCommand command;
        command.table = m_definition.base;
        command.filters = m_definition.filters;
        command.nowSeconds = m_now;
        rows::Partition partition;
        partition.key = m_key;
        return rows::satisfies(command, partition, row);
    }

    Bytes valueOf(const schema::Column& viewColumn, const rows::Row& row) const {
        const schema::Column& own = *m_base.find(viewColumn.name);
        switch (own.kind) {
            case ColumnKind::PartitionKey: return m_components[static_cast<std::size_t>(own.position)];
            case ColumnKind::Clustering: return row.clustering[static_cast<std::size_t>(own.position)];
            default: return extraValue(row);
        }
    }

    rows::Row& entryOf(const rows::Row& row, rows::Partition& into) const {
        std::vector<Bytes> components;
        for (const schema::Column& column : m_view.partitionKey()) {
            components.push_back(valueOf(column, row));
        }
        into.key = rows::decorate(packedKey(components));
        rows::Row& entry = into.rows.emplace_back();
        for (const schema::Column& column : m_view.clustering()) {
            entry.clustering.push_back(valueOf(column, row));
        }
        return entry;
    }

    bool isData(std::string_view column) const {
        const schema::Column* own = m_view.find(column);
        return own != nullptr && own->position < 0;
    }

    void submit(rows::Partition partition, std::vector<rows::Mutation>& out) const {
        if (partition.rows.front().isEmpty()) {
            return;
        }
        rows::Mutation mutation;
        mutation.updates.push_back({m_definition.view, std::move(partition)});
        out.push_back(std::move(mutation));
    }

    /// ViewUpdateGenerator.computeLivenessInfoForEntry.
    rows::LivenessInfo livenessOf(const rows::Row& row) const {
        if (const rows::Cell* cell = extraCell(row)) {
            return {cell->timestamp, cell->ttl, cell->ttl == rows::kNoTtl ? rows::kNoDeletionTime
                                                                          : cell->localDeletionTime};
        }
        const rows::LivenessInfo& base = row.liveness;
        if (m_view.view->allColumns) {
            return base;
        }
        // Columns that the view leaves out keep its row there too.
        std::int64_t timestamp = base.timestamp;
        bool lasting = false;
        const rows::Cell* longest = nullptr;
        for (const rows::Cell& cell : row.cells) {
            if (m_view.find(cell.column) != nullptr || !cell.isLive(m_now)) {
                continue;
            }
            timestamp = std::max(timestamp, cell.timestamp);
            if (!cell.isExpiring()) {
                lasting = true;
            } else if (longest == nullptr || cell.localDeletionTime > longest->localDeletionTime) {
                longest = &cell;
            }
        }
        if ((base.isLive(m_now) && base.ttl == rows::kNoTtl) || lasting) {
            return {timestamp, rows::kNoTtl, rows::kNoDeletionTime};
        }
        if (longest != nullptr &&
            (!base.isLive(m_now) || longest->localDeletionTime > base.localExpirationTime)) {
            return {timestamp, longest->ttl, longest->localDeletionTime};
        }
        return base;
    }

    void create(const rows::Row& after, std::vector<rows::Mutation>& out) const {
        rows::Partition partition;
        rows::Row& entry = entryOf(after, partition);
        entry.liveness = livenessOf(after);
        entry.deletion = after.deletion;
        for (const rows::Cell& cell : after.cells) {
            if (isData(cell.column)) {
                entry.cells.push_back(cell);
            }
        }
        for (const rows::ComplexDeletion& complex : after.complexDeletions) {
            if (isData(complex.column)) {
                entry.complexDeletions.push_back(complex);
            }
        }
        submit(std::move(partition), out);
    }

    /// ViewUpdateGenerator.addDifferentCells: what the change brought.
    void addDifferences(const rows::Row& before, const rows::Row& after, rows::Row& entry) const {
        for (const rows::Cell& cell : after.cells) {
            if (isData(cell.column) &&
                std::find(before.cells.begin(), before.cells.end(), cell) == before.cells.end()) {
                entry.cells.push_back(cell);
            }
        }
        for (const rows::ComplexDeletion& complex : after.complexDeletions) {
            if (isData(complex.column) &&
                std::find(before.complexDeletions.begin(), before.complexDeletions.end(), complex) ==
                    before.complexDeletions.end()) {
                entry.complexDeletions.push_back(complex);
            }
        }
    }

    void update(const rows::Row& before, const rows::Row& after, std::vector<rows::Mutation>& out) const {
        if (!matches(before)) {
            if (matches(after)) {
                create(after, out);
            }
            return;
        }
        if (!matches(after)) {
            remove(before, after, out);
            return;
        }
        rows::Partition partition;
        rows::Row& entry = entryOf(after, partition);
        entry.liveness = livenessOf(after);
        entry.deletion = after.deletion;
        addDifferences(before, after, entry);
        submit(std::move(partition), out);
    }

    /// ViewUpdateGenerator.computeTimestampForEntryDeletion.
    std::int64_t removedAt(const rows::Row& before, const rows::Row& after) const {
        if (const rows::Cell* cell = extraCell(before)) {
            return after.deletion.deletes(cell->timestamp) ? after.deletion.markedForDeleteAt : cell->timestamp;
        }
        std::int64_t timestamp = std::max(after.deletion.markedForDeleteAt, before.liveness.timestamp);
        if (!m_view.view->allColumns) {
            for (const rows::Cell& cell : before.cells) {
                if (m_view.find(cell.column) == nullptr) {
                    timestamp = std::max(timestamp, cell.timestamp);
                }
            }
        }
        return timestamp;
    }

    void remove(const rows::Row& before, const rows::Row& after, std::vector<rows::Mutation>& out) const {
        rows::Partition partition;
        rows::Row& entry = entryOf(before, partition);
        const std::int64_t timestamp = removedAt(before, after);
        if (timestamp > after.deletion.markedForDeleteAt) {
            entry.liveness = {timestamp, rows::kExpiredTtl, m_now};
        }
        entry.deletion = after.deletion;
        addDifferences(before, after, entry);
        submit(std::move(partition), out);
    }

    const ViewDefinition& m_definition;
    const schema::Table& m_view;
    const schema::Table& m_base;
    const rows::DecoratedKey& m_key;
    std::vector<Bytes> m_components;
    std::int64_t m_now;
};

/// A row with every deletion that covers it as its own.
rows::Row effective(const schema::Table& base, const rows::Partition& partition, const rows::Clustering& clustering) {
    rows::Row out;
    out.clustering = clustering;
    for (const rows::Row& row : partition.rows) {
        if (rows::compareClustering(base, row.clustering, clustering) == 0) {
            out = row;
        }
    }
    rows::DeletionTime outer = rows::coveringDeletion(base, partition.rangeTombstones, clustering);
    if (partition.deletion.supersedes(outer)) {
        outer = partition.deletion;
    }
    if (!outer.isLive() && outer.supersedes(out.deletion)) {
        out.deletion = outer;
    }
    const rows::DeletionTime deletion = out.deletion;
    rows::dropShadowed(out, deletion);
    out.deletion = deletion;  // Which drops itself.
    return out;
}

}  // namespace

std::optional<ViewDefinition> defineView(const schema::TablePtr& view, const schema::TablePtr& base,
                                         const schema::Schema& schema) {
    ViewDefinition out{view, base, {}, std::nullopt};
    for (const schema::Column& column : view->columns) {
        const schema::Column* own = base->find(column.name);
        if (own == nullptr) {
            return std::nullopt;
        }
        if (column.position >= 0 && own->position < 0) {
            out.extraKeyColumn = column.name;
        }
    }
    auto where = cql::syntax::parseWhere(view->view->where);
    if (!where) {
        return std::nullopt;
    }
    std::erase_if(where.value(), [&](const cql::syntax::Relation& relation) {
        const bool notNull = relation.op == cql::syntax::Operator::IsNotNull;
        const schema::Column* own = base->find(relation.columns[0].text);
        if (notNull && own != nullptr && own->position < 0) {
            out.filters.push_back({own->name, rows::Operator::IsNotNull, {}, {}, {}});
        }
        return notNull;
    });
    const std::vector<cql::syntax::BindMarker> markers;
    std::vector<cql::ColumnSpec> variables;
    std::vector<std::string> warnings;
    cql::PrepareContext context{schema, base->keyspace, markers, variables, warnings};
    cql::StatementRestrictions::Rules rules;
    rules.allowFiltering = true;
    const auto restrictions = cql::StatementRestrictions::prepare(where.value(), *base, rules, context);
    if (!restrictions) {
        return std::nullopt;
    }
    const cql::ExecutionContext world{};
    auto filters = restrictions.value().allFilters(cql::Binding{{}, world});
    if (!filters) {
        return std::nullopt;
    }
    out.filters.insert(out.filters.end(), filters.value().begin(), filters.value().end());
    return out;
}

std::vector<rows::Mutation> viewUpdates(const ViewDefinition& definition, const rows::Partition& before,
                                        const rows::Partition& after, std::int64_t nowSeconds) {
    std::vector<rows::Mutation> out;
    RowUpdate update(definition, after.key, nowSeconds);
    const schema::Table& base = *definition.base;
    const auto less = [&](const rows::Clustering& a, const rows::Clustering& b) {
        return rows::compareClustering(base, a, b) < 0;
    };
    std::map<rows::Clustering, bool, decltype(less)> touched(less);
    for (const rows::Partition* partition : {&before, &after}) {
        for (const rows::Row& row : partition->rows) {
            touched[row.clustering] = true;
        }
    }
    for (const auto& [clustering, is] : touched) {
        update.add(effective(base, before, clustering), effective(base, after, clustering), out);
    }
    return out;
}

}  // namespace engine::coordinator
