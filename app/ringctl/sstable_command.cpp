#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ostream>

#include "app/ringctl/commands.h"
#include "engine/runtime/posix_file_system.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "engine/storage/lifecycle/scrub_sstable.h"

namespace app::ringctl {

namespace {

using engine::Result;
namespace inspect = engine::storage::inspect;
using engine::storage::SstableDescriptor;

constexpr std::string_view kSstableForm =
    "sstable dump FILE [-t] [-l] [-e] [-k KEY ...] [-x KEY ...] | metadata FILE [--gc-grace SECONDS]\n"
    "       | verify FILE [--quick] | xray FILE KEY | scrub FILE";
constexpr int kGcGraceMax = 2'000'000'000;

template <typename Unit>
std::int64_t now() {
    return std::chrono::duration_cast<Unit>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::int64_t nowSeconds() { return now<std::chrono::seconds>(); }

/// Any component of an SSTable names it.
Result<SstableDescriptor> descriptorOf(const std::string& path) {
    if (const auto component = engine::storage::parseComponentPath(path)) {
        return component->sstable;
    }
    if (const auto version = engine::storage::otherVersionOf(path)) {
        return engine::invalid(fmt::format("{} is of version {}; Ringside reads nb, which Cassandra 4.0 to 5.0 write by default", path, *version));
    }
    return engine::invalid(path + " is no component of an SSTable: expected a name as nb-1-big-Data.db");
}

class Tool {
public:
    Tool(const Context& context, const CommandLine& line) : m_context(context), m_line(line) {}

    ExitCode run() {
        const Words& words = m_line.words();
        if (words.size() < 2 || words.size() != (words[0] == "xray" ? 3u : 2u)) {
            return usage(m_context, kSstableForm);
        }
        const auto descriptor = descriptorOf(words[1]);
        if (!descriptor) {
            return failed(m_context, descriptor.error().message);
        }
        if (words[0] == "dump") {
            return dump(descriptor.value());
        }
        if (words[0] == "metadata") {
            return metadata(descriptor.value());
        }
        if (words[0] == "verify") {
            return verify(descriptor.value());
        }
        if (words[0] == "scrub") {
            return scrub(descriptor.value());
        }
        return words[0] == "xray" ? xray(descriptor.value(), words[2]) : usage(m_context, kSstableForm);
    }

private:
    ExitCode dump(const SstableDescriptor& descriptor) {
        inspect::DumpOptions options;
        options.rawTimestamps = m_line.has("-t");
        options.lines = m_line.has("-l");
        options.keysOnly = m_line.has("-e");
        options.keys = m_line.values("-k");
        options.without = m_line.values("-x");
        options.nowSeconds = nowSeconds();
        const auto done = inspect::dump(m_files, descriptor, options, [this](std::string_view text) { m_context.out << text; });
        return done ? ExitCode::Ok : failed(m_context, done.error().message);
    }

    ExitCode metadata(const SstableDescriptor& descriptor) {
        const auto gcGrace = m_line.number("--gc-grace", 0, 0, kGcGraceMax);
        if (!gcGrace) {
            return failed(m_context, gcGrace.error().message);
        }
        const auto text = inspect::metadataText(m_files, descriptor, {gcGrace.value(), nowSeconds()});
        if (!text) {
            return failed(m_context, text.error().message);
        }
        m_context.out << text.value();
        return ExitCode::Ok;
    }

    ExitCode verify(const SstableDescriptor& descriptor) {
        const inspect::VerifyReport report = inspect::verify(m_files, descriptor, !m_line.has("--quick"));
        for (const inspect::Finding& finding : report.findings) {
            m_context.out << fmt::format("{}{}: {}\n", descriptor.pathOf(finding.component),
                                         finding.offset ? fmt::format(" at byte {}", *finding.offset) : "", finding.what);
        }
        m_context.out << fmt::format("{}: {} partitions, {} rows, {} bytes read: {}\n", descriptor.nameOf(engine::storage::Component::Data),
                                     report.partitions, report.rows, report.bytesRead,
                                     report.isGood() ? "good" : fmt::format("{} found", report.findings.size()));
        return report.isGood() ? ExitCode::Ok : ExitCode::Failed;
    }

    ExitCode scrub(const SstableDescriptor& descriptor) {
        using engine::storage::Component;
        const std::int64_t micros = now<std::chrono::microseconds>();
        const engine::Uuid id = engine::Uuid::timeBased(micros * 10, static_cast<std::uint64_t>(micros));
        const auto done = engine::storage::scrubSstable(m_files, descriptor, id, micros / 1000);
        if (!done) {
            return failed(m_context, done.error().message);
        }
        const engine::storage::ScrubReport& report = done.value();
        if (!report.indexProblem.empty()) {
            m_context.out << report.indexProblem << '\n';
        }
        for (const engine::storage::ScrubLoss& loss : report.losses) {
            m_context.out << fmt::format("partition{} at byte {} of the data: {}; {} rows of it are kept\n",
                                         loss.key.empty() ? "" : " " + loss.key, loss.offset, loss.why, loss.rowsKept);
        }
        const std::string from = descriptor.nameOf(Component::Data);
        m_context.out << (report.written ? fmt::format("{}: {} partitions, {} rows are in {}; ", from, report.partitions, report.rows,
                                                       report.written->nameOf(Component::Data))
                                         : fmt::format("{}: nothing in it can be read; ", from))
                      << fmt::format("lost: {} partitions, {} rows\n", report.partitionsLost, report.rowsLost)
                      << fmt::format("the old file is in {}\n", report.snapshotFolder);
        return ExitCode::Ok;
    }

    ExitCode xray(const SstableDescriptor& descriptor, const std::string& key) {
        auto statistics = engine::runtime::readFile(m_files, descriptor.pathOf(engine::storage::Component::Statistics));
        if (!statistics) {
            return failed(m_context, statistics.error().message);
        }
        const auto read = engine::storage::readStatistics(statistics.value(), descriptor.pathOf(engine::storage::Component::Statistics));
        if (!read) {
            return failed(m_context, read.error().message);
        }
        const auto parsed = inspect::parseKey(read.value().header, key);
        if (!parsed) {
            return failed(m_context, parsed.error().message);
        }
        const auto found = inspect::xray(m_files, descriptor, parsed.value());
        if (!found) {
            return failed(m_context, found.error().message);
        }
        print(found.value());
        return ExitCode::Ok;
    }

    void print(const inspect::Xray& xray) {
        auto& out = m_context.out;
        out << fmt::format("key {}, token {}\n", xray.keyText, xray.key.token);
        std::string bits;
        for (const inspect::XrayBit& bit : xray.bloomBits) {
            bits += fmt::format(" {}{}", bit.bit, bit.isSet ? "" : " (not set)");
        }
        out << fmt::format("1. bloom filter: bits{}: {}\n", bits, xray.bloomSaysMaybe ? "all set, it may be here" : "one is not set, so it is certainly not here");
        if (!xray.bloomSaysMaybe) {
            return;
        }
        out << fmt::format("2. summary: {}\n", xray.summaryEntry ? fmt::format("entry {} is the last one at or before the key", *xray.summaryEntry) : "the key is before the first entry");
        out << fmt::format("3. index: read from byte {}, {} entries passed: {}\n", xray.indexScanFrom, xray.indexEntriesPassed,
                           xray.isFound ? fmt::format("the partition is {} bytes at byte {} of the data", xray.dataLength, xray.dataOffset) : "the key is not there, a false hit of the filter");
        for (const inspect::XrayChunk& chunk : xray.chunks) {
            out << fmt::format("4. chunk {}: {} bytes at byte {} of the file are {} bytes at {} of the data\n", chunk.number, chunk.storedBytes,
                               chunk.fileOffset, chunk.uncompressedBytes, chunk.uncompressedOffset);
        }
        printRanges(xray);
    }

    void printRanges(const inspect::Xray& xray) {
        constexpr std::size_t kBytesShown = 12;
        const inspect::ByteRange* before = nullptr;
        for (const inspect::ByteRange& range : xray.ranges) {
            if (before == nullptr || before->component != range.component) {
                m_context.out << fmt::format("\n{}\n", engine::storage::toString(range.component));
            }
            before = &range;
            std::string hex = engine::toHex(engine::BytesView(range.bytes).substr(0, kBytesShown));
            if (range.length > kBytesShown) {
                hex += "…";
            }
            m_context.out << fmt::format("{:>10} {:>7}  {:<26} {:{}}{}{}{}\n", range.offset, range.length, hex, "", range.depth * 2, range.name,
                                         range.meaning.empty() ? "" : ": ", range.meaning);
        }
        if (xray.isCut) {
            m_context.out << "… more rows follow\n";
        }
    }

    const Context& m_context;
    const CommandLine& m_line;
    engine::runtime::PosixFileSystem m_files;
};

}  // namespace

ExitCode runSstable(const Context& context, const Words& words) {
    const auto line = CommandLine::parse(words, {"-t", "-l", "-e", "--quick"}, {"-k", "-x", "--gc-grace"});
    return line ? Tool(context, line.value()).run() : usage(context, kSstableForm);
}

}  // namespace app::ringctl
