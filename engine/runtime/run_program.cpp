#include "engine/runtime/run_program.h"

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <system_error>

extern char** environ;

namespace engine::runtime {

namespace {

Error failed(const std::vector<std::string>& command, const std::string& reason) {
    std::string text;
    for (const std::string& word : command) {
        text += (text.empty() ? "" : " ") + word;
    }
    return makeError(ErrorKind::Io, "`" + text + "`: " + reason);
}

}  // namespace

Result<void> runProgram(const std::vector<std::string>& command) {
    if (command.empty()) {
        return makeError(ErrorKind::Io, "an empty command was to be run");
    }
    std::vector<char*> words;
    for (const std::string& word : command) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    pid_t child = 0;
    const int refused = ::posix_spawnp(&child, words[0], nullptr, nullptr, words.data(), environ);
    if (refused != 0) {
        return failed(command, std::error_code(refused, std::generic_category()).message());
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return failed(command, std::error_code(errno, std::generic_category()).message());
        }
    }
    if (WIFSIGNALED(status)) {
        return failed(command, "ended by signal " + std::to_string(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        return failed(command, "exit code " + std::to_string(WEXITSTATUS(status)));
    }
    return ok();
}

}  // namespace engine::runtime
