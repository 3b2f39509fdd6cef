#include <fmt/format.h>

#include <bit>

#include "engine/cql/errors.h"
#include "engine/cql/schema_statements/table_options.h"

namespace engine::cql {
namespace {

constexpr std::string_view kCompressorPackage = "org.apache.cassandra.io.compress.";

const std::map<std::string, std::set<std::string>> kCompressors{
    {"LZ4Compressor", {"lz4_compressor_type", "lz4_high_compressor_level"}},
    {"SnappyCompressor", {}},
    {"DeflateCompressor", {}},
    {"NoopCompressor", {}},
    {"ZstdCompressor", {"compression_level"}}};

Result<std::string> readChunkLength(const OptionMap& options) {
    const auto it = options.find("chunk_length_in_kb");
    if (it == options.end()) {
        return std::string("16");
    }
    const auto length = parseInteger(it->second);
    if (!length) {
        return configError("Invalid value for chunk_length_in_kb");
    }
    if (*length > std::numeric_limits<std::int32_t>::max() / 1024) {
        return configError(fmt::format("Value of chunk_length_in_kb is too large ({})", *length));
    }
    if (*length <= 0) {
        return configError("Invalid negative or null chunk_length_in_kb");
    }
    if (!std::has_single_bit(static_cast<std::uint32_t>(*length))) {
        return configError("chunk_length_in_kb must be a power of 2");
    }
    return std::to_string(*length);
}

Result<void> checkLz4(const OptionMap& options) {
    if (const auto it = options.find("lz4_compressor_type"); it != options.end()) {
        if (it->second != "fast" && it->second != "high") {
            return configError(fmt::format("Invalid compressor type '{}' specified for LZ4 parameter "
                                           "'lz4_compressor_type'. Valid options are [high, fast].",
                                           it->second));
        }
    }
    if (const auto it = options.find("lz4_high_compressor_level"); it != options.end()) {
        const auto level = parseInteger(it->second);
        if (!level || *level < 1 || *level > 17) {
            return configError(fmt::format("Invalid value [{}] for parameter 'lz4_high_compressor_level'. "
                                           "Value must be between 1 and 17.",
                                           it->second));
        }
    }
    return ok();
}

Result<void> checkZstd(const OptionMap& options) {
    const auto it = options.find("compression_level");
    if (it == options.end()) {
        return ok();
    }
    const auto level = parseInteger(it->second);
    if (!level) {
        return configError(fmt::format("ZstdCompressor.create() threw an error: "
                                       "java.lang.NumberFormatException For input string: \"{}\"",
                                       it->second));
    }
    if (*level < -131072 || *level > 22) {
        return configError(fmt::format("ZstdCompressor.create() threw an error: "
                                       "java.lang.IllegalArgumentException compression_level={} is invalid",
                                       *level));
    }
    return ok();
}

Result<std::optional<std::string>> readRatio(const OptionMap& options) {
    const auto it = options.find("min_compress_ratio");
    if (it == options.end()) {
        return std::optional<std::string>();
    }
    const auto ratio = parseReal(it->second);
    if (!ratio) {
        return makeError(ErrorKind::Server, fmt::format("java.lang.NumberFormatException: For input "
                                                        "string: \"{}\"",
                                                        it->second));
    }
    if (*ratio < 0) {
        return configError("Invalid negative min_compress_ratio");
    }
    if (*ratio > 0 && *ratio < 1) {
        return configError("min_compress_ratio can either be 0 or greater than or equal to 1");
    }
    return *ratio == 0 ? std::optional<std::string>() : std::optional(realText(*ratio));
}

}  // namespace

Result<OptionMap> readCompression(OptionMap options) {
    const OptionMap off{{"enabled", "false"}};
    if (options.empty()) {
        return off;
    }
    if (const auto it = options.find("enabled"); it != options.end()) {
        const bool enabled = lowerCase(it->second) == "true";
        options.erase(it);
        if (!enabled) {
            if (!options.empty()) {
                return configError(
                    "If the 'enabled' option is set to false no other options must be specified");
            }
            return off;
        }
    }
    const auto written = options.find("class");
    if (written == options.end()) {
        return configError("Missing sub-option 'class' for the 'compression' option.");
    }
    if (written->second.empty()) {
        return configError(
            "The 'class' option must not be empty. To disable compression use 'enabled' : false");
    }
    const std::string full = written->second.find('.') == std::string::npos
                                 ? std::string(kCompressorPackage) + written->second
                                 : written->second;
    const std::string name = full.starts_with(kCompressorPackage) ? full.substr(kCompressorPackage.size()) : full;
    options.erase(written);
    TRY_ASSIGN(const std::string chunk, readChunkLength(options));
    TRY_ASSIGN(const auto ratio, readRatio(options));
    options.erase("chunk_length_in_kb");
    options.erase("min_compress_ratio");
    const auto compressor = kCompressors.find(name);
    if (compressor == kCompressors.end()) {
        return configError(full.starts_with("org.apache.cassandra.db.marshal.")
                               ? "create method not found"
                               : "Could not create Compression for type " + full);
    }
    TRY(checkLz4(options));
    TRY(checkZstd(options));
    for (const auto& [option, value] : options) {
        if (!compressor->second.contains(option)) {
            return configError("Unknown compression options " + option);
        }
    }
    options["class"] = full;
    options["chunk_length_in_kb"] = chunk;
    if (ratio) {
        options["min_compress_ratio"] = *ratio;
    }
    return options;
}

}  // namespace engine::cql
