#pragma once

#include <QObject>
#include <QString>

#include <vector>

#include "app/sources/cluster_model.h"

namespace app::shell {

/// One thing that was broken on purpose and can be healed.
struct Fault {
    int node = 0;  // 0: of several.
    QString icon;
    QString title;   // "n3: paused", "n1 to n3: delay 0.80 ms"
    QString detail;  // "until resumed"
    sources::NodeAction cure = sources::NodeAction::Resume;
    QString link;  // Not empty: a fault of links by this name, which changeLinks() heals.
};

/// The faults in force, read from the nodes themselves: a paused or a stopped process is one, and so
/// are the rules that nodes keep for their links, whoever set them. Pure, so that every strip and chip
/// says the same.
std::vector<Fault> faultsOf(const std::vector<sources::NodeInfo>& nodes);
void heal(sources::ClusterSource& source, const Fault& fault);

}  // namespace app::shell
