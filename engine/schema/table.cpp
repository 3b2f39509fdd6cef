#include "engine/schema/table.h"

#include <algorithm>
#include <tuple>

#include "engine/types/data_type.h"

namespace engine::schema {

bool ColumnMask::operator==(const ColumnMask& other) const {
    return keyspace == other.keyspace && function == other.function && arguments == other.arguments &&
           std::equal(argumentTypes.begin(), argumentTypes.end(), other.argumentTypes.begin(),
                      other.argumentTypes.end(),
                      [](const types::TypePtr& a, const types::TypePtr& b) { return types::same(a, b); });
}

bool Column::operator==(const Column& other) const {
    const bool sameMask = mask == nullptr || other.mask == nullptr ? mask == other.mask : *mask == *other.mask;
    return name == other.name && kind == other.kind && position == other.position &&
           descending == other.descending && types::same(type, other.type) && sameMask;
}

std::string_view toString(ColumnKind kind) {
    switch (kind) {
        case ColumnKind::PartitionKey: return "partition_key";
        case ColumnKind::Clustering: return "clustering";
        case ColumnKind::Static: return "static";
        case ColumnKind::Regular: return "regular";
    }
    return "?";
}

namespace {

/// ColumnIdentifier.compareTo: the first eight bytes as one signed number, then all unsigned.
std::int64_t namePrefix(std::string_view name) {
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        prefix = prefix << 8 | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0);
    }
    return static_cast<std::int64_t>(prefix);
}

bool before(const Column& a, const Column& b) {
    if (a.kind != b.kind || a.position != b.position) {
        return std::tie(a.kind, a.position) < std::tie(b.kind, b.position);
    }
    const std::int64_t left = namePrefix(a.name);
    const std::int64_t right = namePrefix(b.name);
    return left != right ? left < right : a.name < b.name;
}

}  // namespace

void Table::finish() {
    std::sort(columns.begin(), columns.end(), before);
    const auto firstOf = [this](ColumnKind kind) {
        const auto it = std::find_if(columns.begin(), columns.end(),
                                     [kind](const Column& c) { return c.kind >= kind; });
        return static_cast<std::size_t>(it - columns.begin());
    };
    m_clusteringAt = firstOf(ColumnKind::Clustering);
    m_staticAt = firstOf(ColumnKind::Static);
    m_regularAt = firstOf(ColumnKind::Regular);
}

bool isStrict(const Table& view, const Table& base) {
    return std::any_of(view.columns.begin(), view.columns.end(), [&](const Column& column) {
        const Column* own = base.find(column.name);
        return column.position >= 0 && own != nullptr && own->position < 0;
    });
}

const Column* Table::find(std::string_view column) const {
    for (const Column& c : columns) {
        if (c.name == column) {
            return &c;
        }
    }
    return nullptr;
}

}  // namespace engine::schema
