#pragma once

#include "engine/runtime/clock.h"
#include "engine/runtime/executor.h"
#include "engine/runtime/file_system.h"
#include "engine/runtime/network.h"
#include "engine/runtime/random.h"

namespace engine::runtime {

/// The four doors and the thread behind them, as one node gets them. References outlive the node.
struct Runtime {
    Executor& executor;
    Clock& clock;
    Network& network;
    FileSystem& files;
    Random& random;
};

}  // namespace engine::runtime
