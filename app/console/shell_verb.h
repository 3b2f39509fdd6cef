#pragma once

#include <QString>

#include <optional>

#include "app/console/help_topics.h"
#include "app/console/outcome.h"
#include "engine/client/copy.h"

namespace app::console {

struct Credentials {
    std::string user;
    std::string password;
};

/// What a verb of the console's own did, or asks the console to do, in cqlsh's words.
struct ShellAnswer {
    RunSettings settings;
    QString says;
    bool failed = false;
    bool clear = false;      // CLEAR.
    bool history = false;    // HISTORY.
    bool replicas = false;   // SHOW REPLICAS: of `token` in `keyspace`, which may be empty.
    qint64 token = 0;
    QString keyspace;
    QString source;          // SOURCE: the file to run.
    std::optional<QString> capture;  // CAPTURE: the file from now on; empty: none any more.
    QString statement;       // What to run instead: SHOW SESSION.
    bool version = false;    // SHOW VERSION: `statement` asks for it, and the answer is one line.
    std::vector<const HelpTopic*> help;  // HELP topic.
    std::optional<engine::client::CopyCommand> copy;  // COPY.
    std::optional<Credentials> login;                 // LOGIN.
};

/// Carries out CONSISTENCY, SERIAL CONSISTENCY, TRACING, PAGING, EXPAND, SHOW, CLEAR, SOURCE, CAPTURE, COPY, LOGIN,
/// HISTORY, HELP, UNICODE, EXIT as far as they change `settings`, and says what else is to be done. Pure.
ShellAnswer runShellVerb(const QString& text, const RunSettings& settings);

/// A file's name as written after SOURCE, CAPTURE and COPY: `~` is the home folder.
QString filePath(QString name);

}  // namespace app::console
