#include "app/explorer/inspector.h"

#include "app/explorer/gossip/gossip_page.h"
#include "app/explorer/gossip/gossip_pair.h"
#include "app/explorer/storage/storage_focus.h"
#include "app/explorer/storage/storage_page.h"
#include "app/explorer/table_form.h"
#include "app/explorer/traffic/request_trace.h"

namespace app::explorer {

using gossip::GossipPair;
using storage::StorageFocus;

Inspector::Inspector(sources::ClusterModel& model, QWidget* parent)
    : QStackedWidget(parent), m_model(model), m_follow([this] { m_sheet->refresh(); }) {
    m_sheet = new SheetView([this](double width) { return lines(width); });
    m_sheet->setAccessibleName("Inspector");
    addWidget(new shell::EmptyNote("Select a node or a request to look inside it."));
    addWidget(makeScroll(m_sheet));
    m_storage = new storage::StorageActions(model, this);
    connect(m_storage, &storage::StorageActions::finished, this, [this](const QString& verb, const QString& error) {
        if (!error.isEmpty()) {
            emit failed("Could not " + verb + ": " + error);
        }
    });
    auto& selection = model.selection();
    connect(&selection, &sources::Selection::requestChanged, this, [this] { turnTo(m_model.selection().request() ? Page::Request : Page::Nothing); });
    connect(&selection, &sources::Selection::nodeChanged, this, [this] { turnTo(m_model.selection().node().isEmpty() ? Page::Nothing : Page::Node); });
    connect(&GossipPair::of(model), &GossipPair::changed, this, [this] { turnTo(m_model.selection().node().isEmpty() ? Page::Nothing : Page::Node); });
    connect(&StorageFocus::of(model), &StorageFocus::changed, this, [this] {
        const bool isNode = !m_model.selection().node().isEmpty();
        const auto& focus = StorageFocus::of(m_model);
        turnTo(focus.told() ? Page::Told : focus.part() ? Page::File : isNode ? Page::Node : Page::Nothing);
    });
    connect(&model, &sources::ClusterModel::changed, &m_follow, &Coalesced::ask);
    connect(&model, &sources::ClusterModel::nodesChanged, &m_follow, &Coalesced::ask);
    connect(m_sheet, &SheetView::chosen, this, [this](int kind, int deed) {
        if (kind == gossip::kNodeButton) {
            act(static_cast<gossip::NodeDeed>(deed));
        } else if (kind == storage::kCompactionButton) {
            act(static_cast<storage::CompactionDeed>(deed));
        } else if (kind == storage::kFileButton) {
            act(static_cast<storage::FileDeed>(deed));
        } else if (kind == storage::kBytesButton) {
            openBytes();
        }
    });
    connect(m_sheet, &SheetView::opened, this, [this](int kind, int index) {
        const auto& chosen = m_model.selection().request();
        if (kind == traffic::kTraceLine && chosen) {
            const auto trace = traffic::traceOf(RequestStory::of(m_model.live().request(*chosen)));
            if (index < static_cast<int>(trace.size())) {
                m_model.showMoment(trace[static_cast<std::size_t>(index)].nanos);
            }
        }
    });
}

void Inspector::act(gossip::NodeDeed deed) {
    using gossip::NodeDeed;
    using sources::NodeAction;
    const sources::NodeInfo* node = m_model.node(m_model.selection().node());
    auto* source = m_model.source();
    if (node == nullptr || source == nullptr || !source->canAct() || node->busy) {
        return;
    }
    sources::LinkChange change;
    change.from = node->number;
    switch (deed) {
    case NodeDeed::Pause: source->perform(NodeAction::Pause, node->number); return;
    case NodeDeed::Resume: source->perform(NodeAction::Resume, node->number); return;
    case NodeDeed::Kill: source->perform(NodeAction::Kill, node->number); return;
    case NodeDeed::Start: source->perform(NodeAction::Start, node->number); return;
    case NodeDeed::CutOff: source->changeLinks(change); return;
    case NodeDeed::Heal:
        for (const sources::LinkRule& rule : node->links) {
            if (rule.to.isEmpty() && rule.drop >= 1) {
                change.kind = sources::LinkChange::Kind::Heal;
                change.name = rule.name;
                source->changeLinks(change);
                return;
            }
        }
    }
}

void Inspector::act(storage::CompactionDeed deed) {
    using storage::CompactionDeed;
    const auto& part = StorageFocus::of(m_model).part();
    if (!part) {
        return;
    }
    const QString node = QString::fromStdString(part->node);
    switch (deed) {
    case CompactionDeed::Slow: {
        if (const auto* view = m_model.live().node(part->node)) {
            for (const auto& compaction : view->storage.compactions) {
                if (compaction.started.compaction == part->compaction) {
                    m_speeds[part->node] = static_cast<int>(compaction.progress.limitBytesPerSecond >> 20);
                }
            }
        }
        m_storage->limitCompactions(node, storage::kSlowMebibytes);
        return;
    }
    case CompactionDeed::FullSpeed: {
        const auto before = m_speeds.find(part->node);
        m_storage->limitCompactions(node, before == m_speeds.end() ? 0 : before->second);
        return;
    }
    case CompactionDeed::Pause: m_storage->pauseCompactions(node, true); return;
    case CompactionDeed::Resume: m_storage->pauseCompactions(node, false); return;
    case CompactionDeed::Stop: m_storage->stopCompactions(node);
    }
}

void Inspector::act(storage::FileDeed deed) {
    const auto& part = StorageFocus::of(m_model).part();
    if (part) {
        const std::string table = storage::tableToShow(m_model.state(), m_model.selection().table());
        m_storage->perform(deed == storage::FileDeed::Verify ? "verify" : "scrub", QString::fromStdString(table), QString::fromStdString(part->node));
    }
}

void Inspector::openBytes() {
    auto& focus = StorageFocus::of(m_model);
    const auto part = focus.told() ? focus.told()->file : focus.part();
    if (part) {
        focus.openBytes(*part);
    }
}

void Inspector::turnTo(Page page) {
    m_page = page;
    setCurrentIndex(page == Page::Nothing ? 0 : 1);
    m_sheet->refreshNow();
}

sheet::Lines Inspector::lines(double width) const {
    const auto& state = m_model.state();
    if (m_page == Page::Request && m_model.selection().request()) {
        // The whole of it, also while a moment of its past is shown.
        return traffic::requestLines(RequestStory::of(m_model.live().request(*m_model.selection().request())), m_model.nodes(), width);
    }
    if (m_page == Page::File && StorageFocus::of(m_model).part()) {
        const std::string table = storage::tableToShow(state, m_model.selection().table());
        return storage::partLines(state, m_model.nodes(), table, *StorageFocus::of(m_model).part(), m_model.nanos(), width);
    }
    if (m_page == Page::Told && StorageFocus::of(m_model).told()) {
        return storage::toldLines(*StorageFocus::of(m_model).told(), width);
    }
    if (m_page == Page::Node) {
        const std::string subject = m_model.selection().node().toStdString();
        return gossip::nodeLines(state, m_model.nodes(), GossipPair::of(m_model).observerFor(subject), subject, m_model.nanos(), width);
    }
    return {};
}

}  // namespace app::explorer
