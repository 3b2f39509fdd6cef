#include "labs/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lab {

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string_view between = i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ";
        out += fmt::format("{}{}", between, parts[i]);
    }
    return parts.empty() ? "none" : out;
}

std::string labelOf(int number) { return 'n' + std::to_string(number); }

std::string progressOf(std::size_t done, std::size_t wanted) { return fmt::format("{} of {}", done, wanted); }

bool equalIgnoringCase(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

Fact fact(std::string what, std::string wanted, std::string got) {
    const bool agrees = wanted == got;
    return {std::move(what), std::move(wanted), std::move(got), agrees};
}

std::vector<std::string> stringsIn(const std::string& literal) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] != '\'') {
            continue;
        }
        std::string text;
        for (++i; i < literal.size(); ++i) {
            if (literal[i] == '\'' && (i + 1 == literal.size() || literal[++i] != '\'')) {
                break;
            }
            text += literal[i];
        }
        out.push_back(std::move(text));
    }
    return out;
}

std::string plain(const std::string& literal) {
    return literal.empty() || literal.front() != '\'' ? literal : stringsIn(literal).front();
}

bool isSelect(std::string_view statement) {
    constexpr std::string_view kSelect = "SELECT";
    const auto first = std::min(statement.find_first_not_of(" \t\n"), statement.size());
    return equalIgnoringCase(statement.substr(first, kSelect.size()), kSelect);
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "''" : std::string(1, c);
    }
    return out + '\'';
}

}  // namespace lab
