#include <QtTest>

#include "engine/runtime/random.h"
#include "fuzz_entry.h"

using namespace engine;

namespace {

constexpr int kSeeds = 4;
constexpr std::size_t kInputBytesMax = 64 * 1024;

/// Numbers that lengths and counts are tried with.
constexpr std::array<std::uint8_t, 6> kEdgeBytes{0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};

class Mutator {
public:
    Mutator(std::uint64_t seed, const std::vector<Bytes>& corpus) : m_random(seed), m_corpus(corpus) {}

    Bytes next() {
        Bytes out = pick();
        for (std::uint64_t changes = 1 + m_random.below(6); changes > 0; --changes) {
            change(out);
        }
        out.resize(std::min(out.size(), kInputBytesMax));
        return out;
    }

private:
    const Bytes& pick() { return m_corpus[m_random.below(m_corpus.size())]; }

    void change(Bytes& bytes) {
        const std::size_t at = m_random.below(bytes.size() + 1);
        const std::size_t length = m_random.below(12);
        switch (m_random.below(7)) {
            case 0:
                bytes.insert(at, 1, static_cast<char>(m_random.next()));
                break;
            case 1:
                bytes.erase(at, length);
                break;
            case 2:
                bytes.insert(at, bytes.substr(m_random.below(bytes.size() + 1), length));
                break;
            case 3:
                splice(bytes, at);
                break;
            case 4:
                bytes.resize(at);
                break;
            default:
                overwrite(bytes, at);
        }
    }

    /// Goes on as another input does.
    void splice(Bytes& bytes, std::size_t at) {
        const Bytes& other = pick();
        bytes.replace(at, bytes.size(), other.substr(m_random.below(other.size() + 1)));
    }

    void overwrite(Bytes& bytes, std::size_t at) {
        if (at == bytes.size()) {
            return;
        }
        const std::uint64_t drawn = m_random.next();
        if (drawn % 3 == 0) {
            bytes[at] ^= static_cast<char>(1 << (drawn >> 8) % 8);
        } else if (drawn % 3 == 1) {
            bytes[at] = static_cast<char>(drawn >> 8);
        } else {
            const std::size_t end = std::min(bytes.size(), at + 1 + (drawn >> 16) % 4);
            std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(end),
                      static_cast<char>(kEdgeBytes[(drawn >> 8) % kEdgeBytes.size()]));
        }
    }

    runtime::SeededRandom m_random;
    const std::vector<Bytes>& m_corpus;
};

}  // namespace

/// Inputs gone bad by a seed: nothing may crash, hang or read out of bounds. The row that failed
/// names the entry and the seed, and fails again alone.
class MutationsTest : public QObject {
    Q_OBJECT

private slots:
    void wellFormedInputsPass_data();
    void wellFormedInputsPass();
    void corpusInputsPass_data();
    void corpusInputsPass();
    void mutatedInputsPass_data();
    void mutatedInputsPass();
};

void MutationsTest::wellFormedInputsPass_data() {
    QTest::addColumn<QByteArray>("entry");
    for (const fuzz::Entry& entry : fuzz::allEntries()) {
        QTest::addRow("%s", entry.name.data()) << QByteArray(entry.name.data());
    }
}

void MutationsTest::wellFormedInputsPass() {
    QFETCH(const QByteArray, entry);
    const fuzz::Entry* found = fuzz::findEntry(entry.constData());
    QVERIFY(found != nullptr);
    found->run({});
    for (const Bytes& seed : found->seeds()) {
        found->run(seed);
    }
}

/// Of those that libFuzzer has run on.
void MutationsTest::corpusInputsPass_data() {
    QTest::addColumn<QByteArray>("entry");
    int have = 0;
    for (const fuzz::Entry& entry : fuzz::allEntries()) {
        if (!fuzz::corpusOf(entry).empty()) {
            QTest::addRow("%s", entry.name.data()) << QByteArray(entry.name.data());
            ++have;
        }
    }
    QVERIFY(have >= 7);
}

void MutationsTest::corpusInputsPass() {
    QFETCH(const QByteArray, entry);
    const fuzz::Entry* found = fuzz::findEntry(entry.constData());
    for (const Bytes& input : fuzz::corpusOf(*found)) {
        found->run(input);
    }
}

void MutationsTest::mutatedInputsPass_data() {
    QTest::addColumn<QByteArray>("entry");
    QTest::addColumn<quint64>("seed");
    for (const fuzz::Entry& entry : fuzz::allEntries()) {
        for (quint64 seed = 1; seed <= kSeeds; ++seed) {
            QTest::addRow("%s, seed %llu", entry.name.data(), seed) << QByteArray(entry.name.data()) << seed;
        }
    }
}

void MutationsTest::mutatedInputsPass() {
    QFETCH(const QByteArray, entry);
    QFETCH(const quint64, seed);
    const fuzz::Entry* found = fuzz::findEntry(entry.constData());
    const std::vector<Bytes> corpus = found->seeds();
    Mutator mutator(seed, corpus);
    for (int i = 0; i < found->mutations / kSeeds; ++i) {
        found->run(mutator.next());
    }
}

QTEST_GUILESS_MAIN(MutationsTest)
#include "mutations_test.moc"
