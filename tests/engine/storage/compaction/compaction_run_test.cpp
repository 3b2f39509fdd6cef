#include <QtTest>
#include <map>
#include <set>

#include "engine/storage/compaction/compaction_run.h"
#include "tests/engine/storage/sstable/sstable_fixture.h"

using namespace sstabletest;
using namespace engine::storage::compaction;
using storage::Component;
using storage::removeSstable;
using storage::TransactionLog;

namespace {

constexpr std::int64_t kNow = 105;  // By then all that expires in RandomRows has.
using Readers = std::vector<ReaderPtr>;
using Contents = std::map<DecoratedKey, Partition>;

/// All that a set of files says, reconciled by the plainest means.
Contents everything(const schema::Table& table, const Readers& readers) {
    Contents out;
    for (const ReaderPtr& reader : readers) {
        const PartitionRange all;
        auto scan = must(reader->scan(all));
        while (scan->key() != nullptr) {
            Partition part = readPart(table, scan->partition(), storage::allRows(), false);
            auto [it, isNew] = out.try_emplace(part.key, part);
            if (!isNew) {
                merge(table, it->second, std::move(part));
            }
            must(scan->advance());
        }
    }
    for (auto& [key, partition] : out) {
        dropShadowed(table, partition);
    }
    return out;
}
/// What a client may see of it.
Contents live(const schema::Table& table, Contents all, std::int64_t now = kNow) {
    for (auto& [key, partition] : all) {
        filterLive(table, partition, now);
    }
    std::erase_if(all, [](const auto& entry) { return entry.second.isEmpty(); });
    return all;
}

class Bench {
public:
    explicit Bench(schema::TablePtr table = makeTable()) : folder(std::move(table)) {}

    ReaderPtr add(std::vector<Partition> partitions) {
        const std::uint64_t generation = m_generations->fetch_add(1);
        folder.write(generation, std::move(partitions), 512);
        return must(folder.open(generation));
    }
    ReaderPtr addRandom(RandomRows& random, int pks) {
        std::vector<Partition> partitions;
        for (int pk = 0; pk < pks; ++pk) {
            Partition partition = random.partition(*folder.table(), pk);
            if (!partition.isEmpty()) {
                partitions.push_back(std::move(partition));
            }
        }
        if (partitions.empty()) {
            partitions.push_back(oneRow(0, 1));
        }
        return add(std::move(partitions));
    }
    static Partition oneRow(int pk, std::int64_t timestamp, std::string value = "v") {
        Partition out;
        out.key = key(pk);
        out.rows = {row(at(1, "d"), timestamp, {cell("a", std::move(value), timestamp)})};
        return out;
    }

    CompactionJob job(Readers inputs, std::int64_t gcBefore = kNow) {
        CompactionJob out;
        out.id = Uuid{7, ++m_jobs};
        out.table = folder.table();
        out.folder = folder.folder();
        out.inputs = std::move(inputs);
        out.nowSeconds = kNow;
        out.gcBefore = gcBefore;
        out.generations = m_generations;
        return out;
    }
    static Result<Readers> runJob(CompactionRun& run, const Readers& others,
                                  std::uint64_t stepBytes = 100) {
        auto view = std::make_shared<PurgeView>();
        view->others = others;
        bool isDone = false;
        while (!isDone) {
            TRY_ASSIGN(isDone, run.step(stepBytes, view));
        }
        TRY_ASSIGN(Readers out, run.open());
        TRY(run.commit());
        return out;
    }
    /// The whole of it: the inputs are gone afterwards.
    Readers compact(CompactionJob job, const Readers& others, RunCounts* counts = nullptr) {
        CompactionRun run(folder.disk(), shared(), std::move(job));
        Readers out = must(runJob(run, others));
        for (const ReaderPtr& input : run.job().inputs) {
            must(removeSstable(folder.disk(), input->descriptor()));
        }
        must(run.forget());
        if (counts != nullptr) {
            *counts = run.counts();
        }
        return out;
    }
    std::vector<std::string> names() { return must(folder.disk().list(folder.folder())); }

    /// The folder's, which the bench outlives.
    std::shared_ptr<storage::SstableCache> shared() {
        return {std::shared_ptr<void>(), &folder.cache()};
    }

