#include "app/shell/theme/theme.h"

#include <QApplication>
#include <QStyleFactory>

#include "app/shell/theme/fonts.h"
#include "app/shell/theme/icons.h"

namespace app::shell {

Theme& Theme::instance() {
    static Theme one;
    return one;
}

Theme::Theme() : m_tokens(Tokens::load(ThemeKind::Light)) {}

void Theme::install(ThemeKind kind) {
    QApplication::setStyle(QStyleFactory::create("Fusion"));
    QApplication::setFont(sans(kTypeText));
    m_installed = true;
    m_kind = kind;
    m_tokens = Tokens::load(kind);
    apply();
}

void Theme::setKind(ThemeKind kind) {
    if (kind == m_kind && m_version > 0) {
        return;
    }
    m_kind = kind;
    m_tokens = Tokens::load(kind);
    apply();
}

void Theme::setZoom(double zoom) {
    m_zoom = std::clamp(zoom, 1.0, 2.0);
    ++m_version;
    emit changed();
}

void Theme::setReducedMotion(bool reduced) {
    m_reducedMotion = reduced;
    ++m_version;
    emit changed();
}

void Theme::apply() {
    ++m_version;
    dropIcons();
    if (m_installed) {
        QApplication::setPalette(paletteOf(m_tokens));
        qApp->setStyleSheet(styleSheetOf(m_tokens));
    }
    emit changed();
}

QPalette paletteOf(const Tokens& t) {
    QPalette p;
    p.setColor(QPalette::Window, t.window);
    p.setColor(QPalette::WindowText, t.text);
    p.setColor(QPalette::Base, t.panel);
    p.setColor(QPalette::AlternateBase, t.sunken);
    p.setColor(QPalette::Text, t.text);
    p.setColor(QPalette::PlaceholderText, t.faint);
    p.setColor(QPalette::Button, t.panel);
    p.setColor(QPalette::ButtonText, t.text);
    p.setColor(QPalette::BrightText, t.fail);
    p.setColor(QPalette::Highlight, t.accent);
    p.setColor(QPalette::HighlightedText, t.on_accent);
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::LinkVisited, t.accent);
    p.setColor(QPalette::ToolTipBase, t.block);
    p.setColor(QPalette::ToolTipText, t.on_block);
    p.setColor(QPalette::Light, t.panel);
    p.setColor(QPalette::Midlight, t.line);
    p.setColor(QPalette::Mid, t.line_strong);
    p.setColor(QPalette::Dark, t.line_control);
    p.setColor(QPalette::Shadow, t.line_control);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        p.setColor(QPalette::Disabled, role, t.faint);
    }
    p.setColor(QPalette::Disabled, QPalette::Highlight, t.line_strong);
    return p;
}

}  // namespace app::shell
