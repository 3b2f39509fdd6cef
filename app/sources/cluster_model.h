#pragma once

#include <QObject>
#include <QTimer>

#include <deque>
#include <memory>

#include "app/shell/kit/paint.h"
#include "app/sources/cluster_source.h"
#include "app/sources/history.h"
#include "app/sources/selection.h"
#include "engine/observe/cluster_state.h"

namespace app::sources {

/// A node as chips, docks and views name it: what its process and its peers say, together.
struct NodeInfo {
    int number = 0;
    QString name;     // "127.0.0.1:7000"
    QString address;  // "127.0.0.1"
    std::uint16_t nativePort = 0;
    shell::StateMark mark = shell::StateMark::Unknown;
    QString word;  // "Up, normal", "Paused, suspected", "Starting".
    bool answering = false;  // It can coordinate.
    bool busy = false;
    ProcessState process = ProcessState::Stopped;
    std::uint64_t residentBytes = 0;
    std::vector<LinkRule> links;  // What it does on purpose to what it sends.
    double pace = 1;              // So many times slower than the wall its time runs.

    QString label() const { return QString("n%1").arg(number); }
    /// It sends nothing to any other node, by a rule of its own.
    bool isCutOff() const;
    bool operator==(const NodeInfo&) const = default;
};

/// The cluster that the window shows: the fold of a source's events, the past they came from, the
/// selection, and the moment looked at. One for all views; GUI thread. Views read state() when
/// changed() says so (at most once a frame) and draw nothing else.
class ClusterModel : public QObject {
    Q_OBJECT

public:
    explicit ClusterModel(QObject* parent = nullptr);

    /// Not owned. Replaces the former one and forgets everything it told. Null: none.
    void setSource(ClusterSource* source);
    ClusterSource* source() const { return m_source; }

    /// The state at the moment shown; live() is the newest always.
    const engine::observe::ClusterState& state() const { return m_past ? *m_past : m_live; }
    const engine::observe::ClusterState& live() const { return m_live; }
    bool isLive() const { return !m_past; }
    /// The moment shown, machine nanos.
    std::int64_t nanos() const { return m_past ? m_pastNanos : m_live.nanos; }
    void showMoment(std::int64_t nanos);
    void goLive();
    /// To the next event that changes a picture, or with -1 to the last one; past the newest: live.
    void step(int direction);
    /// Wall-clock time of machine nanos.
    std::int64_t wallMicrosOf(std::int64_t nanos) const;

    const History& history() const { return m_history; }
    void addMark(MarkKind kind, const QString& label);

    Selection& selection() { return m_selection; }
    /// Every node by number.
    const std::vector<NodeInfo>& nodes() const { return m_nodes; }
    /// That of the slowest node: 1, or the factor of slow motion.
    double pace() const;
    /// The same as it was at a moment in machine nanos.
    double paceAt(std::int64_t nanos) const;
    /// Machine nanos without an event at hand; the same clock that nodes stamp with.
    static std::int64_t machineNanos();
    const NodeInfo* node(int number) const;
    const NodeInfo* node(const QString& name) const;
    /// Number of a node by its event name; 0 when unknown.
    int numberOf(const std::string& name) const;

    /// Events folded in the last second, and lost since the start.
    double eventsPerSecond() const { return m_rate; }
    std::uint64_t eventsLost() const { return m_live.eventsLost; }

    /// Folds events that a source, a recording or a test gives.
    void take(const SourceBatch& batch);

signals:
    /// state() is different.
    void changed();
    /// The same events before views redraw, for those that list or animate them.
    void eventsFolded(const app::sources::SourceBatch& batch);
    void nodesChanged();
    /// Live or a past moment.
    void momentChanged();
    void marksChanged();
    void sourceChanged();

private:
    void updateNodes();
    NodeInfo infoOf(const NodeProcess* process, const engine::observe::NodeView* view) const;
    void judge(NodeInfo& info, const engine::observe::NodeView* view) const;
    void tickRate();

    ClusterSource* m_source = nullptr;
    engine::observe::ClusterState m_live;
    std::unique_ptr<engine::observe::ClusterState> m_past;
    std::int64_t m_pastNanos = 0;
    History m_history;
    Selection m_selection;
    std::vector<NodeInfo> m_nodes;
    std::vector<std::pair<std::int64_t, double>> m_paces;  // Changes of pace(), with their moments.
    QTimer m_second;
    std::uint64_t m_seenAtTick = 0;
    double m_rate = 0;
};

}  // namespace app::sources
