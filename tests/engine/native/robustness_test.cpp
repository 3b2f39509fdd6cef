#include <QtTest>

#include "engine/base/hash.h"
#include "engine/native/native_server.h"
#include "raw_client.h"

using namespace engine;
using namespace engine::native;
using namespace native_fixture;

/// Whatever comes in, nothing crashes and little is kept. Row names are the seeds.
namespace {

constexpr int kSeeds = 40;

Bytes randomBytes(Random& random, std::size_t size) {
    Bytes out(size, '\0');
    for (char& c : out) {
        c = static_cast<char>(random.next());
    }
    return out;
}

/// Valid conversations to spoil.
Bytes conversation(int version, Random& random) {
    EnvelopeWriter writer;
    ByteWriter& startup = writer.begin(version, false, 0, 0, Opcode::Startup);
    startup.u16(1);
    startup.shortBlob("CQL_VERSION");
    startup.shortBlob("3.0.0");
    writer.end();
    Bytes out = writer.take();
    if (version >= 5) {
        writer.useFrames(Compression::None);
    }
    for (std::int16_t i = 0; i < 20; ++i) {
        ByteWriter& query = writer.begin(version, false, 0, i, Opcode::Query);
        query.longBlob(randomBytes(random, random.below(3000)));
        query.u16(1);
        version >= 5 ? query.u32(query_flag::kValues) : query.u8(query_flag::kValues);
        query.u16(2);
        query.longBlob("value");
        query.i32(-1);
        writer.end();
        ByteWriter& batch = writer.begin(version, false, 0, i, Opcode::Batch);
        batch.u8(0);
        batch.u16(1);
        batch.u8(1);
        batch.shortBlob("id");
        batch.u16(1);
        batch.longBlob("value");
        batch.u16(1);
        version >= 5 ? batch.u32(0) : batch.u8(0);
        writer.end();
    }
    return out + writer.take();
}

void spoil(Bytes& bytes, Random& random) {
    const std::size_t changes = 1 + random.below(8);
    for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
        const std::size_t at = random.below(bytes.size());
        switch (random.below(4)) {
            case 0:
                bytes[at] = static_cast<char>(random.next());
                break;
            case 1:
                bytes.erase(at, random.below(50));
                break;
            case 2:
                bytes.insert(at, randomBytes(random, random.below(50)));
                break;
            default:
                bytes.resize(at);
        }
    }
}

/// Makes v5 frames of arbitrary payloads whose checksums are right.
Bytes framesOfNonsense(Random& random, Compression compression) {
    Bytes out;
    for (int i = 0; i < 10; ++i) {
        const std::size_t start = out.size();
        out.append(frameHeaderBytes(compression), '\0');
        Bytes payload = randomBytes(random, random.below(4000));
        if (payload.size() >= kEnvelopeHeaderBytes && random.below(2) == 0) {
            payload[0] = 5;
            payload[4] = static_cast<char>(random.below(16));
            payload[5] = 0;
            payload[6] = static_cast<char>(random.below(2) * random.below(256));
        }
        out += payload;
        closeFrame(out, start, random.below(2) == 0, compression);
    }
    return out;
}

std::size_t mostBuffered(EnvelopeReader& reader, const Bytes& bytes, Random& random) {
    std::size_t most = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const Bytes chunk = bytes.substr(at, 1 + random.below(5000));
        at += chunk.size();
        reader.add(chunk);
        for (;;) {
            const EnvelopeReader::Step step = reader.next();
            if (const auto* envelope = std::get_if<Envelope>(&step)) {
                (void)decodeRequest(envelope->header, envelope->body);
                continue;
            }
            const auto* fault = std::get_if<EnvelopeFault>(&step);
            if (fault == nullptr) {
                break;
            }
            if (fault->kind == ErrorKind::Protocol) {
                return most;
            }
        }
        reader.keep();
        most = std::max(most, reader.buffered());
    }
    return most;
}

void seeds() {
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= kSeeds; ++seed) {
        QTest::addRow("seed %llu", seed) << seed;
    }
}

}  // namespace

