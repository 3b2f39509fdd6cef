#include "engine/runtime/real_runtime.h"

#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <vector>

#include "engine/runtime/detail/os_random.h"
#include "engine/runtime/detail/real_clock.h"
#include "engine/runtime/detail/real_executor.h"
#include "engine/runtime/detail/real_network.h"
#include "engine/runtime/posix_file_system.h"

namespace engine::runtime {

namespace {

namespace asio = boost::asio;

/// Calls back for each arrival of one signal.
class SignalWatch {
public:
    SignalWatch(asio::io_context& context, int signal, Callback callback)
        : m_signals(context, signal), m_callback(std::move(callback)) {
        wait();
    }

private:
    void wait() {
        m_signals.async_wait([this](const boost::system::error_code& failure, int) {
            if (!failure) {
                wait();
                m_callback();
            }
        });
    }

    asio::signal_set m_signals;
    Callback m_callback;
};

/// Reads and forgets what comes on standard input until it ends.
class StdinWatch {
public:
    StdinWatch(asio::io_context& context, Callback callback)
        : m_input(context), m_callback(std::move(callback)) {
        const int copy = ::dup(STDIN_FILENO);
        boost::system::error_code failure;
        if (copy >= 0) {
            m_input.assign(copy, failure);  // Refused for what cannot be waited for, such as files.
        }
        if (copy >= 0 && failure) {
            ::close(copy);
        }
        if (m_input.is_open()) {
            wait();
        }
    }

private:
    void wait() {
        m_input.async_wait(asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& failure) {
                               if (!failure) {
                                   readOnce();
                               }
                           });
    }
    // Waits before each read, so that the descriptor, shared with others, need not be non-blocking.
    void readOnce() {
        char ignored[512];
        const ssize_t got = ::read(m_input.native_handle(), ignored, sizeof(ignored));
        if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
            wait();
        } else {
            m_callback();
        }
    }

    asio::posix::stream_descriptor m_input;
    Callback m_callback;
};

}  // namespace

struct RealRuntime::Impl {
    detail::Loop loop;
    detail::RealClock clock{loop};
    detail::RealExecutor executor{loop};
    detail::RealNetwork network{loop, clock};
    PosixFileSystem files;
    detail::OsRandom random;
    std::vector<std::unique_ptr<SignalWatch>> signalWatches;
    std::unique_ptr<StdinWatch> stdinWatch;

    ~Impl() {
        // Captures may come back to any door as they are destroyed, so all doors are still there.
        signalWatches.clear();
        stdinWatch.reset();
        executor.stopPool();
        network.clear();
        clock.clear();
        loop.shutDown();
    }
};

RealRuntime::RealRuntime() : m_impl(std::make_unique<Impl>()) {}
RealRuntime::~RealRuntime() = default;

Runtime RealRuntime::doors() {
    return {m_impl->executor, m_impl->clock, m_impl->network, m_impl->files, m_impl->random};
}

void RealRuntime::run() { m_impl->loop.run(); }
void RealRuntime::stop() { m_impl->loop.stop(); }
void RealRuntime::post(Callback callback) { m_impl->loop.post(std::move(callback)); }

void RealRuntime::onSignal(int signal, Callback callback) {
    m_impl->signalWatches.push_back(
        std::make_unique<SignalWatch>(m_impl->loop.context(), signal, std::move(callback)));
}

void RealRuntime::onStdinClosed(Callback callback) {
    m_impl->stdinWatch = std::make_unique<StdinWatch>(m_impl->loop.context(), std::move(callback));
}

}  // namespace engine::runtime
