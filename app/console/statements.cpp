#include "app/console/statements.h"

#include <QStringList>

#include "engine/cql/assist/completion.h"
#include "engine/cql/syntax/text.h"

namespace app::console {

namespace {

/// Bytes to UTF-16 in one pass, for ascending offsets.
class OffsetMap {
public:
    explicit OffsetMap(std::string_view utf8) : m_text(utf8) {}
    int operator()(std::size_t byte) {
        for (; m_byte < byte && m_byte < m_text.size(); ++m_byte) {
            const auto c = static_cast<unsigned char>(m_text[m_byte]);
            if ((c & 0xC0) != 0x80) {
                m_units += c >= 0xF0 ? 2 : 1;
            }
        }
        return m_units;
    }

private:
    std::string_view m_text;
    std::size_t m_byte = 0;
    int m_units = 0;
};

}  // namespace

QString StatementText::verb() const {
    const QStringList words = text.simplified().split(' ');
    const QString first = words.value(0).toUpper();
    return first == "BEGIN" || first == "CREATE" || first == "ALTER" || first == "DROP"
               ? first + ' ' + words.value(1).toUpper()
               : first;
}

std::vector<StatementText> splitStatements(const QString& sheet) {
    const std::string utf8 = sheet.toStdString();
    OffsetMap units(utf8);
    std::vector<StatementText> out;
    for (const engine::SourceSpan& span : engine::cql::syntax::splitStatements(utf8, engine::cql::assist::lineVerbs())) {
        StatementText statement;
        statement.offset = units(span.offset);
        statement.length = units(span.offset + span.length) - statement.offset;
        statement.text = sheet.mid(statement.offset, statement.length);
        statement.line = static_cast<int>(span.line);
        statement.shellVerb = engine::cql::syntax::isLineVerb(std::string_view(utf8).substr(span.offset, span.length),
                                                               engine::cql::assist::shellVerbs());
        out.push_back(std::move(statement));
    }
    return out;
}

const StatementText* statementAt(const std::vector<StatementText>& statements, int cursor) {
    const StatementText* found = nullptr;
    for (const StatementText& statement : statements) {
        if (statement.offset <= cursor) {
            found = &statement;
        }
    }
    return found != nullptr ? found : statements.empty() ? nullptr : &statements.front();
}

int utf16Offset(const QString& text, std::size_t byteOffset) {
    const std::string utf8 = text.toStdString();
    return OffsetMap(utf8)(byteOffset);
}

}  // namespace app::console
