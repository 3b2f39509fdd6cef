#include "engine/coordinator/hints/hint_file.h"

#include <QtTest>

#include <algorithm>

using namespace engine;
using namespace engine::coordinator;

namespace {

/// A file in memory.
class MemoryFile : public runtime::File {
public:
    explicit MemoryFile(Bytes content) : m_content(std::move(content)) {}
    Result<void> append(BytesView bytes) override {
        m_content += bytes;
        return ok();
    }
    Result<Bytes> read(std::uint64_t offset, std::size_t length) const override {
        return offset >= m_content.size() ? Bytes() : m_content.substr(offset, length);
    }
    Result<std::uint64_t> size() const override { return std::uint64_t{m_content.size()}; }
    Result<void> truncate(std::uint64_t length) override {
        m_content.resize(length);
        return ok();
    }
    Result<void> sync() override { return ok(); }

private:
    Bytes m_content;
};

}  // namespace

class HintFileTest : public QObject {
    Q_OBJECT
private slots:
    void namesGoBothWays() {
        HintFile file;
        file.host = Uuid{5, 6};
        file.createdMillis = 1234567890123;
        HintFile parsed;
        QVERIFY(HintFile::parse(file.name(), parsed));
        QCOMPARE(parsed.host, file.host);
        QCOMPARE(parsed.createdMillis, file.createdMillis);
        for (const char* other : {"", "x.hints", "00000000-0000-0000-0000-000000000001.hints",
                                  "00000000-0000-0000-0000-000000000001-x.hints",
                                  "00000000-0000-0000-0000-000000000001-12.crc32"}) {
            QVERIFY(!HintFile::parse(other, parsed));
        }
    }

    void recordsAreReadBack() {
        MemoryFile file(encodeHintRecord({1, 2, "one"}) + encodeHintRecord({3, 4, ""}));
        HintReader reader(file, 0);
        Hint hint;
        QVERIFY(reader.next(hint).value());
        QCOMPARE(hint.mutation, Bytes("one"));
        QCOMPARE(hint.graceSeconds, 2);
        const std::uint64_t second = reader.offset();
        QVERIFY(reader.next(hint).value());
        QCOMPARE(hint.createdMillis, std::int64_t(3));
        QVERIFY(!reader.next(hint).value());
        QVERIFY(!reader.isDamaged());
        HintReader later(file, second);
        QVERIFY(later.next(hint).value());
        QCOMPARE(hint.createdMillis, std::int64_t(3));
    }

    void everyDamageEndsTheReading() {
        const Bytes first = encodeHintRecord({1, 2, "the first"});
        const Bytes both = first + encodeHintRecord({1, 2, "the second"});
        for (std::size_t at = first.size(); at < both.size(); ++at) {
            Bytes changed = both;
            changed[at] = static_cast<char>(changed[at] ^ 0x41);
            MemoryFile file(changed);
            HintReader reader(file, 0);
            Hint hint;
            QVERIFY(reader.next(hint).value());
            QVERIFY(!reader.next(hint).value());
            QVERIFY(reader.isDamaged());
            if (at > first.size()) {
                MemoryFile cut(both.substr(0, at));
                HintReader short_(cut, 0);
                QVERIFY(short_.next(hint).value());
                QVERIFY(!short_.next(hint).value());
                QVERIFY(short_.isDamaged());
            }
        }
    }

    void aHintLivesAsLongAsItsTablesGrace() {
        const Hint hint{1000, 10, {}};
        QVERIFY(hint.isLive(10'999));
        QVERIFY(!hint.isLive(11'000));
        QVERIFY(!(Hint{1000, 0, {}}).isLive(1000));
    }
};

QTEST_APPLESS_MAIN(HintFileTest)
#include "hint_file_test.moc"
