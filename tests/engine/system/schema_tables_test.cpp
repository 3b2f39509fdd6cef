#include "engine/system/schema_tables.h"

#include <QtTest>

#include "engine/cql/statement.h"
#include "engine/sim/machine.h"
#include "engine/sim/world.h"
#include "engine/storage/storage_engine.h"
#include "engine/system/system_keyspaces.h"

using namespace engine;
using namespace engine::system;

namespace {

constexpr std::int64_t kNowSeconds = 1'800'000'000;

/// A schema that CQL changes, and the rows of it in a storage engine.
class Fixture {
public:
    Fixture() {
        m_registry.publish(std::make_shared<schema::Schema>(systemSchema()));
        opened = m_storage.open().has_value();
        m_schema = systemSchema();
    }

    /// What is wrong, or nothing.
    std::string run(const std::string& text) {
        const auto prepared = cql::prepare(text, m_schema, {});
        if (!prepared) {
            return prepared.error().message;
        }
        const auto* statement = std::get_if<std::shared_ptr<const cql::SchemaStatement>>(&prepared.value()->statement);
        if (statement == nullptr) {
            return "no schema statement";
        }
        cql::ExecutionContext context;
        context.nowMicros = m_micros;
        context.random = [this] { return m_random.next(); };
        context.uniqueMicros = [this] { return ++m_micros; };
        cql::ClusterFacts facts{.datacenters = {{"datacenter1", 3}}, .nodes = 3};
        facts.features.userFunctions = true;
        facts.features.materializedViews = true;
        facts.features.dataMasking = true;
        const auto done = (*statement)->apply(m_schema, facts, context);
        if (!done) {
            return done.error().message;
        }
        if (done.value().next) {
            m_micros += 2;
            write(schemaMutations(m_schema, *done.value().next, m_micros));
            m_schema = *done.value().next;
        }
        return "";
    }
    void write(const std::vector<rows::Mutation>& mutations) {
        for (const rows::Mutation& mutation : mutations) {
            QVERIFY(m_storage.applyNow(mutation).has_value());
        }
    }
    schema::Schema load() {
        problems.clear();
        auto out = loadSchema(m_storage, systemSchema(), kNowSeconds, problems);
        return out ? std::move(out).value() : schema::Schema();
    }
    const schema::Schema& current() const { return m_schema; }
    storage::StorageEngine& storage() { return m_storage; }
    std::int64_t micros() const { return m_micros; }

    bool opened = false;
    std::vector<std::string> problems;

private:
    static storage::StorageOptions options() {
        storage::StorageOptions out;
        out.dataFolder = "/data";
        out.commitLogFolder = "/commitlog";
        return out;
    }
    sim::SimWorld m_world{1};
    sim::SimMachine& m_machine = m_world.addMachine("n", {"10.0.0.1"});
    runtime::SeededRandom m_random{7};
    std::int64_t m_micros = 1'700'000'000'000'000;
    Log m_log;
    schema::SchemaRegistry m_registry;
    storage::StorageEngine m_storage{m_machine.doors(), options(), m_registry, m_log};
    schema::Schema m_schema;
};

constexpr const char* kKeyspace = "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}";

}  // namespace

class SchemaTablesTest : public QObject {
    Q_OBJECT
private slots:
    /// SYS-33.
    void masksAreReadBackWithTheirArguments() {
        Fixture f;
        for (const char* text : {
                 kKeyspace,
                 "CREATE FUNCTION ks.hide (a text, b int) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS $$ return \"x\"; $$",
                 "CREATE TABLE ks.t (k text MASKED WITH DEFAULT PRIMARY KEY, a text MASKED WITH mask_inner(1, null, '#'), "
                 "b text MASKED WITH ks.hide(-7), c date MASKED WITH mask_replace('1990-05-05'), d int)",
                 "CREATE MATERIALIZED VIEW ks.v AS SELECT k, a FROM ks.t WHERE k IS NOT NULL AND a IS NOT NULL "
                 "PRIMARY KEY (a, k)",
                 "ALTER TABLE ks.t ADD e text MASKED WITH mask_null()",
                 "ALTER TABLE ks.t ALTER k DROP MASKED",
             }) {
            QCOMPARE(f.run(text), std::string());
        }
        const schema::Schema loaded = f.load();
        QVERIFY2(f.problems.empty(), f.problems.empty() ? "" : f.problems.front().c_str());
        const schema::TablePtr table = loaded.findTable("ks", "t");
        QVERIFY(*table == *f.current().findTable("ks", "t"));
        QVERIFY(*loaded.findTable("ks", "v") == *f.current().findTable("ks", "v"));
        QVERIFY(table->find("k")->mask == nullptr && table->find("d")->mask == nullptr);
        QCOMPARE(table->find("a")->mask->arguments.size(), std::size_t(3));
        QVERIFY(!table->find("a")->mask->arguments[1].has_value());
        QCOMPARE(table->find("b")->mask->keyspace, std::string("ks"));
        QVERIFY(loaded.findTable("ks", "v")->find("k")->mask == nullptr);
        QCOMPARE(f.run("DROP FUNCTION ks.hide"),
                 std::string("Function 'ks.hide' is still referenced by column masks in tables t"));
    }

