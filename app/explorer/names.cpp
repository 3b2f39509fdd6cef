#include "app/explorer/names.h"

#include <QStringList>

#include <algorithm>

namespace app::explorer {

const sources::NodeInfo* nodeIn(const Nodes& nodes, const std::string& name) {
    const QString wanted = QString::fromStdString(name);
    const auto at = std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) { return n.name == wanted; });
    return at == nodes.end() ? nullptr : &*at;
}

int numberIn(const Nodes& nodes, const std::string& name) {
    const sources::NodeInfo* node = nodeIn(nodes, name);
    return node != nullptr ? node->number : 0;
}

QString labelIn(const Nodes& nodes, const std::string& name) {
    const sources::NodeInfo* node = nodeIn(nodes, name);
    return node != nullptr ? node->label() : addressOf(name);
}

QString addressOf(const std::string& name) { return QString::fromStdString(name).section(':', 0, -2); }

QString ordinalText(int n) {
    const int tens = n % 100;
    const char* end = tens >= 11 && tens <= 13 ? "th" : n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
    return QString::number(n) + end;
}

QString joined(const QStringList& parts) {
    if (parts.size() < 2) {
        return parts.join(QString());
    }
    return parts.mid(0, parts.size() - 1).join(", ") + " and " + parts.last();
}

bool isReadable(const std::string& bytes) {
    const QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    return !bytes.empty() && !text.contains(QChar::ReplacementCharacter) &&
           std::all_of(text.begin(), text.end(), [](QChar c) { return c.isPrint(); });
}

QString hexText(const std::string& bytes, int bytesMax) {
    QStringList out;
    for (std::size_t i = 0; i < bytes.size() && static_cast<int>(i) < bytesMax; ++i) {
        out += QString("%1").arg(static_cast<unsigned char>(bytes[i]), 2, 16, QChar('0'));
    }
    return out.join(' ') + (static_cast<int>(bytes.size()) > bytesMax ? QString(" ") + QChar(0x2026) : QString());
}

QString keyText(const std::string& bytes, bool quoted) {
    if (isReadable(bytes)) {
        const QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
        return quoted ? '\'' + QString(text).replace('\'', "''") + '\'' : text;
    }
    if (bytes.size() == 4 || bytes.size() == 8) {  // int and bigint are the usual ones.
        std::uint64_t value = 0;
        for (const char c : bytes) {
            value = value << 8 | static_cast<unsigned char>(c);
        }
        return QString::number(bytes.size() == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value));
    }
    return "0x" + hexText(bytes, 8).remove(' ');
}

QString statementTitle(const engine::observe::RequestStarted& info) {
    const QString verb = QString::fromStdString(info.statement).simplified().section(' ', 0, 0).toUpper();
    const QString word = verb.isEmpty() ? QString::fromStdString(info.kind) : verb;
    return info.table.empty() ? word : word + ' ' + QString::fromStdString(info.table);
}

}  // namespace app::explorer
