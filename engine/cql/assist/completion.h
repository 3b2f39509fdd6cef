#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cql/assist/names.h"

namespace engine::cql::assist {

/// One thing that may come next. `note` is its type, or what it is.
struct Candidate {
    std::string text;
    std::string note;
};

struct Completion {
    std::vector<Candidate> candidates;  // Best first, each once.
    std::string typed;                  // The start of the word at the cursor, which they replace.
};

/// The words that a shell around CQL has of its own.
const std::vector<std::string_view>& shellVerbs();
/// The words whose statement ends with its line, as in cqlsh: DESCRIBE is one and CQL, COPY is the shell's and none.
const std::vector<std::string_view>& lineVerbs();

/// What may stand at the end of `before`, which is all text up to the cursor. `used` is the keyspace in use.
Completion complete(std::string_view before, const Names& names, std::string_view used);

}  // namespace engine::cql::assist
