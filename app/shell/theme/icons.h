#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

namespace app::shell {

/// Line icons of assets/icons on a 16 px grid, tinted. `name` is the file's ("play", "heal", "cut").
/// Cached by (name, size, colour, device pixel ratio) until the theme changes; GUI thread.
QPixmap iconPixmap(const QString& name, double size, const QColor& colour, double devicePixelRatio);
/// For menus and actions, in the muted ink of the present theme.
QIcon menuIcon(const QString& name);
void dropIcons();

}  // namespace app::shell
