#pragma once

#include <QPainterPath>
#include <QRectF>

#include <vector>

#include "app/explorer/item.h"
#include "app/explorer/storage/storage_facts.h"

namespace app::explorer::storage {

/// The storage picture: a column a node, rows for commit log, memtable and files, and below it
/// flushes and compactions over time. Pure: the state and a size in, rectangles out.
struct StorageLayout {
    enum Kind { SegmentItem = 51, MemtableItem, FileItem, OutputItem, BarItem, FlushItem, TileItem, HeadItem };
    static constexpr std::int64_t kSpan = 180 * kSecond;  // Of the time line.

    struct Tile {
        QRectF rect;
        QString label;
        QString value;
        QString was;
        QString tip;
    };
    struct Column {
        QRectF rect;
        std::string node;
        int number = 0;
        QString summary;
        bool isWide = true;  // Labels fit.
        bool isTold = false;
        bool isReachable = true;
    };
    struct Label {
        double y = 0;
        QString title;
        QString note;
    };
    struct Segment {
        QRectF rect;
        std::size_t column = 0;
        std::uint64_t id = 0;
        std::uint64_t bytes = 0;
        double share = 0;
        std::string state;
        bool isNeeded = false;  // By the table shown.
        std::size_t olderHidden = 0;  // Before it there are that many more than fit.
        QStringList tables;
    };
    struct Memtable {
        QRectF rect;
        std::size_t column = 0;
        std::uint64_t bytes = 0;
        std::uint64_t rows = 0;
        std::uint64_t limit = 0;
        double share = 0;
        QString note;
    };
    struct File {
        QRectF rect;
        std::size_t column = 0;
        std::size_t group = 0;
        engine::observe::SstableAdded info;
        Shares shares;
        bool isTick = false;    // Shorter than it may be drawn.
        double read = -1;       // Share a compaction has read; below 0: no input.
        QString damage;         // Why it cannot be read; empty: it can.
        std::int64_t addedMicros = 0;
    };
    struct Slot {
        QRectF rect;
        QString text;
    };
    struct Output {
        QRectF estimate;
        QRectF written;
        std::size_t column = 0;
        engine::Uuid compaction;
        std::uint64_t generation = 0;
        std::uint64_t writtenBytes = 0;
        std::uint64_t estimatedBytes = 0;
        double share = 0;
        double bytesPerSecond = 0;
        bool isPaused = false;
        QString why;
        std::vector<QPainterPath> ribbons;
    };
    struct Note {
        QRectF rect;
        QStringList lines;
    };
    /// Too many files for blocks: how many there are of each size.
    struct Histogram {
        QRectF rect;
        std::vector<int> counts;
        std::size_t files = 0;
    };
    /// Where the files of a level lie on the token line, and where two of them do.
    struct TokenStrip {
        QRectF rect;
        std::vector<QRectF> ranges;
        std::vector<QRectF> overlaps;
    };
    struct Rule {
        double left = 0;
        double right = 0;
        double y = 0;
    };
    struct Lane {
        double y = 0;
        int number = 0;
        std::string node;
    };
    struct FlushMark {
        QPointF at;
        std::size_t lane = 0;
        engine::observe::FlushView flush;
    };
    struct Bar {
        QRectF rect;
        std::size_t lane = 0;
        QString label;
        bool isRunning = false;
        engine::observe::CompactionView compaction;
    };

    struct Input {
        const engine::observe::ClusterState* state = nullptr;
        const Nodes* nodes = nullptr;
        std::string table;
        std::string focusNode;
        bool onlyFocus = false;  // One node instead of all.
        std::int64_t now = 0;
        Measures was;
    };
    static StorageLayout compute(const Input& input, QSizeF size);

    bool isEmpty = false;  // No node told anything.
    double height = 0;     // What it takes.
    double pixelsPerByte = 0;
    Strategy strategy = Strategy::SizeTiered;
    std::vector<Tile> tiles;
    std::vector<Column> columns;
    std::vector<Label> labels;
    std::vector<Segment> segments;
    std::vector<Memtable> memtables;
    std::vector<File> files;
    std::vector<Slot> places;
    std::vector<Output> outputs;
    std::vector<Note> notes;
    std::vector<Histogram> histograms;
    std::vector<TokenStrip> strips;
    std::vector<Rule> rules;
    double legendY = 0;
    QRectF plot;
    std::vector<Lane> lanes;
    std::vector<FlushMark> flushes;
    std::vector<Bar> bars;
    std::vector<Item> items;

    /// What an item stands for; none for tiles, heads and marks of the past.
    std::optional<Part> partOf(const Item& item) const;
};

}  // namespace app::explorer::storage
