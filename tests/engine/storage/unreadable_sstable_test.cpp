#include "engine/storage/unreadable_sstable.h"

#include <QtTest>

#include "foreign_files.h"

using namespace storagetest;
using Action = storage::StorageFailure::Action;
using storage::DiskFailurePolicy;
using storage::UnreadableSstable;

Q_DECLARE_METATYPE(DiskFailurePolicy)

namespace {

constexpr int kRowsPerFile = 20;

/// What the hook was told, file by file.
struct Told {
    std::uint64_t generation = 0;
    std::string file;
    std::string why;
};

StorageOptions under(DiskFailurePolicy policy) {
    StorageOptions options;
    options.diskFailurePolicy = policy;
    return options;
}

/// Two files of as many rows each, and the node stopped; the older one is returned.
SstableDescriptor twoFiles(StorageFixture& f) {
    ENSURE(f.start().has_value());
    for (const int first : {0, kRowsPerFile}) {
        for (int pk = first; pk < first + kRowsPerFile; ++pk) {
            ENSURE(f.write(oneRow(pk, 1, 5, 100)).has_value());
        }
        ENSURE(f.flush().has_value());
    }
    const SstableDescriptor out = f.engine().readers(*f.table()).front()->descriptor();
    f.stop();
    return out;
}

void setContent(StorageFixture& f, const std::string& path, const Bytes& content) {
    if (f.disk().exists(path)) {
        ENSURE(f.disk().remove(path).has_value());
    }
    auto file = f.disk().open(path, runtime::OpenMode::CreateNew);
    ENSURE(file.has_value());
    ENSURE(file.value()->append(content).has_value());
    ENSURE(file.value()->sync().has_value());
}

void damage(StorageFixture& f, const std::string& path, const QString& how) {
    Bytes content = contentOf(f, path);
    if (how == "removed") {
        ENSURE(f.disk().remove(path).has_value());
        return;
    }
    if (how == "cut") {
        content.resize(content.size() / 2);
    } else {
        content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 0x55);
    }
    setContent(f, path, content);
}

void listen(StorageFixture& f, std::vector<Told>& told) {
    storage::StorageObserver observer;
    observer.sstableUnreadable = [&told](const schema::Table&, std::uint64_t generation, std::string_view file,
                                         std::string_view why) {
        told.push_back({generation, std::string(file), std::string(why)});
    };
    f.engine().observe(std::move(observer));
}

}  // namespace

class UnreadableSstableTest : public QObject {
    Q_OBJECT
private slots:
    void aDamagedComponentLeavesTheFileOutOrIsMadeAnew_data();
    void aDamagedComponentLeavesTheFileOutOrIsMadeAnew();
    void policiesThatStopLetNoNodeStart_data();
    void policiesThatStopLetNoNodeStart();
    void aDamagedChunkIsToldWhenAReadMeetsIt_data();
    void aDamagedChunkIsToldWhenAReadMeetsIt();
    void filesOfOtherNodesAreLeftOutToo();
    void aMendedFileIsTakenInByRefresh();
    void newFilesAndSegmentsComeAfterWhatCannotBeRead();
};

void UnreadableSstableTest::aDamagedComponentLeavesTheFileOutOrIsMadeAnew_data() {
    QTest::addColumn<int>("component");
    QTest::addColumn<QString>("how");
    QTest::addColumn<bool>("isLeftOut");
    QTest::newRow("Statistics.db changed") << int(Component::Statistics) << "changed" << true;
    QTest::newRow("Statistics.db cut") << int(Component::Statistics) << "cut" << true;
    QTest::newRow("Statistics.db removed") << int(Component::Statistics) << "removed" << true;
    QTest::newRow("CompressionInfo.db cut") << int(Component::CompressionInfo) << "cut" << true;
    QTest::newRow("Index.db cut") << int(Component::Index) << "cut" << true;
    QTest::newRow("Index.db removed") << int(Component::Index) << "removed" << true;
    QTest::newRow("Summary.db cut") << int(Component::Summary) << "cut" << false;
    QTest::newRow("Summary.db removed") << int(Component::Summary) << "removed" << false;
    QTest::newRow("Filter.db cut") << int(Component::Filter) << "cut" << false;
    QTest::newRow("Filter.db removed") << int(Component::Filter) << "removed" << false;
}

