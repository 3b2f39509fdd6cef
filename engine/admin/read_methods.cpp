#include "engine/admin/read_methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "engine/admin/params.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "engine/storage/read_trace.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::admin {

namespace json = boost::json;
namespace inspect = storage::inspect;
using runtime::Task;
using storage::ReadTrace;
using storage::SourceTrace;
using storage::SstableTrace;

namespace {

constexpr std::uint32_t kRowsRead = 100;
constexpr std::size_t kCellsTold = 400;
constexpr std::size_t kValueBytesTold = 64;
/// Rows of a partition whose bytes are told: each is some twenty ranges.
constexpr std::size_t kRowsXrayed = 100;

std::string whereOf(const schema::Table& table, const std::vector<std::string>& literals) {
    std::string text;
    for (std::size_t i = 0; i < literals.size(); ++i) {
        const std::size_t keys = table.partitionKey().size();
        const schema::Column& column = i < keys ? table.partitionKey()[i] : table.clustering()[i - keys];
        text += fmt::format("{}{} = {}", i > 0 ? " AND " : "", types::maybeQuote(column.name), literals[i]);
    }
    return text;
}

std::string selectOf(const schema::Table& table, const std::vector<std::string>& literals) {
    return fmt::format("SELECT * FROM {}.{} WHERE {}", types::maybeQuote(table.keyspace), types::maybeQuote(table.name),
                       whereOf(table, literals));
}

/// The command that a SELECT of these rows sends to its replicas.
struct Question {
    std::string statement;
    rows::ReadCommand command;
};
Result<Question> questionOf(const NodeParts& parts, const schema::Table& table, const std::vector<std::string>& literals) {
    const std::size_t keys = table.partitionKey().size();
    const std::size_t most = keys + table.clustering().size();
    if (literals.size() < keys || literals.size() > most) {
        return invalid(fmt::format("the primary key of {} has {} columns, of which the first {} are needed; {} values were given",
                                   table.qualifiedName(), most, keys, literals.size()));
    }
    Question out;
    out.statement = fmt::format("{} LIMIT {}", selectOf(table, literals), kRowsRead);
    TRY_ASSIGN(const auto prepared, cql::prepare(out.statement, *parts.view.schema.current(), {}));
    const auto* select = std::get_if<std::shared_ptr<const cql::SelectStatement>>(&prepared->statement);
    if (select == nullptr) {
        return invalid("this is not a key");
    }
    TRY_ASSIGN(const auto execution, (*select)->start({}, parts.queries.context()));
    std::vector<rows::ReadCommand> commands = execution->next();
    if (commands.size() != 1 || !commands.front().key) {
        return invalid("this is not one key");
    }
    out.command = std::move(commands.front());
    return out;
}

// ---- what a read met ----

std::string_view wordOf(SstableTrace::Outcome outcome) {
    switch (outcome) {
        case SstableTrace::Outcome::NotReached: return "not-reached";
        case SstableTrace::Outcome::AllDeleted: return "all-deleted";
        case SstableTrace::Outcome::Answered: return "answered";
        case SstableTrace::Outcome::NoRows: return "no-rows";
        case SstableTrace::Outcome::OutOfRange: return "out-of-range";
        case SstableTrace::Outcome::BloomNo: return "bloom-no";
        case SstableTrace::Outcome::BloomFalse: return "bloom-false";
        case SstableTrace::Outcome::Found: return "found";
    }
    return "?";
}

json::object sourceJson(const SourceTrace& source) {
    json::object out{{"name", source.name},         {"found", source.isThere}, {"rows", source.rows}, {"markers", source.markers},
                     {"cells", source.cells}, {"rowsNanos", source.rowsNanos}};
    if (source.isThere && !source.deletion.isLive()) {
        out["deletedAt"] = source.deletion.markedForDeleteAt;
    }
    return out;
}

void addLookup(json::object& out, const SstableTrace& lookup) {
    out["outcome"] = std::string(wordOf(lookup.outcome));
    if (lookup.interval) {
        const auto& interval = *lookup.interval;
        out["index"] = json::object{{"summaryEntry", interval.summaryEntry}, {"summaryEntries", interval.summaryEntries},
                                    {"offset", interval.offset},             {"bytes", interval.bytes},
                                    {"passed", interval.passed},             {"cached", interval.isCached}};
    }
    if (lookup.outcome == SstableTrace::Outcome::Found) {
        out["entryOffset"] = lookup.entryOffset;
        out["dataOffset"] = lookup.dataOffset;
    }
    if (lookup.promoted) {
        out["promoted"] = json::object{{"bytes", lookup.promoted->bytes},
                                       {"blocks", lookup.promoted->blocks},
                                       {"cached", lookup.promoted->isCached},
                                       {"entered", json::array(lookup.promoted->entered.begin(), lookup.promoted->entered.end())}};
    }
    json::array chunks;
    for (const SstableTrace::Chunk& chunk : lookup.chunks) {
        chunks.push_back(json::object{{"number", chunk.number}, {"offset", chunk.fileOffset}, {"stored", chunk.storedBytes},
                                      {"bytes", chunk.bytes}, {"cached", chunk.isCached}});
    }
    out["chunks"] = std::move(chunks);
    out["bytesRead"] = lookup.bytesRead();
}

json::object sstableJson(const ReadTrace::Sstable& sstable) {
    json::object out = sourceJson(sstable);
    out["generation"] = sstable.generation;
    out["minTimestamp"] = sstable.minTimestamp;
    out["maxTimestamp"] = sstable.maxTimestamp;
    out["level"] = sstable.level;
    out["bytesOnDisk"] = sstable.bytesOnDisk;
    out["startNanos"] = sstable.startNanos;
    out["lookupNanos"] = sstable.lookupNanos;
    addLookup(out, sstable.lookup);
    return out;
}

std::string clusteringText(const schema::Table& table, const rows::Clustering& clustering) {
    std::string out;
    for (std::size_t i = 0; i < clustering.size() && i < table.clustering().size(); ++i) {
        out += fmt::format("{}{}", i > 0 ? ", " : "", types::toCqlLiteral(*table.clustering()[i].type, clustering[i]));
    }
    return out;
}

/// "m[3]", "tags['a']"; of a user type "address.street".
std::string cellName(const schema::Table& table, const rows::Cell& cell) {
    const schema::Column* column = table.find(cell.column);
    const std::string name(cell.column);
    if (column == nullptr || cell.path.empty() || !column->type->isMultiCell()) {
        return name;
    }
    switch (column->type->kind()) {
        case types::Kind::Map:
        case types::Kind::Set: return fmt::format("{}[{}]", name, types::toCqlLiteral(*column->type->keyType(), cell.path));
        case types::Kind::List: return name + "[…]";
        default: return name + ".…";
    }
}

std::string valueText(const schema::Table& table, const rows::Cell& cell) {
    const schema::Column* column = table.find(cell.column);
    if (cell.isTombstone()) {
        return {};
    }
    if (cell.value.size() > kValueBytesTold) {
        return fmt::format("{} bytes", cell.value.size());
    }
    const types::DataType* type = column != nullptr ? column->type.get() : nullptr;
    const bool isSimple = type != nullptr && !type->isMultiCell() && !table.isCounter;
    if (isSimple) {
        return types::toCqlLiteral(*type, cell.value);
    }
    const bool hasElements = type != nullptr && (type->kind() == types::Kind::Map || type->kind() == types::Kind::List);
    return hasElements ? types::toCqlLiteral(*type->valueType(), cell.value) : cell.value.empty() ? std::string() : toHex(cell.value);
}

/// Which version of each cell is in the answer, and who has the others.
json::array mergeJson(const ReadTrace& trace, const schema::Table& table, const rows::Partition& answer, bool& isCut) {
    json::array out;
    for (const storage::TracedCell& cell : storage::mergeOf(trace, table, answer)) {
        if (out.size() == kCellsTold) {
            isCut = true;
            break;
        }
        json::array versions;
        for (const auto& version : cell.versions) {
            versions.push_back(json::object{{"source", version.source}, {"value", valueText(table, version.cell)},
                                            {"timestamp", version.cell.timestamp}, {"tombstone", version.cell.isTombstone()},
                                            {"ttl", version.cell.ttl}, {"wins", version.wins}});
        }
        const rows::Cell& first = cell.versions.front().cell;
        out.push_back(json::object{{"row", cell.isStatic ? std::string(first.column.empty() ? "" : "static") : clusteringText(table, cell.clustering)},
                                   {"column", !first.column.empty() ? cellName(table, first) : cell.isStatic ? "whole partition" : "whole row"},
                                   {"versions", std::move(versions)}});
    }
    return out;
}

json::array keyColumns(const schema::Table& table) {
    json::array out;
    for (const auto& columns : {table.partitionKey(), table.clustering()}) {
        for (const schema::Column& column : columns) {
            out.push_back(json::object{{"name", column.name}, {"type", types::cqlName(column.type)}});
        }
    }
    return out;
}

/// The nodes that keep the key, in ring order: who reads elsewhere finds nothing, or what was left there.
json::array replicasJson(const NodeParts& parts, const rows::ReadCommand& command) {
    json::array out;
    const auto schema = parts.view.schema.current();
    const auto topology = parts.view.topology.current();
    if (const auto* keyspace = schema->findKeyspace(command.table->keyspace)) {
        for (const ring::NodeInfo* node : topology->replicasFor((*keyspace)->replication, command.key->token).natural) {
            out.emplace_back(node->node);
        }
    }
    return out;
}

std::string readPathJson(const NodeParts& parts, const ReadTrace& trace, const Question& question, const std::vector<rows::Partition>& found) {
    const schema::Table& table = *question.command.table;
    json::object out;
    out["statement"] = question.statement;
    out["keyHex"] = toHex(question.command.key->key);
    out["token"] = std::to_string(question.command.key->token);
    out["replicas"] = replicasJson(parts, question.command);
    out["keyColumns"] = keyColumns(table);
    out["mayStop"] = trace.mayStop;
    out["lookedUpNanos"] = trace.lookedUpNanos;
    out["endNanos"] = trace.endNanos;
    out["liveRows"] = trace.liveRows;
    out["tombstones"] = trace.tombstones;
    json::array memtables, sstables;
    for (const auto& memtable : trace.memtables) {
        memtables.push_back(sourceJson(*memtable));
    }
    for (const auto& sstable : trace.sstables) {
        sstables.push_back(sstableJson(*sstable));
    }
    out["memtables"] = std::move(memtables);
    out["sstables"] = std::move(sstables);
    bool isCut = false;
    out["cells"] = mergeJson(trace, table, found.empty() ? rows::Partition() : found.front(), isCut);
    out["cut"] = isCut;
    return json::serialize(out);
}

// ---- bytes ----

json::array rangesJson(const std::vector<inspect::ByteRange>& ranges) {
    json::array out;
    for (const inspect::ByteRange& range : ranges) {
        out.push_back(json::object{{"component", std::string(storage::toString(range.component))}, {"offset", range.offset},
                                   {"length", range.length}, {"depth", range.depth}, {"name", range.name},
                                   {"meaning", range.meaning}, {"hex", toHex(range.bytes)}});
    }
    return out;
}

std::string xrayJson(const inspect::Xray& xray, const storage::SstableDescriptor& descriptor) {
    json::object out;
    out["file"] = descriptor.nameOf(storage::Component::Data);
    out["key"] = xray.keyText;
    out["keyHex"] = toHex(xray.key.key);
    out["token"] = std::to_string(xray.key.token);
    json::array bits, chunks;
    for (const inspect::XrayBit& bit : xray.bloomBits) {
        bits.push_back(json::object{{"bit", bit.bit}, {"set", bit.isSet}});
    }
    for (const inspect::XrayChunk& chunk : xray.chunks) {
        chunks.push_back(json::object{{"number", chunk.number}, {"offset", chunk.fileOffset}, {"stored", chunk.storedBytes},
                                      {"dataOffset", chunk.uncompressedOffset}, {"bytes", chunk.uncompressedBytes}});
    }
    out["bloomBits"] = std::move(bits);
    out["bloomSaysMaybe"] = xray.bloomSaysMaybe;
    if (xray.summaryEntry) {
        out["summaryEntry"] = *xray.summaryEntry;
    }
    out["indexScanFrom"] = xray.indexScanFrom;
    out["indexEntriesPassed"] = xray.indexEntriesPassed;
    out["found"] = xray.isFound;
    out["dataOffset"] = xray.dataOffset;
    out["dataLength"] = xray.dataLength;
    out["chunks"] = std::move(chunks);
    out["ranges"] = rangesJson(xray.ranges);
    out["cut"] = xray.isCut;
    return json::serialize(out);
}

std::uint64_t generationIn(const json::object& params) {
    const json::value* value = params.if_contains("generation");
    return value != nullptr && value->is_int64() && value->as_int64() > 0 ? static_cast<std::uint64_t>(value->as_int64()) : 0;
}

}  // namespace

