#include "engine/sim/disk.h"

#include <QtTest>

using namespace engine;
using namespace engine::sim;
using engine::runtime::OpenMode;
using engine::runtime::readFile;
using engine::runtime::writeFileAtomically;

namespace {

void write(SimDisk& disk, const std::string& path, BytesView bytes, bool sync) {
    const auto file = disk.open(path, OpenMode::Append).value();
    QVERIFY(file->append(bytes).has_value());
    if (sync) {
        QVERIFY(file->sync().has_value());
    }
}

void crashAndStart(SimDisk& disk, bool torn = false) {
    disk.crash(torn);
    disk.start();
}

}  // namespace

class DiskTest : public QObject {
    Q_OBJECT
private slots:
    void appendsAndReadsBack() {
        SimDisk disk(1);
        QVERIFY(disk.createFolders("/a/b").has_value());
        write(disk, "/a/b/f", "hello ", false);
        write(disk, "/a//b/f", "world", false);
        QCOMPARE(readFile(disk, "/a/b/f").value(), Bytes("hello world"));
        const auto file = disk.open("/a/b/f", OpenMode::Append).value();
        QCOMPARE(file->read(6, 100).value(), Bytes("world"));
        QCOMPARE(file->read(60, 1).value(), Bytes());
        QVERIFY(file->truncate(5).has_value());
        QCOMPARE(file->size().value(), std::uint64_t(5));
    }

    void oneLookFailsOrAllBehindIt() {
        SimDisk disk(1);
        QVERIFY(disk.createFolders("/a").has_value());
        write(disk, "/a/f", "hello", true);
        const std::uint64_t changes = disk.calls();
        const std::uint64_t before = disk.looks();
        const auto look = [&disk] {
            std::string out;
            const auto file = disk.open("/a/f", OpenMode::Read);
            out += file ? '+' : '-';
            if (file) {
                out += file.value()->size() ? '+' : '-';
                out += file.value()->read(0, 1) ? '+' : '-';
            }
            return out + (disk.list("/a") ? '+' : '-');
        };
        QCOMPARE(look(), std::string("++++"));
        QCOMPARE(disk.looks() - before, std::uint64_t(4));
        disk.failLook(3);
        QCOMPARE(look(), std::string("++-+"));
        disk.failLook(2, true);
        QCOMPARE(look(), std::string("+---"));
        disk.failLook(0);
        QCOMPARE(look(), std::string("++++"));
        QCOMPARE(disk.calls(), changes);
    }

    void listsLinksRenamesAndRemoves() {
        SimDisk disk(1);
        QVERIFY(disk.createFolders("/a/sub/deep").has_value());
        for (const char* name : {"/a/z", "/a/b", "/a/sub/x", "/ab"}) {
            write(disk, name, "x", false);
        }
        QCOMPARE(disk.list("/a").value(), (std::vector<std::string>{"b", "sub", "z"}));
        QCOMPARE(disk.list("/").value(), (std::vector<std::string>{"a", "ab"}));
        QVERIFY(disk.list("/none").value().empty());
        QVERIFY(disk.link("/a/b", "/a/c").has_value());
        QVERIFY(disk.rename("/a/b", "/a/z").has_value());
        QCOMPARE(disk.list("/a").value(), (std::vector<std::string>{"c", "sub", "z"}));
        QVERIFY(disk.rename("/a/sub", "/a/moved").has_value());
        QCOMPARE(disk.list("/a/moved").value(), (std::vector<std::string>{"deep", "x"}));
        QCOMPARE(disk.remove("/a/moved").error().message,
                 std::string("cannot remove /a/moved: Directory not empty"));
        QVERIFY(disk.removeAll("/a").has_value());
        QVERIFY(!disk.exists("/a"));
        QVERIFY(disk.exists("/ab"));
    }

    void errorsAreThoseOfThePosixDisk() {
        SimDisk disk(1);
        write(disk, "/f", "", false);
        QCOMPARE(disk.open("/none", OpenMode::Read).error().message,
                 std::string("cannot open /none: No such file or directory"));
        QVERIFY(disk.open("/none", OpenMode::Read).error().kind == ErrorKind::NotFound);
        QCOMPARE(disk.open("/f", OpenMode::CreateNew).error().message,
                 std::string("cannot create /f: File exists"));
        QCOMPARE(disk.open("/x/f", OpenMode::CreateNew).error().message,
                 std::string("cannot create /x/f: No such file or directory"));
        QCOMPARE(disk.createFolders("/f/sub").error().message,
                 std::string("cannot create the folder /f/sub: Not a directory"));
    }

    void aCrashForgetsBytesThatWereNotSynced() {
        SimDisk disk(1);
        write(disk, "/f", "safe", true);
        QVERIFY(disk.syncFolder("/").has_value());
        write(disk, "/f", " lost", false);
        crashAndStart(disk);
        QCOMPARE(readFile(disk, "/f").value(), Bytes("safe"));
    }

