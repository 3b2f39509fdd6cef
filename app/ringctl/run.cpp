#include <algorithm>
#include <map>
#include <ostream>

#include "app/ringctl/commands.h"

namespace app::ringctl {

namespace {

constexpr std::string_view kUsage =
    R"(ringctl: Ringside's clusters, nodes and labs from the command line

  ringctl cluster create NAME [--nodes 3] [--dc dc1:3,dc2:3] [--racks 3] [--vnodes 16] [--tokens FILE]
                 [--net 127.0.0] [--port 9042] [--set key=value ...] [--start] [--foreground]
  ringctl cluster list | status NAME | start NAME | stop NAME | destroy NAME
  ringctl node NAME N start | stop | kill | pause | resume
  ringctl control NAME stop N | kill N | start N | pause N | resume N | wait N up|down | wait schema
                 | nodetool N VERB ...
  ringctl nodetool [--cluster NAME] [--node N] VERB ...
  ringctl cql [--cluster NAME | HOST [PORT]] [-e STATEMENT] [-f FILE]
  ringctl events [--cluster NAME] [--category requests,gossip,storage] [--json]
  ringctl load [--cluster NAME] [--table KEYSPACE.TABLE] [--rate 500] [--rows 100000] [--value-bytes 200]
               [--reads PERCENT] [--deletes PERCENT] [--seconds 10 | --fill] [--level LOCAL_QUORUM]
  ringctl readpath [--cluster NAME] [--node N] KEYSPACE.TABLE LITERAL [LITERAL ...]
  ringctl sstable dump|metadata|verify|xray FILE [KEY]
  ringctl lab list | show LAB | run LAB | check LAB | solve LAB

Listings take --json. Exit code 0: done, 1: failed with one line, 2: wrong usage.
Clusters live under $RINGSIDE_HOME, else the platform's data folder.
)";

}  // namespace

ExitCode failed(const Context& context, std::string_view what) {
    context.err << "ringctl: " << what << '\n';
    return ExitCode::Failed;
}

ExitCode usage(const Context& context, std::string_view form) {
    context.err << "usage: ringctl " << form << '\n';
    return ExitCode::Usage;
}

ExitCode run(const Context& given, Words words) {
    Context context = given;
    if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        (words.empty() ? context.err : context.out) << kUsage;
        return words.empty() ? ExitCode::Usage : ExitCode::Ok;
    }
    static const std::map<std::string, ExitCode (*)(const Context&, const Words&)> commands{
        {"cluster", runCluster}, {"node", runNode}, {"control", runControl}, {"nodetool", runNodetool},
        {"cql", runCql},         {"events", runEvents}, {"lab", runLab},
        {"load", runLoad},     {"readpath", runReadPath}, {"sstable", runSstable}};
    const auto it = commands.find(words[0]);
    if (it == commands.end()) {
        context.err << "ringctl: no command '" << words[0] << "'\n" << kUsage;
        return ExitCode::Usage;
    }
    words.erase(words.begin());
    if (it->first != "nodetool" && it->first != "cql") {
        const auto json = std::find(words.begin(), words.end(), "--json");
        if (json != words.end()) {
            context.json = true;
            words.erase(json);
        }
    }
    return it->second(context, words);
}

}  // namespace app::ringctl
