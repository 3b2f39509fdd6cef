#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

/// Processes of this machine, for those that start and stop nodes. Calls block.
namespace engine::runtime {

struct ProcessSpec {
    std::vector<std::string> command;  // The program's path, then its arguments.
    std::string outputFile;            // Standard output and error are appended to it.
    /// Its standard input is a pipe from this process, which ends when this process does; a child that is
    /// paused then goes on, so that it sees it. Otherwise it has a session of its own and /dev/null.
    bool tiedToThisProcess = false;
};

/// What tells one life of a process id from another.
struct ProcessInfo {
    int id = 0;
    std::uint64_t startTicks = 0;
    bool paused = false;  // By SIGSTOP.
    std::uint64_t residentBytes = 0;
};

Result<ProcessInfo> spawn(const ProcessSpec& spec);
/// Empty when there is no such process, or it has ended and only waits to be reaped.
std::optional<ProcessInfo> processInfo(int id);
/// True while the process with this id is still the same one.
bool isRunning(const ProcessInfo& process);
Result<void> sendSignal(const ProcessInfo& process, int signal);
/// False when it still runs after the time given.
bool waitForEnd(const ProcessInfo& process, std::chrono::milliseconds atMost);

/// Blocks the calling thread: for programs that wait for processes, never for a node's logic.
void pauseThread(std::chrono::milliseconds time);
std::chrono::milliseconds monotonicMillis();
int thisProcessId();
/// Folder of the running program's own file.
std::string programFolder();
/// An environment variable, if set and not empty.
std::optional<std::string> environment(const char* name);

/// An exclusive lock on a file that ends with the process, however it ends.
class FileLock {
public:
    /// Held by another process: an error that says which one (its id is in the file).
    static Result<std::unique_ptr<FileLock>> take(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    explicit FileLock(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor;
};

}  // namespace engine::runtime