    void aCrashUndoesATruncationThatWasNotSynced() {
        SimDisk disk(1);
        write(disk, "/f", "0123456789", true);
        QVERIFY(disk.syncFolder("/").has_value());
        const auto file = disk.open("/f", OpenMode::Append).value();
        QVERIFY(file->truncate(7).has_value());
        QVERIFY(file->append("abc").has_value());
        QVERIFY(file->truncate(4).has_value());
        crashAndStart(disk);
        QCOMPARE(readFile(disk, "/f").value(), Bytes("0123456789"));
    }

    void aCrashForgetsFilesWhoseFolderWasNotSynced() {
        SimDisk disk(1);
        write(disk, "/f", "safe", true);
        crashAndStart(disk);
        QVERIFY(!disk.exists("/f"));
    }

    void aCrashUndoesRenamesAndRemovalsThatWereNotSynced() {
        SimDisk disk(1);
        QVERIFY(disk.createFolders("/d/sub").has_value());
        QVERIFY(writeFileAtomically(disk, "/d/a", "a").has_value());
        QVERIFY(writeFileAtomically(disk, "/d/b", "b").has_value());
        QVERIFY(writeFileAtomically(disk, "/d/sub/c", "c").has_value());
        QVERIFY(disk.rename("/d/a", "/d/x").has_value());
        QVERIFY(disk.remove("/d/b").has_value());
        QVERIFY(disk.removeAll("/d/sub").has_value());
        crashAndStart(disk);
        QCOMPARE(disk.list("/d").value(), (std::vector<std::string>{"a", "b", "sub"}));
        QCOMPARE(readFile(disk, "/d/sub/c").value(), Bytes("c"));
        QVERIFY(disk.removeAll("/d/sub").has_value());
        QVERIFY(disk.syncFolder("/d").has_value());
        crashAndStart(disk);
        QCOMPARE(disk.list("/d").value(), (std::vector<std::string>{"a", "b"}));
    }

    void anAtomicReplacementIsOldOrNew() {
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            SimDisk disk(seed);
            QVERIFY(writeFileAtomically(disk, "/f", "old").has_value());
            const auto file = disk.open("/f.tmp", OpenMode::CreateNew).value();
            QVERIFY(file->append("new content").has_value());
            QVERIFY(file->sync().has_value());
            QVERIFY(disk.rename("/f.tmp", "/f").has_value());
            crashAndStart(disk, true);
            const Bytes found = readFile(disk, "/f").value();
            QVERIFY(found == "old" || found == "new content");
        }
    }

    void aTornWriteLeavesAPrefixOrZeros() {
        std::set<std::size_t> lengths;
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            SimDisk disk(seed);
            write(disk, "/f", "safe", true);
            QVERIFY(disk.syncFolder("/").has_value());
            write(disk, "/f", "1234567890", false);
            crashAndStart(disk, true);
            const Bytes found = readFile(disk, "/f").value();
            QVERIFY(found.starts_with("safe"));
            const Bytes kept = found.substr(4, found.find('\0') - 4);
            QVERIFY(Bytes("1234567890").starts_with(kept.substr(0, kept.find('\0'))));
            lengths.insert(found.size());
        }
        QVERIFY(lengths.size() > 5);
    }

    void openFilesDieWithTheMachine() {
        SimDisk disk(1);
        const auto file = disk.open("/f", OpenMode::Append).value();
        disk.crash(false);
        QVERIFY(file->append("x").has_error());
        QVERIFY(disk.open("/g", OpenMode::Append).has_error());
        disk.start();
        QVERIFY(file->append("x").has_error());
        QVERIFY(disk.open("/g", OpenMode::Append).has_value());
    }

    void faultsStrikeOnce() {
        SimDisk disk(1);
        const auto file = disk.open("/f", OpenMode::Append).value();
        disk.failNextWrite(DiskFault::InputOutput);
        QCOMPARE(file->append("abc").error().message,
                 std::string("cannot write to /f: Input/output error"));
        QVERIFY(file->truncate(0).has_value());
        QVERIFY(file->append("abc").has_value());
        disk.failNextSync(DiskFault::NoSpace);
        QCOMPARE(file->sync().error().message,
                 std::string("cannot sync /f: No space left on device"));
        QVERIFY(file->sync().has_value());
        disk.setCapacity(5);
        QCOMPARE(file->append("defg").error().message,
                 std::string("cannot write to /f: No space left on device"));
        QVERIFY(disk.flipBit("/f", 0, 1));
        QCOMPARE(file->read(0, 3).value(), Bytes("cbc"));
        QVERIFY(!disk.flipBit("/f", 100, 1));
    }
};

QTEST_GUILESS_MAIN(DiskTest)
#include "disk_test.moc"
