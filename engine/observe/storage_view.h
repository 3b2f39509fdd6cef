#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/observe/event.h"

namespace engine::observe {

struct SegmentView {
    CommitLogSegment info;
    std::int64_t discardedNanos = 0;  // 0: still there.
};

struct SstableView {
    SstableAdded info;
    std::int64_t addedNanos = 0;   // When it was first told.
    std::int64_t addedMicros = 0;  // By the teller's wall clock.
};

struct FlushView {
    FlushStarted started;
    FlushFinished finished;
    std::int64_t startedNanos = 0;   // 0: the start was not seen.
    std::int64_t finishedNanos = 0;  // 0: going on.
};

struct CompactionView {
    CompactionStarted started;
    CompactionProgress progress;
    CompactionFinished finished;
    std::int64_t startedNanos = 0;
    std::int64_t progressNanos = 0;
    std::int64_t finishedNanos = 0;  // 0: going on.
    std::uint64_t inputBytes() const;
    std::uint64_t readBytes() const;
    /// 0 to 1, by bytes read.
    double share() const;
};

/// One table on one node.
struct TableStorageView {
    TableStorage definition;
    std::uint64_t memtableBytes = 0;
    std::uint64_t memtableRows = 0;
    std::map<std::uint64_t, SstableView> sstables;  // By generation.
    std::map<std::uint64_t, SstableUnreadable> unreadable;  // Some of them are not among sstables.
    TableStatistics statistics;
    /// As they were a while ago, what "was" shows: the first of the last kStatisticsKeptNanos.
    std::deque<std::pair<std::int64_t, TableStatistics>> statisticsBefore;
    std::uint64_t bytes() const;  // Of the SSTables.
};

/// Files and memtables of one node. Tables are shared and copied on write, so that copying a state
/// costs little.
struct NodeStorageView {
    static constexpr std::size_t kFlushesMax = 200;
    static constexpr std::size_t kCompactionsMax = 100;
    static constexpr std::size_t kDiscardedMax = 2;
    static constexpr std::int64_t kStatisticsKeptNanos = 60'000'000'000;

    bool told = false;  // A StorageSnapshot came.
    StorageSnapshot limits;
    std::map<std::uint64_t, SegmentView> segments;  // The newest discarded ones too.
    std::map<std::string, std::shared_ptr<const TableStorageView>> tables;  // "library.books"
    std::deque<FlushView> flushes;  // Oldest first.
    std::deque<CompactionView> compactions;  // Oldest first.

    const TableStorageView* table(const std::string& qualifiedName) const;
};

/// The part of fold() that is about `storage`, which belongs to the event's teller.
void foldStorage(NodeStorageView& storage, const Event& event);

}  // namespace engine::observe
