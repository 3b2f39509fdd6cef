#include <QtTest>

#include <chrono>

#include "engine/client/async_client.h"
#include "tests/sim/sim_cluster.h"

using namespace engine;
using namespace simtest;
using namespace std::chrono_literals;

namespace {

void askForPasswords(node::NodeConfig& config) {
    config.accessControl.passwords = true;
    config.accessControl.permissions = true;
    config.accessControl.datacenters = true;
}

SimClusterOptions threeNodes(std::uint64_t seed) {
    SimClusterOptions out;
    out.nodes = 3;
    out.seed = seed;
    out.adjust = [](std::size_t, node::NodeConfig& config) { askForPasswords(config); };
    return out;
}

/// Three nodes that ask who comes, and a machine of its own for clients.
struct Fixture {
    explicit Fixture(std::uint64_t seed) : cluster(threeNodes(seed)) {
        machine = &cluster.world().addMachine("client", {"10.0.1.1"});
        started = cluster.start();
        cluster.runFor(3s);  // Until the node that keeps the default superuser's role is known to all.
    }

    Result<std::unique_ptr<client::AsyncClient>> logIn(std::size_t node, const std::string& user, const std::string& password) {
        client::ConnectOptions options;
        options.contact = runtime::Endpoint("10.0.0." + std::to_string(node + 1), 9042);
        options.user = user;
        options.password = password;
        auto connected = sim::runUntilDone(cluster.world(), client::AsyncClient::connect(machine->doors(), options), 30s);
        return connected ? std::move(*connected) : makeError(ErrorKind::Timeout, "no answer at all");
    }

    /// The answer's kind in a word: "ok", "rows N", or the error's text.
    QString execute(client::AsyncClient& client, const std::string& text) {
        client::Query query;
        query.text = text;
        query.consistency = static_cast<std::uint16_t>(Consistency::Quorum);
        const auto answer = sim::runUntilDone(cluster.world(), client.execute(std::move(query)), 60s);
        if (!answer) {
            return "no answer at all";
        }
        if (!*answer) {
            return QString::fromStdString(answer->error().message);
        }
        const auto* rows = std::get_if<cql::RowsResult>(&answer->value().result);
        return rows == nullptr ? QString("ok") : QString("rows %1").arg(rows->rows.size());
    }

    SimCluster cluster;
    sim::SimMachine* machine = nullptr;
    bool started = false;
};

constexpr const char* kKeyspace = "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}";
constexpr const char* kEverywhere =
    "ALTER KEYSPACE system_auth WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}";

}  // namespace

/// Logging in and permissions on a cluster of whole nodes (CQL-A01, CQL-A05, ERR-84, ERR-85, ERR-86,
/// SYS-50, SYS-51, SYS-52, SYS-53, SYS-54, SYS-55).
class SimAccessTest : public QObject {
    Q_OBJECT
private slots:
    void onlyTheRightPasswordLetsIn() {
        Fixture f(1);
        QVERIFY(f.started);
        QVERIFY(f.logIn(0, "cassandra", "cassandra").has_value());
        for (const auto& [user, password] : {std::pair("cassandra", "wrong"), std::pair("nobody", "cassandra")}) {
            const auto refused = f.logIn(1, user, password);
            QVERIFY(!refused);
            QVERIFY(refused.error().kind == ErrorKind::BadCredentials);
            QCOMPARE(QString::fromStdString(refused.error().message),
                     QString("Provided username %1 and/or password are incorrect").arg(user));
        }
    }

    void aRoleWithoutLoginStaysOut() {
        Fixture f(2);
        const auto root = f.logIn(0, "cassandra", "cassandra");
        QVERIFY(root.has_value());
        QCOMPARE(f.execute(*root.value(), "CREATE ROLE idle WITH PASSWORD = 'p'"), QString("ok"));
        const auto refused = f.logIn(0, "idle", "p");
        QVERIFY(!refused);
        QCOMPARE(QString::fromStdString(refused.error().message), QString("idle is not permitted to log in"));
    }

    void whatOneNodeGrantsHoldsOnAllOnceItsMemoryIsOld() {
        Fixture f(3);
        const auto root = f.logIn(0, "cassandra", "cassandra");
        QVERIFY(root.has_value());
        QCOMPARE(f.execute(*root.value(), kKeyspace), QString("ok"));
        QCOMPARE(f.execute(*root.value(), "CREATE TABLE ks.t (k int PRIMARY KEY)"), QString("ok"));
        QCOMPARE(f.execute(*root.value(), "CREATE ROLE ann WITH PASSWORD = 'a' AND LOGIN = true"), QString("ok"));
        const auto ann = f.logIn(1, "ann", "a");
        QVERIFY2(ann.has_value(), ann ? "" : ann.error().message.c_str());
        const QString denied("User ann has no SELECT permission on <table ks.t> or any of its parents");
        QCOMPARE(f.execute(*ann.value(), "SELECT k FROM ks.t"), denied);
        QCOMPARE(f.execute(*root.value(), "GRANT SELECT ON ks.t TO ann"), QString("ok"));
        f.cluster.runFor(3s);  // permissions_validity is 2 s.
        QCOMPARE(f.execute(*ann.value(), "SELECT k FROM ks.t"), QString("rows 0"));
        QCOMPARE(f.execute(*ann.value(), "INSERT INTO ks.t (k) VALUES (1)"),
                 QString("User ann has no MODIFY permission on <table ks.t> or any of its parents"));
        QCOMPARE(f.execute(*root.value(), "REVOKE SELECT ON ks.t FROM ann"), QString("ok"));
        f.cluster.runFor(3s);
        QCOMPARE(f.execute(*ann.value(), "SELECT k FROM ks.t"), denied);
    }

