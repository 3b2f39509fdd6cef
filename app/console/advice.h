#pragma once

#include <QString>

#include <vector>

#include "engine/cql/assist/classification.h"

namespace app::console {

/// What a person should know before wondering why a statement is slow or surprising.
struct Advice {
    QString says;
    QString why;
    QString lab;  // Id of the lab that shows it; empty where there is none.
};
std::vector<Advice> adviceOn(const engine::cql::assist::Classification& statement);

/// The same for a warning that the server sent; only `why` and `lab`.
Advice adviceOnWarning(const QString& warning);

}  // namespace app::console
