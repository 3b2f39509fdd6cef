#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/inspect/data_walk.h"
#include "engine/storage/inspect/key_text.h"
#include "engine/types/json.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::storage::inspect {

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::size_t kCounterHeadBytes = 8;

/// JSON in the layout of Cassandra's tool: objects and arrays go over lines unless they are told
/// to stay on one, which may change in the middle of an object.
class JsonText {
public:
    explicit JsonText(bool lines) : m_lines(lines) {}

    bool objectsCompact = false;
    bool arraysCompact = false;

    void beginObject() { begin('{', false); }
    void endObject() { end('}', objectsCompact); }
    void beginArray() { begin('[', true); }
    void endArray() { end(']', arraysCompact); }
    void name(std::string_view text) {
        separate(objectsCompact);
        m_out += types::jsonQuote(text);
        m_out += m_lines ? ":" : " : ";
        m_isAfterName = true;
    }
    void raw(std::string_view text) {
        beforeValue();
        m_out += text;
    }
    void text(std::string_view value) { raw(types::jsonQuote(value)); }
    void number(std::int64_t value) { raw(std::to_string(value)); }
    void boolean(bool value) { raw(value ? "true" : "false"); }

    std::string& out() { return m_out; }

private:
    void beforeValue() {
        if (m_isAfterName) {
            m_isAfterName = false;
        } else if (!m_levels.empty()) {
            separate(arraysCompact);
        }
    }
    void separate(bool compact) {
        if (m_levels.back() > 0) {
            m_out += ',';
        }
        ++m_levels.back();
        newLine(compact, m_levels.size());
    }
    void newLine(bool compact, std::size_t level) {
        if (m_lines) {
            return;
        }
        if (compact) {
            m_out += ' ';
        } else {
            m_out += '\n';
            m_out.append(2 * level, ' ');
        }
    }
    void begin(char open, bool) {
        beforeValue();
        m_out += open;
        m_levels.push_back(0);
    }
    void end(char close, bool compact) {
        const bool isEmpty = m_levels.back() == 0;
        m_levels.pop_back();
        if (!isEmpty) {
            newLine(compact, m_levels.size());
        } else if (!m_lines) {
            m_out += ' ';
        }
        m_out += close;
    }

    const bool m_lines;
    std::string m_out;
    std::vector<int> m_levels;  // How many things each open object or array has.
    bool m_isAfterName = false;
};

/// Prints partitions as JsonTransformer of Cassandra's tools does.
class Dumper {
public:
    Dumper(const SerializationHeader& header, const DumpOptions& options)
        : m_header(header), m_options(options), m_json(options.lines) {}

    JsonText& json() { return m_json; }

    void key(const rows::DecoratedKey& key) {
        m_json.objectsCompact = m_json.arraysCompact = true;
        m_json.beginArray();
        for (const std::string& text : keyTexts(m_header, key.key)) {
            m_json.raw(text);
        }
        m_json.endArray();
        m_json.objectsCompact = m_json.arraysCompact = false;
    }

    Result<void> partition(DataWalk& walk) {
        m_json.beginObject();
        m_json.name("table kind");
        m_json.text("REGULAR");
        m_json.name("partition");
        m_json.beginObject();
        m_json.name("key");
        key(walk.key());
        m_json.name("position");
        m_json.number(static_cast<std::int64_t>(walk.offset()));
        if (!walk.deletion().isLive()) {
            deletion(walk.deletion());
        }
        m_json.endObject();
        m_json.name("rows");
        m_json.beginArray();
        if (!walk.staticRow().isEmpty()) {
            row(walk.staticRow(), true, walk.offset());
        }
        while (true) {
            TRY_ASSIGN(const DecodeOutcome outcome, walk.next());
            if (outcome == DecodeOutcome::End) {
                break;
            }
            if (outcome == DecodeOutcome::Row) {
                row(walk.row(), false, walk.startOffset());
            } else {
                marker(walk.marker());
            }
        }
        m_json.endArray();
        m_json.endObject();
        return ok();
    }

private:
    std::string micros(std::int64_t time) const {
        return m_options.rawTimestamps ? std::to_string(time) : instantText(time);
    }
    std::string seconds(std::int64_t time) const {
        return m_options.rawTimestamps ? std::to_string(time) : instantText(microsOfSeconds(time));
    }

