#pragma once

#include <QString>

#include <vector>

#include "app/console/schema_names.h"

namespace app::console {

/// One thing that may come next. `note` is its type or what it is.
struct Completion {
    QString text;
    QString note;
};

/// What may stand at the end of `before`, best first: the start of a word that is already typed
/// narrows the list. `wordLength` is how much of it is typed. Pure; tested by examples.
struct Completions {
    std::vector<Completion> items;
    int wordLength = 0;
};
Completions complete(const QString& before, const SchemaNames& names, const QString& usedKeyspace);

}  // namespace app::console
