#include <QtTest>

#include "engine/runtime/random.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "tests/engine/storage/sstable/sstable_fixture.h"

using namespace sstabletest;
using storage::Component;

namespace {

constexpr int kWideRows = 400;
constexpr int kFewerTries = 3;

Partition wide(const schema::Table& table) {
    Partition out;
    out.key = key(1000);
    for (int c = 0; c < kWideRows; ++c) {
        out.rows.push_back(row(at(c, "d"), 10, {cell("a", std::string(40, static_cast<char>('a' + c % 26)), 10)}));
    }
    // Over several index blocks, within one row's clustering, side by side, and to the end.
    for (const auto& [from, to] : {std::pair(50, 90), {120, 121}, {121, 130}, {200, 330}}) {
        addRangeTombstone(table, out.rangeTombstones,
                          range({types::encodeInt(from)}, true, {types::encodeInt(to)}, false, 4 + to % 3));
    }
    addRangeTombstone(table, out.rangeTombstones, range(at(140, "c"), true, at(140, "a"), false, 5));
    addRangeTombstone(table, out.rangeTombstones, range({types::encodeInt(kWideRows - 9)}, false, {}, true, 3));
    return out;
}

std::vector<Partition> content(const schema::Table& table) {
    RandomRows random(11);
    std::vector<Partition> out{wide(table)};
    for (int pk = 0; pk < 300; ++pk) {
        Partition partition = random.partition(table, pk);
        if (!partition.isEmpty()) {
            out.push_back(std::move(partition));
        }
    }
    return out;
}

struct Outcome {
    int right = 0;
    int errors = 0;
    int missing = 0;
    int wrong = 0;
};

bool areSame(const std::vector<Marker>& a, const std::vector<Marker>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Marker& x, const Marker& y) {
        return x.prefix == y.prefix && x.side == y.side && x.before == y.before && x.after == y.after;
    });
}

/// Every partition is asked for by key; what comes is right, an error that names a file, or
/// counted as missing or wrong.
Outcome readAll(SstableFolder& folder, const std::vector<Partition>& expected) {
    Outcome out;
    const auto reader = folder.open(1);
    if (!reader) {
        out.errors = static_cast<int>(expected.size());
        return out;
    }
    for (const Partition& partition : expected) {
        const auto found = reader.value()->find(partition.key);
        if (!found) {
            ++out.errors;
            continue;
        }
        if (!found.value()) {
            ++out.missing;
            continue;
        }
        Partition got;
        got.key = found.value()->key();
        got.deletion = found.value()->deletion();
        got.staticRow = found.value()->staticRow();
        const auto cursor = found.value()->unfiltereds(storage::allRows(), false);
        Result<void> walked = cursor ? ok() : Result<void>(cursor.error());
        std::vector<Marker> markers;
        while (walked && cursor.value()->kind() != UnfilteredKind::End) {
            if (cursor.value()->kind() == UnfilteredKind::Row) {
                got.rows.push_back(cursor.value()->row());
            } else {
                markers.push_back(cursor.value()->marker());
            }
            walked = cursor.value()->advance();
        }
        if (!walked) {
            ++out.errors;
            continue;
        }
        const bool isRight = got.rows == partition.rows && got.staticRow == partition.staticRow &&
                             got.deletion == partition.deletion &&
                             areSame(markers, markersOf(*folder.table(), partition));
        ++(isRight ? out.right : out.wrong);
    }
    return out;
}

