#include "app/shell/theme/fonts.h"

#include <QGuiApplication>
#include <QScreen>
#include <QStringList>

namespace app::shell {

namespace {

QFont make(const QStringList& families, double px, int weight) {
    QFont font(families);
    font.setPointSizeF(pointsOf(px));
    font.setWeight(static_cast<QFont::Weight>(weight));
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

}  // namespace

double pointsOf(double px) {
    static const double dpi = QGuiApplication::primaryScreen() != nullptr
                                  ? QGuiApplication::primaryScreen()->logicalDotsPerInchY()
                                  : 96.0;
    return px * 72.0 / dpi;
}

QFont sans(double px, int weight) {
    static const QStringList families{"Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"};
    return make(families, px, weight);
}

QFont mono(double px, int weight) {
    static const QStringList families{"JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo",
                                      "Noto Sans Mono", "DejaVu Sans Mono"};
    QFont font = make(families, px, weight);
    font.setStyleHint(QFont::Monospace);
    font.setStyleStrategy(QFont::PreferNoShaping);
    return font;
}

}  // namespace app::shell
