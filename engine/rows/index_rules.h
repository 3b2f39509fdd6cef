#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/rows/read_command.h"
#include "engine/schema/table.h"

/// What an index of system_schema means: which column, which part of it, which operators
/// (org.apache.cassandra.index: CassandraIndex, sai.StorageAttachedIndex, sasi.SASIIndex).
namespace engine::rows {

enum class IndexClass : std::uint8_t { Legacy, StorageAttached, Sasi };
/// Collections: one kind of their parts, or the whole (frozen) value.
enum class IndexOn : std::uint8_t { Value, Keys, Values, Entries, Full };
/// values, keys, entries, full; empty for Value.
std::string_view toString(IndexOn on);

struct IndexTarget {
    IndexOn on = IndexOn::Value;
    std::string column;
    bool operator==(const IndexTarget&) const = default;
};

inline constexpr std::string_view kStorageAttachedClass =
    "org.apache.cassandra.index.sai.StorageAttachedIndex";
inline constexpr std::string_view kSasiClass = "org.apache.cassandra.index.sasi.SASIIndex";

IndexClass classOf(const schema::Index& index);
/// Of the option `target`: `v`, `"Mixed"`, `keys(m)`.
IndexTarget targetOf(const schema::Index& index);
/// Of the terms: the column, its elements or its keys; Entries: the value of an entry.
types::TypePtr termType(const schema::Column& column, IndexOn on);

/// How texts are changed before they are compared; an index and those who ask it do the same.
enum Analysis : std::uint8_t { LowerCase = 1, Composed = 2, AsciiOnly = 4, Words = 8 };
std::uint8_t analysisOf(const schema::Index& index);
Bytes analyse(BytesView text, std::uint8_t analysis);
/// Lower-case words of a text (StandardAnalyzer, without stemming).
std::vector<Bytes> wordsOf(BytesView text);

/// Whether the index answers `column op value` (Index.supportsExpression).
bool supports(const schema::Table& table, const schema::Index& index, std::string_view column,
              Operator op);
/// The index is over vectors, for ANN OF.
bool isNearestIndex(const schema::Table& table, const schema::Index& index);

}  // namespace engine::rows
