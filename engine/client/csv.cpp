#include "engine/client/csv.h"

#include <fmt/format.h>

namespace engine::client {

std::string csvRecord(const std::vector<std::string>& fields, const CsvForm& form) {
    const bool doubles = form.quote == form.escape;
    std::string out;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) {
            out += form.delimiter;
        }
        bool quoted = fields.size() == 1 && fields[0].empty();
        std::string field;
        for (const char c : fields[i]) {
            const bool escaped = c == form.quote || c == form.escape;
            if (escaped) {
                field += form.escape;
            }
            quoted = quoted || c == form.delimiter || c == '\n' || c == '\r' || (escaped && doubles);
            field += c;
        }
        out += quoted ? form.quote + field + form.quote : field;
    }
    return out + "\r\n";
}

Result<std::optional<std::vector<std::string>>> CsvReader::next() {
    m_line = m_lines + 1;
    std::vector<std::string> fields;
    std::string field;
    bool quoted = false;
    bool atStart = true;  // Of a field: only there a quote opens it.
    bool any = false;
    const bool doubles = m_form.quote == m_form.escape;
    for (int c = m_in.get(); c != std::istream::traits_type::eof(); c = m_in.get()) {
        any = true;
        const char letter = static_cast<char>(c);
        m_lines += letter == '\n' ? 1 : 0;
        const bool opens = letter == m_form.quote && atStart && !quoted;
        atStart = false;
        if (opens) {
            quoted = true;
        } else if (letter == m_form.escape && (doubles ? quoted && m_in.peek() == m_form.quote : m_in.peek() >= 0)) {
            field += static_cast<char>(m_in.get());
            m_lines += field.back() == '\n' ? 1 : 0;
        } else if (quoted) {
            quoted = letter != m_form.quote;
            if (quoted) {
                field += letter;
            }
        } else if (letter == m_form.delimiter) {
            fields.push_back(std::move(field));
            field.clear();
            atStart = true;
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
