#pragma once

#include <QObject>
#include <QPalette>

#include "app/shell/theme/tokens.h"

namespace app::shell {

/// The look of the whole program: like QPalette there is one per application, changed at run time.
/// Lives on the GUI thread. Setting a kind loads its tokens, generates the style sheet, sets the
/// palette, raises version() (the key of every cached pixmap) and tells changed().
class Theme : public QObject {
    Q_OBJECT

public:
    static Theme& instance();

    const Tokens& tokens() const { return m_tokens; }
    ThemeKind kind() const { return m_kind; }
    int version() const { return m_version; }
    /// Of painted views and the console's text; 1.0 to 2.0. Chrome does not follow.
    double zoom() const { return m_zoom; }
    bool reducedMotion() const { return m_reducedMotion; }

    void setKind(ThemeKind kind);
    void setZoom(double zoom);
    void setReducedMotion(bool reduced);
    /// Fusion, fonts, palette and style sheet; call once after QApplication is there.
    void install(ThemeKind kind);

signals:
    void changed();

private:
    Theme();
    void apply();

    ThemeKind m_kind = ThemeKind::Light;
    Tokens m_tokens;
    int m_version = 0;
    double m_zoom = 1.0;
    bool m_reducedMotion = false;
    bool m_installed = false;
};

inline Theme& theme() { return Theme::instance(); }
inline const Tokens& tokens() { return Theme::instance().tokens(); }

QPalette paletteOf(const Tokens& tokens);
QString styleSheetOf(const Tokens& tokens);

}  // namespace app::shell
