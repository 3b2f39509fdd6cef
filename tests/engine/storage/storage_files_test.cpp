#include <QtTest>
#include <algorithm>

#include "engine/storage/compaction_manager.h"
#include "foreign_files.h"

using namespace storagetest;

namespace {

constexpr const char* kElsewhere = "/elsewhere";

Result<void> snapshot(StorageFixture& f, const std::string& tag, bool skipFlush = false,
                      std::optional<std::int64_t> ttlMillis = {}) {
    storage::SnapshotRequest request{tag, skipFlush, ttlMillis};
    std::vector<schema::TablePtr> tables{f.table()};
    return f.runTask(f.engine().snapshot(std::move(tables), std::move(request)));
}

void spoil(StorageFixture& f, const std::string& path) {
    Bytes bytes = contentOf(f, path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    ENSURE(f.disk().remove(path).has_value());
    auto file = f.disk().open(path, runtime::OpenMode::CreateNew);
    ENSURE(file.has_value());
    ENSURE(file.value()->append(bytes).has_value());
}

StorageOptions keeping() {
    StorageOptions options;
    options.autoSnapshot = true;
    options.sync = storage::CommitLogSync::Batch;
    return options;
}

Result<void> compact(StorageFixture& f) {
    TRY(f.runTask(f.engine().compactions().compact(f.table(), {})));
    f.world().runFor(1s);  // The old files go behind it.
    return ok();
}

}  // namespace

class StorageFilesTest : public QObject {
    Q_OBJECT
private slots:
    void aSnapshotKeepsTheFilesThatACompactionReplaces();
    void aSnapshotHasWhatIsInMemoryUnlessToldOtherwise();
    void theSchemaOfASnapshotHasTypesBeforeWhatIsMadeOfThem();
    void aNameIsTakenOnce();
    void clearingTakesOnlyWhatIsMeant();
    void aSnapshotGoesWhenItsTimeIsOver();
    void aSnapshotCutShortIsNone();
    void truncationKeepsASnapshot();
    void droppingKeepsASnapshotOfAllThatThereIs();
    void droppingDuringAFlushKeepsWhatIsFlushed();
    void aTableMayRefuseSnapshots();
    void automaticSnapshotsMayExpire();
    void flushedAndImportedFilesAreBackedUp();
    void aBackupIsNotOverwrittenByALaterFile();
    void importedFilesAreReadAndForgetTheirPast();
    void aCopyStaysWhereItWas();
    void aBrokenFolderIsLeftOutAsAWhole();
    void aBrokenFileIsNotTakenEvenUnverified();
    void filesOfOtherColumnsAreRefused();
    void partitionsOfOthersAreRefused();
    void anUnknownFolderIsAnError();
    void importedFilesSurviveAPowerCut();
    void refreshTakesStraysOfTheTablesFolder();
    void refreshLeavesTheTablesOwnFilesAlone();
    void filesPutBackAfterATruncationStay();
    void filesNamedByUuidAreTakenInAtTheStart();
};

void StorageFilesTest::aSnapshotKeepsTheFilesThatACompactionReplaces() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QVERIFY(f.write(oneRow(1, 1, 6)).has_value());
    QVERIFY(f.flush().has_value());
    QVERIFY(snapshot(f, "before").has_value());
    const std::string folder = f.tableFolder() + "/snapshots/before";
    const auto names = dataFilesIn(f, folder);
    QCOMPARE(names, dataFilesIn(f, f.tableFolder()));
    QCOMPARE(names.size(), std::size_t(2));
    const Bytes first = contentOf(f, folder + '/' + names[0]);
    const auto shared = snapshotsOf(f);
    QCOMPARE(shared.size(), std::size_t(1));
    QCOMPARE(shared[0].tag, std::string("before"));
    QCOMPARE(shared[0].keyspace, std::string("ks"));
    QCOMPARE(shared[0].table, std::string("t"));
    QVERIFY(shared[0].trueBytes < shared[0].bytes);

    QVERIFY(compact(f).has_value());
    QCOMPARE(dataFilesIn(f, f.tableFolder()).size(), std::size_t(1));
    QCOMPARE(dataFilesIn(f, folder), names);
    QVERIFY(contentOf(f, folder + '/' + names[0]) == first);
    QCOMPARE(snapshotsOf(f)[0].trueBytes, shared[0].bytes);
    // And it can be put back: whatever else becomes of the table.
    QVERIFY(f.truncate().has_value());
    QVERIFY(f.read(f.all()).value().empty());
    ImportRequest request = from({folder});
    request.copies = true;
    QCOMPARE(import(f, request).value().generations.size(), std::size_t(2));
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
    QCOMPARE(dataFilesIn(f, folder), names);
}

