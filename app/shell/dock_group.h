#pragma once

#include <QDockWidget>
#include <QStackedWidget>

#include "app/shell/kit.h"

namespace app::shell {

/// A dock whose panes are tabs in its own title row: drag the row to float it, double-click to put
/// it back. It can fold to the row alone. One pane: the row is its title.
class DockGroup : public QDockWidget {
    Q_OBJECT

public:
    /// `rowHeight` is 40 at the sides and 34 at the bottom.
    DockGroup(const QString& name, int rowHeight, Qt::Edges lines, QWidget* parent = nullptr);

    int addPane(const QString& title, QWidget* pane);
    void showPane(int index);
    int currentPane() const;
    QWidget* pane(int index) const { return m_stack->widget(index); }
    /// A tool at the right end of the row.
    void addTool(QWidget* tool);
    void setRowNote(const QString& note);  // Beside the tools; shown while folded.

    void setFolded(bool folded);
    bool isFolded() const { return m_folded; }
    /// Its height now, and the one to come back to when it unfolds.
    void openToHeight(int height);

signals:
    void foldWanted(bool folded);
    void paneShown(int index);

private:
    Surface* m_row;
    TabStrip* m_tabs;
    Label* m_note;
    QHBoxLayout* m_tools;
    Surface* m_body;
    QStackedWidget* m_stack;
    int m_rowHeight;
    bool m_folded = false;
    int m_openHeight = 0;
};

}  // namespace app::shell