class RobustnessTest : public QObject {
    Q_OBJECT
private slots:
    void readersBoundWhatTheyKeep_data() { seeds(); }
    void readersBoundWhatTheyKeep() {
        QFETCH(const quint64, seed);
        SeededRandom random(seed);
        EnvelopeLimits limits;
        limits.maxBody = 100000;
        constexpr std::size_t kBound = 100000 + 2 * kMaxFramePayload;
        for (int round = 0; round < 50; ++round) {
            for (const Compression compression : {Compression::None, Compression::Lz4}) {
                EnvelopeReader framed(limits);
                framed.useFrames(compression);
                QVERIFY(mostBuffered(framed, framesOfNonsense(random, compression), random) <= kBound);
            }
            EnvelopeReader bare(limits);
            bare.useCompression(round % 2 == 0 ? Compression::Lz4 : Compression::Snappy);
            Bytes bytes = conversation(4, random);
            spoil(bytes, random);
            QVERIFY(mostBuffered(bare, bytes, random) <= kBound);
        }
    }

    void requestsOfNonsenseAreRefusedOrRead_data() { seeds(); }
    void requestsOfNonsenseAreRefusedOrRead() {
        QFETCH(const quint64, seed);
        SeededRandom random(seed);
        for (int round = 0; round < 2000; ++round) {
            EnvelopeHeader header;
            header.version = static_cast<std::uint8_t>(3 + random.below(4));
            header.opcode = static_cast<std::uint8_t>(random.below(kLastOpcode + 1));
            header.flags = static_cast<std::uint8_t>(random.below(32));
            Bytes body = randomBytes(random, random.below(200));
            if (body.size() > 4 && random.below(2) == 0) {
                body[0] = body[1] = body[2] = 0;  // A plausible length.
            }
            (void)decodeRequest(header, body);
        }
    }

    void answersOfNonsenseAreRefusedOrRead_data() { seeds(); }
    void answersOfNonsenseAreRefusedOrRead() {
        QFETCH(const quint64, seed);
        SeededRandom random(seed);
        const auto known = twoColumns();
        for (int round = 0; round < 2000; ++round) {
            ByteWriter out;
            const std::size_t kind = random.below(4);
            if (kind == 0) {
                writeResult(out, 5, rowsAnswer(3).result, {random.below(2) == 0, false});
            } else if (kind == 1) {
                writeSupported(out);
            } else {
                out.u32(static_cast<std::uint32_t>(random.below(6)));
                out.raw(randomBytes(random, random.below(100)));
            }
            Bytes body = out.take();
            spoil(body, random);
            EnvelopeHeader header;
            header.opcode = static_cast<std::uint8_t>(random.below(kLastOpcode + 1));
            header.flags = random.below(4) == 0 ? static_cast<std::uint8_t>(random.below(32)) : 0;
            (void)client::decodeReply(header, body, random.below(2) == 0 ? known : nullptr);
        }
    }

    void serversOutliveSpoiltConversations_data() { seeds(); }
    void serversOutliveSpoiltConversations() {
        QFETCH(const quint64, seed);
        SeededRandom random(seed);
        ServerWorld world;
        for (int round = 0; round < 50; ++round) {
            const auto pipe = world.network.open({"127.0.0.1", 9042});
            pipe->start([](BytesView) {}, [](const std::string&) {});
            Bytes bytes = conversation(3 + static_cast<int>(random.below(3)), random);
            if (random.below(5) == 0) {
                bytes = randomBytes(random, 1000);
            } else {
                spoil(bytes, random);
            }
            for (std::size_t at = 0; at < bytes.size();) {
                const Bytes piece = bytes.substr(at, 1 + random.below(2000));
                at += piece.size();
                pipe->send(piece);
                world.executor.drain();
            }
            pipe->close(false);
            world.executor.drain();
        }
        QVERIFY(world.server.connections().empty());
        RawClient client(world, 5);
        client.connect();
        QVERIFY(client.query("SELECT").opcode() == Opcode::Result);
    }
};

QTEST_GUILESS_MAIN(RobustnessTest)
#include "robustness_test.moc"
