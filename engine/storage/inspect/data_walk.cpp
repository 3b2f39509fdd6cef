#include "engine/storage/inspect/data_walk.h"

#include <fmt/format.h>

namespace engine::storage::inspect {

namespace {

constexpr std::size_t kKeyLengthBytes = 2;
constexpr std::size_t kDeletionBytes = 12;

}  // namespace

Result<Statistics> loadStatistics(runtime::FileSystem& files, const SstableDescriptor& descriptor) {
    const std::string path = descriptor.pathOf(Component::Statistics);
    TRY_ASSIGN(const Bytes bytes, runtime::readFile(files, path));
    return readStatistics(bytes, path);
}

Result<std::unique_ptr<DataWalk>> DataWalk::open(runtime::FileSystem& files,
                                                 const SstableDescriptor& descriptor,
                                                 SstableCache* cache) {
    TRY_ASSIGN(Statistics statistics, loadStatistics(files, descriptor));
    TRY_ASSIGN(auto layout, DataLayout::load(files, descriptor, 1.0));
    TRY_ASSIGN(auto file, DataFile::open(files, std::move(layout)));
    return std::unique_ptr<DataWalk>(new DataWalk(std::move(statistics), std::move(file), cache));
}

Error DataWalk::corrupt(std::string_view what) const {
    return layout().corrupt(fmt::format("{} (before compression)", what), m_window.position());
}

Result<void> DataWalk::extend(std::size_t needed) {
    TRY_ASSIGN(const bool isThere, m_window.extend(needed));
    return isThere ? ok() : Result<void>(corrupt("the data ends within a partition"));
}

Result<bool> DataWalk::nextPartition() {
    m_start = m_window.position();
    if (m_start == layout().uncompressedBytes) {
        return false;
    }
    TRY(extend(kKeyLengthBytes));
    DecodeReader length(m_window.bytes());
    const std::size_t bytes = kKeyLengthBytes + length.u16() + kDeletionBytes;
    TRY(extend(bytes));
    DecodeReader in(m_window.bytes());
    m_key = rows::decorate(Bytes(in.shortBlob()));
    m_deletion = readPlainDeletion(in);
    m_window.consume(bytes);
    m_static = {};
    if (m_format.statics.columns.empty()) {
        return true;
    }
    DecodeOutcome outcome;
    while ((outcome = m_decoder.staticRow(m_window.bytes(), m_static)) == DecodeOutcome::Incomplete) {
        TRY(extend(m_decoder.needed()));
    }
    if (outcome == DecodeOutcome::Corrupt) {
        return corrupt(m_decoder.problem());
    }
    m_window.consume(m_decoder.consumed());
    return true;
}

Result<DecodeOutcome> DataWalk::next() {
    m_start = m_window.position();
    DecodeOutcome outcome;
    while ((outcome = m_decoder.next(m_window.bytes(), m_row, m_marker)) ==
           DecodeOutcome::Incomplete) {
        TRY(extend(m_decoder.needed()));
    }
    if (outcome == DecodeOutcome::Corrupt) {
        return corrupt(m_decoder.problem());
    }
    m_window.consume(m_decoder.consumed());
    return outcome;
}

}  // namespace engine::storage::inspect
