#include "app/shell/dock_group.h"

#include <QMainWindow>
#include <QVBoxLayout>

namespace app::shell {

DockGroup::DockGroup(const QString& name, int rowHeight, Qt::Edges lines, QWidget* parent)
    : QDockWidget(name, parent), m_rowHeight(rowHeight) {
    setObjectName(name);
    setFeatures(DockWidgetClosable | DockWidgetMovable | DockWidgetFloatable);
    m_row = new Surface(&Tokens::panel, lines | Qt::BottomEdge, this);
    m_row->setFixedHeight(rowHeight);
    auto* row = new QHBoxLayout(m_row);
    row->setContentsMargins(8, 0, 10, 0);
    row->setSpacing(2);
    m_tabs = new TabStrip(rowHeight, rowHeight < 40 ? 12 : kTypeView);
    m_tabs->setAccessibleName(name);
    row->addWidget(m_tabs);
    row->addStretch(1);
    m_note = new Label({}, kTypeNote, 400, Ink::Faint);
    m_note->hide();
    row->addWidget(m_note);
    row->addSpacing(6);
    m_tools = new QHBoxLayout;
    m_tools->setSpacing(2);
    row->addLayout(m_tools);
    setTitleBarWidget(m_row);

    m_body = new Surface(&Tokens::panel, lines & ~Qt::Edges(Qt::BottomEdge | Qt::TopEdge), this);
    auto* column = new QVBoxLayout(m_body);
    column->setContentsMargins(lines & Qt::LeftEdge ? 1 : 0, 0, lines & Qt::RightEdge ? 1 : 0, 0);
    m_stack = new QStackedWidget;
    column->addWidget(m_stack);
    setWidget(m_body);

    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        emit paneShown(index);
    });
    connect(m_tabs, &QTabBar::tabBarClicked, this, [this](int) {
        if (m_folded) {
            emit foldWanted(false);
        }
    });
}

int DockGroup::addPane(const QString& title, QWidget* pane) {
    const int index = m_stack->addWidget(pane);
    m_tabs->addTab(title);
    return index;
}

void DockGroup::showPane(int index) {
    m_tabs->setCurrentIndex(index);
    m_stack->setCurrentIndex(index);
}

int DockGroup::currentPane() const { return m_stack->currentIndex(); }

void DockGroup::addTool(QWidget* tool) { m_tools->addWidget(tool); }

void DockGroup::setRowNote(const QString& note) {
    m_note->setText(note);
    m_note->setVisible(m_folded && !note.isEmpty());
}

void DockGroup::setFolded(bool folded) {
    const bool was = m_folded;
    if (folded && !was && isVisible() && height() > m_rowHeight) {
        m_openHeight = height();
    }
    m_folded = folded;
    m_tabs->setQuiet(folded);
    m_note->setVisible(folded && !m_note->text().isEmpty());
    // The body stays, without height: a dock that has none is as narrow as its row's hint.
    m_stack->setVisible(!folded);
    m_body->setMaximumHeight(folded ? 0 : QWIDGETSIZE_MAX);
    if (folded) {
        setFixedHeight(m_rowHeight);
        return;
    }
    setMinimumHeight(m_rowHeight + 90);
    setMaximumHeight(QWIDGETSIZE_MAX);
    if (was) {
        openToHeight(m_openHeight);
    }
}

void DockGroup::openToHeight(int height) {
    m_openHeight = height;
    if (auto* window = qobject_cast<QMainWindow*>(parentWidget()); window != nullptr && height > 0 && !isFloating()) {
        window->resizeDocks({this}, {height}, Qt::Vertical);
    }
}

}  // namespace app::shell