    /// CQL-A05: drivers send batches as a message of their own, and each statement in it needs its permission.
    void aBatchMessageNeedsThePermissionsOfItsStatements() {
        Fixture f(8);
        const auto root = f.logIn(0, "cassandra", "cassandra");
        QVERIFY(root.has_value());
        for (const char* statement :
             {kKeyspace, "CREATE TABLE ks.open (k int PRIMARY KEY)", "CREATE TABLE ks.shut (k int PRIMARY KEY)",
              "CREATE ROLE ann WITH PASSWORD = 'a' AND LOGIN = true", "GRANT MODIFY ON ks.open TO ann"}) {
            QCOMPARE(f.execute(*root.value(), statement), QString("ok"));
        }
        coordinator::ClientSession session;
        const auto batch = [&](std::vector<std::string> texts) {
            std::vector<coordinator::BatchEntry> entries;
            for (std::string& text : texts) {
                entries.emplace_back().textOrId.emplace<0>(std::move(text));
            }
            cql::QueryOptions options;
            options.consistency = static_cast<std::uint16_t>(Consistency::Quorum);
            const auto answer = sim::runUntilDone(
                f.cluster.world(), f.cluster.node(0).queries().batch(session, cql::BatchType::Unlogged, std::move(entries), options, {}), 30s);
            return !answer ? QString("no answer at all") : *answer ? QString("ok") : QString::fromStdString(answer->error().message);
        };
        session.user = "ann";
        QCOMPARE(batch({"INSERT INTO ks.open (k) VALUES (1)"}), QString("ok"));
        const QString denied("User ann has no MODIFY permission on <table ks.shut> or any of its parents");
        QCOMPARE(batch({"INSERT INTO ks.shut (k) VALUES (1)"}), denied);
        QCOMPARE(batch({"INSERT INTO ks.open (k) VALUES (2)", "INSERT INTO ks.shut (k) VALUES (2)"}), denied);
        QCOMPARE(f.execute(*root.value(), "SELECT k FROM ks.open"), QString("rows 1"));
        QCOMPARE(f.execute(*root.value(), "SELECT k FROM ks.shut"), QString("rows 0"));
        // What virtual tables hold is forgotten by such a message as by a statement.
        session.user = "cassandra";
        QCOMPARE(batch({"DELETE FROM system_views.roles_cache_keys WHERE role = 'ann'"}), QString("ok"));
        QCOMPARE(batch({"DELETE FROM system_views.settings WHERE name = 'a'"}),
                 QString("Modification is not supported by table system_views.settings"));
    }

    void rolesOutliveARestartOfAll() {
        Fixture f(4);
        {
            const auto root = f.logIn(0, "cassandra", "cassandra");
            QVERIFY(root.has_value());
            QCOMPARE(f.execute(*root.value(), "CREATE ROLE ann WITH PASSWORD = 'a' AND LOGIN = true"), QString("ok"));
            QCOMPARE(f.execute(*root.value(), "ALTER ROLE cassandra WITH PASSWORD = 'changed'"), QString("ok"));
        }
        for (std::size_t node = 0; node < f.cluster.size(); ++node) {
            f.cluster.crash(node, {.processOnly = true});
        }
        for (std::size_t node = 0; node < f.cluster.size(); ++node) {
            f.cluster.startNode(node);
        }
        QVERIFY(f.cluster.runUntil([&] { return f.cluster.converged(); }, 60s));
        f.cluster.runFor(3s);
        QVERIFY(f.logIn(2, "ann", "a").has_value());
        QVERIFY(f.logIn(2, "cassandra", "changed").has_value());
        QVERIFY(!f.logIn(2, "cassandra", "cassandra"));  // The default role is not made anew.
    }

