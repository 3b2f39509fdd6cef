#include "engine/native/envelope_reader.h"
#include "engine/native/envelope_writer.h"
#include "engine/native/frame_codec.h"
#include "engine/native/request.h"
#include "fuzz_entry.h"

namespace fuzz {

using namespace engine;
using namespace engine::native;

namespace {

/// As a server does with what one client sends, in two pieces.
void readStream(BytesView stream, Compression compression, bool framed) {
    EnvelopeReader reader(EnvelopeLimits{});
    framed ? reader.useFrames(compression) : reader.useCompression(compression);
    for (const BytesView piece : {stream.substr(0, stream.size() / 2), stream.substr(stream.size() / 2)}) {
        reader.add(piece);
        while (true) {
            const EnvelopeReader::Step step = reader.next();
            if (const auto* envelope = std::get_if<Envelope>(&step)) {
                (void)decodeRequest(envelope->header, envelope->body);
                continue;
            }
            const auto* fault = std::get_if<EnvelopeFault>(&step);
            if (fault != nullptr && fault->kind == ErrorKind::Protocol) {
                return;
            }
            if (fault == nullptr) {
                break;
            }
        }
        reader.keep();
    }
}

/// `payload` as one v5 frame whose checksums are right.
Bytes frameOf(BytesView payload, bool selfContained, Compression compression) {
    Bytes out(frameHeaderBytes(compression), '\0');
    out.append(payload.substr(0, kMaxFramePayload));
    closeFrame(out, 0, selfContained, compression);
    return out;
}

void run(BytesView input) {
    for (const Compression compression : {Compression::None, Compression::Lz4, Compression::Snappy}) {
        readStream(input, compression, false);
    }
    for (const Compression compression : {Compression::None, Compression::Lz4}) {
        readStream(input, compression, true);
        readStream(frameOf(input, true, compression), compression, true);
        readStream(frameOf(input, false, compression), compression, true);
    }
}

void writeRequests(EnvelopeWriter& writer, int version) {
    const auto flags = [version](ByteWriter& out, std::uint8_t bits) {
        version >= 5 ? out.u32(bits) : out.u8(bits);
    };
    ByteWriter& query = writer.begin(version, false, 0, 1, Opcode::Query);
    query.longBlob("SELECT v FROM t WHERE k = ?");
    query.u16(4);
    flags(query, query_flag::kValues);
    query.u16(2);
    query.longBlob("value");
    query.i32(-1);
    writer.end();
    ByteWriter& batch = writer.begin(version, false, 0, 2, Opcode::Batch);
    batch.u8(0);
    batch.u16(1);
    batch.u8(1);
    batch.shortBlob("id");
    batch.u16(1);
    batch.longBlob("value");
    batch.u16(1);
    flags(batch, 0);
    writer.end();
    ByteWriter& event = writer.begin(version, false, 0, 3, Opcode::Register);
    event.u16(1);
    event.shortBlob("SCHEMA_CHANGE");
    writer.end();
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> out;
    for (const int version : {3, 4, 5}) {
        EnvelopeWriter bare;
        ByteWriter& startup = bare.begin(version, false, 0, 0, Opcode::Startup);
        startup.u16(1);
        startup.shortBlob("CQL_VERSION");
        startup.shortBlob("3.0.0");
        bare.end();
        writeRequests(bare, version);
        out.push_back(bare.take());
    }
    for (const Compression compression : {Compression::None, Compression::Lz4}) {
        EnvelopeWriter framed;
        framed.useFrames(compression);
        writeRequests(framed, 5);
        out.push_back(framed.take());
    }
    return out;
}

}  // namespace

const Entry kNativeEnvelope{"native_envelope", run, seeds, 200'000};

}  // namespace fuzz
