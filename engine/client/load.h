#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/client/async_client.h"
#include "engine/runtime/random.h"
#include "engine/runtime/runtime.h"

namespace engine::client {

/// What a load does. It goes against any table whose key columns are of native types; the default one
/// is made when it is not there.
struct LoadOptions {
    static constexpr std::string_view kKeyspace = "sensors";
    static constexpr std::string_view kTable = "readings";
    static constexpr double kRateMax = 100'000;

    std::vector<runtime::Endpoint> contacts;  // One connection each, taken in turns.
    std::string keyspace{kKeyspace};
    std::string table{kTable};
    double rate = 500;                // Requests a second.
    std::uint64_t rows = 100'000;     // Different rows; each write takes any of them.
    std::uint32_t valueBytes = 200;   // Of a text or blob that is no key.
    double reads = 0;                 // Share of the requests, 0 to 1; by partition key.
    double deletes = 0;               // Likewise; of whole rows.
    double seconds = 0;               // 0: until stop().
    bool fill = false;                // Instead of all that: each row written once, in order, at full speed.
    std::uint16_t consistency = 6;    // The protocol's code; LOCAL_QUORUM.
    int replication = 3;              // Of the keyspace, when it is made.
};

/// Since the load began.
struct LoadTally {
    std::uint64_t writes = 0;
    std::uint64_t reads = 0;
    std::uint64_t deletes = 0;
    std::uint64_t errors = 0;
    std::uint64_t skipped = 0;  // Not sent, as too many were waiting for an answer.
    double seconds = 0;
    double requestsPerSecond = 0;  // Over the last moments.
    double meanMillis = 0;         // Likewise, of the answers.
    std::string firstError;
};

/// Writes, reads and deletes rows at a steady rate. Lives on its runtime's thread.
class Load {
public:
    using Progress = std::function<void(const LoadTally&)>;
    static constexpr std::size_t kInFlightMax = 512;
    static constexpr std::uint64_t kFillWorkers = 64;

    Load(runtime::Runtime runtime, LoadOptions options, Progress progress = {});

    /// Until the time is over or stop(); `progress` is told some times a second and at the end. An
    /// error says why it could not begin: no connection, no such table, a key it cannot make values of.
    runtime::Task<Result<void>> run();
    void setRate(double requestsPerSecond) { m_options.rate = requestsPerSecond; }
    void stop() { m_stopped = true; }
    const LoadTally& tally() const { return m_tally; }

private:
    struct Target {
        runtime::Endpoint contact;
        std::unique_ptr<AsyncClient> client;
        PreparedQuery write;
        PreparedQuery read;
        PreparedQuery remove;
        bool isConnecting = false;
    };
    enum class Verb { Write, Read, Delete };

    runtime::Task<Result<void>> connect(Target& target);
    runtime::Task<Result<void>> prepare(Target& target);
    runtime::Task<void> reconnect(Target& target);
    runtime::Task<Result<void>> makeTable();
    runtime::Task<Result<void>> learnColumns();
    runtime::Task<void> pace();
    runtime::Task<void> fill();
    runtime::Task<void> fillFrom(std::uint64_t first);
    runtime::Task<void> one(Verb verb, std::uint64_t row);
    Result<cql::Value> valueOf(const cql::ColumnSpec& column, std::uint64_t row);
    Result<std::vector<std::optional<Bytes>>> valuesOf(const PreparedQuery& prepared, std::uint64_t row);
    Target* nextTarget();
    Verb anyVerb();
    void tellProgress();
    void countError(const Error& error);

    runtime::Runtime m_runtime;
    LoadOptions m_options;
    Progress m_progress;
    std::vector<Target> m_targets;
    std::vector<std::string> m_partitionKey, m_clustering, m_columns;
    runtime::SeededRandom m_random;
    std::size_t m_turn = 0;
    std::size_t m_inFlight = 0;
    bool m_stopped = false;
    LoadTally m_tally;
    std::int64_t m_begun = 0;
    std::int64_t m_toldAt = 0;
    std::uint64_t m_toldRequests = 0;
    std::uint64_t m_answers = 0;  // Since the last progress, and how long they took.
    std::int64_t m_answerNanos = 0;
    runtime::TaskGroup m_tasks;
};

/// A load on a thread of its own, for callers that have an event loop already. Callbacks come on that
/// thread. Destroying it stops it and waits.
class LoadThread {
public:
    using Ended = std::function<void(const Result<void>&)>;

    LoadThread(LoadOptions options, Load::Progress progress, Ended ended);
    ~LoadThread();
    LoadThread(const LoadThread&) = delete;
    LoadThread& operator=(const LoadThread&) = delete;

    void setRate(double requestsPerSecond);
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace engine::client
