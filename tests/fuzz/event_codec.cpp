#include "engine/observe/cluster_state.h"
#include "engine/observe/codec.h"
#include "engine/observe/recording.h"
#include "fuzz_entry.h"

namespace fuzz {

using engine::Bytes;
using engine::BytesView;

namespace {

/// What a viewer does with an event from a node or a recording.
void run(BytesView input) {
    (void)engine::observe::readRecording(input);
    const auto event = engine::observe::decode(input);
    if (!event) {
        return;
    }
    (void)engine::observe::toJson(event.value());
    (void)engine::observe::toText(event.value());
    engine::observe::ClusterState state;
    engine::observe::fold(state, event.value());
}

template <std::size_t I = 0>
void encodeEach(std::vector<Bytes>& out) {
    if constexpr (I < std::variant_size_v<engine::observe::EventBody>) {
        engine::observe::Event event{"127.0.0.1:7000", -17, 1'700'000'000'000'000, 300, {}};
        event.body.emplace<I>();
        out.push_back(engine::observe::encode(event));
        encodeEach<I + 1>(out);
    }
}

std::vector<Bytes> seeds() {
    using namespace engine::observe;
    std::vector<Bytes> out;
    encodeEach(out);
    Event ring{"127.0.0.1:7000", 1, 2, 3, RingSnapshot{}};
    auto& nodes = std::get<RingSnapshot>(ring.body).nodes;
    nodes.resize(3);
    nodes[1].tokens = {-5, 0, 7};
    out.push_back(encode(ring));
    engine::ByteWriter recording;
    writeRecordingHead(recording);
    writeRecorded(recording, ring);
    out.push_back(recording.take());
    return out;
}

}  // namespace

const Entry kEventCodec{"event_codec", run, seeds, 400'000};

}  // namespace fuzz
