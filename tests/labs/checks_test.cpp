#include <QtTest>

#include "fake_world.h"

using namespace lab;

Q_DECLARE_METATYPE(lab::Verdict)

namespace {

const std::string kKeyspaces = "SELECT keyspace_name, replication FROM system_schema.keyspaces";
const std::string kTables = "SELECT keyspace_name, table_name FROM system_schema.tables";
const std::string kColumns =
    "SELECT column_name, kind, position, type FROM system_schema.columns WHERE keyspace_name = 'lending' AND table_name = 'loans'";

std::string replication(const char* strategy, const char* name, int copies) {
    return QString("{'class': 'org.apache.cassandra.locator.%1', '%2': '%3'}").arg(strategy, name).arg(copies).toStdString();
}

/// The keyspace and table that the tests ask for.
SchemaWants loans() {
    SchemaWants wants;
    wants.keyspace = "lending";
    wants.copies = 3;
    wants.table = "loans";
    wants.partitionKey = {"member"};
    wants.clustering = {"isbn"};
    return wants;
}

Answer columns(const char* isbnKind) {
    return {{"column_name", "kind", "position", "type"},
            {{"'member'", "'partition_key'", "0", "'text'"}, {"'isbn'", isbnKind, "1", "'text'"}, {"'due'", "'regular'", "-1", "'date'"}}};
}

FakeWorld worldWithLoans() {
    FakeWorld world;
    world.answers[{kKeyspaces, 0}] = {{}, {{"'lending'", replication("NetworkTopologyStrategy", "datacenter1", 3)}}};
    world.answers[{kTables, 0}] = {{}, {{"'lending'", "'loans'"}}};
    world.answers[{kColumns, 0}] = columns("'clustering'");
    return world;
}

EventsWants quorumWrite() {
    EventsWants wants;
    wants.request = "write";
    wants.keyspace = "lending";
    wants.table = "loans";
    wants.key = {"'m-1131'"};
    wants.consistency = "QUORUM";
    wants.result = "ok";
    wants.answers = 2;
    return wants;
}

const Fact* deciding(const CheckResult& result) {
    for (const Fact& fact : result.facts) {
        if (!fact.agrees) {
            return &fact;
        }
    }
    return nullptr;
}

}  // namespace

/// What each kind of check makes of the world: verdicts, near misses by name, and the smallest change.
class ChecksTest : public QObject {
    Q_OBJECT

private slots:
    void theSchemaAsAskedPasses();
    void nearMissesOfTheSchema_data();
    void nearMissesOfTheSchema();
    void nothingYetIsNoMistake();
    void rowsAreCompared_data();
    void rowsAreCompared();
    void aWellKnownMistakeIsNamed();
    void aMistakeIsShownByTheCheckedColumns();
    void theFirstMistakeThatMatchesIsTold();
    void rowsThatDifferAreCompared_data();
    void rowsThatDifferAreCompared();
    void aCheckRunsNothingThatWrites();
    void aRefusalIsJudgedByItsError();
    void replicasAreReadOneByOneAndAlone();
    void aStaleReplicaIsFound();
    void aNodeIsDownWhenAllOthersSayso();
    void killingTheWrongNodeIsNear();
    void aPausedNodeIsNotDown();
    void aRequestAsAskedPassesAndNamesItsMoment();
    void aBatchIsAWriteAndMayBeAskedForAsABatch();
    void aConditionIsSeenByItsPromise();
    void anUnloggedBatchIsNoLoggedOne();
    void nearMissesOfRequests_data();
    void nearMissesOfRequests();
    void requestsBeforeTheStepDoNotCount();
    void requestsOfChecksDoNotCount();
    void aRequestForAnotherCheckIsNoNearMiss();
    void countingTellsHowFar();
    void oneThroughEachNode();
    void aRepairIsSeen();
    void filesAreAsTheNodeTellsThem();
    void storageNearMisses_data();
    void storageNearMisses();
    void onlyWhatTheStrategyBeganCounts();
    void optionsOfTheStrategyAreCompared();
    void windowsAreCounted_data();
    void windowsAreCounted();
    void whatExpiredWholeIsCounted();
    void whatANodeDidBeforeTheStepDoesNotCount();
    void aQuizExplainsWhatIsWrong();
    void theFirstReplicaIsLookedUp();
};

