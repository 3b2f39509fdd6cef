#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/access/access_options.h"
#include "engine/access/auth_tables.h"
#include "engine/access/performer.h"
#include "engine/access/permissions.h"
#include "engine/access/roles.h"
#include "engine/coordinator/access_control.h"
#include "engine/coordinator/cluster_view.h"
#include "engine/cql/syntax/ast.h"

namespace engine::access {

/// A node's access control, over system_auth: what Cassandra's PasswordAuthenticator, CassandraRoleManager,
/// CassandraAuthorizer and CassandraNetworkAuthorizer do together. Made only where somebody has to log in. Lives on
/// the node's thread.
class NodeAccess : public coordinator::AccessControl {
public:
    using Answer = Result<cql::StatementResult>;

    NodeAccess(const coordinator::ClusterView& view, coordinator::QueryProcessor& queries, AccessOptions options);

    runtime::Task<Result<void>> authorize(const coordinator::ClientSession& session, const cql::Prepared& prepared,
                                          cql::ExecutionContext& context) override;
    runtime::Task<Result<void>> changed(const coordinator::ClientSession& session, const cql::Prepared& prepared,
                                        const schema::SchemaChange& change) override;
    runtime::Task<Answer> run(const coordinator::ClientSession& session, std::shared_ptr<const cql::AccessStatement> statement,
                              std::vector<std::string>& warnings) override;

    Roles& roles() { return m_roles; }
    Permissions& permissions() { return m_permissions; }

    /// The role that these credentials are of. BadCredentials in Cassandra's words; a wrong password and an unknown
    /// role are told alike.
    runtime::Task<Result<void>> logIn(std::string name, std::string password);
    /// Makes the default superuser where there is no role yet. False: it is not known whether there are any, as the nodes
    /// that keep them are not there.
    runtime::Task<bool> makeDefaultSuperuser();

private:
    struct Statement;  // What one statement about access is run with.

    runtime::Task<Result<Performer>> performer(std::string name);
    runtime::Task<Result<std::string>> hashed(std::string password);
    runtime::Task<Result<RoleChange>> changeOf(const cql::syntax::RoleOptions& options);
    /// Where ACCESS TO DATACENTERS lets the role in; empty: everywhere.
    runtime::Task<Result<std::set<std::string>>> allowedDatacenters(std::string role);
    runtime::Task<Result<void>> checkDatacenter(const Performer& performer);
    /// "ALL", "n/a" for those that cannot log in, or names.
    runtime::Task<Result<std::string>> datacentersOf(const Role& role, bool isSuper);
    Result<void> checkDatacenters(const std::optional<cql::syntax::RoleAccess>& access) const;

    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::CreateRoleStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::AlterRoleStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::DropRoleStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::GrantRoleStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::RevokeRoleStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::ListRolesStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::ListUsersStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::AddIdentityStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::DropIdentityStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::GrantPermissionsStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::RevokePermissionsStatement& statement);
    runtime::Task<Answer> runOne(const Statement& context, const cql::syntax::ListPermissionsStatement& statement);

    /// What the statement means, whether it exists or not.
    Result<cql::Resource> resourceOf(const Statement& context, const cql::syntax::Resource& resource) const;
    bool exists(const cql::Resource& resource) const;
    /// The same, of roles too.
    runtime::Task<Result<bool>> isKnown(cql::Resource resource);
    runtime::Task<Result<void>> checkThere(cql::Resource resource);
    runtime::Task<Answer> manage(const Statement& context, const cql::syntax::Resource& resource,
                                 const std::vector<cql::Permission>& permissions, const std::string& role, bool grants);
    /// What GRANT and REVOKE check before they do it.
    runtime::Task<Result<cql::Resource>> checkManaged(const Statement& context, const cql::syntax::Resource& resource,
                                                      const std::vector<cql::Permission>& permissions, const std::string& role);
    runtime::Task<Result<void>> checkMembership(const Statement& context, const std::string& role, const std::string& member);
    /// Whether `role` is `member` itself or granted to it, by whatever way when `recursive`.
    runtime::Task<Result<bool>> holds(std::string member, std::string role, bool recursive);
    /// Roles that LIST ROLES and LIST USERS may show: those of `of`, or all.
    runtime::Task<Result<std::vector<Role>>> shown(const Statement& context, std::optional<std::string> of, bool recursive);
    runtime::Task<Result<void>> setAccess(std::string role, const cql::syntax::RoleOptions& options, bool created);

    const coordinator::ClusterView& m_view;
    AccessOptions m_options;
    AuthTables m_tables;
    Roles m_roles;
    Permissions m_permissions;
};

}  // namespace engine::access
