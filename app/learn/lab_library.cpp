#include "app/learn/lab_library.h"

#include <QDir>

#include "app/learn/live_lab_driver.h"
#include "labs/progress_store.h"

namespace app::learn {

namespace {
constexpr char kProgressFile[] = "progress.db";
}

const lab::Lab* LabLibrary::find(const QString& id) const {
    for (const lab::Lab& lab : labs()) {
        if (lab.id == id.toStdString()) {
            return &lab;
        }
    }
    return nullptr;
}

FolderLibrary::FolderLibrary(QString home, const QString& curriculum) : m_home(std::move(home)) {
    lab::LabList list = lab::listLabs(curriculum.toStdString());
    m_labs = std::move(list.labs);
    for (const std::string& problem : list.problems) {
        m_problems << QString::fromStdString(problem);
    }
    auto store = lab::ProgressStore::open(QDir(m_home).filePath(kProgressFile).toStdString());
    if (store) {
        m_store = std::move(store).value();
    } else {
        m_problems << "Progress is not kept: " + QString::fromStdString(store.error().message);
    }
}

FolderLibrary::~FolderLibrary() = default;

LabProgress FolderLibrary::progress(const lab::Lab& lab) const {
    LabProgress progress;
    progress.steps = static_cast<int>(lab.steps.size());
    if (!m_store) {
        return progress;
    }
    const auto current = m_store->currentStep(lab.id);
    const auto states = m_store->steps(lab.id);
    if (!current || !states || !current.value()) {
        return progress;
    }
    progress.opened = true;
    for (std::size_t i = 0; i < lab.steps.size(); ++i) {
        const auto state = states.value().find(lab.steps[i].id);
        progress.passed += state != states.value().end() && state->second.verdict == lab::Verdict::Passed ? 1 : 0;
        progress.current = lab.steps[i].id == *current.value() ? static_cast<int>(i) : progress.current;
    }
    return progress;
}

std::vector<Guess> FolderLibrary::guesses() const {
    std::vector<Guess> guesses;
    if (m_store) {
        if (const auto scored = m_store->predictions()) {
            for (const lab::ScoredPrediction& one : scored.value()) {
                guesses.push_back({one.confidence, one.right});
            }
        }
    }
    return guesses;
}

engine::local::ClusterSpec FolderLibrary::clusterOf(const lab::Lab& lab) const {
    engine::local::ClusterSpec spec;
    spec.name = lab.id;
    spec.datacenters = {{"datacenter1", lab.topology.nodes}};
    spec.vnodes = lab.topology.vnodes;
    spec.settings = lab.topology.settings;
    return spec;
}

std::unique_ptr<LabDriver> FolderLibrary::open(const lab::Lab& lab, sources::ClusterModel& model) {
    return std::make_unique<LiveLabDriver>(lab, m_home, QString::fromStdString(clusterOf(lab).name),
                                           QDir(m_home).filePath(kProgressFile), model);
}

}  // namespace app::learn
