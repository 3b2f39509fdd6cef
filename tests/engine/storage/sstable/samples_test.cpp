#include <QtTest>

#include <QDir>
#include <QFile>

#include "engine/runtime/posix_file_system.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "engine/storage/sstable/data_file.h"
#include "tests/engine/storage/sstable/sstable_fixture.h"

using namespace sstabletest;
using storage::Component;

namespace {

QString samples() {
    return QStringLiteral(SAMPLES);
}

/// The one SSTable of a sample.
storage::SstableDescriptor sampleOf(const QString& name) {
    std::vector<std::string> leftovers;
    const std::string folder = (samples() + '/' + name).toStdString();
    runtime::PosixFileSystem files;
    const auto found = must(storage::listSstables(files, folder, leftovers));
    if (found.size() != 1) {
        qFatal("%s: %zu SSTables", folder.c_str(), found.size());
    }
    return found[0];
}

Bytes contentOf(runtime::FileSystem& files, const storage::SstableDescriptor& descriptor,
                Component component) {
    return must(runtime::readFile(files, descriptor.pathOf(component)));
}

/// Data.db before compression.
Bytes dataOf(runtime::FileSystem& files, const storage::SstableDescriptor& descriptor) {
    const auto layout = must(storage::DataLayout::load(files, descriptor, 1.0));
    const auto file = must(storage::DataFile::open(files, layout));
    Bytes out(layout->uncompressedBytes, '\0');
    must(file->read(0, layout->chunks(), out.data()));
    return out;
}

}  // namespace

/// Files that a real Apache Cassandra 5.0.6 wrote (record_samples.py).
class SamplesTest : public QObject {
    Q_OBJECT
private slots:
    void dumpsAreThoseOfCassandra_data() { addSamples(); }
    void dumpsAreThoseOfCassandra();
    void writtenAgainTheyAreTheSameBytes_data() { addSamples(); }
    void writtenAgainTheyAreTheSameBytes();
    void keysAreFoundThroughIndexAndFilter_data() { addSamples(); }
    void keysAreFoundThroughIndexAndFilter();

private:
    void addSamples() {
        QTest::addColumn<QString>("sample");
        for (const QString& name : QDir(samples()).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            QTest::newRow(qPrintable(name)) << name;
        }
    }
    runtime::PosixFileSystem m_files;
};

void SamplesTest::dumpsAreThoseOfCassandra() {
    QFETCH(const QString, sample);
    const QString folder = samples() + '/' + sample + '/';
    storage::inspect::DumpOptions options;
    QFile recorded(folder + "recorded.txt");
    QVERIFY(recorded.open(QIODevice::ReadOnly));
    options.nowSeconds = recorded.readAll().trimmed().toLongLong();
    QByteArray got;
    must(storage::inspect::dump(m_files, sampleOf(sample), options, [&](std::string_view text) {
        got.append(text.data(), static_cast<qsizetype>(text.size()));
    }));
    QFile md5(folder + "dump.md5");
    if (md5.open(QIODevice::ReadOnly)) {
        QCOMPARE(QCryptographicHash::hash(got, QCryptographicHash::Md5).toHex(),
                 md5.readAll().trimmed());
        return;
    }
    QFile dump(folder + "dump.json");
    QVERIFY(dump.open(QIODevice::ReadOnly));
    const QList<QByteArray> expected = dump.readAll().split('\n');
    const QList<QByteArray> lines = got.split('\n');
    for (qsizetype i = 0; i < std::min(expected.size(), lines.size()); ++i) {
        QCOMPARE(lines[i], expected[i]);
    }
    QCOMPARE(lines.size(), expected.size());
}

