#include "engine/cql/select/paging_state.h"

namespace engine::cql {
namespace {
constexpr std::uint8_t kVersion = 1;
}  // namespace

Bytes PagingState::encode() const {
    ByteWriter out;
    out.u8(kVersion);
    out.blob(key);
    out.unsignedVint(remaining);
    out.unsignedVint(remainingInPartition);
    out.boolean(clustering.has_value());
    if (clustering) {
        out.unsignedVint(clustering->size());
        for (const Bytes& value : *clustering) {
            out.blob(value);
        }
    }
    return out.take();
}

Result<PagingState> PagingState::decode(BytesView bytes) {
    const Error bad =
        makeError(ErrorKind::Protocol, "Invalid value for the paging state");
    ByteReader in(bytes);
    PagingState state;
    if (in.u8() != kVersion) {
        return bad;
    }
    state.key = Bytes(in.blob());
    state.remaining = static_cast<std::uint32_t>(in.unsignedVint());
    state.remainingInPartition = static_cast<std::uint32_t>(in.unsignedVint());
    if (in.boolean()) {
        const std::uint64_t count = in.unsignedVint();
        if (count > in.remaining()) {
            return bad;
        }
        state.clustering.emplace();
        for (std::uint64_t i = 0; i < count; ++i) {
            state.clustering->emplace_back(in.blob());
        }
    }
    if (in.failed() || !in.atEnd()) {
        return bad;
    }
    return state;
}

}  // namespace engine::cql