    SstableFolder folder;

private:
    std::shared_ptr<std::atomic<std::uint64_t>> m_generations =
        std::make_shared<std::atomic<std::uint64_t>>(1);
    std::uint64_t m_jobs = 0;
};

OutputPlan planOf(std::uint64_t choice) {
    OutputPlan out;
    switch (choice) {
        case 1:
            out.cut = OutputPlan::Cut::Sizes;
            out.maxBytes = 300;
            out.level = 2;
            break;
        case 2:
            out.cut = OutputPlan::Cut::Shards;
            out.boundaries = {-(1ll << 62), 0, 1ll << 62};
            break;
        default: break;
    }
    return out;
}

}  // namespace

class CompactionRunTest : public QObject {
    Q_OBJECT

private slots:
    /// The heart of it: whatever is compacted with whatever is left aside, and however early
    /// tombstones go, a client sees the same.
    void noCompactionChangesWhatIsRead() {
        for (std::uint64_t seed = 1; seed <= 400; ++seed) {
            RandomRows random(seed);
            Bench bench;
            Readers readers;
            for (std::uint64_t i = 2 + random.below(4); i > 0; --i) {
                readers.push_back(bench.addRandom(random, 6));
            }
            const schema::Table& table = *bench.folder.table();
            const Contents before = live(table, everything(table, readers));
            for (int round = 0; round < 3; ++round) {
                Readers inputs;
                Readers others;
                for (const ReaderPtr& reader : readers) {
                    (random.below(3) > 0 ? inputs : others).push_back(reader);
                }
                if (inputs.empty()) {
                    continue;
                }
                const auto gcBefore = static_cast<std::int64_t>(98 + random.below(10));
                CompactionJob job = bench.job(inputs, gcBefore);
                job.output = planOf(random.below(3));
                job.shadows = static_cast<ShadowKind>(random.below(3));
                job.others = others;
                const Readers out = bench.compact(std::move(job), others);
                readers = others;
                readers.insert(readers.end(), out.begin(), out.end());
                const Contents after = live(table, everything(table, readers));
                if (after != before) {
                    qFatal("seed %d, round %d", static_cast<int>(seed), round);
                }
            }
            for (const std::string& name : bench.names()) {
                QVERIFY(name.find("txn") == std::string::npos && !name.ends_with(".tmp"));
            }
        }
    }

