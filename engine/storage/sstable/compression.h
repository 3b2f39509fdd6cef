#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/schema/table.h"

namespace engine::storage {

/// What CRC.db has one checksum for each of when a table is not compressed.
inline constexpr std::uint32_t kPlainChunkBytes = 64 * 1024;

/// How Data.db is compressed, as the table's options or CompressionInfo.db say it
/// (CompressionParams).
struct CompressionParams {
    std::string compressor;  // `LZ4Compressor`, ...; empty: not compressed.
    std::vector<std::pair<std::string, std::string>> options;
    std::uint32_t chunkBytes = 16 * 1024;
    /// Chunks that do not compress to less are stored as they are.
    std::uint32_t maxCompressedBytes = 0x7fffffff;

    bool isOn() const { return !compressor.empty(); }
    static CompressionParams of(const schema::TableOptions& options);
};

/// One of Cassandra's compressors. Keeps working memory: one thread at a time.
class Compressor {
public:
    virtual ~Compressor() = default;
    /// Room that the compressed form of so many bytes may take.
    virtual std::size_t bound(std::size_t length) const = 0;
    /// Replaces `out`.
    virtual void compress(BytesView in, Bytes& out) = 0;
    /// Writes exactly `length` bytes to `out`; false when the input is not of that length or damaged.
    virtual bool uncompress(BytesView in, char* out, std::size_t length) = 0;
};
/// NotFound-like Invalid error for a class this program does not know.
Result<std::unique_ptr<Compressor>> makeCompressor(const CompressionParams& params);

/// CompressionInfo.db: where the chunks lie.
struct CompressionInfo {
    CompressionParams params;
    std::uint64_t uncompressedBytes = 0;
    std::vector<std::uint64_t> offsets;  // Of each chunk in Data.db.

    void write(ByteWriter& out) const;
    static Result<CompressionInfo> read(BytesView bytes, const std::string& path);
};

}  // namespace engine::storage
