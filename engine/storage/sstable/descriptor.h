#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::storage {

/// The files that one SSTable consists of (org.apache.cassandra.io.sstable.Component).
enum class Component : std::uint8_t {
    Data,
    Index,
    Summary,
    Filter,
    Statistics,
    CompressionInfo,
    Crc,
    Digest,
    Toc,
};
inline constexpr std::array kAllComponents{
    Component::Data,       Component::Index,           Component::Summary,
    Component::Filter,     Component::Statistics,      Component::CompressionInfo,
    Component::Crc,        Component::Digest,          Component::Toc,
};
/// `Data.db`, `Digest.crc32`, `TOC.txt`, ...
std::string_view toString(Component component);

/// Names an SSTable: its folder and its id there, as in `nb-12-big-Data.db`.
struct SstableDescriptor {
    std::string folder;
    /// Digits of a sequence number, or the 28 characters of a UUID id of another node's file.
    std::string id;

    /// 0 for an id that is no number.
    std::uint64_t generation() const;
    std::string nameOf(Component component) const;
    std::string pathOf(Component component) const;
    /// The name a component has until the SSTable is complete.
    std::string temporaryPathOf(Component component) const;
    bool operator==(const SstableDescriptor&) const = default;
};
SstableDescriptor descriptorOf(std::string folder, std::uint64_t generation);

struct ComponentFile {
    SstableDescriptor sstable;
    Component component = Component::Data;
    bool isTemporary = false;
};
/// What a path names; nothing when it is no component of a BIG file of version nb.
std::optional<ComponentFile> parseComponentPath(std::string_view path);
/// The version of a path that is some SSTable's component but not nb's: `oa`, `da`, `me`.
std::optional<std::string> otherVersionOf(std::string_view path);

}  // namespace engine::storage
