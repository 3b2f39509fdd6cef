#pragma once

#include <QString>
#include <QStringList>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "app/console/advice.h"
#include "app/console/statements.h"
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/client/client.h"

namespace app::console {

struct ResultColumn {
    QString name;
    QString type;
    bool rightAligned = false;  // Numbers.
    bool json = false;          // Its text is a bare JSON value: numbers and booleans.
    bool quoted = false;        // CQL writes its text in single quotes.
};

/// Rows as text, made off the GUI thread; shared, never changed.
struct ResultSet {
    std::vector<ResultColumn> columns;
    QString table;  // keyspace.table as CQL writes it; empty when it is no table's.
    std::vector<std::vector<std::optional<QString>>> rows;  // Absent: null.
};
using ResultSetPtr = std::shared_ptr<const ResultSet>;

/// How a statement is run; repeated under its result.
struct RunSettings {
    QString consistency = "ONE";
    QString serial = "SERIAL";
    QString coordinator;  // Node name; empty: the first that answers.
    QString coordinatorLabel;  // "n1".
    int pageSize = 5000;
    bool clientTimestamp = false;
    bool tracing = false;
    bool expand = false;
    QString capture;  // The file that results are written to as well; empty: none.

    bool operator==(const RunSettings&) const = default;
};

/// A change of the statement that would mend it: engine::cql::assist::Fix in UTF-16.
struct RunFix {
    QString says;
    int offset = 0;
    int length = 0;
    QString text;
};

struct RunError {
    engine::ErrorKind kind = engine::ErrorKind::Server;
    QString code;     // "2200 Invalid query"; empty when no server said it.
    QString message;  // Verbatim.
    bool hasSpan = false;
    int offset = 0;  // In the statement, UTF-16.
    int length = 0;
    std::vector<RunFix> fixes;
};

struct TraceLine {
    qint64 micros = 0;
    QString source;
    QString activity;
};

/// What became of one statement.
struct Outcome {
    StatementText statement;
    RunSettings settings;
    ResultSetPtr rows;         // Null when the statement gives none.
    QString note;              // "CREATED TABLE library.books", "keyspace library".
    QStringList warnings;      // The server's, verbatim.
    std::vector<Advice> advice;  // The console's own.
    std::optional<RunError> error;
    std::optional<engine::Bytes> pagingState;
    int page = 1;
    qint64 nanos = 0;
    QString keyspace;          // In use afterwards.
    std::vector<TraceLine> trace;
    QString traceId;           // The session's; empty when it was not traced.
    bool conditional = false;  // Its serial level counted too.
    bool writes = false;       // It had a timestamp.
    qint64 askedMillis = 0;    // Since the epoch, by this machine.
    bool earlier = false;      // Read back from an earlier run of the program.
    std::uint64_t ringVersion = 0;
    qint64 startedMachineNanos = 0;
};

ResultSetPtr resultSetOf(const engine::cql::RowsResult& rows);
RunError runErrorOf(const engine::Error& error, const QString& statement);
/// engine::cql::assist::fixesFor in UTF-16.
std::vector<RunFix> fixesOf(const QString& statement, const RunError& error, const engine::cql::assist::Names& names,
                            const QString& usedKeyspace);
/// "2200 Invalid query" of the protocol's codes; empty for what no server says.
QString codeText(engine::ErrorKind kind);
std::optional<std::uint16_t> consistencyCode(const QString& name);
const QStringList& consistencyNames();

}  // namespace app::console
