#pragma once

#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/observe/event.h"

/// Events in a file, to be looked at later or elsewhere: a head, then what an event stream carries.
/// Layout in docs/formats.md, "Recordings".
namespace engine::observe {

inline constexpr std::uint32_t kRecordingVersion = 2;

void writeRecordingHead(ByteWriter& out);
void writeRecorded(ByteWriter& out, const Event& event);

struct Recording {
    std::vector<Event> events;
    bool cutOff = false;  // The last event is not whole: whoever wrote was ended.
};
/// Corrupt names the offset of what cannot be read.
Result<Recording> readRecording(BytesView bytes);

}  // namespace engine::observe
