#include "app/explorer/ring/key_field.h"

#include <QAction>
#include <QMenu>
#include <QMouseEvent>

namespace app::explorer::ring {

using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace {
constexpr double kTextX = 31;
}

KeyField::KeyField(QWidget* parent) : QWidget(parent), m_edit(new QLineEdit(this)) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setFixedHeight(28);
    setMinimumWidth(124);
    setMaximumWidth(460);
    m_edit->setFrame(false);
    m_edit->setFont(mono(12.5));
    m_edit->setPlaceholderText("partition key");
    m_edit->setAccessibleName("Partition key as CQL literals");
    m_edit->installEventFilter(this);
    m_clear = new shell::IconButton("x", "Clear the key", this, 22);
    m_clear->setFocusPolicy(Qt::NoFocus);
    connect(m_edit, &QLineEdit::returnPressed, this, [this] {
        if (!m_edit->text().trimmed().isEmpty() && m_table.contains('.')) {
            emit wanted(m_table.section('.', 0, 0), m_table.section('.', 1), m_edit->text());
        } else if (m_edit->text().trimmed().isEmpty()) {
            emit cleared();
        }
    });
    connect(m_edit, &QLineEdit::textEdited, this, [this] { setError({}); });
    connect(m_clear, &QAbstractButton::clicked, this, [this] {
        clear();
        emit cleared();
    });
    const auto ink = [this] {
        const shell::Tokens& t = tokens();
        m_edit->setStyleSheet(QString("QLineEdit { background: transparent; border: none; padding: 0; color: %1; }")
                                  .arg(t.str.name()));
    };
    ink();
    connect(&shell::theme(), &shell::Theme::changed, this, ink);
}

void KeyField::setTables(const QStringList& tables) {
    if (tables == m_tables) {
        return;
    }
    m_tables = tables;
    if (!m_tables.contains(m_table)) {
        setTable(m_tables.value(0));
    }
}

void KeyField::setTable(const QString& table) {
    if (table != m_table) {
        m_table = table;
        m_columns.clear();
        placeParts();
    }
}

void KeyField::setColumns(const QStringList& columns) {
    m_columns = columns;
    placeParts();
}

void KeyField::show(const sources::KeySelection& key) {
    setTable(key.keyspace + '.' + key.table);
    if (!m_edit->hasFocus()) {
        m_edit->setText(key.text);
        m_edit->setCursorPosition(0);
    }
    setError({});
}

void KeyField::setError(const QString& why) {
    m_error = why;
    setToolTip(why);
    update();
}

void KeyField::clear() {
    m_edit->clear();
    setError({});
}

void KeyField::focusKey() {
    m_edit->setFocus();
    m_edit->selectAll();
}

QString KeyField::prefix() const {
    if (width() < 300) {
        return {};
    }
    return m_columns.isEmpty() ? QString("key =") : m_columns.join(", ") + " =";
}

void KeyField::placeParts() {
    const QString table = m_table.section('.', 1);
    const double left = kTextX + shell::widthOf(sans(12), table.isEmpty() ? "no table" : table) + 8 + shell::widthOf(sans(12), prefix()) + 6;
    m_edit->setGeometry(static_cast<int>(left), 2, std::max(0, width() - static_cast<int>(left) - 30), height() - 4);
    m_clear->setGeometry(width() - 26, 3, 22, 22);
    update();
}

void KeyField::resizeEvent(QResizeEvent*) { placeParts(); }

void KeyField::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const shell::Tokens& t = tokens();
    paint::box(p, rect(), t.panel, m_error.isEmpty() ? t.line_strong : t.fail, 6, m_error.isEmpty() ? 1 : 1.5);
    paint::icon(p, {9, 7}, "target", 14, m_error.isEmpty() ? t.accent : t.fail);
    const QString table = m_table.section('.', 1);
    const double yc = height() / 2.0;
    const double width = paint::mid(p, {kTextX, yc}, table.isEmpty() ? "no table" : table, sans(12), t.muted);
    paint::mid(p, {kTextX + width + 8, yc}, prefix(), sans(12), t.faint);
    if (m_edit->hasFocus()) {
        paint::box(p, rect(), {}, t.focus, 6, 2);
    }
}

void KeyField::mousePressEvent(QMouseEvent* event) {
    const double tableEnd = kTextX + shell::widthOf(sans(12), m_table.section('.', 1)) + 4;
    event->position().x() < tableEnd ? chooseTable() : focusKey();
}

void KeyField::chooseTable() {
    QMenu menu(this);
    for (const QString& table : m_tables) {
        QAction* action = menu.addAction(table);
        action->setCheckable(true);
        action->setChecked(table == m_table);
    }
    if (m_tables.isEmpty()) {
        menu.addAction("No tables yet")->setEnabled(false);
    }
    if (const QAction* chosen = menu.exec(mapToGlobal(QPoint(0, height() + 2))); chosen != nullptr && chosen->isEnabled()) {
        setTable(chosen->text());
        emit tableChosen(m_table);
        focusKey();
    }
}

bool KeyField::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) {
        update();
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace app::explorer::ring
