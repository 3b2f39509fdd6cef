#include "engine/index/index_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/rows/nearest.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::index {

namespace {

/// Rows that are read at once while an index is built; between two pages the node does other things.
constexpr std::uint32_t kBuildPageRows = 5000;

/// How many vectors the graph is asked for at least, and how many times as many in each further round.
constexpr std::size_t kNearestWidth = 100;
constexpr std::size_t kNearestGrowth = 4;

/// How many rows the client sees of a replica's answer, if no other replica knows better.
std::uint32_t countPassing(const rows::ReadCommand& command, rows::Partition partition) {
    rows::filterLive(*command.table, partition, command.nowSeconds);
    std::uint32_t out = 0;
    for (const rows::Row& row : partition.rows) {
        out += rows::satisfies(command, partition, row) ? 1 : 0;
    }
    if (out == 0 && partition.rows.empty() && rows::staticRowCountsAlone(command, partition)) {
        out = 1;
    }
    return command.limits.distinct ? std::min<std::uint32_t>(out, 1) : out;
}

bool isAsked(const rows::ReadCommand& command, const rows::DecoratedKey& key) {
    return command.key ? *command.key == key : command.range.contains(key);
}

bool isAsked(const rows::ReadCommand& command, const rows::Clustering& row) {
    const schema::Table& table = *command.table;
    if (!command.names.empty()) {
        return std::any_of(command.names.begin(), command.names.end(), [&](const rows::Clustering& name) {
            return rows::compareClustering(table, name, row) == 0;
        });
    }
    return command.slices.empty() ||
           std::any_of(command.slices.begin(), command.slices.end(),
                       [&](const rows::Slice& slice) { return rows::contains(table, slice, row); });
}

}  // namespace

IndexManager::IndexManager(runtime::Runtime runtime, storage::StorageEngine& storage,
                           schema::SchemaRegistry& schema, Log& log)
    : m_runtime(runtime), m_storage(storage), m_schema(schema), m_log(log) {
    m_storage.attach(this);
    schema.onChange([this, alive = std::weak_ptr<int>(m_alive)](const auto& before, const auto& after) {
        if (!alive.expired() && m_isOpen) {
            onSchemaChange(*before, *after);
        }
    });
}

IndexManager::~IndexManager() { m_storage.attach(nullptr); }

void IndexManager::open() {
    m_isOpen = true;
    for (const auto& [name, keyspace] : m_schema.current()->keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            // A table with a damaged file is there all the same; what needs its indexes is refused.
            if (const Result<void> done = refresh(table, false); !done) {
                m_log.error("indexes of {} cannot be built: {}", table->qualifiedName(), done.error().message);
            }
        }
    }
}

runtime::Task<void> IndexManager::stop() {
    for (auto& [id, entries] : m_tables) {
        for (const EntryPtr& entry : entries) {
            entry->isGone = true;
        }
    }
    co_await m_tasks.drained();
}

// ---- building ----------------------------------------------------------------------------------

void IndexManager::onSchemaChange(const schema::Schema& before, const schema::Schema& after) {
    for (const auto& [name, keyspace] : before.keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            const schema::TablePtr now = after.findTable(table->id);
            for (const schema::Index& index : table->indexes) {
                const bool stays = now != nullptr && std::any_of(now->indexes.begin(), now->indexes.end(),
                                                                 [&](const auto& i) { return i.name == index.name; });
                if (!stays) {
                    record(name, index.name, false);
                }
            }
            if (now == nullptr) {
                for (const EntryPtr& entry : m_tables[table->id]) {
                    entry->isGone = true;
                }
                m_tables.erase(table->id);
            }
        }
    }
    for (const auto& [name, keyspace] : after.keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            const schema::TablePtr old = before.findTable(table->id);
            if (old == table || (table->indexes.empty() && !m_tables.contains(table->id))) {
                continue;
            }
            const Result<void> done = refresh(table, true);
            if (!done) {
                m_log.error("indexes of {} cannot be built: {}", table->qualifiedName(), done.error().message);
            }
        }
    }
}

/// The table's indexes become those of its definition; new ones are built.
Result<void> IndexManager::refresh(const schema::TablePtr& table, bool inBackground) {
    std::vector<EntryPtr> now;
    std::vector<EntryPtr> fresh;
    std::vector<EntryPtr>& known = m_tables[table->id];
    for (const schema::Index& index : table->indexes) {
        const auto it = std::find_if(known.begin(), known.end(), [&](const EntryPtr& entry) {
            return entry->postings.definition() == index;
        });
        if (it != known.end()) {
            now.push_back(*it);
        } else if (table->find(rows::targetOf(index).column) != nullptr) {
            fresh.push_back(std::make_shared<Entry>(Postings(*table, index)));
            now.push_back(fresh.back());
        }
    }
    for (const EntryPtr& entry : known) {
        entry->isGone = std::find(now.begin(), now.end(), entry) == now.end();
    }
    known = std::move(now);
    if (known.empty()) {
        m_tables.erase(table->id);
    }
    if (fresh.empty()) {
        return ok();
    }
    // Small tables are done with at once, so that the next statement may ask.
    std::optional<rows::DecoratedKey> after;
    do {
        TRY_ASSIGN(after, buildPage(table, fresh, after));
        if (after && inBackground) {
            m_tasks.spawn(buildRest(table, std::move(fresh), std::move(*after)));
            return ok();
        }
    } while (after);
    finish(*table, fresh);
    return ok();
}

