#include <QtTest>

#include <fmt/format.h>

#include "engine/observe/codec.h"
#include "engine/observe/recording.h"

using namespace engine;
using namespace engine::observe;

namespace {

/// Gives every field of an event a value of its own, so that two swapped fields are noticed.
class Filler {
public:
    template <typename T>
    void operator()(const char*, T& value) {
        fill(value);
    }

private:
    void fill(std::string& value) { value = "text " + std::to_string(++m_count); }
    void fill(Uuid& value) { value = {++m_count, ~m_count}; }
    void fill(bool& value) { value = true; }
    void fill(double& value) { value = static_cast<double>(++m_count) + .25; }
    template <std::integral T>
    void fill(T& value) {
        value = static_cast<T>(++m_count * (std::is_signed_v<T> ? -1 : 1));
    }
    template <typename T>
    void fill(std::vector<T>& values) {
        for (int i = 0; i < 3; ++i) {
            fill(values.emplace_back());
        }
    }
    template <typename A, typename B>
    void fill(std::pair<A, B>& value) {
        fill(value.first);
        fill(value.second);
    }
    template <typename T>
        requires requires(T t, Filler f) { t.fields(f); }
    void fill(T& value) {
        value.fields(*this);
    }

    std::uint64_t m_count = 0;
};

template <std::size_t I = 0>
void everyEvent(std::vector<Event>& out) {
    if constexpr (I < std::variant_size_v<EventBody>) {
        Event event{"127.0.0.1:7000", -17, 1'700'000'000'000'000, 300, {}};
        event.body.emplace<I>().fields(Filler());
        out.push_back(std::move(event));
        everyEvent<I + 1>(out);
    }
}

}  // namespace

/// What a node writes a viewer reads, for every type of event.
class EventCodecTest : public QObject {
    Q_OBJECT

private slots:
    void everyTypeComesBackAsItWas_data() { types(); }
    void everyTypeComesBackAsItWas();
    void everyTruncationIsAnErrorWithAPlace_data() { types(); }
    void everyTruncationIsAnErrorWithAPlace();
    void bytesBehindTheEndAreAnError();
    void anUnknownTypeIsNamed();
    void keysThatAreNotTextAreToldInHexadecimal();
    void recordingsComeBackInOrder();
    void aRecordingThatWasCutOffKeepsWhatIsWhole();
    void whatIsNoRecordingIsRefused();

private:
    Bytes recorded() const;
    void types();
    std::vector<Event> m_events;
};

void EventCodecTest::types() {
    m_events.clear();
    everyEvent(m_events);
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < m_events.size(); ++i) {
        QTest::newRow(std::string(nameOf(m_events[i])).c_str()) << static_cast<int>(i);
    }
}

void EventCodecTest::everyTypeComesBackAsItWas() {
    QFETCH(const int, index);
    const Event& event = m_events[static_cast<std::size_t>(index)];
    const auto back = decode(encode(event));
    QVERIFY(back.has_value());
    QCOMPARE(back.value().body.index(), event.body.index());
    QCOMPARE(toJson(back.value()), toJson(event));
    QCOMPARE(encode(back.value()), encode(event));
}

void EventCodecTest::everyTruncationIsAnErrorWithAPlace() {
    QFETCH(const int, index);
    const Bytes whole = encode(m_events[static_cast<std::size_t>(index)]);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto read = decode(BytesView(whole).substr(0, length));
        QVERIFY(!read.has_value());
        QVERIFY(read.error().message.find("byte") != std::string::npos);
    }
}

void EventCodecTest::bytesBehindTheEndAreAnError() {
    const auto read = decode(encode(Event{"a", 1, 2, 3, NodeStopping{}}) + '\0');
    QVERIFY(!read.has_value());
    QVERIFY(read.error().message.find("more than expected") != std::string::npos);
}

void EventCodecTest::anUnknownTypeIsNamed() {
    Bytes bytes = encode(Event{"a", 1, 2, 3, NodeStopping{}});
    bytes[0] = '\xf0';
    const auto read = decode(bytes);
    QVERIFY(!read.has_value());
    QVERIFY(read.error().message.find("240") != std::string::npos);
}

void EventCodecTest::keysThatAreNotTextAreToldInHexadecimal() {
    RequestStarted body;
    body.key = Bytes("\x00\x01", 2);
    const std::string line = toText(Event{"a", 1, 2, 3, body});
    QVERIFY(line.find("key=0x0001") != std::string::npos);
}

Bytes EventCodecTest::recorded() const {
    ByteWriter out;
    writeRecordingHead(out);
    writeRecorded(out, Event{"a", 1, 2, 3, NodeStopping{}});
    writeRecorded(out, Event{"b", 4, 5, 6, RingSnapshot{}});
    return out.bytes();
}

void EventCodecTest::recordingsComeBackInOrder() {
    const auto read = readRecording(recorded());
    QVERIFY(read.has_value());
    QVERIFY(!read.value().cutOff);
    QCOMPARE(read.value().events.size(), std::size_t(2));
    QCOMPARE(read.value().events[0].node, std::string("a"));
    QCOMPARE(read.value().events[1].nanos, std::int64_t(4));
}

void EventCodecTest::aRecordingThatWasCutOffKeepsWhatIsWhole() {
    const Bytes whole = recorded();
    for (std::size_t missing = 1; missing < 8; ++missing) {
        const auto read = readRecording(BytesView(whole).substr(0, whole.size() - missing));
        QVERIFY(read.has_value());
        QVERIFY(read.value().cutOff);
        QCOMPARE(read.value().events.size(), std::size_t(1));
    }
}

void EventCodecTest::whatIsNoRecordingIsRefused() {
    QVERIFY(!readRecording("").has_value());
    QVERIFY(!readRecording("PNG and more").has_value());
    Bytes newer = recorded();
    newer[7] = static_cast<char>(kRecordingVersion + 1);
    const auto refused = readRecording(newer);
    QVERIFY(!refused.has_value());
    QVERIFY(refused.error().message.find(fmt::format("version {}", kRecordingVersion + 1)) != std::string::npos);
    Bytes damaged = recorded();
    damaged[12] = '\xf0';
    QVERIFY(readRecording(damaged).error().message.find("at byte 8") != std::string::npos);
}

QTEST_APPLESS_MAIN(EventCodecTest)
#include "event_codec_test.moc"
