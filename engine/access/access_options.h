#pragma once

#include <chrono>
#include <string>

#include "engine/runtime/clock.h"

namespace engine::access {

/// cassandra.yaml's settings of who may log in and do what.
struct AccessOptions {
    bool passwords = false;    // authenticator: PasswordAuthenticator instead of AllowAllAuthenticator
    bool permissions = false;  // authorizer: CassandraAuthorizer instead of AllowAllAuthorizer
    bool datacenters = false;  // network_authorizer: CassandraNetworkAuthorizer instead of AllowAllNetworkAuthorizer
    /// For how long what was read of system_auth is taken for true.
    runtime::Duration rolesValidity = std::chrono::seconds(2);        // roles_validity
    runtime::Duration permissionsValidity = std::chrono::seconds(2);  // permissions_validity
    runtime::Duration credentialsValidity = std::chrono::seconds(2);  // credentials_validity
    std::string datacenter = "datacenter1";                           // The node's own.
};

/// The role that every installation has until somebody drops it, and its password.
inline constexpr const char* kDefaultSuperuser = "cassandra";

}  // namespace engine::access