Result<std::optional<rows::DecoratedKey>> IndexManager::buildPage(
    const schema::TablePtr& table, const std::vector<EntryPtr>& entries,
    const std::optional<rows::DecoratedKey>& after) {
    rows::ReadCommand command;
    command.table = table;
    command.nowSeconds = m_runtime.clock.wallSeconds();
    command.limits.rows = kBuildPageRows;
    if (after) {
        command.range.start = rows::PartitionBound{after->token, after->key, false};
    }
    TRY_ASSIGN(auto page, m_storage.readNow(command));
    if (page.empty()) {
        return std::optional<rows::DecoratedKey>();
    }
    std::size_t rows = 0;
    for (const rows::Partition& partition : page) {
        rows += partition.rows.size() + 1;
    }
    const bool mayBeMore = rows >= kBuildPageRows;
    if (mayBeMore) {
        // The last partition may have been cut: it is read as a whole.
        rows::ReadCommand whole;
        whole.table = table;
        whole.nowSeconds = command.nowSeconds;
        whole.key = page.back().key;
        TRY_ASSIGN(auto last, m_storage.readNow(whole));
        if (!last.empty()) {
            page.back() = std::move(last.front());
        }
    }
    for (const rows::Partition& partition : page) {
        for (const EntryPtr& entry : entries) {
            entry->postings.add(*table, partition);
        }
    }
    return mayBeMore ? std::optional(page.back().key) : std::nullopt;
}

runtime::Task<void> IndexManager::buildRest(schema::TablePtr table, std::vector<EntryPtr> entries,
                                            rows::DecoratedKey after) {
    std::optional<rows::DecoratedKey> next = std::move(after);
    while (next) {
        co_await runtime::sleep(m_runtime.clock, std::chrono::milliseconds(1));
        std::erase_if(entries, [](const EntryPtr& entry) { return entry->isGone; });
        if (entries.empty()) {
            co_return;
        }
        auto page = buildPage(table, entries, next);
        if (!page) {
            m_log.error("an index of {} cannot be built: {}", table->qualifiedName(), page.error().message);
            co_return;
        }
        next = std::move(page).value();
    }
    finish(*table, entries);
}

void IndexManager::finish(const schema::Table& table, const std::vector<EntryPtr>& entries) {
    for (const EntryPtr& entry : entries) {
        entry->isBuilt = true;
        record(table.keyspace, entry->postings.definition().name, true);
        m_log.info("index {} of {} is built: {} terms", entry->postings.definition().name,
                   table.qualifiedName(), entry->postings.terms());
    }
}

runtime::Task<Result<void>> IndexManager::rebuild(schema::TablePtr table, std::string index) {
    std::vector<EntryPtr> entries;
    if (const auto it = m_tables.find(table->id); it != m_tables.end()) {
        for (const EntryPtr& entry : it->second) {
            if (entry->postings.definition().name == index) {
                entries.push_back(entry);
            }
        }
    }
    if (entries.empty()) {
        co_return makeError(ErrorKind::NotFound,
                            fmt::format("No index named {} on {}", index, table->qualifiedName()));
    }
    entries.front()->postings.clear();
    entries.front()->isBuilt = false;
    CO_TRY_ASSIGN(auto after, buildPage(table, entries, std::nullopt));
    if (after) {
        co_await buildRest(table, entries, std::move(*after));
    } else {
        finish(*table, entries);
    }
    co_return ok();
}

void IndexManager::record(const std::string& keyspace, const std::string& index, bool built) {
    const schema::TablePtr table = m_schema.current()->findTable("system", "IndexInfo");
    if (table == nullptr) {
        return;
    }
    const std::int64_t now = m_runtime.clock.wallMicros();
    rows::PartitionUpdate update{table, {}};
    update.partition.key = rows::decorate(keyspace);
    rows::Row& row = update.partition.rows.emplace_back();
    row.clustering = {index};
    if (built) {
        row.liveness.timestamp = now;
    } else {
        row.deletion = {now, now / 1'000'000};
    }
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(update));
    const Result<void> done = m_storage.applyNow(mutation);
    if (!done) {
        m_log.error("cannot write system.IndexInfo: {}", done.error().message);
    }
}

