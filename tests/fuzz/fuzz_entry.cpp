#include "fuzz_entry.h"

#include <algorithm>

namespace fuzz {

const std::vector<Entry>& allEntries() {
    static const std::vector<Entry> entries{kCommitLogSegment, kCqlParser, kEventCodec,
                                            kInternodeFrame,   kLabYaml,   kNativeEnvelope, kSstableComponents};
    return entries;
}

const Entry* findEntry(std::string_view name) {
    const std::vector<Entry>& entries = allEntries();
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

}  // namespace fuzz
