#include "app/shell/schema_tree.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QMenu>

#include <algorithm>

#include "app/shell/kit.h"

namespace app::shell {

using engine::observe::SchemaKeyspace;

namespace {

constexpr int kRow = 25;
constexpr int kTableRole = Qt::UserRole;      // "library.books" on tables.
constexpr int kNoteRole = Qt::UserRole + 1;   // "RF 3".
constexpr int kPathRole = Qt::UserRole + 2;   // What remembers which branches are open.

bool isSystem(const std::string& name) { return name.rfind("system", 0) == 0; }

QString replicationNote(const SchemaKeyspace& keyspace) {
    QStringList factors;
    for (const auto& [key, value] : keyspace.replication) {
        if (key == "replication_factor") {
            return "RF " + QString::fromStdString(value);
        }
        if (key != "class") {
            factors.append(QString::fromStdString(key + ' ' + value));
        }
    }
    return factors.size() == 1 ? "RF " + factors.front().section(' ', 1) : factors.join(", ");
}

std::string fingerprint(const std::vector<SchemaKeyspace>& keyspaces) {
    std::string all;
    for (const SchemaKeyspace& keyspace : keyspaces) {
        all += keyspace.name + replicationNote(keyspace).toStdString() + '{';
        for (const std::string& table : keyspace.tables) {
            all += table + ',';
        }
        all += '}';
    }
    return all;
}

}  // namespace

SchemaTree::SchemaTree(sources::ClusterModel& model, QWidget* parent) : QTreeWidget(parent), m_model(model) {
    setHeaderHidden(true);
    setRootIsDecorated(false);
    setIndentation(0);
    setUniformRowHeights(true);
    setExpandsOnDoubleClick(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName("Schema");
    connect(&m_model, &sources::ClusterModel::changed, this, &SchemaTree::showSchema);
    connect(this, &QTreeWidget::itemClicked, this, [](QTreeWidgetItem* item) {
        if (item->childCount() > 0) {
            item->setExpanded(!item->isExpanded());
        }
    });
    connect(this, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (!m_building && item != nullptr && !item->data(0, kTableRole).toString().isEmpty()) {
            m_model.selection().setTable(item->data(0, kTableRole).toString());
        }
    });
    connect(this, &QTreeWidget::itemExpanded, this, [this] { updateGeometry(); });
    connect(this, &QTreeWidget::itemCollapsed, this, [this] { updateGeometry(); });
}

int SchemaTree::rowsShown() const {
    int rows = 0;
    const std::function<void(const QTreeWidgetItem*)> count = [&](const QTreeWidgetItem* item) {
        ++rows;
        for (int i = 0; item->isExpanded() && i < item->childCount(); ++i) {
            count(item->child(i));
        }
    };
    for (int i = 0; i < topLevelItemCount(); ++i) {
        count(topLevelItem(i));
    }
    return rows;
}

QSize SchemaTree::sizeHint() const { return {200, std::max(1, rowsShown()) * kRow + 2}; }

void SchemaTree::addKeyspace(QTreeWidgetItem* parent, const SchemaKeyspace& keyspace) {
    auto* branch = parent != nullptr ? new QTreeWidgetItem(parent) : new QTreeWidgetItem(this);
    const QString name = QString::fromStdString(keyspace.name);
    branch->setText(0, name);
    branch->setData(0, kNoteRole, replicationNote(keyspace));
    branch->setData(0, kPathRole, name);
    branch->setSizeHint(0, {0, kRow});
    auto tables = keyspace.tables;
    std::sort(tables.begin(), tables.end());
    for (const std::string& table : tables) {
        auto* leaf = new QTreeWidgetItem(branch);
        leaf->setText(0, QString::fromStdString(table));
        leaf->setData(0, kTableRole, name + '.' + QString::fromStdString(table));
        leaf->setSizeHint(0, {0, kRow});
        if (leaf->data(0, kTableRole).toString() == m_model.selection().table()) {
            setCurrentItem(leaf);
        }
    }
}

void SchemaTree::showSchema() {
    const auto& keyspaces = m_model.state().keyspaces;
    const std::string now = fingerprint(keyspaces);
    if (now == m_shown) {
        return;
    }
    m_shown = now;
    m_building = true;
    QStringList closed;
    QStringList open;
    const std::function<void(QTreeWidgetItem*)> remember = [&](QTreeWidgetItem* item) {
        (item->isExpanded() ? open : closed).append(item->data(0, kPathRole).toString());
        for (int i = 0; i < item->childCount(); ++i) {
            if (item->child(i)->childCount() > 0) {
                remember(item->child(i));
            }
        }
    };
    for (int i = 0; i < topLevelItemCount(); ++i) {
        remember(topLevelItem(i));
    }
    clear();
    int systems = 0;
    for (const SchemaKeyspace& keyspace : keyspaces) {
        isSystem(keyspace.name) ? ++systems : (addKeyspace(nullptr, keyspace), 0);
    }
    if (systems > 0) {
        auto* branch = new QTreeWidgetItem(this);
        branch->setText(0, "system keyspaces");
        branch->setData(0, kNoteRole, QString::number(systems));
        branch->setData(0, kPathRole, "*");
        branch->setSizeHint(0, {0, kRow});
        for (const SchemaKeyspace& keyspace : keyspaces) {
            if (isSystem(keyspace.name)) {
                addKeyspace(branch, keyspace);
            }
        }
    }
    const std::function<void(QTreeWidgetItem*)> restore = [&](QTreeWidgetItem* item) {
        const QString path = item->data(0, kPathRole).toString();
        const bool user = path != "*" && !isSystem(path.toStdString());
        item->setExpanded(open.contains(path) || (user && !closed.contains(path)));
        for (int i = 0; i < item->childCount(); ++i) {
            if (item->child(i)->childCount() > 0) {
                restore(item->child(i));
            }
        }
    };
    for (int i = 0; i < topLevelItemCount(); ++i) {
        restore(topLevelItem(i));
    }
    m_building = false;
    updateGeometry();
}

void SchemaTree::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QPainter& p = *painter;
    const Tokens& t = tokens();
    const QTreeWidgetItem* item = itemFromIndex(index);
    int depth = 0;
    for (const QTreeWidgetItem* up = item->parent(); up != nullptr; up = up->parent()) {
        ++depth;
    }
    const bool table = !item->data(0, kTableRole).toString().isEmpty();
    const bool selected = currentItem() == item && table;
    const QRectF row = QRectF(option.rect).adjusted(8, 0, -8, -1);
    if (selected) {
        paint::box(p, row, t.selected, {}, 4);
    } else if (option.state & QStyle::State_MouseOver) {
        paint::box(p, row, t.hover, {}, 4);
    }
    const double yc = row.center().y();
    const double x = 16 + depth * 18;
    paint::icon(p, {x, yc - 7}, table ? "table" : item->isExpanded() ? "down" : "right", 14, selected ? t.accent : t.muted);
    const QString note = item->data(0, kNoteRole).toString();
    const double noteWidth = note.isEmpty() ? 0 : widthOf(sans(11), note) + 12;
    const QFont font = sans(12.5, selected ? 600 : 400);
    paint::mid(p, {x + 22, yc}, paint::elided(item->text(0), font, row.right() - x - 28 - noteWidth), font, t.text);
    if (!note.isEmpty()) {
        paint::mid(p, {row.right() - 8, yc}, note, sans(11), t.faint, Align::Right);
    }
    if (hasFocus() && currentItem() == item && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, row, {}, t.focus, 4, 2);
    }
}

void SchemaTree::contextMenuEvent(QContextMenuEvent* event) {
    QTreeWidgetItem* item = itemAt(event->pos());
    const QString table = item != nullptr ? item->data(0, kTableRole).toString() : QString();
    QMenu menu(this);
    if (!table.isEmpty()) {
        const QString select = "SELECT * FROM " + table + " LIMIT 100;";
        menu.addAction(menuIcon("play"), "Read 100 rows", this, [this, select] { emit statementOffered(select, true); });
        menu.addAction(menuIcon("console"), "Put a SELECT into the console", this,
                       [this, select] { emit statementOffered(select, false); });
    } else if (item != nullptr && item->data(0, kPathRole).toString() != "*") {
        const QString use = "USE " + item->text(0) + ";";
        menu.addAction(menuIcon("console"), use.chopped(1) + " in the console", this,
                       [this, use] { emit statementOffered(use, true); });
    }
    if (!menu.isEmpty()) {
        menu.exec(event->globalPos());
    }
}

}  // namespace app::shell
