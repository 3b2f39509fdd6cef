#include "app/sources/cluster_model.h"

#include <algorithm>
#include <chrono>

namespace app::sources {

using engine::observe::ClusterState;
using engine::observe::NodeView;
using shell::StateMark;

namespace {

/// Ours, not Cassandra's: half of phi_convict_threshold's default.
constexpr double kSuspectPhi = 4.0;

struct Opinion {
    int alive = 0;
    int dead = 0;
    double phi = 0;
};

/// What the others, as far as they can be heard, say of a node.
Opinion opinionOf(const ClusterState& state, const std::string& subject) {
    Opinion opinion;
    for (const auto& [name, view] : state.nodes) {
        const auto knows = view.knows.find(subject);
        if (name == subject || !view.reachable || knows == view.knows.end()) {
            continue;
        }
        knows->second.alive ? ++opinion.alive : ++opinion.dead;
        opinion.phi = std::max(opinion.phi, knows->second.phi);
    }
    return opinion;
}

QString addressOf(const QString& name) { return name.section(':', 0, -2); }

}  // namespace

bool NodeInfo::isCutOff() const {
    return std::any_of(links.begin(), links.end(), [](const LinkRule& rule) { return rule.to.isEmpty() && rule.drop >= 1; });
}

ClusterModel::ClusterModel(QObject* parent) : QObject(parent) {
    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this, &ClusterModel::tickRate);
    m_second.start();
}

void ClusterModel::setSource(ClusterSource* source) {
    if (m_source != nullptr) {
        m_source->disconnect(this);
    }
    m_source = source;
    m_live = {};
    m_past.reset();
    m_history.clear();
    m_selection.clear();
    m_seenAtTick = 0;
    m_rate = 0;
    if (source != nullptr) {
        connect(source, &ClusterSource::arrived, this, [this](const SourceBatchPtr& batch) { take(*batch); });
        connect(source, &ClusterSource::nodesChanged, this, [this] {
            updateNodes();
            emit changed();
        });
        connect(source, &ClusterSource::actionFinished, this, [this](NodeAction action, int node, const QString& error) {
            if (error.isEmpty()) {
                static const char* const kDone[] = {"started", "stopped", "killed", "paused", "resumed"};
                addMark(MarkKind::Fault, QString("n%1 %2").arg(node).arg(kDone[static_cast<int>(action)]));
            }
        });
        connect(source, &ClusterSource::linksChanged, this, [this](const QString& done, const QString& error) {
            if (error.isEmpty()) {
                addMark(MarkKind::Fault, done);
            }
        });
    }
    updateNodes();
    emit sourceChanged();
    emit momentChanged();
    emit changed();
}

void ClusterModel::take(const SourceBatch& batch) {
    for (const auto& [node, reachable] : batch.reachable) {
        engine::observe::setReachable(m_live, node, reachable, m_live.nanos != 0 ? m_live.nanos : machineNanos());
    }
    for (const auto& event : batch.events) {
        engine::observe::fold(m_live, event);
        m_history.add(event, m_live);
    }
    updateNodes();
    emit eventsFolded(batch);
    if (isLive()) {
        emit changed();
    }
}

void ClusterModel::showMoment(std::int64_t nanos) {
    m_pastNanos = std::clamp(nanos, m_history.earliest(), m_live.nanos);
    m_past = std::make_unique<ClusterState>(m_history.stateAt(m_pastNanos));
    emit momentChanged();
    emit changed();
}

void ClusterModel::goLive() {
    if (m_past) {
        m_past.reset();
        emit momentChanged();
        emit changed();
    }
}

void ClusterModel::step(int direction) {
    const std::int64_t to = m_history.neighbour(nanos(), direction);
    if (to != 0) {
        showMoment(to);
    } else if (direction > 0) {
        goLive();
    }
}

std::int64_t ClusterModel::wallMicrosOf(std::int64_t nanos) const {
    return m_live.wallMicros - (m_live.nanos - nanos) / 1000;
}

void ClusterModel::addMark(MarkKind kind, const QString& label) {
    m_history.mark({machineNanos(), kind, label});
    emit marksChanged();
}

const NodeInfo* ClusterModel::node(int number) const {
    const auto at = std::find_if(m_nodes.begin(), m_nodes.end(), [&](const NodeInfo& n) { return n.number == number; });
    return at == m_nodes.end() ? nullptr : &*at;
}

const NodeInfo* ClusterModel::node(const QString& name) const {
    const auto at = std::find_if(m_nodes.begin(), m_nodes.end(), [&](const NodeInfo& n) { return n.name == name; });
    return at == m_nodes.end() ? nullptr : &*at;
}

