#include "app/explorer/gossip/gossip_view.h"

#include <QSignalBlocker>

#include <algorithm>

#include "app/explorer/gossip/gossip_page.h"
#include "app/explorer/table_form.h"

namespace app::explorer::gossip {

using shell::Caption;

namespace {
constexpr int kTableForm = 4;
}

GossipView::GossipView(sources::ClusterModel& model, QWidget* parent)
    : ExplorerView(model, parent), m_follow([this] { update(); }), m_pair(GossipPair::of(model)) {
    m_rows = new RowsModel({{"Observer"}, {"Subject"}, {"Generation", true}, {"Version known", true}, {"Behind", true}, {"Age s", true}, {"Phi", true}, {"Judged"}}, this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 14, 0, 0);
    column->setSpacing(12);
    m_toolbar = makeToolbar();
    column->addWidget(m_toolbar);
    m_canvas = new GossipCanvas([this] {
        const auto& clusterModel = this->model();
        const std::string about = subject();
        return GossipCanvas::Input{&clusterModel.state(), &clusterModel.nodes(), m_pair.observer(), about, clusterModel.nanos(),
                                   static_cast<GossipLayout::Form>(std::min(m_form->current(), kTableForm - 1)), &m_log};
    });
    m_table = makeTableForm(m_rows, "What each node knows of each");
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_canvas);
    m_stack->addWidget(m_table);
    column->addWidget(m_stack, 1);
    setFocusProxy(m_canvas);
    connectParts();
    update();
}

QWidget* GossipView::makeToolbar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(16, 0, 16, 0);
    row->setSpacing(12);
    m_form = new shell::SegmentedControl({"Heat map", "Rounds", "Spread", "Phi", "Table"});
    m_about = new shell::FieldCombo("About", {});
    m_about->setAccessibleName("Node whose suspicion is drawn");
    row->addWidget(m_form);
    row->addWidget(m_about);
    row->addStretch(1);
    return bar;
}

void GossipView::connectParts() {
    connect(&model(), &sources::ClusterModel::changed, &m_follow, &Coalesced::ask);
    connect(&model(), &sources::ClusterModel::eventsFolded, this, [this](const sources::SourceBatch& batch) { m_log.take(batch); });
    connect(&model(), &sources::ClusterModel::sourceChanged, this, [this] { m_log.clear(); });
    connect(&model(), &sources::ClusterModel::nodesChanged, &m_follow, &Coalesced::ask);
    connect(&model().selection(), &sources::Selection::nodeChanged, this, &GossipView::update);
    connect(&m_pair, &GossipPair::changed, this, &GossipView::update);
    connect(m_form, &shell::SegmentedControl::currentChanged, this, &GossipView::showForm);
    connect(m_about, &QComboBox::activated, this, [this](int index) {
        const auto* node = model().node(m_about->itemData(index).toInt());
        model().selection().setNode(node != nullptr ? node->name : QString());
    });
    connect(m_canvas, &GossipCanvas::pairChosen, this, [this](const std::string& observer, const std::string& about) { m_pair.choose(observer, about); });
    connect(m_canvas, &GossipCanvas::nothingChosen, this, [this] { m_pair.clear(); });
    connect(m_canvas, &GossipCanvas::opened, this, &ExplorerView::inspectorWanted);
    connect(m_canvas, &GossipCanvas::nodeMenuWanted, this, &ExplorerView::nodeMenuWanted);
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) { selectRow(index.row()); });
}

std::string GossipView::subject() const { return subjectOf(model().state(), model().nodes(), model().selection().node()); }

void GossipView::updateSubjects() {
    const auto& nodes = model().nodes();
    const QSignalBlocker quiet(m_about);
    if (m_about->count() != static_cast<int>(nodes.size())) {
        m_about->clear();
        for (const auto& node : nodes) {
            m_about->addItem(node.label(), node.number);
        }
        m_about->updateGeometry();
    }
    m_about->setCurrentIndex(m_about->findData(numberIn(nodes, subject())));
}

void GossipView::update() {
    updateSubjects();
    m_known = knowledgeOf(model().state(), model().nodes(), model().nanos());
    m_rows->setRows(gossipRows(m_known, model().nodes()));
    m_canvas->refresh();
    Caption caption = gossipCaption(model().state(), model().nodes(), subject(), model().nanos());
    const auto facts = [](const Caption& c) {
        QStringList out;
        for (const auto& fact : c.facts) {
            out += fact.now;
        }
        return out;
    };
    if (caption.sentence != m_caption.sentence || facts(caption) != facts(m_caption)) {
        m_caption = std::move(caption);
        emit captionChanged();
    }
}

void GossipView::refreshNow() {
    update();
    m_canvas->refreshNow();
}

int GossipView::selectedRow() const {
    const auto at = std::find_if(m_known.begin(), m_known.end(), [this](const Known& known) {
        return known.observer == m_pair.observer() && known.subject == model().selection().node().toStdString();
    });
    return at == m_known.end() ? -1 : static_cast<int>(at - m_known.begin());
}

void GossipView::selectRow(int row) {
    if (row >= 0 && row < static_cast<int>(m_known.size())) {
        const Known known = m_known[static_cast<std::size_t>(row)];
        m_pair.choose(known.observer, known.subject);
    }
}

void GossipView::showForm(int form) {
    m_form->setCurrent(form);
    m_stack->setCurrentIndex(form == kTableForm ? 1 : 0);
    if (form == kTableForm) {
        m_table->resizeColumnsToContents();
    } else {
        m_canvas->refreshNow();
    }
}

void GossipView::showEvent(QShowEvent*) { update(); }

void GossipView::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), shell::tokens().view); }

void GossipView::drawTo(QPainter& painter, const QSize& size) { m_canvas->drawTo(painter, size); }

}  // namespace app::explorer::gossip
