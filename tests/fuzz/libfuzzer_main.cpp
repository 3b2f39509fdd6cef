#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz_entry.h"

/// The program that libFuzzer drives; FUZZ_ENTRY names what it fuzzes. With FUZZ_SEEDS=FOLDER in the
/// environment it writes the entry's well-formed inputs and its corpus there first, to be begun with.
namespace {

const fuzz::Entry& entry() {
    static const fuzz::Entry& found = *fuzz::findEntry(FUZZ_ENTRY);
    return found;
}

void writeSeeds(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    int number = 0;
    for (const auto& inputs : {entry().seeds(), fuzz::corpusOf(entry())}) {
        for (const engine::Bytes& input : inputs) {
            std::ofstream(folder / ("seed-" + std::to_string(++number)), std::ios::binary) << input;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    if (const char* folder = std::getenv("FUZZ_SEEDS")) {
        writeSeeds(folder);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    entry().run(engine::BytesView(reinterpret_cast<const char*>(data), size));
    return 0;
}
