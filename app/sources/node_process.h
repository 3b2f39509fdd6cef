#pragma once

#include <QString>

#include <cstdint>

namespace app::sources {

enum class ProcessState { Stopped, Starting, Running, Paused };
enum class NodeAction { Start, Stop, Kill, Pause, Resume };

/// A node's process as its source last saw it; a value.
struct NodeProcess {
    int number = 0;  // From 1.
    QString name;    // As events name it: internode address and port.
    QString address;
    std::uint16_t nativePort = 0;
    std::uint16_t adminPort = 0;  // Its observe-and-control endpoint, opened by the token; 0: none.
    QString adminToken;
    QString folder;
    ProcessState state = ProcessState::Stopped;
    bool busy = false;  // An action on it is under way.

    bool operator==(const NodeProcess&) const = default;
};

}  // namespace app::sources