void UnreadableSstableTest::aDamagedComponentLeavesTheFileOutOrIsMadeAnew() {
    QFETCH(const int, component);
    QFETCH(const QString, how);
    QFETCH(const bool, isLeftOut);
    StorageFixture f(1, under(DiskFailurePolicy::BestEffort));
    const SstableDescriptor older = twoFiles(f);
    damage(f, older.pathOf(static_cast<Component>(component)), how);
    const std::vector<std::string> before = f.files(f.tableFolder());
    QVERIFY(f.start().has_value());
    std::vector<Told> told;
    listen(f, told);

    const std::vector<UnreadableSstable> unreadable = f.engine().unreadable(*f.table());
    QCOMPARE(unreadable.size(), std::size_t(isLeftOut ? 1 : 0));
    QCOMPARE(told.size(), unreadable.size());
    const auto read = f.read(f.all());
    QVERIFY(read.has_value());
    QCOMPARE(read.value().size(), std::size_t(isLeftOut ? kRowsPerFile : 2 * kRowsPerFile));
    QCOMPARE(f.partitionOf(kRowsPerFile).rows.size(), std::size_t(1));
    QCOMPARE(f.partitionOf(0).rows.size(), std::size_t(isLeftOut ? 0 : 1));
    QVERIFY(f.files(f.tableFolder()) == before);
    if (isLeftOut) {
        QVERIFY(unreadable.front().descriptor == older);
        QCOMPARE(told.front().generation, older.generation());
        QCOMPARE(told.front().file, older.pathOf(Component::Data));
        QCOMPARE(told.front().why, unreadable.front().why);
        QVERIFY(unreadable.front().why.find("nb-" + older.id) != std::string::npos);
        const auto isLogged = [&](const std::string& line) {
            return line.find("corrupt SSTable " + older.pathOf(Component::Data)) != std::string::npos;
        };
        QVERIFY(std::any_of(f.logLines().begin(), f.logLines().end(), isLogged));
    }
    // The table is written to, flushed and opened again as any other.
    QVERIFY(f.write(oneRow(500, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    f.stop();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.partitionOf(500).rows.size(), std::size_t(1));
    QCOMPARE(f.engine().unreadable(*f.table()).size(), unreadable.size());
}

void UnreadableSstableTest::policiesThatStopLetNoNodeStart_data() {
    QTest::addColumn<int>("policy");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("starts");
    QTest::newRow("die") << int(DiskFailurePolicy::Die) << "die" << false;
    QTest::newRow("stop_paranoid") << int(DiskFailurePolicy::StopParanoid) << "stop_paranoid" << false;
    QTest::newRow("stop") << int(DiskFailurePolicy::Stop) << "stop" << false;
    QTest::newRow("best_effort") << int(DiskFailurePolicy::BestEffort) << "best_effort" << true;
    QTest::newRow("ignore") << int(DiskFailurePolicy::Ignore) << "ignore" << true;
}

void UnreadableSstableTest::policiesThatStopLetNoNodeStart() {
    QFETCH(const int, policy);
    QFETCH(const QString, name);
    QFETCH(const bool, starts);
    StorageFixture f(1, under(static_cast<DiskFailurePolicy>(policy)));
    const SstableDescriptor older = twoFiles(f);
    damage(f, older.pathOf(Component::Statistics), "changed");
    const auto started = f.start();
    QCOMPARE(started.has_value(), starts);
    if (!starts) {
        const std::string& why = started.error().message;
        QVERIFY2(why.find(older.pathOf(Component::Data)) != std::string::npos, why.c_str());
        QVERIFY2(why.find("disk_failure_policy " + name.toStdString() + " ") != std::string::npos, why.c_str());
        f.kill();
        // What the policy refused can be started with another one.
        f.options().diskFailurePolicy = DiskFailurePolicy::Ignore;
        QVERIFY(f.start().has_value());
    }
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(kRowsPerFile));
}

void UnreadableSstableTest::aDamagedChunkIsToldWhenAReadMeetsIt_data() {
    QTest::addColumn<QString>("how");
    QTest::newRow("changed") << "changed";
    QTest::newRow("cut") << "cut";
}

void UnreadableSstableTest::aDamagedChunkIsToldWhenAReadMeetsIt() {
    QFETCH(const QString, how);
    StorageFixture f;
    const SstableDescriptor older = twoFiles(f);
    damage(f, older.pathOf(Component::Data), how);
    QVERIFY(f.start().has_value());
    std::vector<Told> told;
    listen(f, told);
    QVERIFY(f.engine().unreadable(*f.table()).empty());
    QCOMPARE(f.partitionOf(kRowsPerFile).rows.size(), std::size_t(1));
    QVERIFY(told.empty());
    for (int i = 0; i < 2; ++i) {
        QCOMPARE(f.read(f.byKey(0)).error().kind, ErrorKind::Corrupt);
        QCOMPARE(f.read(f.all()).error().kind, ErrorKind::Corrupt);
    }
    QCOMPARE(told.size(), std::size_t(1));
    QCOMPARE(told.front().generation, older.generation());
    QCOMPARE(told.front().file, older.pathOf(Component::Data));
}

void UnreadableSstableTest::filesOfOtherNodesAreLeftOutToo() {
    StorageFixture f(1, under(DiskFailurePolicy::Ignore));
    const SstableDescriptor older = twoFiles(f);
    const SstableDescriptor broken{f.tableFolder(), "3fw2_0tj4_46w3k2cpidnirvjy7k"};
    const SstableDescriptor whole{f.tableFolder(), "3fw2_0tj4_46w3k2cpidnirvjy8k"};
    copySstable(f, older, broken);
    copySstable(f, older, whole);
    damage(f, broken.pathOf(Component::Statistics), "cut");
    QVERIFY(f.start().has_value());
    QCOMPARE(f.engine().readers(*f.table()).size(), std::size_t(3));
    QCOMPARE(f.engine().unreadable(*f.table()).size(), std::size_t(1));
    QVERIFY(f.engine().unreadable(*f.table()).front().descriptor == broken);
}

void UnreadableSstableTest::aMendedFileIsTakenInByRefresh() {
    StorageFixture f(1, under(DiskFailurePolicy::Ignore));
    const SstableDescriptor older = twoFiles(f);
    const std::string path = older.pathOf(Component::Statistics);
    const Bytes whole = contentOf(f, path);
    damage(f, path, "cut");
    QVERIFY(f.start().has_value());
    // Still broken: it stays where it is, and is no reason to refuse the others.
    const auto nothing = import(f, {});
    QVERIFY(nothing.has_value());
    QVERIFY(nothing.value().generations.empty());
    QCOMPARE(f.engine().unreadable(*f.table()).size(), std::size_t(1));
    setContent(f, path, whole);
    std::vector<std::uint64_t> gone;
    storage::StorageObserver observer;
    observer.sstableRemoved = [&gone](const schema::Table&, std::uint64_t generation, std::string_view) { gone.push_back(generation); };
    f.engine().observe(std::move(observer));
    QCOMPARE(import(f, {}).value().generations.size(), std::size_t(1));
    QCOMPARE(gone, std::vector<std::uint64_t>{older.generation()});
    QVERIFY(f.engine().unreadable(*f.table()).empty());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2 * kRowsPerFile));
}

