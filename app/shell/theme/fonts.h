#pragma once

#include <QFont>
#include <QFontMetricsF>
#include <QString>

namespace app::shell {

// The type scale, px at 100 %.
constexpr double kTypeAxis = 10.5;
constexpr double kTypeNote = 11.5;
constexpr double kTypeView = 12.5;
constexpr double kTypeText = 13;
constexpr double kTypeLead = 15;
constexpr double kTypeTitle = 17;
constexpr double kTypeDisplay = 26;

/// Sizes are px of the design; points are set, as setPixelSize takes whole numbers only.
double pointsOf(double px);

/// Text: Inter, else what the platform has. Weights 400, 500, 600, 700.
QFont sans(double px, int weight = 400);
/// Data: JetBrains Mono with ligatures off. Every number that can change or align is mono, because
/// Inter's figures are proportional and Qt 6.4 cannot set font features.
QFont mono(double px, int weight = 400);

inline double widthOf(const QFont& font, const QString& text) {
    return QFontMetricsF(font).horizontalAdvance(text);
}

}  // namespace app::shell
