#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine::cql::java {

struct Token {
    enum class Kind : std::uint8_t { End, Name, Whole, Real, Char, String, Symbol };
    Kind kind = Kind::End;
    std::string text;  // Of strings and characters: the value in UTF-8, escapes resolved.
    int line = 1;
};

/// What the compiler has to say about a body; caught at compile().
struct CompileError {
    int line = 1;
    std::string message;
};

/// Java's tokens, comments left out. Throws CompileError.
std::vector<Token> tokensOf(std::string_view body);

}  // namespace engine::cql::java
