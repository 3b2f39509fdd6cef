#include "engine/access/password_authenticator.h"

namespace engine::access {

namespace {

class Negotiator : public native::SaslNegotiator {
public:
    explicit Negotiator(NodeAccess& access) : m_access(access) {}

    runtime::Task<Result<Bytes>> evaluate(Bytes token) override {
        CO_TRY_ASSIGN(native::PlainCredentials credentials, native::decodePlain(token));
        std::string user = credentials.user;
        Result<void> known = co_await m_access.logIn(std::move(credentials.user), std::move(credentials.password));
        if (!known) {
            co_return known.error();
        }
        m_user = std::move(user);
        co_return Bytes();
    }
    bool complete() const override { return !m_user.empty(); }
    const std::string& user() const override { return m_user; }

private:
    NodeAccess& m_access;
    std::string m_user;
};

}  // namespace

std::unique_ptr<native::SaslNegotiator> PasswordAuthenticator::negotiate(const std::string&) {
    return std::make_unique<Negotiator>(m_access);
}

}  // namespace engine::access
