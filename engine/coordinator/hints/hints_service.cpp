#include "engine/coordinator/hints/hints_service.h"

#include <algorithm>

#include "engine/coordinator/truncations.h"
#include "engine/rows/serialization.h"

namespace engine::coordinator {

using messaging::FailureReason;
using messaging::Reply;
using messaging::Verb;
using runtime::Task;

namespace {

/// Hints on their way at the same time, at most.
constexpr std::size_t kPageHints = 64;
constexpr std::size_t kPageBytes = 512u << 10;

std::int64_t millisOf(runtime::Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

HintsService::HintsService(const ClusterView& view, Writer& writer, HintOptions options)
    : m_view(view), m_writer(writer), m_options(std::move(options)) {}

// ---- keeping -----------------------------------------------------------------------------------

/// StorageProxy.shouldHint.
bool HintsService::wants(const ring::NodeInfo& target, const Uuid& request) const {
    if (m_stopping || !m_options.enabled || m_options.folder.empty() || target.hostId.isNil() ||
        m_view.isSelf(target.node) || m_options.disabledDatacenters.contains(target.datacenter)) {
        return false;
    }
    const auto down = m_downSince.find(target.node);
    if (down != m_downSince.end() && m_view.runtime.clock.now() - down->second > m_options.window) {
        m_view.tracer.trace(request, stage::kRequest, "Not hinting {} which has been down {} ms", target.node,
                            millisOf(m_view.runtime.clock.now() - down->second));
        return false;
    }
    const auto host = m_hosts.find(target.hostId);
    if (host == m_hosts.end()) {
        return true;
    }
    std::int64_t oldest = host->second.writing ? host->second.writing->about.createdMillis : 0;
    std::uint64_t bytes = host->second.writing ? host->second.writing->about.bytes : 0;
    for (const HintFile& file : host->second.files) {
        bytes += file.bytes;
    }
    if (!host->second.files.empty()) {
        oldest = host->second.files.front().createdMillis;
    }
    if (oldest != 0 && m_view.runtime.clock.wallMillis() - oldest > millisOf(m_options.window)) {
        m_view.tracer.trace(request, stage::kRequest, "Not hinting {} for which hints are kept since {} ms",
                            target.node, m_view.runtime.clock.wallMillis() - oldest);
        return false;
    }
    return m_options.hostBytesMax == 0 || bytes < m_options.hostBytesMax;
}

bool HintsService::keep(const ring::NodeInfo& target, const EncodedMutation& mutation, const Uuid& request) {
    if (!wants(target, request)) {
        return false;
    }
    Hint hint;
    hint.createdMillis = m_view.runtime.clock.wallMillis();
    hint.graceSeconds = mutation.graceSeconds;
    hint.mutation = mutation.bytes;
    const Result<void> kept = append(m_hosts[target.hostId], target.hostId, hint);
    if (!kept) {
        if (!m_complained) {
            m_view.log.error("hints for {} cannot be kept: {}", target.node, kept.error().message);
        }
        m_complained = true;
        return false;
    }
    m_complained = false;
    ++m_stored;
    m_view.tracer.trace(request, stage::kRequest, "Adding hint for {}", target.node);
    if (!request.isNil()) {
        const std::int64_t now = m_view.observer.nanos();
        m_view.observer.tell(observe::Work{request, "hint for " + target.node, now, now});
    }
    return true;
}

Result<void> HintsService::append(Host& host, const Uuid& id, const Hint& hint) {
    if (!host.writing) {
        Open open;
        open.about.host = id;
        open.about.createdMillis = hint.createdMillis;
        for (const HintFile& file : host.files) {
            open.about.createdMillis = std::max(open.about.createdMillis, file.createdMillis + 1);
        }
        TRY_ASSIGN(open.file, m_view.runtime.files.open(path(open.about), runtime::OpenMode::CreateNew));
        TRY(m_view.runtime.files.syncFolder(m_options.folder));
        host.writing = std::move(open);
    }
    const Bytes record = encodeHintRecord(hint);
    TRY(host.writing->file->append(record));
    host.writing->dirty = true;
    host.writing->about.bytes += record.size();
    host.writing->about.newestMillis = hint.createdMillis;
    if (host.writing->about.bytes >= m_options.fileBytesMax) {
        close(host);
    }
    return ok();
}

void HintsService::close(Host& host) {
    if (!host.writing) {
        return;
    }
    const Result<void> synced = host.writing->file->sync();
    if (!synced) {
        m_view.log.error("{}", synced.error().message);
    }
    host.files.push_back(host.writing->about);
    host.writing.reset();
}

void HintsService::judged(const std::string& node, bool isAlive) {
    if (isAlive) {
        m_downSince.erase(node);
    } else {
        m_downSince.try_emplace(node, m_view.runtime.clock.now());
    }
}

// ---- life --------------------------------------------------------------------------------------

Result<void> HintsService::start() {
    TRY(m_view.runtime.files.createFolders(m_options.folder));
    TRY_ASSIGN(const auto names, m_view.runtime.files.list(m_options.folder));
    for (const std::string& name : names) {
        HintFile about;
        if (!HintFile::parse(name, about)) {
            continue;
        }
        TRY_ASSIGN(const auto file, m_view.runtime.files.open(path(about), runtime::OpenMode::Read));
        TRY_ASSIGN(about.bytes, file->size());
        HintReader reader(*file, 0);
        Hint hint;
        about.newestMillis = about.createdMillis;
        while (true) {
            TRY_ASSIGN(const bool more, reader.next(hint));
            if (!more) {
                break;
            }
            about.newestMillis = hint.createdMillis;
        }
        m_hosts[about.host].files.push_back(about);
    }
    for (auto& [id, host] : m_hosts) {
        std::sort(host.files.begin(), host.files.end(), [](const HintFile& a, const HintFile& b) {
            return a.createdMillis < b.createdMillis;
        });
    }
    m_tasks.spawn(tick());
    m_tasks.spawn(flushEver());
    return ok();
}

void HintsService::stop() {
    m_stopping = true;
    for (auto& [id, host] : m_hosts) {
        close(host);
    }
}

Task<void> HintsService::flushEver() {
    while (!m_stopping) {
        co_await runtime::sleep(m_view.runtime.clock, m_options.flushPeriod);
        for (auto& [id, host] : m_hosts) {
            if (host.writing && host.writing->dirty) {
                host.writing->dirty = false;
                const Result<void> synced = host.writing->file->sync();
                if (!synced) {
                    m_view.log.error("{}", synced.error().message);
                }
            }
        }
    }
}

// ---- sending -----------------------------------------------------------------------------------

Task<void> HintsService::tick() {
    while (!m_stopping) {
        co_await runtime::sleep(m_view.runtime.clock, kDispatchPeriod);
        dispatchAll();
    }
}

void HintsService::dispatchAll() {
    if (m_paused || m_stopping) {
        return;
    }
    const ring::TopologyPtr topology = m_view.topology.current();
    for (auto& [id, host] : m_hosts) {
        const ring::NodeInfo* node = topology->find(id);
        if (node == nullptr || host.dispatching || !m_view.isAlive(node->node)) {
            continue;
        }
        close(host);
        if (!host.files.empty()) {
            host.dispatching = true;
            m_tasks.spawn(dispatch(id, node->node));
        }
    }
}

Task<void> HintsService::dispatch(Uuid id, std::string node) {
    Host& host = m_hosts[id];
    while (!m_stopping && !m_paused && !host.files.empty()) {
        HintFile file = host.files.front();
        const bool done = co_await send(id, node, &file);
        // The files may have been thrown away meanwhile.
        const bool isThere = !host.files.empty() && host.files.front().createdMillis == file.createdMillis;
        if (!done) {
            if (isThere) {
                host.files.front().delivered = file.delivered;
            }
            break;
        }
        if (isThere) {
            host.files.erase(host.files.begin());
            const Result<void> removed = m_view.runtime.files.remove(path(file));
            if (!removed) {
                m_view.log.error("{}", removed.error().message);
            }
        }
    }
    host.dispatching = false;
}

Task<bool> HintsService::send(Uuid id, std::string node, HintFile* file) {
    auto opened = m_view.runtime.files.open(path(*file), runtime::OpenMode::Read);
    if (!opened) {
        m_view.log.error("hints for {} cannot be read: {}", node, opened.error().message);
        co_return false;
    }
    HintReader reader(*opened.value(), file->delivered);
    std::uint64_t sent = 0;
    bool more = true;
    while (more) {
        if (m_stopping || m_paused || !m_view.isAlive(node)) {
            co_return false;
        }
        std::vector<Hint> page;
        std::size_t bytes = 0;
        while (page.size() < kPageHints && bytes < kPageBytes) {
            Hint hint;
            const Result<bool> next = reader.next(hint);
            if (!next) {
                m_view.log.error("hints for {} cannot be read: {}", node, next.error().message);
                co_return false;
            }
            more = next.value();
            if (!more) {
                break;
            }
            if (!hint.isLive(m_view.runtime.clock.wallMillis())) {
                ++m_expired;
                continue;
            }
            bytes += hint.mutation.size();
            page.push_back(std::move(hint));
        }
        const std::size_t count = page.size();
        const bool taken = co_await sendPage(id, node, std::move(page));
        if (!taken) {
            co_return false;
        }
        m_delivered += count;
        sent += count;
        file->delivered = reader.offset();
        const std::size_t others = std::max<std::size_t>(m_view.topology.current()->nodes().size(), 2) - 1;
        const std::uint64_t rate = m_options.throttleBytes / others;
        if (rate > 0 && more) {
            const std::uint64_t millis = bytes * 1000 / rate;
            co_await runtime::sleep(m_view.runtime.clock, std::chrono::milliseconds(millis));
        }
    }
    if (reader.isDamaged()) {
        m_view.log.warn("{} is damaged at byte {}: the hints behind it are lost", path(*file), reader.offset());
    }
    m_view.log.info("Finished hinted handoff of file {} to {}: {} hints", file->name(), node, sent);
    co_return true;
}

Task<bool> HintsService::sendPage(Uuid id, std::string node, std::vector<Hint> page) {
    if (page.empty()) {
        co_return true;
    }
    struct Round {
        std::size_t open = 0;
        bool failed = false;
        runtime::Promise<bool> outcome;
    };
    const auto round = std::make_shared<Round>();
    round->open = page.size();
    for (const Hint& hint : page) {
        ByteWriter payload;
        payload.raw(id.toBytes());
        payload.i64(hint.createdMillis);
        payload.raw(hint.mutation);
        m_view.messaging.request(node, Verb::HintReq, payload.bytes(), m_view.in(m_view.timeouts.write),
                                 [round](const Reply& reply) {
                                     round->failed = round->failed || reply.kind != Reply::Kind::Answer;
                                     if (--round->open == 0) {
                                         round->outcome.set(!round->failed);
                                     }
                                 });
    }
    const bool taken = co_await round->outcome;
    co_return taken;
}

// ---- the other side ----------------------------------------------------------------------------

void HintsService::serve() {
    m_view.messaging.on(Verb::HintReq, [this](const messaging::Message& message) {
        ByteReader in(message.payload);
        in.raw(16);  // For whom it was kept: this node, whose address that still is.
        const std::int64_t createdMillis = in.i64();
        std::vector<Uuid> unknown;
        auto mutation = rows::readMutation(in, *m_view.schema.current(), unknown);
        if (mutation) {
            m_view.truncations.removeCovered(mutation.value(), createdMillis);
        }
        if (!mutation) {
            m_view.messaging.failure(message, FailureReason::Unknown, mutation.error().message);
        } else if (mutation.value().updates.empty()) {
            m_view.messaging.reply(message, Verb::HintRsp, {});  // Its tables are gone, or truncated since.
        } else {
            m_tasks.spawn(applyFor(message, std::move(mutation).value()));
        }
    });
}

Task<void> HintsService::applyFor(messaging::MessageHead head, rows::Mutation mutation) {
    const Result<void> done = co_await m_writer.applyHere(std::move(mutation), Uuid());
    if (done) {
        m_view.messaging.reply(head, Verb::HintRsp, {});
    } else {
        m_view.messaging.failure(head, FailureReason::Unknown, done.error().message);
    }
}

// ---- nodetool ----------------------------------------------------------------------------------

void HintsService::setDatacenter(const std::string& datacenter, bool enabled) {
    if (enabled) {
        m_options.disabledDatacenters.erase(datacenter);
    } else {
        m_options.disabledDatacenters.insert(datacenter);
    }
}

std::vector<PendingHints> HintsService::pending() const {
    std::vector<PendingHints> out;
    for (const auto& [id, host] : m_hosts) {
        if (host.files.empty()) {
            continue;
        }
        PendingHints& one = out.emplace_back();
        one.host = id;
        one.files = host.files.size();
        one.oldestMillis = host.files.front().createdMillis;
        for (const HintFile& file : host.files) {
            one.newestMillis = std::max(one.newestMillis, file.createdMillis);
        }
    }
    return out;
}

Result<void> HintsService::truncate(const std::optional<Uuid>& host) {
    for (auto& [id, kept] : m_hosts) {
        if (host && *host != id) {
            continue;
        }
        for (const HintFile& file : kept.files) {
            TRY(m_view.runtime.files.remove(path(file)));
        }
        kept.files.clear();
    }
    return ok();
}

}  // namespace engine::coordinator
