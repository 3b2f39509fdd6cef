#include <QtTest>
#include <map>

#include "engine/storage/compaction_manager.h"
#include "storage_fixture.h"

using namespace storagetest;
using storage::CommitFailurePolicy;
using storage::DiskFailurePolicy;

namespace {

StorageOptions optionsOf(DiskFailurePolicy policy) {
    StorageOptions options;
    options.sync = storage::CommitLogSync::Batch;
    options.segmentBytes = 2048;
    options.chunkCacheBytes = 0;  // So that reads look at the disk each time.
    options.diskFailurePolicy = policy;
    options.commitFailurePolicy = policy == DiskFailurePolicy::Ignore ? CommitFailurePolicy::Ignore : CommitFailurePolicy::Stop;
    return options;
}

/// Rows written and overwritten over three files, read in every way, compacted and read again.
class ReadingLife {
public:
    explicit ReadingLife(StorageFixture& f) : m_f(f) {}

    void run() {
        write(0, 10, "old", 5);
        flush();
        write(10, 20, "old", 5);
        flush();
        write(0, 5, "new", 9);
        flush();
        readAll();
        readEach();
        compact();
        readAll();
        readEach();
        write(20, 25, "old", 5);
    }
    /// Every write that was acknowledged, and no other row.
    void check() { ENSURE(compare(m_f.read(m_f.all()).value()) == 25); }
    int failed() const { return m_failed; }

private:
    void write(int from, int to, const std::string& value, std::int64_t timestamp) {
        for (int pk = from; pk < to; ++pk) {
            Partition partition;
            partition.key = key(pk);
            partition.rows = {row(at(1, "d"), timestamp, {cell("a", value + std::string(100, 'v'), timestamp)})};
            ENSURE(m_f.write(std::move(partition)).has_value());  // Nothing is looked at for it.
            m_there[pk] = value;
        }
    }
    /// What failed is tried again: the next start, or the next flush.
    void flush() { static_cast<void>(m_f.flush()); }
    void compact() {
        storage::CompactionRequest request;
        request.kind = storage::CompactionRequest::Kind::Major;
        static_cast<void>(m_f.runTask(m_f.engine().compactions().compact(m_f.table(), request)));
    }
    std::size_t compare(const std::vector<Partition>& found) const {
        for (const Partition& partition : found) {
            const auto expected = m_there.find(types::decodeInt(partition.key.key));
            ENSURE(expected != m_there.end() && partition.rows.size() == 1);
            ENSURE(partition.rows[0].cells[0].value.starts_with(expected->second));
        }
        return found.size();
    }
    /// An error, or all of it.
    void readAll() {
        if (const auto found = m_f.read(m_f.all())) {
            ENSURE(compare(found.value()) == m_there.size());
        } else {
            ++m_failed;
            ENSURE(found.error().message.find("Input/output error") != std::string::npos);
        }
    }
    void readEach() {
        for (const auto& [pk, value] : m_there) {
            if (const auto found = m_f.read(m_f.byKey(pk))) {
                ENSURE(compare(found.value()) == 1);
            } else {
                ++m_failed;
                ENSURE(found.error().message.find("Input/output error") != std::string::npos);
            }
        }
    }

    StorageFixture& m_f;
    std::map<int, std::string> m_there;
    int m_failed = 0;
};

}  // namespace

/// The disk does not give what is asked of it, once, at each place where something is asked.
class StorageReadFaultsSim : public QObject {
    Q_OBJECT
private slots:
    void aRunLosesNothingToAFailingRead_data() { addPolicies(); }
    void aRunLosesNothingToAFailingRead();
    void aStartLosesNothingToAFailingRead_data() { addPolicies(); }
    void aStartLosesNothingToAFailingRead();

private:
    static void addPolicies() {
        QTest::addColumn<int>("policy");
        QTest::newRow("stop") << int(DiskFailurePolicy::Stop);
        QTest::newRow("ignore") << int(DiskFailurePolicy::Ignore);
    }
};

void StorageReadFaultsSim::aRunLosesNothingToAFailingRead() {
    QFETCH(const int, policy);
    std::uint64_t looks = 1;
    int failed = 0;
    for (std::uint64_t n = 1; n <= looks; ++n) {
        StorageFixture f(1, optionsOf(static_cast<DiskFailurePolicy>(policy)));
        QVERIFY(f.start());
        const std::uint64_t before = f.disk().looks();
        ReadingLife life(f);
        f.disk().failLook(n);
        life.run();
        if (n == 1) {
            looks = f.disk().looks() - before;
            QVERIFY(looks > 50);
        }
        f.disk().failLook(0);
        failed += life.failed();
        life.check();
        f.powerCut();
        QVERIFY2(f.start(), qPrintable(QString("look %1").arg(n)));
        life.check();
    }
    QVERIFY(failed > 50);
}

void StorageReadFaultsSim::aStartLosesNothingToAFailingRead() {
    QFETCH(const int, policy);
    const bool isIgnored = static_cast<DiskFailurePolicy>(policy) == DiskFailurePolicy::Ignore;
    int refused = 0;
    for (std::uint64_t n = 1;; ++n) {
        StorageFixture f(1, optionsOf(static_cast<DiskFailurePolicy>(policy)));
        QVERIFY(f.start());
        ReadingLife life(f);
        life.run();
        f.powerCut();
        const std::uint64_t before = f.disk().looks();
        f.disk().failLook(n);
        const auto started = f.start();
        if (f.disk().looks() - before < n) {
            break;  // A start makes no more of them.
        }
        f.disk().failLook(0);
        if (started && !isIgnored) {
            life.check();
        } else if (!started) {
            ++refused;
            QVERIFY2(started.error().message.find("Input/output error") != std::string::npos, started.error().message.c_str());
        }
        f.powerCut();
        QVERIFY2(f.start(), qPrintable(QString("look %1").arg(n)));
        life.check();
    }
    QVERIFY(refused > 0);
}

QTEST_GUILESS_MAIN(StorageReadFaultsSim)
#include "storage_read_faults_sim.moc"
