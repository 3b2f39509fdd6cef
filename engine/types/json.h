#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::types {

/// AbstractType.toJSONString: the value as SELECT JSON and to_json print it.
std::string toJson(const DataType& type, BytesView bytes);
/// JSON string with the escapes of Jackson's JsonStringEncoder, in double quotes.
std::string jsonQuote(std::string_view text);

/// The value a JSON text stands for (from_json, INSERT JSON); nullopt for `null`. Messages as
/// AbstractType.fromJSONObject gives them.
Result<Value> fromJson(const DataType& type, std::string_view json);

/// The same for a column of INSERT JSON, with the words Cassandra puts before most messages.
Result<Value> columnFromJson(std::string_view column, const DataType& type, std::string_view json);

/// Splits the object of INSERT … JSON into raw JSON texts by column name, names unquoted as
/// Cassandra's JsonUtils.handleCaseSensitivity does (lower case unless in double quotes).
Result<std::map<std::string, std::string>> splitJsonObject(std::string_view json);

}  // namespace engine::types
