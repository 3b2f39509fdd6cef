#include "engine/runtime/posix_file_system.h"

#include <QtTest>

using namespace engine;
using namespace engine::runtime;

class PosixFileSystemTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    PosixFileSystem m_files;

    std::string path(const std::string& name) const { return m_folder.path().toStdString() + '/' + name; }

private slots:
    void appendsAndReadsBack() {
        const auto file = m_files.open(path("a"), OpenMode::CreateNew).value();
        QVERIFY(file->append("hello ").has_value());
        QVERIFY(file->append("world").has_value());
        QVERIFY(file->sync().has_value());
        QCOMPARE(file->size().value(), std::uint64_t(11));
        QCOMPARE(file->read(6, 5).value(), Bytes("world"));
        QCOMPARE(file->read(6, 500).value(), Bytes("world"));
        QCOMPARE(file->read(60, 5).value(), Bytes());
        const auto again = m_files.open(path("a"), OpenMode::Append).value();
        QVERIFY(again->append("!").has_value());
        QCOMPARE(readFile(m_files, path("a")).value(), Bytes("hello world!"));
        QVERIFY(again->truncate(5).has_value());
        QVERIFY(again->append("?").has_value());
        QCOMPARE(readFile(m_files, path("a")).value(), Bytes("hello?"));
    }

    void replacesAFileAtomically() {
        QVERIFY(writeFileAtomically(m_files, path("atomic"), "one").has_value());
        QVERIFY(writeFileAtomically(m_files, path("atomic"), "two").has_value());
        QCOMPARE(readFile(m_files, path("atomic")).value(), Bytes("two"));
        QVERIFY(!m_files.exists(path("atomic.tmp")));
    }

    void listsSortedAndRemoves() {
        const std::string folder = path("x/y");
        QVERIFY(m_files.createFolders(folder).has_value());
        QVERIFY(m_files.createFolders(folder).has_value());
        for (const char* name : {"c", "a", "b"}) {
            QVERIFY(writeFileAtomically(m_files, folder + '/' + name, "").has_value());
        }
        QVERIFY(m_files.rename(folder + "/c", folder + "/d").has_value());
        QVERIFY(m_files.link(folder + "/d", folder + "/e").has_value());
        QCOMPARE(m_files.list(folder).value(), (std::vector<std::string>{"a", "b", "d", "e"}));
        QVERIFY(m_files.remove(folder + "/a").has_value());
        QVERIFY(m_files.syncFolder(folder).has_value());
        QVERIFY(!m_files.exists(folder + "/a"));
        QVERIFY(m_files.removeAll(path("x")).has_value());
        QVERIFY(m_files.list(folder).value().empty());
        QVERIFY(m_files.removeAll(path("x")).has_value());
    }

    void errorsNamePathAndReason() {
        const auto missing = m_files.open(path("none"), OpenMode::Read);
        QVERIFY(missing.error().kind == ErrorKind::NotFound);
        QCOMPARE(missing.error().message, "cannot open " + path("none") + ": No such file or directory");
        QVERIFY(writeFileAtomically(m_files, path("there"), "").has_value());
        QCOMPARE(m_files.open(path("there"), OpenMode::CreateNew).error().message,
                 "cannot create " + path("there") + ": File exists");
        QCOMPARE(m_files.createFolders(path("there/sub")).error().message,
                 "cannot create the folder " + path("there/sub") + ": Not a directory");
        QCOMPARE(m_files.rename(path("none"), path("b")).error().message,
                 "cannot rename " + path("none") + " to " + path("b") + ": No such file or directory");
    }

    void parentOfAPath() {
        QCOMPARE(parentFolder("/a/b"), std::string("/a"));
        QCOMPARE(parentFolder("/a"), std::string("/"));
        QCOMPARE(parentFolder("a"), std::string("."));
    }
};

QTEST_GUILESS_MAIN(PosixFileSystemTest)
#include "posix_file_system_test.moc"
