#include "engine/types/detail/inet.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace engine::types::detail {
namespace {

std::optional<std::uint64_t> number(std::string_view text, int base, std::size_t maxDigits) {
    std::uint64_t value = 0;
    if (text.empty() || text.size() > maxDigits) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

/// Fewer than four parts: the last one fills the bytes that are left.
std::optional<Bytes> parseIpv4(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '.');
    if (parts.size() > 4) {
        return std::nullopt;
    }
    Bytes out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t bytes = i + 1 == parts.size() ? 4 - i : 1;
        const std::optional<std::uint64_t> value = number(parts[i], 10, 10);
        if (!value || *value >= (std::uint64_t(1) << (8 * bytes))) {
            return std::nullopt;
        }
        for (std::size_t b = bytes; b > 0; --b) {
            out.push_back(static_cast<char>(*value >> (8 * (b - 1))));
        }
    }
    return out;
}

/// One side of `::`: groups of 16 bits, the last perhaps an IPv4 address.
bool appendGroups(std::string_view text, Bytes& out) {
    if (text.empty()) {
        return true;
    }
    const std::vector<std::string_view> groups = split(text, ':');
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (i + 1 == groups.size() && groups[i].find('.') != std::string_view::npos) {
            const std::optional<Bytes> last = parseIpv4(groups[i]);
            if (!last || split(groups[i], '.').size() != 4) {
                return false;
            }
            out += *last;
            continue;
        }
        const std::optional<std::uint64_t> value = number(groups[i], 16, 4);
        if (!value) {
            return false;
        }
        out.push_back(static_cast<char>(*value >> 8));
        out.push_back(static_cast<char>(*value));
    }
    return true;
}

constexpr std::string_view kMappedPrefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

std::optional<Bytes> parseIpv6(std::string_view text) {
    text = text.substr(0, text.find('%'));  // A scope does not belong to the address.
    const std::size_t gap = text.find("::");
    Bytes out;
    if (gap == std::string_view::npos) {
        if (!appendGroups(text, out) || out.size() != 16) {
            return std::nullopt;
        }
    } else {
        Bytes tail;
        const std::string_view after = text.substr(gap + 2);
        if (after.find("::") != std::string_view::npos || !appendGroups(text.substr(0, gap), out) ||
            !appendGroups(after, tail) || out.size() + tail.size() > 14) {
            return std::nullopt;
        }
        out.append(16 - out.size() - tail.size(), '\0');
        out += tail;
    }
    if (BytesView(out).substr(0, 12) == kMappedPrefix) {
        return out.substr(12);
    }
    return out;
}

}  // namespace

std::optional<Bytes> parseAddress(std::string_view text) {
    if (text == "localhost") {
        return Bytes("\x7f\0\0\1", 4);
    }
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        return parseIpv6(text.substr(1, text.size() - 2));
    }
    return text.find(':') == std::string_view::npos ? parseIpv4(text) : parseIpv6(text);
}

std::string addressText(BytesView bytes) {
    if (bytes.size() == 16 && bytes.substr(0, 12) == kMappedPrefix) {
        bytes = bytes.substr(12);
    }
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() == 4) {
        return fmt::format("{}.{}.{}.{}", at(0), at(1), at(2), at(3));
    }
    std::string out;
    for (std::size_t i = 0; i + 1 < bytes.size() && bytes.size() == 16; i += 2) {
        out += fmt::format("{}{:x}", i == 0 ? "" : ":", (at(i) << 8) | at(i + 1));
    }
    return out;
}

}  // namespace engine::types::detail
