#include "app/sources/local_cluster_source.h"

#include <algorithm>

#include "engine/admin/link_methods.h"
#include "engine/local/link_faults.h"
#include "engine/observe/observer.h"

namespace app::sources {

namespace {

constexpr int kFrameMillis = 16;
constexpr int kPollMillis = 1000;
constexpr int kLinksMillis = 300;  // What a node may take to tell its link rules.

NodeProcess processOf(const engine::local::LocalNode& node) {
    NodeProcess out;
    out.number = node.number;
    out.name = QString::fromStdString(node.name());
    out.address = QString::fromStdString(node.address);
    out.nativePort = node.nativePort;
    out.adminPort = node.adminPort;
    out.adminToken = QString::fromStdString(node.adminToken);
    out.folder = QString::fromStdString(node.folder);
    out.state = static_cast<ProcessState>(node.state);
    return out;
}

engine::admin::EventFollower::Target targetOf(const engine::local::LocalNode& node) {
    return {node.name(), {node.address, node.adminPort, node.adminToken}};
}

bool sameTargets(const std::vector<engine::admin::EventFollower::Target>& a,
                 const std::vector<engine::admin::EventFollower::Target>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.node == y.node && x.at.port == y.at.port && x.at.token == y.at.token;
    });
}

std::vector<LinkRule> rulesOf(const std::vector<engine::admin::LinkRule>& rules) {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    std::vector<LinkRule> out;
    for (const auto& rule : rules) {
        out.push_back({QString::fromStdString(rule.name), QString::fromStdString(rule.to), rule.drop,
                       duration_cast<microseconds>(rule.delay).count(), duration_cast<microseconds>(rule.jitter).count()});
    }
    return out;
}

engine::Result<void> changeBy(const std::vector<engine::local::LocalNode>& nodes, const LinkChange& change) {
    using std::chrono::microseconds;
    switch (change.kind) {
    case LinkChange::Kind::CutOff: return engine::local::cutOff(nodes, change.from);
    case LinkChange::Kind::Slow:
        return engine::local::slowDown(nodes, change.from, change.to, microseconds(change.delayMicros),
                                       microseconds(change.jitterMicros));
    case LinkChange::Kind::Heal: return engine::local::healLinks(nodes, change.name.toStdString());
    case LinkChange::Kind::HealAll: break;
    }
    return engine::local::healLinks(nodes);
}

QString wordsOf(const LinkChange& change) {
    switch (change.kind) {
    case LinkChange::Kind::CutOff: return QString("n%1 cut off").arg(change.from);
    case LinkChange::Kind::Slow: return QString("n%1 to n%2 slowed").arg(change.from).arg(change.to);
    case LinkChange::Kind::Heal: return change.name + " healed";
    case LinkChange::Kind::HealAll: break;
    }
    return "links healed";
}

QString textOf(const engine::Error& error) { return QString::fromStdString(error.message); }

}  // namespace

LocalClusterSource::LocalClusterSource(QString home, QObject* parent)
    : ClusterSource(parent), m_home(std::move(home)) {
    m_pool.setMaxThreadCount(1);
    m_pool.setExpiryTimeout(-1);
    m_poll.setInterval(kPollMillis);
    connect(&m_poll, &QTimer::timeout, this, [this] { run([this] { publishNodes(); }); });
    m_sinceFlush.start();
}

LocalClusterSource::~LocalClusterSource() {
    m_poll.stop();
    m_pool.clear();
    run([this] { stopNodes(); });
    m_pool.waitForDone();
}

void LocalClusterSource::stopNodes() {
    m_follower.reset();
    if (m_cluster) {
        (void)m_cluster->stop();
        m_cluster.reset();
    }
}

void LocalClusterSource::close() {
    m_poll.stop();
    m_pool.clear();
    run([this] {
        stopNodes();
        QMetaObject::invokeMethod(this, &LocalClusterSource::closed);
    });
}

void LocalClusterSource::run(std::function<void()> work) { m_pool.start(std::move(work)); }

void LocalClusterSource::start(const engine::local::ClusterSpec& spec) {
    m_name = QString::fromStdString(spec.name);
    run([this, spec] { openAndStart(spec); });
}

void LocalClusterSource::openAndStart(const engine::local::ClusterSpec& spec) {
    using engine::local::LocalCluster;
    const auto fail = [this](const engine::Error& error) {
        QMetaObject::invokeMethod(this, [this, why = textOf(error)] { emit failed(why); });
    };
    const std::string home = m_home.toStdString();
    const auto known = LocalCluster::list(home);
    const bool exists = std::find(known.begin(), known.end(), spec.name) != known.end();
    auto opened = exists ? LocalCluster::open(home, spec.name) : LocalCluster::create(home, spec);
    if (!opened) {
        fail(opened.error());
        return;
    }
    m_cluster = std::move(opened).value();
    m_cluster->bindToThisProcess();
    if (auto held = m_cluster->hold(); !held) {
        fail(held.error());
        m_cluster.reset();
        return;
    }
    publishNodes();
    auto took = m_cluster->start();
    publishNodes();
    if (!took) {
        fail(took.error());
        return;
    }
    QMetaObject::invokeMethod(this, [this, ms = took.value().count()] {
        m_poll.start();
        emit started(ms);
    });
}

