#include "engine/cql/modification/cas_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/cql/errors.h"
#include "engine/cql/modification/modification.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/selection/row_values.h"
#include "engine/rows/retime.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using Existence = Conditions::Existence;

/// What is asked of one row, or of the static row.
struct RowCondition {
    rows::Clustering clustering;
    Existence existence = Existence::Any;
    std::vector<BoundCondition> columns;
};

class Request : public CasRequest {
public:
    Request(std::vector<CasPart> parts, bool isBatch, const ExecutionContext& context)
        : m_parts(std::move(parts)), m_isBatch(isBatch), m_context(context) {
        m_nowSeconds = nowSecondsOf(m_parts.front().options, m_context);
    }

    Result<void> prepare() {
        for (const CasPart& part : m_parts) {
            TRY(add(part));
        }
        std::sort(m_rows.begin(), m_rows.end(), [this](const RowCondition& a, const RowCondition& b) {
            return rows::compareClustering(*table(), a.clustering, b.clustering) < 0;
        });
        return ok();
    }

    const schema::TablePtr& table() const override { return m_parts.front().statement->table(); }
    const rows::DecoratedKey& key() const override { return *m_key; }

    rows::ReadCommand readCommand() const override {
        rows::ReadCommand command;
        command.table = table();
        command.key = m_key;
        command.nowSeconds = m_nowSeconds;
        if (m_rows.empty()) {
            command.limits.rows = 1;  // Whether there is any, and a refusal shows it.
        } else if (!table()->clustering().empty()) {
            for (const RowCondition& row : m_rows) {
                command.names.push_back(row.clustering);
            }
        }
        return command;
    }

    void see(std::vector<rows::Partition> found) override {
        m_current = {};
        m_current.key = *m_key;
        if (found.empty()) {
            return;
        }
        m_current = std::move(found.front());
        rows::filterLive(*table(), m_current, m_nowSeconds);
        dropUnread(m_current.staticRow);
        for (rows::Row& row : m_current.rows) {
            dropUnread(row);
        }
        std::erase_if(m_current.rows, [](const rows::Row& row) { return row.isEmpty(); });
    }

    Result<bool> applies() const override {
        if (m_static) {
            TRY_ASSIGN(const bool applies, satisfied(*m_static, staticRow()));
            if (!applies) {
                return false;
            }
        }
        for (const RowCondition& condition : m_rows) {
            TRY_ASSIGN(const bool applies, satisfied(condition, rowAt(condition.clustering)));
            if (!applies) {
                return false;
            }
        }
        return true;
    }

    Result<rows::PartitionUpdate> updates(std::int64_t ballotMicros) const override {
        rows::PartitionUpdate out{table(), {}};
        out.partition.key = *m_key;
        // Deletions of many rows hide nothing that the same round writes; those of one row do.
        rows::Partition deletions;
        deletions.key = *m_key;
        // Elements of lists follow one another as the rounds do, whoever led them.
        ExecutionContext context = m_context;
        context.uniqueMicros = [next = ballotMicros]() mutable { return next++; };
        for (const CasPart& part : m_parts) {
            const Binding binding{part.options.values, context, part.options.protocolVersion};
            rows::Partition own;
            own.key = *m_key;
            TRY(planOf(part).applyTo(own, binding, ballotMicros, m_nowSeconds, &m_current));
            rows::Partition wide;
            wide.key = *m_key;
            wide.deletion = std::exchange(own.deletion, {});
            wide.rangeTombstones = std::exchange(own.rangeTombstones, {});
            rows::merge(*table(), deletions, std::move(wide));
            rows::merge(*table(), out.partition, std::move(own));
        }
        rows::retime(out.partition, ballotMicros);
        rows::retime(deletions, ballotMicros);
        rows::merge(*table(), out.partition, std::move(deletions));
        return out;
    }

    RowsResult success() const override { return result({}, {{Bytes("\1", 1)}}); }

