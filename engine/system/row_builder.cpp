#include "engine/system/row_builder.h"

#include <algorithm>

#include "engine/base/ensure.h"
#include "engine/storage/storage_engine.h"
#include "engine/types/data_type.h"

namespace engine::system {

namespace {

/// A list's cells are keyed by timeuuids; ours count up from the first moment of time.
Bytes listPath(std::size_t index) {
    return Uuid::timeBased(static_cast<std::int64_t>(index), 0).toBytes();
}

}  // namespace

const schema::Column& RowBuilder::find(std::string_view column) const {
    const schema::Column* found = m_table.find(column);
    ENSURE(found != nullptr);
    return *found;
}

RowBuilder& RowBuilder::set(std::string_view column, std::optional<Bytes> value,
                            std::int64_t nowSeconds) {
    rows::Cell cell{.column = find(column).name, .timestamp = m_timestamp};
    if (value) {
        cell.value = std::move(*value);
    } else {
        cell.localDeletionTime = nowSeconds;
    }
    m_row.cells.push_back(std::move(cell));
    return *this;
}

void RowBuilder::replaceCollection(const schema::Column& column) {
    m_row.complexDeletions.push_back(
        {column.name, {.markedForDeleteAt = m_timestamp - 1, .localDeletionTime = m_timestamp / 1'000'000}});
}

RowBuilder& RowBuilder::textMap(std::string_view name, const std::map<std::string, std::string>& values) {
    const schema::Column& column = find(name);
    if (column.type->isFrozen()) {
        const std::vector<std::pair<Bytes, Bytes>> entries(values.begin(), values.end());
        return set(name, types::packMap(entries));
    }
    replaceCollection(column);
    for (const auto& [key, value] : values) {
        m_row.cells.push_back({.column = column.name, .path = key, .value = value, .timestamp = m_timestamp});
    }
    return *this;
}

RowBuilder& RowBuilder::textSet(std::string_view name, std::vector<std::string> values) {
    const schema::Column& column = find(name);
    const bool isSet = column.type->kind() == types::Kind::Set;
    if (isSet) {
        std::sort(values.begin(), values.end());
    }
    if (column.type->isFrozen()) {
        return set(name, types::packList(values));
    }
    replaceCollection(column);
    for (std::size_t i = 0; i < values.size(); ++i) {
        rows::Cell cell{.column = column.name, .timestamp = m_timestamp};
        (isSet ? cell.path : cell.value) = values[i];
        if (!isSet) {
            cell.path = listPath(i);
        }
        m_row.cells.push_back(std::move(cell));
    }
    return *this;
}

rows::Row RowBuilder::take() {
    std::stable_sort(m_row.cells.begin(), m_row.cells.end(),
                     [](const rows::Cell& a, const rows::Cell& b) {
                         return a.column != b.column ? a.column < b.column : a.path < b.path;
                     });
    std::sort(m_row.complexDeletions.begin(), m_row.complexDeletions.end(),
              [](const auto& a, const auto& b) { return a.column < b.column; });
    return std::move(m_row);
}

rows::PartitionUpdate update(schema::TablePtr table, Bytes key, rows::Row row) {
    rows::PartitionUpdate out{std::move(table), {}};
    out.partition.key = rows::decorate(std::move(key));
    out.partition.rows.push_back(std::move(row));
    return out;
}

Result<void> applyUpdate(storage::StorageEngine& storage, rows::PartitionUpdate update) {
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(update));
    return storage.applyNow(mutation);
}

Bytes compositeKey(const std::vector<Bytes>& components) {
    if (components.size() == 1) {
        return components.front();
    }
    ByteWriter out;
    for (const Bytes& component : components) {
        out.shortBlob(component);
        out.u8(0);
    }
    return out.take();
}

std::optional<Bytes> RowReader::get(std::string_view column) const {
    const schema::Column* found = m_table.find(column);
    ENSURE(found != nullptr);
    if (found->kind == schema::ColumnKind::Clustering) {
        return m_row.clustering[static_cast<std::size_t>(found->position)];
    }
    for (const rows::Cell& cell : m_row.cells) {
        if (cell.column == column && !cell.isTombstone()) {
            return cell.value;
        }
    }
    return std::nullopt;
}

std::int32_t RowReader::int32(std::string_view column, std::int32_t otherwise) const {
    const auto value = get(column);
    return value ? types::decodeInt(*value) : otherwise;
}

double RowReader::float64(std::string_view column, double otherwise) const {
    const auto value = get(column);
    return value ? types::decodeDouble(*value) : otherwise;
}

bool RowReader::boolean(std::string_view column, bool otherwise) const {
    const auto value = get(column);
    return value ? types::decodeBoolean(*value) : otherwise;
}

std::map<std::string, std::string> RowReader::textMap(std::string_view column) const {
    std::map<std::string, std::string> out;
    if (m_table.find(column)->type->isFrozen()) {
        const auto packed = get(column);
        if (packed) {
            if (const auto entries = types::unpackMap(*packed)) {
                for (const auto& [key, value] : entries.value()) {
                    out.emplace(key, value);
                }
            }
        }
        return out;
    }
    for (const rows::Cell& cell : m_row.cells) {
        if (cell.column == column && !cell.isTombstone()) {
            out[cell.path] = cell.value;
        }
    }
    return out;
}

std::vector<std::string> RowReader::textList(std::string_view column) const {
    std::vector<std::string> out;
    const types::DataType& type = *m_table.find(column)->type;
    if (type.isFrozen()) {
        const auto packed = get(column);
        if (packed) {
            if (const auto elements = types::unpackList(*packed)) {
                out.assign(elements.value().begin(), elements.value().end());
            }
        }
        return out;
    }
    for (const rows::Cell& cell : m_row.cells) {
        if (cell.column == column && !cell.isTombstone()) {
            out.push_back(type.kind() == types::Kind::Set ? cell.path : cell.value);
        }
    }
    return out;
}

}  // namespace engine::system
