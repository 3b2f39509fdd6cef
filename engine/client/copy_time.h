#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Timestamps in the format that DATETIMEFORMAT gives: what Python's strftime and strptime know of days and times,
/// in English and UTC.
namespace engine::client {

/// A year that Python does not know gives the milliseconds as a number, and digits after the last point become
/// milliseconds, as in cqlsh.
std::string formatTimestamp(std::int64_t unixMillis, std::string_view format);

/// nullopt: the text is not in the format, or the format holds something that is only written.
std::optional<std::int64_t> parseTimestampAs(std::string_view text, std::string_view format);

}  // namespace engine::client