    void deletion(const rows::DeletionTime& deletion) {
        m_json.name("deletion_info");
        m_json.objectsCompact = true;
        m_json.beginObject();
        m_json.name("marked_deleted");
        m_json.text(micros(deletion.markedForDeleteAt));
        m_json.name("local_delete_time");
        m_json.text(seconds(deletion.localDeletionTime));
        m_json.endObject();
        m_json.objectsCompact = false;
    }

    void clustering(const rows::Clustering& values) {
        if (values.empty()) {
            return;
        }
        m_json.name("clustering");
        m_json.objectsCompact = true;
        m_json.beginArray();
        m_json.arraysCompact = true;
        for (std::size_t i = 0; i < m_header.clustering.size(); ++i) {
            m_json.raw(i < values.size() ? types::toJson(*m_header.clustering[i].type, values[i])
                                         : "\"*\"");
        }
        m_json.endArray();
        m_json.objectsCompact = m_json.arraysCompact = false;
    }

    void liveness(const rows::LivenessInfo& info) {
        m_json.name("liveness_info");
        m_json.objectsCompact = true;
        m_json.beginObject();
        m_json.name("tstamp");
        m_json.text(micros(info.timestamp));
        if (info.ttl != rows::kNoTtl) {
            m_json.name("ttl");
            m_json.number(info.ttl);
            m_json.name("expires_at");
            m_json.text(seconds(info.localExpirationTime));
            m_json.name("expired");
            m_json.boolean(info.localExpirationTime < m_options.nowSeconds);
        }
        m_json.endObject();
        m_json.objectsCompact = false;
    }

    void row(const rows::Row& row, bool isStatic, std::uint64_t position) {
        m_json.beginObject();
        m_json.name("type");
        m_json.text(isStatic ? "static_block" : "row");
        m_json.name("position");
        m_json.number(static_cast<std::int64_t>(position));
        if (!isStatic) {
            clustering(row.clustering);
        }
        if (!row.liveness.isEmpty()) {
            liveness(row.liveness);
        }
        if (!row.deletion.isLive()) {
            deletion(row.deletion);
        }
        m_json.name("cells");
        m_json.beginArray();
        for (const auto& column : isStatic ? m_header.statics : m_header.regulars) {
            cellsOf(row, column);
        }
        m_json.endArray();
        m_json.endObject();
    }

    void cellsOf(const rows::Row& row, const SerializationHeader::Column& column) {
        for (const rows::ComplexDeletion& complex : row.complexDeletions) {
            if (complex.column == column.name) {
                m_json.objectsCompact = true;
                m_json.beginObject();
                m_json.name("name");
                m_json.text(types::maybeQuote(column.name));
                deletion(complex.deletion);
                m_json.objectsCompact = true;
                m_json.endObject();
                m_json.objectsCompact = false;
            }
        }
        for (const rows::Cell& one : row.cells) {
            if (one.column == column.name) {
                cell(one, column, row.liveness);
            }
        }
    }

    std::string pathText(const types::DataType& type, const Bytes& path) const {
        if (type.kind() == types::Kind::Udt) {
            ByteReader in(path);
            const std::size_t field = in.u16();
            return field < type.fieldNames().size() ? type.fieldNames()[field] : std::to_string(field);
        }
        const bool isList = type.kind() == types::Kind::List;
        return types::toText(isList ? *types::timeuuid() : *type.keyType(), path);
    }

    std::string valueText(const types::DataType& type, const rows::Cell& cell) const {
        if (!type.isMultiCell()) {
            // The tool takes a counter's context for a number, and so prints its first bytes.
            const bool isContext = type.isCounter() && cell.value.size() > kCounterHeadBytes;
            return types::toJson(type, BytesView(cell.value)
                                           .substr(0, isContext ? kCounterHeadBytes : Bytes::npos));
        }
        if (type.kind() == types::Kind::Set) {
            return "\"\"";
        }
        if (type.kind() == types::Kind::Udt) {
            ByteReader in(cell.path);
            const std::size_t field = in.u16();
            return field < type.elements().size() ? types::toJson(*type.element(field), cell.value)
                                                  : "\"\"";
        }
        return types::toJson(*type.valueType(), cell.value);
    }

