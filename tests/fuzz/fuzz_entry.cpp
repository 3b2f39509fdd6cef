#include "fuzz_entry.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "engine/base/ensure.h"
#include "engine/base/text.h"

namespace fuzz {

const std::vector<Entry>& allEntries() {
    static const std::vector<Entry> entries{kCommitLogSegment, kCqlParser, kEventCodec,
                                            kInternodeFrame,   kLabYaml,   kNativeEnvelope, kSstableComponents,
                                            kStartUpFiles};
    return entries;
}

std::vector<engine::Bytes> corpusOf(const Entry& entry) {
    std::vector<engine::Bytes> out;
    std::ifstream file(std::string(CORPUS "/").append(entry.name).append(".hex"));
    for (std::string line; std::getline(file, line);) {
        auto bytes = engine::fromHex(line);
        ENSURE(bytes.has_value());
        out.push_back(std::move(*bytes));
    }
    return out;
}

const Entry* findEntry(std::string_view name) {
    const std::vector<Entry>& entries = allEntries();
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

}  // namespace fuzz
