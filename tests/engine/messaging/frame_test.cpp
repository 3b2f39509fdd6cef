#include <QtTest>

#include "engine/messaging/frame.h"
#include "engine/messaging/wire.h"

using namespace engine;
using namespace engine::messaging;

namespace {

Bytes frameOf(BytesView payload) {
    FrameWriter writer;
    writer.payload().raw(payload);
    return writer.seal();
}

/// The payloads found when `stream` comes in pieces of `size` bytes.
std::vector<Bytes> inPieces(const Bytes& stream, std::size_t size, bool& failed) {
    FrameReader reader;
    std::vector<Bytes> found;
    for (std::size_t at = 0; at < stream.size() && !failed; at += size) {
        failed = !reader.feed(BytesView(stream).substr(at, size), [&](BytesView payload) {
            found.emplace_back(payload);
            return true;
        });
    }
    return found;
}

}  // namespace

class FrameTest : public QObject {
    Q_OBJECT
private slots:
    void framesAreFoundHoweverTheStreamIsCut();
    void everyFlippedBitIsNoticed();
    void oversizedFrameIsRefused();
    void messagesReadBackAsWritten();
    void truncatedMessageIsRefused();
    void helloReadsBackAsWritten();
};

void FrameTest::framesAreFoundHoweverTheStreamIsCut() {
    const std::vector<Bytes> payloads = {"first", "", Bytes(5000, 'x'), "last"};
    Bytes stream;
    for (const Bytes& payload : payloads) {
        stream += frameOf(payload);
    }
    for (const std::size_t size : {1, 2, 7, 11, 64, 4096, 100000}) {
        bool failed = false;
        const auto found = inPieces(stream, size, failed);
        QVERIFY(!failed);
        QCOMPARE(found, payloads);
    }
}

void FrameTest::everyFlippedBitIsNoticed() {
    const Bytes stream = frameOf("some bytes") + frameOf("more");
    for (std::size_t bit = 0; bit < stream.size() * 8; ++bit) {
        Bytes broken = stream;
        broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
        bool failed = false;
        inPieces(broken, broken.size(), failed);
        QVERIFY2(failed, qPrintable(QString::number(bit)));
    }
}

void FrameTest::oversizedFrameIsRefused() {
    FrameReader reader(16);
    const auto ignore = [](BytesView) { return true; };
    QVERIFY(reader.feed(frameOf(Bytes(16, 'x')), ignore));
    const auto fed = reader.feed(frameOf(Bytes(17, 'x')), ignore);
    QVERIFY(!fed);
    QCOMPARE(fed.error().message.c_str(), "frame of 17 bytes, at most 16 allowed");
}

void FrameTest::messagesReadBackAsWritten() {
    WireMessage request;
    request.verb = Verb::ReadReq;
    request.id = 300;
    request.request = Uuid{1, 2};
    request.sentNanos = 123456789;
    request.leftMicros = 5000000;
    request.payload = "payload";
    WireMessage reply;
    reply.verb = Verb::ReadRsp;
    reply.id = 7;
    reply.replyTo = 300;
    ByteWriter out;
    writeMessage(out, request);
    writeMessage(out, reply);
    ByteReader in(out.bytes());
    const auto first = readMessage(in);
    QVERIFY(first && first->verb == Verb::ReadReq && first->id == 300 && first->replyTo == 0);
    QVERIFY(first->request == request.request && first->sentNanos == 123456789);
    QVERIFY(first->leftMicros == 5000000 && first->payload == "payload");
    const auto second = readMessage(in);
    QVERIFY(second && second->verb == Verb::ReadRsp && second->replyTo == 300);
    QVERIFY(second->request.isNil() && second->leftMicros == 0 && second->payload.empty());
    QVERIFY(in.atEnd());
}

void FrameTest::truncatedMessageIsRefused() {
    WireMessage message;
    message.id = 1000;
    message.replyTo = 2000;
    message.request = Uuid{3, 4};
    message.payload = "abc";
    ByteWriter out;
    writeMessage(out, message);
    for (std::size_t length = 0; length < out.size(); ++length) {
        ByteReader in(BytesView(out.bytes()).substr(0, length));
        QVERIFY(!readMessage(in));
    }
    Bytes unknownVerb = out.bytes();
    unknownVerb[0] = '\xff';
    ByteReader in(unknownVerb);
    QVERIFY(!readMessage(in));
}

void FrameTest::helloReadsBackAsWritten() {
    Hello hello;
    hello.urgent = true;
    hello.cluster = "Test Cluster";
    hello.from = "127.0.0.1:7000";
    hello.to = "127.0.0.2:7000";
    const Bytes encoded = encodeHello(hello);
    const auto read = decodeHello(encoded);
    QVERIFY(read.has_value());
    QVERIFY(read.value().urgent && read.value().cluster == hello.cluster);
    QVERIFY(read.value().from == hello.from && read.value().to == hello.to);
    QVERIFY(!decodeHello("GET / HTTP/1.1\r\n"));
    QVERIFY(!decodeHello(BytesView(encoded).substr(0, encoded.size() - 1)));
}

QTEST_GUILESS_MAIN(FrameTest)
#include "frame_test.moc"
