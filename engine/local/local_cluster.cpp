#include "engine/local/local_cluster.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "engine/admin/admin_client.h"
#include "engine/client/client.h"
#include "engine/local/cluster_files.h"
#include "engine/runtime/process.h"
#include "engine/runtime/real_runtime.h"

namespace engine::local {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStartTimeout{20'000};
constexpr milliseconds kStopTimeout{10'000};
constexpr milliseconds kSignalTimeout{2'000};
constexpr milliseconds kPoll{5};
constexpr int kAdminTimeoutMillis = 2000;
constexpr std::size_t kNameMax = 48;

bool isName(const std::string& name) {
    return !name.empty() && name.size() <= kNameMax &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '-' || c == '_';
           });
}

/// The last line of a node's log that says why it ended.
std::string lastLogLine(runtime::FileSystem& files, const std::string& path) {
    const auto content = runtime::readFile(files, path);
    if (!content) {
        return "no log at " + path;
    }
    std::string text = content.value();
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    const auto start = text.rfind('\n');
    return start == std::string::npos ? text : text.substr(start + 1);
}

class Cluster : public LocalCluster {
public:
    Cluster(std::string folder, ClusterDescription description)
        : m_folder(std::move(folder)), m_description(std::move(description)) {}

    runtime::FileSystem& files() { return m_runtime.doors().files; }

    void bindToThisProcess() override { m_tied = true; }

    Result<void> hold() override {
        if (m_lock) {
            return ok();
        }
        auto lock = runtime::FileLock::take(m_folder + "/lock");
        if (!lock) {
            return makeError(ErrorKind::Invalid, fmt::format("cluster {} is open in another Ringside: {}",
                                                             m_description.spec.name, lock.error().message));
        }
        m_lock = std::move(lock).value();
        return ok();
    }

    Result<milliseconds> start() override {
        const auto begun = runtime::monotonicMillis();
        std::vector<int> numbers;
        for (std::size_t i = 0; i < m_description.nodes.size(); ++i) {
            if (!m_description.later[i]) {
                numbers.push_back(m_description.nodes[i].number);
            }
        }
        TRY(launch(numbers));
        TRY(awaitNodes(numbers));
        return runtime::monotonicMillis() - begun;
    }

    Result<void> startNode(int number) override {
        TRY(find(number));
        TRY(launch({number}));
        return awaitNodes({number});
    }

    Result<void> stopNode(int number) override { return end(number, SIGTERM); }
    Result<void> killNode(int number) override { return end(number, SIGKILL); }
    Result<void> pauseNode(int number) override { return signal(number, SIGSTOP); }
    Result<void> resumeNode(int number) override { return signal(number, SIGCONT); }

    Result<void> stop() override {
        std::vector<runtime::ProcessInfo> running;
        for (const LocalNode& node : m_description.nodes) {
            if (const auto process = processOf(node)) {
                TRY(runtime::sendSignal(*process, SIGCONT));
                TRY(runtime::sendSignal(*process, SIGTERM));
                running.push_back(*process);
            }
        }
        for (const runtime::ProcessInfo& process : running) {
            if (!runtime::waitForEnd(process, kStopTimeout)) {
                TRY(runtime::sendSignal(process, SIGKILL));
                runtime::waitForEnd(process, kStopTimeout);
            }
        }
        return ok();
    }

    Result<void> destroy() override {
        for (const LocalNode& node : m_description.nodes) {
            if (const auto process = processOf(node)) {
                TRY(runtime::sendSignal(*process, SIGKILL));
                runtime::waitForEnd(*process, kStopTimeout);
            }
        }
        return files().removeAll(m_folder);
    }

    std::vector<LocalNode> nodes() const override {
        std::vector<LocalNode> out = m_description.nodes;
        for (LocalNode& node : out) {
            const auto process = processOf(node);
            node.processId = process ? process->id : 0;
            node.state = !process          ? ProcessState::Stopped
                         : process->paused ? ProcessState::Paused
                                           : ProcessState::Running;
        }
        return out;
    }
    const ClusterSpec& spec() const override { return m_description.spec; }
    const std::string& folder() const override { return m_folder; }

private:
    Result<const LocalNode*> find(int number) const {
        for (const LocalNode& node : m_description.nodes) {
            if (node.number == number) {
                return &node;
            }
        }
        return makeError(ErrorKind::NotFound, fmt::format("cluster {} has no node {}; it has {}",
                                                          m_description.spec.name, number, m_description.nodes.size()));
    }

