#pragma once

#include <QString>
#include <QStringList>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

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
};

/// Rows as text, made off the GUI thread; shared, never changed.
struct ResultSet {
    std::vector<ResultColumn> columns;
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

    bool operator==(const RunSettings&) const = default;
};

struct RunError {
    QString code;     // "2200 Invalid query"; empty when no server said it.
    QString message;  // Verbatim.
    bool hasSpan = false;
    int offset = 0;  // In the statement, UTF-16.
    int length = 0;
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
    std::optional<RunError> error;
    std::optional<engine::Bytes> pagingState;
    int page = 1;
    qint64 nanos = 0;
    QString keyspace;          // In use afterwards.
    std::vector<TraceLine> trace;
    std::uint64_t ringVersion = 0;
    qint64 startedMachineNanos = 0;
};

ResultSetPtr resultSetOf(const engine::cql::RowsResult& rows);
RunError runErrorOf(const engine::Error& error, const QString& statement);
/// "2200 Invalid query" of the protocol's codes; empty for what no server says.
QString codeText(engine::ErrorKind kind);
std::optional<std::uint16_t> consistencyCode(const QString& name);
const QStringList& consistencyNames();

// Whole results as files.
QString toCsv(const ResultSet& set);
QString toJson(const ResultSet& set);
QString toMarkdown(const ResultSet& set);

}  // namespace app::console
