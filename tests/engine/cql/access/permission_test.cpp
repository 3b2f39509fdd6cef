#include "engine/cql/access/permission.h"

#include <QtTest>

#include "engine/cql/access/needs.h"
#include "engine/types/data_type.h"

using namespace engine::cql;

namespace {

QString chainOf(Resource resource) {
    QStringList out;
    for (std::optional<Resource> at = std::move(resource); at; at = parentOf(*at)) {
        out << QString::fromStdString(displayOf(*at));
    }
    return out.join(" < ");
}

}  // namespace

/// Resources as auth/DataResource, FunctionResource, RoleResource and JMXResource name and nest them (CQL-A05).
class PermissionTest : public QObject {
    Q_OBJECT
private slots:
    void aTableIsWithinAllTablesOfItsKeyspace() {
        QCOMPARE(chainOf(tableResource("shop", "orders")),
                 QString("<table shop.orders> < <all tables in shop> < <keyspace shop> < <all keyspaces>"));
        QCOMPARE(QString::fromStdString(tableResource("shop", "orders").name), QString("data/shop/orders"));
    }

    void aFunctionIsNamedByItsTypes() {
        const Resource function = functionResource("shop", "f", {engine::types::int32(), engine::types::text()});
        QCOMPARE(QString::fromStdString(function.name),
                 QString("functions/shop/f[org.apache.cassandra.db.marshal.Int32Type^org.apache.cassandra.db.marshal.UTF8Type]"));
        QCOMPARE(chainOf(function), QString("<function shop.f(int, text)> < <all functions in shop> < <all functions>"));
    }

    void rolesAndBeansHaveOneRootEach() {
        QCOMPARE(chainOf(roleResource("ann")), QString("<role ann> < <all roles>"));
        QCOMPARE(chainOf(mbeanResource("a.b:type=C/D,*")), QString("<mbean a.b:type=C/D,*> < <all mbeans>"));
    }

    void namesOfPermissionsGoBothWays() {
        for (const Permission permission : allPermissions()) {
            QVERIFY(permissionOf(nameOf(permission)) == permission);
        }
        QVERIFY(!permissionOf("INSERT"));
    }

    void nothingCanBeCreatedWithinATable() {
        const auto holds = [](const Resource& resource, Permission permission) {
            const std::vector<Permission> all = applicableTo(resource);
            return std::find(all.begin(), all.end(), permission) != all.end();
        };
        QVERIFY(holds(keyspaceResource("shop"), Permission::Create));
        QVERIFY(!holds(tableResource("shop", "orders"), Permission::Create));
        QVERIFY(!holds(roleResource("ann"), Permission::Create));
        QVERIFY(holds(allRoles(), Permission::Create));
        QVERIFY(!holds(tableResource("shop", "orders"), Permission::Execute));
        QVERIFY(holds(allFunctions(), Permission::Execute));
    }
};

QTEST_GUILESS_MAIN(PermissionTest)
#include "permission_test.moc"
