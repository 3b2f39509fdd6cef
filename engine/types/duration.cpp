#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "engine/types/detail/text_scanner.h"
#include "engine/types/detail/time_units.h"
#include "engine/types/temporal.h"

namespace engine::types {
namespace {

using detail::isDigit;
using detail::wholeNumber;
using Scanner = detail::TextScanner;

using namespace detail;

/// Puts a duration together and refuses what Duration.Builder refuses.
class DurationBuilder {
public:
    enum Unit { Years = 1, Months, Weeks, Days, Hours, Minutes, Seconds, Millis, Micros, Nanos };

    Result<void> add(Unit unit, std::int64_t count) {
        static constexpr std::array<std::string_view, 11> names = {
            "",        "years",   "months",       "weeks",        "days",       "hours",
            "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"};
        if (unit == m_last) {
            return invalid(
                fmt::format("Invalid duration. The {} are specified multiple times", names[unit]));
        }
        if (unit < m_last) {
            return invalid(fmt::format("Invalid duration. The {} should be after {}", names[m_last],
                                       names[unit]));
        }
        m_last = unit;
        switch (unit) {
            case Years:
                return addMonths(count, 12);
            case Months:
                return addMonths(count, 1);
            case Weeks:
                return addDays(count, 7);
            case Days:
                return addDays(count, 1);
            case Hours:
                return addNanos(count, kNanosPerHour);
            case Minutes:
                return addNanos(count, kNanosPerMinute);
            case Seconds:
                return addNanos(count, kNanosPerSecond);
            case Millis:
                return addNanos(count, kNanosPerMilli);
            case Micros:
                return addNanos(count, 1000);
            case Nanos:
                return addNanos(count, 1);
        }
        return ok();
    }

    DurationValue build(bool negative) const {
        return negative ? DurationValue{-m_value.months, -m_value.days, -m_value.nanoseconds}
                        : m_value;
    }

private:
    static Result<void> check(std::int64_t count, std::int64_t limit, const char* name) {
        if (count <= limit) {
            return ok();
        }
        // Cassandra names the 32-bit limit whatever the unit.
        return invalid(fmt::format(
            "Invalid duration. The total number of {} must be less or equal to 2147483647", name));
    }

    Result<void> addMonths(std::int64_t count, std::int64_t each) {
        TRY(check(count, (kIntMax - m_value.months) / each, "months"));
        m_value.months += static_cast<std::int32_t>(count * each);
        return ok();
    }
    Result<void> addDays(std::int64_t count, std::int64_t each) {
        TRY(check(count, (kIntMax - m_value.days) / each, "days"));
        m_value.days += static_cast<std::int32_t>(count * each);
        return ok();
    }
    Result<void> addNanos(std::int64_t count, std::int64_t each) {
        constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max();
        TRY(check(count, (max - m_value.nanoseconds) / each, "nanoseconds"));
        m_value.nanoseconds += count * each;
        return ok();
    }

