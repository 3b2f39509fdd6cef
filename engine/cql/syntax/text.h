#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

/// Small helpers on CQL text for everybody who reads or writes some: the console, ringctl, DESCRIBE.
namespace engine::cql::syntax {

/// The statements of a script, each without its `;` and without blanks and comments around it.
/// Strings, $$ bodies, quoted names and comments may hold `;`; BEGIN BATCH … APPLY BATCH is one
/// statement. A statement that begins with one of `lineVerbs` (upper case: a shell's own words, as
/// CONSISTENCY) ends with its line too. Never fails: what is no CQL is cut at the next `;`.
std::vector<SourceSpan> splitStatements(std::string_view text, const std::vector<std::string_view>& lineVerbs = {});

/// Whether the statement begins with one of these.
bool isLineVerb(std::string_view statement, const std::vector<std::string_view>& lineVerbs);

/// True when `text` ends inside a statement: no `;` yet, or a string, comment or batch still open.
bool isIncomplete(std::string_view text);

/// The identifier as a statement must spell it: in double quotes when it is not a plain lower-case
/// word or is reserved (ColumnIdentifier.maybeQuote).
std::string maybeQuote(std::string_view identifier);

/// The text as a string literal.
std::string quoteText(std::string_view text);

}  // namespace engine::cql::syntax
