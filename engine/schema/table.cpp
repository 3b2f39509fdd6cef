#include "engine/schema/table.h"

#include <algorithm>
#include <tuple>

#include "engine/types/data_type.h"

namespace engine::schema {

bool Column::operator==(const Column& other) const {
    return name == other.name && kind == other.kind && position == other.position &&
           descending == other.descending && types::same(type, other.type);
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

void Table::finish() {
    std::sort(columns.begin(), columns.end(), [](const Column& a, const Column& b) {
        return std::tie(a.kind, a.position, a.name) < std::tie(b.kind, b.position, b.name);
    });
    const auto firstOf = [this](ColumnKind kind) {
        const auto it = std::find_if(columns.begin(), columns.end(),
                                     [kind](const Column& c) { return c.kind >= kind; });
        return static_cast<std::size_t>(it - columns.begin());
    };
    m_clusteringAt = firstOf(ColumnKind::Clustering);
    m_staticAt = firstOf(ColumnKind::Static);
    m_regularAt = firstOf(ColumnKind::Regular);
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
