#pragma once

#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

#include "app/learn/lab_driver.h"
#include "app/learn/progress.h"
#include "app/sources/cluster_model.h"
#include "engine/local/local_cluster.h"

namespace lab {
class ProgressStore;
}

namespace app::learn {

/// The labs that a person can open, and how far they are in them. GUI thread. Tests have one of
/// their own.
class LabLibrary {
public:
    virtual ~LabLibrary() = default;
    virtual const std::vector<lab::Lab>& labs() const = 0;
    /// Labs that could not be read, with file, line and what was expected.
    virtual QStringList problems() const = 0;
    virtual LabProgress progress(const lab::Lab& lab) const = 0;
    virtual std::vector<Guess> guesses() const = 0;
    /// The lab's own cluster by name, so that it is as the lab left it.
    virtual engine::local::ClusterSpec clusterOf(const lab::Lab& lab) const = 0;
    /// Begins or resumes a lab; its cluster runs and is what the model shows.
    virtual std::unique_ptr<LabDriver> open(const lab::Lab& lab, sources::ClusterModel& model) = 0;

    const lab::Lab* find(const QString& id) const;
};

/// The labs of the curriculum folder, progress in `home`/progress.db.
class FolderLibrary : public LabLibrary {
public:
    FolderLibrary(QString home, const QString& curriculum);
    ~FolderLibrary() override;

    const std::vector<lab::Lab>& labs() const override { return m_labs; }
    QStringList problems() const override { return m_problems; }
    LabProgress progress(const lab::Lab& lab) const override;
    std::vector<Guess> guesses() const override;
    engine::local::ClusterSpec clusterOf(const lab::Lab& lab) const override;
    std::unique_ptr<LabDriver> open(const lab::Lab& lab, sources::ClusterModel& model) override;

private:
    const QString m_home;
    std::vector<lab::Lab> m_labs;
    QStringList m_problems;
    std::unique_ptr<lab::ProgressStore> m_store;
};

}  // namespace app::learn
