#include <algorithm>
#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "engine/client/async_client.h"
#include "engine/runtime/random.h"
#include "engine/runtime/real_runtime.h"
#include "engine/types/codec.h"
#include "tests/bench/latencies.h"

/// A load of small rows by key over the CQL protocol, on any server that speaks v5: prepared
/// statements, round robin over the hosts, one thread. Prints one line of JSON.
///
///     cql_load --hosts 127.0.0.1,127.0.0.2 --make            keyspace, table, all rows
///     cql_load --hosts ... --operation read --level QUORUM   closed loop: as fast as it goes
///     cql_load --hosts ... --operation read --rate 5000      open loop: waiting counts too
///     cql_load --hosts ... --probe                           returns once each host answers a SELECT
namespace {

using namespace engine;
using namespace engine::client;
using namespace engine::runtime;

struct Options {
    std::vector<std::string> hosts;
    std::uint16_t port = 9042;
    std::string operation;
    std::string level;
    int replication = 3;
    int rows = 100000;
    int bytes = 100;
    int inFlight = 128;
    double warmup = 0;
    double seconds = 0;
    double rate = 0;
};

std::uint16_t consistencyOf(const std::string& name) {
    static const std::vector<std::string> kNames = {
        "ANY",          "ONE",         "TWO",    "THREE",        "QUORUM",   "ALL",
        "LOCAL_QUORUM", "EACH_QUORUM", "SERIAL", "LOCAL_SERIAL", "LOCAL_ONE"};
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    return static_cast<std::uint16_t>(found - kNames.begin());
}

Duration secondsOf(double seconds) { return Duration(static_cast<std::int64_t>(seconds * 1e9)); }

/// One host, and the statement as it prepared it.
struct Target {
    std::unique_ptr<AsyncClient> client;
    PreparedQuery statement;
};

/// Runs one load and counts what came of it.
class Load {
public:
    Load(Runtime doors, Options options) : m_doors(doors), m_options(std::move(options)) {}

    Task<Result<void>> connect() {
        for (const std::string& host : m_options.hosts) {
            ConnectOptions options;
            options.contact = {host, m_options.port};
            options.driverName = "cql_load";
            options.tellAll = false;
            auto connecting = AsyncClient::connect(m_doors, options);
            auto client = co_await connecting;
            if (client.has_error()) {
                co_return client.error();
            }
            m_targets.push_back({std::move(client.value()), {}});
        }
        co_return ok();
    }

    Task<Result<void>> makeTable() {
        const std::vector<std::string> statements = {
            "DROP KEYSPACE IF EXISTS bench",
            fmt::format("CREATE KEYSPACE bench WITH replication = {{'class': 'SimpleStrategy', "
                        "'replication_factor': {}}}", m_options.replication),
            "CREATE TABLE bench.kv (id bigint PRIMARY KEY, value blob)"};
        for (const std::string& text : statements) {
            Query query;
            query.text = text;
            auto executing = m_targets.front().client->execute(query);
            const auto done = co_await executing;
            if (done.has_error()) {
                co_return done.error();
            }
        }
        co_await sleep(m_doors.clock, std::chrono::seconds(1));  // Until all nodes know the table.
        co_return ok();
    }

    Task<Result<void>> prepare() {
        const std::string text = isWrite() ? "INSERT INTO bench.kv (id, value) VALUES (?, ?)"
                                           : "SELECT id, value FROM bench.kv WHERE id = ?";
        for (Target& target : m_targets) {
            auto preparing = target.client->prepare(text);
            auto prepared = co_await preparing;
            if (prepared.has_error()) {
                co_return prepared.error();
            }
            target.statement = std::move(prepared.value());
        }
        co_return ok();
    }

    /// Every row once.
    Task<void> fill() {
        TaskGroup group;
        for (int worker = 0; worker < m_options.inFlight; ++worker) {
            group.spawn(fillSome(worker));
        }
        co_await group.drained();
    }

    Task<void> measure() {
        const std::int64_t begin = m_doors.clock.machineNanos();
        m_measureFrom = begin + secondsOf(m_options.warmup).count();
        m_end = m_measureFrom + secondsOf(m_options.seconds).count();
        TaskGroup group;
        if (m_options.rate > 0) {
            auto pacing = pace(group, begin);
            co_await pacing;
        } else {
            for (int worker = 0; worker < m_options.inFlight; ++worker) {
                group.spawn(work());
            }
        }
        co_await group.drained();
    }

    std::string report() {
        return fmt::format("{{\"throughput\": {:.0f}, \"p50\": {:.3f}, \"p99\": {:.3f}, "
                           "\"errors\": {}, \"error\": \"{}\"}}",
                           static_cast<double>(m_latencies.count()) / m_options.seconds,
                           m_latencies.quantile(0.5), m_latencies.quantile(0.99), m_errors, m_error);
    }
    std::size_t errors() const { return m_errors; }
    const std::string& firstError() const { return m_error; }

private:
    bool isWrite() const { return m_options.operation == "write"; }

    Query queryFor(std::int64_t id) const {
        Query query;
        query.consistency = consistencyOf(m_options.level);
        query.pageSize = 0;
        query.values.push_back(types::encodeBigint(id));
        if (isWrite()) {
            query.values.push_back(Bytes(static_cast<std::size_t>(m_options.bytes),
                                         static_cast<char>('a' + id % 26)));
        }
        return query;
    }

