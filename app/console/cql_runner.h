#pragma once

#include <QObject>
#include <QThreadPool>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "app/console/outcome.h"
#include "engine/client/client.h"
#include "engine/client/copy.h"
#include "engine/cql/assist/names.h"

namespace app::console {

/// Where a coordinator answers CQL.
struct Coordinator {
    QString name;
    QString label;
    engine::runtime::Endpoint endpoint;
};

/// Runs statements one after the other on a thread that is not the GUI's and tells each outcome on
/// the GUI thread. stop() lets go of what waits: its answer, should it come, is dropped with its
/// connection. Tests give a factory of clients of their own.
class CqlRunner : public QObject {
    Q_OBJECT

public:
    using ClientFactory =
        std::function<engine::Result<std::unique_ptr<engine::client::Client>>(const engine::client::ConnectOptions&)>;

    explicit CqlRunner(QObject* parent = nullptr);
    CqlRunner(ClientFactory factory, QObject* parent);
    ~CqlRunner() override;

    bool isRunning() const { return m_current != nullptr; }
    /// `keyspace` is the sheet's own: connections are shared between sheets. Stops at the first
    /// statement that fails.
    void run(std::vector<StatementText> statements, const RunSettings& settings, const Coordinator& coordinator,
             const QString& keyspace);
    /// The page after `outcome`, same settings.
    void nextPage(const Outcome& outcome, const Coordinator& coordinator);
    /// Between a table and a file.
    void copy(engine::client::CopyCommand command, const RunSettings& settings, const Coordinator& coordinator,
              const QString& keyspace);
    void stop();
    /// Connections from now on are this role's, where the node asks.
    void logIn(const std::string& user, const std::string& password);
    /// Reads system_schema for completion.
    void loadNames(const Coordinator& coordinator);

signals:
    void statementStarted(int index, const app::console::StatementText& statement, qint64 machineNanos);
    void statementFinished(const app::console::Outcome& outcome);
    /// All done, one failed, or stopped.
    void finished(bool stopped);
    /// How far COPY is, and at its end (`done`) what came of it.
    void copied(const QString& says, bool done, bool failed);
    void namesLoaded(const engine::cql::assist::Names& names);

private:
    /// One press of Run. Shared with the thread that works on it.
    struct Job {
        std::vector<StatementText> statements;
        RunSettings settings;
        Coordinator coordinator;
        QString keyspace;
        std::optional<engine::client::CopyCommand> copy;  // Instead of statements.
        std::optional<engine::Bytes> pagingState;
        int page = 1;
        std::atomic<bool> stopped = false;
    };
    void start(std::shared_ptr<Job> job);
    void work(const std::shared_ptr<Job>& job);
    QString copyAll(engine::client::Client& client, Job& job, bool& failed);
    Outcome execute(engine::client::Client& client, Job& job, const StatementText& statement);
    std::vector<TraceLine> readTrace(engine::client::Client& client, const engine::Uuid& session);
    engine::Result<std::unique_ptr<engine::client::Client>> checkOut(const Coordinator& coordinator);
    void giveBack(const Coordinator& coordinator, std::unique_ptr<engine::client::Client> client);

    ClientFactory m_factory;
    QThreadPool m_pool;
    std::shared_ptr<Job> m_current;
    std::mutex m_mutex;  // Guards the idle connections, and who logs in.
    engine::client::ConnectOptions m_login;  // Of which user and password count.
    std::map<QString, std::unique_ptr<engine::client::Client>> m_idle;
};

}  // namespace app::console
