#include "app/shell/theme/icons.h"

#include <QFile>
#include <QHash>
#include <QPainter>
#include <QSvgRenderer>

#include "app/shell/theme/theme.h"

namespace app::shell {

namespace {

QHash<QString, QPixmap>& cache() {
    static QHash<QString, QPixmap> one;
    return one;
}

}  // namespace

QPixmap iconPixmap(const QString& name, double size, const QColor& colour, double devicePixelRatio) {
    const QString key = QString("%1 %2 %3 %4").arg(name).arg(size).arg(colour.rgba()).arg(devicePixelRatio);
    if (const auto found = cache().constFind(key); found != cache().constEnd()) {
        return *found;
    }
    QFile file(":/ringside/icons/" + name + ".svg");
    QByteArray svg = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    svg.replace("#000", colour.name().toLatin1());
    const int side = qRound(size * devicePixelRatio);
    QPixmap pixmap(side, side);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    QSvgRenderer(svg).render(&painter, QRectF(0, 0, side, side));
    painter.end();
    pixmap.setDevicePixelRatio(devicePixelRatio);
    cache().insert(key, pixmap);
    return pixmap;
}

QIcon menuIcon(const QString& name) {
    QIcon icon;
    icon.addPixmap(iconPixmap(name, 16, tokens().muted, 2.0));
    icon.addPixmap(iconPixmap(name, 16, tokens().line_strong, 2.0), QIcon::Disabled);
    return icon;
}

void dropIcons() { cache().clear(); }

}  // namespace app::shell
