#pragma once

#include <QString>

#include "app/console/outcome.h"

/// Whole results as text, for files and the clipboard.
namespace app::console {

QString toCsv(const ResultSet& set);
QString toJson(const ResultSet& set);
QString toMarkdown(const ResultSet& set);
/// As cqlsh prints a result.
QString toTable(const ResultSet& set);
/// As cqlsh prints it with EXPAND ON: a block a row, counted from `firstNumber`, `most` rows.
QString toVertical(const ResultSet& set, qsizetype firstNumber, qsizetype most);
/// One INSERT a row into the table they came from; empty when the columns come from none, or are no plain columns.
QString toInserts(const ResultSet& set);
/// What DESCRIBE answered, as a script; empty for any other result.
QString toCreateStatements(const ResultSet& set);

}  // namespace app::console