void StorageFilesTest::aSnapshotHasWhatIsInMemoryUnlessToldOtherwise() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(snapshot(f, "without", true).has_value());
    QVERIFY(dataFilesIn(f, f.tableFolder() + "/snapshots/without").empty());
    QVERIFY(snapshot(f, "with").has_value());
    QCOMPARE(dataFilesIn(f, f.tableFolder() + "/snapshots/with").size(), std::size_t(1));
    // What is needed to make the table anew, and what there is.
    const Bytes schema = contentOf(f, f.tableFolder() + "/snapshots/with/schema.cql");
    QVERIFY(schema.starts_with("CREATE TABLE IF NOT EXISTS ks.t ("));
    const Bytes manifest = contentOf(f, f.tableFolder() + "/snapshots/with/manifest.json");
    QVERIFY(manifest.find("\"nb-1-big-Data.db\"") != Bytes::npos);
}

void StorageFilesTest::theSchemaOfASnapshotHasTypesBeforeWhatIsMadeOfThem() {
    StorageFixture f;
    const auto inner = types::udt("ks", "inner", {"x"}, {types::int32()}, true);
    const auto outer = types::udt("ks", "outer", {"y"}, {types::list(inner, true)}, true);
    schema::Table table = *f.table();
    table.id = Uuid::nameBased("typed");
    table.columns.back().type = types::map(types::int32(), outer, true);
    const auto typed = std::make_shared<const schema::Table>(table);
    f.publish({typed});
    QVERIFY(f.start().has_value());
    std::vector<schema::TablePtr> tables{typed};
    storage::SnapshotRequest request{"s", true, {}};
    QVERIFY(f.runTask(f.engine().snapshot(std::move(tables), std::move(request))).has_value());
    const auto kept = snapshotsOf(f);
    QCOMPARE(kept.size(), std::size_t(1));
    const Bytes text = contentOf(f, kept[0].folder + "/schema.cql");
    const auto first = text.find("CREATE TYPE IF NOT EXISTS ks.inner");
    const auto second = text.find("CREATE TYPE IF NOT EXISTS ks.outer");
    QVERIFY(first == 0 && second != Bytes::npos && second < text.find("CREATE TABLE IF NOT EXISTS ks.t"));
}

void StorageFilesTest::aNameIsTakenOnce() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(snapshot(f, "twice").has_value());
    const auto refused = snapshot(f, "twice");
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().message, std::string("Snapshot twice already exists."));
}

void StorageFilesTest::clearingTakesOnlyWhatIsMeant() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(snapshot(f, "old").has_value());
    f.world().runFor(10s);
    QVERIFY(snapshot(f, "new").has_value());
    const auto tags = [&] {
        std::vector<std::string> out;
        for (const SnapshotInfo& info : snapshotsOf(f)) {
            out.push_back(info.tag);
        }
        return out;
    };
    QCOMPARE(tags(), (std::vector<std::string>{"new", "old"}));
    QVERIFY(f.engine().clearSnapshots("old", {"other"}).has_value());
    QVERIFY(f.engine().clearSnapshots("nosuch", {}).has_value());
    QCOMPARE(tags().size(), std::size_t(2));
    const std::int64_t between = snapshotsOf(f)[0].createdMillis;
    QVERIFY(f.engine().clearSnapshots("", {}, between).has_value());
    QCOMPARE(tags(), (std::vector<std::string>{"new"}));
    QVERIFY(f.engine().clearSnapshots("new", {"ks"}).has_value());
    QVERIFY(tags().empty());
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
}

