#include <csignal>
#include <iostream>

#include "app/ringctl/commands.h"
#include "engine/local/local_cluster.h"

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_DFL);
    app::ringctl::Words words(argv + 1, argv + argc);
    const app::ringctl::Context context{engine::local::defaultHome(), false, std::cout, std::cerr};
    return static_cast<int>(app::ringctl::run(context, std::move(words)));
}
