#include "app/ringctl/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace app::ringctl {

using engine::Result;

Result<CommandLine> CommandLine::parse(const std::vector<std::string>& words,
                                       const std::vector<std::string>& flags,
                                       const std::vector<std::string>& options) {
    const auto in = [](const std::vector<std::string>& list, const std::string& item) {
        return std::find(list.begin(), list.end(), item) != list.end();
    };
    CommandLine out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--") {
            out.m_words.insert(out.m_words.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            break;
        }
        if (word.size() < 2 || word[0] != '-') {
            out.m_words.push_back(word);
            continue;
        }
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (in(flags, name) && equals == std::string::npos) {
            out.m_options.emplace(name, "");
        } else if (in(options, name)) {
            if (equals != std::string::npos) {
                out.m_options.emplace(name, word.substr(equals + 1));
            } else if (i + 1 < words.size()) {
                out.m_options.emplace(name, words[++i]);
            } else {
                return engine::invalid(fmt::format("option {} wants a value", name));
            }
        } else {
            return engine::invalid(fmt::format("unknown option {}", word));
        }
    }
    return out;
}

std::string CommandLine::value(std::string_view option, std::string_view otherwise) const {
    const auto it = m_options.find(std::string(option));
    return it == m_options.end() ? std::string(otherwise) : it->second;
}

std::vector<std::string> CommandLine::values(std::string_view option) const {
    std::vector<std::string> out;
    const auto [first, last] = m_options.equal_range(std::string(option));
    for (auto it = first; it != last; ++it) {
        out.push_back(it->second);
    }
    return out;
}

Result<int> CommandLine::number(std::string_view option, int otherwise, int least, int most) const {
    const auto it = m_options.find(std::string(option));
    return it == m_options.end() ? Result<int>(otherwise) : parseNumber(option, it->second, least, most);
}

Result<int> parseNumber(std::string_view what, std::string_view text, int least, int most) {
    int out = 0;
    const auto [end, broken] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (broken != std::errc() || end != text.data() + text.size() || out < least || out > most) {
        return engine::invalid(fmt::format("{}: '{}' is not a whole number from {} to {}", what, text, least, most));
    }
    return out;
}

}  // namespace app::ringctl
