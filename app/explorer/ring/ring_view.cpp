#include "app/explorer/ring/ring_view.h"

#include <QHeaderView>

#include <algorithm>
#include <limits>

#include "app/explorer/ring/key_panel.h"
#include "app/explorer/table_form.h"

namespace app::explorer::ring {

using shell::Caption;

namespace {
constexpr int kTableForm = 3;
constexpr int kPanelWidth = 404;
constexpr int kPanelFrom = 760;  // Narrower views have no side panel.
}  // namespace

// ---- Replay ----

int Replay::factorFor(std::int64_t nanos) {
    for (const int factor : {1, 10, 100, 1000, 2000, 5000}) {
        if (nanos * factor >= 2'000'000'000) {
            return factor;
        }
    }
    return 5000;
}

void Replay::start(const RequestStory& story) {
    m_begin = story.begin;
    m_end = story.end;
    m_factor = factorFor(m_end - m_begin);
    m_running = true;
    m_clock.start();
}

std::int64_t Replay::now() {
    const std::int64_t at = m_begin + m_clock.nsecsElapsed() / m_factor;
    if (at > m_end + 400'000'000 / m_factor) {
        m_running = false;
    }
    return at;
}

// ---- RingView ----

RingView::RingView(sources::ClusterModel& model, QWidget* parent) : ExplorerView(model, parent), m_follow([this] { update(); }), m_lookup(new KeyLookup(model, this)) {
    m_rows = new RowsModel({{"Token", true}, {"Range start", true}, {"Range end", true}, {"Owner"}, {"Share", true}, {"Replicas in order"}}, this);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* column = new QVBoxLayout;
    column->setContentsMargins(0, 14, 0, 0);
    column->setSpacing(4);
    m_toolbar = makeToolbar();
    column->addWidget(m_toolbar);
    m_stack = new QStackedWidget;
    m_ring = new RingCanvas([this] {
        return RingCanvas::Input{m_topology, &this->model().nodes(), &m_focus, shownNanos(), this->model().selection().node(), m_arc, m_presenting,
                                  isUnderWay() ? sources::ClusterModel::machineNanos() : 0};
    });
    m_line = new LineCanvas([this] {
        return LineCanvas::Input{m_topology, &this->model().nodes(), &m_focus, this->model().selection().node(), m_arc};
    });
    m_racks = new RackCanvas([this] {
        return RackCanvas::Input{&this->model().state(), &this->model().nodes(), &m_focus, this->model().selection().node()};
    });
    m_table = makeTableForm(m_rows, "Ranges of the ring");
    m_stack->addWidget(m_ring);
    m_stack->addWidget(m_line);
    m_stack->addWidget(m_racks);
    m_stack->addWidget(m_table);
    column->addWidget(m_stack, 1);
    row->addLayout(column, 1);
    m_panel = makePanel();
    row->addWidget(m_panel);
    setFocusProxy(m_ring);
    connectParts();
    update();
}

QWidget* RingView::makeToolbar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(16, 0, 16, 0);
    row->setSpacing(12);
    m_form = new shell::SegmentedControl({"Ring", "Line", "Racks", "Table"});
    m_field = new KeyField;
    row->addWidget(m_form);
    row->addWidget(m_field, 1);
    row->addStretch();  // Gets what the field does not take.
    return bar;
}

QWidget* RingView::makePanel() {
    auto* holder = new QWidget;
    holder->setFixedWidth(kPanelWidth + 16);
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 14, 16, 14);
    auto* card = new shell::Card("From key to replicas");
    auto* pill = new shell::Pill("same as 5.0", &shell::Tokens::pass, &shell::Tokens::pass_tint);
    pill->setIconName("check");
    card->setHeaderWidget(pill);
    card->body()->setContentsMargins(1, 0, 1, 6);
    m_sheet = new SheetView([this](double width) {
        return keyPanelLines(m_focus, model().nodes(), shownNanos(), m_replay.isRunning(), width);
    });
    m_sheet->setAccessibleName("From key to replicas");
    card->body()->addWidget(makeScroll(m_sheet));
    column->addWidget(card);
    return holder;
}