// ---- writes ------------------------------------------------------------------------------------

Result<void> IndexManager::check(const rows::PartitionUpdate& update) const {
    for (const schema::Index& index : update.table->indexes) {
        if (!rows::isNearestIndex(*update.table, index)) {
            continue;
        }
        const std::string column = rows::targetOf(index).column;
        const auto checkRow = [&](const rows::Row& row) -> Result<void> {
            for (const rows::Cell& cell : row.cells) {
                if (cell.column == column && !cell.isTombstone()) {
                    TRY(rows::checkVector(rows::similarityOf(index), types::decodeFloatVector(cell.value)));
                }
            }
            return ok();
        };
        TRY(checkRow(update.partition.staticRow));
        for (const rows::Row& row : update.partition.rows) {
            TRY(checkRow(row));
        }
    }
    return ok();
}

void IndexManager::applied(const schema::Table& table, const rows::Partition& update) {
    const auto it = m_tables.find(table.id);
    if (it == m_tables.end()) {
        return;
    }
    for (const EntryPtr& entry : it->second) {
        entry->postings.add(table, update);
    }
}

void IndexManager::truncated(const schema::Table& table) {
    const auto it = m_tables.find(table.id);
    if (it == m_tables.end()) {
        return;
    }
    for (const EntryPtr& entry : it->second) {
        entry->postings.clear();
    }
    // Writes that came while the files were emptied are in the memtable.
    const schema::TablePtr current = m_schema.current()->findTable(table.id);
    if (current != nullptr) {
        std::optional<rows::DecoratedKey> after;
        do {
            auto page = buildPage(current, it->second, after);
            after = page ? std::move(page).value() : std::nullopt;
        } while (after);
    }
}

// ---- reads -------------------------------------------------------------------------------------

Result<std::vector<rows::Partition>> IndexManager::read(const rows::ReadCommand& command) {
    return command.nearest ? readNearest(command) : readFiltered(command);
}

/// The place no longer has what it was found by. A client may set the time of its read: nothing is
/// stale for a time that has not come.
Result<bool> IndexManager::isStale(const rows::ReadCommand& command, const rows::FilterExpression& filter,
                                   const Place& place) {
    if (command.nowSeconds > m_runtime.clock.wallSeconds()) {
        return false;
    }
    rows::ReadCommand alone;
    alone.table = command.table;
    alone.filters = {filter};
    alone.nowSeconds = command.nowSeconds;
    TRY_ASSIGN(auto read, readPlace(alone, place));
    return !read || countPassing(alone, *read) == 0;
}

Result<std::optional<rows::Partition>> IndexManager::readPlace(const rows::ReadCommand& command,
                                                               const Place& place) {
    rows::ReadCommand one = command;
    one.useIndex = false;
    one.nearest.reset();
    one.key = place.key;
    one.limits.rows = rows::ReadLimits::kNone;
    if (place.clustering && !command.table->clustering().empty()) {
        one.names = {*place.clustering};
        one.slices.clear();
    }
    TRY_ASSIGN(auto read, m_storage.readNow(one));
    return read.empty() ? std::optional<rows::Partition>() : std::optional(std::move(read.front()));
}

Result<std::vector<rows::Partition>> IndexManager::readFiltered(const rows::ReadCommand& command) {
    const schema::Table& table = *command.table;
    const auto it = m_tables.find(table.id);
    const rows::FilterExpression* filter = nullptr;
    EntryPtr best;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    bool building = false;
    for (const EntryPtr& entry : it == m_tables.end() ? std::vector<EntryPtr>() : it->second) {
        for (const rows::FilterExpression& candidate : command.filters) {
            if (!entry->postings.supports(table, candidate)) {
                continue;
            }
            building = building || !entry->isBuilt;
            const std::size_t count = entry->isBuilt ? entry->postings.count(candidate, fewest) : fewest;
            if (count < fewest) {
                fewest = count;
                filter = &candidate;
                best = entry;
            }
        }
    }
    if (filter == nullptr) {
        return makeError(ErrorKind::Invalid,
                         building ? fmt::format("The secondary index of {} is not yet available", table.name)
                                  : fmt::format("no index of {} serves this query", table.qualifiedName()));
    }
    std::vector<Place> places = best->postings.find(*filter);
    std::erase_if(places, [&](const Place& place) {
        return !isAsked(command, place.key) || (place.clustering && !table.clustering().empty() &&
                                                !isAsked(command, *place.clustering));
    });
    std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
        if (a.key != b.key) {
            return a.key < b.key;
        }
        if (!a.clustering || !b.clustering) {
            return b.clustering.has_value() && !a.clustering.has_value();
        }
        const int order = rows::compareClustering(table, *a.clustering, *b.clustering);
        return command.reversed ? order > 0 : order < 0;
    });
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::vector<rows::Partition> out;
    std::uint32_t counted = 0;
    std::uint32_t inPartition = 0;
    for (const Place& place : places) {
        if (counted >= command.limits.rows) {
            break;
        }
        const bool same = !out.empty() && out.back().key == place.key;
        inPartition = same ? inPartition : 0;
        if (inPartition >= command.limits.rowsPerPartition || (command.limits.distinct && inPartition > 0)) {
            continue;
        }
        TRY_ASSIGN(auto read, readPlace(command, place));
        const std::uint32_t passing = read ? countPassing(command, *read) : 0;
        if (passing == 0) {
            // Overwritten, deleted, or kept out by another condition.
            TRY_ASSIGN(const bool stale, isStale(command, *filter, place));
            if (stale) {
                best->postings.forget(*filter, place);
            }
            if (command.filterAtReplica || !read) {
                continue;
            }
        }
        counted += passing;
        inPartition += passing;
        if (same) {
            rows::merge(table, out.back(), std::move(*read));
        } else {
            out.push_back(std::move(*read));
        }
    }
    return out;
}

