#pragma once

#include <QDialog>

namespace app::shell {

/// What the program is, its version, and whose trademark Cassandra is.
class AboutBox : public QDialog {
    Q_OBJECT

public:
    explicit AboutBox(QWidget* parent);
};

/// Every shortcut that exists, by menu.
class ShortcutsBox : public QDialog {
    Q_OBJECT

public:
    ShortcutsBox(const class Commands& commands, QWidget* parent);
};

}  // namespace app::shell