    /// node<n>/pid holds the process id and what tells its life from another's.
    std::optional<runtime::ProcessInfo> processOf(const LocalNode& node) const {
        const auto content = runtime::readFile(m_runtime.doors().files, node.folder + "/pid");
        if (!content) {
            return std::nullopt;
        }
        int id = 0;
        const std::string& text = content.value();
        const auto [end, broken] = std::from_chars(text.data(), text.data() + text.size(), id);
        std::uint64_t ticks = 0;
        if (broken == std::errc() && end != text.data() + text.size()) {
            std::from_chars(end + 1, text.data() + text.size(), ticks);
        }
        const auto now = runtime::processInfo(id);
        return now && now->startTicks == ticks ? now : std::nullopt;
    }

    Result<void> probe(const LocalNode& node) {
        const std::pair<const char*, std::uint16_t> ports[] = {
            {"CQL", node.nativePort}, {"internode", node.internodePort}, {"admin", node.adminPort}};
        for (const auto& [what, port] : ports) {
            const auto listener = m_runtime.doors().network.listen(
                runtime::Endpoint(node.address, port), [](std::shared_ptr<runtime::Connection>) {});
            if (!listener) {
                return makeError(ErrorKind::Io, fmt::format("n{} cannot have its {} port: {}. Another cluster may be "
                                                            "running there; choose another --net or --port",
                                                            node.number, what, listener.error().message));
            }
        }
        return ok();
    }

    Result<void> launch(const std::vector<int>& numbers) {
        std::vector<const LocalNode*> fresh;
        for (const int number : numbers) {
            TRY_ASSIGN(const LocalNode* node, find(number));
            if (!processOf(*node)) {
                TRY(probe(*node));
                fresh.push_back(node);
            }
        }
        const std::string program =
            runtime::environment("RINGSIDE_NODE").value_or(runtime::programFolder() + "/ringside-node");
        for (const LocalNode* node : fresh) {
            runtime::ProcessSpec spec;
            spec.command = {program, "--config", node->folder + "/cassandra.yaml"};
            spec.outputFile = node->folder + "/node.log";
            spec.tiedToThisProcess = m_tied;
            if (m_tied) {
                spec.command.push_back("--with-parent");
            }
            TRY_ASSIGN(const auto process, runtime::spawn(spec));
            TRY(runtime::writeFileAtomically(files(), node->folder + "/pid",
                                             fmt::format("{} {}\n", process.id, process.startTicks)));
        }
        return ok();
    }

    /// A node is ready when a CQL handshake succeeds and it sees every other node that is up.
    Result<void> awaitNodes(const std::vector<int>& numbers) {
        const auto until = runtime::monotonicMillis() + kStartTimeout;
        for (const int number : numbers) {
            TRY_ASSIGN(const LocalNode* node, find(number));
            while (!handshake(*node)) {
                TRY(stillStarting(*node, until));
                runtime::pauseThread(kPoll);
            }
        }
        const std::size_t up = runningCount();
        for (const int number : numbers) {
            TRY_ASSIGN(const LocalNode* node, find(number));
            while (seenBy(*node) + 1 < up) {
                TRY(stillStarting(*node, until));
                runtime::pauseThread(kPoll);
            }
        }
        return ok();
    }

    Result<void> stillStarting(const LocalNode& node, milliseconds until) {
        if (!processOf(node)) {
            return makeError(ErrorKind::Io, fmt::format("n{} did not start: {}", node.number,
                                                        lastLogLine(files(), node.folder + "/node.log")));
        }
        if (runtime::monotonicMillis() > until) {
            return makeError(ErrorKind::Timeout,
                             fmt::format("n{} is not ready after {} s; its log is {}/node.log", node.number,
                                         kStartTimeout.count() / 1000, node.folder));
        }
        return ok();
    }

    static bool handshake(const LocalNode& node) {
        client::ConnectOptions options;
        options.contact = runtime::Endpoint(node.address, node.nativePort);
        options.driverName = "Ringside readiness";
        options.tellAll = false;
        options.timeout = milliseconds(500);
        const auto connected = client::Client::connect(options);
        return connected.has_value() || connected.error().kind == ErrorKind::BadCredentials;  // It answers, if not to us.
    }

    static std::size_t seenBy(const LocalNode& node) {
        const auto status = admin::call({node.address, node.adminPort, node.adminToken}, "status", "{}", kAdminTimeoutMillis);
        if (!status) {
            return 0;
        }
        boost::system::error_code broken;
        const auto parsed = boost::json::parse(status.value(), broken);
        if (broken || !parsed.is_object()) {
            return 0;
        }
        const auto* live = parsed.as_object().if_contains("live");
        return live != nullptr && live->is_array() ? live->as_array().size() : 0;
    }

