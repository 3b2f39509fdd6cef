#pragma once

#include <compare>
#include <concepts>
#include <string>
#include <string_view>

namespace engine::rows {

/// A column's name as cells carry it: a pointer to the one copy of the text that the process has of
/// it, so that a name costs eight bytes, is copied freely and mostly compared by address. Ordered by
/// text. Names are never let go: there are as many as schemas ever had columns. Any thread.
class ColumnName {
public:
    ColumnName() = default;
    template <typename Text>
        requires(std::convertible_to<const Text&, std::string_view> &&
                 !std::same_as<Text, ColumnName>)
    ColumnName(const Text& text) : m_text(intern(text)) {}

    const std::string& text() const { return m_text != nullptr ? *m_text : kEmpty; }
    operator std::string_view() const { return text(); }
    bool empty() const { return m_text == nullptr; }
    int compare(const ColumnName& other) const {
        return m_text == other.m_text ? 0 : text().compare(other.text());
    }

    friend bool operator==(const ColumnName& a, const ColumnName& b) {
        return a.m_text == b.m_text;
    }
    friend std::strong_ordering operator<=>(const ColumnName& a, const ColumnName& b) {
        return a.compare(b) <=> 0;
    }
    template <typename Text>
        requires(std::convertible_to<const Text&, std::string_view> &&
                 !std::same_as<Text, ColumnName>)
    friend bool operator==(const ColumnName& a, const Text& b) {
        return a.text() == std::string_view(b);
    }
    template <typename Text>
        requires(std::convertible_to<const Text&, std::string_view> &&
                 !std::same_as<Text, ColumnName>)
    friend std::strong_ordering operator<=>(const ColumnName& a, const Text& b) {
        return std::string_view(a.text()) <=> std::string_view(b);
    }

private:
    static const std::string kEmpty;
    static const std::string* intern(std::string_view text);

    const std::string* m_text = nullptr;  // Null: empty.
};

}  // namespace engine::rows