void StorageFilesTest::aSnapshotGoesWhenItsTimeIsOver() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(snapshot(f, "kept").has_value());
    QVERIFY(snapshot(f, "short", false, 90'000).has_value());
    QVERIFY(snapshotsOf(f)[1].expiresMillis == snapshotsOf(f)[1].createdMillis + 90'000);
    f.world().runFor(70s);
    QCOMPARE(snapshotsOf(f).size(), std::size_t(2));
    // Also by a node that was not there when it was taken.
    f.kill();
    QVERIFY(f.start().has_value());
    f.world().runFor(180s);
    QCOMPARE(snapshotsOf(f).size(), std::size_t(1));
    QCOMPARE(snapshotsOf(f)[0].tag, std::string("kept"));
}

void StorageFilesTest::aSnapshotCutShortIsNone() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    f.disk().failNextSync(sim::DiskFault::InputOutput);
    QVERIFY(!snapshot(f, "again").has_value());
    QVERIFY(snapshot(f, "again").has_value());
    QCOMPARE(dataFilesIn(f, f.tableFolder() + "/snapshots/again").size(), std::size_t(1));
}

void StorageFilesTest::truncationKeepsASnapshot() {
    StorageFixture f(1, keeping());
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(f.truncate().has_value());
    QVERIFY(f.read(f.all()).value().empty());
    const auto kept = snapshotsOf(f);
    QCOMPARE(kept.size(), std::size_t(1));
    QVERIFY(kept[0].tag.starts_with("truncated-"));
    QVERIFY(kept[0].tag.ends_with("-t"));
    QCOMPARE(kept[0].trueBytes, kept[0].bytes);
    // What was in memory is in it too.
    QCOMPARE(import(f, from({kept[0].folder})).value().generations.size(), std::size_t(2));
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2));
}

void StorageFilesTest::droppingKeepsASnapshotOfAllThatThereIs() {
    StorageFixture f(1, keeping());
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    f.engine().drop(*f.table());
    QCOMPARE(f.files(f.tableFolder()), (std::vector<std::string>{"snapshots"}));
    const auto kept = snapshotsOf(f);
    QCOMPARE(kept.size(), std::size_t(1));
    QVERIFY(kept[0].tag.starts_with("dropped-"));
    QCOMPARE(dataFilesIn(f, kept[0].folder).size(), std::size_t(2));
    // A table made from its schema.cql takes the files in.
    schema::Table anew = *f.table();
    anew.id = Uuid::nameBased("anew");
    const auto table = std::make_shared<const schema::Table>(anew);
    f.publish({table});
    auto imported = f.runTask(f.engine().importFiles(table, from({kept[0].folder})));
    QVERIFY2(imported.has_value(), imported ? "" : imported.error().message.c_str());
    ReadCommand all = f.all();
    all.table = table;
    QCOMPARE(f.read(all).value().size(), std::size_t(2));
}

void StorageFilesTest::droppingDuringAFlushKeepsWhatIsFlushed() {
    StorageFixture f(1, keeping());
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    runtime::TaskGroup tasks;
    bool isOver = false;
    const auto flush = [](StorageEngine& engine, schema::TablePtr table, bool& over) -> runtime::Task<void> {
        static_cast<void>(co_await engine.flush(std::move(table)));
        over = true;
    };
    tasks.spawn(flush(f.engine(), f.table(), isOver));
    QVERIFY(!isOver);  // It waits for the pool.
    f.engine().drop(*f.table());
    f.world().runFor(1s);
    QVERIFY(isOver);
    const auto kept = snapshotsOf(f);
    QCOMPARE(kept.size(), std::size_t(1));
    QCOMPARE(dataFilesIn(f, kept[0].folder).size(), std::size_t(1));
    QCOMPARE(f.files(f.tableFolder()), (std::vector<std::string>{"snapshots"}));
}

void StorageFilesTest::aTableMayRefuseSnapshots() {
    StorageFixture f(1, keeping());
    schema::Table refusing = *f.table();
    refusing.options.allowAutoSnapshot = false;
    const auto table = std::make_shared<const schema::Table>(refusing);
    f.publish({table});
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.runTask(f.engine().truncate(table)).has_value());
    QVERIFY(snapshotsOf(f).empty());
    f.engine().drop(*table);
    QVERIFY(!f.disk().exists(f.tableFolder()));
}

void StorageFilesTest::automaticSnapshotsMayExpire() {
    StorageOptions options = keeping();
    options.autoSnapshotTtl = 100s;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.truncate().has_value());
    QCOMPARE(snapshotsOf(f).size(), std::size_t(1));
    f.world().runFor(180s);
    QVERIFY(snapshotsOf(f).empty());
}

void StorageFilesTest::flushedAndImportedFilesAreBackedUp() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    const std::string backups = f.tableFolder() + "/backups";
    makeForeign(f, 3, kElsewhere, 77);
    QVERIFY(!f.disk().exists(backups));
    f.engine().setIncrementalBackups(true);
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QCOMPARE(dataFilesIn(f, backups), dataFilesIn(f, f.tableFolder()));
    QVERIFY(import(f, from({kElsewhere})).has_value());
    const auto both = dataFilesIn(f, backups);
    QCOMPARE(both.size(), std::size_t(2));
    // What compactions write is made of files that were backed up.
    QVERIFY(compact(f).has_value());
    QCOMPARE(dataFilesIn(f, backups), both);
    f.engine().setIncrementalBackups(false);
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QCOMPARE(dataFilesIn(f, backups), both);
}

