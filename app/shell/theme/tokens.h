#pragma once

#include <QColor>
#include <QString>

#include <array>

namespace app::shell {

enum class ThemeKind { Light, Dark, Contrast };

/// The named colours of tokens.json, once: fields, loading and look-up by name are made from it.
#define RINGSIDE_COLOURS(X)                                                                       \
    X(window) X(panel) X(view) X(sunken) X(hover) X(selected) X(scrim)                            \
    X(line) X(line_strong) X(line_control) X(text) X(muted) X(faint)                              \
    X(accent) X(on_accent) X(focus) X(up) X(suspect) X(down) X(joining) X(leaving) X(paused)      \
    X(pass) X(near) X(fail) X(pass_tint) X(near_tint) X(fail_tint) X(info_tint)                   \
    X(write) X(read) X(repair) X(hint) X(gossip) X(paxos) X(stream) X(schema)                     \
    X(live) X(live_tint) X(shadowed) X(shadowed_tint) X(tomb) X(tomb_tint) X(expired)             \
    X(expired_tint) X(block) X(on_block) X(late) X(kw) X(str) X(num) X(type) X(comment) X(on_node)

/// Every colour of one theme, under the names of assets/themes/tokens.json (lower case with
/// underscores there and here). Plain values; the GUI thread reads the current ones by tokens().
struct Tokens {
#define RINGSIDE_FIELD(name) QColor name;
    RINGSIDE_COLOURS(RINGSIDE_FIELD)
#undef RINGSIDE_FIELD
    std::array<QColor, 6> heat;
    std::array<QColor, 12> nodes;

    /// From the file compiled into the program.
    static Tokens load(ThemeKind kind);

    /// Colour of node `number` from 1; from 13 on the twelve repeat.
    QColor node(int number) const { return nodes[static_cast<std::size_t>(std::max(number - 1, 0)) % 12]; }
    /// By name, for data that carries a name; text when there is none such.
    QColor byName(const QString& name) const;
    /// The colour and line of a verb's family: MUTATION_REQ is write, READ_RSP read.
    QColor verb(const QString& verbName) const;
};

QString nameOf(ThemeKind kind);  // light, dark, contrast
ThemeKind themeKindOf(const QString& name);
/// "write", "read", "repair", "hint", "gossip", "paxos", "stream", "schema": the token of a verb.
QString verbFamily(const QString& verbName);

}  // namespace app::shell