    void cell(const rows::Cell& cell, const SerializationHeader::Column& column,
              const rows::LivenessInfo& info) {
        m_json.beginObject();
        m_json.objectsCompact = true;
        m_json.name("name");
        m_json.text(types::maybeQuote(column.name));
        if (column.isComplex()) {
            m_json.name("path");
            m_json.arraysCompact = true;
            m_json.beginArray();
            m_json.text(pathText(*column.type, cell.path));
            m_json.endArray();
            m_json.arraysCompact = false;
        }
        if (cell.isTombstone()) {
            m_json.name("deletion_info");
            m_json.beginObject();
            m_json.name("local_delete_time");
            m_json.text(seconds(cell.localDeletionTime));
            m_json.endObject();
            m_json.objectsCompact = false;
        } else {
            m_json.name("value");
            m_json.raw(valueText(*column.type, cell));
        }
        if (info.isEmpty() || cell.timestamp != info.timestamp) {
            m_json.name("tstamp");
            m_json.text(micros(cell.timestamp));
        }
        if (cell.isExpiring() && (info.isEmpty() || cell.ttl != info.ttl)) {
            m_json.name("ttl");
            m_json.number(cell.ttl);
            m_json.name("expires_at");
            m_json.text(seconds(cell.localDeletionTime));
            m_json.name("expired");
            m_json.boolean(!cell.isLive(m_options.nowSeconds));
        }
        m_json.endObject();
        m_json.objectsCompact = false;
    }

    void bound(const Marker& marker, bool isStart, const rows::DeletionTime& time) {
        m_json.name(isStart ? "start" : "end");
        m_json.beginObject();
        m_json.name("type");
        m_json.text((marker.side < 0) == isStart ? "inclusive" : "exclusive");
        clustering(marker.prefix);
        deletion(time);
        m_json.endObject();
    }

    void marker(const Marker& marker) {
        m_json.beginObject();
        m_json.name("type");
        const bool opens = !marker.after.isLive();
        const bool closes = !marker.before.isLive();
        m_json.text(opens && closes ? "range_tombstone_boundary" : "range_tombstone_bound");
        if (opens) {
            bound(marker, true, marker.after);
        }
        if (closes) {
            bound(marker, false, marker.before);
        }
        m_json.endObject();
        m_json.objectsCompact = false;
    }

    const SerializationHeader& m_header;
    const DumpOptions& m_options;
    JsonText m_json;
};

}  // namespace

Result<void> dump(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                  const DumpOptions& options, const std::function<void(std::string_view)>& write) {
    TRY_ASSIGN(const auto walk, DataWalk::open(files, descriptor));
    const SerializationHeader& header = walk->statistics().header;
    Dumper dumper(header, options);
    JsonText& json = dumper.json();
    const auto handOver = [&](std::size_t from) {
        if (json.out().size() > from) {
            write(json.out());
            json.out().clear();
        }
    };
    const bool isArray = !options.lines || options.keysOnly;
    if (isArray) {
        json.beginArray();
    }
    while (true) {
        TRY_ASSIGN(const bool isThere, walk->nextPartition());
        if (!isThere) {
            break;
        }
        const std::string text = keyText(header, walk->key().key);
        const auto names = [&](const std::vector<std::string>& list) {
            return std::find(list.begin(), list.end(), text) != list.end();
        };
        const bool isWanted =
            (options.keys.empty() || names(options.keys)) && !names(options.without);
        if (isWanted && !options.keysOnly) {
            TRY(dumper.partition(*walk));
            if (options.lines) {
                json.out() += '\n';
            }
        } else {
            if (isWanted) {
                dumper.key(walk->key());
            }
            while (true) {
                TRY_ASSIGN(const DecodeOutcome outcome, walk->next());
                if (outcome == DecodeOutcome::End) {
                    break;
                }
            }
        }
        handOver(kPieceBytes);
    }
    if (isArray) {
        json.endArray();
        json.out() += '\n';
    }
    handOver(0);
    return ok();
}

}  // namespace engine::storage::inspect