void RingView::connectParts() {
    auto& clusterModel = model();
    auto& selection = clusterModel.selection();
    connect(&clusterModel, &sources::ClusterModel::changed, &m_follow, &Coalesced::ask);
    connect(&clusterModel, &sources::ClusterModel::nodesChanged, &m_follow, &Coalesced::ask);
    connect(&clusterModel, &sources::ClusterModel::sourceChanged, this, [this] {
        m_field->clear();
        setFocusFrom({}, {});
    });
    connect(&clusterModel, &sources::ClusterModel::eventsFolded, this, &RingView::lightUp);
    connect(&selection, &sources::Selection::keyChanged, this, [this] {
        if (const auto& key = model().selection().key()) {
            setFocusFrom(key, m_request);
        }
    });
    connect(&selection, &sources::Selection::requestChanged, this, [this] { setFocusFrom({}, model().selection().request()); });
    connect(&selection, &sources::Selection::nodeChanged, this, &RingView::update);
    connect(&selection, &sources::Selection::tableChanged, this, [this] {
        m_field->setTable(model().selection().table());
        update();
    });
    connect(m_form, &shell::SegmentedControl::currentChanged, this, &RingView::showForm);
    connect(&shell::theme(), &shell::Theme::changed, this, &RingView::placePanel);
    connect(m_field, &KeyField::wanted, m_lookup, &KeyLookup::find);
    connect(m_field, &KeyField::tableChosen, &selection, &sources::Selection::setTable);
    connect(m_field, &KeyField::cleared, this, [this] {
        m_lookup->cancel();
        model().selection().setKey({});
        setFocusFrom({}, {});
    });
    connect(m_lookup, &KeyLookup::failed, m_field, &KeyField::setError);
    connect(m_lookup, &KeyLookup::found, this, [this](const KeyFacts& facts) {
        m_field->show(facts.key);
        m_field->setColumns(facts.columns);
        model().selection().setKey(facts.key);
        setFocusFrom(facts.key, m_request);
        m_ring->setFocus();
    });
    const auto chooseArc = [this](int arc) { selectRow(arc); };
    const auto chooseNode = [this](const QString& node) {
        m_arc = -1;
        model().selection().setNode(node);
    };
    const auto chooseNothing = [this] {
        m_arc = -1;
        model().selection().setNode({});
        update();
    };
    connect(m_ring, &RingCanvas::arcChosen, this, chooseArc);
    connect(m_line, &LineCanvas::arcChosen, this, chooseArc);
    connect(m_ring, &RingCanvas::nodeChosen, this, chooseNode);
    connect(m_line, &LineCanvas::nodeChosen, this, chooseNode);
    connect(m_racks, &RackCanvas::nodeChosen, this, chooseNode);
    connect(m_racks, &RackCanvas::nothingChosen, this, chooseNothing);
    connect(m_racks, &RackCanvas::opened, this, &ExplorerView::inspectorWanted);
    connect(m_racks, &RackCanvas::nodeMenuWanted, this, &ExplorerView::nodeMenuWanted);
    connect(m_ring, &RingCanvas::nothingChosen, this, chooseNothing);
    connect(m_line, &LineCanvas::nothingChosen, this, chooseNothing);
    connect(m_ring, &RingCanvas::opened, this, &ExplorerView::inspectorWanted);
    connect(m_ring, &RingCanvas::nodeMenuWanted, this, &ExplorerView::nodeMenuWanted);
    connect(m_ring, &RingCanvas::linkChosen, this, [this] {
        if (m_request) {
            model().selection().setRequest(m_request);
        }
    });
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) { selectRow(index.row()); });
    connect(m_sheet, &SheetView::chosen, this, [this](int kind, int index) {
        if (kind == kReplayButton) {
            toggleReplay();
        } else if (kind == kTrafficButton) {
            model().selection().setRequest(m_request);
            emit viewWanted("Traffic");
        } else if (kind == kReplicaLine) {
            const auto* node = model().node(index);
            model().selection().setNode(node != nullptr ? node->name : QString());
        } else if (kind == kWalkLine && m_focus.walk) {
            const auto token = m_focus.walk->steps[static_cast<std::size_t>(index)].token;
            selectRow(m_ring->ringLayout().arcAt(RingLayout::degreesOf(token) - 1e-7));
        }
    });
}

