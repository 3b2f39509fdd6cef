#include "engine/access/password_hash.h"

#include <QtTest>

using namespace engine::access;

namespace {

/// What jBcrypt made of "password" with 2^10 rounds, as Cassandra stores it.
constexpr const char* kByCassandra = "$2a$10$JSJEMFm6GeaW9XxT5JIheuEtPvat6i7uKbnTcxX3c1wshIIsGyUtG";

}  // namespace

/// ERR-84: passwords are kept as bcrypt hashes that Cassandra's own library would accept.
class PasswordHashTest : public QObject {
    Q_OBJECT
private slots:
    void aHashIsOfItsPasswordAlone() {
        const auto hash = hashPassword("right", std::string(kSaltBytes, 's'));
        QVERIFY(hash.has_value());
        QVERIFY(isPasswordHash(hash.value()));
        QVERIFY(hash.value().starts_with("$2a$10$"));
        QVERIFY(isPasswordOf("right", hash.value()));
        QVERIFY(!isPasswordOf("wrong", hash.value()));
        QVERIFY(!isPasswordOf("", hash.value()));
    }

    void theSameSaltGivesTheSameHash() {
        const std::string salt(kSaltBytes, 'x');
        QCOMPARE(hashPassword("a", salt).value(), hashPassword("a", salt).value());
        QVERIFY(hashPassword("a", salt).value() != hashPassword("a", std::string(kSaltBytes, 'y')).value());
    }

    void whatIsNoHashIsOfNoPassword() {
        QVERIFY(isPasswordHash(kByCassandra));
        QVERIFY(!isPasswordHash(""));
        QVERIFY(!isPasswordHash("x"));
        QVERIFY(!isPasswordHash(std::string(60, 'a')));
        QVERIFY(!isPasswordOf("", ""));
    }
};

QTEST_GUILESS_MAIN(PasswordHashTest)
#include "password_hash_test.moc"