void LocalClusterSource::publishNodes() {
    if (!m_cluster) {
        return;
    }
    std::vector<NodeProcess> nodes;
    std::vector<engine::admin::EventFollower::Target> targets;
    for (const auto& node : m_cluster->nodes()) {
        nodes.push_back(processOf(node));
        targets.push_back(targetOf(node));
        if (node.state == engine::local::ProcessState::Running) {
            if (auto rules = engine::admin::linksOf(targets.back().at, kLinksMillis)) {
                m_links[node.number] = rulesOf(rules.value());
            }
        } else if (node.state == engine::local::ProcessState::Stopped) {
            m_links.erase(node.number);
        }
        if (node.state == engine::local::ProcessState::Running) {
            if (auto pace = engine::admin::paceOf(targets.back().at, kLinksMillis)) {
                m_pace[node.number] = pace.value();
            }
        } else if (node.state == engine::local::ProcessState::Stopped) {
            m_pace.erase(node.number);
        }
        if (const auto pace = m_pace.find(node.number); pace != m_pace.end()) {
            nodes.back().pace = pace->second;
        }
        if (const auto links = m_links.find(node.number); links != m_links.end()) {
            nodes.back().links = links->second;
        }
    }
    if (!m_follower) {
        m_follower = engine::admin::EventFollower::start(
            targets, engine::observe::Observer::kAll,
            [this](engine::admin::EventFollower::Batch batch) { take(std::move(batch)); });
        m_targets = targets;
    } else if (!sameTargets(m_targets, targets)) {
        m_follower->setTargets(targets);
        m_targets = targets;
    }
    QMetaObject::invokeMethod(this, [this, nodes = std::move(nodes)]() mutable { showNodes(std::move(nodes)); });
}

void LocalClusterSource::showNodes(std::vector<NodeProcess> nodes) {
    for (NodeProcess& node : nodes) {
        node.busy = std::find(m_busy.begin(), m_busy.end(), node.number) != m_busy.end();
    }
    if (nodes != m_nodes) {
        m_nodes = std::move(nodes);
        emit nodesChanged();
    }
}

void LocalClusterSource::perform(NodeAction action, int number) {
    m_busy.push_back(number);
    showNodes(std::vector<NodeProcess>(m_nodes));
    run([this, action, number] {
        engine::Result<void> done = engine::makeError(engine::ErrorKind::NotFound, "the cluster is not open");
        if (m_cluster) {
            switch (action) {
            case NodeAction::Start:
                done = m_cluster->startNode(number);
                if (done) {
                    done = keepPace();
                }
                break;
            case NodeAction::Stop: done = m_cluster->stopNode(number); break;
            case NodeAction::Kill: done = m_cluster->killNode(number); break;
            case NodeAction::Pause: done = m_cluster->pauseNode(number); break;
            case NodeAction::Resume: done = m_cluster->resumeNode(number); break;
            }
        }
        const QString error = done ? QString() : textOf(done.error());
        QMetaObject::invokeMethod(this, [this, action, number, error] {
            if (const auto at = std::find(m_busy.begin(), m_busy.end(), number); at != m_busy.end()) {
                m_busy.erase(at);
            }
            emit actionFinished(action, number, error);
        });
        publishNodes();
    });
}

/// A node that has just been started runs as slowly as the others.
engine::Result<void> LocalClusterSource::keepPace() {
    double slowest = 1;
    for (const auto& [number, factor] : m_pace) {
        slowest = std::max(slowest, factor);
    }
    return slowest > 1 ? engine::local::setPace(m_cluster->nodes(), slowest) : engine::ok();
}

void LocalClusterSource::setPace(double factor) {
    run([this, factor] {
        engine::Result<void> done = engine::makeError(engine::ErrorKind::NotFound, "the cluster is not open");
        if (m_cluster) {
            done = engine::local::setPace(m_cluster->nodes(), factor);
        }
        publishNodes();
        const QString error = done ? QString() : textOf(done.error());
        const QString words = factor > 1 ? QString("Time runs at 1 : %1").arg(factor) : QString("Time runs at full speed");
        QMetaObject::invokeMethod(this, [this, words, error] { emit linksChanged(words, error); });
    });
}

void LocalClusterSource::changeLinks(const LinkChange& change) {
    run([this, change] {
        engine::Result<void> done = engine::makeError(engine::ErrorKind::NotFound, "the cluster is not open");
        if (m_cluster) {
            done = changeBy(m_cluster->nodes(), change);
        }
        publishNodes();  // First, so that who hears of it sees it.
        const QString error = done ? QString() : textOf(done.error());
        QMetaObject::invokeMethod(this, [this, change, error] { emit linksChanged(wordsOf(change), error); });
    });
}

void LocalClusterSource::take(engine::admin::EventFollower::Batch batch) {
    const std::lock_guard lock(m_mutex);
    std::move(batch.events.begin(), batch.events.end(), std::back_inserter(m_pending.events));
    std::move(batch.reachable.begin(), batch.reachable.end(), std::back_inserter(m_pending.reachable));
    if (!m_scheduled) {
        m_scheduled = true;
        QMetaObject::invokeMethod(this, &LocalClusterSource::flushSoon, Qt::QueuedConnection);
    }
}

void LocalClusterSource::flushSoon() {
    const qint64 rest = kFrameMillis - m_sinceFlush.elapsed();
    if (rest <= 0) {
        flush();
    } else {
        QTimer::singleShot(static_cast<int>(rest), Qt::PreciseTimer, this, &LocalClusterSource::flush);
    }
}

void LocalClusterSource::flush() {
    auto batch = std::make_shared<SourceBatch>();
    {
        const std::lock_guard lock(m_mutex);
        std::swap(*batch, m_pending);
        m_scheduled = false;
    }
    m_sinceFlush.restart();
    emit arrived(std::move(batch));
}

}  // namespace app::sources
