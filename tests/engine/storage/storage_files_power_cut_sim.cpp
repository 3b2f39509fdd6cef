#include <QtTest>

#include "foreign_files.h"

using namespace storagetest;

namespace {

constexpr const char* kElsewhere = "/elsewhere";

StorageOptions batched(bool autoSnapshot = false) {
    StorageOptions options;
    options.sync = storage::CommitLogSync::Batch;
    options.autoSnapshot = autoSnapshot;
    return options;
}

/// Partitions 1 and 2 in two files elsewhere, 3 in one of the table's own.
void prepare(StorageFixture& f) {
    ENSURE(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    makeForeign(f, 2, kElsewhere, 2);
    ENSURE(f.write(oneRow(3, 1, 5)).has_value());
    ENSURE(f.flush().has_value());
}

void startAgain(StorageFixture& f, std::uint64_t call) {
    const auto started = f.start();
    if (!started) {
        qFatal("call %d: %s", static_cast<int>(call), started.error().message.c_str());
    }
}

std::size_t partitionsIn(StorageFixture& f) {
    const auto found = f.read(f.all());
    ENSURE(found.has_value());
    return found.value().size();
}

/// Runs `act` again and again with the power cut before each of its calls to the disk in turn.
template <typename Prepare, typename Act, typename Check>
std::uint64_t cutEverywhere(bool torn, const StorageOptions& options, Prepare first, Act act, Check check) {
    std::uint64_t call = 1;
    for (bool hasCrashed = true; hasCrashed; ++call) {
        StorageFixture f(call, options);
        first(f);
        f.disk().crashAtCall(call, torn);
        const bool isDone = act(f);
        hasCrashed = f.disk().hasCrashed();
        f.powerCut(torn);
        startAgain(f, call);
        check(f, isDone, call);
    }
    return call - 2;  // So many cuts.
}

}  // namespace

class StorageFilesPowerCutSim : public QObject {
    Q_OBJECT
private slots:
    void anImportIsWholeOrNot_data() { rowsOfTorn(); }
    void anImportIsWholeOrNot();
    void aRefreshLosesNothing_data() { rowsOfTorn(); }
    void aRefreshLosesNothing();
    void aTruncationWithItsSnapshotLosesNothing_data() { rowsOfTorn(); }
    void aTruncationWithItsSnapshotLosesNothing();
    void aFlushInShardsIsWholeOrNot_data() { rowsOfTorn(); }
    void aFlushInShardsIsWholeOrNot();
    void aDropLosesNothing_data() { rowsOfTorn(); }
    void aDropLosesNothing();

private:
    static void rowsOfTorn() {
        QTest::addColumn<bool>("torn");
        QTest::newRow("what was not synced is gone") << false;
        QTest::newRow("parts of it reached the disk") << true;
    }
};

void StorageFilesPowerCutSim::anImportIsWholeOrNot() {
    QFETCH(const bool, torn);
    const std::uint64_t cuts = cutEverywhere(
        torn, batched(), prepare,
        [](StorageFixture& f) {
            const auto done = import(f, from({kElsewhere}));
            return done && done.value().generations.size() == 2;
        },
        [](StorageFixture& f, bool isDone, std::uint64_t call) {
            const std::size_t there = partitionsIn(f);
            if (there != 3 && (isDone || there != 1)) {
                qFatal("call %d: %d partitions", static_cast<int>(call), static_cast<int>(there));
            }
            if (there == 1) {
                ENSURE(import(f, from({kElsewhere})).value().generations.size() == 2);
                ENSURE(partitionsIn(f) == 3);
            }
            ENSURE(f.engine().readers(*f.table()).size() == 3);
        });
    QVERIFY(cuts > 30);
}

void StorageFilesPowerCutSim::aRefreshLosesNothing() {
    QFETCH(const bool, torn);
    const auto withStrays = [](StorageFixture& f) {
        prepare(f);
        copySstable(f, storage::descriptorOf(kElsewhere, 1), storage::descriptorOf(f.tableFolder(), 100));
        copySstable(f, storage::descriptorOf(kElsewhere, 2), storage::descriptorOf(f.tableFolder(), 200));
    };
    const std::uint64_t cuts = cutEverywhere(
        torn, batched(), withStrays, [](StorageFixture& f) { return import(f, {}).has_value(); },
        [](StorageFixture& f, bool, std::uint64_t call) {
            if (partitionsIn(f) != 3 || f.engine().readers(*f.table()).size() != 3) {
                qFatal("call %d: %d partitions in %d files", static_cast<int>(call),
                       static_cast<int>(partitionsIn(f)),
                       static_cast<int>(f.engine().readers(*f.table()).size()));
            }
        });
    QVERIFY(cuts > 30);
}

void StorageFilesPowerCutSim::aTruncationWithItsSnapshotLosesNothing() {
    QFETCH(const bool, torn);
    const auto twoPlaces = [](StorageFixture& f) {
        ENSURE(f.start().has_value());
        ENSURE(f.write(oneRow(1, 1, 5)).has_value());
        ENSURE(f.flush().has_value());
        ENSURE(f.write(oneRow(2, 1, 5)).has_value());
    };
    const std::uint64_t cuts = cutEverywhere(
        torn, batched(true), twoPlaces, [](StorageFixture& f) { return f.truncate().has_value(); },
        [](StorageFixture& f, bool isDone, std::uint64_t call) {
            const std::size_t there = partitionsIn(f);
            if (there != 0 && (isDone || there != 2)) {
                qFatal("call %d: %d partitions", static_cast<int>(call), static_cast<int>(there));
            }
            if (there == 0) {
                // Back from the snapshot, by hand and at a start.
                const auto kept = snapshotsOf(f);
                ENSURE(kept.size() == 1);
                f.stop();
                for (const std::string& name : dataFilesIn(f, kept[0].folder)) {
                    const auto file = storage::parseComponentPath(kept[0].folder + '/' + name);
                    copySstable(f, file->sstable, {f.tableFolder(), file->sstable.id});
                }
                startAgain(f, call);
                ENSURE(partitionsIn(f) == 2);
            }
        });
    QVERIFY(cuts > 30);
}

/// Each of the files says that the commit log is covered: one alone would take the rows of the others along.
void StorageFilesPowerCutSim::aFlushInShardsIsWholeOrNot() {
    QFETCH(const bool, torn);
    constexpr int kPartitions = 16;
    const auto inMemory = [](StorageFixture& f) {
        schema::Table unified = *f.table();
        unified.options.compaction = {
            {"class", "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}, {"min_sstable_size", "0B"}};
        f.publish({std::make_shared<const schema::Table>(unified)});
        ENSURE(f.start().has_value());
        for (int pk = 0; pk < kPartitions; ++pk) {
            ENSURE(f.write(oneRow(pk, 1, 5)).has_value());
        }
    };
    const std::uint64_t cuts = cutEverywhere(
        torn, batched(), inMemory, [](StorageFixture& f) { return f.flush().has_value(); },
        [](StorageFixture& f, bool isDone, std::uint64_t call) {
            if (partitionsIn(f) != kPartitions) {
                qFatal("call %d: %d partitions", static_cast<int>(call), static_cast<int>(partitionsIn(f)));
            }
            const auto readers = f.engine().readers(*f.table());
            ENSURE(!isDone || readers.size() == 4);
            for (std::size_t i = 1; i < readers.size(); ++i) {
                ENSURE(readers[i - 1]->last().token < readers[i]->first().token);
            }
            // And again, whatever was in doubt.
            ENSURE(f.write(oneRow(100, 1, 5)).has_value());
            ENSURE(f.flush().has_value());
            f.powerCut();
            startAgain(f, call);
            ENSURE(partitionsIn(f) == kPartitions + 1);
        });
    QVERIFY(cuts > 60);
}

void StorageFilesPowerCutSim::aDropLosesNothing() {
    QFETCH(const bool, torn);
    std::uint64_t call = 1;
    for (bool hasCrashed = true; hasCrashed; ++call) {
        StorageFixture f(call, batched(true));
        QVERIFY(f.start().has_value());
        QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
        QVERIFY(f.flush().has_value());
        QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
        QVERIFY(f.flush().has_value());
        f.disk().crashAtCall(call, torn);
        f.engine().drop(*f.table());
        hasCrashed = f.disk().hasCrashed();
        const std::string folder = f.tableFolder();
        f.powerCut(torn);
        // The schema has it no longer, but for another table in its place.
        schema::Table anew = *f.table();
        anew.id = Uuid::nameBased("anew");
        const auto table = std::make_shared<const schema::Table>(anew);
        f.publish({table});
        startAgain(f, call);
        const auto kept = snapshotsOf(f);
        const bool isKept = !kept.empty() && f.disk().exists(kept[0].folder + "/manifest.json");
        const std::string source = isKept ? kept[0].folder : folder;
        auto imported = f.runTask(f.engine().importFiles(table, from({source})));
        QVERIFY2(imported.has_value() && imported.value().generations.size() == 2,
                 QByteArray::number(static_cast<qulonglong>(call)));
    }
    QVERIFY(call > 20);
}

QTEST_GUILESS_MAIN(StorageFilesPowerCutSim)
#include "storage_files_power_cut_sim.moc"
