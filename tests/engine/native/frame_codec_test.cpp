#include "engine/native/frame_codec.h"

#include <QtTest>

#include "engine/base/hash.h"
#include "engine/native/compression.h"

using namespace engine;
using namespace engine::native;

namespace {

Bytes framed(BytesView payload, bool selfContained, Compression compression) {
    Bytes out(frameHeaderBytes(compression), '\0');
    out.append(payload);
    closeFrame(out, 0, selfContained, compression);
    return out;
}

/// Text that LZ4 makes smaller, and bytes that it does not.
Bytes compressible(std::size_t size) { return Bytes(size, 'a'); }
Bytes incompressible(std::size_t size) {
    Bytes out;
    std::uint64_t state = 7;
    while (out.size() < size) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        out.push_back(static_cast<char>(state >> 56));
    }
    return out;
}

Bytes littleEndian(std::uint64_t value, int bytes) {
    Bytes out;
    for (int i = 0; i < bytes; ++i) {
        out.push_back(static_cast<char>(value >> (8 * i)));
    }
    return out;
}

}  // namespace

Q_DECLARE_METATYPE(engine::native::Compression)

class FrameCodecTest : public QObject {
    Q_OBJECT
private slots:
    void payloadsComeBack_data() {
        QTest::addColumn<Compression>("compression");
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<bool>("selfContained");
        QTest::addColumn<int>("size");
        const auto row = [](const char* name, Compression compression, const Bytes& payload,
                            bool selfContained, int size) {
            QTest::newRow(name) << compression << QByteArray::fromStdString(payload)
                                << selfContained << size;
        };
        row("plain, empty", Compression::None, {}, true, 10);
        row("plain, short", Compression::None, "hello", true, 15);
        row("plain, part of a message", Compression::None, "hello", false, 15);
        row("plain, longest", Compression::None, compressible(kMaxFramePayload), true,
            int(kMaxFramePayload) + 10);
        row("LZ4, stored as it is", Compression::Lz4, incompressible(300), true, 312);
        row("LZ4, smaller", Compression::Lz4, compressible(100000), true, -1);
        row("LZ4, longest, not smaller", Compression::Lz4, incompressible(kMaxFramePayload), false,
            int(kMaxFramePayload) + 12);
    }
    void payloadsComeBack() {
        QFETCH(const Compression, compression);
        QFETCH(const QByteArray, payload);
        QFETCH(const bool, selfContained);
        QFETCH(const int, size);
        const Bytes bytes = framed(payload.toStdString(), selfContained, compression);
        if (size >= 0) {
            QCOMPARE(int(bytes.size()), size);
        } else {
            QVERIFY(bytes.size() < std::size_t(payload.size()) / 10);
        }
        StreamBuffer in;
        in.add(bytes);
        FrameDecoder decoder(compression);
        const auto frame = decoder.next(in);
        QVERIFY(frame.has_value() && frame.value().has_value());
        QCOMPARE(QByteArray::fromStdString(Bytes(frame.value()->payload)), payload);
        QCOMPARE(frame.value()->selfContained, selfContained);
        QCOMPARE(in.size(), std::size_t(0));
    }

    /// NET-09, NET-10, NET-11
    void bytesAreCassandras() {
        // An OPTIONS envelope in a self-contained frame: lengths and checksums are little-endian.
        const Bytes options("\x05\x00\x00\x07\x05\x00\x00\x00\x00", 9);
        const Bytes bytes = framed(options, true, Compression::None);
        QCOMPARE(toHex(BytesView(bytes).substr(0, 3)), std::string("090002"));
        QCOMPARE(toHex(BytesView(bytes).substr(6, 9)), toHex(options));
        QCOMPARE(toHex(bytes), std::string("090002a4c8c1050000070500000000a8b62d50"));
    }

    void anyFlippedBitIsNoticed_data() {
        QTest::addColumn<Compression>("compression");
        QTest::newRow("plain") << Compression::None;
        QTest::newRow("LZ4") << Compression::Lz4;
    }
    void anyFlippedBitIsNoticed() {
        QFETCH(const Compression, compression);
        const Bytes good = framed("a message, a message, a message, a message", true, compression);
        for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
            Bytes bad = good;
            bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
            StreamBuffer in;
            in.add(bad);
            FrameDecoder decoder(compression);
            QVERIFY(decoder.next(in).has_error());
        }
    }

    void aTruncatedFrameWaitsForMore() {
        const Bytes good = framed("hello", true, Compression::None);
        for (std::size_t size = 0; size < good.size(); ++size) {
            StreamBuffer in;
            in.add(BytesView(good).substr(0, size));
            FrameDecoder decoder(Compression::None);
            const auto frame = decoder.next(in);
            QVERIFY(frame.has_value() && !frame.value());
            QCOMPARE(in.size(), size);
        }
    }

    void aBlockThatDoesNotUnpackToItsLengthIsRefused_data() {
        QTest::addColumn<int>("claimed");
        QTest::newRow("shorter than it is") << 4999;
        QTest::newRow("longer than it is") << 5001;
        QTest::newRow("the longest") << int(kMaxFramePayload);
    }
    void aBlockThatDoesNotUnpackToItsLengthIsRefused() {
        QFETCH(const int, claimed);
        Bytes block;
        lz4Append(compressible(5000), block);
        const std::uint64_t bits =
            block.size() | (std::uint64_t(claimed) << 17) | (std::uint64_t(1) << 34);
        const Bytes frame = littleEndian(bits, 5) + littleEndian(crc24(bits, 5), 3) + block +
                            littleEndian(frameCrc32(block), 4);
        StreamBuffer in;
        in.add(frame);
        FrameDecoder decoder(Compression::Lz4);
        QVERIFY(decoder.next(in).has_error());
    }
};

QTEST_GUILESS_MAIN(FrameCodecTest)
#include "frame_codec_test.moc"
