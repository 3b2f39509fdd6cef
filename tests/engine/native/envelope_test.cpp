#include "engine/native/envelope.h"

#include <QtTest>

#include "engine/base/hash.h"
#include "engine/native/envelope_reader.h"
#include "engine/native/envelope_writer.h"

using namespace engine;
using namespace engine::native;

Q_DECLARE_METATYPE(engine::native::Compression)

namespace {

using Step = EnvelopeReader::Step;

void put(EnvelopeWriter& writer, int version, std::int16_t stream, BytesView body) {
    writer.begin(version, false, 0, stream, Opcode::Query).raw(body);
    writer.end();
}

/// Feeds `bytes` in pieces and collects "stream:body", or "!text" of a fault.
std::vector<std::string> readAll(EnvelopeReader& reader, BytesView bytes, std::size_t piece) {
    std::vector<std::string> out;
    while (!bytes.empty()) {
        const Bytes chunk(bytes.substr(0, piece));
        bytes.remove_prefix(chunk.size());
        reader.add(chunk);
        for (;;) {
            const Step step = reader.next();
            if (const auto* envelope = std::get_if<Envelope>(&step)) {
                out.push_back(std::to_string(envelope->header.stream) + ':' +
                              std::string(envelope->body));
            } else if (const auto* fault = std::get_if<EnvelopeFault>(&step)) {
                out.push_back('!' + fault->message);
                if (fault->kind == ErrorKind::Protocol) {
                    return out;
                }
            } else {
                break;
            }
        }
        reader.keep();
    }
    return out;
}

Bytes header(std::uint8_t version, std::uint8_t flags, std::uint8_t opcode, std::uint32_t length) {
    ByteWriter out;
    out.u8(version);
    out.u8(flags);
    out.i16(7);
    out.u8(opcode);
    out.u32(length);
    return out.take();
}

}  // namespace

