#pragma once

#include <string_view>
#include <vector>

#include "engine/base/bytes.h"

/// Decoders of what comes from outside, each as one function of bytes. The same functions are driven
/// by libFuzzer (libfuzzer_main.cpp) and by seeded mutations in CTest (mutations_test.cpp).
namespace fuzz {

struct Entry {
    std::string_view name;
    /// Anything may be given; it must come back, having read and kept nothing out of bounds.
    void (*run)(engine::BytesView input);
    /// Well-formed inputs to begin with.
    std::vector<engine::Bytes> (*seeds)();
    /// How many mutations take about a second.
    int mutations;
};

extern const Entry kCommitLogSegment;
extern const Entry kCqlParser;
extern const Entry kEventCodec;
extern const Entry kInternodeFrame;
extern const Entry kLabYaml;
extern const Entry kNativeEnvelope;
extern const Entry kSstableComponents;
extern const Entry kStartUpFiles;

const std::vector<Entry>& allEntries();
/// Inputs that libFuzzer kept since each of them reaches other code: corpus/NAME.hex, one a line.
std::vector<engine::Bytes> corpusOf(const Entry& entry);
/// Null when there is none of that name.
const Entry* findEntry(std::string_view name);

}  // namespace fuzz
