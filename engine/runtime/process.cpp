#include "engine/runtime/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <queue>
#include <sstream>
#include <thread>

namespace engine::runtime {

namespace {

Error systemError(const std::string& what) {
    return makeError(ErrorKind::Io, fmt::format("{}: {}", what, std::strerror(errno)));
}

constexpr int kExecFailed = 127;

[[noreturn]] void becomeProgram(const ProcessSpec& spec, int input, int output) {
    if (!spec.tiedToThisProcess) {
        ::setsid();
    } else {
        // A Ctrl+C is for the parent, which then ends its nodes in order.
        ::setpgid(0, 0);
        // A child that was paused does not see that its input has ended: with the parent's end it goes on, and
        // then it does. A child that runs takes no notice of this signal.
        ::prctl(PR_SET_PDEATHSIG, SIGCONT);
    }
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    std::vector<char*> words;
    for (const std::string& word : spec.command) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    ::execv(words[0], words.data());
    ::_exit(kExecFailed);
}

/// Forks on a thread that lasts as long as this process. For the kernel a child's parent is the thread that
/// forked it, and PR_SET_PDEATHSIG tells of that thread's end; callers' own threads come and go.
class LastingForker {
public:
    static LastingForker& only() {
        static auto* const forker = new LastingForker;  // Never destroyed, as its thread never ends.
        return *forker;
    }

    /// The child runs `child`, which does not return.
    pid_t fork(const std::function<void()>& child) {
        std::packaged_task<pid_t()> task([&child] {
            const pid_t id = ::fork();
            if (id == 0) {
                child();
            }
            return id;
        });
        std::future<pid_t> forked = task.get_future();
        {
            const std::lock_guard lock(m_mutex);
            m_waiting.push(std::move(task));
        }
        m_added.notify_one();
        return forked.get();
    }

private:
    LastingForker() { std::thread([this] { work(); }).detach(); }

    [[noreturn]] void work() {
        while (true) {
            std::unique_lock lock(m_mutex);
            m_added.wait(lock, [this] { return !m_waiting.empty(); });
            std::packaged_task<pid_t()> task = std::move(m_waiting.front());
            m_waiting.pop();
            lock.unlock();
            task();
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_added;
    std::queue<std::packaged_task<pid_t()>> m_waiting;
};

}  // namespace

Result<ProcessInfo> spawn(const ProcessSpec& spec) {
    if (::access(spec.command.front().c_str(), X_OK) != 0) {
        return systemError("cannot run " + spec.command.front());
    }
    const int output = ::open(spec.outputFile.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (output < 0) {
        return systemError("cannot write " + spec.outputFile);
    }
    int ends[2] = {-1, -1};
    if (spec.tiedToThisProcess) {
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            ::close(output);
            return systemError("cannot make a pipe");
        }
        // The writing end stays open until this process ends: that is its whole purpose.
    } else {
        ends[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    const auto become = [&spec, input = ends[0], output] { becomeProgram(spec, input, output); };
    const pid_t child = spec.tiedToThisProcess ? LastingForker::only().fork(become) : ::fork();
    if (child == 0) {
        become();
    }
    ::close(output);
    ::close(ends[0]);
    if (child < 0) {
        return systemError("cannot start a process");
    }
    if (const auto info = processInfo(child)) {
        return *info;
    }
    return makeError(ErrorKind::Io, spec.command.front() + " ended at once");
}

std::optional<ProcessInfo> processInfo(int id) {
    // A child of ours that has ended is reaped here, so that it does not count as running.
    ::waitpid(id, nullptr, WNOHANG);
    std::ifstream file(fmt::format("/proc/{}/stat", id));
    std::string line;
    if (!std::getline(file, line)) {
        return std::nullopt;
    }
    // Fields after the name, which may hold anything, are counted from its closing bracket.
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::vector<std::string> words;
    for (std::string word; fields >> word;) {
        words.push_back(word);
    }
    constexpr std::size_t kThreads = 17;
    constexpr std::size_t kStartTime = 19;
    constexpr std::size_t kResidentPages = 21;
    if (words.size() <= kResidentPages || words[0] == "X") {
        return std::nullopt;
    }
    // While a thread of it still runs its files, ports and locks are open.
    if (words[0] == "Z" && std::strtoull(words[kThreads].c_str(), nullptr, 10) <= 1) {
        return std::nullopt;
    }
    ProcessInfo out;
    out.id = id;
    out.startTicks = std::strtoull(words[kStartTime].c_str(), nullptr, 10);
    out.paused = words[0] == "T";
    out.residentBytes = std::strtoull(words[kResidentPages].c_str(), nullptr, 10) *
                        static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return out;
}

bool isRunning(const ProcessInfo& process) {
    const auto now = processInfo(process.id);
    return now && now->startTicks == process.startTicks;
}

Result<void> sendSignal(const ProcessInfo& process, int signal) {
    if (!isRunning(process)) {
        return makeError(ErrorKind::NotFound, fmt::format("process {} has ended", process.id));
    }
    if (::kill(process.id, signal) != 0) {
        return systemError(fmt::format("cannot signal process {}", process.id));
    }
    return ok();
}

bool waitForEnd(const ProcessInfo& process, std::chrono::milliseconds atMost) {
    constexpr std::chrono::milliseconds kStep{5};
    const auto until = monotonicMillis() + atMost;
    while (isRunning(process)) {
        if (monotonicMillis() > until) {
            return false;
        }
        pauseThread(kStep);
    }
    return true;
}

void pauseThread(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

std::chrono::milliseconds monotonicMillis() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

int thisProcessId() { return ::getpid(); }

std::string programFolder() {
    std::error_code failed;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
    return failed ? std::string(".") : path.parent_path().string();
}

std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return systemError("cannot open " + path);
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        char holder[32] = {};
        const ssize_t length = ::read(descriptor, holder, sizeof holder - 1);
        ::close(descriptor);
        return makeError(ErrorKind::Invalid,
                         fmt::format("it is held by process {}", length > 0 ? holder : "unknown"));
    }
    const std::string own = std::to_string(::getpid());
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, own.data(), own.size(), 0) < 0) {
        ::close(descriptor);
        return systemError("cannot write " + path);
    }
    return std::unique_ptr<FileLock>(new FileLock(descriptor));
}

FileLock::~FileLock() { ::close(m_descriptor); }

}  // namespace engine::runtime
