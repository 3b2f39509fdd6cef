#include "engine/client/csv.h"

#include <fmt/format.h>

namespace engine::client {

std::string csvRecord(const std::vector<std::string>& fields, const CsvForm& form) {
    std::string out;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) {
            out += form.delimiter;
        }
        const char special[] = {form.delimiter, form.quote, form.escape, '\n', '\r', '\0'};
        if (fields[i].find_first_of(special) == std::string::npos) {
            out += fields[i];
            continue;
        }
        out += form.quote;
        for (const char c : fields[i]) {
            if (c == form.quote || c == form.escape) {
                out += form.escape;
            }
            out += c;
        }
        out += form.quote;
    }
    return out + '\n';
}

Result<std::optional<std::vector<std::string>>> CsvReader::next() {
    m_line = m_lines + 1;
    std::vector<std::string> fields;
    std::string field;
    bool quoted = false;
    bool any = false;
    for (int c = m_in.get(); c != std::istream::traits_type::eof(); c = m_in.get()) {
        any = true;
        const char letter = static_cast<char>(c);
        m_lines += letter == '\n' ? 1 : 0;
        if (letter == m_form.escape && (letter != m_form.quote || quoted)) {
            const int after = m_in.peek();
            const bool escapes = after == m_form.quote || after == m_form.escape;
            if (escapes) {
                field += static_cast<char>(m_in.get());
                continue;
            }
        }
        if (letter == m_form.quote) {
            quoted = !quoted;
        } else if (quoted) {
            field += letter;
        } else if (letter == m_form.delimiter) {
            fields.push_back(std::move(field));
            field.clear();
        } else if (letter == '\n') {
            fields.push_back(std::move(field));
            return std::optional(std::move(fields));
        } else if (letter != '\r') {
            field += letter;
        }
    }
    if (quoted) {
        return invalid(fmt::format("line {}: a quoted field that begins here never ends", m_line));
    }
    if (!any) {
        return std::optional<std::vector<std::string>>();
    }
    fields.push_back(std::move(field));
    return std::optional(std::move(fields));
}

}  // namespace engine::client
