#include <ostream>

#include "app/ringctl/commands.h"

namespace app::ringctl {

ExitCode runLab(const Context& context, const Words&) {
    return failed(context, "labs are not in this build");
}

}  // namespace app::ringctl
