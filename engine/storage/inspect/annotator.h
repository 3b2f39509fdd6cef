#pragma once

#include <string>
#include <vector>

#include "engine/storage/inspect/sstable_inspect.h"
#include "engine/storage/sstable/unfiltered_codec.h"

namespace engine::storage::inspect {

/// Names the parts of what lies in a component, from the place it begins at.
class Annotator {
public:
    Annotator(std::vector<ByteRange>& out, Component component, BytesView bytes,
              std::uint64_t startsAt)
        : m_out(out), m_component(component), m_bytes(bytes), m_startsAt(startsAt), m_in(bytes) {}

    DecodeReader& in() { return m_in; }
    bool failed() const { return m_in.failed(); }
    std::size_t at() const { return m_in.offset(); }
    int depth = 0;

    /// What was read since `from`.
    void add(std::size_t from, std::string name, std::string meaning);
    /// A range whose parts follow: closed with its end and, perhaps, a meaning known only then.
    std::size_t open(std::string name, std::string meaning = {});
    void close(std::size_t range);

    std::uint64_t number(std::string name, std::string_view unit = {});
    void timestamp(const EncodingStats& stats, std::string name);
    void deletionTime(const EncodingStats& stats, std::string name);
    void deletion(const EncodingStats& stats, std::string name);
    void plainDeletion(std::string name);

private:
    std::vector<ByteRange>& m_out;
    const Component m_component;
    const BytesView m_bytes;
    const std::uint64_t m_startsAt;
    DecodeReader m_in;
};

/// The parts of a partition's head, of a row, and of a marker as Data.db has them.
void annotateHead(Annotator& notes, const SerializationHeader& header, const RowFormat& format);
void annotateUnfiltered(Annotator& notes, const SerializationHeader& header,
                        const RowFormat& format);
/// Clustering values as they lie in Data.db and Index.db; their text.
std::string annotateClustering(Annotator& notes, const SerializationHeader& header,
                               std::size_t count);

}  // namespace engine::storage::inspect
