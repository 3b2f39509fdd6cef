#include "app/learn/live_lab_driver.h"

namespace app::learn {

using engine::Result;
using lab::Verdict;

namespace {

constexpr int kTickMillis = 50;
constexpr std::chrono::milliseconds kSolutionShows{15'000};

QString textOf(const engine::Error& error) { return QString::fromStdString(error.message); }

bool same(const lab::CheckResult& a, const lab::CheckResult& b) {
    return a.verdict == b.verdict && a.says == b.says && a.progress == b.progress && a.moment == b.moment &&
           a.smallestChange == b.smallestChange && a.facts.size() == b.facts.size() &&
           std::equal(a.facts.begin(), a.facts.end(), b.facts.begin(), [](const lab::Fact& x, const lab::Fact& y) {
               return x.got == y.got && x.wanted == y.wanted && x.agrees == y.agrees;
           });
}

bool same(const lab::StepState& a, const lab::StepState& b) {
    return a.verdict == b.verdict && a.skipped == b.skipped && a.hintsShown == b.hintsShown &&
           a.predicted == b.predicted && a.confidence == b.confidence && a.predictedRight == b.predictedRight &&
           std::equal(a.checks.begin(), a.checks.end(), b.checks.begin(), b.checks.end(),
                      [](const lab::CheckResult& x, const lab::CheckResult& y) { return same(x, y); });
}

QString wordsOf(const lab::Lab& lab, int step, const lab::StepState& state) {
    static const char* const kWords[] = {"not shown yet", "near miss", "failed", "passed"};
    QString words = QString("Step %1, %2: %3").arg(step + 1).arg(QString::fromStdString(lab.steps[static_cast<std::size_t>(step)].title),
                                                                kWords[static_cast<int>(state.verdict)]);
    for (const lab::CheckResult& check : state.checks) {
        if (check.verdict == Verdict::Near || check.verdict == Verdict::Failed) {
            words += ". " + QString::fromStdString(check.says);
        }
    }
    return words;
}

}  // namespace

LiveLabDriver::LiveLabDriver(lab::Lab lab, const QString& home, const QString& cluster, const QString& progressFile,
                             sources::ClusterModel& model)
    : m_lab(std::move(lab)), m_states(m_lab.steps.size()), m_work(std::make_shared<Work>()) {
    m_pool.setMaxThreadCount(1);
    m_pool.setExpiryTimeout(-1);
    m_pool.start([this, home = home.toStdString(), cluster = cluster.toStdString(), file = progressFile.toStdString()] {
        if (const auto begun = begin(home, cluster, file); !begun) {
            QMetaObject::invokeMethod(this, [this, why = textOf(begun.error())] { emit troubled("The lab cannot begin: " + why); });
        }
        publish();
    });
    m_tick.setInterval(kTickMillis);
    connect(&m_tick, &QTimer::timeout, this, &LiveLabDriver::pump);
    m_tick.start();
    // What is no event: a process that was paused, killed or started.
    connect(&model, &sources::ClusterModel::nodesChanged, this, [this] { m_checkWanted = true; });
}

LiveLabDriver::~LiveLabDriver() {
    m_work->stopWanted = true;
    m_tick.stop();
    m_pool.clear();
    m_pool.start([work = m_work] {
        work->lab.reset();
        work->store.reset();
        work->cluster.reset();
    });
    m_pool.waitForDone();
}

Result<void> LiveLabDriver::begin(const std::string& home, const std::string& cluster, const std::string& progressFile) {
    TRY_ASSIGN(m_work->cluster, engine::local::LocalCluster::open(home, cluster));
    m_work->cluster->bindToThisProcess();
    TRY_ASSIGN(m_work->store, lab::ProgressStore::open(progressFile));
    m_work->lab = std::make_unique<lab::HeadlessLab>(m_lab, *m_work->cluster, m_work->store.get(),
                                                     [work = m_work.get()] { return work->stopWanted.load(); });
    TRY(m_work->lab->session().open(m_work->lab->session().current()));
    return engine::ok();
}

/// On the worker's thread: copies the states over.
void LiveLabDriver::publish(int deeds) {
    if (!m_work->lab) {
        return;
    }
    const lab::LabSession& session = m_work->lab->session();
    std::vector<lab::StepState> states;
    for (std::size_t i = 0; i < session.lab().steps.size(); ++i) {
        states.push_back(session.state(i));
    }
    QMetaObject::invokeMethod(this, [this, lab = session.lab(), states = std::move(states),
                                     current = static_cast<int>(session.current()), deeds]() mutable {
        // While other deeds wait it may already be another step that is wanted; the last of them says so.
        take(lab, std::move(states), current, m_waiting <= deeds);
    });
}

void LiveLabDriver::take(const lab::Lab& lab, std::vector<lab::StepState> states, int current, bool isLast) {
    m_lab = lab;
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (same(states[i], m_states[i])) {
            continue;
        }
        const bool verdictChanged = states[i].verdict != m_states[i].verdict;
        m_states[i] = std::move(states[i]);
        emit stepChanged(static_cast<int>(i));
        if (verdictChanged) {
            emit announced(wordsOf(m_lab, static_cast<int>(i), m_states[i]));
        }
    }
    if (isLast && (!std::exchange(m_told, true) || current != m_current)) {
        m_current = current;
        emit currentChanged(current);
    }
}

void LiveLabDriver::setBusy(int step, const QString& what) {
    const int before = m_busyStep;
    m_busyStep = what.isEmpty() ? -1 : step;
    m_busy = what;
    if (before >= 0) {
        emit stepChanged(before);
    }
    if (m_busyStep >= 0 && m_busyStep != before) {
        emit stepChanged(m_busyStep);
    }
}

void LiveLabDriver::post(int step, const QString& busy, Deed deed) {
    ++m_waiting;
    if (!busy.isEmpty()) {
        setBusy(step, busy);
    }
    m_pool.start([this, deed = std::move(deed)] {
        const Result<void> done =
            m_work->lab ? deed(*m_work->lab) : Result<void>(engine::makeError(engine::ErrorKind::NotFound, "the lab's cluster is not open"));
        const QString trouble = done ? QString() : textOf(done.error());
        publish(1);
        QMetaObject::invokeMethod(this, [this, trouble] {
            if (--m_waiting == 0) {
                setBusy(-1, {});
            }
            if (!trouble.isEmpty()) {
                emit troubled(trouble);
            }
        });
    });
}

void LiveLabDriver::pump() {
    if (m_pumpQueued || m_waiting > 0) {
        return;
    }
    m_pumpQueued = true;
    const bool wanted = std::exchange(m_checkWanted, false);
    m_pool.start([this, wanted] {
        QString trouble;
        if (m_work->lab && (m_work->lab->pump() || wanted)) {
            const auto changed = m_work->lab->session().check(m_work->lab->session().current());
            if (!changed) {
                trouble = textOf(changed.error());
            } else if (changed.value()) {
                publish();
            }
        }
        QMetaObject::invokeMethod(this, [this, trouble] {
            m_pumpQueued = false;
            if (!trouble.isEmpty()) {
                emit troubled(trouble);
            }
        });
    });
}

void LiveLabDriver::openStep(int step) {
    m_current = step;
    post(step, {}, [step](lab::HeadlessLab& lab) -> Result<void> {
        const auto at = static_cast<std::size_t>(step);
        TRY(lab.session().open(at));
        lab.pump();
        TRY(lab.session().check(at));
        return engine::ok();
    });
}

void LiveLabDriver::predict(int step, std::size_t choice, int confidence) {
    post(step, {}, [step, choice, confidence](lab::HeadlessLab& lab) {
        return lab.session().predict(static_cast<std::size_t>(step), choice, confidence);
    });
}

void LiveLabDriver::answer(int step, std::size_t check, std::size_t choice) {
    const lab::Question* question = m_lab.steps[static_cast<std::size_t>(step)].checks[check].question();
    if (question == nullptr || choice >= question->choices.size()) {
        return;
    }
    post(step, {}, [step, check, words = question->choices[choice]](lab::HeadlessLab& lab) -> Result<void> {
        lab.session().answer(static_cast<std::size_t>(step), check, words);
        TRY(lab.session().check(static_cast<std::size_t>(step)));
        return engine::ok();
    });
}

void LiveLabDriver::showHint(int step) {
    post(step, {}, [step](lab::HeadlessLab& lab) { return lab.session().showHint(static_cast<std::size_t>(step)); });
}

void LiveLabDriver::recheck(int step) {
    post(step, "Checking", [step](lab::HeadlessLab& lab) -> Result<void> {
        lab.pump();
        TRY(lab.session().check(static_cast<std::size_t>(step)));
        return engine::ok();
    });
}

void LiveLabDriver::skip(int step) {
    post(step, {}, [step](lab::HeadlessLab& lab) { return lab.session().skip(static_cast<std::size_t>(step)); });
}

void LiveLabDriver::solve(int step) {
    post(step, "Running the solution", [step](lab::HeadlessLab& lab) -> Result<void> {
        TRY(lab.session().solve(static_cast<std::size_t>(step)));
        TRY(lab.checkUntilPassed(static_cast<std::size_t>(step), kSolutionShows));
        return engine::ok();
    });
}

void LiveLabDriver::reset(int step) {
    post(step, "Resetting", [this, step](lab::HeadlessLab& lab) -> Result<void> {
        TRY_ASSIGN(const auto note, lab.session().reset(static_cast<std::size_t>(step)));
        QMetaObject::invokeMethod(this, [this, note] { emit resetDone(QString::fromStdString(note.says), note.canUndo); });
        return engine::ok();
    });
}

void LiveLabDriver::undoReset() {
    post(m_current, "Putting back", [](lab::HeadlessLab& lab) { return lab.session().undoReset(); });
}

}  // namespace app::learn