void SamplesTest::writtenAgainTheyAreTheSameBytes() {
    QFETCH(const QString, sample);
    const auto descriptor = sampleOf(sample);
    auto table = must(storage::inspect::tableOf(m_files, descriptor));
    const auto layout = must(storage::DataLayout::load(m_files, descriptor, 1.0));
    table = withOptions(table, [&](schema::TableOptions& options) {
        options.compression.clear();
        if (!layout->isCompressed) {
            options.compression["enabled"] = "false";
            return;
        }
        const storage::CompressionParams& params = layout->compression.params;
        options.compression["class"] = params.compressor;
        options.compression["chunk_length_in_kb"] = std::to_string(params.chunkBytes / 1024);
        if (params.maxCompressedBytes < params.chunkBytes) {
            options.compression["min_compress_ratio"] =
                std::to_string(double(params.chunkBytes) / params.maxCompressedBytes);
        }
        for (const auto& [key, value] : params.options) {
            options.compression[key] = value;
        }
    });
    storage::SstableCache cache(1 << 20);
    const auto reader = must(SstableReader::open(m_files, descriptor, table, cache));
    sim::SimDisk disk(1);
    must(disk.createFolders("/out"));
    const auto target = storage::descriptorOf("/out", 1);
    storage::SstableWriterOptions options;
    options.header = reader->header();
    options.expectedPartitions = reader->estimatedPartitions();
    const auto writer = must(SstableWriter::create(disk, target, table, options));
    const rows::PartitionRange all;
    const auto scan = must(reader->scan(all, {true}));
    while (scan->key() != nullptr) {
        const auto& partition = scan->partition();
        must(writer->beginPartition(partition.key(), partition.deletion(), partition.staticRow()));
        const auto cursor = must(partition.unfiltereds(storage::allRows(), false));
        while (cursor->kind() != UnfilteredKind::End) {
            cursor->kind() == UnfilteredKind::Row ? must(writer->add(cursor->row()))
                                                  : must(writer->add(cursor->marker()));
            must(cursor->advance());
        }
        must(writer->endPartition());
        must(scan->advance());
    }
    const storage::SstableStats ours = must(writer->finish()).stats;

    QCOMPARE(toHex(dataOf(disk, target)).c_str(), toHex(dataOf(m_files, descriptor)).c_str());
    for (const Component component : {Component::Index, Component::Summary, Component::Filter}) {
        QCOMPARE(toHex(contentOf(disk, target, component)).c_str(),
                 toHex(contentOf(m_files, descriptor, component)).c_str());
    }
    const storage::SstableStats& theirs = reader->stats();
    QCOMPARE(ours.minTimestamp, theirs.minTimestamp);
    QCOMPARE(ours.maxTimestamp, theirs.maxTimestamp);
    QCOMPARE(ours.minLocalDeletionTime, theirs.minLocalDeletionTime);
    QCOMPARE(ours.maxLocalDeletionTime, theirs.maxLocalDeletionTime);
    QCOMPARE(ours.minTtl, theirs.minTtl);
    QCOMPARE(ours.maxTtl, theirs.maxTtl);
    QCOMPARE(ours.columnsSet, theirs.columnsSet);
    QCOMPARE(ours.rows, theirs.rows);
    QVERIFY(ours.minClustering == theirs.minClustering);
    QVERIFY(ours.maxClustering == theirs.maxClustering);
    QVERIFY(ours.partitionBytes.buckets() == theirs.partitionBytes.buckets());
    QVERIFY(ours.cellsPerPartition.buckets() == theirs.cellsPerPartition.buckets());
    ByteWriter ourTimes;
    ours.tombstoneDropTimes.write(ourTimes);
    ByteWriter theirTimes;
    theirs.tombstoneDropTimes.write(theirTimes);
    QCOMPARE(toHex(ourTimes.bytes()).c_str(), toHex(theirTimes.bytes()).c_str());
    if (layout->isCompressed) {
        // After a compaction Cassandra ends with a chunk of nothing, which counts, too.
        QVERIFY(qAbs(ours.compressionRatio - theirs.compressionRatio) < 0.03);
    }
}

void SamplesTest::keysAreFoundThroughIndexAndFilter() {
    QFETCH(const QString, sample);
    const auto descriptor = sampleOf(sample);
    const auto table = must(storage::inspect::tableOf(m_files, descriptor));
    storage::SstableCache cache(1 << 20);
    const auto reader = must(SstableReader::open(m_files, descriptor, table, cache));
    const rows::PartitionRange all;
    const auto scan = must(reader->scan(all));
    int partitions = 0;
    for (; scan->key() != nullptr; ++partitions) {
        const auto found = must(reader->find(*scan->key()));
        QVERIFY(found);
        const Partition forwards = readPart(*table, *found, storage::allRows(), false);
        QVERIFY(forwards == readPart(*table, scan->partition(), storage::allRows(), true));
        for (const Row& row : forwards.rows) {
            if (!row.clustering.empty()) {
                const std::vector<Slice> one{{{row.clustering, true}, {row.clustering, true}}};
                QVERIFY(reader->mayHaveRowsIn(one));
                const Partition part = readPart(*table, *found, one, false);
                QCOMPARE(part.rows.size(), 1u);
                QVERIFY(part.rows[0] == row);
            }
        }
        must(scan->advance());
    }
    QVERIFY(partitions > 0);
}

QTEST_GUILESS_MAIN(SamplesTest)
#include "samples_test.moc"