Result<schema::TablePtr> tableNamed(const NodeParts& parts, const json::object& params) {
    const std::string keyspace = textOf(params, "keyspace");
    const std::string name = textOf(params, "table");
    schema::TablePtr table = parts.view.schema.current()->findTable(keyspace, name);
    if (table == nullptr) {
        return invalid(fmt::format("table {}.{} does not exist", keyspace, name));
    }
    return table;
}

Result<Bytes> keyOf(const NodeParts& parts, const schema::Table& table, const std::vector<std::string>& literals) {
    if (literals.size() != table.partitionKey().size()) {
        return invalid(fmt::format("the partition key of {} has {} columns, {} values were given",
                                   table.qualifiedName(), table.partitionKey().size(), literals.size()));
    }
    TRY_ASSIGN(const auto prepared, cql::prepare(selectOf(table, literals), *parts.view.schema.current(), {}));
    auto key = prepared->partitionKey ? prepared->partitionKey({}, parts.queries.context()) : std::nullopt;
    if (!key) {
        return invalid("this is not one partition key");
    }
    return std::move(*key);
}

Task<Result<std::string>> answerReadPath(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parseParams(params));
    CO_TRY_ASSIGN(const schema::TablePtr table, tableNamed(parts, parsed));
    const std::vector<std::string> literals = textsOf(parsed, "key");
    CO_TRY_ASSIGN(const Question question, questionOf(parts, *table, literals));
    ReadTrace trace;
    runtime::Clock& clock = parts.view.runtime.clock;
    trace.clock = [&clock] { return clock.machineNanos(); };
    storage::ReadReport report;
    report.trace = &trace;
    const Result<std::vector<rows::Partition>> found = co_await parts.view.storage.read(question.command, &report);
    if (!found) {
        co_return found.error();
    }
    co_return readPathJson(parts, trace, question, found.value());
}