// ---- what is looked at ----

std::int64_t RingView::shownNanos() {
    if (m_replay.isRunning()) {
        const std::int64_t at = m_replay.now();
        if (!m_replay.isRunning()) {
            QMetaObject::invokeMethod(this, [this] {
                m_ring->setReplaying(false);
                update();
            }, Qt::QueuedConnection);
        }
        return at;
    }
    return model().isLive() ? std::numeric_limits<std::int64_t>::max() : model().nanos();
}

void RingView::setFocusFrom(std::optional<sources::KeySelection> key, std::optional<engine::Uuid> request) {
    m_key = std::move(key);
    m_request = request;
    m_replay.stop();
    m_ring->setReplaying(false);
    update();
}

/// A message of the request is on its way so slowly that a person can follow it.
bool RingView::isUnderWay() const {
    constexpr double kSeenFrom = 1000;
    constexpr double kLongestNanos = 5e6;  // Of the nodes' time; what takes longer is lost, or held by a fault.
    return model().isLive() && m_focus.story.request && m_focus.pace >= kSeenFrom &&
           static_cast<double>(sources::ClusterModel::machineNanos() - m_focus.story.begin) < m_focus.pace * kLongestNanos &&
           m_focus.story.inFlightAt(std::numeric_limits<std::int64_t>::max()) > 0;
}

/// What a person runs in the console is looked at, unless a moment of the past is.
void RingView::followConsole() {
    if (!model().isLive()) {
        return;
    }
    const RequestPtr newest = newestOfConsole(model().live());
    if (newest && m_lastOfConsole != newest->id) {
        m_lastOfConsole = newest->id;
        m_key.reset();
        m_request = newest->id;
        m_replay.stop();
    }
}

QStringList RingView::userTables() const {
    QStringList tables;
    for (const auto& keyspace : model().state().keyspaces) {
        if (!keyspace.name.starts_with("system")) {
            for (const std::string& table : keyspace.tables) {
                tables += QString::fromStdString(keyspace.name + '.' + table);
            }
        }
    }
    return tables;
}

void RingView::update() {
    followConsole();
    const auto& state = model().state();
    m_topology = m_cache.of(state);
    const RequestPtr request = m_request ? state.request(*m_request) : nullptr;
    m_focus = focusOf(state, m_topology, m_key, request, model().selection().table());
    m_focus.pace = m_focus.story.request ? model().paceAt(m_focus.story.begin) : 1;
    m_ring->setReplaying(m_replay.isRunning() || isUnderWay());
    m_field->setTables(userTables());
    if (m_focus.key && !m_key) {
        m_field->show(*m_focus.key);
    }
    if (m_rowsVersion != m_topology->version() || m_rowsKeyspace != m_focus.keyspace || m_rows->rowCount() == 0) {
        m_rowsVersion = m_topology->version();
        m_rowsKeyspace = m_focus.keyspace;
        m_rows->setRows(ringRows(*m_topology, model().nodes(), m_focus));
    }
    m_ring->refresh();
    m_line->refresh();
    m_racks->refresh();
    m_sheet->refresh();
    updateCaption();
}

void RingView::refreshNow() {
    update();
    m_ring->refreshNow();
    m_line->refreshNow();
    m_racks->refreshNow();
    m_sheet->refreshNow();
}

void RingView::updateCaption() {
    Caption caption = ringCaption(m_focus, m_topology, model().nodes(), model().selection().node(), shownNanos(),
                                  m_replay.isRunning() ? m_replay.factor() : 0);
    const auto same = [&] {
        return caption.sentence == m_caption.sentence && caption.facts.size() == m_caption.facts.size() &&
               std::equal(caption.facts.begin(), caption.facts.end(), m_caption.facts.begin(),
                          [](const auto& a, const auto& b) { return a.label == b.label && a.now == b.now; });
    };
    if (!same()) {
        m_caption = std::move(caption);
        emit captionChanged();
    }
}

