#pragma once

#include "engine/access/node_access.h"
#include "engine/native/authenticator.h"

namespace engine::access {

/// SASL PLAIN against the roles of system_auth (auth/PasswordAuthenticator). On the node's thread.
class PasswordAuthenticator : public native::Authenticator {
public:
    explicit PasswordAuthenticator(NodeAccess& access) : m_access(access) {}

    std::string className() const override { return "org.apache.cassandra.auth.PasswordAuthenticator"; }
    std::unique_ptr<native::SaslNegotiator> negotiate(const std::string& clientAddress) override;

private:
    NodeAccess& m_access;
};

}  // namespace engine::access
