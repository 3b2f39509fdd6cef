#include "app/shell/commands.h"

#include <QWidget>

namespace app::shell {

namespace {
constexpr char kMenuProperty[] = "ringsideMenu";
}

Commands::Commands(QWidget* window) : QObject(window), m_window(window) {}

QAction* Commands::add(const QString& menu, const QString& text, const QList<QKeySequence>& keys,
                       std::function<void()> run, const QString& icon) {
    auto* action = new QAction(text, this);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WindowShortcut);
    action->setProperty(kMenuProperty, menu);
    action->setObjectName(icon);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    m_window->addAction(action);
    m_actions.push_back(action);
    if (!menu.isEmpty() && !m_menus.contains(menu)) {
        m_menus.append(menu);
    }
    return action;
}

std::vector<QAction*> Commands::ofMenu(const QString& menu) const {
    std::vector<QAction*> out;
    for (QAction* action : m_actions) {
        if (action->property(kMenuProperty).toString() == menu) {
            out.push_back(action);
        }
    }
    return out;
}

void Commands::allow(QAction* action, bool enabled, const QString& reason) {
    action->setEnabled(enabled);
    action->setStatusTip(enabled ? QString() : reason);
}

QString Commands::keyText(const QKeySequence& keys) {
    return keys.toString(QKeySequence::NativeText).replace("++", "+Plus").replace('+', ' ');
}

}  // namespace app::shell
