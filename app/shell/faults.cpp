#include "app/shell/faults.h"

namespace app::shell {

std::vector<Fault> faultsOf(const std::vector<sources::NodeInfo>& nodes) {
    std::vector<Fault> faults;
    for (const sources::NodeInfo& node : nodes) {
        if (node.process == sources::ProcessState::Paused) {
            faults.push_back({node.number, "pause", node.label() + ": paused", "its process is stopped, until resumed",
                              sources::NodeAction::Resume});
        } else if (node.process == sources::ProcessState::Stopped) {
            faults.push_back({node.number, "power", node.label() + ": not running", "until started",
                              sources::NodeAction::Start});
        }
    }
    return faults;
}

}  // namespace app::shell
