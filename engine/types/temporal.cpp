#include "engine/types/temporal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/types/detail/text_scanner.h"
#include "engine/types/detail/time_units.h"

namespace engine::types {
namespace {

using detail::isDigit;
using detail::wholeNumber;
using Scanner = detail::TextScanner;

using namespace detail;

std::int64_t floorDivide(std::int64_t a, std::int64_t b) {
    const std::int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

bool isRawNumber(std::string_view text) {
    if (!text.empty() && text[0] == '-') {
        text.remove_prefix(1);
    }
    return !text.empty() && std::all_of(text.begin(), text.end(), isDigit);
}

/// Fixed offsets in minutes of the zone names people write; regions would need a time zone table.
std::optional<int> namedZone(std::string_view name) {
    struct Zone {
        std::string_view name;
        int minutes;
    };
    static constexpr std::array<Zone, 20> zones = {{
        {"UTC", 0},    {"GMT", 0},    {"UT", 0},     {"Z", 0},      {"Etc/UTC", 0},
        {"WET", 0},    {"CET", 60},   {"CEST", 120}, {"EET", 120},  {"EEST", 180},
        {"MSK", 180},  {"IST", 330},  {"JST", 540},  {"EST", -300}, {"EDT", -240},
        {"CST", -360}, {"CDT", -300}, {"MST", -420}, {"PST", -480}, {"PDT", -420},
    }};
    for (const Zone& zone : zones) {
        if (zone.name == name) {
            return zone.minutes;
        }
    }
    return std::nullopt;
}

/// `Z`, `+HH`, `+HHmm`, `+HH:mm`, or a name after a blank, perhaps with such an offset behind it.
std::optional<int> parseZone(std::string_view text) {
    bool blank = false;
    if (!text.empty() && text[0] == ' ') {
        blank = true;
        text.remove_prefix(1);
    }
    if (text == "Z") {
        return 0;
    }
    const std::size_t sign = text.find_first_of("+-");
    if (sign == std::string_view::npos) {
        return blank ? namedZone(text) : std::nullopt;
    }
    if (sign > 0 && (!blank || !namedZone(text.substr(0, sign)))) {
        return std::nullopt;
    }
    Scanner scanner(text.substr(sign + 1));
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    if (!scanner.digits(sign > 0 ? 1 : 2, 2, hours)) {
        return std::nullopt;
    }
    if (!scanner.atEnd()) {
        scanner.character(':');
        if (!scanner.digits(2, 2, minutes)) {
            return std::nullopt;
        }
    }
    const std::int64_t total = hours * 60 + minutes;
    if (!scanner.atEnd() || minutes > 59 || total > 18 * 60) {
        return std::nullopt;
    }
    return static_cast<int>(text[sign] == '-' ? -total : total);
}

struct ClockTime {
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    std::int64_t millis = 0;
    bool fraction = false;
};

/// `H:m[:s[.fraction]]`; 24:00:00 is the end of the day.
std::optional<ClockTime> scanClockTime(Scanner& scanner) {
    ClockTime time;
    if (!scanner.digits(1, 2, time.hour) || !scanner.character(':') ||
        !scanner.digits(1, 2, time.minute)) {
        return std::nullopt;
    }
    if (scanner.character(':') && !scanner.digits(1, 2, time.second)) {
        return std::nullopt;
    }
    if (scanner.character('.')) {
        const std::string_view rest = scanner.rest();
        std::int64_t ignored = 0;
        if (!scanner.digits(0, 9, ignored)) {
            return std::nullopt;
        }
        std::string digits(rest.substr(0, rest.size() - scanner.rest().size()));
        digits.resize(3, '0');
        time.millis = wholeNumber<std::int64_t>(digits).value_or(0);
    }
    const bool midnight =
        time.hour == 24 && time.minute == 0 && time.second == 0 && time.millis == 0;
    if ((time.hour > 23 && !midnight) || time.minute > 59 || time.second > 59) {
        return std::nullopt;
    }
    return time;
}

/// The shapes TimestampSerializer knows; days run up to 31 whatever the month and are clamped.
std::optional<std::int64_t> scanTimestamp(std::string_view text) {
    Scanner scanner(text);
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
    if (!scanner.digits(1, 9, year) || !scanner.character('-') || !scanner.digits(1, 2, month) ||
        !scanner.character('-') || !scanner.digits(1, 2, day)) {
        return std::nullopt;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) {
        return std::nullopt;
    }
    ClockTime time;
    if (scanner.atEnd()) {
        if (text.size() != 10) {
            return std::nullopt;  // A bare date is strict: yyyy-MM-dd.
        }
    } else if (scanner.peek() == 'T' ||
               (scanner.peek() == ' ' && scanner.rest().size() > 1 && isDigit(scanner.rest()[1]))) {
        scanner.take(1);
        const std::optional<ClockTime> scanned = scanClockTime(scanner);
        if (!scanned) {
            return std::nullopt;
        }
        time = *scanned;
    }
    int zone = 0;
    if (!scanner.atEnd()) {
        const std::optional<int> parsed = parseZone(scanner.rest());
        if (!parsed) {
            return std::nullopt;
        }
        zone = *parsed;
    }
    const int lastDay = daysInMonth(year, static_cast<int>(month));
    const CivilDate date{year, static_cast<int>(month), std::min(static_cast<int>(day), lastDay)};
    const std::int64_t minutes = time.hour * 60 + time.minute - zone;
    return daysFromCivil(date) * kMillisPerDay + minutes * 60'000 + time.second * 1000 +
           time.millis;
}

/// ISO_LOCAL_DATE in strict resolution: four digits, or more with a sign.
std::optional<CivilDate> scanStrictDate(std::string_view text) {
    Scanner scanner(text);
    const bool negative = scanner.character('-');
    const bool positive = !negative && scanner.character('+');
    const std::size_t before = scanner.rest().size();
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
    if (!scanner.digits(4, 10, year)) {
        return std::nullopt;
    }
    const std::size_t digits = before - scanner.rest().size();
    if ((digits > 4 && !negative && !positive) || (positive && digits <= 4)) {
        return std::nullopt;
    }
    if (!scanner.character('-') || !scanner.digits(2, 2, month) || !scanner.character('-') ||
        !scanner.digits(2, 2, day) || !scanner.atEnd()) {
        return std::nullopt;
    }
    year = negative ? -year : year;
    if (month < 1 || month > 12 || day < 1 || year > 999'999'999 || year < -999'999'999 ||
        day > daysInMonth(year, static_cast<int>(month)) || (negative && year == 0)) {
        return std::nullopt;
    }
    return CivilDate{year, static_cast<int>(month), static_cast<int>(day)};
}

/// Months added to a day of the calendar; the day is clamped to the month it lands in.
std::int64_t addMonths(std::int64_t unixMillis, std::int64_t months) {
    const std::int64_t days = floorDivide(unixMillis, kMillisPerDay);
    CivilDate date = civilFromDays(days);
    const std::int64_t total = date.year * 12 + (date.month - 1) + months;
    date.year = floorDivide(total, 12);
    date.month = static_cast<int>(total - date.year * 12) + 1;
    date.day = std::min(date.day, daysInMonth(date.year, date.month));
    return daysFromCivil(date) * kMillisPerDay + (unixMillis - days * kMillisPerDay);
}

/// Wraps like Java's long arithmetic.
std::int64_t wrappingAdd(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t millisOf(const DurationValue& duration) {
    return duration.days * kMillisPerDay + duration.nanoseconds / kNanosPerMilli;
}

}  // namespace

std::int64_t daysFromCivil(const CivilDate& date) {
    // Years of 400 years each, beginning in March.
    const std::int64_t y = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = floorDivide(y, 400);
    const std::int64_t yearOfEra = y - era * 400;
    const std::int64_t dayOfYear =
        (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    const std::int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146'097 + dayOfEra - 719'468;
}

CivilDate civilFromDays(std::int64_t daysSinceEpoch) {
    const std::int64_t z = daysSinceEpoch + 719'468;
    const std::int64_t era = floorDivide(z, 146'097);
    const std::int64_t dayOfEra = z - era * 146'097;
    const std::int64_t yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36'524 - dayOfEra / 146'096) / 365;
    const std::int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::int64_t shifted = (5 * dayOfYear + 2) / 153;
    CivilDate date;
    date.day = static_cast<int>(dayOfYear - (153 * shifted + 2) / 5 + 1);
    date.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
    date.year = yearOfEra + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
}

int daysInMonth(std::int64_t year, int month) {
    static constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

Result<std::int64_t> parseTimestamp(std::string_view text, std::int64_t nowMillis) {
    if (text.size() == 3 && (text[0] | 32) == 'n' && (text[1] | 32) == 'o' &&
        (text[2] | 32) == 'w') {
        return nowMillis;
    }
    if (isRawNumber(text)) {
        const std::optional<std::int64_t> millis = wholeNumber<std::int64_t>(text);
        if (!millis) {
            return invalid(fmt::format("Unable to make long (for date) from: '{}'", text));
        }
        return *millis;
    }
    const std::optional<std::int64_t> millis = scanTimestamp(text);
    if (!millis) {
        return invalid(fmt::format("Unable to parse a date/time from '{}'", text));
    }
    return *millis;
}

Result<std::int32_t> parseDate(std::string_view text) {
    constexpr std::int64_t epoch = std::int64_t(1) << 31;
    if (isRawNumber(text)) {
        const std::optional<std::int64_t> raw = wholeNumber<std::int64_t>(text);
        if (!raw || *raw < 0 || *raw >= 2 * epoch) {
            return invalid(fmt::format("Unable to make unsigned int (for date) from: '{}'", text));
        }
        return static_cast<std::int32_t>(*raw - epoch);
    }
    const std::optional<CivilDate> date = scanStrictDate(text);
    if (!date) {
        return invalid(fmt::format("Unable to coerce '{}' to a formatted date (long)", text));
    }
    const std::int64_t days = daysFromCivil(*date);
    if (days < -epoch) {
        return invalid(
            fmt::format("Input date {} is less than min supported date "
                        "-5877641-06-23T00:00Z",
                        text));
    }
    if (days >= epoch) {
        return invalid(
            fmt::format("Input date {} is greater than max supported date "
                        "+5881580-07-11T00:00Z",
                        text));
    }
    return static_cast<std::int32_t>(days);
}

Result<std::int64_t> parseTimeOfDay(std::string_view text) {
    if (isRawNumber(text)) {
        const std::optional<std::int64_t> raw = wholeNumber<std::int64_t>(text);
        if (!raw || *raw < 0 || *raw >= kNanosPerDay) {
            return invalid(fmt::format("Unable to make long (for time) from: '{}'", text));
        }
        return *raw;
    }
    const Error refused =
        invalid(fmt::format("(TimeType) Unable to coerce '{}' to a formatted time (long)", text));
    std::string_view trimmed = text;
    while (!trimmed.empty() && trimmed.front() == ' ') {
        trimmed.remove_prefix(1);
    }
    while (!trimmed.empty() && trimmed.back() == ' ') {
        trimmed.remove_suffix(1);
    }
    Scanner scanner(trimmed);
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    std::int64_t nanos = 0;
    if (!scanner.digits(1, 9, hour) || !scanner.character(':') || !scanner.digits(1, 9, minute) ||
        !scanner.character(':') || !scanner.digits(1, 9, second)) {
        return refused;
    }
    if (scanner.character('.')) {
        std::string fraction(scanner.rest().substr(0, 10));
        if (fraction.size() > 9 || !scanner.digits(1, 9, nanos)) {
            return refused;
        }
        fraction.append(9 - fraction.size(), '0');
        nanos = wholeNumber<std::int64_t>(fraction).value_or(0);
    }
    if (!scanner.atEnd() || hour > 23 || minute > 59 || second > 59) {
        return refused;
    }
    return hour * kNanosPerHour + minute * kNanosPerMinute + second * kNanosPerSecond + nanos;
}

std::string dateText(std::int32_t daysSinceEpoch) {
    const CivilDate date = civilFromDays(daysSinceEpoch);
    if (date.year < 0) {
        return fmt::format("-{:04}-{:02}-{:02}", -date.year, date.month, date.day);
    }
    return fmt::format("{}{:04}-{:02}-{:02}", date.year > 9999 ? "+" : "", date.year, date.month,
                       date.day);
}

std::string timeText(std::int64_t nanoseconds) {
    return fmt::format("{:02}:{:02}:{:02}.{:09}", nanoseconds / kNanosPerHour,
                       nanoseconds / kNanosPerMinute % 60, nanoseconds / kNanosPerSecond % 60,
                       nanoseconds % kNanosPerSecond);
}

std::string timestampText(std::int64_t unixMillis, char separator) {
    const std::int64_t days = floorDivide(unixMillis, kMillisPerDay);
    const std::int64_t millis = unixMillis - days * kMillisPerDay;
    const CivilDate date = civilFromDays(days);
    if (separator == 'T' && date.year <= 0) {
        // Casts print Java's year of the era, which has no sign: 1 BC is year 0.
        const std::int64_t ofEra = 1 - static_cast<std::int64_t>(date.year);
        return fmt::format("{}{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", ofEra > 9999 ? "+" : "", ofEra, date.month,
                           date.day, millis / 3'600'000, millis / 60'000 % 60, millis / 1000 % 60, millis % 1000);
    }
    return fmt::format("{}{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:03}Z",
                       date.year > 9999 ? "+" : (date.year < 0 ? "-" : ""),
                       date.year < 0 ? -date.year : date.year, date.month, date.day, separator,
                       millis / 3'600'000, millis / 60'000 % 60, millis / 1000 % 60, millis % 1000);
}

std::int64_t addDuration(std::int64_t unixMillis, const DurationValue& duration) {
    if (duration.months != 0) {
        unixMillis = addMonths(unixMillis, duration.months);
    }
    return wrappingAdd(unixMillis, millisOf(duration));
}

Result<std::int64_t> floorTimestamp(std::int64_t unixMillis, const DurationValue& duration,
                                    std::int64_t startMillis) {
    if (startMillis > unixMillis) {
        return invalid("The floor function starting time is greater than the provided time");
    }
    if (duration.months < 0 || duration.days < 0 || duration.nanoseconds < 0) {
        return invalid("Negative durations are not supported by the floor function");
    }
    const std::int64_t millis = millisOf(duration);
    if (duration.months == 0) {
        return millis == 0 ? unixMillis : unixMillis - (unixMillis - startMillis) % millis;
    }
    const CivilDate at = civilFromDays(floorDivide(unixMillis, kMillisPerDay));
    const CivilDate start = civilFromDays(floorDivide(startMillis, kMillisPerDay));
    const std::int64_t months = (at.year - start.year) * 12 + (at.month - start.month);
    const auto monthsOn = [&](std::int64_t count) {
        return addMonths(startMillis, count * duration.months);
    };
    const std::int64_t most = months / duration.months;
    if (millis == 0) {
        return monthsOn(most);
    }
    // Counting months alone overshoots when the step has days or less too: the last step that
    // does not is searched for. The products may be wider than a timestamp.
    __extension__ using Wide = __int128;
    std::int64_t low = 0;
    std::int64_t high = most;
    while (low < high) {
        const std::int64_t middle = low + (high - low + 1) / 2;
        if (Wide(monthsOn(middle)) + Wide(middle) * millis <= unixMillis) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return monthsOn(low) + low * millis;
}

std::int32_t daysOfMillis(std::int64_t unixMillis) {
    return static_cast<std::int32_t>(floorDivide(unixMillis, 1000) / 86'400);
}

}  // namespace engine::types
