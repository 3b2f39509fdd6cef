#include "engine/storage/compaction/size_tiered.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::storage::compaction {

namespace {

double hotnessOf(const FileView& file) {
    return file.readsPerSecond / static_cast<double>(std::max<std::uint64_t>(file.partitions, 1));
}

double averageOf(const Bucket& bucket) {
    return bucket.empty() ? 0
                          : static_cast<double>(totalBytes(bucket)) /
                                static_cast<double>(bucket.size());
}

}  // namespace

std::vector<Bucket> sizeBuckets(const std::vector<FileView>& files,
                                const CompactionOptions& options) {
    std::vector<FileView> sorted = files;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const FileView& a, const FileView& b) { return a.bytes < b.bytes; });
    std::vector<Bucket> out;
    const auto smallest = static_cast<double>(options.minSstableBytes);
    for (const FileView& file : sorted) {
        const auto size = static_cast<double>(file.bytes);
        const auto fits = std::find_if(out.begin(), out.end(), [&](const Bucket& bucket) {
            const double average = averageOf(bucket);
            return (size > average * options.bucketLow && size < average * options.bucketHigh) ||
                   (size < smallest && average < smallest);
        });
        if (fits != out.end()) {
            fits->push_back(file);
        } else {
            out.push_back({file});
        }
    }
    return out;
}

Bucket mostInteresting(const std::vector<Bucket>& buckets, std::uint32_t minThreshold,
                       std::uint32_t maxThreshold) {
    Bucket best;
    double bestHotness = 0;
    for (const Bucket& bucket : buckets) {
        Bucket cut = bucket;
        std::stable_sort(cut.begin(), cut.end(), [](const FileView& a, const FileView& b) {
            return hotnessOf(a) > hotnessOf(b);
        });
        cut.resize(std::min<std::size_t>(cut.size(), maxThreshold));
        if (cut.size() < minThreshold || cut.empty()) {
            continue;
        }
        double hotness = 0;
        for (const FileView& file : cut) {
            hotness += hotnessOf(file);
        }
        // Of equally read ones that with the smallest files.
        if (best.empty() || hotness > bestHotness ||
            (hotness == bestHotness && averageOf(cut) < averageOf(best))) {
            best = std::move(cut);
            bestHotness = hotness;
        }
    }
    return best;
}

std::vector<CompactionCandidateInfo> describeBuckets(const std::vector<Bucket>& buckets,
                                                     std::uint32_t minThreshold,
                                                     const Bucket& chosen) {
    std::vector<CompactionCandidateInfo> out;
    for (const Bucket& bucket : buckets) {
        const bool isChosen =
            !chosen.empty() &&
            std::any_of(bucket.begin(), bucket.end(), [&](const FileView& file) {
                return file.generation == chosen.front().generation;
            });
        out.push_back({"about " + sizeText(averageOf(bucket)),
                       static_cast<std::uint32_t>(bucket.size()), totalBytes(bucket),
                       static_cast<double>(bucket.size()) /
                           std::max<double>(minThreshold, 1),
                       isChosen});
    }
    return out;
}

std::optional<Decision> SizeTiered::next(const TableView& view) {
    const std::vector<Bucket> buckets = sizeBuckets(view.idle(), m_options);
    const Bucket chosen =
        mostInteresting(buckets, m_options.minThreshold, m_options.maxThreshold);
    if (!chosen.empty()) {
        Decision out;
        out.inputs = generationsOf(chosen);
        out.group = "about " + sizeText(averageOf(chosen));
        out.why = fmt::format("{} SSTables of {}, min_threshold is {}", chosen.size(), out.group,
                              m_options.minThreshold);
        out.candidates = describeBuckets(buckets, m_options.minThreshold, chosen);
        return out;
    }
    std::vector<FileView> worth = view.idle();
    std::erase_if(worth, [&](const FileView& file) {
        return !isWorthDroppingTombstones(m_options, view, file);
    });
    if (worth.empty()) {
        return std::nullopt;
    }
    return tombstoneDecision(m_options,
                             *std::max_element(worth.begin(), worth.end(),
                                               [](const FileView& a, const FileView& b) {
                                                   return a.bytes < b.bytes;
                                               }));
}

std::uint32_t SizeTiered::pending(const TableView& view) const {
    std::uint32_t out = 0;
    for (const Bucket& bucket : sizeBuckets(view.idle(), m_options)) {
        if (bucket.size() >= m_options.minThreshold) {
            out += static_cast<std::uint32_t>((bucket.size() + m_options.maxThreshold - 1) /
                                              m_options.maxThreshold);
        }
    }
    return out;
}

}  // namespace engine::storage::compaction
