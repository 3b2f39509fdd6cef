#include "engine/native/type_codec.h"

#include <algorithm>
#include <array>

#include "engine/types/type_names.h"

namespace engine::native {

namespace {

using types::Kind;

constexpr std::size_t kMaxString = 0xffff;
/// Types within types that a reader follows.
constexpr int kMaxTypeDepth = 32;
constexpr std::uint16_t kCustomId = 0x0000;
constexpr std::uint16_t kOldTextId = 0x000A;  // `text` of protocol v1 and v2.

struct TypeId {
    Kind kind;
    std::uint16_t id;
    int sinceVersion;
};

/// transport/DataType.java.
constexpr std::array<TypeId, 25> kTypeIds = {{
    {Kind::Ascii, 0x0001, 1},   {Kind::Bigint, 0x0002, 1},    {Kind::Blob, 0x0003, 1},
    {Kind::Boolean, 0x0004, 1}, {Kind::Counter, 0x0005, 1},   {Kind::Decimal, 0x0006, 1},
    {Kind::Double, 0x0007, 1},  {Kind::Float, 0x0008, 1},     {Kind::Int, 0x0009, 1},
    {Kind::Timestamp, 0x000B, 1}, {Kind::Uuid, 0x000C, 1},    {Kind::Text, 0x000D, 1},
    {Kind::Varint, 0x000E, 1},  {Kind::Timeuuid, 0x000F, 1},  {Kind::Inet, 0x0010, 1},
    {Kind::Date, 0x0011, 4},    {Kind::Time, 0x0012, 4},      {Kind::Smallint, 0x0013, 4},
    {Kind::Tinyint, 0x0014, 4}, {Kind::Duration, 0x0015, 5},  {Kind::List, 0x0020, 1},
    {Kind::Map, 0x0021, 1},     {Kind::Set, 0x0022, 1},       {Kind::Udt, 0x0030, 3},
    {Kind::Tuple, 0x0031, 3},
}};

const TypeId* idOf(Kind kind) {
    const auto found = std::find_if(kTypeIds.begin(), kTypeIds.end(),
                                    [&](const TypeId& entry) { return entry.kind == kind; });
    return found == kTypeIds.end() ? nullptr : &*found;
}

void writeUdt(ByteWriter& out, int version, const types::DataType& type) {
    writeString(out, type.udtKeyspace());
    writeString(out, type.udtName());
    out.u16(static_cast<std::uint16_t>(type.elements().size()));
    for (std::size_t i = 0; i < type.elements().size(); ++i) {
        writeString(out, type.fieldNames()[i]);
        writeType(out, version, *type.element(i));
    }
}

Error broken(const char* what) { return makeError(ErrorKind::Protocol, what); }

Result<types::TypePtr> readTypeAt(ByteReader& in, int depth);

Result<std::vector<types::TypePtr>> readTypes(ByteReader& in, std::size_t count, int depth) {
    std::vector<types::TypePtr> out;
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        TRY_ASSIGN(auto type, readTypeAt(in, depth + 1));
        out.push_back(std::move(type));
    }
    return out;
}

Result<types::TypePtr> readUdt(ByteReader& in, int depth) {
    std::string keyspace(in.shortBlob());
    std::string name(in.shortBlob());
    const std::size_t count = in.u16();
    std::vector<std::string> names;
    std::vector<types::TypePtr> fields;
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        names.emplace_back(in.shortBlob());
        TRY_ASSIGN(auto type, readTypeAt(in, depth + 1));
        fields.push_back(std::move(type));
    }
    return types::udt(std::move(keyspace), std::move(name), std::move(names), std::move(fields),
                      false);
}

Result<types::TypePtr> readNative(std::uint16_t id) {
    if (id == kOldTextId) {
        return types::text();
    }
    const auto found = std::find_if(kTypeIds.begin(), kTypeIds.end(),
                                    [&](const TypeId& entry) { return entry.id == id; });
    if (found == kTypeIds.end()) {
        return broken("Unknown type in result metadata");
    }
    return types::native(found->kind);
}

