#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/cql/syntax/token.h"

/// The words of syntax errors: those of ANTLR 3's BaseRecognizer and of Cassandra's ErrorCollector.
namespace engine::cql::syntax {

/// Where a parser stood when it gave up.
struct ErrorPlace {
    Token index;     // Where its stream stands: the token the snippet brackets.
    Token offending; // The token that the message names; may lie further on.
    std::size_t frontier = 0;  // Offset of the furthest token it had looked at.
};

/// "line 1:7 no viable alternative at input 'x' (SELECT [k] x...)"; `what` goes before the token
/// ("no viable alternative at input "), `expecting` after it.
std::string syntaxMessage(std::string_view query, const ErrorPlace& place, std::string_view what,
                          std::string_view expecting);

/// What an exception inside Cassandra's parser is told as.
std::string failedParsing(std::string_view query, std::string_view reason);

/// The token's text as the lexer hands it on: strings and quoted names without their quotes.
std::string tokenText(std::string_view query, const Token& token);

Error syntaxError(std::string message, const Token& at);

}  // namespace engine::cql::syntax
