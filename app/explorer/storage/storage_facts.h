#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/explorer/names.h"
#include "app/explorer/rows_model.h"
#include "app/shell/kit.h"
#include "engine/observe/cluster_state.h"

/// What the storage view shows, before anything is drawn: pure functions of the state.
namespace app::explorer::storage {

constexpr std::int64_t kSecond = 1'000'000'000;

/// Size-tiered, leveled, time-window, unified: decides what the rows of files are.
enum class Strategy { SizeTiered, Leveled, TimeWindow, Unified };
Strategy strategyOf(const engine::observe::TableStorage& table);
/// "size-tiered"
QString nameOf(Strategy strategy);

/// An option of the table's compaction as a number; `otherwise` when it is not given.
double optionOf(const engine::observe::TableStorage& table, const std::string& name, double otherwise);

/// A row of files: a tier, level or window.
struct Group {
    QString title;  // "SSTables"
    QString note;   // "about 25 MiB", "level 1", "10:00"
    int threshold = 0;  // Files that make it want compaction; 0: none.
    std::uint64_t fileBytes = 0;  // Of a usual file; 0: not told.
};

/// How the files of all nodes fall into rows, so that nodes compare across.
class Groups {
public:
    static Groups of(const engine::observe::ClusterState& state, const std::string& table);

    Strategy strategy() const { return m_strategy; }
    const std::vector<Group>& all() const { return m_groups; }
    std::size_t indexOf(const engine::observe::SstableAdded& file) const;

private:
    void addTiers(const engine::observe::TableStorage& definition, std::vector<std::uint64_t> sizes);
    void addLevels(int highest);
    void addWindows(const std::vector<std::int64_t>& starts, std::int64_t length);
    std::int64_t windowOf(const engine::observe::SstableAdded& file) const;

    Strategy m_strategy = Strategy::SizeTiered;
    std::vector<Group> m_groups;
    std::vector<std::uint64_t> m_tierEnds;      // The largest file of each tier, ascending.
    std::vector<std::int64_t> m_windowStarts;   // Ascending, ms.
    std::int64_t m_windowMillis = 0;
};

/// What the tiles tell of one table over all nodes.
struct Measures {
    std::int64_t nanos = 0;
    std::optional<double> writeAmplification;  // Bytes written to SSTables, over those of flushes.
    std::optional<double> spaceAmplification;  // Bytes on disk, over those that are live by estimate,
    bool isReplacedKnown = true;               // which is too high where nobody knows what was replaced.
    std::optional<double> droppable;           // Share of bytes.
    std::optional<double> bloomFalse;          // Share of lookups of absent keys that the filter let through.
    std::optional<int> sstablesPerRead99;
    std::size_t sstables = 0;
    std::uint64_t bytes = 0;
};
Measures measuresOf(const engine::observe::ClusterState& state, const std::string& table);

/// Tables that have a definition on some node, those of users first.
QStringList tablesOf(const engine::observe::ClusterState& state);
/// The table to show: the one selected, else the user's table with most bytes.
std::string tableToShow(const engine::observe::ClusterState& state, const QString& selected);
/// Without quorum of words: the definition as the first node tells it.
engine::observe::TableStorage definitionOf(const engine::observe::ClusterState& state, const std::string& table);

/// Shares of a file, for its fill: live + replaced + droppable = 1.
struct Shares {
    double live = 1;
    double replaced = 0;
    double droppable = 0;
};
Shares sharesOf(const engine::observe::SstableAdded& file);

/// Compactions of the table going on at a node.
std::vector<const engine::observe::CompactionView*> runningOf(const engine::observe::NodeView& node, const std::string& table);
/// Whether the token ranges of two files meet.
bool overlap(const engine::observe::SstableAdded& a, const engine::observe::SstableAdded& b);

/// Why a file cannot be read, its files without their folder.
QString damageOf(const engine::observe::SstableUnreadable& damaged);

/// "nb-28"
QString fileName(std::uint64_t generation);
/// "24.6": MiB, or with its unit below one.
QString sizeText(std::uint64_t bytes);

/// One thing of the picture, in the table form as in the picture.
struct Part {
    enum class Kind { Segment, Memtable, Sstable, Compaction };
    Kind kind = Kind::Sstable;
    std::string node;
    std::uint64_t number = 0;  // Segment or generation.
    engine::Uuid compaction;
    bool operator==(const Part&) const = default;
};
struct PartRows {
    std::vector<Part> parts;
    std::vector<RowsModel::Row> rows;
    int indexOf(const Part& part) const;  // -1: not there.
};
/// Columns: node, kind, generation, level or tier, bytes, live %, replaced %, droppable %, min and max time, state.
PartRows partRows(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& table);

shell::Caption storageCaption(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& table,
                              const Measures& was, std::int64_t now);

}  // namespace app::explorer::storage
