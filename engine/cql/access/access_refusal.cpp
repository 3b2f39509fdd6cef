#include "engine/cql/access/access_refusal.h"

#include <fmt/format.h>

#include <optional>

namespace engine::cql {

namespace {

/// The role that every installation has, and has superuser status.
constexpr std::string_view kDefaultSuperuser = "cassandra";

Error unauthorized(std::string_view message) { return makeError(ErrorKind::Unauthorized, std::string(message)); }

std::optional<Error> unsupported(std::string_view option) {
    return makeError(ErrorKind::Invalid,
                     fmt::format("org.apache.cassandra.auth.CassandraRoleManager doesn't support {}", option));
}

/// RoleOptions.validate: without PasswordAuthenticator only LOGIN and SUPERUSER are supported.
std::optional<Error> refusalOf(const syntax::RoleOptions& options) {
    if (options.password) {
        return unsupported("PASSWORD");
    }
    if (options.hashedPassword) {
        return unsupported("HASHED_PASSWORD");
    }
    if (options.options) {
        return unsupported("OPTIONS");
    }
    return std::nullopt;
}

struct Refusal {
    std::optional<Error> operator()(const syntax::CreateRoleStatement& create) const {
        if (create.options.superuser.value_or(false)) {
            return unauthorized("Only superusers can create a role with superuser status");
        }
        return refusalOf(create.options);
    }
    std::optional<Error> operator()(const syntax::AlterRoleStatement& alter) const { return refusalOf(alter.options); }
    std::optional<Error> operator()(const syntax::DropRoleStatement& drop) const {
        if (drop.role.text == kDefaultSuperuser) {
            return unauthorized("Only superusers can drop a role with superuser status");
        }
        return std::nullopt;
    }
    template <typename Other>
    std::optional<Error> operator()(const Other&) const {
        return std::nullopt;
    }
};

template <typename T>
inline constexpr bool kIsAccess =
    std::is_same_v<T, syntax::CreateRoleStatement> || std::is_same_v<T, syntax::AlterRoleStatement> || std::is_same_v<T, syntax::DropRoleStatement> ||
    std::is_same_v<T, syntax::ListRolesStatement> || std::is_same_v<T, syntax::ListUsersStatement> || std::is_same_v<T, syntax::GrantRoleStatement> ||
    std::is_same_v<T, syntax::RevokeRoleStatement> || std::is_same_v<T, syntax::AddIdentityStatement> ||
    std::is_same_v<T, syntax::DropIdentityStatement> || std::is_same_v<T, syntax::GrantPermissionsStatement> ||
    std::is_same_v<T, syntax::RevokePermissionsStatement> || std::is_same_v<T, syntax::ListPermissionsStatement>;

}  // namespace

bool isAboutAccess(const syntax::Statement& statement) {
    return std::visit([](const auto& one) { return kIsAccess<std::decay_t<decltype(one)>>; }, statement);
}

Error refusalOfAnonymous(const syntax::Statement& statement) {
    auto refusal = std::visit(Refusal(), statement);
    return refusal ? *refusal : unauthorized("You have to be logged in and not anonymous to perform this request");
}

}  // namespace engine::cql
