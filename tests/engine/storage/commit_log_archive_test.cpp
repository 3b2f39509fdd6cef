#include "engine/storage/commit_log_archive.h"

#include <QtTest>

#include "storage_fixture.h"

using namespace storagetest;
using storage::CommitLogArchive;
using storage::parseArchiveProperties;

class CommitLogArchiveTest : public QObject {
    Q_OBJECT
private slots:
    void propertiesAreReadAsCassandraWritesThem();
    void badPropertiesAreNamed_data();
    void badPropertiesAreNamed();
    void fullSegmentsAreArchivedBeforeTheyGo();
    void aSegmentWhoseArchivingFailedStaysInItsFolder();
    void archivedSegmentsAreReplayedUpToThePointInTime();
    void archivingWithoutARunnerIsRefused();
    void aFailedRestoreStopsTheStart();

private:
    /// `cp FROM TO` on the fixture's disk; refuses what `m_refused` holds.
    storage::RunCommand copier(std::function<sim::SimDisk&()> disk) {
        return [this, disk](const std::vector<std::string>& command) -> Result<void> {
            m_commands.push_back(command);
            if (m_refuse) {
                return makeError(ErrorKind::Io, "cp: no");
            }
            ENSURE(command.size() == 3 && command[0] == "cp");
            TRY_ASSIGN(const Bytes bytes, runtime::readFile(disk(), command[1]));
            TRY(disk().createFolders(runtime::parentFolder(command[2])));
            return runtime::writeFileAtomically(disk(), command[2], bytes);
        };
    }

    std::vector<std::vector<std::string>> m_commands;
    bool m_refuse = false;
};

void CommitLogArchiveTest::propertiesAreReadAsCassandraWritesThem() {
    const auto parsed = parseArchiveProperties(
        "# comment\n"
        "archive_command=/bin/ln %path /backup/%name\n"
        "restore_command = cp -f %from %to\n"
        "restore_directories=/backup, /other\n"
        "restore_point_in_time=2020:02:29 13:14:15\n"
        "precision=MILLISECONDS\n");
    QVERIFY(parsed.has_value());
    const CommitLogArchive& archive = parsed.value();
    QCOMPARE(archive.archiveCommand, std::string("/bin/ln %path /backup/%name"));
    QCOMPARE(archive.restoreCommand, std::string("cp -f %from %to"));
    QVERIFY(archive.restoreDirectories == std::vector<std::string>({"/backup", "/other"}));
    QCOMPARE(*archive.restorePointMillis, std::int64_t(1582982055000));
    QCOMPARE(archive.unitsPerMilli, std::int64_t(1));

    const auto empty = parseArchiveProperties("archive_command=\nrestore_point_in_time=\n");
    QVERIFY(empty.has_value());
    QVERIFY(!empty.value().archives());
    QVERIFY(!empty.value().restorePointMillis);
    QCOMPARE(empty.value().unitsPerMilli, std::int64_t(1000));
}

void CommitLogArchiveTest::badPropertiesAreNamed_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("a date with dashes")
        << QByteArray("restore_point_in_time=2020-02-29 13:14:15") << QByteArray("2020-02-29");
    QTest::newRow("month 13")
        << QByteArray("restore_point_in_time=2020:13:29 13:14:15") << QByteArray("2020:13:29");
    QTest::newRow("no seconds")
        << QByteArray("restore_point_in_time=2020:12:29 13:14") << QByteArray("13:14");
    QTest::newRow("an unknown precision") << QByteArray("precision=YEARS") << QByteArray("YEARS");
    QTest::newRow("folders without a command")
        << QByteArray("restore_directories=/a") << QByteArray("restore_command");
}

void CommitLogArchiveTest::badPropertiesAreNamed() {
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, named);
    const auto parsed = parseArchiveProperties(text.toStdString());
    QVERIFY(!parsed.has_value());
    QVERIFY(parsed.error().message.find(named.toStdString()) != std::string::npos);
}