Result<types::TypePtr> readTypeAt(ByteReader& in, int depth) {
    if (depth > kMaxTypeDepth) {
        return broken("Types are nested too deeply in result metadata");
    }
    const std::uint16_t id = in.u16();
    if (in.failed()) {
        return broken("Result metadata ends within a type");
    }
    if (id == kCustomId) {
        TRY_ASSIGN(auto parsed, types::parseClassName(in.shortBlob()));
        return std::move(parsed.type);
    }
    if (id == idOf(Kind::Udt)->id) {
        return readUdt(in, depth);
    }
    if (id == idOf(Kind::Tuple)->id) {
        const std::size_t count = in.u16();
        TRY_ASSIGN(auto components, readTypes(in, count, depth));
        return types::tuple(std::move(components));
    }
    const bool isMap = id == idOf(Kind::Map)->id;
    const bool isList = id == idOf(Kind::List)->id;
    if (isMap || isList || id == idOf(Kind::Set)->id) {
        TRY_ASSIGN(auto inner, readTypes(in, isMap ? 2 : 1, depth));
        return isMap    ? types::map(inner[0], inner[1], false)
               : isList ? types::list(inner[0], false)
                        : types::set(inner[0], false);
    }
    return readNative(id);
}

}  // namespace

void writeString(ByteWriter& out, BytesView text) { out.shortBlob(text.substr(0, kMaxString)); }

void writeStringList(ByteWriter& out, const std::vector<std::string>& list) {
    const std::size_t count = std::min(list.size(), kMaxString);
    out.u16(static_cast<std::uint16_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        writeString(out, list[i]);
    }
}

std::vector<std::string> readStringList(ByteReader& in) {
    std::vector<std::string> out;
    const std::size_t count = in.u16();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        out.emplace_back(in.shortBlob());
    }
    return out;
}

void writeType(ByteWriter& out, int version, const types::DataType& type) {
    const TypeId* entry = idOf(type.kind());
    if (entry == nullptr || entry->sinceVersion > version) {
        out.u16(kCustomId);
        writeString(out, type.kind() == Kind::Custom ? type.customClass() : types::className(type));
        return;
    }
    out.u16(entry->id);
    if (type.kind() == Kind::Udt) {
        writeUdt(out, version, type);
        return;
    }
    if (type.kind() == Kind::Tuple) {
        out.u16(static_cast<std::uint16_t>(type.elements().size()));
    }
    for (const types::TypePtr& element : type.elements()) {
        writeType(out, version, *element);
    }
}

Result<types::TypePtr> readType(ByteReader& in) { return readTypeAt(in, 0); }

bool allInSameTable(const std::vector<cql::ColumnSpec>& columns) {
    return !columns.empty() &&
           std::all_of(columns.begin() + 1, columns.end(), [&](const cql::ColumnSpec& column) {
               return column.table == columns.front().table &&
                      column.keyspace == columns.front().keyspace;
           });
}

void writeColumns(ByteWriter& out, int version, const std::vector<cql::ColumnSpec>& columns,
                  bool globalTable) {
    if (globalTable) {
        writeString(out, columns.front().keyspace);
        writeString(out, columns.front().table);
    }
    for (const cql::ColumnSpec& column : columns) {
        if (!globalTable) {
            writeString(out, column.keyspace);
            writeString(out, column.table);
        }
        writeString(out, column.name);
        writeType(out, version, *column.type);
    }
}

Result<std::vector<cql::ColumnSpec>> readColumns(ByteReader& in, std::int32_t count,
                                                 bool globalTable) {
    std::string keyspace;
    std::string table;
    if (globalTable) {
        keyspace = in.shortBlob();
        table = in.shortBlob();
    }
    std::vector<cql::ColumnSpec> out;
    for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
        cql::ColumnSpec column{keyspace, table, {}, {}};
        if (!globalTable) {
            column.keyspace = in.shortBlob();
            column.table = in.shortBlob();
        }
        column.name = in.shortBlob();
        TRY_ASSIGN(column.type, readType(in));
        out.push_back(std::move(column));
    }
    if (in.failed()) {
        return broken("Result metadata ends too early");
    }
    return out;
}

}  // namespace engine::native