class EnvelopeTest : public QObject {
    Q_OBJECT
private slots:
    void envelopesComeBack_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<Compression>("compression");
        QTest::addColumn<int>("piece");
        for (const int piece : {1, 7, 1000, 1 << 30}) {
            for (const int version : {3, 4, 5, 6}) {
                for (const Compression compression :
                     {Compression::None, Compression::Lz4, Compression::Snappy}) {
                    if (version < 5 || compression != Compression::Snappy) {
                        QTest::addRow("v%d %s in pieces of %d", version,
                                      std::string(toString(compression)).c_str(), piece)
                            << version << compression << piece;
                    }
                }
            }
        }
    }
    /// NET-04, NET-05, NET-07
    void envelopesComeBack() {
        QFETCH(const int, version);
        QFETCH(const Compression, compression);
        QFETCH(const int, piece);
        EnvelopeWriter writer;
        EnvelopeReader reader(EnvelopeLimits{});
        if (version >= 5) {
            writer.useFrames(compression);
            reader.useFrames(compression);
        } else {
            writer.useCompression(compression);
            reader.useCompression(compression);
        }
        const std::vector<Bytes> bodies = {"", "short", Bytes(70000, 'x'), Bytes(70000, 'y'),
                                           Bytes(500000, 'z'), "last"};
        std::vector<std::string> expected;
        Bytes bytes;
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            put(writer, version, static_cast<std::int16_t>(i), bodies[i]);
            expected.push_back(std::to_string(i) + ':' + bodies[i]);
            if (i == 3) {
                bytes += writer.take();
            }
        }
        bytes += writer.take();
        QVERIFY(readAll(reader, bytes, static_cast<std::size_t>(piece)) == expected);
        QCOMPARE(reader.buffered(), std::size_t(0));
    }

    /// NET-12
    void envelopesShareAFrame() {
        EnvelopeWriter writer;
        writer.useFrames(Compression::None);
        for (int i = 0; i < 11; ++i) {
            put(writer, 5, static_cast<std::int16_t>(i), "body");
        }
        QCOMPARE(writer.take().size(), std::size_t(10 + 11 * 13));
        QVERIFY(writer.take().empty());
    }

    /// NET-12
    void aLargeEnvelopeIsSplitIntoFullFrames() {
        EnvelopeWriter writer;
        writer.useFrames(Compression::None);
        put(writer, 5, 1, "small");
        put(writer, 5, 2, Bytes(300000, 'x'));
        const Bytes bytes = writer.take();
        StreamBuffer in;
        in.add(bytes);
        FrameDecoder decoder(Compression::None);
        std::vector<std::pair<std::size_t, bool>> frames;
        for (auto frame = decoder.next(in); frame.has_value() && frame.value();
             frame = decoder.next(in)) {
            frames.emplace_back(frame.value()->payload.size(), frame.value()->selfContained);
        }
        const std::vector<std::pair<std::size_t, bool>> expected = {
            {14, true}, {131071, false}, {131071, false}, {300009 - 2 * 131071, false}};
        QVERIFY(frames == expected);
    }

    void anEnvelopeThatIsDroppedLeavesNothing() {
        EnvelopeWriter writer;
        writer.useFrames(Compression::None);
        writer.begin(5, true, 0, 1, Opcode::Result).raw("abandoned");
        writer.drop();
        QVERIFY(writer.empty());
        put(writer, 5, 1, "kept");
        writer.begin(5, true, 0, 1, Opcode::Result).raw("abandoned");
        writer.drop();
        EnvelopeReader reader(EnvelopeLimits{});
        reader.useFrames(Compression::None);
        QVERIFY(readAll(reader, writer.take(), 1000) == std::vector<std::string>{"1:kept"});
    }

    void anEnvelopeThatIsTooBigIsSkipped_data() {
        QTest::addColumn<bool>("framed");
        QTest::addColumn<int>("size");
        QTest::newRow("bare") << false << 2000;
        QTest::newRow("within a frame") << true << 2000;
        QTest::newRow("over several frames") << true << 400000;
    }
    void anEnvelopeThatIsTooBigIsSkipped() {
        QFETCH(const bool, framed);
        QFETCH(const int, size);
        EnvelopeLimits limits;
        limits.maxBody = 1000;
        EnvelopeWriter writer;
        EnvelopeReader reader(limits);
        if (framed) {
            writer.useFrames(Compression::None);
            reader.useFrames(Compression::None);
        }
        put(writer, 5, 1, Bytes(static_cast<std::size_t>(size), 'x'));
        put(writer, 5, 2, "good");
        const std::vector<std::string> expected = {
            "!Request is too big: length " + std::to_string(size) +
                " exceeds maximum allowed length 1000.",
            "2:good"};
        QVERIFY(readAll(reader, writer.take(), 100) == expected);
    }

    void wrongStartsAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("text");
        const auto row = [](const char* name, const Bytes& bytes, const char* text) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << text;
        };
        row("DSE's version",  header(0x42, 0, 5, 0),
            "Invalid or unsupported protocol version (66); supported versions are (3/v3, 4/v4, "
            "5/v5, 6/v6-beta)");
        row("version 2, of which four bytes have come", Bytes("\x02\x00\x00\x05", 4),
            "Invalid or unsupported protocol version (2); supported versions are (3/v3, 4/v4, "
            "5/v5, 6/v6-beta)");
        row("a web browser", "GET / HTTP/1.1",
            "Invalid or unsupported protocol version (71); supported versions are (3/v3, 4/v4, "
            "5/v5, 6/v6-beta)");
        row("beta without its flag", header(6, 0, 5, 0),
            "Beta version of the protocol used (6/v6-beta), but USE_BETA flag is unset");
        row("an unknown opcode", header(4, 0, 0x42, 0), "Unknown opcode 66");
        row("a response", header(0x84, 0, 8, 0),
            "Wrong protocol direction (expected REQUEST, got RESPONSE) for opcode 8 (RESULT)");
        row("a request of a response's kind", header(4, 0, 8, 0),
            "Wrong protocol direction (expected RESPONSE, got REQUEST) for opcode 8 (RESULT)");
        row("a response of a request's kind", header(0x84, 0, 7, 0),
            "Wrong protocol direction (expected REQUEST, got RESPONSE) for opcode 7 (QUERY)");
        row("a body of 2 GiB", header(4, 0, 7, 0x80000000U),
            "Invalid frame body length: 2147483648");
    }
    void wrongStartsAreRefused() {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, text);
        EnvelopeReader reader(EnvelopeLimits{});
        const auto got = readAll(reader, bytes.toStdString(), 1000);
        QCOMPARE(QString::fromStdString(got.at(0)), '!' + text);
    }

    void olderVersionsCanBeTurnedOff() {
        EnvelopeLimits limits;
        limits.minVersion = 5;
        EnvelopeReader reader(limits);
        const auto got = readAll(reader, header(4, 0, 5, 0), 1000);
        QCOMPARE(got.at(0), std::string("!Invalid or unsupported protocol version (4); supported "
                                        "versions are (5/v5, 6/v6-beta)"));
    }

    void brokenFramesEndTheStream_data() {
        QTest::addColumn<QByteArray>("payloads");  // 's' or 'l', length as two hex digits, bytes.
        QTest::addColumn<QString>("text");
        const auto row = [](const char* name, std::vector<std::pair<bool, Bytes>> frames,
                            const char* text) {
            Bytes stream;
            for (const auto& [selfContained, payload] : frames) {
                Bytes frame(frameHeaderBytes(Compression::None), '\0');
                frame += payload;
                closeFrame(frame, 0, selfContained, Compression::None);
                stream += frame;
            }
            QTest::newRow(name) << QByteArray::fromStdString(stream) << text;
        };
        row("a message longer than its frame", {{true, header(5, 0, 7, 10) + "short"}},
            "A self contained frame ends within a message");
        row("half a header", {{true, "\x05"}}, "A self contained frame ends within a message");
        row("a large message without its header", {{false, "\x05"}},
            "The first frame of a large message holds no whole header");
        row("a large message of another version", {{false, header(9, 0, 7, 300000)}},
            "Invalid or unsupported protocol version (9); supported versions are (3/v3, 4/v4, "
            "5/v5, 6/v6-beta)");
        row("a large message that does not end", {{false, header(5, 0, 7, 4) + "12345"}},
            "A large message is longer than its header says");
        row("another message within a large one",
            {{false, header(5, 0, 7, 300000)}, {true, header(5, 0, 5, 0)}},
            "Received a self contained frame within a large message");
    }
    void brokenFramesEndTheStream() {
        QFETCH(const QByteArray, payloads);
        QFETCH(const QString, text);
        EnvelopeReader reader(EnvelopeLimits{});
        reader.useFrames(Compression::None);
        const auto got = readAll(reader, payloads.toStdString(), 1000);
        QCOMPARE(QString::fromStdString(got.at(0)), '!' + text);
    }

    void aReaderCanStopWithinAFrame() {
        EnvelopeWriter writer;
        writer.useFrames(Compression::Lz4);
        for (int i = 0; i < 100; ++i) {
            put(writer, 5, static_cast<std::int16_t>(i), Bytes(100, 'b'));
        }
        Bytes bytes = writer.take();
        EnvelopeReader reader(EnvelopeLimits{});
        reader.useFrames(Compression::Lz4);
        reader.add(bytes);
        for (int i = 0; i < 100; ++i) {
            const Step step = reader.next();
            QCOMPARE(int(std::get<Envelope>(step).header.stream), i);
            reader.keep();  // As if nothing more could be taken now.
            bytes.assign(bytes.size(), '#');
        }
        QVERIFY(std::holds_alternative<std::monostate>(reader.next()));
    }

    void aBodyThatDoesNotUnpackIsRefused_data() {
        QTest::addColumn<Compression>("compression");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("LZ4 without length") << Compression::Lz4 << QByteArray("\0\0", 2);
        QTest::newRow("LZ4 with a length over the limit")
            << Compression::Lz4 << QByteArray("\x7f\xff\xff\xff garbage");
        QTest::newRow("LZ4 with a negative length")
            << Compression::Lz4 << QByteArray("\xff\xff\xff\xff garbage");
        QTest::newRow("LZ4 garbage") << Compression::Lz4 << QByteArray("\0\0\1\0 garbage", 12);
        QTest::newRow("Snappy garbage") << Compression::Snappy << QByteArray("\xff garbage");
        QTest::newRow("Snappy over the limit")
            << Compression::Snappy << QByteArray("\xff\xff\xff\xff\x07 garbage");
    }
    void aBodyThatDoesNotUnpackIsRefused() {
        QFETCH(const Compression, compression);
        QFETCH(const QByteArray, body);
        const Bytes bytes = header(4, flag::kCompressed, 7, std::uint32_t(body.size())) +
                            body.toStdString();
        EnvelopeReader reader(EnvelopeLimits{});
        reader.useCompression(compression);
        reader.add(bytes);
        const Step step = reader.next();
        const auto* fault = std::get_if<EnvelopeFault>(&step);
        QVERIFY(fault != nullptr);
        QCOMPARE(int(fault->stream), 7);
    }
};

QTEST_GUILESS_MAIN(EnvelopeTest)
#include "envelope_test.moc"
