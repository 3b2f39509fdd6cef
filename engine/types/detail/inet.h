#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace engine::types::detail {

/// The 4 or 16 bytes of an address text as Java's InetAddress.getByName reads literals: IPv4 of one
/// to four parts, IPv6 with or without brackets, IPv4-mapped IPv6 as IPv4, and `localhost`. Names
/// are not looked up.
std::optional<Bytes> parseAddress(std::string_view text);

/// As InetAddress.getHostAddress: IPv6 without `::`, mapped addresses as IPv4. Empty for bytes that
/// are no address.
std::string addressText(BytesView bytes);

}  // namespace engine::types::detail