void StorageFilesTest::aBackupIsNotOverwrittenByALaterFile() {
    StorageOptions options;
    options.incrementalBackups = true;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    const SstableDescriptor flushed = f.engine().readers(*f.table()).front()->descriptor();
    f.stop();
    QVERIFY(storage::removeSstable(f.disk(), flushed).has_value());  // By hand: nothing tells of it any more.
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QCOMPARE(dataFilesIn(f, f.tableFolder() + "/backups").size(), std::size_t(2));
}

void StorageFilesTest::importedFilesAreReadAndForgetTheirPast() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    const SstableDescriptor foreign = storage::descriptorOf(kElsewhere, 1);
    QVERIFY(storage::mutateStats(f.disk(), foreign, [](storage::SstableStats& stats) {
                stats.level = 3;
                stats.repairedAtMillis = 4711;
            }).has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    const auto done = import(f, from({kElsewhere}));
    QVERIFY2(done.has_value(), done ? "" : done.error().message.c_str());
    QCOMPARE(done.value().generations.size(), std::size_t(1));
    QVERIFY(done.value().failedFolders.empty());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2));
    const auto taken = f.engine().readers(*f.table()).back();
    QCOMPARE(taken->generation(), done.value().generations[0]);
    QCOMPARE(taken->level(), 0);
    QCOMPARE(taken->stats().repairedAtMillis, std::int64_t(0));
    QVERIFY(!taken->stats().flushedTo.has_value());
    QVERIFY(f.files(kElsewhere).empty());
}

void StorageFilesTest::aCopyStaysWhereItWas() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 5);
    const SstableDescriptor foreign = storage::descriptorOf(kElsewhere, 5);
    QVERIFY(storage::mutateStats(f.disk(), foreign, [](storage::SstableStats& stats) {
                stats.level = 2;
                stats.repairedAtMillis = 4711;
            }).has_value());
    const Bytes statistics = contentOf(f, foreign.pathOf(Component::Statistics));
    ImportRequest request = from({kElsewhere});
    request.copies = true;
    request.keepLevel = true;
    request.keepRepaired = true;
    QVERIFY(import(f, request).has_value());
    QCOMPARE(f.engine().readers(*f.table()).back()->level(), 2);
    QCOMPARE(f.engine().readers(*f.table()).back()->stats().repairedAtMillis, std::int64_t(4711));
    QCOMPARE(dataFilesIn(f, kElsewhere), (std::vector<std::string>{"nb-5-big-Data.db"}));
    QVERIFY(contentOf(f, foreign.pathOf(Component::Statistics)) == statistics);
}

void StorageFilesTest::aBrokenFolderIsLeftOutAsAWhole() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, "/good", 1);
    makeForeign(f, 2, "/bad", 1);
    makeForeign(f, 3, "/bad", 2);
    spoil(f, "/bad/nb-2-big-Data.db");
    const auto done = import(f, from({"/bad", "/good"}));
    QVERIFY2(done.has_value(), done ? "" : done.error().message.c_str());
    QCOMPARE(done.value().failedFolders, (std::vector<std::string>{"/bad"}));
    QCOMPARE(done.value().generations.size(), std::size_t(1));
    const auto found = f.read(f.all()).value();
    QCOMPARE(found.size(), std::size_t(1));
    QVERIFY(found[0].key == key(1));
    QCOMPARE(dataFilesIn(f, "/bad").size(), std::size_t(2));
    const bool isNamed = std::any_of(f.logLines().begin(), f.logLines().end(), [](const auto& line) {
        return line.find("/bad/nb-2-big-Data.db") != std::string::npos;
    });
    QVERIFY(isNamed);
}

void StorageFilesTest::aBrokenFileIsNotTakenEvenUnverified() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, "/bad", 1);
    spoil(f, "/bad/nb-1-big-Statistics.db");
    ImportRequest request = from({"/bad"});
    request.verifies = false;
    const auto done = import(f, request);
    QVERIFY(done.has_value());
    QCOMPARE(done.value().failedFolders.size(), std::size_t(1));
    QVERIFY(dataFilesIn(f, f.tableFolder()).empty());
    QCOMPARE(dataFilesIn(f, "/bad").size(), std::size_t(1));
}

