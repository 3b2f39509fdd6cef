#include "engine/storage/sstable/descriptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace engine::storage {

namespace {

constexpr std::string_view kFormatVersion = "nb";
constexpr std::string_view kFormat = "big";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::size_t kSequenceDigitsMax = 10;
constexpr std::size_t kUuidIdLength = 28;

bool isDigits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool isId(std::string_view text) {
    if (isDigits(text)) {
        return text.size() <= kSequenceDigitsMax;
    }
    return text.size() == kUuidIdLength && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_';
           });
}

struct NameParts {
    std::string_view version;
    std::string_view id;
    std::string_view format;
    std::string_view component;
};

/// The four parts of a name that are divided by dashes; nothing for other names.
std::optional<NameParts> splitName(std::string_view name) {
    std::array<std::string_view, 4> parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t dash = name.find('-');
        if ((dash == std::string_view::npos) != (i + 1 == parts.size())) {
            return std::nullopt;
        }
        parts[i] = name.substr(0, dash);
        name.remove_prefix(i + 1 == parts.size() ? 0 : dash + 1);
    }
    return NameParts{parts[0], parts[1], parts[2], parts[3]};
}

std::optional<Component> componentNamed(std::string_view name) {
    for (const Component component : kAllComponents) {
        if (toString(component) == name) {
            return component;
        }
    }
    return std::nullopt;
}

std::string_view fileNameIn(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string_view toString(Component component) {
    switch (component) {
        case Component::Data: return "Data.db";
        case Component::Index: return "Index.db";
        case Component::Summary: return "Summary.db";
        case Component::Filter: return "Filter.db";
        case Component::Statistics: return "Statistics.db";
        case Component::CompressionInfo: return "CompressionInfo.db";
        case Component::Crc: return "CRC.db";
        case Component::Digest: return "Digest.crc32";
        case Component::Toc: return "TOC.txt";
    }
    return {};
}

std::uint64_t SstableDescriptor::generation() const {
    std::uint64_t out = 0;
    if (isDigits(id)) {
        std::from_chars(id.data(), id.data() + id.size(), out);
    }
    return out;
}

std::string SstableDescriptor::nameOf(Component component) const {
    return fmt::format("{}-{}-{}-{}", kFormatVersion, id, kFormat, toString(component));
}

std::string SstableDescriptor::pathOf(Component component) const {
    return folder + '/' + nameOf(component);
}

std::string SstableDescriptor::temporaryPathOf(Component component) const {
    return pathOf(component).append(kTemporarySuffix);
}

SstableDescriptor descriptorOf(std::string folder, std::uint64_t generation) {
    return {std::move(folder), std::to_string(generation)};
}

std::optional<ComponentFile> parseComponentPath(std::string_view path) {
    std::string_view name = fileNameIn(path);
    const std::size_t folderLength = path.size() - name.size();
    ComponentFile out;
    if (name.ends_with(kTemporarySuffix)) {
        name.remove_suffix(kTemporarySuffix.size());
        out.isTemporary = true;
    }
    const auto parts = splitName(name);
    if (!parts || parts->version != kFormatVersion || parts->format != kFormat || !isId(parts->id)) {
        return std::nullopt;
    }
    const auto component = componentNamed(parts->component);
    if (!component) {
        return std::nullopt;
    }
    out.component = *component;
    out.sstable.folder = folderLength == 0 ? "." : std::string(path.substr(0, folderLength - 1));
    out.sstable.id = std::string(parts->id);
    return out;
}

std::optional<std::string> otherVersionOf(std::string_view path) {
    const auto parts = splitName(fileNameIn(path));
    if (!parts || !isId(parts->id) || (parts->format != kFormat && parts->format != "bti") ||
        (parts->version == kFormatVersion && parts->format == kFormat)) {
        return std::nullopt;
    }
    return std::string(parts->version);
}

}  // namespace engine::storage