int ClusterModel::numberOf(const std::string& name) const {
    const NodeInfo* info = node(QString::fromStdString(name));
    return info != nullptr ? info->number : 0;
}

void ClusterModel::judge(NodeInfo& info, const NodeView* view) const {
    const Opinion opinion = view != nullptr ? opinionOf(m_live, view->node) : Opinion{};
    const bool reachable = view != nullptr && view->reachable;
    const bool suspected = opinion.phi > kSuspectPhi && opinion.dead == 0;
    info.answering = reachable && info.process == ProcessState::Running;
    if (info.process == ProcessState::Paused) {
        info.mark = opinion.dead > 0 ? StateMark::Down : suspected ? StateMark::Suspect : StateMark::Paused;
        info.word = opinion.dead > 0 ? "Paused, judged down" : suspected ? "Paused, suspected" : "Paused";
    } else if (info.process == ProcessState::Stopped) {
        info.mark = StateMark::Down;
        info.word = opinion.alive > 0 && opinion.dead == 0 ? "Stopped, not noticed yet" : "Down";
    } else if (info.process == ProcessState::Starting || !reachable) {
        info.mark = StateMark::Unknown;
        info.word = info.process == ProcessState::Starting ? "Starting" : "Not heard from";
    } else if (view->status == "JOINING") {
        info.mark = StateMark::Joining;
        info.word = "Up, joining";
    } else if (view->status == "LEAVING") {
        info.mark = StateMark::Leaving;
        info.word = "Up, leaving";
    } else if (suspected) {
        info.mark = StateMark::Suspect;
        info.word = shell::wordOf(StateMark::Suspect);
    } else if (opinion.dead > 0) {
        info.mark = StateMark::Suspect;
        info.word = opinion.alive > 0 ? "Up, some judge it down" : "Up, judged down by others";
    } else {
        info.mark = StateMark::Up;
        info.word = shell::wordOf(StateMark::Up);
    }
}

NodeInfo ClusterModel::infoOf(const NodeProcess* process, const NodeView* view) const {
    NodeInfo info;
    if (view != nullptr) {
        info.number = view->number;
        info.name = QString::fromStdString(view->node);
        info.address = addressOf(info.name);
        info.nativePort = static_cast<std::uint16_t>(
            QString::fromStdString(view->nativeAddress).section(':', -1).toUInt());
        info.residentBytes = view->residentBytes;
        info.process = view->reachable ? ProcessState::Running : ProcessState::Stopped;
    }
    if (process != nullptr) {
        info.number = process->number;
        info.name = process->name;
        info.address = process->address;
        info.nativePort = process->nativePort;
        info.process = process->state;
        info.busy = process->busy;
        info.links = process->links;
        info.pace = process->pace;
    }
    judge(info, view);
    return info;
}

std::int64_t ClusterModel::machineNanos() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double ClusterModel::paceAt(std::int64_t nanos) const {
    const auto after = std::upper_bound(m_paces.begin(), m_paces.end(), nanos,
                                        [](std::int64_t at, const auto& change) { return at < change.first; });
    return after == m_paces.begin() ? 1 : std::prev(after)->second;
}

double ClusterModel::pace() const {
    double slowest = 1;
    for (const NodeInfo& info : m_nodes) {
        slowest = std::max(slowest, info.pace);
    }
    return slowest;
}

void ClusterModel::updateNodes() {
    std::vector<NodeInfo> nodes;
    const auto processes = m_source != nullptr ? m_source->nodes() : std::vector<NodeProcess>();
    for (const NodeProcess& process : processes) {
        nodes.push_back(infoOf(&process, m_live.node(process.name.toStdString())));
    }
    if (processes.empty()) {
        for (const NodeView* view : m_live.ordered()) {
            nodes.push_back(infoOf(nullptr, view));
        }
    }
    std::sort(nodes.begin(), nodes.end(), [](const NodeInfo& a, const NodeInfo& b) { return a.number < b.number; });
    if (nodes != m_nodes) {
        m_nodes = std::move(nodes);
        if (pace() != (m_paces.empty() ? 1 : m_paces.back().second)) {
            m_paces.emplace_back(machineNanos(), pace());
        }
        emit nodesChanged();
    }
}

void ClusterModel::tickRate() {
    m_rate = static_cast<double>(m_live.eventsSeen - std::min(m_seenAtTick, m_live.eventsSeen));
    m_seenAtTick = m_live.eventsSeen;
}

}  // namespace app::sources