void UnreadableSstableTest::newFilesAndSegmentsComeAfterWhatCannotBeRead() {
    StorageFixture f(1, under(DiskFailurePolicy::Ignore));
    twoFiles(f);
    QVERIFY(f.start().has_value());
    const SstableDescriptor newest = f.engine().readers(*f.table()).back()->descriptor();
    const std::uint64_t segment = f.engine().readers(*f.table()).back()->stats().flushedTo->segment;
    f.stop();
    const Bytes whole = contentOf(f, newest.pathOf(Component::Index));
    damage(f, newest.pathOf(Component::Index), "cut");
    // The log is gone: where it was is only in the files.
    QVERIFY(f.disk().removeAll("/commitlog").has_value());
    QVERIFY(f.start().has_value());
    QVERIFY(f.engine().segments().empty() || f.engine().segments().front().id > segment);
    QVERIFY(f.write(oneRow(500, 1, 5)).has_value());
    QVERIFY(f.engine().segments().front().id > segment);
    f.kill();
    // Mended, it does not make the log's newer records pass for written.
    setContent(f, newest.pathOf(Component::Index), whole);
    QVERIFY(f.start().has_value());
    QCOMPARE(f.partitionOf(500).rows.size(), std::size_t(1));
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2 * kRowsPerFile + 1));
    QVERIFY(f.flush().has_value());
    QVERIFY(f.engine().readers(*f.table()).back()->generation() > newest.generation());
}

QTEST_GUILESS_MAIN(UnreadableSstableTest)
#include "unreadable_sstable_test.moc"
