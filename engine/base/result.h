#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/try.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"

namespace engine {

/// What kind of failure a caller may branch on. Kinds up to `UnknownOutcome` map one to one to
/// error codes of the CQL native protocol (see cqlErrorCode in engine/cql/cql_error.h).
enum class ErrorKind : std::uint8_t {
    Server,           // 0x0000
    Protocol,         // 0x000A
    BadCredentials,   // 0x0100
    Unavailable,      // 0x1000
    Overloaded,       // 0x1001
    IsBootstrapping,  // 0x1002
    Truncate,         // 0x1003
    WriteTimeout,     // 0x1100
    ReadTimeout,      // 0x1200
    ReadFailure,      // 0x1300
    FunctionFailure,  // 0x1400
    WriteFailure,     // 0x1500
    Syntax,           // 0x2000
    Unauthorized,     // 0x2100
    Invalid,          // 0x2200
    Config,           // 0x2300
    AlreadyExists,    // 0x2400
    Unprepared,       // 0x2500
    // Below: never seen by a CQL client as such.
    NotFound,
    Corrupt,
    Timeout,
    Io,
    Cancelled,
};

/// A stretch of the statement's text: byte offset from its start, and bytes. Line counts from 1,
/// column from 0, as ANTLR's messages do.
struct SourceSpan {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t line = 1;
    std::uint32_t column = 0;
};

/// What the CQL protocol wants beside code and text, for the kinds that have more. Unused fields
/// stay at their defaults.
struct ErrorDetail {
    std::uint16_t consistency = 0;  // Protocol code of the level: Unavailable, timeouts, failures.
    std::int32_t required = 0;      // `required` of Unavailable, `blockfor` of the others.
    std::int32_t received = 0;      // `alive` of Unavailable, `received` of the others.
    bool dataPresent = false;
    std::string writeType;  // SIMPLE, BATCH, UNLOGGED_BATCH, BATCH_LOG, COUNTER, CAS, ...
    std::vector<std::pair<std::string, std::uint16_t>> failures;  // Address, reason.
    std::string keyspace;  // AlreadyExists, FunctionFailure.
    std::string table;
    std::string function;
    std::vector<std::string> argumentTypes;
    Bytes preparedId;
    bool hasSpan = false;  // Where in the statement's text; for the console's underline.
    SourceSpan span;
};

/// Why an operation failed: a kind to branch on, words for a person to read.
struct Error {
    ErrorKind kind = ErrorKind::Server;
    std::string message;
    std::shared_ptr<const ErrorDetail> detail;
};

/// The outcome of anything that can fail in normal operation. The compiler warns when one is
/// dropped; reading the wrong side of one ends the program.
template <typename T = void>
using Result =
    boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

inline Result<void> ok() { return boost::outcome_v2::success(); }

inline Error makeError(ErrorKind kind, std::string message) {
    return Error{kind, std::move(message), nullptr};
}
inline Error invalid(std::string message) { return makeError(ErrorKind::Invalid, std::move(message)); }

}  // namespace engine

/// `TRY(expr);` and `TRY_ASSIGN(auto x, expr);` leave the function with the error of `expr`;
/// the CO_ forms do so in a coroutine.
#define TRY(...) BOOST_OUTCOME_TRYV(__VA_ARGS__)
#define TRY_ASSIGN(declaration, ...) BOOST_OUTCOME_TRY(declaration, __VA_ARGS__)
#define CO_TRY(...) BOOST_OUTCOME_CO_TRYV(__VA_ARGS__)
#define CO_TRY_ASSIGN(declaration, ...) BOOST_OUTCOME_CO_TRY(declaration, __VA_ARGS__)
