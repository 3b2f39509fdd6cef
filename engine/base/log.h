#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace engine {

enum class LogLevel { Debug, Info, Warn, Error };

/// Where a node's words go. One per node, passed by reference; the sink writes a line with its
/// own time stamp. Lines below `threshold` cost one comparison.
class Log {
public:
    using Sink = std::function<void(LogLevel, std::string_view line)>;

    Log() = default;
    explicit Log(Sink sink, LogLevel threshold = LogLevel::Info)
        : m_sink(std::move(sink)), m_threshold(threshold) {}

    template <typename... A>
    void debug(fmt::format_string<A...> text, A&&... args) {
        write(LogLevel::Debug, text, std::forward<A>(args)...);
    }
    template <typename... A>
    void info(fmt::format_string<A...> text, A&&... args) {
        write(LogLevel::Info, text, std::forward<A>(args)...);
    }
    template <typename... A>
    void warn(fmt::format_string<A...> text, A&&... args) {
        write(LogLevel::Warn, text, std::forward<A>(args)...);
    }
    template <typename... A>
    void error(fmt::format_string<A...> text, A&&... args) {
        write(LogLevel::Error, text, std::forward<A>(args)...);
    }

private:
    template <typename... A>
    void write(LogLevel level, fmt::format_string<A...> text, A&&... args) {
        if (level >= m_threshold && m_sink) {
            m_sink(level, fmt::format(text, std::forward<A>(args)...));
        }
    }

    Sink m_sink;
    LogLevel m_threshold = LogLevel::Info;
};

/// DEBUG, INFO, WARN or ERROR.
std::string_view toString(LogLevel level);

}  // namespace engine
