#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/sstable_reader.h"

/// Looks into SSTables without a node and without a schema: what the file's own HEADER says is
/// enough. For ringctl, the explorer and tests; everything blocks.
namespace engine::storage::inspect {

/// The table as a file's HEADER tells it: key columns have Cassandra's generic names ("key",
/// "clustering1", ...) and keyspace and name come from the path.
Result<schema::TablePtr> tableOf(runtime::FileSystem& files, const SstableDescriptor& descriptor);

struct DumpOptions {
    bool rawTimestamps = false;        // -t: microseconds instead of dates.
    bool lines = false;                // -l: one partition a line, no array.
    bool keysOnly = false;             // -e
    std::vector<std::string> keys;     // -k: only these, as the key prints (`1:a`).
    std::vector<std::string> without;  // -x
    std::int64_t nowSeconds = 0;       // Decides what is printed as expired.
};
/// Text in the JSON shape of Cassandra's sstabledump, handed out piece by piece.
Result<void> dump(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                  const DumpOptions& options, const std::function<void(std::string_view)>& write);

/// sstablemetadata's facts as lines of text, with Cassandra's labels.
struct MetadataOptions {
    std::int64_t gcGraceSeconds = 0;
    std::int64_t nowSeconds = 0;
};
Result<std::string> metadataText(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                                 const MetadataOptions& options);

/// One thing wrong with a file: which component, where, what.
struct Finding {
    Component component = Component::Data;
    std::optional<std::uint64_t> offset;
    std::string what;
};
struct VerifyReport {
    std::vector<Finding> findings;
    std::uint64_t partitions = 0;
    std::uint64_t rows = 0;
    std::uint64_t bytesRead = 0;
    bool isGood() const { return findings.empty(); }
};
/// Reads every component and, when `extended`, every row; goes on behind what is damaged.
VerifyReport verify(runtime::FileSystem& files, const SstableDescriptor& descriptor, bool extended);

/// A stretch of bytes of one component with its meaning. Parts of a stretch follow it with a
/// greater depth.
struct ByteRange {
    Component component = Component::Data;
    std::uint64_t offset = 0;  // In the component; of Data.db before compression.
    std::uint64_t length = 0;
    int depth = 0;
    std::string name;     // "row flags", "timestamp", "promoted index", ...
    std::string meaning;  // "HAS_TIMESTAMP | HAS_ALL_COLUMNS", "2025-01-02T03:04:05Z (+17)", ...
    Bytes bytes;          // At most kXrayBytesMax of them.
};
inline constexpr std::size_t kXrayBytesMax = 64;

struct XrayBit {
    std::uint64_t bit = 0;
    bool isSet = false;
};
struct XrayChunk {
    std::uint64_t number = 0;
    std::uint64_t fileOffset = 0;
    std::uint64_t storedBytes = 0;
    std::uint64_t uncompressedOffset = 0;
    std::uint64_t uncompressedBytes = 0;
};
/// How a key is found in a file, step by step, and what lies there.
struct Xray {
    rows::DecoratedKey key;
    std::string keyText;
    std::vector<XrayBit> bloomBits;  // In the order they are asked.
    bool bloomSaysMaybe = false;
    std::optional<std::uint64_t> summaryEntry;  // The one the search goes on from.
    std::uint64_t indexScanFrom = 0;            // Offset in Index.db.
    std::uint64_t indexEntriesPassed = 0;
    bool isFound = false;
    std::uint64_t dataOffset = 0;  // Before compression.
    std::uint64_t dataLength = 0;
    std::vector<XrayChunk> chunks;  // Of Data.db that hold it; empty when not compressed.
    /// Filter, Summary, Index, then Data.
    std::vector<ByteRange> ranges;
    bool isCut = false;  // More unfiltereds than asked for.
};
Result<Xray> xray(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                  const rows::DecoratedKey& key, std::size_t unfilteredsMax = 1000);
/// The key as a person writes it (`1:a`), by the file's key types.
Result<rows::DecoratedKey> parseKey(const SerializationHeader& header, std::string_view text);
std::string keyText(const SerializationHeader& header, BytesView key);

}  // namespace engine::storage::inspect
