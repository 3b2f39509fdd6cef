#include "memory_cluster.h"

#include <algorithm>
#include <chrono>

using namespace engine;

MemoryCluster::MemoryCluster(schema::Schema start, SchemaRows schemaRows)
    : m_schema(std::make_shared<schema::Schema>(std::move(start))),
      m_schemaRows(std::move(schemaRows)) {}

cql::ExecutionContext MemoryCluster::context() {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    return {now,
            [this] {
                m_random = m_random * 6364136223846793005ULL + 1442695040888963407ULL;
                return m_random ^ (m_random >> 29);
            },
            [this] {
                const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count();
                m_lastMicros = std::max(m_lastMicros + 1, static_cast<std::int64_t>(micros));
                return m_lastMicros;
            },
            {},  // No clock that runs: functions of one's own see none.
            m_schema};
}

Result<cql::PreparedPtr> MemoryCluster::prepare(const std::string& text) const {
    return cql::prepare(text, *m_schema, {keyspace});
}

std::vector<rows::Partition> MemoryCluster::read(const rows::ReadCommand& command) {
    std::vector<rows::Partition> out;
    const auto add = [&](rows::Partition partition) {
        std::erase_if(partition.rows, [&](const rows::Row& row) {
            if (!command.names.empty()) {
                return std::none_of(command.names.begin(), command.names.end(), [&](const auto& name) {
                    return rows::compareClustering(*command.table, name, row.clustering) == 0;
                });
            }
            return std::none_of(command.slices.begin(), command.slices.end(), [&](const auto& slice) {
                return rows::contains(*command.table, slice, row.clustering);
            });
        });
        rows::filterLive(*command.table, partition, command.nowSeconds);
        if (!command.filters.empty()) {
            std::erase_if(partition.rows,
                          [&](const auto& row) { return !rows::satisfies(command, partition, row); });
        }
        if (!partition.isEmpty()) {
            out.push_back(std::move(partition));
        }
    };
    for (const auto& [key, partition] : m_tables[command.table->id]) {
        if (command.key ? *command.key == key : command.range.contains(key)) {
            add(partition);
        }
    }
    rows::applyLimits(command, out);
    return out;
}

void MemoryCluster::write(std::vector<rows::Mutation> mutations) {
    for (rows::Mutation& mutation : mutations) {
        for (rows::PartitionUpdate& update : mutation.updates) {
            auto& partition = m_tables[update.table->id][update.partition.key];
            partition.key = update.partition.key;
            rows::merge(*update.table, partition, std::move(update.partition));
        }
    }
}

Result<cql::StatementResult> MemoryCluster::select(const cql::SelectStatement& statement,
                                                   const cql::QueryOptions& options) {
    TRY_ASSIGN(auto execution, statement.start(options, context()));
    while (true) {
        auto commands = execution->next();
        if (commands.empty()) {
            break;
        }
        std::vector<std::vector<rows::Partition>> answers;
        for (const rows::ReadCommand& command : commands) {
            answers.push_back(read(command));
        }
        TRY(execution->feed(std::move(answers)));
    }
    TRY_ASSIGN(auto rows, execution->finish());
    warnings.insert(warnings.end(), execution->warnings().begin(), execution->warnings().end());
    return cql::StatementResult(std::move(rows));
}

Result<cql::StatementResult> MemoryCluster::run(const std::string& text, cql::QueryOptions options) {
    TRY_ASSIGN(const auto prepared, prepare(text));
    return run(*prepared, options);
}

Result<cql::StatementResult> MemoryCluster::run(const cql::Prepared& prepared,
                                                const cql::QueryOptions& options) {
    warnings = prepared.warnings;
    const auto& any = prepared.statement;
    const auto readAll = [this](const std::vector<rows::ReadCommand>& commands) {
        std::vector<std::vector<rows::Partition>> out;
        for (const rows::ReadCommand& command : commands) {
            out.push_back(read(command));
        }
        return out;
    };
    if (const auto* s = std::get_if<std::shared_ptr<const cql::SelectStatement>>(&any)) {
        return select(**s, options);
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::ModificationStatement>>(&any)) {
        TRY_ASSIGN(const auto commands, (*s)->readsFirst(options, context()));
        TRY_ASSIGN(auto mutations, (*s)->mutations(options, context(), readAll(commands)));
        write(std::move(mutations));
        return cql::StatementResult(cql::VoidResult{});
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::BatchStatement>>(&any)) {
        TRY_ASSIGN(const auto commands, (*s)->readsFirst(options, context()));
        TRY_ASSIGN(auto mutations, (*s)->mutations(options, context(), readAll(commands)));
        write(std::move(mutations));
        return cql::StatementResult(cql::VoidResult{});
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::SchemaStatement>>(&any)) {
        TRY_ASSIGN(auto done, (*s)->apply(*m_schema, facts, context()));
        warnings.insert(warnings.end(), done.warnings.begin(), done.warnings.end());
        if (!done.next) {
            return cql::StatementResult(cql::VoidResult{});
        }
        const auto before = m_schema;
        m_schema = std::make_shared<schema::Schema>(std::move(*done.next));
        if (m_schemaRows) {
            write(m_schemaRows(*before, *m_schema, context().uniqueMicros()));
        }
        return cql::StatementResult(cql::SchemaChangeResult{done.change});
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::DescribeStatement>>(&any)) {
        TRY_ASSIGN(auto rows, (*s)->describe(*m_schema, facts, "Test Cluster", options));
        return cql::StatementResult(std::move(rows));
    }
    if (const auto* s = std::get_if<cql::UseStatement>(&any)) {
        keyspace = s->keyspace;
        return cql::StatementResult(cql::SetKeyspaceResult{s->keyspace});
    }
    m_tables.erase(std::get<cql::TruncateStatement>(any).table->id);
    return cql::StatementResult(cql::VoidResult{});
}
