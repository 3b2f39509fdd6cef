#include "engine/access/password_hash.h"

#include <crypt.h>

#include <algorithm>
#include <memory>

namespace engine::access {

namespace {

constexpr const char* kPrefix = "$2a$";
constexpr unsigned long kLogRounds = 10;
constexpr std::size_t kHashLength = 60;
constexpr std::size_t kSettingLength = 7;  // "$2a$10$"

}  // namespace

Result<std::string> hashPassword(const std::string& password, const std::string& salt) {
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (crypt_gensalt_rn(kPrefix, kLogRounds, salt.data(), static_cast<int>(salt.size()), setting, sizeof setting) == nullptr) {
        return makeError(ErrorKind::Server, "the system's crypt(3) does not know bcrypt");
    }
    const auto data = std::make_unique<crypt_data>();
    const char* hash = crypt_r(password.c_str(), setting, data.get());
    if (hash == nullptr || !isPasswordHash(hash)) {
        return makeError(ErrorKind::Server, "the system's crypt(3) does not know bcrypt");
    }
    return std::string(hash);
}

bool isPasswordOf(const std::string& password, const std::string& hash) {
    if (!isPasswordHash(hash)) {
        return false;
    }
    const auto data = std::make_unique<crypt_data>();
    const char* made = crypt_r(password.c_str(), hash.c_str(), data.get());
    return made != nullptr && hash == made;
}

bool isPasswordHash(const std::string& text) {
    const auto isSalt = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '/';
    };
    return text.size() == kHashLength && text.starts_with("$2") && text[3] == '$' && text[6] == '$' &&
           std::all_of(text.begin() + kSettingLength, text.end(), isSalt);
}

}  // namespace engine::access
