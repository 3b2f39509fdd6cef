#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/base/result.h"

namespace engine::cql {

/// An error that knows where in the statement it arose; spans without length are left out.
inline Error errorAt(ErrorKind kind, std::string message, const SourceSpan& span) {
    Error error = makeError(kind, std::move(message));
    if (span.length > 0) {
        auto detail = std::make_shared<ErrorDetail>();
        detail->hasSpan = true;
        detail->span = span;
        error.detail = std::move(detail);
    }
    return error;
}
inline Error invalidAt(const SourceSpan& span, std::string message) {
    return errorAt(ErrorKind::Invalid, std::move(message), span);
}
inline Error configError(std::string message) {
    return makeError(ErrorKind::Config, std::move(message));
}
inline Error syntaxError(std::string message) {
    return makeError(ErrorKind::Syntax, std::move(message));
}

}  // namespace engine::cql
