#include "app/explorer/storage/storage_view.h"

#include <QSignalBlocker>

#include <algorithm>

#include "app/explorer/table_form.h"

namespace app::explorer::storage {

using shell::Caption;

namespace {

constexpr std::int64_t kMeasuredNanos = 60 * kSecond;
constexpr int kRowsMillis = 1000;
constexpr std::uint64_t kSmallMemtable = 8u << 20;
constexpr int kLoadBesideFrom = 1080;  // Narrower toolbars have the load in a row of its own.
const QStringList kStrategies{"size-tiered", "leveled", "time-window", "unified"};

/// With small memtables the files of a level are small too, so that levels are seen.
QString compactionOptionsOf(int strategy, bool smallFiles) {
    switch (static_cast<Strategy>(strategy)) {
    case Strategy::SizeTiered: return "{'class': 'SizeTieredCompactionStrategy'}";
    case Strategy::Leveled: return smallFiles ? "{'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': '1'}" : "{'class': 'LeveledCompactionStrategy'}";
    case Strategy::TimeWindow: return "{'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'MINUTES', 'compaction_window_size': '1'}";
    case Strategy::Unified: return smallFiles ? "{'class': 'UnifiedCompactionStrategy', 'target_sstable_size': '1MiB', 'min_sstable_size': '0B'}" : "{'class': 'UnifiedCompactionStrategy'}";
    }
    return {};
}

/// What is written at a click into a table that has nothing.
constexpr std::int64_t kOfferedRows = 10'000;

}  // namespace

StorageView::StorageView(sources::ClusterModel& model, QWidget* parent)
    : ExplorerView(model, parent), m_follow([this] { update(); }), m_focus(StorageFocus::of(model)) {
    m_rows = new RowsModel({{"Node"}, {"Kind"}, {"Generation", true}, {"Level or tier"}, {"Bytes", true}, {"Live %", true}, {"Replaced %", true},
                            {"Droppable %", true}, {"Min time"}, {"Max time"}, {"State"}}, this);
    m_actions = new StorageActions(model, this);
    m_rowsDue.setSingleShot(true);
    connect(&m_rowsDue, &QTimer::timeout, this, [this] { updateRows(table()); });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 14, 0, 0);
    column->setSpacing(10);
    column->addWidget(makeToolbar());
    column->addWidget(makeOffer());
    m_canvas = new StorageCanvas([this] {
        const auto& cluster = this->model();
        StorageLayout::Input layout{&cluster.state(), &cluster.nodes(), table(), focusNode(), m_picture == OneNode, cluster.nanos(), was()};
        return StorageCanvas::Input{std::move(layout), m_focus.part()};
    });
    m_tableForm = makeTableForm(m_rows, "Segments, memtables and SSTables");
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeScroll(m_canvas));
    m_stack->addWidget(m_tableForm);
    m_look = new LookPane(model);
    m_stack->addWidget(m_look);
    column->addWidget(m_stack, 1);
    setFocusProxy(m_canvas);
    connectParts();
    connectActions();
    connectLook();
    update();
}

QWidget* StorageView::makeToolbar() {
    auto* bar = new QWidget;
    auto* rows = new QVBoxLayout(bar);
    rows->setContentsMargins(16, 0, 16, 0);
    rows->setSpacing(8);
    m_firstRow = new QHBoxLayout;
    m_firstRow->setSpacing(12);
    m_secondRow = new QHBoxLayout;
    m_form = new shell::SegmentedControl({"All nodes", "One node", "Read path", "Bytes", "Table"});
    m_tables = new shell::FieldCombo("Table", {});
    m_tables->setAccessibleName("Table whose files are shown");
    m_strategy = new shell::FieldCombo("Strategy", kStrategies);
    m_strategy->setAccessibleName("Compaction strategy; choosing another one alters the table");
    m_flush = new shell::Button("Flush");
    m_flush->setToolTip("Write the table's memtable to an SSTable, on every node or on the one shown");
    m_compact = new shell::Button("Compact");
    m_compact->setToolTip("Merge the table's SSTables (major compaction), on every node or on the one shown");
    m_load = new LoadControl(model());
    for (QWidget* part : std::initializer_list<QWidget*>{m_form, m_tables, m_strategy}) {
        m_firstRow->addWidget(part);
    }
    m_firstRow->addStretch(1);
    m_firstRow->addWidget(m_load);
    m_firstRow->addWidget(m_flush);
    m_firstRow->addWidget(m_compact);
    rows->addLayout(m_firstRow);
    rows->addLayout(m_secondRow);
    return bar;
}

