#pragma once

#include <QString>

#include <cstdint>
#include <vector>

namespace app::sources {

enum class ProcessState { Stopped, Starting, Running, Paused };
enum class NodeAction { Start, Stop, Kill, Pause, Resume };

/// What a node does on purpose to messages that it sends (engine/messaging/link_rules.h); a value.
/// Rules of several nodes that share a name are one fault: "cut n3".
struct LinkRule {
    QString name;
    QString to;       // Node name; empty: all.
    double drop = 0;  // Probability.
    std::int64_t delayMicros = 0;
    std::int64_t jitterMicros = 0;

    bool operator==(const LinkRule&) const = default;
};

/// A change of links: n `from` cut off from all others, its messages to n `to` held, or a fault healed.
struct LinkChange {
    enum class Kind { CutOff, Slow, Heal, HealAll };
    Kind kind = Kind::CutOff;
    int from = 0;
    int to = 0;
    std::int64_t delayMicros = 0;
    std::int64_t jitterMicros = 0;
    QString name;  // Of the fault to heal.
};

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
    std::vector<LinkRule> links;  // As the node said last.
    double pace = 1;              // So many times slower than the wall its time runs.

    bool operator==(const NodeProcess&) const = default;
};

}  // namespace app::sources