    RowsResult refusal() const override {
        const auto columns = shownColumns();
        std::vector<ResultRow> rows;
        for (const rows::Row& row : m_current.rows) {
            rows.push_back(resultRow(columns, &row));
        }
        if (rows.empty() && staticRow() != nullptr) {
            rows.push_back(resultRow(columns, nullptr));
        }
        if (rows.empty()) {
            return result({}, {{Bytes("\0", 1)}});
        }
        return result(columns, std::move(rows));
    }

private:
    using Columns = std::vector<const schema::Column*>;

    static const Modification& planOf(const CasPart& part) {
        return static_cast<const Modification&>(*part.statement);  // There is no other kind.
    }

    Result<void> add(const CasPart& part) {
        const Modification& plan = planOf(part);
        const Binding binding{part.options.values, m_context, part.options.protocolVersion};
        TRY_ASSIGN(auto keys, plan.restrictions().partitionKeys(binding));
        if (keys.size() != 1) {
            return makeError(ErrorKind::Server,
                             "java.lang.IllegalArgumentException: Batch with conditions cannot span multiple "
                             "partitions (you cannot use IN on the partition key)");
        }
        if (m_key && m_key->key != keys.front()) {
            return invalid("Batch with conditions cannot span multiple partitions");
        }
        if (!m_key) {
            m_key = rows::decorate(std::move(keys.front()));
        }
        if (plan.restrictions().clusteringIsIn()) {
            return invalid(fmt::format("IN on the clustering key columns is not supported with conditional {}",
                                       plan.kind() == StatementKind::Delete ? "deletions" : "updates"));
        }
        m_updatesRows = m_updatesRows || plan.updatesRows();
        m_updatesStatics = m_updatesStatics || plan.updatesStatics();
        const Conditions& conditions = plan.conditions();
        if (conditions.empty()) {
            return ok();
        }
        TRY_ASSIGN(const ClusteringChoice choice, plan.restrictions().clustering(binding));
        rows::Clustering clustering;
        if (!choice.names.empty()) {
            clustering = choice.names.front();
        }
        if (conditions.existence != Existence::Any) {
            m_showsAll = true;
            return addExistence(plan.isOnStaticRow() ? staticCondition() : rowCondition(clustering),
                                conditions.existence);
        }
        for (const auto* group : {&conditions.onRegular, &conditions.onStatic}) {
            for (const ColumnCondition& condition : *group) {
                if (std::find(m_tested.begin(), m_tested.end(), condition.column) == m_tested.end()) {
                    m_tested.push_back(condition.column);
                }
            }
        }
        if (!conditions.onRegular.empty()) {
            TRY(addColumns(rowCondition(clustering), conditions.onRegular, binding));
        }
        if (!conditions.onStatic.empty()) {
            TRY(addColumns(staticCondition(), conditions.onStatic, binding));
        }
        return ok();
    }

    RowCondition& staticCondition() {
        if (!m_static) {
            m_static.emplace();
        }
        return *m_static;
    }
    RowCondition& rowCondition(const rows::Clustering& clustering) {
        for (RowCondition& row : m_rows) {
            if (rows::compareClustering(*table(), row.clustering, clustering) == 0) {
                return row;
            }
        }
        m_rows.push_back({clustering, Existence::Any, {}});
        return m_rows.back();
    }

    static Result<void> addExistence(RowCondition& row, Existence existence) {
        if (!row.columns.empty()) {
            return invalid("Cannot mix IF conditions and IF NOT EXISTS for the same row");
        }
        if (row.existence != Existence::Any && row.existence != existence) {
            return invalid("Cannot mix IF EXISTS and IF NOT EXISTS conditions for the same row");
        }
        row.existence = existence;
        return ok();
    }
    static Result<void> addColumns(RowCondition& row, const std::vector<ColumnCondition>& conditions,
                                   const Binding& binding) {
        if (row.existence != Existence::Any) {
            return invalid("Cannot mix IF conditions and IF NOT EXISTS for the same row");
        }
        for (const ColumnCondition& condition : conditions) {
            TRY_ASSIGN(BoundCondition bound, BoundCondition::bind(condition, binding));
            row.columns.push_back(std::move(bound));
        }
        return ok();
    }