QWidget* StorageView::makeOffer() {
    m_offer = new QWidget;
    auto* row = new QHBoxLayout(m_offer);
    row->setContentsMargins(16, 2, 16, 2);
    row->setSpacing(12);
    m_offerText = new shell::Label(QString(), 12.5);
    auto* write = new shell::Button(QString("Write %1 rows").arg(shell::countText(kOfferedRows)), shell::ButtonKind::Default, "plus");
    row->addWidget(m_offerText);
    row->addWidget(write);
    row->addStretch(1);
    connect(write, &QPushButton::clicked, this, [this] { m_load->fill(kOfferedRows); });
    m_offer->hide();
    return m_offer;
}

/// No node that told of it has a row of the table, in memory or in a file.
bool StorageView::isUnwritten(const std::string& table) const {
    bool isTold = false, isWritten = false;
    for (const auto& [name, node] : model().state().nodes) {
        if (const auto* view = node.storage.table(table)) {
            isTold = true;
            isWritten = isWritten || view->memtableRows > 0 || !view->sstables.empty() || !view->unreadable.empty();
        }
    }
    return isTold && !isWritten;
}

void StorageView::placeLoad() {
    const bool below = width() < kLoadBesideFrom;
    if (below == m_loadBelow) {
        return;
    }
    m_loadBelow = below;
    (below ? m_firstRow : m_secondRow)->removeWidget(m_load);
    if (below) {
        m_secondRow->addWidget(m_load, 0, Qt::AlignLeft);
    } else {
        m_firstRow->insertWidget(m_firstRow->indexOf(m_flush), m_load);
    }
}

void StorageView::connectParts() {
    connect(&model(), &sources::ClusterModel::changed, &m_follow, &Coalesced::ask);
    connect(&model(), &sources::ClusterModel::nodesChanged, &m_follow, &Coalesced::ask);
    connect(&model().selection(), &sources::Selection::nodeChanged, this, &StorageView::update);
    connect(&model().selection(), &sources::Selection::tableChanged, this, [this] {
        m_sinceRows.invalidate();
        update();
    });
    connect(&m_focus, &StorageFocus::changed, this, &StorageView::update);
    connect(m_form, &shell::SegmentedControl::currentChanged, this, &StorageView::showForm);
    connect(m_tables, &QComboBox::activated, this, [this](int index) { model().selection().setTable(m_tables->itemText(index)); });
    connect(m_strategy, &QComboBox::activated, this, &StorageView::offerStrategy);
    connect(m_canvas, &StorageCanvas::partChosen, this, [this](const Part& part) {
        model().selection().setNode(QString::fromStdString(part.node));
        m_focus.choose(part);
    });
    connect(m_canvas, &StorageCanvas::nodeChosen, this, [this](const std::string& node) {
        m_focus.clear();
        model().selection().setNode(QString::fromStdString(node));
    });
    connect(m_canvas, &StorageCanvas::nothingChosen, this, [this] {
        m_focus.clear();
        model().selection().setNode({});
    });
    connect(m_canvas, &StorageCanvas::opened, this, &ExplorerView::inspectorWanted);
    connect(m_canvas, &StorageCanvas::nodeMenuWanted, this, &ExplorerView::nodeMenuWanted);
    connect(m_tableForm, &QTableView::clicked, this, [this](const QModelIndex& index) { selectRow(index.row()); });
}

