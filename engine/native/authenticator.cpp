#include "engine/native/authenticator.h"

namespace engine::native {

Result<PlainCredentials> decodePlain(BytesView token) {
    // From the end, as Cassandra does: whatever stands before the user is the authorisation id, which is not used.
    const std::size_t second = token.rfind('\0');
    if (second == BytesView::npos || second + 1 == token.size()) {
        return makeError(ErrorKind::BadCredentials, "Password must not be null");
    }
    const std::size_t first = second == 0 ? BytesView::npos : token.rfind('\0', second - 1);
    const std::size_t from = first == BytesView::npos ? 0 : first + 1;
    if (first == BytesView::npos || from == second) {
        return makeError(ErrorKind::BadCredentials, "Authentication ID must not be null");
    }
    return PlainCredentials{std::string(token.substr(from, second - from)), std::string(token.substr(second + 1))};
}

}  // namespace engine::native
