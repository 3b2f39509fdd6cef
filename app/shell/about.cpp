#include "app/shell/about.h"

#include <QApplication>
#include <QGridLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include "app/shell/commands.h"
#include "app/shell/kit.h"

namespace app::shell {

AboutBox::AboutBox(QWidget* parent) : QDialog(parent) {
    setWindowTitle("About Ringside");
    setFixedWidth(460);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(28, 26, 28, 22);
    column->setSpacing(10);
    auto* head = new QHBoxLayout;
    head->setSpacing(14);
    head->addWidget(new IconLabel("explore", 36, &Tokens::accent));
    auto* names = new QVBoxLayout;
    names->setSpacing(2);
    names->addWidget(new Label("Ringside", 20, 600));
    names->addWidget(new Label("Version " + QApplication::applicationVersion(), 12, 400, Ink::Muted));
    head->addLayout(names, 1);
    column->addLayout(head);
    column->addWidget(new Prose("A laboratory for Apache Cassandra. It runs a real cluster of Cassandra-compatible nodes on this "
                                "computer, shows what happens between them, and teaches by doing.", 13));
    column->addWidget(new Prose("Apache Cassandra is a trademark of the Apache Software Foundation. Ringside is not affiliated with it.",
                                12, Ink::Muted));
    column->addWidget(new Prose("Set in Inter and JetBrains Mono (SIL Open Font License). Built with Qt " + QString(qVersion()) + ".",
                                12, Ink::Muted));
    auto* close = new Button("Close", ButtonKind::Default);
    connect(close, &Button::clicked, this, &QDialog::accept);
    column->addSpacing(6);
    column->addWidget(close, 0, Qt::AlignRight);
}

ShortcutsBox::ShortcutsBox(const Commands& commands, QWidget* parent) : QDialog(parent) {
    setWindowTitle("Shortcuts");
    resize(520, 600);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 12);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    auto* content = new QWidget;
    auto* grid = new QGridLayout(content);
    grid->setContentsMargins(24, 18, 24, 12);
    grid->setVerticalSpacing(6);
    int row = 0;
    for (const QString& menu : commands.menus()) {
        grid->addWidget(new Label(menu, 12, 600, Ink::Faint), row++, 0, 1, 2);
        for (const QAction* action : commands.ofMenu(menu)) {
            QStringList keys;
            for (const QKeySequence& key : action->shortcuts()) {
                keys << Commands::keyText(key);
            }
            grid->addWidget(new Label(action->text(), 13), row, 0);
            grid->addWidget(new Label(keys.join(", "), 12, 400, Ink::Muted), row++, 1, Qt::AlignRight);
        }
        grid->setRowMinimumHeight(row++, 10);
    }
    grid->setRowStretch(row, 1);
    scroll->setWidget(content);
    outer->addWidget(scroll, 1);
    auto* close = new Button("Close", ButtonKind::Default);
    connect(close, &Button::clicked, this, &QDialog::accept);
    outer->addWidget(close, 0, Qt::AlignCenter);
}

}  // namespace app::shell
