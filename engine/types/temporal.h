#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/types/codec.h"

namespace engine::types {

/// A day of the proleptic Gregorian calendar, as java.time counts.
struct CivilDate {
    std::int64_t year = 1970;
    int month = 1;
    int day = 1;
};
std::int64_t daysFromCivil(const CivilDate& date);
CivilDate civilFromDays(std::int64_t daysSinceEpoch);
int daysInMonth(std::int64_t year, int month);

// Texts to values, with the messages of Cassandra's serializers.
Result<std::int64_t> parseTimestamp(std::string_view text, std::int64_t nowMillis);
Result<std::int32_t> parseDate(std::string_view text);  // Days since the epoch.
Result<std::int64_t> parseTimeOfDay(std::string_view text);
Result<DurationValue> parseDuration(std::string_view text);

std::string dateText(std::int32_t daysSinceEpoch);        // 2024-03-01
std::string timeText(std::int64_t nanoseconds);           // 10:20:30.000000001
std::string durationText(const DurationValue& duration);  // 1y2mo3d4h5m6s
/// 2024-03-01, `separator`, 10:20:30.123Z
std::string timestampText(std::int64_t unixMillis, char separator);

/// Duration.addTo: months first (clamped to the month's length), then days, then milliseconds.
std::int64_t addDuration(std::int64_t unixMillis, const DurationValue& duration);
/// Duration.floor for whole timestamps; an Invalid error when the duration does not allow it.
Result<std::int64_t> floorTimestamp(std::int64_t unixMillis, const DurationValue& duration,
                                    std::int64_t startMillis);
/// Days of a timestamp as Cassandra counts them: whole seconds rounded down, then towards zero.
std::int32_t daysOfMillis(std::int64_t unixMillis);

}  // namespace engine::types