/// Slices of the wide partition; true when each is right or an error. Without `withDeletions` that goes
/// for the rows alone.
bool slicesAreRight(SstableFolder& folder, const Partition& partition, RandomRows& random, bool withDeletions) {
    const auto reader = folder.open(1);
    if (!reader) {
        return true;
    }
    const auto found = reader.value()->find(partition.key);
    if (!found || !found.value()) {
        return true;
    }
    for (int i = 0; i < 10; ++i) {
        const int from = static_cast<int>(random.below(kWideRows));
        const std::vector<Slice> slices{{{{types::encodeInt(from)}, true},
                                         {{types::encodeInt(from + 9)}, true}}};
        for (const bool reversed : {false, true}) {
            const auto cursor = found.value()->unfiltereds(slices, reversed);
            std::vector<Row> rows;
            std::vector<Marker> markers;
            Result<void> walked = cursor ? ok() : Result<void>(cursor.error());
            while (walked && cursor.value()->kind() != UnfilteredKind::End) {
                if (cursor.value()->kind() == UnfilteredKind::Row) {
                    rows.push_back(cursor.value()->row());
                } else {
                    markers.push_back(cursor.value()->marker());
                }
                walked = cursor.value()->advance();
            }
            if (!walked) {
                continue;
            }
            if (reversed) {
                std::reverse(rows.begin(), rows.end());
                std::reverse(markers.begin(), markers.end());
            }
            const Partition part = expectedPart(*folder.table(), partition, slices);
            if (rows != part.rows || (withDeletions && !areSame(markers, markersOf(*folder.table(), part)))) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

/// Bits flip and files end early, at places drawn by a seed.
class SstableDamageTest : public QObject {
    Q_OBJECT
private slots:
    void flippedBitsNeverGiveWrongRows_data() { addComponents(); }
    void flippedBitsNeverGiveWrongRows();
    void truncatedFilesNeverGiveWrongRows_data() { addComponents(); }
    void truncatedFilesNeverGiveWrongRows();
    void errorsNameFileAndOffset();
    void theRestOfADamagedFileIsRead();

private:
    void addComponents() {
        QTest::addColumn<QString>("compressor");
        QTest::addColumn<int>("component");
        for (const char* compressor : {"", "LZ4Compressor", "ZstdCompressor", "DeflateCompressor", "SnappyCompressor"}) {
            for (const Component component : storage::kAllComponents) {
                const bool isPlain = *compressor == 0;
                if (component == (isPlain ? Component::CompressionInfo : Component::Crc)) {
                    continue;
                }
                QTest::addRow("%s, %s", std::string(storage::toString(component)).c_str(),
                              isPlain ? "not compressed" : compressor)
                    << QString(compressor) << static_cast<int>(component);
            }
        }
    }
    /// Damages a component a number of times and looks at what is read.
    template <typename Damage>
    void check(Damage damage, int tries);
};

template <typename Damage>
void SstableDamageTest::check(Damage damage, int tries) {
    QFETCH(const QString, compressor);
    QFETCH(const int, component);
    const auto table = compressedWith(makeTable(), compressor.toStdString());
    const auto partitions = content(*table);
    RandomRows random(17);
    // What lies behind the compressor was tried with the first two.
    const bool isFirst = compressor.isEmpty() || compressor == "LZ4Compressor";
    for (int i = 0; i < (isFirst ? tries : tries / kFewerTries); ++i) {
        SstableFolder folder(table);
        folder.write(1, partitions, 2048);
        const std::string path = folder.at(1).pathOf(static_cast<Component>(component));
        const std::string what = damage(folder, path, random);
        const Outcome outcome = readAll(folder, partitions);
        QVERIFY2(outcome.wrong == 0, what.c_str());
        // The filter has no checksum, neither has the format a place for one.
        if (static_cast<Component>(component) != Component::Filter) {
            QVERIFY2(outcome.missing == 0, what.c_str());
        }
        // Which range deletion is open where a slice begins, Index.db alone says, as in Cassandra; that is
        // held against the data only where the slice has the deletion's end.
        const bool withDeletions = static_cast<Component>(component) != Component::Index;
        QVERIFY2(slicesAreRight(folder, partitions.front(), random, withDeletions), what.c_str());
        (void)storage::inspect::verify(folder.disk(), folder.at(1), true);
    }
}

void SstableDamageTest::flippedBitsNeverGiveWrongRows() {
    check(
        [](SstableFolder& folder, const std::string& path, RandomRows& random) {
            const auto bytes = must(runtime::readFile(folder.disk(), path));
            const std::uint64_t at = random.below(bytes.size());
            const int bit = static_cast<int>(random.below(8));
            must(folder.disk().flipBit(path, at, bit) ? ok() : Result<void>(invalid("no such byte")));
            return path + " bit " + std::to_string(bit) + " of byte " + std::to_string(at);
        },
        40);
}

void SstableDamageTest::truncatedFilesNeverGiveWrongRows() {
    check(
        [](SstableFolder& folder, const std::string& path, RandomRows& random) {
            const auto bytes = must(runtime::readFile(folder.disk(), path));
            const std::uint64_t length = random.below(bytes.size());
            const auto file = must(folder.disk().open(path, runtime::OpenMode::Append));
            must(file->truncate(length));
            return path + " cut to " + std::to_string(length);
        },
        10);
}

void SstableDamageTest::errorsNameFileAndOffset() {
    SstableFolder folder(makeTable());
    folder.write(1, content(*folder.table()));
    const std::string path = folder.at(1).pathOf(Component::Data);
    QVERIFY(folder.disk().flipBit(path, 100, 3));
    const auto reader = must(folder.open(1));
    QStringList errors;
    for (const Partition& partition : content(*folder.table())) {
        const auto found = reader->find(partition.key);
        if (!found) {
            QCOMPARE(found.error().kind, ErrorKind::Corrupt);
            errors << QString::fromStdString(found.error().message);
        }
    }
    QVERIFY(!errors.isEmpty());
    QCOMPARE(errors.front(), QString::fromStdString(
        "SSTable " + path + ": the checksum of a chunk does not match at offset 0"));
    const auto report = storage::inspect::verify(folder.disk(), folder.at(1), true);
    QVERIFY(!report.isGood());
    QVERIFY(std::any_of(report.findings.begin(), report.findings.end(), [](const auto& finding) {
        return finding.component == Component::Data && finding.offset == 0u;
    }));
}

void SstableDamageTest::theRestOfADamagedFileIsRead() {
    SstableFolder folder(compressedWith(makeTable(), "LZ4Compressor", 4));
    const auto partitions = content(*folder.table());
    folder.write(1, partitions);
    const std::string path = folder.at(1).pathOf(Component::Data);
    QVERIFY(folder.disk().flipBit(path, 5000, 1));
    const Outcome outcome = readAll(folder, partitions);
    QVERIFY(outcome.errors > 0);
    QVERIFY(outcome.right > static_cast<int>(partitions.size()) / 2);
    QCOMPARE(outcome.missing + outcome.wrong, 0);
}

QTEST_GUILESS_MAIN(SstableDamageTest)
#include "sstable_damage_test.moc"
