#include "app/shell/event_list.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QScrollBar>

#include <set>

#include "app/shell/kit.h"
#include "engine/observe/codec.h"

namespace app::shell {

using engine::observe::Event;

namespace {

QString text(std::string_view view) { return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size())); }

/// toText without its first two words, which have columns of their own.
QString restOf(const Event& event) {
    const QString all = QString::fromStdString(engine::observe::toText(event));
    return all.section(' ', 2);
}

QColor familyColour(const QString& category) {
    const Tokens& t = tokens();
    return category == "requests" ? t.read : category == "gossip" ? t.gossip
         : category == "storage"  ? t.live : category == "schema" ? t.schema : t.muted;
}

}  // namespace

// ---- EventListModel ----

EventListModel::EventListModel(sources::ClusterModel& model, QObject* parent)
    : QAbstractTableModel(parent), m_model(model) {}

void EventListModel::append(const std::vector<Event>& batch) {
    const auto fresh = std::min<std::size_t>(batch.size(), kEventsMax);
    if (fresh == 0) {
        return;
    }
    const auto over = static_cast<int>(m_events.size() + fresh) - kEventsMax;
    if (over > 0) {
        beginRemoveRows({}, 0, over - 1);
        m_events.erase(m_events.begin(), m_events.begin() + over);
        endRemoveRows();
    }
    const int first = static_cast<int>(m_events.size());
    beginInsertRows({}, first, first + static_cast<int>(fresh) - 1);
    m_events.insert(m_events.end(), batch.end() - static_cast<std::ptrdiff_t>(fresh), batch.end());
    endInsertRows();
}

void EventListModel::clear() {
    if (!m_events.empty()) {
        beginRemoveRows({}, 0, static_cast<int>(m_events.size()) - 1);
        m_events.clear();
        endRemoveRows();
    }
}

int EventListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_events.size());
}

int EventListModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant EventListModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    const Event& event = m_events[static_cast<std::size_t>(index.row())];
    const QString category = text(engine::observe::toString(engine::observe::categoryOf(event)));
    if (role == CategoryRole) {
        return category;
    }
    if (role == NanosRole) {
        return QVariant::fromValue<qint64>(event.nanos);
    }
    if (role == Qt::DisplayRole) {
        switch (index.column()) {
        case Time: return clockText(event.wallMicros, true);
        case Node: {
            const int number = m_model.numberOf(event.node);
            return number > 0 ? QString("n%1").arg(number) : QString::fromStdString(event.node);
        }
        case Category: return category;
        case Name: return text(engine::observe::nameOf(event));
        case Text: return restOf(event);
        default: return {};
        }
    }
    if (role == Qt::FontRole) {
        return index.column() == Time || index.column() == Text ? mono(11.5) : sans(12, index.column() == Name ? 500 : 400);
    }
    if (role == Qt::ForegroundRole) {
        return index.column() == Name ? tokens().text : index.column() == Category ? familyColour(category) : tokens().muted;
    }
    return {};
}

QVariant EventListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static const char* const kTitles[] = {"Time", "Node", "Kind", "Event", "What it says"};
    if (orientation == Qt::Horizontal && role == Qt::DisplayRole && section < ColumnCount) {
        return kTitles[section];
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
    }
    return {};
}

// ---- EventPane ----

class EventPane::Filter : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setHidden(const QString& category, bool hidden) {
        if (hidden) {
            m_hidden.insert(category);
        } else {
            m_hidden.erase(category);
        }
        invalidateFilter();
    }
    void setWords(const QString& words) {
        m_words = words;
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
        const QModelIndex first = sourceModel()->index(row, 0, parent);
        if (m_hidden.count(first.data(EventListModel::CategoryRole).toString()) > 0) {
            return false;
        }
        if (m_words.isEmpty()) {
            return true;
        }
        for (int column = 0; column < EventListModel::ColumnCount; ++column) {
            if (first.siblingAtColumn(column).data().toString().contains(m_words, Qt::CaseInsensitive)) {
                return true;
            }
        }
        return false;
    }

private:
    std::set<QString> m_hidden;
    QString m_words;
};

EventPane::EventPane(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(16, 8, 16, 6);
    row->setSpacing(6);
    m_events = new EventListModel(model, this);
    m_filter = new Filter(this);
    m_filter->setSourceModel(m_events);
    for (const char* category : {"requests", "gossip", "cluster", "storage", "schema", "clients", "metrics"}) {
        auto* chip = new Chip(category);
        chip->setCheckable(true);
        const bool on = QString(category) != "gossip" && QString(category) != "metrics";
        chip->setChecked(on);
        m_filter->setHidden(category, !on);
        connect(chip, &QAbstractButton::toggled, this,
                [this, category](bool shown) { m_filter->setHidden(category, !shown); });
        row->addWidget(chip);
    }
    row->addStretch(1);
    auto* words = new QLineEdit;
    words->setPlaceholderText("Filter events");
    words->setFixedWidth(200);
    connect(words, &QLineEdit::textChanged, this, [this](const QString& now) { m_filter->setWords(now); });
    row->addWidget(words);
    column->addLayout(row);
    m_table = new QTableView;
    m_table->setModel(m_filter);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setMinimumSectionSize(40);
    m_table->setWordWrap(false);
    m_table->setAccessibleName("Events");
    for (const auto& [section, width] : {std::pair(0, 118), {1, 56}, {2, 84}, {3, 150}}) {
        m_table->setColumnWidth(section, width);
    }
    column->addWidget(m_table, 1);
    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        m_model.showMoment(index.siblingAtColumn(0).data(EventListModel::NanosRole).toLongLong());
    });
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        m_follow = value >= m_table->verticalScrollBar()->maximum() - 2;
    });
    connect(&model, &sources::ClusterModel::eventsFolded, this, &EventPane::take);
    connect(&model, &sources::ClusterModel::sourceChanged, m_events, &EventListModel::clear);
}

void EventPane::take(const sources::SourceBatch& batch) {
    const bool follow = m_follow;
    m_events->append(batch.events);
    if (follow && isVisible()) {
        m_table->scrollToBottom();
    }
}

void EventPane::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_follow) {
        m_table->scrollToBottom();
    }
}

}  // namespace app::shell