Task<Result<std::string>> answerXray(NodeParts parts, std::string params) {
    CO_TRY_ASSIGN(const auto parsed, parseParams(params));
    CO_TRY_ASSIGN(const schema::TablePtr table, tableNamed(parts, parsed));
    const std::uint64_t generation = generationIn(parsed);
    const auto readers = parts.view.storage.readers(*table);
    const auto at = std::find_if(readers.begin(), readers.end(), [&](const auto& reader) { return reader->generation() == generation; });
    if (at == readers.end()) {
        co_return invalid(fmt::format("{} has no SSTable nb-{} on this node: a compaction may have replaced it", table->qualifiedName(), generation));
    }
    // Held until the work is done: its files stay so long.
    const std::shared_ptr<const storage::SstableReader> reader = *at;
    rows::DecoratedKey key = reader->first();
    const std::vector<std::string> literals = textsOf(parsed, "key");
    if (!literals.empty()) {
        const std::size_t count = std::min(literals.size(), table->partitionKey().size());
        const std::vector<std::string> ofPartition(literals.begin(), literals.begin() + static_cast<std::ptrdiff_t>(count));
        CO_TRY_ASSIGN(Bytes bytes, keyOf(parts, *table, ofPartition));
        key = rows::decorate(std::move(bytes));
    }
    runtime::FileSystem& files = parts.view.runtime.files;
    const storage::SstableDescriptor descriptor = reader->descriptor();
    const auto work = [&files, descriptor, key] { return inspect::xray(files, descriptor, key, kRowsXrayed); };
    const Result<inspect::Xray> found = co_await runtime::offload(parts.view.runtime.executor, work);
    if (!found) {
        co_return found.error();
    }
    co_return xrayJson(found.value(), descriptor);
}

}  // namespace engine::admin
