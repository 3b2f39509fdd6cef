#include "engine/base/ensure.h"
#include "engine/rows/serialization.h"
#include "engine/sim/disk.h"
#include "engine/storage/commit_log_segment.h"
#include "fuzz_entry.h"
#include "sample_rows.h"

namespace fuzz {

using namespace engine;

namespace {

constexpr const char* kFolder = "/commitlog";
constexpr std::uint64_t kSegmentId = 7;

Result<void> readRecord(BytesView payload) {
    if (storage::sealIn(payload)) {
        return ok();
    }
    ByteReader in(payload);
    std::vector<Uuid> unknown;
    TRY(rows::readMutation(in, sampleSchema(), unknown));
    return ok();
}

void readSegment(BytesView bytes, bool ignoreErrors) {
    sim::SimDisk disk(1);
    const std::string path = std::string(kFolder) + '/' + storage::segmentName(kSegmentId);
    (void)disk.createFolders(kFolder);
    auto file = disk.open(path, runtime::OpenMode::CreateNew);
    ENSURE(file.has_value() && file.value()->append(bytes).has_value());
    Log log;
    (void)storage::readSegment(disk, {path, kSegmentId, ignoreErrors}, log,
                               [](storage::LogPosition, BytesView payload) { return readRecord(payload); });
}

Bytes segmentOf(const std::vector<Bytes>& payloads) {
    ByteWriter out;
    storage::writeSegmentHeader(out, kSegmentId);
    for (const Bytes& payload : payloads) {
        const std::size_t start = out.size();
        out.u32(0);
        out.u32(0);
        out.raw(payload);
        storage::finishRecord(out, start);
    }
    return out.take();
}

/// A segment as it lies on a disk, then the same bytes as the payload of a record with right
/// checksums, to reach what lies behind these.
void run(BytesView input) {
    readSegment(input, false);
    readSegment(input, true);
    readSegment(segmentOf({Bytes(input)}), false);
    (void)readRecord(input);
}

Bytes sampleMutation(std::uint64_t seed) {
    ByteWriter out;
    rows::write(out, rows::Mutation{{{sampleTable(), samplePartition(seed)}}});
    return out.take();
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> out;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        out.push_back(segmentOf({sampleMutation(seed), sampleMutation(seed + 100)}));
        out.push_back(sampleMutation(seed));
    }
    ByteWriter sealed;
    storage::writeSegmentHeader(sealed, kSegmentId);
    storage::writeSeal(sealed, {3, 4096});
    out.push_back(sealed.take());
    return out;
}

}  // namespace

const Entry kCommitLogSegment{"commit_log_segment", run, seeds, 160'000};

}  // namespace fuzz
