#pragma once

#include <QString>

class QWidget;

namespace app::console {

class HistoryStore;

/// Asks for one of the statements run before; empty when none was taken. Blocks with a dialog over `parent`.
QString chooseFromHistory(const HistoryStore& history, QWidget* parent);

}  // namespace app::console
