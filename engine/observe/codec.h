#pragma once

#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/observe/event.h"

namespace engine::observe {

/// One event as it travels and lies in recordings: type index, header, then the fields in the order
/// of fields(). A stream is a sequence of [u32 length][event].
Bytes encode(const Event& event);
/// Corrupt names the type and the offset.
Result<Event> decode(BytesView bytes);

/// One line of JSON: {"node":…,"nanos":…,"event":"AckCounted", fields…}.
std::string toJson(const Event& event);
/// One line for people, without braces: "n AckCounted replica=127.0.0.2:7000 order=1 counted=true".
std::string toText(const Event& event);

}  // namespace engine::observe
