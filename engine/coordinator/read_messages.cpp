#include "engine/coordinator/read_messages.h"

#include "engine/rows/serialization.h"

namespace engine::coordinator {

namespace {

constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kDigest = 1;

}  // namespace

Bytes encodeReadRequest(const rows::ReadCommand& command, bool wantsDigest) {
    ByteWriter out;
    out.u8(wantsDigest ? kDigest : kData);
    rows::write(out, command);
    return out.take();
}

Result<ReadRequest> decodeReadRequest(BytesView payload, const schema::Schema& schema) {
    ByteReader in(payload);
    ReadRequest out;
    out.wantsDigest = in.u8() == kDigest;
    TRY_ASSIGN(out.command, rows::readReadCommand(in, schema));
    return out;
}

Bytes encodeReadAnswer(const std::vector<rows::Partition>& data, bool wantsDigest) {
    ByteWriter out;
    out.u8(wantsDigest ? kDigest : kData);
    if (wantsDigest) {
        out.raw(rows::digest(data));
        return out.take();
    }
    out.unsignedVint(data.size());
    for (const rows::Partition& partition : data) {
        rows::write(out, partition);
    }
    return out.take();
}

Result<ReplicaAnswer> decodeReadAnswer(std::string node, BytesView payload) {
    ByteReader in(payload);
    ReplicaAnswer out;
    out.node = std::move(node);
    out.isDigest = in.u8() == kDigest;
    if (out.isDigest) {
        out.digest = in.raw(in.remaining());
        return out;
    }
    const std::uint64_t count = in.unsignedVint();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        TRY_ASSIGN(auto partition, rows::readPartition(in));
        out.data.push_back(std::move(partition));
    }
    if (in.failed()) {
        return makeError(ErrorKind::Corrupt, "answer to a read from " + out.node + " is truncated");
    }
    return out;
}

}  // namespace engine::coordinator
