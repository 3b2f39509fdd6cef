#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/cql/assist/names.h"

namespace engine::cql::assist {

/// A change of a statement's text that would mend a mistake.
struct Fix {
    std::string says;  // "Change to title"
    std::uint32_t offset = 0;  // In the statement, bytes.
    std::uint32_t length = 0;  // Of what is replaced; 0 inserts.
    std::string text;
};

/// How a statement that was refused with `error` may be mended, likeliest first; often nothing. A fix of a syntax
/// error is offered only when the parser gets further with it; one of a name, when the name is known and near.
std::vector<Fix> fixesFor(std::string_view statement, const Error& error, const Names& names, std::string_view used);

/// The statement with the fix.
std::string withFix(std::string_view statement, const Fix& fix);

}  // namespace engine::cql::assist
