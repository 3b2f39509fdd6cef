#pragma once

#include <QObject>
#include <QString>

#include <vector>

#include "app/sources/cluster_model.h"

namespace app::shell {

/// One thing that was broken on purpose and can be healed.
struct Fault {
    int node = 0;
    QString icon;
    QString title;   // "n3: paused"
    QString detail;  // "12.0 s, until resumed"
    sources::NodeAction cure = sources::NodeAction::Resume;
};

/// The faults in force, read from the nodes themselves: a paused or a stopped process is one,
/// whoever did it. Pure, so that every strip and chip says the same.
std::vector<Fault> faultsOf(const std::vector<sources::NodeInfo>& nodes);

}  // namespace app::shell