    void theTablesOfSystemAuthTellWhatWasSaid() {
        Fixture f(6);
        const auto root = f.logIn(0, "cassandra", "cassandra");
        QVERIFY(root.has_value());
        for (const char* statement :
             {"CREATE ROLE readers", "CREATE ROLE ann WITH PASSWORD = 'a' AND LOGIN = true AND ACCESS TO DATACENTERS {'datacenter1'}",
              "GRANT readers TO ann", "GRANT SELECT ON ALL KEYSPACES TO readers", "ADD IDENTITY 'id' TO ROLE 'ann'"}) {
            QCOMPARE(f.execute(*root.value(), statement), QString("ok"));
        }
        for (const auto& [query, rows] :
             {std::pair("SELECT role FROM system_auth.roles", 3), std::pair("SELECT member FROM system_auth.role_members WHERE role = 'readers'", 1),
              std::pair("SELECT resource FROM system_auth.role_permissions WHERE role = 'readers'", 1),
              std::pair("SELECT role FROM system_auth.resource_role_permissons_index WHERE resource = 'data'", 1),
              std::pair("SELECT dcs FROM system_auth.network_permissions WHERE role = 'roles/ann'", 1),
              std::pair("SELECT role FROM system_auth.identity_to_role WHERE identity = 'id'", 1),
              std::pair("SELECT role FROM system_auth.cidr_permissions", 2)}) {
            QCOMPARE(f.execute(*root.value(), query), QString("rows %1").arg(rows));
        }
        QCOMPARE(f.execute(*root.value(), "DROP ROLE readers"), QString("ok"));
        QCOMPARE(f.execute(*root.value(), "SELECT member FROM system_auth.role_members WHERE role = 'readers'"), QString("rows 0"));
        QCOMPARE(f.execute(*root.value(), "SELECT resource FROM system_auth.role_permissions WHERE role = 'readers'"), QString("rows 0"));
    }

    /// VRT-19
    void whatIsRememberedIsShownAndCanBeForgotten() {
        Fixture f(7);
        const auto root = f.logIn(0, "cassandra", "cassandra");
        QVERIFY(root.has_value());
        for (const char* statement : {"CREATE ROLE ann WITH PASSWORD = 'a' AND LOGIN = true", "GRANT SELECT ON ALL KEYSPACES TO ann"}) {
            QCOMPARE(f.execute(*root.value(), statement), QString("ok"));
        }
        const auto ann = f.logIn(1, "ann", "a");
        QVERIFY(ann.has_value());
        QCOMPARE(f.execute(*ann.value(), "SELECT role FROM system_views.roles_cache_keys WHERE role = 'ann'"),
                 QString("User ann has no SELECT permission on <table system_views.roles_cache_keys> or any of its parents"));
        const auto other = f.logIn(1, "cassandra", "cassandra");
        QVERIFY(other.has_value());
        QVERIFY(!f.logIn(1, "nobody", "x"));
        QCOMPARE(f.execute(*other.value(), "SELECT role FROM system_views.roles_cache_keys WHERE role = 'nobody'"), QString("rows 0"));
        QCOMPARE(f.execute(*other.value(), "SELECT role FROM system_views.roles_cache_keys WHERE role = 'ann'"), QString("rows 1"));
        QCOMPARE(f.execute(*other.value(), "SELECT * FROM system_views.permissions_cache_keys WHERE role = 'ann' AND resource = 'data'"),
                 QString("rows 1"));
        QCOMPARE(f.execute(*other.value(), "DELETE FROM system_views.roles_cache_keys WHERE role = 'ann'"), QString("ok"));
        QCOMPARE(f.execute(*other.value(), "SELECT role FROM system_views.roles_cache_keys WHERE role = 'ann'"), QString("rows 0"));
        QCOMPARE(f.execute(*other.value(), "TRUNCATE system_views.permissions_cache_keys"), QString("ok"));
        QCOMPARE(f.execute(*other.value(), "SELECT * FROM system_views.permissions_cache_keys"), QString("rows 0"));
    }

    /// system_auth has one replica until somebody raises it, as the course warns.
    void whileTheKeepersOfARoleAreAwayItCannotLogIn() {
        Fixture f(5);
        const auto root = f.logIn(0, "cassandra", "cassandra");
        QVERIFY(root.has_value());
        QCOMPARE(f.execute(*root.value(), kEverywhere), QString("ok"));
        QCOMPARE(f.execute(*root.value(), "CREATE ROLE ann WITH PASSWORD = 'a' AND LOGIN = true"), QString("ok"));
        f.cluster.crash(2);
        f.cluster.runFor(30s);
        const auto two = f.logIn(0, "ann", "a");
        QVERIFY2(two.has_value(), two ? "" : two.error().message.c_str());  // Two of three are a quorum.
        f.cluster.crash(1);
        f.cluster.runFor(60s);
        const auto one = f.logIn(0, "ann", "a");
        QVERIFY(!one);
        QVERIFY2(one.error().message.starts_with("Unable to perform authentication: "), one.error().message.c_str());
        f.cluster.startNode(1);
        QVERIFY(f.cluster.runUntil([&] { return f.cluster.isReady(1) && f.cluster.sees(0, 1); }, 60s));
        const auto again = f.logIn(0, "ann", "a");
        QVERIFY2(again.has_value(), again ? "" : again.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(SimAccessTest)
#include "sim_access_test.moc"
