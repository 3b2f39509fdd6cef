#include "app/shell/palette.h"

#include <QKeyEvent>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

#include "app/shell/kit.h"

namespace app::shell {

namespace {

constexpr int kRow = 32;
constexpr int kRowsShown = 11;
constexpr int kEntryRole = Qt::UserRole;
constexpr int kNoteRole = Qt::UserRole + 1;
constexpr int kRefusalRole = Qt::UserRole + 2;
constexpr int kIconRole = Qt::UserRole + 3;

class RowPainter : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QPainter& p = *painter;
        const Tokens& t = tokens();
        const QRectF row = QRectF(option.rect).adjusted(6, 1, -6, -1);
        if (option.state & QStyle::State_Selected) {
            paint::box(p, row, t.selected, {}, 6);
        }
        const QString refusal = index.data(kRefusalRole).toString();
        const double yc = row.center().y();
        if (const QString icon = index.data(kIconRole).toString(); !icon.isEmpty()) {
            paint::icon(p, {row.left() + 10, yc - 7}, icon, 14, t.muted);
        }
        const QString note = refusal.isEmpty() ? index.data(kNoteRole).toString() : refusal;
        const double noteWidth = widthOf(sans(11), note);
        const QFont font = sans(13);
        paint::mid(p, {row.left() + 34, yc}, paint::elided(index.data().toString(), font, row.width() - noteWidth - 60), font,
                   refusal.isEmpty() ? t.text : t.faint);
        paint::mid(p, {row.right() - 10, yc}, note, sans(11), t.faint, Align::Right);
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {100, kRow}; }
};

}  // namespace

int fuzzyScore(const QString& typed, const QString& text) {
    int score = 0;
    qsizetype at = 0;
    qsizetype last = -2;
    for (const QChar c : typed) {
        if (c.isSpace()) {
            continue;
        }
        const qsizetype found = text.indexOf(c, at, Qt::CaseInsensitive);
        if (found < 0) {
            return -1;
        }
        const bool start = found == 0 || !text[found - 1].isLetterOrNumber();
        score += found == last + 1 ? 6 : start ? 5 : 1;
        score -= static_cast<int>(std::min<qsizetype>(found - at, 4)) / 2;
        last = found;
        at = found + 1;
    }
    return score * 4 - static_cast<int>(std::min<qsizetype>(text.size(), 60)) / 20;
}

CommandPalette::CommandPalette(Provider provider, QWidget* window)
    : QFrame(window), m_provider(std::move(provider)) {
    setAccessibleName("Command palette");
    setFixedWidth(600);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 10, 10, 10);
    column->setSpacing(8);
    m_line = new QLineEdit;
    m_line->setPlaceholderText("Type a command.  @ node   # table   ? lab");
    m_line->setFont(sans(kTypeLead));
    m_line->setFixedHeight(38);
    m_line->installEventFilter(this);
    m_line->setAccessibleName("Search");
    column->addWidget(m_line);
    m_rows = new QStandardItemModel(this);
    m_list = new QListView;
    m_list->setModel(m_rows);
    m_list->setItemDelegate(new RowPainter(m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(m_list, 1);
    connect(m_line, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListView::clicked, this, &CommandPalette::runCurrent);
    window->installEventFilter(this);
    hide();
}

void CommandPalette::open(const QString& typed) {
    m_entries = m_provider();
    m_line->setText(typed);
    filter();
    place();
    show();
    raise();
    m_line->setFocus(Qt::ShortcutFocusReason);
}

void CommandPalette::place() {
    const int rows = std::clamp(m_rows->rowCount(), 1, kRowsShown);
    resize(std::min(600, parentWidget()->width() - 40), 38 + 28 + rows * kRow + 6);
    move((parentWidget()->width() - width()) / 2, 60);
}

void CommandPalette::filter() {
    QString typed = m_line->text();
    QChar prefix;
    if (!typed.isEmpty() && QString(">@#?").contains(typed[0])) {
        prefix = typed[0];
        typed.remove(0, 1);
    }
    std::vector<std::pair<int, std::size_t>> found;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const PaletteEntry& entry = m_entries[i];
        if (!prefix.isNull() && entry.prefix != prefix) {
            continue;
        }
        const int score = fuzzyScore(typed, entry.text);
        const auto recent = m_recent.indexOf(entry.text);
        if (score >= 0) {
            found.emplace_back(score * 10 + (recent >= 0 ? 60 - static_cast<int>(recent) : 0), i);
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    m_rows->clear();
    for (const auto& [score, i] : found) {
        const PaletteEntry& entry = m_entries[i];
        auto* item = new QStandardItem(entry.text);
        item->setData(static_cast<int>(i), kEntryRole);
        item->setData(entry.note, kNoteRole);
        item->setData(entry.refusal, kRefusalRole);
        item->setData(entry.icon, kIconRole);
        item->setToolTip(entry.refusal);
        m_rows->appendRow(item);
    }
    m_list->setCurrentIndex(m_rows->index(0, 0));
    place();
}

void CommandPalette::runCurrent() {
    const QModelIndex index = m_list->currentIndex();
    if (!index.isValid()) {
        return;
    }
    const PaletteEntry entry = m_entries[static_cast<std::size_t>(index.data(kEntryRole).toInt())];
    if (!entry.refusal.isEmpty()) {
        return;
    }
    m_recent.removeAll(entry.text);
    m_recent.prepend(entry.text);
    hide();
    parentWidget()->setFocus();
    entry.run();
}

bool CommandPalette::eventFilter(QObject* object, QEvent* event) {
    if (object == parentWidget() && event->type() == QEvent::Resize && isVisible()) {
        place();
    }
    if (object == m_line && event->type() == QEvent::FocusOut && isVisible()) {
        hide();
    }
    if (object == m_line && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        const int row = m_list->currentIndex().row();
        switch (key->key()) {
        case Qt::Key_Down: m_list->setCurrentIndex(m_rows->index(std::min(row + 1, m_rows->rowCount() - 1), 0)); return true;
        case Qt::Key_Up: m_list->setCurrentIndex(m_rows->index(std::max(row - 1, 0), 0)); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: runCurrent(); return true;
        case Qt::Key_Escape: hide(); return true;
        default: break;
        }
    }
    return QFrame::eventFilter(object, event);
}

void CommandPalette::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        hide();
    }
}

void CommandPalette::paintEvent(QPaintEvent*) {
    QPainter p(this);
    paint::box(p, rect(), tokens().panel, tokens().line_strong, 12);
}

}  // namespace app::shell
