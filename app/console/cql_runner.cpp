#include "app/console/cql_runner.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/types/codec.h"

namespace app::console {

using engine::client::Client;
using engine::client::ConnectOptions;
using engine::client::Query;

namespace {

constexpr int kTraceAttempts = 10;
constexpr auto kTracePause = std::chrono::milliseconds(60);

qint64 machineNanos() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::int64_t wallMicros() {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

QString textAt(const engine::cql::ResultRow& row, std::size_t i) {
    return i < row.size() && row[i] ? QString::fromStdString(*row[i]) : QString();
}

QString describe(const engine::schema::SchemaChange& change) {
    QString name = QString::fromStdString(change.keyspace);
    if (!change.name.empty()) {
        name += '.' + QString::fromStdString(change.name);
    }
    return QString("%1 %2 %3").arg(QString::fromStdString(change.change), QString::fromStdString(change.target), name);
}

SchemaNames namesOf(const engine::cql::RowsResult& rows) {
    SchemaNames names;
    for (const auto& row : rows.rows) {
        ColumnName column{textAt(row, 2), textAt(row, 3), textAt(row, 4), 0};
        column.position = row.size() > 5 && row[5] ? engine::types::decodeInt(*row[5]) : 0;
        names.keyspaces[textAt(row, 0)][textAt(row, 1)].push_back(std::move(column));
    }
    const auto rank = [](const ColumnName& c) {
        return c.kind == "partition_key" ? c.position : c.kind == "clustering" ? 100 + c.position : c.kind == "static" ? 1000 : 2000;
    };
    for (auto& [keyspace, tables] : names.keyspaces) {
        for (auto& [table, columns] : tables) {
            std::stable_sort(columns.begin(), columns.end(), [&](const ColumnName& a, const ColumnName& b) {
                return rank(a) != rank(b) ? rank(a) < rank(b) : a.name < b.name;
            });
        }
    }
    return names;
}

}  // namespace

CqlRunner::CqlRunner(QObject* parent) : CqlRunner(&Client::connect, parent) {}

CqlRunner::CqlRunner(ClientFactory factory, QObject* parent) : QObject(parent), m_factory(std::move(factory)) {
    m_pool.setMaxThreadCount(4);  // One works; others may still wait for answers nobody wants.
}

CqlRunner::~CqlRunner() {
    if (m_current) {
        m_current->stopped = true;
    }
    m_pool.clear();
    m_pool.waitForDone();
}

void CqlRunner::run(std::vector<StatementText> statements, const RunSettings& settings, const Coordinator& coordinator,
                    const QString& keyspace) {
    auto job = std::make_shared<Job>();
    job->statements = std::move(statements);
    job->settings = settings;
    job->coordinator = coordinator;
    job->keyspace = keyspace;
    start(std::move(job));
}

void CqlRunner::nextPage(const Outcome& outcome, const Coordinator& coordinator) {
    auto job = std::make_shared<Job>();
    job->statements = {outcome.statement};
    job->settings = outcome.settings;
    job->coordinator = coordinator;
    job->keyspace = outcome.keyspace;
    job->pagingState = outcome.pagingState;
    job->page = outcome.page + 1;
    start(std::move(job));
}

void CqlRunner::start(std::shared_ptr<Job> job) {
    if (m_current) {
        return;
    }
    m_current = job;
    m_pool.start([this, job] { work(job); });
}

void CqlRunner::stop() {
    if (m_current) {
        m_current->stopped = true;
        m_current.reset();
        emit finished(true);
    }
}

engine::Result<std::unique_ptr<Client>> CqlRunner::checkOut(const Coordinator& coordinator) {
    {
        const std::lock_guard lock(m_mutex);
        auto found = m_idle.extract(coordinator.name);
        if (!found.empty() && found.mapped()->isOpen()) {
            return std::move(found.mapped());
        }
    }
    ConnectOptions options;
    options.contact = coordinator.endpoint;
    options.driverName = "Ringside console";
    return m_factory(options);
}

void CqlRunner::giveBack(const Coordinator& coordinator, std::unique_ptr<Client> client) {
    const std::lock_guard lock(m_mutex);
    m_idle[coordinator.name] = std::move(client);
}

Outcome CqlRunner::execute(Client& client, Job& job, const StatementText& statement) {
    Outcome outcome;
    outcome.statement = statement;
    outcome.settings = job.settings;
    outcome.page = job.page;
    Query query;
    query.text = statement.text.toStdString();
    query.consistency = consistencyCode(job.settings.consistency).value_or(1);
    query.serialConsistency = consistencyCode(job.settings.serial).value_or(8);
    query.pageSize = job.settings.pageSize;
    query.pagingState = job.pagingState;
    query.tracing = job.settings.tracing;
    if (job.settings.clientTimestamp) {
        query.timestampMicros = wallMicros();
    }
    outcome.startedMachineNanos = machineNanos();
    auto answer = client.execute(query);
    outcome.nanos = machineNanos() - outcome.startedMachineNanos;
    outcome.keyspace = QString::fromStdString(client.keyspace());
    if (!answer) {
        outcome.error = runErrorOf(answer.error(), statement.text);
        return outcome;
    }
    for (const std::string& warning : answer.value().warnings) {
        outcome.warnings << QString::fromStdString(warning);
    }
    const auto& result = answer.value().result;
    if (const auto* rows = std::get_if<engine::cql::RowsResult>(&result)) {
        outcome.rows = resultSetOf(*rows);
        outcome.pagingState = rows->pagingState;
    } else if (const auto* used = std::get_if<engine::cql::SetKeyspaceResult>(&result)) {
        outcome.note = "Using keyspace " + QString::fromStdString(used->keyspace);
    } else if (const auto* changed = std::get_if<engine::cql::SchemaChangeResult>(&result)) {
        outcome.note = describe(changed->change);
    }
    if (answer.value().tracingId) {
        outcome.trace = readTrace(client, *answer.value().tracingId);
    }
    return outcome;
}

std::vector<TraceLine> CqlRunner::readTrace(Client& client, const engine::Uuid& session) {
    // Trace rows are written behind the answer; ask until the session says it is complete.
    std::vector<TraceLine> lines;
    Query query;
    query.text = "SELECT source_elapsed, source, activity FROM system_traces.events WHERE session_id = " + session.toString();
    for (int attempt = 0; attempt < kTraceAttempts; ++attempt) {
        auto answer = client.execute(query);
        const auto* rows = answer ? std::get_if<engine::cql::RowsResult>(&answer.value().result) : nullptr;
        if (rows == nullptr) {
            return lines;
        }
        if (!rows->rows.empty() && rows->rows.size() == lines.size()) {
            return lines;
        }
        lines.clear();
        for (const auto& row : rows->rows) {
            TraceLine line;
            line.micros = row.size() > 0 && row[0] ? engine::types::decodeInt(*row[0]) : 0;
            line.source = row.size() > 1 && row[1] ? QString::fromStdString(engine::types::decodeInet(*row[1])) : QString();
            line.activity = textAt(row, 2);
            lines.push_back(std::move(line));
        }
        std::this_thread::sleep_for(kTracePause);
    }
    return lines;
}

void CqlRunner::work(const std::shared_ptr<Job>& job) {
    const auto tell = [this, job](auto function) {
        QMetaObject::invokeMethod(this, [this, job, function] {
            if (!job->stopped) {
                function();
            }
        });
    };
    auto client = checkOut(job->coordinator);
    if (client && !job->keyspace.isEmpty() && client.value()->keyspace() != job->keyspace.toStdString()) {
        Query use;
        use.text = "USE \"" + job->keyspace.toStdString() + '"';
        (void)client.value()->execute(use);  // A keyspace that is gone shows in the statement's own error.
    }
    for (std::size_t i = 0; i < job->statements.size() && !job->stopped; ++i) {
        const StatementText statement = job->statements[i];
        tell([this, i, statement, at = machineNanos()] { emit statementStarted(static_cast<int>(i), statement, at); });
        Outcome outcome;
        if (client) {
            outcome = execute(*client.value(), *job, statement);
        } else {
            outcome.statement = statement;
            outcome.settings = job->settings;
            outcome.error = runErrorOf(client.error(), statement.text);
            outcome.keyspace = job->keyspace;
        }
        const bool failed = outcome.error.has_value();
        tell([this, outcome] { emit statementFinished(outcome); });
        if (failed) {
            break;
        }
    }
    if (client && !job->stopped && client.value()->isOpen()) {
        giveBack(job->coordinator, std::move(client).value());
    }
    tell([this] {
        m_current.reset();
        emit finished(false);
    });
}

void CqlRunner::loadColumns(const Coordinator& coordinator) {
    m_pool.start([this, coordinator] {
        auto client = checkOut(coordinator);
        if (!client) {
            return;
        }
        Query query;
        query.text = "SELECT keyspace_name, table_name, column_name, type, kind, position FROM system_schema.columns";
        auto answer = client.value()->execute(query);
        if (!answer) {
            return;
        }
        if (const auto* rows = std::get_if<engine::cql::RowsResult>(&answer.value().result)) {
            QMetaObject::invokeMethod(this, [this, names = namesOf(*rows)] { emit columnsLoaded(names); });
        }
        giveBack(coordinator, std::move(client).value());
    });
}

}  // namespace app::console