void ChecksTest::theSchemaAsAskedPasses() {
    FakeWorld world = worldWithLoans();
    QCOMPARE(checkSchema(loans(), world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::nearMissesOfTheSchema_data() {
    QTest::addColumn<QString>("keyspace");
    QTest::addColumn<QString>("table");
    QTest::addColumn<int>("copies");
    QTest::addColumn<QString>("isbnKind");
    QTest::addColumn<QString>("says");

    QTest::newRow("one copy") << "lending" << "loans" << 1 << "'clustering'" << "right keyspace, but it keeps 1 copy";
    QTest::newRow("a keyspace in capitals") << "Lending" << "" << 3 << "'clustering'" << "the quotes kept the capital letters of the keyspace's name";
    QTest::newRow("a table in capitals") << "lending" << "Loans" << 3 << "'clustering'" << "the quotes kept the capital letters of the table's name";
    QTest::newRow("both columns in the partition key") << "lending" << "loans" << 3 << "'partition_key'" << "right table, other primary key";
}

void ChecksTest::nearMissesOfTheSchema() {
    QFETCH(const QString, keyspace);
    QFETCH(const QString, table);
    QFETCH(const int, copies);
    QFETCH(const QString, isbnKind);
    QFETCH(const QString, says);
    FakeWorld world;
    const std::string name = '\'' + keyspace.toStdString() + '\'';
    world.answers[{kKeyspaces, 0}] = {{}, {{name, replication("SimpleStrategy", "replication_factor", copies)}}};
    world.answers[{kTables, 0}] = {{}, {{name, '\'' + table.toStdString() + '\''}}};
    world.answers[{kColumns, 0}] = columns(isbnKind.toUtf8());
    const CheckResult result = checkSchema(loans(), world.evidence());
    QCOMPARE(result.verdict, Verdict::Near);
    QCOMPARE(QString::fromStdString(result.says), "Near miss: " + says);
    QVERIFY(deciding(result) != nullptr);
    QVERIFY(!result.smallestChange.empty());
}

void ChecksTest::nothingYetIsNoMistake() {
    FakeWorld world;
    world.answers[{kKeyspaces, 0}] = {{}, {{"'system'", "{'class': 'org.apache.cassandra.locator.LocalStrategy'}"}}};
    world.answers[{kTables, 0}] = {{}, {{"'system'", "'loans'"}}};
    const CheckResult result = checkSchema(loans(), world.evidence());
    QCOMPARE(result.verdict, Verdict::NotShownYet);
    QCOMPARE(result.says, std::string("Waiting for the table lending.loans"));

    world.answers[{kTables, 0}] = {{}, {{"'annex'", "'loans'"}}};
    QCOMPARE(checkSchema(loans(), world.evidence()).says, std::string("Near miss: right table, in the wrong keyspace"));
}

void ChecksTest::rowsAreCompared_data() {
    QTest::addColumn<bool>("hasRow");
    QTest::addColumn<QString>("due");
    QTest::addColumn<Verdict>("verdict");

    QTest::newRow("the row as asked") << true << "'2026-04-04'" << Verdict::Passed;
    QTest::newRow("the row with another date") << true << "'2026-03-14'" << Verdict::Failed;
    QTest::newRow("no row yet") << false << "" << Verdict::NotShownYet;
}

void ChecksTest::rowsAreCompared() {
    QFETCH(const bool, hasRow);
    QFETCH(const QString, due);
    QFETCH(const Verdict, verdict);
    FakeWorld world;
    Answer answer{{"due"}, {}};
    if (hasRow) {
        answer.rows.push_back({due.toStdString()});
    }
    world.answers[{"SELECT due", 0}] = answer;
    CqlWants wants;
    wants.query = "SELECT due";
    wants.rows = {{"'2026-04-04'"}};
    QCOMPARE(checkCql(wants, world.evidence()).verdict, verdict);
}

void ChecksTest::aWellKnownMistakeIsNamed() {
    FakeWorld world;
    world.answers[{"SELECT right", 0}] = {{"due"}, {}};
    world.answers[{"SELECT wrong", 0}] = {{"due"}, {{"1"}}};
    CqlWants wants;
    wants.query = "SELECT right";
    wants.rows = {{"1"}};
    wants.mistakes = {{"SELECT wrong", "the member is written with a capital M"}};
    const CheckResult result = checkCql(wants, world.evidence());
    QCOMPARE(result.verdict, Verdict::Near);
    QCOMPARE(result.says, std::string("Near miss: the member is written with a capital M"));
}

/// What a mistake's query asks for is not what the learner was asked for.
void ChecksTest::aMistakeIsShownByTheCheckedColumns() {
    FakeWorld world;
    world.answers[{"SELECT right", 0}] = {{"due"}, {{"2"}}};
    world.answers[{"SELECT wrong", 0}] = {{"id"}, {{"7"}}};
    CqlWants wants;
    wants.query = "SELECT right";
    wants.rows = {{"1"}};
    wants.mistakes = {{"SELECT wrong", "the day is one too late"}};
    const CheckResult result = checkCql(wants, world.evidence());
    QCOMPARE(result.verdict, Verdict::Near);
    QCOMPARE(result.facts.size(), std::size_t(1));
    QCOMPARE(result.facts.front().what, std::string("due"));
    QCOMPARE(result.facts.front().got, std::string("2"));
}

void ChecksTest::theFirstMistakeThatMatchesIsTold() {
    FakeWorld world;
    world.answers[{"SELECT right", 0}] = {{"due"}, {}};
    world.answers[{"SELECT none", 0}] = {{"due"}, {}};
    world.answers[{"SELECT one", 0}] = {{"due"}, {{"1"}}};
    world.answers[{"SELECT two", 0}] = {{"due"}, {{"1"}}};
    CqlWants wants;
    wants.query = "SELECT right";
    wants.rows = {{"1"}};
    wants.mistakes = {{"SELECT none", "none"}, {"SELECT one", "one"}, {"SELECT two", "two"}};
    QCOMPARE(checkCql(wants, world.evidence()).says, std::string("Near miss: one"));
}

/// Two rows are wanted: of member 1, due on 4 April at desk 7, and of member 2.
void ChecksTest::rowsThatDifferAreCompared_data() {
    QTest::addColumn<QStringList>("found");  // Cells by '|'.
    QTest::addColumn<Verdict>("verdict");
    QTest::addColumn<QString>("says");
    QTest::addColumn<QString>("facts");  // Of those that do not agree: what, wanted, got.

    const QString one = "1|'04-04'|7";
    const QString two = "2|'05-05'|8";
    QTest::newRow("none") << QStringList{} << Verdict::NotShownYet << "Waiting for 2 rows" << "";
    QTest::newRow("the second is missing") << QStringList{one} << Verdict::NotShownYet << "Waiting for 1 more row" << "";
    QTest::newRow("the second is other") << QStringList{two.left(2) + "'05-06'|8", one} << Verdict::Failed
                                         << "The row is there with other values" << "due 05-05 05-06";
    QTest::newRow("beside the row most like it") << QStringList{"9|'09-09'|9", "2|'05-06'|8", one} << Verdict::Failed
                                                 << "Found 3 rows, wanted 2" << "Rows 2 3; due 05-05 05-06";
    QTest::newRow("one too many") << QStringList{one, two, "9|'09-09'|9"} << Verdict::Failed << "Found 3 rows, wanted 2"
                                  << "Rows 2 3; member nothing 9; due nothing 09-09; desk nothing 9";
    QTest::newRow("half written") << QStringList{one, "2|null|null"} << Verdict::Near
                                  << "Near miss: the row is half written: due and desk have no value"
                                  << "due 05-05 no value; desk 8 no value";
    QTest::newRow("the same in quotes") << QStringList{one, "2|'05-05'|'8'"} << Verdict::Failed
                                        << "The row is there with other values" << "desk 8 '8'";
    QTest::newRow("no value yet") << QStringList{one, "null|null|null"} << Verdict::NotShownYet
                                  << "Waiting for member, due and desk" << "";
}

void ChecksTest::rowsThatDifferAreCompared() {
    QFETCH(const QStringList, found);
    QFETCH(const Verdict, verdict);
    QFETCH(const QString, says);
    QFETCH(const QString, facts);
    FakeWorld world;
    Answer answer{{"member", "due", "desk"}, {}};
    for (const QString& row : found) {
        auto& cells = answer.rows.emplace_back();
        for (const QString& cell : row.split('|')) {
            cells.push_back(cell.toStdString());
        }
    }
    world.answers[{"SELECT", 0}] = answer;
    CqlWants wants;
    wants.query = "SELECT";
    wants.rows = {{"1", "'04-04'", "7"}, {"2", "'05-05'", "8"}};
    const CheckResult result = checkCql(wants, world.evidence());
    QCOMPARE(result.verdict, verdict);
    QCOMPARE(QString::fromStdString(result.says), says);
    QStringList told;
    for (const Fact& fact : result.facts) {
        if (!fact.agrees) {
            told << QString::fromStdString(fact.what + ' ' + fact.wanted + ' ' + fact.got);
        }
    }
    QCOMPARE(told.join("; "), facts);
}

void ChecksTest::aCheckRunsNothingThatWrites() {
    FakeWorld world;
    CqlWants wants;
    wants.query = "UPDATE lending.loans SET due = 1";
    wants.error = "Invalid";
    (void)checkCql(wants, world.evidence());
    QVERIFY(world.asked.back().prepareOnly);
    wants.query = " select due FROM lending.loans";
    (void)checkCql(wants, world.evidence());
    QVERIFY(!world.asked.back().prepareOnly);
}

void ChecksTest::aRefusalIsJudgedByItsError() {
    FakeWorld world;
    CqlWants wants;
    wants.query = "SELECT nothing";
    wants.error = "Invalid";
    QCOMPARE(checkCql(wants, world.evidence()).verdict, Verdict::Passed);
    wants.error = "Unavailable";
    QCOMPARE(checkCql(wants, world.evidence()).verdict, Verdict::Failed);
    world.answers[{"SELECT nothing", 0}] = {};
    QCOMPARE(checkCql(wants, world.evidence()).verdict, Verdict::NotShownYet);
}

void ChecksTest::replicasAreReadOneByOneAndAlone() {
    FakeWorld world;
    const std::string query = "SELECT due FROM lending.loans WHERE member = 1";
    for (const int node : {1, 2, 3}) {
        world.answers[{query, node}] = {{"due"}, {{"'2026-05-02'"}}};
    }
    ReplicasWants wants;
    wants.keyspace = "lending";
    wants.table = "loans";
    wants.where = "member = 1";
    wants.column = "due";
    wants.copies = 3;
    wants.agree = true;
    const CheckResult result = checkReplicas(wants, world.evidence());
    QCOMPARE(result.verdict, Verdict::Passed);
    QCOMPARE(world.asked.size(), std::size_t(3));
    for (std::size_t i = 0; i < world.asked.size(); ++i) {
        QCOMPARE(world.asked[i].consistency, std::string("NODE_LOCAL"));
        QCOMPARE(world.asked[i].coordinator, static_cast<int>(i) + 1);
    }
}

void ChecksTest::aStaleReplicaIsFound() {
    FakeWorld world;
    const std::string query = "SELECT due FROM lending.loans WHERE member = 1";
    world.answers[{query, 1}] = {{"due"}, {{"'2026-05-02'"}}};
    world.answers[{query, 2}] = {{"due"}, {{"'2026-05-02'"}}};
    world.answers[{query, 3}] = {{"due"}, {{"'2026-04-04'"}}};
    ReplicasWants wants;
    wants.keyspace = "lending";
    wants.table = "loans";
    wants.where = "member = 1";
    wants.column = "due";
    wants.agree = true;
    const CheckResult apart = checkReplicas(wants, world.evidence());
    QCOMPARE(apart.verdict, Verdict::NotShownYet);
    QCOMPARE(apart.progress, std::string("2 of 3"));
    wants.agree = false;
    wants.holds = {{1, "2026-05-02"}, {3, "2026-04-04"}};
    QCOMPARE(checkReplicas(wants, world.evidence()).verdict, Verdict::Passed);
    world.set(3, ProcessState::Stopped);
    const CheckResult down = checkReplicas(wants, world.evidence());
    QCOMPARE(down.verdict, Verdict::NotShownYet);
    QCOMPARE(deciding(down)->got, std::string("down"));
}

void ChecksTest::aNodeIsDownWhenAllOthersSayso() {
    FakeWorld world;
    ClusterWants wants;
    wants.node = 3;
    wants.state = "down";
    QCOMPARE(checkCluster(wants, world.evidence()).verdict, Verdict::NotShownYet);
    world.set(3, ProcessState::Stopped);
    world.judge(1, 3, false);
    const CheckResult half = checkCluster(wants, world.evidence());
    QCOMPARE(half.verdict, Verdict::NotShownYet);
    QCOMPARE(half.progress, std::string("seen by 1 of 2"));
    world.judge(2, 3, false);
    const CheckResult all = checkCluster(wants, world.evidence());
    QCOMPARE(all.verdict, Verdict::Passed);
    QCOMPARE(all.facts.back().got, std::string("n2: phi 8.1 over threshold 8"));

    wants.state = "up";
    world.set(3, ProcessState::Running);
    world.judge(1, 3, true);
    QCOMPARE(checkCluster(wants, world.evidence()).progress, std::string("seen by 1 of 2"));
    world.judge(2, 3, true);
    QCOMPARE(checkCluster(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::killingTheWrongNodeIsNear() {
    FakeWorld world;
    world.set(2, ProcessState::Stopped);
    ClusterWants wants;
    wants.node = 3;
    wants.state = "down";
    const CheckResult result = checkCluster(wants, world.evidence());
    QCOMPARE(result.verdict, Verdict::Near);
    QCOMPARE(result.smallestChange, std::string("start n2 and kill n3."));
}

void ChecksTest::aPausedNodeIsNotDown() {
    FakeWorld world;
    world.set(3, ProcessState::Paused);
    world.judge(1, 3, false);
    world.judge(2, 3, false);
    ClusterWants wants;
    wants.node = 3;
    wants.state = "down";
    QCOMPARE(checkCluster(wants, world.evidence()).verdict, Verdict::Near);
    wants.state = "paused";
    QCOMPARE(checkCluster(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::aRequestAsAskedPassesAndNamesItsMoment() {
    FakeWorld world;
    QCOMPARE(checkEvents(quorumWrite(), world.evidence()).says, std::string("Waiting for a QUORUM write on lending.loans"));
    const engine::Uuid id = world.tellRequest({});
    const CheckResult result = checkEvents(quorumWrite(), world.evidence());
    QCOMPARE(result.verdict, Verdict::Passed);
    QCOMPARE(result.moment, id.toString());
}

void ChecksTest::aBatchIsAWriteAndMayBeAskedForAsABatch() {
    EventsWants batch;
    batch.request = "batch";
    batch.result = "ok";
    FakeWorld single;
    single.tellRequest({});
    QVERIFY(checkEvents(batch, single.evidence()).verdict != Verdict::Passed);
    FakeWorld world;
    world.tellRequest({.kind = "BATCH"});
    QCOMPARE(checkEvents(batch, world.evidence()).verdict, Verdict::Passed);
    QCOMPARE(checkEvents(quorumWrite(), world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::aConditionIsSeenByItsPromise() {
    FakeWorld world;
    EventsWants wants = quorumWrite();
    wants.lightweight = true;
    world.tellRequest({});
    const CheckResult result = checkEvents(wants, world.evidence());
    QCOMPARE(result.says, std::string("Near miss: right row, written without a condition"));
    QCOMPARE(result.smallestChange, std::string("a condition as IF NOT EXISTS at the end."));
    world.tellRequest({.verb = "PAXOS_PREPARE_REQ"});
    QCOMPARE(checkEvents(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::anUnloggedBatchIsNoLoggedOne() {
    FakeWorld world;
    EventsWants wants;
    wants.request = "batch";
    wants.keyspace = "lending";
    wants.logged = true;
    world.tellRequest({.kind = "BATCH"});
    const CheckResult result = checkEvents(wants, world.evidence());
    QCOMPARE(result.says, std::string("Near miss: one batch, but an unlogged one: no node kept it first"));
    QCOMPARE(result.smallestChange, std::string("leave out UNLOGGED."));
    world.tellRequest({.kind = "BATCH", .verb = "BATCH_STORE_REQ"});
    QCOMPARE(checkEvents(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::nearMissesOfRequests_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    QTest::addColumn<QString>("change");

    QTest::newRow("the level") << "consistency" << "ONE" << "right row, written at ONE" << "one setting, Consistency.";
    QTest::newRow("the keyspace") << "keyspace" << "annex" << "right table, in the wrong keyspace annex" << "one name, the keyspace before the table.";
    QTest::newRow("the key") << "key" << "'m-2000'" << "right table, another row" << "the partition key in WHERE or VALUES.";
    QTest::newRow("no key") << "key" << "" << "right table, not by its key" << "the partition key in WHERE or VALUES.";
    QTest::newRow("the outcome") << "error" << "Cannot achieve consistency level QUORUM" << "right row, but the answer was Unavailable" << "";
}

void ChecksTest::nearMissesOfRequests() {
    QFETCH(const QString, field);
    QFETCH(const QString, value);
    QFETCH(const QString, says);
    QFETCH(const QString, change);
    FakeWorld world;
    FakeWorld::Request request;
    std::map<QString, std::string*> fields{{"consistency", &request.consistency},
                                           {"keyspace", &request.keyspace},
                                           {"key", &request.key},
                                           {"error", &request.error}};
    *fields[field] = value.toStdString();
    const engine::Uuid id = world.tellRequest(request);
    const CheckResult result = checkEvents(quorumWrite(), world.evidence());
    QCOMPARE(result.verdict, Verdict::Near);
    QCOMPARE(QString::fromStdString(result.says), "Near miss: " + says);
    QCOMPARE(QString::fromStdString(result.smallestChange), change);
    QCOMPARE(result.moment, id.toString());

    // A read of the row is not near a write.
    FakeWorld other;
    request.kind = "READ";
    other.tellRequest(request);
    QCOMPARE(checkEvents(quorumWrite(), other.evidence()).verdict, Verdict::NotShownYet);
}

void ChecksTest::requestsBeforeTheStepDoNotCount() {
    FakeWorld world;
    world.tellRequest({});
    world.since = world.now + 1;
    QCOMPARE(checkEvents(quorumWrite(), world.evidence()).verdict, Verdict::NotShownYet);
}

void ChecksTest::requestsOfChecksDoNotCount() {
    FakeWorld world;
    FakeWorld::Request request;
    request.client = std::string(kCheckerName);
    world.tellRequest(request);
    QCOMPARE(checkEvents(quorumWrite(), world.evidence()).verdict, Verdict::NotShownYet);
}

void ChecksTest::aRequestForAnotherCheckIsNoNearMiss() {
    FakeWorld world;
    const engine::Uuid id = world.tellRequest({});
    EventsWants all = quorumWrite();
    all.consistency = "ALL";
    QCOMPARE(checkEvents(all, world.evidence()).verdict, Verdict::Near);
    Evidence evidence = world.evidence();
    evidence.spokenFor.insert(id);
    QCOMPARE(checkEvents(all, evidence).verdict, Verdict::NotShownYet);
}

void ChecksTest::countingTellsHowFar() {
    FakeWorld world;
    EventsWants wants = quorumWrite();
    wants.count = 2;
    world.tellRequest({});
    const CheckResult half = checkEvents(wants, world.evidence());
    QCOMPARE(half.verdict, Verdict::NotShownYet);
    QCOMPARE(half.progress, std::string("1 of 2"));
    world.tellRequest({});
    QCOMPARE(checkEvents(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::oneThroughEachNode() {
    FakeWorld world;
    EventsWants wants;
    wants.request = "read";
    wants.table = "loans";
    wants.eachNode = true;
    FakeWorld::Request request;
    request.kind = "READ";
    for (const int node : {1, 3, 3}) {
        request.coordinator = node;
        world.tellRequest(request);
    }
    const CheckResult part = checkEvents(wants, world.evidence());
    QCOMPARE(part.verdict, Verdict::NotShownYet);
    QCOMPARE(part.progress, std::string("2 of 3"));
    QCOMPARE(part.says, std::string("Done through n1 and n3, wanted through n1, n2 and n3"));
    request.coordinator = 2;
    world.tellRequest(request);
    QCOMPARE(checkEvents(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::aRepairIsSeen() {
    FakeWorld world;
    EventsWants wants;
    wants.request = "read";
    wants.table = "loans";
    wants.consistency = "QUORUM";
    wants.repaired = 3;
    FakeWorld::Request request;
    request.kind = "READ";
    world.tellRequest(request);
    QCOMPARE(checkEvents(wants, world.evidence()).says,
             std::string("Near miss: right table, but the replicas that were asked agreed"));
    request.repaired = 3;
    world.tellRequest(request);
    QCOMPARE(checkEvents(wants, world.evidence()).verdict, Verdict::Passed);
}

namespace {

using namespace engine::observe;

StorageWants loansOn1() {
    StorageWants wants;
    wants.node = 1;
    wants.keyspace = "lending";
    wants.table = "loans";
    return wants;
}

/// n1 tells of its table, with so many SSTables and memtable rows.
void tellFiles(FakeWorld& world, int sstables, std::uint64_t rows, std::uint64_t tombstones = 0) {
    world.tell(1, StorageSnapshot{32, 64, 16, 32, world.now, 0});
    world.tell(1, TableStorage{"lending", "loans", "SizeTieredCompactionStrategy", {}, 864'000});
    world.tell(1, MemtableGrew{"lending", "loans", rows * 100, rows});
    for (int i = 1; i <= sstables; ++i) {
        SstableAdded file;
        file.keyspace = "lending";
        file.table = "loans";
        file.generation = static_cast<std::uint64_t>(i);
        file.tombstones = tombstones;
        world.tell(1, file);
    }
}

void tellFlush(FakeWorld& world, const char* reason) {
    world.tell(1, FlushStarted{"lending", "loans", 100, 1, reason});
    world.tell(1, FlushFinished{"lending", "loans", 9, 50, 1, ""});
}

void tellCompaction(FakeWorld& world, std::size_t inputs, const char* kind = "compaction") {
    CompactionStarted started;
    started.compaction = engine::Uuid{1, static_cast<std::uint64_t>(world.now)};
    started.keyspace = "lending";
    started.table = "loans";
    started.inputs.resize(inputs);
    started.kind = kind;
    started.strategy = "SizeTieredCompactionStrategy";
    world.tell(1, started);
    CompactionFinished finished;
    finished.compaction = started.compaction;
    world.tell(1, finished);
}

}  // namespace

void ChecksTest::filesAreAsTheNodeTellsThem() {
    FakeWorld world;
    StorageWants wants = loansOn1();
    wants.sstables = 2;
    wants.memtable = "filled";
    QCOMPARE(checkStorage(wants, world.evidence()).says, std::string("Waiting until n1 tells of its files"));
    tellFiles(world, 2, 3);
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::Passed);
    wants.sstables = 1;
    const CheckResult more = checkStorage(wants, world.evidence());
    QCOMPARE(more.verdict, Verdict::NotShownYet);
    QCOMPARE(deciding(more)->got, std::string("2"));
    wants.sstables = -1;
    wants.node = 0;
    QCOMPARE(checkStorage(wants, world.evidence()).progress, std::string("1 of 3"));
    wants.node = 1;
    world.set(1, ProcessState::Stopped);
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::NotShownYet);
}

void ChecksTest::storageNearMisses_data() {
    QTest::addColumn<QString>("made");
    QTest::addColumn<QString>("says");
    QTest::newRow("flushed early") << "early" << "Near miss: the rows have been flushed to an SSTable already";
    QTest::newRow("flushed by hand") << "by hand" << "Near miss: flushed, but for another reason: USER_FORCED";
    QTest::newRow("stopped") << "stopped" << "Near miss: n1 was stopped: it flushed first, and left nothing of the table to replay";
    QTest::newRow("too few") << "too few" << "Near miss: a compaction took 2 of them";
    QTest::newRow("a tombstone with a meaning") << "tombstone" << "Near miss: the set was assigned";
    QTest::newRow("gc_grace") << "gc_grace" << "Near miss: compacted, and the tombstone is still there: gc_grace_seconds is 864000";
}

void ChecksTest::storageNearMisses() {
    QFETCH(const QString, made);
    QFETCH(const QString, says);
    FakeWorld world;
    StorageWants wants = loansOn1();
    tellFiles(world, 1, 0, 1);
    if (made == "early") {
        wants.memtable = "filled";
        wants.sstables = 0;
    } else if (made == "by hand") {
        wants.flushed = "MEMTABLE_LIMIT";
        tellFlush(world, "USER_FORCED");
    } else if (made == "stopped") {
        wants.replayed = true;
    } else if (made == "too few") {
        wants.compacted = 3;
        tellCompaction(world, 2);
    } else if (made == "tombstone") {
        wants.tombstones = "none";
        wants.tombstonesSay = "the set was assigned";
    } else {
        wants.tombstones = "none";
        tellCompaction(world, 2);
    }
    const CheckResult result = checkStorage(wants, world.evidence());
    QCOMPARE(result.verdict, Verdict::Near);
    QCOMPARE(QString::fromStdString(result.says), says);
    QVERIFY(!result.smallestChange.empty());
}

void ChecksTest::onlyWhatTheStrategyBeganCounts() {
    FakeWorld world;
    tellFiles(world, 1, 0);
    StorageWants wants = loansOn1();
    wants.compacted = 4;
    tellCompaction(world, 4, "major");
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::Passed);
    wants.byItself = true;
    QCOMPARE(checkStorage(wants, world.evidence()).says,
             std::string("Near miss: a compaction was asked for, where the strategy was to begin one"));
    tellCompaction(world, 4);
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::Passed);
    world.tell(1, TableStorage{"lending", "loans", "LeveledCompactionStrategy", {}, 0});
    wants.strategy = "LeveledCompactionStrategy";
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::NotShownYet);
    wants.strategy.clear();
    wants.compactions = 2;
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::NotShownYet);
    tellCompaction(world, 2);
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::optionsOfTheStrategyAreCompared() {
    FakeWorld world;
    tellFiles(world, 1, 0);
    world.tell(1, TableStorage{"lending", "loans", "UnifiedCompactionStrategy", {{"scaling_parameters", "T4"}}, 0});
    StorageWants wants = loansOn1();
    wants.strategy = "UnifiedCompactionStrategy";
    wants.options = {{"scaling_parameters", "t4"}};
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::Passed);
    wants.options = {{"scaling_parameters", "L4"}};
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::NotShownYet);
    tellFlush(world, "USER_FORCED");
    QCOMPARE(checkStorage(wants, world.evidence()).says, std::string("Near miss: scaling_parameters is T4"));
    wants.options = {{"base_shard_count", "1"}};
    QCOMPARE(checkStorage(wants, world.evidence()).says, std::string("Near miss: base_shard_count is not set"));
}

void ChecksTest::windowsAreCounted_data() {
    QTest::addColumn<QList<int>>("windows");  // Of each SSTable.
    QTest::addColumn<bool>("isAsked");
    QTest::addColumn<Verdict>("verdict");
    QTest::addColumn<QString>("says");

    QTest::newRow("one each") << QList<int>{1, 2} << false << Verdict::Passed << "";
    QTest::newRow("more in the newest") << QList<int>{1, 2, 2} << false << Verdict::Passed << "";
    QTest::newRow("more in one that is over") << QList<int>{1, 1, 2} << false << Verdict::NotShownYet << "Waiting for the files of lending.loans";
    QTest::newRow("two of one, so far") << QList<int>{1, 1} << false << Verdict::NotShownYet << "Waiting for the files of lending.loans";
    QTest::newRow("all of one") << QList<int>{1, 1, 1} << false << Verdict::Near << "Near miss: all 3 SSTables are of one window";
    QTest::newRow("merged by hand") << QList<int>{2} << true << Verdict::Near
                                    << "Near miss: a compaction that was asked for takes every file, whatever its window";
}

void ChecksTest::windowsAreCounted() {
    QFETCH(const QList<int>, windows);
    QFETCH(const bool, isAsked);
    QFETCH(const Verdict, verdict);
    QFETCH(const QString, says);
    FakeWorld world;
    tellFiles(world, 0, 0);
    for (int i = 0; i < windows.size(); ++i) {
        SstableAdded file;
        file.keyspace = "lending";
        file.table = "loans";
        file.generation = static_cast<std::uint64_t>(i + 1);
        file.windowMillis = windows[i] * 3'600'000;
        world.tell(1, file);
    }
    if (isAsked) {
        tellCompaction(world, 2, "major");
    }
    StorageWants wants = loansOn1();
    wants.windows = 2;
    const CheckResult result = checkStorage(wants, world.evidence());
    QCOMPARE(result.verdict, verdict);
    if (verdict != Verdict::Passed) {
        QCOMPARE(QString::fromStdString(result.says), says);
    }
}

void ChecksTest::whatExpiredWholeIsCounted() {
    FakeWorld world;
    tellFiles(world, 2, 0);
    StorageWants wants = loansOn1();
    wants.expired = 1;
    QCOMPARE(checkStorage(wants, world.evidence()).says,
             std::string("Near miss: what has expired is kept for gc_grace_seconds, 864000"));
    world.tell(1, TableStorage{"lending", "loans", "TimeWindowCompactionStrategy", {}, 0});
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::NotShownYet);
    tellCompaction(world, 2, "major");
    QCOMPARE(checkStorage(wants, world.evidence()).says,
             std::string("Near miss: a compaction that was asked for read and wrote what it kept"));
    tellCompaction(world, 1, "expired");
    QCOMPARE(checkStorage(wants, world.evidence()).verdict, Verdict::Passed);
}

void ChecksTest::whatANodeDidBeforeTheStepDoesNotCount() {
    FakeWorld world;
    tellFiles(world, 1, 0);
    tellFlush(world, "MEMTABLE_LIMIT");
    StorageWants wants = loansOn1();
    wants.flushed = "MEMTABLE_LIMIT";
    Evidence since = world.evidence();
    QCOMPARE(checkStorage(wants, since).verdict, Verdict::Passed);
    since.sinceNanos = world.now + 1;
    QCOMPARE(checkStorage(wants, since).verdict, Verdict::NotShownYet);
    wants.flushed = "any";
    QCOMPARE(checkStorage(wants, since).verdict, Verdict::NotShownYet);
}

void ChecksTest::aQuizExplainsWhatIsWrong() {
    FakeWorld world;
    Question question;
    question.choices = {"a", "b"};
    question.answer = 1;
    question.explanations = {"Because of this.", ""};
    Evidence evidence = world.evidence();
    QCOMPARE(checkQuiz(question, evidence).verdict, Verdict::NotShownYet);
    evidence.answer = "a";
    QCOMPARE(checkQuiz(question, evidence).verdict, Verdict::Failed);
    QCOMPARE(checkQuiz(question, evidence).says, std::string("Because of this."));
    evidence.answer = "b";
    QCOMPARE(checkQuiz(question, evidence).verdict, Verdict::Passed);
}

void ChecksTest::theFirstReplicaIsLookedUp() {
    FakeWorld world;
    Question question;
    question.choices = {"n1", "n2", "n3"};
    question.live = LiveAnswer::FirstReplica;
    question.key = {"lending", "loans", {"'m-1131'"}};
    QVERIFY(resolve(question, world));
    QCOMPARE(question.choices[question.answer], std::string("n2"));
    world.replicas = {3, 1};
    question.live = LiveAnswer::NoReplica;
    QVERIFY(resolve(question, world));
    QCOMPARE(question.choices[question.answer], std::string("n2"));
    world.replicas.clear();
    QVERIFY(!resolve(question, world));
}

QTEST_GUILESS_MAIN(ChecksTest)
#include "checks_test.moc"