void RingView::lightUp(const sources::SourceBatch& batch) {
    if (!isVisible() || !model().isLive()) {
        return;
    }
    followConsole();
    for (const auto& event : batch.events) {
        if (const auto* sent = std::get_if<engine::observe::MessageSent>(&event.body)) {
            if (sent->request == m_request) {
                continue;  // It is drawn as it is.
            }
            m_ring->light(event.node, sent->to, shell::verbFamily(QString::fromStdString(sent->verb)));
        } else if (const auto* gossip = std::get_if<engine::observe::GossipMessage>(&event.body)) {
            m_ring->light(gossip->from, gossip->to, "gossip");
        }
    }
}

void RingView::toggleReplay() {
    if (m_replay.isRunning()) {
        m_replay.stop();
        m_ring->setReplaying(false);
    } else {
        m_replay.start(m_focus.story);
        m_ring->setReplaying(true);
        auto* follow = new QTimer(this);
        connect(follow, &QTimer::timeout, this, [this, follow] {
            m_sheet->refresh();
            updateCaption();
            if (!m_replay.isRunning()) {
                follow->deleteLater();
            }
        });
        follow->start(100);
    }
    update();
}

// ---- the shell's side ----

void RingView::selectRow(int row) {
    m_arc = row;
    if (m_stack->currentWidget() == m_table && m_table->currentIndex().row() != row) {
        m_table->selectRow(row);
    }
    m_ring->refresh();
    m_line->refresh();
    m_racks->refresh();
}

void RingView::focusSearch() { m_field->focusKey(); }

void RingView::setPresenting(bool presenting) {
    m_presenting = presenting;
    m_toolbar->setVisible(!presenting);
    m_ring->refresh();
}

void RingView::showForm(int form) {
    m_form->setCurrent(form);
    m_stack->setCurrentIndex(form);
    if (form == kTableForm) {
        m_table->resizeColumnsToContents();
    }
    setFocusProxy(m_stack->currentWidget());
    placePanel();
    update();
}

/// Zoomed content takes more room; the ring keeps at least as much as the panel.
int RingView::panelWidth(double width) const {
    const int wanted = static_cast<int>(kPanelWidth * shell::theme().zoom());
    return m_form->current() == 0 && width >= kPanelFrom && width >= 1.9 * wanted ? wanted : 0;
}

void RingView::placePanel() {
    const int wanted = panelWidth(width());
    if (wanted > 0) {
        m_panel->setFixedWidth(wanted + 16);
    }
    m_panel->setVisible(wanted > 0);
}

void RingView::resizeEvent(QResizeEvent*) { placePanel(); }

void RingView::showEvent(QShowEvent*) { update(); }

void RingView::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), shell::tokens().view); }

void RingView::drawTo(QPainter& painter, const QSize& size) {
    const bool withPanel = panelWidth(size.width()) > 0;
    const double room = size.width() - (withPanel ? kPanelWidth + 32.0 : 0);
    Canvas& canvas = m_form->current() == 1 ? static_cast<Canvas&>(*m_line) : m_form->current() == 2 ? static_cast<Canvas&>(*m_racks) : *m_ring;
    canvas.drawTo(painter, QSizeF(room, size.height()));
    if (withPanel) {
        painter.save();
        painter.translate(room, 14);
        const QRectF card(0, 0, kPanelWidth, std::min(size.height() - 28.0, sheet::heightOf(m_sheet->lines()) + 50));
        shell::paint::box(painter, card, shell::tokens().panel, shell::tokens().line, 8);
        shell::paint::mid(painter, {16, 22}, "From key to replicas", shell::sans(13.5, 600), shell::tokens().text);
        painter.setClipRect(card.adjusted(1, 44, -1, -1));
        painter.translate(1, 44);
        m_sheet->drawTo(painter, QSizeF(kPanelWidth - 2, card.height() - 46));
        painter.restore();
    }
}

}  // namespace app::explorer::ring
