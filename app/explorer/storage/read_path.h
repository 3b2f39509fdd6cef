#pragma once

#include <QJsonObject>

#include <array>
#include <optional>
#include <vector>

#include "app/explorer/rows_model.h"
#include "app/shell/kit.h"

/// What a read of one key met on one node, as the node's `readpath` tells it. Values and pure functions.
namespace app::explorer::storage {

struct ReadChunk {
    std::uint64_t number = 0;
    std::uint64_t offset = 0;
    std::uint64_t stored = 0;
    std::uint64_t bytes = 0;
    bool isCached = false;
};

/// A memtable or an SSTable, in the order in which they were looked at.
struct ReadSource {
    struct Index {
        std::uint64_t summaryEntry = 0;
        std::uint64_t summaryEntries = 0;
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint64_t passed = 0;
        bool isCached = false;
    };
    struct Promoted {
        std::uint64_t bytes = 0;
        int blocks = 0;
        bool isCached = false;
        std::vector<int> entered;
    };
    QString name;
    std::uint64_t generation = 0;  // 0: a memtable.
    bool isFound = false;
    QString outcome;               // Of an SSTable: "found", "bloom-no", ...
    std::uint64_t rows = 0;
    std::uint64_t markers = 0;
    std::uint64_t cells = 0;
    std::uint64_t won = 0;         // Cells of it in the answer.
    std::optional<std::int64_t> deletedAt;
    std::int64_t minTimestamp = 0;
    std::int64_t maxTimestamp = 0;
    std::uint64_t bytesRead = 0;   // From the disk.
    std::int64_t nanos = 0;        // Looking it up and reading its rows.
    std::optional<Index> index;
    std::optional<Promoted> promoted;
    std::uint64_t dataOffset = 0;
    std::vector<ReadChunk> chunks;

    bool isSstable() const { return generation != 0; }
};

struct ReadCell {
    struct Version {
        QString source;
        QString value;
        std::int64_t timestamp = 0;
        bool isTombstone = false;
        int ttl = 0;
        bool wins = false;
    };
    QString row;
    QString column;
    std::vector<Version> versions;
};

struct ReadPath {
    QString statement;
    std::vector<std::string> replicas;  // Event names of the nodes that keep the key.
    QStringList keyColumns;             // The clustering's come last.
    bool mayStop = false;
    bool isCut = false;
    std::int64_t nanos = 0;
    std::uint64_t liveRows = 0;
    std::uint64_t tombstones = 0;
    std::vector<ReadSource> sources;
    std::vector<ReadCell> cells;

    std::uint64_t bytesRead() const;
    int sstablesRead() const;  // That have the key.
    int sstables() const;
};
ReadPath parseReadPath(const QJsonObject& answer);

/// The stations of a source, left to right in the order in which it passes them.
enum class Station { Bounds, Keys, Bloom, Index, Data, Rows };
inline constexpr int kStations = 6;
QString titleOf(Station station);
struct StationFact {
    enum class State { Nothing, Passed, Ends, FalseHit, NotReached };
    State state = State::Nothing;
    QString text;
};
std::array<StationFact, kStations> stationsOf(const ReadSource& source);
/// Why a source was passed over, or what was read of it: whole sentences.
QString sentenceOf(const ReadSource& source);
/// Columns: order, source, outcome, station, bytes from disk, µs, rows, cells, cells in the answer.
std::vector<RowsModel::Column> readPathColumns();
std::vector<RowsModel::Row> readPathRows(const ReadPath& path);
/// `node`: "n2". `keptBy`: the replicas' labels where the node is none of them. `before`: the last read of the same
/// key; null: none.
shell::Caption readPathCaption(const ReadPath& path, const QString& node, const QStringList& keptBy, const ReadPath* before);
/// "12.3 µs"
QString microsText(std::int64_t nanos);

}  // namespace app::explorer::storage
