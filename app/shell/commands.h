#pragma once

#include <QAction>
#include <QObject>

#include <functional>
#include <vector>

namespace app::shell {

/// Everything that can be done by name: menus, shortcuts and the palette are made from this list. An
/// action that cannot be done now is disabled and its status tip says why.
class Commands : public QObject {
    Q_OBJECT

public:
    explicit Commands(QWidget* window);

    /// `menu` is the menu it stands in ("View"); empty: palette only. The first of `keys` is shown.
    QAction* add(const QString& menu, const QString& text, const QList<QKeySequence>& keys,
                 std::function<void()> run, const QString& icon = {});
    const std::vector<QAction*>& all() const { return m_actions; }
    std::vector<QAction*> ofMenu(const QString& menu) const;
    QStringList menus() const { return m_menus; }
    /// Enables or disables with the reason a person reads.
    static void allow(QAction* action, bool enabled, const QString& reason = {});
    /// "Ctrl Shift P" as the design writes shortcuts.
    static QString keyText(const QKeySequence& keys);

private:
    QWidget* m_window;
    std::vector<QAction*> m_actions;
    QStringList m_menus;
};

}  // namespace app::shell
