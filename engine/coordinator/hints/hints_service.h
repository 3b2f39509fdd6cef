#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/hints/hint_file.h"
#include "engine/coordinator/write_handler.h"

namespace engine::coordinator {

/// cassandra.yaml's names are in the comments.
struct HintOptions {
    std::string folder;                                 // hints_directory
    bool enabled = true;                                // hinted_handoff_enabled
    std::set<std::string> disabledDatacenters;          // hinted_handoff_disabled_datacenters
    runtime::Duration window = std::chrono::hours(3);   // max_hint_window
    std::uint64_t throttleBytes = 1024u << 10;          // hinted_handoff_throttle, a second
    runtime::Duration flushPeriod = std::chrono::seconds(10);  // hints_flush_period
    std::uint64_t fileBytesMax = 128u << 20;            // max_hints_file_size
    std::uint64_t hostBytesMax = 0;                     // max_hints_size_per_host; 0: unlimited
};

/// Closed files of hints for one node.
struct PendingHints {
    Uuid host;
    std::size_t files = 0;
    std::int64_t newestMillis = 0;
    std::int64_t oldestMillis = 0;
};

/// Hinted handoff (org.apache.cassandra.hints.HintsService): what nodes that are down miss is kept in
/// files, one row of them a node, and sent when the node is back. On the node's thread.
class HintsService : public HintKeeper {
public:
    /// How often it is looked whether somebody is back (HintsDispatchTrigger).
    static constexpr runtime::Duration kDispatchPeriod = std::chrono::seconds(10);

    HintsService(const ClusterView& view, Writer& writer, HintOptions options);

    bool keep(const ring::NodeInfo& target, const EncodedMutation& mutation, const Uuid& request) override;

    /// HINT_REQ.
    void serve();
    /// Finds what the last life has left, begins to send.
    Result<void> start();
    /// Closes the files.
    void stop();
    /// The failure detector's verdict, for how long a node has been down.
    void judged(const std::string& node, bool isAlive);

    // ---- what nodetool asks for ----
    bool isEnabled() const { return m_options.enabled; }
    void setEnabled(bool enabled) { m_options.enabled = enabled; }
    const std::set<std::string>& disabledDatacenters() const { return m_options.disabledDatacenters; }
    void setDatacenter(const std::string& datacenter, bool enabled);
    void setPaused(bool paused) { m_paused = paused; }
    void setThrottle(std::uint64_t bytes) { m_options.throttleBytes = bytes; }
    runtime::Duration window() const { return m_options.window; }
    void setWindow(runtime::Duration window) { m_options.window = window; }
    /// By host; without the files that are being written.
    std::vector<PendingHints> pending() const;
    /// Throws away closed files: those for one host, or all.
    Result<void> truncate(const std::optional<Uuid>& host);

    // ---- counts since the start ----
    std::uint64_t stored() const { return m_stored; }
    std::uint64_t delivered() const { return m_delivered; }
    std::uint64_t expired() const { return m_expired; }

private:
    struct Open {
        HintFile about;
        std::unique_ptr<runtime::File> file;
        bool dirty = false;
    };
    struct Host {
        std::optional<Open> writing;
        std::vector<HintFile> files;  // Closed, oldest first.
        bool dispatching = false;
    };

    bool wants(const ring::NodeInfo& target, const Uuid& request) const;
    Result<void> append(Host& host, const Uuid& id, const Hint& hint);
    void close(Host& host);
    std::string path(const HintFile& file) const { return m_options.folder + '/' + file.name(); }
    void dispatchAll();
    runtime::Task<void> tick();
    runtime::Task<void> flushEver();
    runtime::Task<void> dispatch(Uuid id, std::string node);
    /// True: all of it has been taken, or will never be.
    runtime::Task<bool> send(Uuid id, std::string node, HintFile* file);
    runtime::Task<bool> sendPage(Uuid id, std::string node, std::vector<Hint> page);
    runtime::Task<void> applyFor(messaging::MessageHead head, rows::Mutation mutation);

    ClusterView m_view;
    Writer& m_writer;
    HintOptions m_options;
    std::map<Uuid, Host> m_hosts;
    std::map<std::string, runtime::Instant> m_downSince;
    bool m_paused = false;
    bool m_stopping = false;
    bool m_complained = false;
    std::uint64_t m_stored = 0;
    std::uint64_t m_delivered = 0;
    std::uint64_t m_expired = 0;
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