void CommitLogArchiveTest::fullSegmentsAreArchivedBeforeTheyGo() {
    StorageOptions options;
    options.segmentBytes = 4096;
    options.archive.archiveCommand = "cp %path /archive/%name";
    StorageFixture* fixture = nullptr;
    options.runCommand = copier([&]() -> sim::SimDisk& { return fixture->disk(); });
    StorageFixture f(1, options);
    fixture = &f;
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 60; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 200)).has_value());
    }
    QVERIFY(f.flush().has_value());
    f.world().runFor(1s);
    const auto archived = f.files("/archive");
    QVERIFY(archived.size() >= 3);
    QCOMPARE(f.files("/commitlog").size(), std::size_t(1));
    QVERIFY(archived.back() < f.files("/commitlog").front());
}

void CommitLogArchiveTest::aSegmentWhoseArchivingFailedStaysInItsFolder() {
    StorageOptions options;
    options.segmentBytes = 4096;
    options.archive.archiveCommand = "cp %path /archive/%name";
    StorageFixture* fixture = nullptr;
    options.runCommand = copier([&]() -> sim::SimDisk& { return fixture->disk(); });
    StorageFixture f(1, options);
    fixture = &f;
    m_refuse = true;
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 30; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 200)).has_value());
    }
    QVERIFY(f.flush().has_value());
    f.world().runFor(1s);
    QVERIFY(f.files("/commitlog").size() > 1);
    m_refuse = false;
    f.stop();
    // The next start archives what is there.
    QVERIFY(f.start().has_value());
    QVERIFY(f.files("/archive").size() > 1);
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(30));
}

void CommitLogArchiveTest::archivedSegmentsAreReplayedUpToThePointInTime() {
    StorageOptions options;
    options.segmentBytes = 4096;
    options.archive.archiveCommand = "cp %path /archive/%name";
    StorageFixture* fixture = nullptr;
    options.runCommand = copier([&]() -> sim::SimDisk& { return fixture->disk(); });
    StorageFixture f(1, options);
    fixture = &f;
    QVERIFY(f.start().has_value());
    // One write a second, told in microseconds.
    constexpr std::int64_t kStart = 1'582'982'000;
    for (int pk = 0; pk < 60; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, (kStart + pk) * 1'000'000, 200)).has_value());
    }
    f.stop();
    QVERIFY(f.start().has_value());  // Archives the last segment too.
    f.stop();
    // Everything is lost but the archive.
    QVERIFY(f.disk().removeAll("/data").has_value());
    QVERIFY(f.disk().removeAll("/commitlog").has_value());
    f.options().archive.restoreDirectories = {"/archive"};
    f.options().archive.restoreCommand = "cp %from %to";
    f.options().archive.restorePointMillis = (kStart + 41) * 1000;
    QVERIFY(f.start().has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(42));
    QVERIFY(f.logLines().back().find("left out 18 mutations") != std::string::npos);
    // What was left out does not come back.
    f.options().archive = {};
    f.stop();
    QVERIFY(f.start().has_value());
    QVERIFY(f.partitionOf(41).rows.size() == 1);
}

void CommitLogArchiveTest::archivingWithoutARunnerIsRefused() {
    StorageOptions options;
    options.archive.archiveCommand = "cp %path /archive/%name";
    StorageFixture f(1, options);
    const auto started = f.start();
    QVERIFY(!started.has_value());
    QCOMPARE(started.error().kind, ErrorKind::Config);
}

void CommitLogArchiveTest::aFailedRestoreStopsTheStart() {
    StorageOptions options;
    StorageFixture* fixture = nullptr;
    options.runCommand = copier([&]() -> sim::SimDisk& { return fixture->disk(); });
    options.archive.restoreDirectories = {"/archive"};
    options.archive.restoreCommand = "cp %from %to";
    StorageFixture f(1, options);
    fixture = &f;
    QVERIFY(f.disk().createFolders("/archive").has_value());
    QVERIFY(runtime::writeFileAtomically(f.disk(), "/archive/CommitLog-7-1.log", "x").has_value());
    m_refuse = true;
    const auto started = f.start();
    QVERIFY(!started.has_value());
    QVERIFY(started.error().message.find("/archive/CommitLog-7-1.log") != std::string::npos);
}

QTEST_GUILESS_MAIN(CommitLogArchiveTest)
#include "commit_log_archive_test.moc"
