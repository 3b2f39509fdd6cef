#include "engine/runtime/run_program.h"

#include <QtTest>

using engine::runtime::runProgram;

class RunProgramTest : public QObject {
    Q_OBJECT
private slots:
    void exitCodeZeroIsGood();
    void otherEndsAreToldWithTheCommand();
    void argumentsArriveAsTheyAre();
};

void RunProgramTest::exitCodeZeroIsGood() {
    QVERIFY(runProgram({"true"}).has_value());
    QVERIFY(runProgram({"/bin/sh", "-c", "exit 0"}).has_value());
}

void RunProgramTest::otherEndsAreToldWithTheCommand() {
    QCOMPARE(runProgram({"/bin/sh", "-c", "exit 3"}).error().message,
             std::string("`/bin/sh -c exit 3`: exit code 3"));
    QCOMPARE(runProgram({"/bin/sh", "-c", "kill -9 $$"}).error().message,
             std::string("`/bin/sh -c kill -9 $$`: ended by signal 9"));
    QVERIFY(!runProgram({"/nowhere/at/all"}).has_value());
    QVERIFY(!runProgram({}).has_value());
}

void RunProgramTest::argumentsArriveAsTheyAre() {
    QVERIFY(runProgram({"test", "a b", "=", "a b"}).has_value());
    QVERIFY(!runProgram({"test", "a b", "=", "ab"}).has_value());
}

QTEST_GUILESS_MAIN(RunProgramTest)
#include "run_program_test.moc"
