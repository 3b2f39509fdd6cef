#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace app::ringctl {

enum class ExitCode { Ok = 0, Failed = 1, Usage = 2 };

/// The words of a command line, options apart. An option that takes a value may stand as
/// `--name value` or `--name=value`; `--set` may come several times.
class CommandLine {
public:
    /// Options not in `flags` take a value. Words after `--` are taken as they are.
    static engine::Result<CommandLine> parse(const std::vector<std::string>& words,
                                             const std::vector<std::string>& flags,
                                             const std::vector<std::string>& options);

    const std::vector<std::string>& words() const { return m_words; }
    bool has(std::string_view flag) const { return m_options.contains(std::string(flag)); }
    std::string value(std::string_view option, std::string_view otherwise = {}) const;
    std::vector<std::string> values(std::string_view option) const;
    /// Invalid when it is given and is no whole number from `least` to `most`.
    engine::Result<int> number(std::string_view option, int otherwise, int least, int most) const;

private:
    std::vector<std::string> m_words;
    std::multimap<std::string, std::string> m_options;
};

engine::Result<int> parseNumber(std::string_view what, std::string_view text, int least, int most);

}  // namespace app::ringctl
