#include "engine/coordinator/errors.h"

#include <QtTest>

using namespace engine;
using namespace engine::coordinator;
using messaging::FailureReason;
using ring::Consistency;

/// Texts and fields as Cassandra 5.0.6 sends them.
class ErrorsTest : public QObject {
    Q_OBJECT
private slots:
    void unavailableTellsLevelRequiredAndAlive() {
        const Error error = unavailable(Consistency::All, 3, 2);
        QVERIFY(error.kind == ErrorKind::Unavailable);
        QCOMPARE(error.message, std::string("Cannot achieve consistency level ALL"));
        QCOMPARE(error.detail->consistency, std::uint16_t(5));
        QCOMPARE(error.detail->required, 3);
        QCOMPARE(error.detail->received, 2);
        QCOMPARE(unavailable(Consistency::EachQuorum, 2, 0, "dc2").message,
                 std::string("Cannot achieve consistency level EACH_QUORUM in DC dc2"));
    }
    void timeoutsTellHowManyAnswered() {
        const Error write = writeTimeout(Consistency::Quorum, 1, 2, "SIMPLE");
        QVERIFY(write.kind == ErrorKind::WriteTimeout);
        QCOMPARE(write.message, std::string("Operation timed out - received only 1 responses."));
        QCOMPARE(write.detail->writeType, std::string("SIMPLE"));
        const Error read = readTimeout(Consistency::Quorum, 1, 2, true);
        QVERIFY(read.kind == ErrorKind::ReadTimeout);
        QCOMPARE(read.message, write.message);
        QVERIFY(read.detail->dataPresent);
    }
    /// ERR-79
    void failuresNameReasonsAndNodes() {
        const Error error = readFailure(Consistency::All, 1, 3, false,
                                        {{"127.0.0.2:7000", FailureReason::ReadTooManyTombstones},
                                         {"127.0.0.3:7000", FailureReason::ReadTooManyTombstones}});
        QVERIFY(error.kind == ErrorKind::ReadFailure);
        QCOMPARE(error.message, std::string("Operation failed - received 1 responses and 2 failures: "
                                            "READ_TOO_MANY_TOMBSTONES from [/127.0.0.2:7000, /127.0.0.3:7000]"));
        QCOMPARE(error.detail->failures.size(), std::size_t(2));
        QCOMPARE(error.detail->failures[0].first, std::string("127.0.0.2"));
        QVERIFY(writeFailure(Consistency::One, 0, 1, "SIMPLE", {{"127.0.0.2:7000"}}).kind == ErrorKind::WriteFailure);
    }
    /// ERR-81
    void aProposalWithoutAMajorityIsUnknown() {
        const Error error = casUnknown(Consistency::Serial, 1, 2);
        QVERIFY(error.kind == ErrorKind::WriteTimeout);
        QCOMPARE(error.message, std::string("CAS operation result is unknown - proposal accepted by 1 but not a quorum."));
    }
};

QTEST_GUILESS_MAIN(ErrorsTest)
#include "errors_test.moc"
