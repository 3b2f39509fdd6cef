#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace engine::types::detail {

inline bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// The whole text as a number of the type; empty when it is none or does not fit.
template <typename T>
std::optional<T> wholeNumber(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// Reads a text from left to right; each call says whether it could.
class TextScanner {
public:
    explicit TextScanner(std::string_view text) : m_rest(text) {}

    bool character(char c) {
        if (m_rest.empty() || m_rest[0] != c) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }

    bool digits(std::size_t least, std::size_t most, std::int64_t& value) {
        std::size_t count = 0;
        while (count < m_rest.size() && count < most && isDigit(m_rest[count])) {
            ++count;
        }
        if (count < least) {
            return false;
        }
        const std::string_view number = take(count);
        value = wholeNumber<std::int64_t>(number).value_or(0);
        return true;
    }

    std::string_view take(std::size_t count) {
        const std::string_view taken = m_rest.substr(0, count);
        m_rest.remove_prefix(taken.size());
        return taken;
    }

    bool atEnd() const { return m_rest.empty(); }
    std::string_view rest() const { return m_rest; }
    char peek() const { return m_rest.empty() ? '\0' : m_rest[0]; }

private:
    std::string_view m_rest;
};

}  // namespace engine::types::detail
