#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/types/data_type.h"

/// Values as the fields of COPY's files (cqlshlib/formatting.py; ImportConversion of copyutil.py).
namespace engine::client {

/// COPY's options of these names.
struct CopyStyle {
    std::string null;
    std::string yes = "True";
    std::string no = "False";
    std::string timestampFormat = "%Y-%m-%d %H:%M:%S.%f%z";  // As Python's strftime reads it; UTC.
    std::string decimalSeparator = ".";
    std::string thousandsSeparator;
    int floatPrecision = 5;  // Digits; of doubles within a collection too, as there.
    int doublePrecision = 12;
};

/// What cqlsh writes for a valid value; an empty value of a type that has none is null. As with cqlsh, floats lose the
/// digits past the precision, and control characters and backslashes in texts are escaped once more than they are read.
std::string copyText(const types::DataType& type, BytesView value, const CopyStyle& style);
/// What stands for null in the file.
std::string copyNull(const CopyStyle& style);

/// The value of a field that is not null. Within collections texts may be in single quotes; an empty part of a user type
/// is null, and that of any other an error. Invalid says what cannot be read.
Result<Bytes> copyValue(const types::DataType& type, std::string_view field, const CopyStyle& style);

}  // namespace engine::client
