#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/ringctl/command_line.h"

/// One function a command: the words behind its name, the streams to write to. Parsing and doing are in
/// the command's own file. docs/ringctl.md lists the forms.
namespace app::ringctl {

struct Context {
    std::string home;
    bool json = false;
    std::ostream& out;
    std::ostream& err;
};

using Words = std::vector<std::string>;

ExitCode runCluster(const Context& context, const Words& words);
ExitCode runNode(const Context& context, const Words& words);
ExitCode runControl(const Context& context, const Words& words);
ExitCode runNodetool(const Context& context, const Words& words);
ExitCode runCql(const Context& context, const Words& words);
ExitCode runEvents(const Context& context, const Words& words);
ExitCode runLoad(const Context& context, const Words& words);
ExitCode runReadPath(const Context& context, const Words& words);
ExitCode runSstable(const Context& context, const Words& words);
ExitCode runLab(const Context& context, const Words& words);

/// The whole program but for its streams: picks the command.
ExitCode run(const Context& context, Words words);

/// One line on the error stream.
ExitCode failed(const Context& context, std::string_view what);
ExitCode usage(const Context& context, std::string_view form);

}  // namespace app::ringctl