    /// CQL3CasRequest.columnsToRead: only these say whether a row is there, and are shown.
    bool isRead(const schema::Column& column) const {
        const bool isStatic = column.kind == schema::ColumnKind::Static;
        return (isStatic ? m_updatesStatics : m_updatesRows) ||
               std::find(m_tested.begin(), m_tested.end(), &column) != m_tested.end();
    }
    void dropUnread(rows::Row& row) const {
        std::erase_if(row.cells, [this](const rows::Cell& cell) {
            const schema::Column* column = table()->find(cell.column);
            return column == nullptr || !isRead(*column);
        });
    }

    const rows::Row* staticRow() const {
        return m_current.staticRow.isEmpty() ? nullptr : &m_current.staticRow;
    }
    const rows::Row* rowAt(const rows::Clustering& clustering) const {
        for (const rows::Row& row : m_current.rows) {
            if (rows::compareClustering(*table(), row.clustering, clustering) == 0) {
                return &row;
            }
        }
        return nullptr;
    }

    static Result<bool> satisfied(const RowCondition& condition, const rows::Row* row) {
        if (condition.existence != Existence::Any) {
            return (row != nullptr) == (condition.existence == Existence::Exists);
        }
        for (const BoundCondition& column : condition.columns) {
            TRY_ASSIGN(const bool applies, column.appliesTo(row));
            if (!applies) {
                return false;
            }
        }
        return true;
    }

    Columns shownColumns() const {
        Columns out;
        if (m_showsAll) {
            for (const schema::Column& column : table()->columns) {
                out.push_back(&column);
            }
            return out;
        }
        if (m_isBatch) {
            for (const schema::Column& column : table()->partitionKey()) {
                out.push_back(&column);
            }
            for (const schema::Column& column : table()->clustering()) {
                out.push_back(&column);
            }
        }
        out.insert(out.end(), m_tested.begin(), m_tested.end());
        return out;
    }

    ResultRow resultRow(const Columns& columns, const rows::Row* row) const {
        const std::vector<Bytes> key = keyComponents(*table(), m_key->key);
        ResultRow out{Bytes("\0", 1)};
        for (const schema::Column* column : columns) {
            const auto position = static_cast<std::size_t>(std::max(column->position, 0));
            switch (column->kind) {
                case schema::ColumnKind::PartitionKey: out.emplace_back(key[position]); break;
                case schema::ColumnKind::Clustering:
                    out.push_back(row == nullptr ? Value() : Value(row->clustering[position]));
                    break;
                case schema::ColumnKind::Static: out.push_back(valueOf(*column, m_current.staticRow)); break;
                case schema::ColumnKind::Regular:
                    out.push_back(row == nullptr ? Value() : valueOf(*column, *row));
                    break;
            }
        }
        return out;
    }

    RowsResult result(const Columns& columns, std::vector<ResultRow> rows) const {
        auto metadata = std::make_shared<ResultMetadata>();
        metadata->columns.push_back({table()->keyspace, table()->name, "[applied]", types::boolean()});
        for (const schema::Column* column : columns) {
            metadata->columns.push_back(specOf(*table(), *column));
        }
        metadata->id = resultMetadataId(metadata->columns);
        RowsResult out;
        out.metadata = std::move(metadata);
        out.rows = std::move(rows);
        return out;
    }

    std::vector<CasPart> m_parts;
    bool m_isBatch;
    ExecutionContext m_context;
    std::int64_t m_nowSeconds = 0;
    std::optional<rows::DecoratedKey> m_key;
    std::optional<RowCondition> m_static;
    std::vector<RowCondition> m_rows;  // In clustering order.
    Columns m_tested;                  // By conditions, in their order, each once.
    bool m_showsAll = false;           // IF [NOT] EXISTS: a refusal shows whole rows.
    bool m_updatesRows = false;
    bool m_updatesStatics = false;
    rows::Partition m_current;  // Only what is live and read.
};

}  // namespace

Result<std::unique_ptr<CasRequest>> makeCasRequest(std::vector<CasPart> parts, bool isBatch,
                                                   const ExecutionContext& context) {
    auto request = std::make_unique<Request>(std::move(parts), isBatch, context);
    TRY(request->prepare());
    return std::unique_ptr<CasRequest>(std::move(request));
}

}  // namespace engine::cql
