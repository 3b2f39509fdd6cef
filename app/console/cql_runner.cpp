#include "app/console/cql_runner.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
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

engine::client::Query queryOf(const RunSettings& settings) {
    engine::client::Query query;
    query.consistency = consistencyCode(settings.consistency).value_or(1);
    query.serialConsistency = consistencyCode(settings.serial).value_or(8);
    query.pageSize = settings.pageSize;
    if (settings.clientTimestamp) {
        query.timestampMicros = wallMicros();
    }
    return query;
}

/// Calls `use` with each row of a system table; nothing when it cannot be read.
template <typename F>
void eachRow(Client& client, const char* statement, F&& use) {
    Query query;
    query.text = statement;
    do {
        auto answer = client.execute(query);
        const auto* rows = answer ? std::get_if<engine::cql::RowsResult>(&answer.value().result) : nullptr;
        if (rows == nullptr) {
            return;
        }
        for (const auto& row : rows->rows) {
            use(row);
        }
        query.pagingState = rows->pagingState;
    } while (query.pagingState);
}

engine::cql::assist::Names readNames(Client& client) {
    engine::cql::assist::Names names;
    const auto text = [](const engine::cql::ResultRow& row, std::size_t i) { return i < row.size() ? row[i].value_or("") : ""; };
    eachRow(client, "SELECT keyspace_name, table_name, column_name, type, kind, position FROM system_schema.columns",
            [&](const engine::cql::ResultRow& row) {
                const int position = row.size() > 5 && row[5] ? engine::types::decodeInt(*row[5]) : 0;
                names.keyspaces[text(row, 0)].tables[text(row, 1)].push_back({text(row, 2), text(row, 3), text(row, 4), position});
            });
    eachRow(client, "SELECT keyspace_name, type_name FROM system_schema.types",
            [&](const engine::cql::ResultRow& row) { names.keyspaces[text(row, 0)].types.push_back(text(row, 1)); });
    eachRow(client, "SELECT keyspace_name, function_name FROM system_schema.functions",
            [&](const engine::cql::ResultRow& row) { names.keyspaces[text(row, 0)].functions.push_back(text(row, 1)); });
    eachRow(client, "SELECT keyspace_name, aggregate_name FROM system_schema.aggregates",
            [&](const engine::cql::ResultRow& row) { names.keyspaces[text(row, 0)].functions.push_back(text(row, 1)); });
    names.sortColumns();
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

void CqlRunner::copy(engine::client::CopyCommand command, const RunSettings& settings, const Coordinator& coordinator,
                     const QString& keyspace) {
    auto job = std::make_shared<Job>();
    job->copy = std::move(command);
    job->settings = settings;
    job->coordinator = coordinator;
    job->keyspace = keyspace;
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
    {
        const std::lock_guard lock(m_mutex);
        options = m_login;
    }
    options.contact = coordinator.endpoint;
    options.driverName = "Ringside console";
    return m_factory(options);
}

void CqlRunner::logIn(const std::string& user, const std::string& password) {
    const std::lock_guard lock(m_mutex);
    m_login.user = user;
    m_login.password = password;
    m_idle.clear();
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
    Query query = queryOf(job.settings);
    query.text = statement.text.toStdString();
    query.pagingState = job.pagingState;
    query.tracing = job.settings.tracing;
    outcome.startedMachineNanos = machineNanos();
    outcome.askedMillis = wallMicros() / 1000;
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
        outcome.traceId = QString::fromStdString(answer.value().tracingId->toString());
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

QString CqlRunner::copyAll(Client& client, Job& job, bool& failed) {
    const auto& command = *job.copy;
    const QString file = QString::fromStdString(command.file);
    const qint64 began = machineNanos();
    // The words hold for both directions: so many rows so far.
    const auto goOn = [this, &job](std::uint64_t rows) {
        QMetaObject::invokeMethod(this, [this, rows] { emit copied(QString("%1 rows").arg(rows), false, false); });
        return !job.stopped.load();
    };
    std::fstream stream(command.file, command.from ? std::ios::in : std::ios::out | std::ios::trunc);
    failed = true;
    if (!stream) {
        return QString("Cannot %1 %2: %3").arg(command.from ? "read" : "write", file, QString::fromLocal8Bit(std::strerror(errno)));
    }
    std::ofstream rejected;
    const auto reject = [&](const std::string& record) {
        if (!command.errorFile.empty() && !rejected.is_open()) {
            rejected.open(command.errorFile, std::ios::app);
        }
        rejected << record;
    };
    const auto report = command.from ? engine::client::copyFrom(client, command, queryOf(job.settings), stream, goOn, reject)
                                     : engine::client::copyTo(client, command, queryOf(job.settings), stream, goOn);
    if (!report) {
        return QString::fromStdString(report.error().message);
    }
    const auto& [rows, refused, first] = report.value();
    failed = refused > 0;
    QString says = QString("%1 rows %2 %3 in %4 s").arg(rows).arg(command.from ? "imported from" : "exported to", file)
                       .arg(static_cast<double>(machineNanos() - began) / 1e9, 0, 'f', 2);
    if (refused > 0) {
        says += QString("; %1 refused, the first at %2").arg(refused).arg(QString::fromStdString(first));
    }
    return says;
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
    if (job->copy) {
        bool failed = !client;
        const QString says = client ? copyAll(*client.value(), *job, failed) : QString::fromStdString(client.error().message);
        tell([this, says, failed] { emit copied(says, true, failed); });
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

void CqlRunner::loadNames(const Coordinator& coordinator) {
    m_pool.start([this, coordinator] {
        auto client = checkOut(coordinator);
        if (!client) {
            return;
        }
        QMetaObject::invokeMethod(this, [this, names = readNames(*client.value())] { emit namesLoaded(names); });
        giveBack(coordinator, std::move(client).value());
    });
}

}  // namespace app::console
