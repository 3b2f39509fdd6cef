#include "engine/gossip/gossip_message.h"

namespace engine::gossip {

namespace {

void write(ByteWriter& out, const std::vector<GossipDigest>& digests) {
    out.unsignedVint(digests.size());
    for (const GossipDigest& digest : digests) {
        out.blob(digest.endpoint);
        out.i32(digest.generation);
        out.i32(digest.maxVersion);
    }
}

std::vector<GossipDigest> readDigests(ByteReader& in) {
    std::vector<GossipDigest> digests;
    for (std::uint64_t left = in.unsignedVint(); left > 0 && !in.failed(); --left) {
        GossipDigest digest;
        digest.endpoint = in.blob();
        digest.generation = in.i32();
        digest.maxVersion = in.i32();
        digests.push_back(std::move(digest));
    }
    return digests;
}

void write(ByteWriter& out, const EndpointState& state) {
    out.i32(state.heartBeat.generation);
    out.i32(state.heartBeat.version);
    out.unsignedVint(state.states.size());
    for (const auto& [key, value] : state.states) {
        out.u8(static_cast<std::uint8_t>(key));
        out.i32(value.version);
        out.blob(value.value);
    }
}

EndpointState readState(ByteReader& in) {
    EndpointState state;
    state.heartBeat.generation = in.i32();
    state.heartBeat.version = in.i32();
    for (std::uint64_t left = in.unsignedVint(); left > 0 && !in.failed(); --left) {
        const auto key = static_cast<ApplicationState>(in.u8());
        VersionedValue value;
        value.version = in.i32();
        value.value = in.blob();
        state.states.emplace(key, std::move(value));
    }
    return state;
}

void write(ByteWriter& out, const StateMap& states) {
    out.unsignedVint(states.size());
    for (const auto& [endpoint, state] : states) {
        out.blob(endpoint);
        write(out, state);
    }
}

StateMap readStates(ByteReader& in) {
    StateMap states;
    for (std::uint64_t left = in.unsignedVint(); left > 0 && !in.failed(); --left) {
        std::string endpoint(in.blob());
        states.emplace(std::move(endpoint), readState(in));
    }
    return states;
}

template <typename T>
Result<T> whole(const ByteReader& in, T message, const char* what) {
    if (in.failed() || !in.atEnd()) {
        return makeError(ErrorKind::Corrupt, std::string("malformed ") + what);
    }
    return message;
}

}  // namespace

Bytes encode(const GossipSyn& syn) {
    ByteWriter out;
    out.u64(syn.exchange);
    out.blob(syn.cluster);
    out.blob(syn.partitioner);
    write(out, syn.digests);
    return out.take();
}

Bytes encode(const GossipAck& ack) {
    ByteWriter out;
    out.u64(ack.exchange);
    write(out, ack.requests);
    write(out, ack.states);
    return out.take();
}

Bytes encode(const GossipAck2& ack2) {
    ByteWriter out;
    out.u64(ack2.exchange);
    write(out, ack2.states);
    return out.take();
}

Bytes encode(const EndpointState& state) {
    ByteWriter out;
    write(out, state);
    return out.take();
}

Result<GossipSyn> decodeSyn(BytesView payload) {
    ByteReader in(payload);
    GossipSyn syn;
    syn.exchange = in.u64();
    syn.cluster = in.blob();
    syn.partitioner = in.blob();
    syn.digests = readDigests(in);
    return whole(in, std::move(syn), "GOSSIP_DIGEST_SYN");
}

Result<GossipAck> decodeAck(BytesView payload) {
    ByteReader in(payload);
    GossipAck ack;
    ack.exchange = in.u64();
    ack.requests = readDigests(in);
    ack.states = readStates(in);
    return whole(in, std::move(ack), "GOSSIP_DIGEST_ACK");
}

Result<GossipAck2> decodeAck2(BytesView payload) {
    ByteReader in(payload);
    GossipAck2 ack2;
    ack2.exchange = in.u64();
    ack2.states = readStates(in);
    return whole(in, std::move(ack2), "GOSSIP_DIGEST_ACK2");
}

Result<EndpointState> decodeState(BytesView payload) {
    ByteReader in(payload);
    EndpointState state = readState(in);
    return whole(in, std::move(state), "GOSSIP_SHUTDOWN");
}

}  // namespace engine::gossip
