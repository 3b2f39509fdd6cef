#include "engine/client/copy_time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "engine/base/text.h"
#include "engine/types/temporal.h"

namespace engine::client {

namespace {

constexpr std::int64_t kMillisPerDay = 86'400'000;
constexpr std::int64_t kLastYear = 9999;
constexpr std::array<std::string_view, 12> kMonths{"January", "February", "March",     "April",   "May",      "June",
                                                   "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::size_t kShort = 3;  // Letters of an abbreviated name.
constexpr int kPivotYear = 69;     // Of two digits: 69 is 1969, 68 is 2068.

/// Digits after the last point, whatever they were meant to be.
std::string withMilliseconds(std::string text) {
    for (std::size_t point = text.rfind('.'); point != std::string::npos;
         point = point == 0 ? std::string::npos : text.rfind('.', point - 1)) {
        std::size_t end = point + 1;
        while (end < text.size() && end < point + 7 && text[end] >= '0' && text[end] <= '9') {
            ++end;
        }
        if (end > point + 1) {
            int digits = 0;
            std::from_chars(text.data() + point + 1, text.data() + end, digits);
            const double millis = digits * std::pow(10, 3 - static_cast<int>(end - point - 1));
            return text.substr(0, point) + fmt::format(".{:03d}", static_cast<int>(millis)) + text.substr(end);
        }
    }
    return text;
}

struct Moment {
    types::CivilDate date;
    std::int64_t day = 0;  // Since 1970-01-01.
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millis = 0;
};

Moment momentOf(std::int64_t unixMillis) {
    Moment m;
    m.day = unixMillis / kMillisPerDay - (unixMillis % kMillisPerDay < 0 ? 1 : 0);
    m.date = types::civilFromDays(m.day);
    const auto rest = static_cast<int>(unixMillis - m.day * kMillisPerDay);
    m.hour = rest / 3'600'000;
    m.minute = rest / 60'000 % 60;
    m.second = rest / 1000 % 60;
    m.millis = rest % 1000;
    return m;
}

/// One directive; as it stands when it is none.
std::string written(char letter, const Moment& m) {
    const auto weekday = static_cast<std::size_t>(((m.day + 4) % 7 + 7) % 7);  // 1970 began on a Thursday.
    const auto month = static_cast<std::size_t>(m.date.month - 1);
    const int hour = m.hour % 12 == 0 ? 12 : m.hour % 12;
    switch (letter) {
        case 'Y': return std::to_string(m.date.year);
        case 'y': return fmt::format("{:02}", m.date.year % 100);
        case 'm': return fmt::format("{:02}", m.date.month);
        case 'd': return fmt::format("{:02}", m.date.day);
        case 'e': return fmt::format("{:2}", m.date.day);
        case 'j': return fmt::format("{:03}", m.day - types::daysFromCivil({m.date.year, 1, 1}) + 1);
        case 'H': return fmt::format("{:02}", m.hour);
        case 'I': return fmt::format("{:02}", hour);
        case 'p': return m.hour < 12 ? "AM" : "PM";
        case 'M': return fmt::format("{:02}", m.minute);
        case 'S': return fmt::format("{:02}", m.second);
        case 'f': return fmt::format("{:06}", m.millis * 1000);
        case 'z': return "+0000";
        case 'Z': return "UTC";
        case 'a': return std::string(kDays[weekday].substr(0, kShort));
        case 'A': return std::string(kDays[weekday]);
        case 'b':
        case 'h': return std::string(kMonths[month].substr(0, kShort));
        case 'B': return std::string(kMonths[month]);
        case 'w': return std::to_string(weekday);
        case 's': return std::to_string(m.day * 86'400 + m.hour * 3600 + m.minute * 60 + m.second);
        case 'F': return written('Y', m) + '-' + written('m', m) + '-' + written('d', m);
        case 'D': return written('m', m) + '/' + written('d', m) + '/' + written('y', m);
        case 'T': return written('R', m) + ':' + written('S', m);
        case 'R': return written('H', m) + ':' + written('M', m);
        case '%': return "%";
        default: return std::string("%") + letter;
    }
}

/// Reads directives from a text, each of which narrows the moment.
class MomentReader {
public:
    explicit MomentReader(std::string_view text) : m_text(text) {}

    bool takeLetter(char letter) {
        if (m_text.empty() || m_text.front() != letter) {
            return false;
        }
        m_text.remove_prefix(1);
        return true;
    }

    bool take(char letter) {
        int year = 0;
        switch (letter) {
            case 'Y': return number(4, 4, m_year);
            case 'y':
                if (!number(2, 2, year)) {
                    return false;
                }
                m_year = year + (year < kPivotYear ? 2000 : 1900);
                return true;
            case 'm': return number(1, 2, m_month) && m_month >= 1 && m_month <= 12;
            case 'd': return number(1, 2, m_day) && m_day >= 1;
            case 'H': return number(1, 2, m_hour) && m_hour < 24;
            case 'I': return number(1, 2, m_hour) && m_hour >= 1 && m_hour <= 12;
            case 'p': return half();
            case 'M': return number(1, 2, m_minute) && m_minute < 60;
            case 'S': return number(1, 2, m_second) && m_second < 62;
            case 'f': return fraction();
            case 'z': return zone();
            case 'b':
            case 'h': return month(kShort);
            case 'B': return month(std::string_view::npos);
            case '%': return takeLetter('%');
            case 'F': return take('Y') && takeLetter('-') && take('m') && takeLetter('-') && take('d');
            case 'T': return take('R') && takeLetter(':') && take('S');
            case 'R': return take('H') && takeLetter(':') && take('M');
            default: return false;
        }
    }

    std::optional<std::int64_t> done() const {
        if (!m_text.empty() || m_day > types::daysInMonth(m_year, m_month)) {
            return std::nullopt;
        }
        const int hour = m_half < 0 ? m_hour : m_hour % 12 + m_half;
        const std::int64_t seconds = types::daysFromCivil({m_year, m_month, m_day}) * 86'400 + hour * 3600 + m_minute * 60 + m_second - m_zone;
        return seconds * 1000 + m_millis;
    }

private:
    bool number(std::size_t fewest, std::size_t most, int& out) {
        std::size_t digits = 0;
        while (digits < most && digits < m_text.size() && m_text[digits] >= '0' && m_text[digits] <= '9') {
            ++digits;
        }
        if (digits < fewest) {
            return false;
        }
        std::from_chars(m_text.data(), m_text.data() + digits, out);
        m_text.remove_prefix(digits);
        return true;
    }
    bool fraction() {
        const std::size_t before = m_text.size();
        int digits = 0;
        if (!number(1, 6, digits)) {
            return false;
        }
        m_millis = static_cast<int>(digits * std::pow(10, 3 - static_cast<int>(before - m_text.size())));
        return true;
    }
    bool zone() {
        if (takeLetter('Z')) {
            return true;
        }
        const int sign = takeLetter('-') ? -1 : takeLetter('+') ? 1 : 0;
        int hours = 0;
        int minutes = 0;
        if (sign == 0 || !number(2, 2, hours)) {
            return false;
        }
        takeLetter(':');
        if (!number(2, 2, minutes)) {
            return false;
        }
        m_zone = sign * (hours * 3600 + minutes * 60);
        return true;
    }
    bool half() {
        const std::string word = upperCase(m_text.substr(0, 2));
        m_half = word == "AM" ? 0 : word == "PM" ? 12 : -1;
        m_text.remove_prefix(m_half < 0 ? 0 : 2);
        return m_half >= 0;
    }
    bool month(std::size_t letters) {
        for (std::size_t i = 0; i < kMonths.size(); ++i) {
            const std::string_view name = kMonths[i].substr(0, letters);
            if (lowerCase(m_text.substr(0, name.size())) == lowerCase(name)) {
                m_text.remove_prefix(name.size());
                m_month = static_cast<int>(i) + 1;
                return true;
            }
        }
        return false;
    }

    std::string_view m_text;
    int m_year = 1900;
    int m_month = 1;
    int m_day = 1;
    int m_hour = 0;
    int m_half = -1;  // 0: before noon, 12: after; -1: of 24 hours.
    int m_minute = 0;
    int m_second = 0;
    int m_millis = 0;
    int m_zone = 0;  // Seconds east of Greenwich.
};

}  // namespace

std::string formatTimestamp(std::int64_t unixMillis, std::string_view format) {
    const Moment moment = momentOf(unixMillis);
    if (moment.date.year < 1 || moment.date.year > kLastYear) {
        return std::to_string(unixMillis);
    }
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        const bool directs = format[i] == '%' && i + 1 < format.size();
        out += directs ? written(format[++i], moment) : std::string(1, format[i]);
    }
    return withMilliseconds(std::move(out));
}

std::optional<std::int64_t> parseTimestampAs(std::string_view text, std::string_view format) {
    MomentReader reader(text);
    for (std::size_t i = 0; i < format.size(); ++i) {
        const bool directs = format[i] == '%' && i + 1 < format.size();
        if (!(directs ? reader.take(format[++i]) : reader.takeLetter(format[i]))) {
            return std::nullopt;
        }
    }
    return reader.done();
}

}  // namespace engine::client
