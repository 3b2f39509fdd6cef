#pragma once

#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

#include "app/learn/lab_driver.h"
#include "app/learn/progress.h"
#include "app/sources/cluster_model.h"

namespace app::learn {

/// The labs that lie beside the program, and how far a person is in them. GUI thread.
class LabLibrary {
public:
    virtual ~LabLibrary() = default;
    virtual std::vector<lab::Lab> labs() const = 0;
    /// Labs that could not be read, with file, line and what was expected.
    virtual QStringList problems() const = 0;
    virtual LabProgress progress(const QString& labId) const = 0;
    virtual std::vector<Guess> guesses() const = 0;
    /// Starts or resumes a lab on the model's cluster; null when there is no such lab.
    virtual std::unique_ptr<LabDriver> open(const QString& labId, sources::ClusterModel& model) = 0;
};

}  // namespace app::learn
