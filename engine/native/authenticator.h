#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/runtime/task.h"

namespace engine::native {

/// One client's way through SASL, which may take several turns.
class SaslNegotiator {
public:
    virtual ~SaslNegotiator() = default;

    /// What the client's token means: an answer for it to go on with. BadCredentials ends the attempt, not the
    /// connection, in Cassandra's words.
    virtual runtime::Task<Result<Bytes>> evaluate(Bytes token) = 0;
    /// After evaluate(): whether the client is known, and as whom.
    virtual bool complete() const = 0;
    virtual const std::string& user() const = 0;
};

/// Who may connect (auth/IAuthenticator). A server without one is Cassandra's AllowAllAuthenticator. On the node's thread;
/// outlives the server.
class Authenticator {
public:
    virtual ~Authenticator() = default;

    /// The class that AUTHENTICATE names, by which drivers choose their side.
    virtual std::string className() const = 0;
    virtual std::unique_ptr<SaslNegotiator> negotiate(const std::string& clientAddress) = 0;
};

struct PlainCredentials {
    std::string user;
    std::string password;
};

/// A PLAIN token: [authorisation id] NUL user NUL password (RFC 4616; PasswordAuthenticator.decodeCredentials).
/// BadCredentials when either is missing.
Result<PlainCredentials> decodePlain(BytesView token);

}  // namespace engine::native