    /// With everything in it and nothing in grace, nothing but live data is left.
    void aFullCompactionAfterGraceLeavesNoTombstone() {
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            RandomRows random(seed);
            Bench bench;
            const schema::Table& table = *bench.folder.table();
            Readers readers{bench.addRandom(random, 4), bench.addRandom(random, 4)};
            const Contents before = live(table, everything(table, readers));
            // Deletion times of ranges are their timestamps, of other things 100 to 102.
            const Readers out = bench.compact(bench.job(readers, kNow), {});
            Contents after = everything(table, out);
            if (after != live(table, after) || after != before) {
                qFatal("seed %d", static_cast<int>(seed));
            }
        }
    }

    void withinGraceEveryDeletionStays() {
        Bench bench;
        Partition gone = Bench::oneRow(1, 5);
        gone.rows[0].cells = {tombstone("a", 9, 100)};
        const Readers inputs{bench.add({Bench::oneRow(1, 5)}), bench.add({gone})};
        RunCounts counts;
        const Readers out = bench.compact(bench.job(inputs, 100), {}, &counts);
        const Contents after = everything(*bench.folder.table(), out);
        QCOMPARE(after.at(key(1)).rows[0].cells, (std::vector<Cell>{tombstone("a", 9, 100)}));
        QCOMPARE(counts.tombstonesKept, std::uint64_t(1));
        QCOMPARE(counts.cellsRead, std::uint64_t(2));
        QCOMPARE(counts.cellsKept, std::uint64_t(1));
        QCOMPARE(counts.cellsReplaced, std::uint64_t(1));
        QCOMPARE(counts.merged, (std::map<int, std::uint64_t>{{2, 1}}));
    }

    void whatIsPurgedIsNotCountedAsReplaced() {
        Bench bench;
        Partition gone = Bench::oneRow(1, 5);
        gone.rows[0].cells = {tombstone("a", 9, 100), tombstone("b", 9, 100)};
        const Readers inputs{bench.add({Bench::oneRow(1, 5)}), bench.add({gone})};
        RunCounts counts;
        bench.compact(bench.job(inputs, kNow), {}, &counts);
        QCOMPARE(counts.cellsRead, std::uint64_t(3));
        QCOMPARE(counts.cellsReplaced, std::uint64_t(1));
        QCOMPARE(counts.tombstonesDropped, std::uint64_t(2));
        QCOMPARE(counts.cellsKept, std::uint64_t(0));
    }

    void aTombstoneStaysWhileAnotherFileMayHoldWhatItHides() {
        Bench bench;
        Partition gone;
        gone.key = key(1);
        gone.deletion = {9, 50};
        const ReaderPtr old = bench.add({Bench::oneRow(1, 5)});
        const ReaderPtr deletion = bench.add({gone});
        const Readers kept = bench.compact(bench.job({deletion}), {old});
        QCOMPARE(kept.size(), std::size_t(1));
        QVERIFY(live(*bench.folder.table(), everything(*bench.folder.table(), {old, kept[0]})).empty());
        // A file that cannot have the key does not matter.
        const ReaderPtr other = bench.add({Bench::oneRow(2, 5)});
        QVERIFY(bench.compact(bench.job({kept[0]}), {other}).empty());
    }

    void aTombstoneStaysWhileAMemtableMayHoldWhatItHides() {
        Bench bench;
        Partition gone;
        gone.key = key(1);
        gone.deletion = {9, 50};
        const ReaderPtr deletion = bench.add({gone});
        CompactionRun run(bench.folder.disk(), bench.shared(), bench.job({deletion}));
        auto view = std::make_shared<PurgeView>();
        view->memtableMinTimestamp = 9;
        QVERIFY(must(run.step(1 << 20, view)));
        QCOMPARE(must(run.open()).size(), std::size_t(1));
    }

    void expiredCellsBecomeTombstonesOfTheTimeTheyWereWritten() {
        Bench bench;
        Partition partition = Bench::oneRow(1, 5);
        partition.rows[0].cells[0].ttl = 4;
        partition.rows[0].cells[0].localDeletionTime = 104;
        const Readers out = bench.compact(bench.job({bench.add({partition})}, 100), {});
        const Contents after = everything(*bench.folder.table(), out);
        QCOMPARE(after.at(key(1)).rows[0].cells, (std::vector<Cell>{tombstone("a", 5, 100)}));
    }

    void droppedColumnsGo() {
        Bench bench;
        const ReaderPtr input = bench.add({Bench::oneRow(1, 5)});
        schema::Table altered = *bench.folder.table();
        std::erase_if(altered.columns, [](const auto& column) { return column.name == "a"; });
        altered.dropped = {{*bench.folder.table()->find("a"), 7}};
        altered.finish();
        CompactionJob job = bench.job({input});
        job.table = std::make_shared<const schema::Table>(altered);
        CompactionRun run(bench.folder.disk(), bench.shared(), std::move(job));
        const Readers out = must(Bench::runJob(run, {}));
        QVERIFY(everything(altered, out).at(key(1)).rows[0].cells.empty());
    }

    void outputIsCutBySizeByShardsAndByLevels() {
        Bench bench(compressedWith(makeTable(), ""));
        std::vector<Partition> partitions;
        for (int pk = 0; pk < 200; ++pk) {
            partitions.push_back(Bench::oneRow(pk, 5, std::string(1000, 'x')));
        }
        const ReaderPtr input = bench.add(partitions);
        CompactionJob job = bench.job({input});
        job.output.cut = OutputPlan::Cut::Sizes;
        job.output.maxBytes = 128 * 1024;
        job.output.level = 3;
        Readers out = bench.compact(std::move(job), {});
        QCOMPARE(out.size(), std::size_t(2));
        QCOMPARE(out[0]->level(), 3);
        QVERIFY(out[0]->last() < out[1]->first());
        job = bench.job(out);
        job.output = planOf(2);
        out = bench.compact(std::move(job), {});
        QCOMPARE(out.size(), std::size_t(4));
        for (std::size_t i = 0; i < 4; ++i) {
            const std::int64_t boundary = i == 3 ? std::numeric_limits<std::int64_t>::max()
                                                 : planOf(2).boundaries[i];
            QVERIFY(out[i]->last().token <= boundary);
            QVERIFY(i == 0 || out[i]->first().token > planOf(2).boundaries[i - 1]);
        }
        job = bench.job(out);
        job.output.cut = OutputPlan::Cut::Sizes;
        job.output.maxBytes = 16 * 1024;
        job.output.fanout = 4;
        job.output.level = 1;
        job.output.fillsLevels = true;
        out = bench.compact(std::move(job), {});
        std::map<int, int> byLevel;
        for (const ReaderPtr& reader : out) {
            ++byLevel[reader->level()];
        }
        QVERIFY(byLevel.size() == 2 && byLevel[1] >= 1 && byLevel[2] >= 1);
        QCOMPARE(everything(*bench.folder.table(), out).size(), std::size_t(200));
    }

    void cleanupLeavesOnlyWhatIsOwned() {
        Bench bench;
        std::vector<Partition> partitions;
        for (int pk = 0; pk < 50; ++pk) {
            partitions.push_back(Bench::oneRow(pk, 5));
        }
        CompactionJob job = bench.job({bench.add(partitions)});
        job.owned = std::vector<TokenRange>{{0, std::numeric_limits<std::int64_t>::max()}};
        RunCounts counts;
        const Readers out = bench.compact(std::move(job), {}, &counts);
        const Contents after = everything(*bench.folder.table(), out);
        QVERIFY(!after.empty());
        QVERIFY(std::all_of(after.begin(), after.end(), [](const auto& e) { return e.first.token > 0; }));
        QCOMPARE(after.size() + counts.partitionsSkipped, std::size_t(50));
    }

    void scrubLeavesOutWhatIsBroken() {
        Bench bench(compressedWith(makeTable(), "LZ4Compressor"));
        std::vector<Partition> partitions;
        for (int pk = 0; pk < 100; ++pk) {
            std::string value;
            for (int i = 0; i < 400; ++i) {
                value += static_cast<char>('a' + (pk * 31 + i * i) % 26);
            }
            partitions.push_back(Bench::oneRow(pk, 5, value));
        }
        const ReaderPtr input = bench.add(partitions);
        QVERIFY(bench.folder.disk().flipBit(input->descriptor().pathOf(Component::Data),
                                            input->dataBytes() / 2, 3));
        {
            CompactionRun run(bench.folder.disk(), bench.shared(), bench.job({input}));
            const auto failed = Bench::runJob(run, {}, 1 << 20);
            QVERIFY(!failed);
            QVERIFY(failed.error().kind == ErrorKind::Corrupt);
        }
        CompactionJob job = bench.job({input});
        job.skipsCorrupt = true;
        RunCounts counts;
        const Readers out = bench.compact(std::move(job), {}, &counts);
        const Contents after = everything(*bench.folder.table(), out);
        QVERIFY(counts.corrupt > 0);
        QVERIFY2(after.size() > 50, std::to_string(after.size()).c_str());
        for (const auto& [k, partition] : after) {
            QVERIFY(partition.rows.size() <= 1);
        }
    }

    /// A run that is let go leaves nothing behind, wherever it was.
    void whatIsStoppedLeavesNothing() {
        for (int steps = 0; steps < 40; ++steps) {
            RandomRows random(static_cast<std::uint64_t>(steps + 1));
            Bench bench;
            const Readers inputs{bench.addRandom(random, 30), bench.addRandom(random, 30)};
            const auto before = bench.names();
            {
                CompactionJob job = bench.job(inputs);
                job.output = planOf(static_cast<std::uint64_t>(steps) % 3);
                CompactionRun run(bench.folder.disk(), bench.shared(), std::move(job));
                for (int i = 0; i < steps; ++i) {
                    if (must(run.step(50, std::make_shared<PurgeView>()))) {
                        break;
                    }
                }
            }
            QCOMPARE(bench.names(), before);
        }
    }

    /// The power is cut before each call that changes the disk: the old files are there, or the new
    /// ones, and nothing else.
    void aCrashLeavesEitherTheOldOrTheNew() {
        for (const bool torn : {false, true}) {
            bool wasCut = true;
            int old = 0;
            int exchanged = 0;
            for (std::uint64_t call = 1; wasCut; ++call) {
                RandomRows random(3);
                Bench bench;
                const Readers inputs{bench.addRandom(random, 12), bench.addRandom(random, 12),
                                     bench.addRandom(random, 12)};
                const schema::Table& table = *bench.folder.table();
                const Contents before = live(table, everything(table, inputs));
                std::set<std::uint64_t> oldFiles;
                for (const ReaderPtr& input : inputs) {
                    oldFiles.insert(input->generation());
                }
                sim::SimDisk& disk = bench.folder.disk();
                disk.crashAtCall(call, torn);
                {
                    CompactionJob job = bench.job(inputs, 103);
                    job.output = planOf(1);
                    CompactionRun run(disk, bench.shared(), std::move(job));
                    if (Bench::runJob(run, {})) {
                        for (const ReaderPtr& input : inputs) {
                            static_cast<void>(removeSstable(disk, input->descriptor()));
                        }
                        static_cast<void>(run.forget());
                    }
                }
                wasCut = disk.hasCrashed();
                if (!wasCut) {
                    disk.crash(torn);
                }
                disk.start();
                Log log([](LogLevel, std::string_view) {});
                must(TransactionLog::recover(disk, bench.folder.folder(), log));
                std::vector<std::string> leftovers;
                const auto found =
                    must(storage::listSstables(disk, bench.folder.folder(), leftovers));
                QVERIFY(leftovers.empty());
                Readers readers;
                std::set<std::uint64_t> files;
                for (const auto& descriptor : found) {
                    files.insert(descriptor.generation());
                    readers.push_back(must(bench.folder.open(descriptor.generation())));
                }
                const bool isOld = files == oldFiles;
                ++(isOld ? old : exchanged);
                QVERIFY(isOld || std::none_of(oldFiles.begin(), oldFiles.end(), [&](auto generation) {
                            return files.contains(generation);
                        }));
                if (live(table, everything(table, readers)) != before) {
                    qFatal("call %d", static_cast<int>(call));
                }
                for (const std::string& name : bench.names()) {
                    QVERIFY2(storage::parseComponentPath(bench.folder.folder() + '/' + name),
                             name.c_str());
                }
            }
            QVERIFY(old > 20);
            QVERIFY(exchanged > 20);
        }
    }

    /// The same for calls that fail while the machine goes on.
    void aDiskThatFailsLeavesEitherTheOldOrTheNew() {
        bool failed = true;
        for (std::uint64_t call = 1; failed; ++call) {
            RandomRows random(5);
            Bench bench;
            const Readers inputs{bench.addRandom(random, 12), bench.addRandom(random, 12)};
            const schema::Table& table = *bench.folder.table();
            const Contents before = live(table, everything(table, inputs));
            sim::SimDisk& disk = bench.folder.disk();
            disk.failCall(call, sim::DiskFault::NoSpace);
            bool isNew = false;
            bool isInDoubt = false;
            {
                CompactionRun run(disk, bench.shared(), bench.job(inputs, 103));
                isNew = Bench::runJob(run, {}).has_value();
                isInDoubt = run.isInDoubt();
            }
            failed = !isNew;
            Readers readers;
            std::vector<std::string> leftovers;
            Log log([](LogLevel, std::string_view) {});
            if ((isInDoubt || isNew) && !TransactionLog::recover(disk, bench.folder.folder(), log)) {
                failed = true;  // The call that fails was one of these: the next start does it.
                must(TransactionLog::recover(disk, bench.folder.folder(), log));
            }
            for (const auto& descriptor :
                 must(storage::listSstables(disk, bench.folder.folder(), leftovers))) {
                readers.push_back(must(bench.folder.open(descriptor.generation())));
            }
            if (live(table, everything(table, readers)) != before) {
                qFatal("call %d", static_cast<int>(call));
            }
        }
    }

    /// nodetool forcecompact: what the partition's deletions hide elsewhere still counts.
    void partitionsWithoutGraceLoseTheirDeletionsAtOnce() {
        Bench bench;
        Partition gone;
        gone.deletion = {7, kNow};
        gone.key = key(1);
        Partition other = gone;
        other.key = key(2);
        const ReaderPtr input = bench.add({gone, other});
        CompactionJob job = bench.job({input}, 0);
        job.graceless = {key(1).key};
        const Readers left = bench.compact(std::move(job), {});
        const Contents contents = everything(*bench.folder.table(), left);
        QCOMPARE(contents.size(), std::size_t(1));
        QVERIFY(contents.begin()->first == key(2));

        const ReaderPtr hidden = bench.add({Bench::oneRow(2, 5)});
        CompactionJob again = bench.job(left, 0);
        again.graceless = {key(2).key};
        QCOMPARE(bench.compact(std::move(again), {hidden}).size(), std::size_t(1));
    }

    void aDamagedTransactionLogIsNotGuessedAt() {
        Bench bench;
        const ReaderPtr input = bench.add({Bench::oneRow(1, 5)});
        sim::SimDisk& disk = bench.folder.disk();
        const std::string path = bench.folder.folder() + "/nb_txn_compaction_x.log";
        auto file = must(disk.open(path, runtime::OpenMode::CreateNew));
        must(file->append("REMOVE:[/data/nb-1-big-,0,8][1]\nCOMMIT:[,0,0][2613697770]\n"));
        Log log([](LogLevel, std::string_view) {});
        const auto recovered = TransactionLog::recover(disk, bench.folder.folder(), log);
        QVERIFY(!recovered);
        QVERIFY(recovered.error().message.find("line 1") != std::string::npos);
        QVERIFY(disk.exists(input->path()));
    }
};

QTEST_GUILESS_MAIN(CompactionRunTest)
#include "compaction_run_test.moc"