void StorageFilesTest::filesOfOtherColumnsAreRefused() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    schema::Table other = *f.table();
    other.id = Uuid::nameBased("other");
    other.name = "other";
    std::erase_if(other.columns, [](const schema::Column& column) { return column.name == "a"; });
    const auto table = std::make_shared<const schema::Table>(other);
    f.publish({f.table(), table});
    const auto done = f.runTask(f.engine().importFiles(table, from({kElsewhere})));
    QVERIFY(done.has_value());
    QCOMPARE(done.value().failedFolders, (std::vector<std::string>{kElsewhere}));
    QCOMPARE(dataFilesIn(f, kElsewhere).size(), std::size_t(1));
}

void StorageFilesTest::partitionsOfOthersAreRefused() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    const std::int64_t token = key(1).token;
    ImportRequest request = from({kElsewhere});
    request.verifies = false;
    request.owned = {{token, token + 1}};  // Behind it: a range begins after its start.
    QCOMPARE(import(f, request).value().failedFolders.size(), std::size_t(1));
    request.owned = {{token - 1, token}};
    QCOMPARE(import(f, request).value().generations.size(), std::size_t(1));
}

void StorageFilesTest::anUnknownFolderIsAnError() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    const auto done = import(f, from({kElsewhere, "/nosuch"}));
    QVERIFY(!done.has_value());
    QCOMPARE(done.error().message, std::string("Directory /nosuch does not exist"));
    QVERIFY(f.read(f.all()).value().empty());
}

void StorageFilesTest::importedFilesSurviveAPowerCut() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    QVERIFY(import(f, from({kElsewhere})).has_value());
    f.powerCut();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(1));
}

void StorageFilesTest::refreshTakesStraysOfTheTablesFolder() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    copySstable(f, storage::descriptorOf(kElsewhere, 1), storage::descriptorOf(f.tableFolder(), 2));
    copySstable(f, storage::descriptorOf(kElsewhere, 1), storage::descriptorOf(f.tableFolder(), 900));
    // A file of the table's own does not take the place of one that somebody put there.
    for (int pk = 2; pk < 5; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5)).has_value());
        QVERIFY(f.flush().has_value());
    }
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(3));
    const auto done = import(f, {});
    QVERIFY2(done.has_value(), done ? "" : done.error().message.c_str());
    QCOMPARE(done.value().generations.size(), std::size_t(2));
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(4));
    QCOMPARE(dataFilesIn(f, f.tableFolder()).size(), std::size_t(5));
    QVERIFY(import(f, {}).value().generations.empty());
    f.powerCut();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.engine().readers(*f.table()).size(), std::size_t(5));
}

void StorageFilesTest::refreshLeavesTheTablesOwnFilesAlone() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int i = 0; i < 2; ++i) {
        QVERIFY(f.write(oneRow(1, 1, 5 + i)).has_value());
        QVERIFY(f.flush().has_value());
    }
    // Held, the files that a compaction replaced stay a while, and are no strays.
    auto held = f.engine().readers(*f.table());
    QVERIFY(compact(f).has_value());
    QCOMPARE(dataFilesIn(f, f.tableFolder()).size(), std::size_t(3));
    QVERIFY(import(f, {}).value().generations.empty());
    held.clear();
    QCOMPARE(f.engine().readers(*f.table()).size(), std::size_t(1));
}

void StorageFilesTest::filesPutBackAfterATruncationStay() {
    StorageFixture f(1, keeping());
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.truncate().has_value());
    const std::string folder = snapshotsOf(f)[0].folder;
    f.stop();
    const auto names = dataFilesIn(f, folder);
    QCOMPARE(names.size(), std::size_t(1));
    const auto parsed = storage::parseComponentPath(folder + '/' + names[0]);
    copySstable(f, parsed->sstable, {f.tableFolder(), parsed->sstable.id});
    QVERIFY(f.start().has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(1));
}

void StorageFilesTest::filesNamedByUuidAreTakenInAtTheStart() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    makeForeign(f, 1, kElsewhere, 1);
    makeForeign(f, 2, kElsewhere, 2);
    f.stop();
    copySstable(f, storage::descriptorOf(kElsewhere, 1), {f.tableFolder(), "3gbk_0a2v_1m3pc2ayr1q9vu0qxy"});
    copySstable(f, storage::descriptorOf(kElsewhere, 2), {f.tableFolder(), "3gbk_0a2v_2d7xs2ayr1q9vu0qxy"});
    QVERIFY(f.start().has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2));
    QVERIFY(compact(f).has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2));
    QCOMPARE(f.engine().readers(*f.table()).size(), std::size_t(1));
    f.powerCut();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.engine().readers(*f.table()).size(), std::size_t(1));
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2));
}

QTEST_GUILESS_MAIN(StorageFilesTest)
#include "storage_files_test.moc"