/// Every vector is looked at, so the answer is exact.
Result<std::vector<rows::Partition>> IndexManager::readNearest(const rows::ReadCommand& command) {
    const schema::Table& table = *command.table;
    const auto it = m_tables.find(table.id);
    EntryPtr found;
    for (const EntryPtr& entry : it == m_tables.end() ? std::vector<EntryPtr>() : it->second) {
        const schema::Index& index = entry->postings.definition();
        if (rows::isNearestIndex(table, index) && rows::targetOf(index).column == command.nearest->column) {
            found = entry;
        }
    }
    if (found == nullptr || !found->isBuilt) {
        return makeError(ErrorKind::Invalid,
                         fmt::format("The secondary index of {} is not yet available", table.name));
    }
    const rows::Similarity function = rows::similarityOf(found->postings.definition());
    const std::vector<float> wanted = types::decodeFloatVector(command.nearest->vector);
    TRY(rows::checkVector(function, wanted));
    struct Candidate {
        float similarity = 0;
        Bytes term;
        Place place;
    };
    std::vector<Candidate> candidates;
    const auto consider = [&](const Bytes& term, const Place& place) {
        if (isAsked(command, place.key) && (!place.clustering || table.clustering().empty() ||
                                            isAsked(command, *place.clustering))) {
            candidates.push_back({rows::similarity(function, wanted, types::decodeFloatVector(term)), term, place});
        }
    };
    std::vector<rows::Partition> out;
    std::uint32_t counted = 0;
    std::set<std::pair<Bytes, Place>> done;  // Candidates of an earlier round.
    // The graph gives few at first, and more while rows that are not asked for leave too few; in the end all are looked at.
    std::size_t width = std::max<std::size_t>(kNearestWidth, 2 * static_cast<std::size_t>(command.nearest->limit));
    for (bool all = false; !all && counted < command.nearest->limit; width *= kNearestGrowth) {
        const bool narrow = width < found->postings.terms() / kNearestGrowth;
        const auto near = narrow ? found->postings.nearest(wanted, width) : std::nullopt;
        all = !near;
        candidates.clear();
        if (near) {
            for (const Bytes& term : *near) {
                for (const Place& place : found->postings.placesOf(term)) {
                    consider(term, place);
                }
            }
        } else {
            found->postings.forEach(consider);
        }
        std::stable_sort(candidates.begin(), candidates.end(),
                         [](const Candidate& a, const Candidate& b) { return a.similarity > b.similarity; });
        for (const Candidate& candidate : candidates) {
            if (counted >= command.nearest->limit) {
                break;
            }
            if (!done.emplace(candidate.term, candidate.place).second) {
                continue;
            }
            rows::ReadCommand one = command;
            one.filters.push_back({command.nearest->column, rows::Operator::Eq, candidate.term, {}, {}});
            TRY_ASSIGN(auto read, readPlace(one, candidate.place));
            const std::uint32_t passing = read ? countPassing(one, *read) : 0;
            if (passing == 0) {
                TRY_ASSIGN(const bool stale, isStale(command, one.filters.back(), candidate.place));
                if (stale) {
                    found->postings.forget(candidate.term, candidate.place);
                }
                continue;
            }
            counted += passing;
            const auto same = std::find_if(out.begin(), out.end(), [&](const rows::Partition& p) {
                return p.key == candidate.place.key;
            });
            if (same != out.end()) {
                rows::merge(table, *same, std::move(*read));
            } else {
                out.push_back(std::move(*read));
            }
        }
    }
    std::sort(out.begin(), out.end(),
              [](const rows::Partition& a, const rows::Partition& b) { return a.key < b.key; });
    return out;
}

}  // namespace engine::index