void StorageView::connectActions() {
    const auto perform = [this](const QString& verb) {
        const QString node = m_picture == OneNode ? QString::fromStdString(focusNode()) : QString();
        m_actions->perform(verb, QString::fromStdString(table()), node);
    };
    connect(m_flush, &QPushButton::clicked, this, [perform] { perform("flush"); });
    connect(m_compact, &QPushButton::clicked, this, [perform] { perform("compact"); });
    connect(m_actions, &StorageActions::started, this, [this] {
        m_problem.clear();
        update();
    });
    connect(m_actions, &StorageActions::finished, this, [this](const QString& verb, const QString& error) {
        m_problem = error.isEmpty() ? QString() : QString("Could not %1: %2").arg(verb, error);
        update();
    });
    connect(m_load, &LoadControl::runningChanged, this, [this](bool running, const QString& table) {
        if (running) {
            model().selection().setTable(table);
        }
    });
}

std::string StorageView::table() const { return tableToShow(model().state(), model().selection().table()); }

std::string StorageView::focusNode() const {
    const std::string chosen = model().selection().node().toStdString();
    if (model().state().node(chosen) != nullptr) {
        return chosen;
    }
    const auto nodes = model().state().ordered();
    return m_picture == OneNode && !nodes.empty() ? nodes.front()->node : std::string();
}

void StorageView::offerStrategy(int index) {
    const auto& nodes = model().state().nodes;
    const bool smallFiles = std::any_of(nodes.begin(), nodes.end(), [](const auto& node) {
        return node.second.storage.told && node.second.storage.limits.memtableLimitBytes <= kSmallMemtable;
    });
    emit statementOffered(QString("ALTER TABLE %1 WITH compaction = %2;").arg(QString::fromStdString(table()), compactionOptionsOf(index, smallFiles)), true);
    update();
}

void StorageView::updateChoices() {
    const QStringList tables = tablesOf(model().state());
    const QSignalBlocker quietTables(m_tables), quietStrategy(m_strategy);
    QStringList shown;
    for (int i = 0; i < m_tables->count(); ++i) {
        shown += m_tables->itemText(i);
    }
    if (shown != tables) {
        m_tables->clear();
        m_tables->addItems(tables);
    }
    const std::string now = table();
    m_tables->setCurrentIndex(m_tables->findText(QString::fromStdString(now)));
    m_strategy->setCurrentIndex(static_cast<int>(strategyOf(definitionOf(model().state(), now))));
    m_tables->updateGeometry();  // As wide as what is chosen.
    m_strategy->updateGeometry();
    const bool isUsers = !now.empty() && now.rfind("system", 0) != 0;
    m_strategy->setEnabled(isUsers);
    const bool canAct = !now.empty() && model().isLive() && !m_actions->isBusy();
    m_flush->setEnabled(canAct);
    m_compact->setEnabled(canAct);
    m_load->setTable(isUsers ? QString::fromStdString(now) : QString());
}

/// What the tiles' "was" shows: measured here, as the state keeps no past of it.
void StorageView::sampleMeasures(const std::string& table) {
    if (table != m_measuredTable || !model().isLive()) {
        m_measured.clear();
        m_measuredTable = table;
    }
    if (m_measured.empty() || model().nanos() - m_measured.back().nanos >= kSecond) {
        m_measured.push_back(measuresOf(model().state(), table));
        m_measured.back().nanos = model().nanos();
    }
    while (m_measured.size() > 1 && m_measured.front().nanos < model().nanos() - kMeasuredNanos) {
        m_measured.pop_front();
    }
}

Measures StorageView::was() const { return m_measured.size() > 1 ? m_measured.front() : Measures(); }

void StorageView::updateRows(const std::string& table) {
    m_rowsDue.stop();
    m_sinceRows.start();
    PartRows rows = partRows(model().state(), model().nodes(), table);
    m_parts = std::move(rows.parts);
    m_rows->setRows(std::move(rows.rows));
}