    static constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
    DurationValue m_value;
    int m_last = 0;
};

Error noDuration(std::string_view text) {
    return invalid(fmt::format("Unable to convert '{}' to a duration", text));
}

/// Java's Long.parseLong fails there with a NumberFormatException, which nothing catches.
Error tooManyDigits(std::string_view digits) {
    return makeError(
        ErrorKind::Server,
        fmt::format("java.lang.NumberFormatException: For input string: \"{}\"", digits));
}

Result<std::int64_t> takeCount(Scanner& scanner, std::string_view source) {
    const std::string_view rest = scanner.rest();
    std::size_t count = 0;
    while (count < rest.size() && isDigit(rest[count])) {
        ++count;
    }
    if (count == 0) {
        return noDuration(source);
    }
    const std::string_view digits = scanner.take(count);
    const std::optional<std::int64_t> value = wholeNumber<std::int64_t>(digits);
    if (!value) {
        return tooManyDigits(digits);
    }
    return *value;
}

std::optional<DurationBuilder::Unit> takeUnit(Scanner& scanner) {
    struct Symbol {
        std::string_view text;
        DurationBuilder::Unit unit;
    };
    // Longer symbols first: `ms` is not minutes.
    static constexpr std::array<Symbol, 13> symbols = {{
        {"mo", DurationBuilder::Months},
        {"ms", DurationBuilder::Millis},
        {"us", DurationBuilder::Micros},
        {"\xc2\xb5s", DurationBuilder::Micros},
        {"\xce\xbcs", DurationBuilder::Micros},
        {"ns", DurationBuilder::Nanos},
        {"y", DurationBuilder::Years},
        {"w", DurationBuilder::Weeks},
        {"d", DurationBuilder::Days},
        {"h", DurationBuilder::Hours},
        {"m", DurationBuilder::Minutes},
        {"s", DurationBuilder::Seconds},
        {"", DurationBuilder::Nanos},
    }};
    for (const Symbol& symbol : symbols) {
        const std::string_view candidate = scanner.rest().substr(0, symbol.text.size());
        const bool equal =
            candidate.size() == symbol.text.size() && !candidate.empty() &&
            std::equal(candidate.begin(), candidate.end(), symbol.text.begin(), [](char a, char b) {
                return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
            });
        if (equal) {
            scanner.take(symbol.text.size());
            return symbol.unit;
        }
    }
    return std::nullopt;
}

Result<void> scanUnits(std::string_view source, DurationBuilder& builder) {
    Scanner scanner(source);
    do {
        TRY_ASSIGN(const std::int64_t count, takeCount(scanner, source));
        const std::optional<DurationBuilder::Unit> unit = takeUnit(scanner);
        if (!unit) {
            return noDuration(source);
        }
        TRY(builder.add(*unit, count));
    } while (!scanner.atEnd());
    return ok();
}

/// `P[n]Y[n]M[n]DT[n]H[n]M[n]S`: designators in order, each at most once.
Result<void> scanIso(std::string_view source, DurationBuilder& builder) {
    using Unit = DurationBuilder::Unit;
    Scanner scanner(source.substr(1));
    bool time = false;
    int last = -1;
    while (!scanner.atEnd()) {
        if (!time && scanner.character('T')) {
            time = true;
            last = -1;
            continue;
        }
        TRY_ASSIGN(const std::int64_t count, takeCount(scanner, source));
        static constexpr std::array<Unit, 3> dateUnits = {Unit::Years, Unit::Months, Unit::Days};
        static constexpr std::array<Unit, 3> timeUnits = {Unit::Hours, Unit::Minutes,
                                                          Unit::Seconds};
        const std::string_view designators = time ? "HMS" : "YMD";
        const std::size_t at = designators.find(scanner.peek());
        if (scanner.atEnd() || at == std::string_view::npos || static_cast<int>(at) <= last) {
            return noDuration(source);
        }
        scanner.take(1);
        last = static_cast<int>(at);
        TRY(builder.add(time ? timeUnits[at] : dateUnits[at], count));
    }
    return ok();
}

Result<void> scanIsoWeeks(std::string_view source, DurationBuilder& builder) {
    Scanner scanner(source.substr(1));
    TRY_ASSIGN(const std::int64_t count, takeCount(scanner, source));
    if (scanner.rest() != "W") {
        return noDuration(source);
    }
    return builder.add(DurationBuilder::Weeks, count);
}

/// `PYYYY-MM-DDThh:mm:ss`.
Result<void> scanIsoAlternative(std::string_view source, DurationBuilder& builder) {
    using Unit = DurationBuilder::Unit;
    struct Part {
        std::size_t digits;
        char separator;
        Unit unit;
    };
    static constexpr std::array<Part, 6> parts = {{{4, '-', Unit::Years},
                                                   {2, '-', Unit::Months},
                                                   {2, 'T', Unit::Days},
                                                   {2, ':', Unit::Hours},
                                                   {2, ':', Unit::Minutes},
                                                   {2, '\0', Unit::Seconds}}};
    Scanner scanner(source.substr(1));
    for (const Part& part : parts) {
        std::int64_t value = 0;
        const bool separated = scanner.digits(part.digits, part.digits, value) &&
                               (part.separator == '\0' || scanner.character(part.separator));
        if (!separated) {
            return noDuration(source);
        }
        TRY(builder.add(part.unit, value));
    }
    return scanner.atEnd() ? ok() : Result<void>(noDuration(source));
}

}  // namespace

Result<DurationValue> parseDuration(std::string_view text) {
    const bool negative = !text.empty() && text[0] == '-';
    const std::string_view source = negative ? text.substr(1) : text;
    DurationBuilder builder;
    if (!source.empty() && source[0] == 'P') {
        if (source.back() == 'W') {
            TRY(scanIsoWeeks(source, builder));
        } else if (source.find('-') != std::string_view::npos) {
            TRY(scanIsoAlternative(source, builder));
        } else {
            TRY(scanIso(source, builder));
        }
    } else {
        TRY(scanUnits(source, builder));
    }
    return builder.build(negative);
}

std::string durationText(const DurationValue& duration) {
    std::string out;
    const auto append = [&out](std::uint64_t value, std::uint64_t unit, const char* symbol) {
        if (value >= unit && value != 0) {
            out += fmt::format("{}{}", value / unit, symbol);
        }
        return value >= unit ? value % unit : value;
    };
    const auto magnitude = [](std::int64_t v) {
        return v < 0 ? ~static_cast<std::uint64_t>(v) + 1 : static_cast<std::uint64_t>(v);
    };
    if (duration.months < 0 || duration.days < 0 || duration.nanoseconds < 0) {
        out = "-";
    }
    std::uint64_t rest = append(magnitude(duration.months), 12, "y");
    append(rest, 1, "mo");
    append(magnitude(duration.days), 1, "d");
    rest = append(magnitude(duration.nanoseconds), kNanosPerHour, "h");
    rest = append(rest, kNanosPerMinute, "m");
    rest = append(rest, kNanosPerSecond, "s");
    rest = append(rest, kNanosPerMilli, "ms");
    rest = append(rest, 1000, "us");
    append(rest, 1, "ns");
    return out;
}

}  // namespace engine::types