    /// CQL-D06.
    void compactTablesAreReadBackWithoutTheirHiddenColumns() {
        Fixture f;
        for (const char* text : {
                 kKeyspace,
                 "CREATE TABLE ks.s (k int PRIMARY KEY, a int, b text) WITH COMPACT STORAGE",
                 "CREATE TABLE ks.d (k int, c int, v int, PRIMARY KEY (k, c)) WITH COMPACT STORAGE",
                 "CREATE TABLE ks.n (k int, c int, PRIMARY KEY (k, c)) WITH COMPACT STORAGE",
                 "CREATE TABLE ks.c (k int PRIMARY KEY, a counter) WITH COMPACT STORAGE",
             }) {
            QCOMPARE(f.run(text), std::string());
        }
        const schema::Schema loaded = f.load();
        QVERIFY2(f.problems.empty(), f.problems.empty() ? "" : f.problems.front().c_str());
        QVERIFY(**loaded.findKeyspace("ks") == **f.current().findKeyspace("ks"));
        QVERIFY(loaded.findTable("ks", "s")->compact == schema::CompactStorage::Static);
        QVERIFY(loaded.findTable("ks", "d")->compact == schema::CompactStorage::Dense);
        QVERIFY(!loaded.findTable("ks", "d")->hasRowMarkers() && loaded.findTable("ks", "n")->hasRowMarkers());
    }

    void whatStatementsMakeIsReadBack() {
        Fixture f;
        QVERIFY(f.opened);
        for (const char* text : {
                 kKeyspace,
                 "CREATE KEYSPACE \"Quoted\" WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3} "
                 "AND durable_writes = false",
                 "CREATE TYPE ks.address (street text, zip int)",
                 "CREATE TYPE ks.person (name text, home frozen<address>)",
                 "CREATE TABLE ks.simple (k int PRIMARY KEY)",
                 "CREATE TABLE ks.wide (a int, b text, c int, d timeuuid, s text static, v map<text, frozen<list<int>>>, "
                 "p frozen<person>, PRIMARY KEY ((a, b), c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC) "
                 "AND comment = 'it''s' AND gc_grace_seconds = 7 AND default_time_to_live = 60",
                 "CREATE INDEX ON ks.wide (s)",
                 "CREATE INDEX by_key ON ks.wide (KEYS(v)) USING 'sai'",
                 "CREATE TABLE ks.base (k int, c int, v text, w int, PRIMARY KEY (k, c))",
                 "CREATE MATERIALIZED VIEW ks.by_v AS SELECT k, c, v FROM ks.base WHERE v IS NOT NULL AND k IS NOT NULL "
                 "AND c > 5 PRIMARY KEY (v, k, c) WITH CLUSTERING ORDER BY (k DESC, c ASC) AND comment = 'by v'",
                 "CREATE FUNCTION ks.f (a int, p person) CALLED ON NULL INPUT RETURNS tuple<int, text> LANGUAGE java "
                 "AS 'return null;'",
                 "CREATE FUNCTION ks.s (a list<text>, b text) RETURNS NULL ON NULL INPUT RETURNS list<text> LANGUAGE "
                 "java AS 'return a;'",
                 "CREATE AGGREGATE ks.\"Agg\" (text) SFUNC s STYPE list<text> INITCOND ['a', 'b']",
                 "CREATE TABLE \"Quoted\".\"T\" (\"K\" int PRIMARY KEY, \"select\" text)",
                 "ALTER KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
             }) {
            const std::string problem = f.run(text);
            QVERIFY2(problem.empty(), (std::string(text) + ": " + problem).c_str());
        }
        const schema::Schema loaded = f.load();
        QVERIFY(f.problems.empty());
        for (const auto& [name, keyspace] : f.current().keyspaces()) {
            QVERIFY2(loaded.findKeyspace(name) != nullptr && **loaded.findKeyspace(name) == *keyspace, name.c_str());
        }
    }

    /// system_schema.dropped_columns has milliseconds.
    void aDroppedColumnIsRemembered() {
        Fixture f;
        for (const char* text : {kKeyspace, "CREATE TABLE ks.t (k int PRIMARY KEY, extra set<int>)", "ALTER TABLE ks.t DROP extra"}) {
            QCOMPARE(f.run(text), std::string());
        }
        const schema::TablePtr found = f.load().findTable("ks", "t");
        QVERIFY(found != nullptr && found->find("extra") == nullptr);
        QCOMPARE(found->dropped.size(), std::size_t(1));
        QCOMPARE(found->dropped[0].droppedAtMicros / 1000, f.current().findTable("ks", "t")->dropped[0].droppedAtMicros / 1000);
    }

