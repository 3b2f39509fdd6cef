#pragma once

#include <QString>

#include <optional>

#include "app/console/outcome.h"

namespace app::console {

/// What a verb of the console's own did, in cqlsh's words.
struct ShellAnswer {
    RunSettings settings;
    QString says;
    bool failed = false;
    bool clear = false;      // CLEAR.
    bool history = false;    // HISTORY.
    QString source;          // SOURCE: the file to run.
};

/// Carries out CONSISTENCY, SERIAL CONSISTENCY, TRACING, PAGING, EXPAND, SHOW, CLEAR, SOURCE,
/// HISTORY, HELP on `settings`. Pure.
ShellAnswer runShellVerb(const QString& text, const RunSettings& settings);

}  // namespace app::console
