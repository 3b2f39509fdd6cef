#pragma once

#include <string>

#include "engine/admin/admin_client.h"
#include "engine/base/result.h"
#include "engine/runtime/clock.h"

namespace engine::admin {

/// Slow motion: a node's clock runs so many times slower than the wall, so that its timeouts last longer, and
/// every message to it is under way for its real transit times the factor (messaging).
inline constexpr double kPaceMax = 5000;

/// The node's side of `pace`: changes it when params hold a factor; gives the factor that holds then.
Result<std::string> changePace(runtime::Clock& clock, const std::string& params);

// The other side of it: calls that block the calling thread.
Result<double> paceOf(const AdminAddress& at, int timeoutMillis);
Result<void> setPace(const AdminAddress& at, double factor);

}  // namespace engine::admin