    Task<void> one(std::int64_t id, std::int64_t due) {
        Target& target = m_targets[m_next++ % m_targets.size()];
        auto executing = target.client->execute(target.statement, queryFor(id));
        const auto answer = co_await executing;
        const std::int64_t now = m_doors.clock.machineNanos();
        if (answer.has_error()) {
            ++m_errors;
            m_error = answer.error().message;
        } else if (now >= m_measureFrom && now < m_end) {
            m_latencies.add(now - due);
        }
    }

    std::int64_t anyId() {
        return static_cast<std::int64_t>(m_random.below(static_cast<std::uint64_t>(m_options.rows)));
    }

    Task<void> work() {
        for (std::int64_t now = m_doors.clock.machineNanos(); now < m_end;
             now = m_doors.clock.machineNanos()) {
            auto request = one(anyId(), now);
            co_await request;
        }
    }

    Task<void> fillSome(int worker) {
        for (std::int64_t id = worker; id < m_options.rows; id += m_options.inFlight) {
            auto request = one(id, 0);
            co_await request;
        }
    }

    Task<void> pace(TaskGroup& group, std::int64_t begin) {
        const double step = 1e9 / m_options.rate;
        std::int64_t sent = 0;
        for (std::int64_t now = begin; now < m_end; now = m_doors.clock.machineNanos()) {
            for (; begin + static_cast<std::int64_t>(static_cast<double>(sent) * step) <= now; ++sent) {
                group.spawn(one(anyId(), begin + static_cast<std::int64_t>(
                                                     static_cast<double>(sent) * step)));
            }
            co_await sleep(m_doors.clock, std::chrono::microseconds(200));
        }
    }

    Runtime m_doors;
    const Options m_options;
    std::vector<Target> m_targets;
    SeededRandom m_random{42};
    std::size_t m_next = 0;
    std::int64_t m_measureFrom = 0;
    std::int64_t m_end = 0;
    bench::Latencies m_latencies;
    std::size_t m_errors = 0;
    std::string m_error;
};

/// True once a SELECT has been answered.
Task<bool> answers(Runtime doors, std::string host, std::uint16_t port) {
    ConnectOptions options;
    options.contact = {host, port};
    options.timeout = std::chrono::seconds(1);
    auto connecting = AsyncClient::connect(doors, options);
    const auto client = co_await connecting;
    if (client.has_error()) {
        co_return false;
    }
    Query query;
    query.text = "SELECT key FROM system.local";
    auto executing = client.value()->execute(query);
    const auto answer = co_await executing;
    co_return answer.has_value();
}

Task<Result<std::string>> probe(Runtime doors, Options options) {
    for (const std::string& host : options.hosts) {
        for (;;) {
            auto asking = answers(doors, host, options.port);
            const bool answered = co_await asking;
            if (answered) {
                break;
            }
            co_await sleep(doors.clock, std::chrono::milliseconds(2));
        }
    }
    co_return std::string("{}");
}

Task<Result<std::string>> make(Runtime doors, Options options) {
    options.operation = "write";
    options.level = "ALL";
    Load load(doors, std::move(options));
    CO_TRY(co_await load.connect());
    CO_TRY(co_await load.makeTable());
    CO_TRY(co_await load.prepare());
    co_await load.fill();
    if (load.errors() > 0) {
        co_return makeError(ErrorKind::Server, load.firstError());
    }
    co_return std::string("{}");
}

Task<Result<std::string>> measure(Runtime doors, Options options) {
    Load load(doors, std::move(options));
    CO_TRY(co_await load.connect());
    CO_TRY(co_await load.prepare());
    co_await load.measure();
    co_return load.report();
}

std::vector<std::string> splitAtCommas(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
        out.push_back(part);
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    namespace po = boost::program_options;
    Options options;
    std::string hosts;
    po::options_description description("cql_load");
    description.add_options()("help", "this text")
        ("hosts", po::value(&hosts)->default_value("127.0.0.1"), "addresses, separated by commas")
        ("port", po::value(&options.port)->default_value(9042))
        ("make", "make and fill the table")
        ("probe", "wait until each host answers")
        ("operation", po::value(&options.operation)->default_value("write"), "write or read")
        ("level", po::value(&options.level)->default_value("ONE"), "consistency level")
        ("rf", po::value(&options.replication)->default_value(3))
        ("rows", po::value(&options.rows)->default_value(100000))
        ("bytes", po::value(&options.bytes)->default_value(100), "of each value")
        ("in-flight", po::value(&options.inFlight)->default_value(128))
        ("warmup", po::value(&options.warmup)->default_value(2), "seconds")
        ("seconds", po::value(&options.seconds)->default_value(5))
        ("rate", po::value(&options.rate)->default_value(0), "requests a second; 0: closed loop");
    po::variables_map given;
    try {
        po::store(po::parse_command_line(argc, argv, description), given);
        po::notify(given);
    } catch (const po::error& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
    if (given.count("help") > 0) {
        std::cout << description;
        return 0;
    }
    options.hosts = splitAtCommas(hosts);
    RealRuntime runtime;
    const auto run = given.count("make") > 0    ? &make
                     : given.count("probe") > 0 ? &probe
                                                : &measure;
    const auto report = runUntilDone(runtime, run(runtime.doors(), options));
    if (report.has_error()) {
        std::cerr << "cql_load: " << report.error().message << '\n';
        return 1;
    }
    std::cout << report.value() << '\n';
    return 0;
}