    void whatIsDroppedIsGone() {
        Fixture f;
        for (const char* text : {kKeyspace, "CREATE TABLE ks.t (k int PRIMARY KEY)", "CREATE TABLE ks.u (k int PRIMARY KEY)",
                                 "DROP TABLE ks.t"}) {
            QCOMPARE(f.run(text), std::string());
        }
        QVERIFY(f.load().findTable("ks", "t") == nullptr);
        QVERIFY(f.load().findTable("ks", "u") != nullptr);
        QCOMPARE(f.run("DROP KEYSPACE ks"), std::string());
        QVERIFY(f.load().findKeyspace("ks") == nullptr);
        QCOMPARE(f.load().version().toString(), Fixture().load().version().toString());
    }

    /// A column that another node added to a table that was dropped meanwhile.
    void aLateChangeDoesNotComeBackWithTheNextOfItsName() {
        Fixture f;
        QCOMPARE(f.run(kKeyspace), std::string());
        QCOMPARE(f.run("CREATE TABLE ks.t (k int PRIMARY KEY)"), std::string());
        const schema::Schema before = f.current();
        QCOMPARE(f.run("ALTER TABLE ks.t ADD late int"), std::string());
        const auto late = schemaMutations(before, f.current(), f.micros() + 1);
        QCOMPARE(f.run("DROP TABLE ks.t"), std::string());
        f.write(late);
        QCOMPARE(f.run("CREATE TABLE ks.t (k int PRIMARY KEY)"), std::string());
        const schema::TablePtr found = f.load().findTable("ks", "t");
        QVERIFY(found != nullptr);
        QVERIFY(found->find("late") == nullptr);
    }

    void aTableWhoseTypeIsGoneIsLeftOutAndNamed() {
        Fixture f;
        QCOMPARE(f.run(kKeyspace), std::string());
        QCOMPARE(f.run("CREATE TYPE ks.u (a int)"), std::string());
        const schema::Schema withType = f.current();
        QCOMPARE(f.run("DROP TYPE ks.u"), std::string());
        const auto typeGone = schemaMutations(withType, f.current(), f.micros() + 100);
        Fixture other;
        QCOMPARE(other.run(kKeyspace), std::string());
        QCOMPARE(other.run("CREATE TYPE ks.u (a int)"), std::string());
        QCOMPARE(other.run("CREATE TABLE ks.t (k int PRIMARY KEY, v frozen<u>)"), std::string());
        QCOMPARE(other.run("CREATE TABLE ks.fine (k int PRIMARY KEY)"), std::string());
        other.write(typeGone);
        const schema::Schema loaded = other.load();
        QVERIFY(loaded.findTable("ks", "t") == nullptr);
        QVERIFY(loaded.findTable("ks", "fine") != nullptr);
        QCOMPARE(other.problems.size(), std::size_t(1));
    }

    void allRowsMakeTheSameSchemaElsewhere() {
        Fixture f;
        QCOMPARE(f.run(kKeyspace), std::string());
        QCOMPARE(f.run("CREATE TABLE ks.t (k int PRIMARY KEY, v text)"), std::string());
        QCOMPARE(f.run("CREATE TABLE ks.gone (k int PRIMARY KEY)"), std::string());
        QCOMPARE(f.run("DROP TABLE ks.gone"), std::string());
        const auto rows = allSchemaRows(f.storage(), systemSchema(), kNowSeconds);
        QVERIFY(rows.has_value());
        QVERIFY(newestTimestamp(rows.value()) > 0 && newestTimestamp(rows.value()) <= f.micros());
        Fixture other;
        other.write(rows.value());
        QCOMPARE(other.load().version().toString(), f.load().version().toString());
    }

    void systemKeyspacesAreComplete() {
        const schema::Schema& all = systemSchema();
        for (const char* name : {"system", "system_schema", "system_auth", "system_distributed", "system_traces",
                                 "system_views", "system_virtual_schema"}) {
            QVERIFY2(all.findKeyspace(name) != nullptr, name);
        }
        // TableId.forSystemTable, as a real node shows it.
        QCOMPARE(all.findTable("system", "local")->id.toString(), std::string("7ad54392-bcdd-35a6-8417-4e047860b377"));
        QCOMPARE(all.findTable("system", "peers_v2")->id.toString(), std::string("c4325fbb-8e5e-3baf-bd07-0f9250ed818e"));
    }
};

QTEST_GUILESS_MAIN(SchemaTablesTest)
#include "schema_tables_test.moc"
