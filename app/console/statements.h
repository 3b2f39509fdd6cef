#pragma once

#include <QString>

#include <string>
#include <string_view>
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

/// Cuts a sheet into statements: at semicolons outside of strings, comments and BATCH blocks; the
/// console's own verbs also end at the line's end, as cqlsh takes them.
std::vector<StatementText> splitStatements(const QString& sheet);
/// The statement the cursor is in or just behind; nullptr in blank space.
const StatementText* statementAt(const std::vector<StatementText>& statements, int cursor);

/// Words the console understands itself.
const QStringList& shellVerbs();

/// UTF-16 offset of a byte offset in the UTF-8 form of `text`.
int utf16Offset(const QString& text, std::size_t byteOffset);

/// What a person should know before wondering: ALLOW FILTERING, IN fan-out, logged batch, no WHERE.
struct Advice {
    QString says;
    QString why;
};
std::vector<Advice> adviceOn(const QString& statement);

}  // namespace app::console
