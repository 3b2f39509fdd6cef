#include "engine/coordinator/read_messages.h"
#include "engine/coordinator/read_round.h"
#include "engine/gossip/gossip_message.h"
#include "engine/messaging/frame.h"
#include "engine/messaging/wire.h"
#include "engine/rows/serialization.h"
#include "fuzz_entry.h"
#include "sample_rows.h"

namespace fuzz {

using namespace engine;

namespace {

void readPayload(BytesView payload) {
    (void)gossip::decodeSyn(payload);
    (void)gossip::decodeAck(payload);
    (void)gossip::decodeAck2(payload);
    (void)gossip::decodeState(payload);
    (void)coordinator::decodeReadRequest(payload, sampleSchema());
    (void)coordinator::decodeReadAnswer("127.0.0.2:7000", payload);
    ByteReader in(payload);
    (void)rows::readMutation(in, sampleSchema());
}

void readFrame(BytesView frame) {
    (void)messaging::decodeHello(frame);
    (void)messaging::decodeHelloAnswer(frame);
    ByteReader in(frame);
    while (const auto message = messaging::readMessage(in)) {
        readPayload(message->payload);
    }
}

void readStream(BytesView stream, std::size_t firstPiece) {
    messaging::FrameReader reader;
    const auto onFrame = [](BytesView frame) {
        readFrame(frame);
        return true;
    };
    if (reader.feed(stream.substr(0, firstPiece), onFrame)) {
        (void)reader.feed(stream.substr(firstPiece), onFrame);
    }
}

/// A stream that comes in two pieces; then the same bytes in a frame with right checksums, and as
/// the payload of every kind of message.
void run(BytesView input) {
    readStream(input, input.size() / 2);
    readFrame(input);
    readPayload(input);
}

Bytes framed(const std::vector<messaging::WireMessage>& messages) {
    messaging::FrameWriter writer;
    for (const messaging::WireMessage& message : messages) {
        messaging::writeMessage(writer.payload(), message);
    }
    return writer.seal();
}

gossip::EndpointState sampleState() {
    gossip::EndpointState state;
    state.heartBeat = {1'700'000'000, 40};
    state.states[gossip::ApplicationState::Tokens] = {gossip::tokensValue({-5, 0, 5}), 3};
    state.states[gossip::ApplicationState::StatusWithPort] = {gossip::statusValue("NORMAL", {-5}), 4};
    return state;
}

std::vector<Bytes> seeds() {
    const std::string node = "127.0.0.1:7000";
    ByteWriter mutation;
    rows::write(mutation, rows::Mutation{{{sampleTable(), samplePartition(3)}}});
    rows::ReadCommand command;
    command.table = sampleTable();
    command.key = samplePartition(4).key;
    std::vector<Bytes> payloads{
        gossip::encode(gossip::GossipSyn{1, "Test Cluster", "Murmur3Partitioner", {{node, 1, 2}}}),
        gossip::encode(gossip::GossipAck{1, {{node, 1, 2}}, {{node, sampleState()}}}),
        gossip::encode(gossip::GossipAck2{1, {{node, sampleState()}}}),
        gossip::encode(sampleState()),
        coordinator::encodeReadRequest(command, true),
        coordinator::encodeReadAnswer({samplePartition(5), samplePartition(6)}, false),
        coordinator::encodeReadAnswer({samplePartition(5)}, true),
        mutation.take(),
    };
    std::vector<messaging::WireMessage> messages;
    for (const Bytes& payload : payloads) {
        messages.push_back(messaging::WireMessage{.verb = messaging::Verb::MutationReq, .id = 9, .leftMicros = 100, .payload = payload});
    }
    std::vector<Bytes> out{framed(messages), messaging::encodeHello({.cluster = "Test Cluster", .from = node, .to = node}),
                           messaging::encodeHelloAnswer({.refused = "no"})};
    out.insert(out.end(), payloads.begin(), payloads.end());
    return out;
}

}  // namespace

const Entry kInternodeFrame{"internode_frame", run, seeds, 400'000};

}  // namespace fuzz
