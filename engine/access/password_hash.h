#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace engine::access {

/// Bits that make a bcrypt salt.
inline constexpr std::size_t kSaltBytes = 16;

/// bcrypt with 2^10 rounds, Cassandra's default: tens of milliseconds of one core, so never on a node's thread.
/// `salt` holds kSaltBytes random bytes. Error Server when the system's crypt does not know bcrypt.
Result<std::string> hashPassword(const std::string& password, const std::string& salt);
/// Whether the hash is one of this password. False for what is no hash.
bool isPasswordOf(const std::string& password, const std::string& hash);
/// Whether it has the shape of a bcrypt hash: "$2a$10$" and 53 more.
bool isPasswordHash(const std::string& text);

}  // namespace engine::access
