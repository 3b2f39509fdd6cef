#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/runtime/file_system.h"

namespace engine::coordinator {

/// One write that a node has missed.
struct Hint {
    std::int64_t createdMillis = 0;
    std::int32_t graceSeconds = 0;  // The smallest gc_grace_seconds of its tables: how long it lives.
    Bytes mutation;

    bool isLive(std::int64_t nowMillis) const {
        return createdMillis + std::int64_t{graceSeconds} * 1000 > nowMillis;
    }
};

/// A file of hints for one node: `<host id>-<created, milliseconds>.hints`, records of length, CRC-32 and
/// content (docs/formats.md). It outlives the node that wrote it, which names it by when it was begun.
struct HintFile {
    Uuid host;
    std::int64_t createdMillis = 0;
    std::int64_t newestMillis = 0;  // Of its last hint.
    std::uint64_t bytes = 0;
    std::uint64_t delivered = 0;  // Offset of the first record that is not.

    std::string name() const;
    /// False: no file of hints has such a name.
    static bool parse(const std::string& name, HintFile& out);
};

/// The bytes of a record.
Bytes encodeHintRecord(const Hint& hint);

/// Reads records one after the other, checked. Ends at the first that is cut off or damaged.
class HintReader {
public:
    HintReader(const runtime::File& file, std::uint64_t from) : m_file(file), m_offset(from) {}
    /// False: there is no further one.
    Result<bool> next(Hint& hint);
    /// Where the next record begins.
    std::uint64_t offset() const { return m_offset; }
    /// It ended at bytes that are no whole record.
    bool isDamaged() const { return m_damaged; }

private:
    const runtime::File& m_file;
    std::uint64_t m_offset;
    bool m_damaged = false;
};

}  // namespace engine::coordinator