    std::size_t runningCount() const {
        const auto all = nodes();
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const LocalNode& n) {
            return n.state == ProcessState::Running;
        }));
    }

    Result<void> end(int number, int how) {
        TRY_ASSIGN(const LocalNode* node, find(number));
        const auto process = processOf(*node);
        if (!process) {
            return ok();
        }
        if (how == SIGTERM && process->paused) {
            TRY(runtime::sendSignal(*process, SIGCONT));
        }
        TRY(runtime::sendSignal(*process, how));
        if (!runtime::waitForEnd(*process, kStopTimeout)) {
            return makeError(ErrorKind::Timeout, fmt::format("n{} (process {}) does not end", number, process->id));
        }
        return ok();
    }

    Result<void> signal(int number, int what) {
        TRY_ASSIGN(const LocalNode* node, find(number));
        const auto process = processOf(*node);
        if (!process) {
            return makeError(ErrorKind::NotFound, fmt::format("n{} is not running", number));
        }
        TRY(runtime::sendSignal(*process, what));
        // A signal is there at once; that all threads have taken it is not.
        const auto until = runtime::monotonicMillis() + kSignalTimeout;
        for (auto now = processOf(*node); now && now->paused != (what == SIGSTOP); now = processOf(*node)) {
            if (runtime::monotonicMillis() > until) {
                return makeError(ErrorKind::Timeout, fmt::format("n{} (process {}) does not take the signal", number, process->id));
            }
            runtime::pauseThread(kPoll);
        }
        return ok();
    }

    // doors() is not const, reading files through it is.
    mutable runtime::RealRuntime m_runtime;
    std::string m_folder;
    ClusterDescription m_description;
    std::unique_ptr<runtime::FileLock> m_lock;
    bool m_tied = false;
};

/// Whether every address of the cluster can be bound here; platforms but Linux have only 127.0.0.1.
bool hasAddresses(runtime::Network& network, const ClusterDescription& description) {
    return std::all_of(description.nodes.begin(), description.nodes.end(), [&network](const LocalNode& node) {
        return network.listen(runtime::Endpoint(node.address, 0), [](std::shared_ptr<runtime::Connection>) {}).has_value();
    });
}

}  // namespace

std::string defaultHome() {
    if (const auto set = runtime::environment("RINGSIDE_HOME")) {
        return *set;
    }
    if (const auto data = runtime::environment("XDG_DATA_HOME")) {
        return *data + "/ringside";
    }
    return runtime::environment("HOME").value_or(".") + "/.local/share/ringside";
}

Result<std::unique_ptr<LocalCluster>> LocalCluster::create(const std::string& home, ClusterSpec spec) {
    if (!isName(spec.name)) {
        return invalid(fmt::format("'{}' is no name for a cluster: letters, digits, - and _, at most {}", spec.name, kNameMax));
    }
    const std::string folder = home + "/" + spec.name;
    runtime::RealRuntime runtime;
    runtime::FileSystem& files = runtime.doors().files;
    if (files.exists(folder + "/cluster.yaml")) {
        return makeError(ErrorKind::AlreadyExists, fmt::format("there is a cluster {} already, in {}", spec.name, folder));
    }
    const std::string token = runtime.doors().random.uuid().toString();
    TRY_ASSIGN(auto description, describe(folder, spec, false, token));
    if (!hasAddresses(runtime.doors().network, description)) {
        TRY_ASSIGN(description, describe(folder, spec, true, token));
    }
    TRY(writeFiles(files, folder, description));
    return std::unique_ptr<LocalCluster>(std::make_unique<Cluster>(folder, std::move(description)));
}

Result<std::unique_ptr<LocalCluster>> LocalCluster::open(const std::string& home, const std::string& name) {
    const std::string folder = home + "/" + name;
    runtime::RealRuntime runtime;
    if (!runtime.doors().files.exists(folder + "/cluster.yaml")) {
        return makeError(ErrorKind::NotFound, fmt::format("there is no cluster {} in {}", name, home));
    }
    TRY_ASSIGN(auto description, readFiles(runtime.doors().files, folder));
    return std::unique_ptr<LocalCluster>(std::make_unique<Cluster>(folder, std::move(description)));
}

std::vector<std::string> LocalCluster::list(const std::string& home) {
    runtime::RealRuntime runtime;
    runtime::FileSystem& files = runtime.doors().files;
    std::vector<std::string> out;
    if (const auto names = files.list(home)) {
        for (const std::string& name : names.value()) {
            if (files.exists(home + "/" + name + "/cluster.yaml")) {
                out.push_back(name);
            }
        }
    }
    return out;
}

}  // namespace engine::local
