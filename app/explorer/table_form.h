#pragma once

#include <QScrollArea>
#include <QTableView>

namespace app::explorer {

/// A table as every view has it: rows chosen whole, mono text, no grid.
QTableView* makeTableForm(QAbstractItemModel* model, const QString& accessibleName);
/// Scrolls `content` up and down only, without a frame.
QScrollArea* makeScroll(QWidget* content);

}  // namespace app::explorer
