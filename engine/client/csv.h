#pragma once

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace engine::client {

/// How a file of separated values is written: cqlsh's COPY options of these names.
struct CsvForm {
    char delimiter = ',';
    char quote = '"';
    char escape = '\\';
};

/// One record with its line end. Fields that need it are quoted; quotes and escapes within are escaped.
std::string csvRecord(const std::vector<std::string>& fields, const CsvForm& form);

/// Reads records; quoted fields may hold delimiters and line ends.
class CsvReader {
public:
    CsvReader(std::istream& in, CsvForm form) : m_in(in), m_form(form) {}

    /// The next record's fields; nothing at the end. Invalid when a quoted field never ends, with its line.
    Result<std::optional<std::vector<std::string>>> next();
    /// Of the record that next() gave last, from 1.
    std::size_t line() const { return m_line; }

private:
    std::istream& m_in;
    CsvForm m_form;
    std::size_t m_line = 0;
    std::size_t m_lines = 0;  // Read so far.
};

}  // namespace engine::client
