#pragma once

#include <QString>

#include <vector>

namespace app::console {

/// One statement of a sheet: where it stands, and its text without the semicolon. Offsets and
/// lengths are UTF-16, as QTextDocument counts; line counts from 1.
struct StatementText {
    QString text;
    int offset = 0;
    int length = 0;
    int line = 1;
    bool shellVerb = false;  // CONSISTENCY, TRACING, ...: the console's own, as in cqlsh.

    /// "SELECT", "BEGIN BATCH".
    QString verb() const;
};

/// engine::cql::syntax::splitStatements for a sheet: what ends with its line in cqlsh does so here.
std::vector<StatementText> splitStatements(const QString& sheet);
/// The statement the cursor is in or just behind; nullptr in blank space.
const StatementText* statementAt(const std::vector<StatementText>& statements, int cursor);

/// UTF-16 offset of a byte offset in the UTF-8 form of `text`.
int utf16Offset(const QString& text, std::size_t byteOffset);

}  // namespace app::console
