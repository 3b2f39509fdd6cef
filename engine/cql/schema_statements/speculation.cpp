#include <fmt/format.h>

#include <regex>

#include "engine/cql/errors.h"
#include "engine/cql/schema_statements/table_options.h"

namespace engine::cql {
namespace {

constexpr std::string_view kOption = "speculative_retry";

enum class RetryKind : std::uint8_t { None, Always, Never, Percentile, Fixed };

/// SpeculativeRetryPolicy's simple kinds, and how they print.
struct Policy {
    RetryKind kind = RetryKind::None;
    std::string text;
};

std::string trimmed(std::string text) {
    const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && isBlank(text.back())) {
        text.pop_back();
    }
    while (!text.empty() && isBlank(text.front())) {
        text.erase(text.begin());
    }
    return text;
}

/// java.text.DecimalFormat("#.####").
std::string shortNumber(double value) {
    std::string text = fmt::format("{:.4f}", value);
    while (text.back() == '0') {
        text.pop_back();
    }
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

Result<Policy> readSimple(const std::string& text) {
    static const std::regex kPercentile(R"(([0-9.]+)p(ercentile)?)", std::regex::icase);
    static const std::regex kFixed(R"(([0-9.]+)ms)", std::regex::icase);
    const std::string lower = lowerCase(text);
    if (lower == "always") {
        return Policy{RetryKind::Always, "ALWAYS"};
    }
    if (lower == "never" || lower == "none") {
        return Policy{RetryKind::Never, "NEVER"};
    }
    std::smatch match;
    if (std::regex_match(text, match, kPercentile)) {
        const auto value = parseReal(match[1].str());
        if (!value || *value <= 0 || *value >= 100) {
            return configError(fmt::format("Invalid value {} for PERCENTILE option '{}': must be between "
                                           "(0.0 and 100.0)",
                                           text, kOption));
        }
        return Policy{RetryKind::Percentile, shortNumber(*value) + "p"};
    }
    if (std::regex_match(text, match, kFixed)) {
        const auto value = parseReal(match[1].str());
        if (value) {
            return Policy{RetryKind::Fixed, fmt::format("{}ms", static_cast<long long>(*value))};
        }
    }
    return Policy{};
}

const char* nameOf(RetryKind kind) {
    switch (kind) {
        case RetryKind::Always: return "ALWAYS";
        case RetryKind::Never: return "NEVER";
        case RetryKind::Percentile: return "PERCENTILE";
        case RetryKind::Fixed: return "FIXED";
        case RetryKind::None: break;
    }
    return "?";
}

}  // namespace

Result<std::string> readSpeculation(const std::string& text) {
    static const std::regex kHybrid(R"((MIN|MAX)\(([^,]*),([^,]*)\))", std::regex::icase);
    const Error bad = configError(fmt::format("Invalid value {} for option '{}'", text, kOption));
    std::smatch match;
    if (!std::regex_match(text, match, kHybrid)) {
        TRY_ASSIGN(Policy policy, readSimple(text));
        if (policy.kind == RetryKind::None) {
            return bad;
        }
        return std::move(policy.text);
    }
    TRY_ASSIGN(Policy left, readSimple(trimmed(match[2].str())));
    TRY_ASSIGN(Policy right, readSimple(trimmed(match[3].str())));
    const auto isPart = [](RetryKind kind) { return kind == RetryKind::Percentile || kind == RetryKind::Fixed; };
    if (!isPart(left.kind) || !isPart(right.kind)) {
        return bad;
    }
    if (left.kind == right.kind) {
        return configError(fmt::format("Invalid value {} for option '{}': MIN()/MAX() arguments should be "
                                       "of different types, but both are of type {}",
                                       text, kOption, nameOf(left.kind)));
    }
    if (left.kind == RetryKind::Fixed) {
        std::swap(left, right);
    }
    const bool least = lowerCase(match[1].str()) == "min";
    return fmt::format("{}({},{})", least ? "MIN" : "MAX", left.text, right.text);
}

}  // namespace engine::cql
