#include "app/console/result_grid.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>

#include <algorithm>
#include <set>

#include "app/console/exports.h"
#include "app/shell/kit.h"

namespace app::console {

using namespace app::shell;

namespace {
constexpr int kGridHead = 28;
constexpr int kGridRow = 25;
constexpr int kGridColumnMost = 360;
}

ResultGrid::ResultGrid(ResultModel* rows, QWidget* parent) : QWidget(parent), m_rows(rows) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_table = new QTableView;
    m_table->setModel(rows);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setAccessibleName("Rows");
    m_table->setTabKeyNavigation(false);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    QHeaderView* head = m_table->horizontalHeader();
    head->setFixedHeight(kGridHead);
    head->setObjectName("resultHeader");
    head->setHighlightSections(false);
    head->setResizeContentsPrecision(100);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->installEventFilter(this);
    column->addWidget(m_table);
    m_row = new TextBlock({}, false);
    m_row->setAccessibleName("The current row");
    m_row->installEventFilter(this);
    m_row->hide();
    column->addWidget(m_row);
    connect(m_table, &QWidget::customContextMenuRequested, this, &ResultGrid::openMenu);
    connect(m_table, &QAbstractItemView::doubleClicked, this, [this] { showRow(true); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        if (showsRow()) {
            fillRow();
        }
    });
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (value == m_table->verticalScrollBar()->maximum()) {
            emit endReached();
        }
    });
    connect(&theme(), &Theme::changed, this, &ResultGrid::applyZoom);
    applyZoom();
}

void ResultGrid::applyZoom() {
    const double zoom = theme().zoom();
    m_table->setFont(mono(12.5 * zoom));
    m_table->verticalHeader()->setDefaultSectionSize(static_cast<int>(kGridRow * zoom));
    m_table->resizeColumnsToContents();
    for (int i = 0; i < m_rows->columnCount(); ++i) {
        m_table->setColumnWidth(i, std::clamp(m_table->columnWidth(i) + 14, 70, static_cast<int>(kGridColumnMost * zoom)));
    }
    setMost(m_most);
}

void ResultGrid::setMost(int height) {
    m_most = height;
    m_row->setMost(height);
    const int wanted = kGridHead + std::max(1, m_rows->rowCount()) * m_table->verticalHeader()->defaultSectionSize() + 4;
    int needs = 0;
    for (int i = 0; i < m_rows->columnCount(); ++i) {
        needs += m_table->columnWidth(i);
    }
    const int bar = needs > width() - 4 ? 10 : 0;
    m_table->setFixedHeight(std::min(wanted + bar, std::max(height, 110)));
}

void ResultGrid::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    setMost(m_most);
}

// ---- One row ----

void ResultGrid::showRow(bool shown) {
    if (shown) {
        fillRow();
    }
    m_row->setVisible(shown && m_table->currentIndex().isValid());
}

void ResultGrid::fillRow() {
    const int row = m_table->currentIndex().row();
    if (row >= 0) {
        m_row->setText(toVertical(m_rows->chosen({row}), row + 1, 1));
        m_row->setMost(m_most);
    }
}

bool ResultGrid::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) {
        return QWidget::eventFilter(watched, event);
    }
    auto* key = static_cast<QKeyEvent*>(event);
    if (watched == m_table && key->matches(QKeySequence::Copy)) {
        copyChosen();
        return true;
    }
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (enter && key->modifiers() == Qt::NoModifier) {
        showRow(!showsRow());
        m_table->setFocus();
        return true;
    }
    if (key->key() == Qt::Key_Escape && showsRow()) {
        showRow(false);
        m_table->setFocus();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

// ---- Copies ----

QList<int> ResultGrid::chosenRows() const {
    std::set<int> rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedIndexes()) {
        rows.insert(index.row());
    }
    return {rows.begin(), rows.end()};
}

/// The chosen cells, tab-separated.
void ResultGrid::copyChosen() const {
    QStringList lines;
    QStringList fields;
    int row = -1;
    auto chosen = m_table->selectionModel()->selectedIndexes();
    std::sort(chosen.begin(), chosen.end());
    for (const QModelIndex& index : chosen) {
        if (row >= 0 && index.row() != row) {
            lines << fields.join('\t');
            fields.clear();
        }
        row = index.row();
        fields << index.data().toString();
    }
    lines << fields.join('\t');
    QApplication::clipboard()->setText(lines.join('\n'));
}

void ResultGrid::addCopies(QMenu& menu, const QString& title, const std::function<ResultSet()>& rows) const {
    QMenu* forms = menu.addMenu(title);
    const auto add = [&](const QString& name, QString (*form)(const ResultSet&)) {
        forms->addAction(name, [rows, form] { QApplication::clipboard()->setText(form(rows())); });
    };
    add("CSV", &toCsv);
    add("JSON", &toJson);
    add("Markdown", &toMarkdown);
    add("Table, as cqlsh prints it", &toTable);
    if (!toInserts(m_rows->chosen({0})).isEmpty()) {
        add("INSERT statements", &toInserts);
    }
}

void ResultGrid::openMenu(const QPoint& at) {
    QMenu menu(this);
    const QModelIndex index = m_table->indexAt(at);
    const QList<int> rows = chosenRows();
    if (index.isValid()) {
        menu.addAction("Copy the cell", this, [index] { QApplication::clipboard()->setText(index.data().toString()); });
        menu.addAction("Show the row", this, [this, index] {
            m_table->setCurrentIndex(index);
            showRow(true);
        });
    }
    if (!rows.isEmpty()) {
        const QString title = rows.size() == 1 ? QString("Copy the row as") : QString("Copy %1 rows as").arg(rows.size());
        addCopies(menu, title, [this, rows] { return m_rows->chosen(rows); });
    }
    if (m_rows->rowCount() > 0) {
        addCopies(menu, "Copy all as", [this] { return m_rows->whole(); });
        menu.addAction(menuIcon("download"), "Export the result", this, &ResultGrid::exportWanted);
    }
    menu.exec(m_table->viewport()->mapToGlobal(at));
}

}  // namespace app::console
