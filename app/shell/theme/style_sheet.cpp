#include <QRegularExpression>

#include "app/shell/theme/fonts.h"
#include "app/shell/theme/theme.h"

namespace app::shell {

namespace {

// $name is a colour of the theme, @12.5 a size in px of the type scale.
const char* const kTemplate = R"(
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $block; color: $on_block; border: 1px solid $block; padding: 4px 7px;
    font-size: @12; }
QMenu { background: $panel; color: $text; border: 1px solid $line_strong; padding: 4px; font-size: @12.5; }
QMenu::item { padding: 5px 22px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }
QDockWidget { color: $text; border: 0; }
QFrame[plain="true"] { background: $panel; border: 0; }
QFrame[card="true"] { background: $panel; border: 1px solid $line; border-radius: 8px; }
QFrame[sunken="true"] { background: $sunken; border: 1px solid $line; border-radius: 6px; }
QLineEdit, QSpinBox { background: $panel; color: $text; border: 1px solid $line_strong; border-radius: 6px;
    padding: 3px 8px; selection-background-color: $accent; selection-color: $on_accent; font-size: @12.5; }
QLineEdit:focus, QSpinBox:focus { border: 2px solid $focus; padding: 2px 7px; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: $panel; color: $text; border: 0;
    selection-background-color: $selected; selection-color: $text; }
QAbstractScrollArea { background: transparent; border: 0; }
QTableView, QTreeView, QListView { background: $panel; color: $text; border: 0; outline: 0;
    gridline-color: $line; selection-background-color: $selected; selection-color: $text; font-size: @12; }
QTableView::item, QTreeView::item, QListView::item { padding: 0 8px; border: 0; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: $selected; color: $text; }
QTableView::item:focus, QListView::item:focus { border: 1px solid $focus; }
QHeaderView { background: $panel; border: 0; }
QHeaderView::section { background: $panel; color: $faint; border: 0; border-bottom: 1px solid $line;
    padding: 0 8px; font-size: @11; font-weight: 500; }
QHeaderView#resultHeader::section { padding: 0 11px; color: $type; font-size: @11.5; font-family: "JetBrains Mono"; }
QTableCornerButton::section { background: $panel; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $line_control; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QComboBox QAbstractItemView { background: $panel; color: $text; border: 1px solid $line_strong; padding: 4px;
    selection-background-color: $selected; selection-color: $text; }
QSplitter::handle { background: $line; }
QLabel { background: transparent; }
QCheckBox, QRadioButton { background: transparent; spacing: 8px; font-size: @12.5; }
QProgressBar { background: $line; border: 0; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
)";

}  // namespace

QString styleSheetOf(const Tokens& t) {
    QString sheet = QString::fromLatin1(kTemplate);
    static const QRegularExpression size("@([0-9.]+)");
    for (auto m = size.match(sheet); m.hasMatch(); m = size.match(sheet)) {
        const QString points = QString::number(pointsOf(m.captured(1).toDouble()), 'f', 3) + "pt";
        sheet.replace(m.capturedStart(), m.capturedLength(), points);
    }
    static const QRegularExpression colour("\\$([a-z_]+)");
    for (auto m = colour.match(sheet); m.hasMatch(); m = colour.match(sheet)) {
        sheet.replace(m.capturedStart(), m.capturedLength(), t.byName(m.captured(1)).name());
    }
    return sheet;
}

}  // namespace app::shell
