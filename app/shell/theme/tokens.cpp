#include "app/shell/theme/tokens.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "engine/base/ensure.h"

namespace app::shell {

namespace {

QColor colourOf(const QString& text) {
    // tokens.json writes #RRGGBBAA, Qt reads #AARRGGBB.
    if (text.size() == 9) {
        return QColor('#' + text.mid(7, 2) + text.mid(1, 6));
    }
    return QColor(text);
}

template <std::size_t N>
std::array<QColor, N> coloursOf(const QJsonArray& list) {
    std::array<QColor, N> out;
    for (std::size_t i = 0; i < N; ++i) {
        out[i] = colourOf(list.at(static_cast<qsizetype>(i)).toString());
    }
    return out;
}

}  // namespace

Tokens Tokens::load(ThemeKind kind) {
    QFile file(":/ringside/themes/tokens.json");
    const bool opened = file.open(QIODevice::ReadOnly);
    ENSURE(opened);
    const QJsonObject theme = QJsonDocument::fromJson(file.readAll())
                                  .object().value("themes").toObject().value(nameOf(kind)).toObject();
    Tokens tokens;
#define RINGSIDE_LOAD(name) tokens.name = colourOf(theme.value(#name).toString());
    RINGSIDE_COLOURS(RINGSIDE_LOAD)
#undef RINGSIDE_LOAD
    tokens.heat = coloursOf<6>(theme.value("heat").toArray());
    tokens.nodes = coloursOf<12>(theme.value("node").toArray());
    return tokens;
}

QColor Tokens::byName(const QString& name) const {
#define RINGSIDE_FIND(field)          \
    if (name == QLatin1String(#field)) { \
        return field;                 \
    }
    RINGSIDE_COLOURS(RINGSIDE_FIND)
#undef RINGSIDE_FIND
    return text;
}

QColor Tokens::verb(const QString& verbName) const { return byName(verbFamily(verbName)); }

QString nameOf(ThemeKind kind) {
    switch (kind) {
    case ThemeKind::Light: return "light";
    case ThemeKind::Dark: return "dark";
    case ThemeKind::Contrast: return "contrast";
    }
    return "light";
}

ThemeKind themeKindOf(const QString& name) {
    return name == "dark" ? ThemeKind::Dark : name == "contrast" ? ThemeKind::Contrast : ThemeKind::Light;
}

QString verbFamily(const QString& verbName) {
    static const std::pair<const char*, const char*> kFamilies[] = {
        {"READ_REPAIR", "repair"}, {"VALIDATION", "repair"}, {"SYNC", "repair"}, {"REPAIR", "repair"},
        {"MUTATION", "write"},     {"BATCH", "write"},       {"COUNTER", "write"}, {"TRUNCATE", "write"},
        {"READ", "read"},          {"RANGE", "read"},        {"HINT", "hint"},     {"GOSSIP", "gossip"},
        {"ECHO", "gossip"},        {"PAXOS", "paxos"},       {"STREAM", "stream"}, {"SCHEMA", "schema"},
    };
    for (const auto& [prefix, family] : kFamilies) {
        if (verbName.startsWith(QLatin1String(prefix))) {
            return family;
        }
    }
    return "gossip";
}

}  // namespace app::shell