void StorageView::update() {
    updateChoices();
    const std::string shown = table();
    if (isLooking()) {
        m_look->setTable(shown, tablesOf(model().state()));
    }
    sampleMeasures(shown);
    // Hundreds of rows of text cost more than the picture.
    if (!m_sinceRows.isValid() || m_sinceRows.elapsed() >= kRowsMillis || m_form->current() == TableForm) {
        updateRows(shown);
    } else if (!m_rowsDue.isActive()) {
        m_rowsDue.start(kRowsMillis - static_cast<int>(m_sinceRows.elapsed()));
    }
    m_canvas->refresh();
    const bool offers = !isLooking() && !m_load->isRunning() && !shown.starts_with("system") && isUnwritten(shown);
    m_offerText->setText("Nothing written to " + QString::fromStdString(shown) + " yet.");
    m_offer->setVisible(offers);
    Caption caption = storageCaption(model().state(), model().nodes(), shown, was(), model().nanos());
    if (!m_problem.isEmpty()) {
        caption.sentence = m_problem;
    }
    const auto facts = [](const Caption& c) {
        QStringList out;
        for (const auto& fact : c.facts) {
            out << fact.was << fact.now;
        }
        return out;
    };
    if (caption.sentence != m_caption.sentence || facts(caption) != facts(m_caption)) {
        m_caption = std::move(caption);
        if (!isLooking()) {
            emit captionChanged();
        }
    }
}

void StorageView::refreshNow() {
    m_sinceRows.invalidate();
    update();
    m_canvas->refreshNow();
}

int StorageView::selectedRow() const {
    if (isLooking()) {
        return m_look->selectedRow();
    }
    const auto at = m_focus.part() ? std::find(m_parts.begin(), m_parts.end(), *m_focus.part()) : m_parts.end();
    return at == m_parts.end() ? -1 : static_cast<int>(at - m_parts.begin());
}

void StorageView::selectRow(int row) {
    if (isLooking()) {
        m_look->selectRow(row);
    } else if (row >= 0 && row < static_cast<int>(m_parts.size())) {
        const Part part = m_parts[static_cast<std::size_t>(row)];
        model().selection().setNode(QString::fromStdString(part.node));
        m_focus.choose(part);
    }
}

void StorageView::showForm(int form) {
    m_form->setCurrent(form);
    m_picture = form == TableForm ? m_picture : form;
    m_sinceRows.invalidate();
    update();
    for (QWidget* part : std::initializer_list<QWidget*>{m_strategy, m_load, m_flush, m_compact}) {
        part->setVisible(!isLooking());
    }
    if (isLooking()) {
        m_look->setForm(m_picture == ReadPathForm ? LookPane::Form::ReadPath : LookPane::Form::Bytes);
    }
    m_stack->setCurrentIndex(form == TableForm ? 1 : isLooking() ? 2 : 0);
    setFocusProxy(isLooking() ? static_cast<QWidget*>(m_look) : m_canvas);
    if (form == TableForm) {
        m_tableForm->setModel(tableModel());
        m_tableForm->resizeColumnsToContents();
    } else if (!isLooking()) {
        m_canvas->refreshNow();
    }
    emit captionChanged();
}

/// Ctrl+F, Ctrl+K: a key is typed where a read of it is shown.
void StorageView::focusSearch() {
    if (!isLooking()) {
        showForm(ReadPathForm);
    }
    m_look->focusKey();
}

void StorageView::connectLook() {
    connect(m_look, &LookPane::captionChanged, this, [this] {
        if (isLooking()) {
            emit captionChanged();
        }
    });
    connect(m_look, &LookPane::inspectorWanted, this, &ExplorerView::inspectorWanted);
    connect(m_look, &LookPane::tableChosen, this, [this](const QString& chosen) { model().selection().setTable(chosen); });
    connect(&m_focus, &StorageFocus::bytesWanted, this, [this](const Part& part) {
        showForm(BytesForm);
        m_look->openFile(part);
        emit viewWanted(title());
    });
}

void StorageView::showEvent(QShowEvent*) { update(); }

void StorageView::resizeEvent(QResizeEvent*) { placeLoad(); }

void StorageView::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), shell::tokens().view); }

void StorageView::drawTo(QPainter& painter, const QSize& size) { isLooking() ? m_look->drawTo(painter, size) : m_canvas->drawTo(painter, size); }

}  // namespace app::explorer::storage
