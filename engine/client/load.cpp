#include "engine/client/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/runtime/real_runtime.h"
#include "engine/types/codec.h"
#include "engine/types/type_names.h"

namespace engine::client {

using runtime::Task;
using types::Kind;

namespace {

constexpr std::int64_t kProgressNanos = 250'000'000;
constexpr std::int64_t kReconnectNanos = 1'000'000'000;
/// How long the end waits for answers that are still to come.
constexpr std::int64_t kLastAnswersNanos = 2'000'000'000;
constexpr runtime::Duration kTick = std::chrono::milliseconds(2);
/// Rows of one partition, where the table has clustering columns.
constexpr std::uint64_t kRowsOfPartition = 100;
/// A load never makes up for more than this of lost time at once.
constexpr double kCatchUpSeconds = .25;
/// Until every node has heard of a new table.
constexpr runtime::Duration kSchemaWait = std::chrono::milliseconds(800);

bool isIn(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string listOf(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + types::maybeQuote(name);
    }
    return out;
}

std::string conditionsOf(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : " AND ") + types::maybeQuote(name) + " = ?";
    }
    return out;
}

}  // namespace

Load::Load(runtime::Runtime runtime, LoadOptions options, Progress progress)
    : m_runtime(runtime),
      m_options(std::move(options)),
      m_progress(std::move(progress)),
      m_random(runtime.random.next()) {}

Task<Result<void>> Load::run() {
    for (const runtime::Endpoint& contact : m_options.contacts) {
        Target& target = m_targets.emplace_back();
        target.contact = contact;
    }
    Error failure = makeError(ErrorKind::Io, "no node to connect to");
    bool any = false;
    for (Target& target : m_targets) {
        auto connecting = connect(target);
        const Result<void> connected = co_await connecting;
        any = any || connected.has_value();
        if (!connected) {
            failure = connected.error();
        }
    }
    if (!any) {
        co_return failure;
    }
    auto learning = learnColumns();
    CO_TRY(co_await learning);
    for (Target& target : m_targets) {
        if (target.client) {
            auto preparing = prepare(target);
            CO_TRY(co_await preparing);
        }
    }
    auto pacing = m_options.fill ? fill() : pace();
    co_await pacing;
    const std::int64_t until = m_runtime.clock.machineNanos() + kLastAnswersNanos;
    while (m_inFlight > 0 && m_runtime.clock.machineNanos() < until) {
        co_await runtime::sleep(m_runtime.clock, kTick);
    }
    for (Target& target : m_targets) {
        if (target.client) {
            target.client->close();
        }
    }
    co_await m_tasks.drained();
    tellProgress();
    co_return ok();
}

Task<Result<void>> Load::connect(Target& target) {
    ConnectOptions options;
    options.contact = target.contact;
    options.driverName = "Ringside load";
    options.tellAll = false;
    auto connecting = AsyncClient::connect(m_runtime, options);
    auto client = co_await connecting;
    if (!client) {
        co_return client.error();
    }
    target.client = std::move(client.value());
    co_return ok();
}

/// A node that was down may come back: asked once a second.
Task<void> Load::reconnect(Target& target) {
    target.isConnecting = true;
    auto connecting = connect(target);
    const Result<void> connected = co_await connecting;
    if (connected) {
        auto preparing = prepare(target);
        const Result<void> prepared = co_await preparing;
        if (!prepared) {
            target.client.reset();
            countError(prepared.error());
        }
    }
    target.isConnecting = false;
}

Task<Result<void>> Load::makeTable() {
    const std::vector<std::string> statements{
        fmt::format("CREATE KEYSPACE IF NOT EXISTS {} WITH replication = {{'class': 'SimpleStrategy', "
                    "'replication_factor': {}}}",
                    LoadOptions::kKeyspace, m_options.replication),
        fmt::format("CREATE TABLE IF NOT EXISTS {}.{} (station int, reading int, value text, "
                    "PRIMARY KEY (station, reading))",
                    LoadOptions::kKeyspace, LoadOptions::kTable)};
    for (const std::string& text : statements) {
        Query query;
        query.text = text;
        auto executing = nextTarget()->client->execute(std::move(query));
        const auto done = co_await executing;
        if (!done) {
            co_return done.error();
        }
    }
    co_await runtime::sleep(m_runtime.clock, kSchemaWait);
    co_return ok();
}

Task<Result<void>> Load::learnColumns() {
    if (m_options.keyspace == LoadOptions::kKeyspace && m_options.table == LoadOptions::kTable) {
        auto making = makeTable();
        CO_TRY(co_await making);
    }
    Query query;
    query.text = "SELECT column_name, kind, position FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?";
    query.values = {m_options.keyspace, m_options.table};
    auto executing = nextTarget()->client->execute(std::move(query));
    auto answer = co_await executing;
    if (!answer) {
        co_return answer.error();
    }
    const auto* rows = std::get_if<cql::RowsResult>(&answer.value().result);
    std::vector<std::pair<std::int32_t, std::string>> partition, clustering;
    for (const cql::ResultRow& row : rows != nullptr ? rows->rows : std::vector<cql::ResultRow>()) {
        const std::string name = row[0].value_or(Bytes()), kind = row[1].value_or(Bytes());
        const std::int32_t position = types::decodeInt(row[2].value_or(Bytes()));
        if (kind == "partition_key") {
            partition.emplace_back(position, name);
        } else if (kind == "clustering") {
            clustering.emplace_back(position, name);
        } else if (kind == "regular") {
            m_columns.push_back(name);
        }
    }
    if (partition.empty()) {
        co_return invalid(fmt::format("table {}.{} does not exist", m_options.keyspace, m_options.table));
    }
    std::sort(partition.begin(), partition.end());
    std::sort(clustering.begin(), clustering.end());
    for (auto& [position, name] : partition) {
        m_partitionKey.push_back(std::move(name));
    }
    for (auto& [position, name] : clustering) {
        m_clustering.push_back(std::move(name));
    }
    co_return ok();
}

Task<Result<void>> Load::prepare(Target& target) {
    const std::string table = types::maybeQuote(m_options.keyspace) + '.' + types::maybeQuote(m_options.table);
    std::vector<std::string> keys = m_partitionKey;
    keys.insert(keys.end(), m_clustering.begin(), m_clustering.end());
    std::vector<std::string> all = keys;
    all.insert(all.end(), m_columns.begin(), m_columns.end());
    std::string marks = "?";
    for (std::size_t i = 1; i < all.size(); ++i) {
        marks += ", ?";
    }
    const std::pair<PreparedQuery*, std::string> wanted[]{
        {&target.write, fmt::format("INSERT INTO {} ({}) VALUES ({})", table, listOf(all), marks)},
        {&target.read, fmt::format("SELECT * FROM {} WHERE {}", table, conditionsOf(m_partitionKey))},
        {&target.remove, fmt::format("DELETE FROM {} WHERE {}", table, conditionsOf(keys))}};
    for (const auto& [into, text] : wanted) {
        auto preparing = target.client->prepare(text);
        auto prepared = co_await preparing;
        if (!prepared) {
            co_return prepared.error();
        }
        *into = std::move(prepared.value());
    }
    CO_TRY(valuesOf(target.write, 0));  // Values can be made of its keys.
    co_return ok();
}

// ---- the load ----

Task<void> Load::pace() {
    m_begun = m_toldAt = m_runtime.clock.machineNanos();
    std::int64_t before = m_begun, retriedAt = m_begun;
    double due = 0;
    while (!m_stopped) {
        const std::int64_t now = m_runtime.clock.machineNanos();
        if (m_options.seconds > 0 && static_cast<double>(now - m_begun) / 1e9 >= m_options.seconds) {
            break;
        }
        due = std::min(due + m_options.rate * static_cast<double>(now - before) / 1e9, m_options.rate * kCatchUpSeconds + 1);
        before = now;
        for (; due >= 1; due -= 1) {
            if (m_inFlight >= kInFlightMax) {
                ++m_tally.skipped;
            } else {
                m_tasks.spawn(one(anyVerb(), m_random.below(std::max<std::uint64_t>(1, m_options.rows))));
            }
        }
        if (now - retriedAt >= kReconnectNanos) {
            retriedAt = now;
            for (Target& target : m_targets) {
                if (!target.isConnecting && (!target.client || !target.client->isOpen())) {
                    m_tasks.spawn(reconnect(target));
                }
            }
        }
        if (now - m_toldAt >= kProgressNanos) {
            tellProgress();
        }
        co_await runtime::sleep(m_runtime.clock, kTick);
    }
}

Task<void> Load::fill() {
    m_begun = m_toldAt = m_runtime.clock.machineNanos();
    runtime::TaskGroup workers;
    for (std::uint64_t first = 0; first < std::min(kFillWorkers, m_options.rows); ++first) {
        workers.spawn(fillFrom(first));
    }
    co_await workers.drained();
}

Task<void> Load::fillFrom(std::uint64_t first) {
    for (std::uint64_t row = first; row < m_options.rows && !m_stopped; row += kFillWorkers) {
        auto writing = one(Verb::Write, row);
        co_await writing;
        if (m_runtime.clock.machineNanos() - m_toldAt >= kProgressNanos) {
            tellProgress();
        }
    }
}

Load::Verb Load::anyVerb() {
    const double lot = m_random.real();
    return lot < m_options.reads ? Verb::Read : lot < m_options.reads + m_options.deletes ? Verb::Delete : Verb::Write;
}

Load::Target* Load::nextTarget() {
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
        Target& target = m_targets[m_turn++ % m_targets.size()];
        if (target.client && target.client->isOpen() && !target.isConnecting) {
            return &target;
        }
    }
    return nullptr;
}

Task<void> Load::one(Verb verb, std::uint64_t row) {
    Target* target = nextTarget();
    if (target == nullptr) {
        countError(makeError(ErrorKind::Io, "no node answers"));
        co_return;
    }
    const PreparedQuery& prepared = verb == Verb::Write ? target->write : verb == Verb::Read ? target->read : target->remove;
    auto values = valuesOf(prepared, row);
    if (!values) {
        countError(values.error());
        co_return;
    }
    Query query;
    query.consistency = m_options.consistency;
    query.values = std::move(values.value());
    ++m_inFlight;
    const std::int64_t begun = m_runtime.clock.machineNanos();
    auto executing = target->client->execute(prepared, std::move(query));
    const auto answer = co_await executing;
    --m_inFlight;
    ++m_answers;
    m_answerNanos += m_runtime.clock.machineNanos() - begun;
    if (!answer) {
        countError(answer.error());
    } else {
        ++(verb == Verb::Write ? m_tally.writes : verb == Verb::Read ? m_tally.reads : m_tally.deletes);
    }
}

Result<std::vector<std::optional<Bytes>>> Load::valuesOf(const PreparedQuery& prepared, std::uint64_t row) {
    std::vector<std::optional<Bytes>> out;
    for (const cql::ColumnSpec& column : prepared.variables) {
        TRY_ASSIGN(cql::Value value, valueOf(column, row));
        out.push_back(std::move(value));
    }
    return out;
}

/// Keys follow from the row's number, other columns are chance. Times are now.
Result<cql::Value> Load::valueOf(const cql::ColumnSpec& column, std::uint64_t row) {
    const bool isPartition = isIn(m_partitionKey, column.name), isClustering = isIn(m_clustering, column.name);
    const bool isKey = isPartition || isClustering;
    std::uint64_t number = m_random.next();
    if (isKey) {
        number = m_clustering.empty() ? row : isPartition ? row / kRowsOfPartition : row % kRowsOfPartition;
    }
    const std::int64_t millis = m_runtime.clock.wallMicros() / 1000;
    switch (column.type->kind()) {
    case Kind::Int: return cql::Value(types::encodeInt(static_cast<std::int32_t>(isKey ? number : number % 1'000'000)));
    case Kind::Bigint: return cql::Value(types::encodeBigint(static_cast<std::int64_t>(isKey ? number : number % 1'000'000)));
    case Kind::Smallint: return cql::Value(types::encodeSmallint(static_cast<std::int16_t>(number)));
    case Kind::Tinyint: return cql::Value(types::encodeTinyint(static_cast<std::int8_t>(number)));
    case Kind::Varint: return cql::Value(types::encodeVarint(static_cast<std::int64_t>(number % 1'000'000)));
    case Kind::Boolean: return cql::Value(types::encodeBoolean(number % 2 == 0));
    case Kind::Double: return cql::Value(types::encodeDouble(static_cast<double>(number % 1'000'000) / 100));
    case Kind::Float: return cql::Value(types::encodeFloat(static_cast<float>(number % 1'000'000) / 100));
    case Kind::Timestamp: return cql::Value(types::encodeTimestamp(isPartition ? static_cast<std::int64_t>(number) * 86'400'000 : millis));
    case Kind::Date: return cql::Value(types::encodeDate(static_cast<std::int32_t>(isKey ? number % 100'000 : static_cast<std::uint64_t>(millis / 86'400'000))));
    case Kind::Uuid: return cql::Value(types::encodeUuid(isKey ? Uuid::random(number, ~number) : m_random.uuid()));
    case Kind::Ascii:
    case Kind::Text:
    case Kind::Blob: {
        if (isKey) {
            return cql::Value(fmt::format("{}-{}", column.name, number));
        }
        Bytes text(m_options.valueBytes, 'a');
        for (std::size_t i = 0; i < text.size(); ++i) {
            number = i % 12 == 0 ? m_random.next() : number / 26;
            text[i] = static_cast<char>('a' + number % 26);
        }
        return cql::Value(std::move(text));
    }
    default: break;
    }
    if (isKey) {
        return invalid(fmt::format("the load makes no values for key column {} of type {}", column.name, types::cqlName(column.type)));
    }
    return cql::Value(std::nullopt);
}

// ---- what came of it ----

void Load::countError(const Error& error) {
    ++m_tally.errors;
    if (m_tally.firstError.empty()) {
        m_tally.firstError = error.message;
    }
}

void Load::tellProgress() {
    const std::int64_t now = m_runtime.clock.machineNanos();
    const std::uint64_t requests = m_tally.writes + m_tally.reads + m_tally.deletes;
    const double passed = static_cast<double>(now - m_toldAt) / 1e9;
    m_tally.seconds = m_begun == 0 ? 0 : static_cast<double>(now - m_begun) / 1e9;
    if (passed > 0) {
        m_tally.requestsPerSecond = static_cast<double>(requests - m_toldRequests) / passed;
    }
    m_tally.meanMillis = m_answers == 0 ? 0 : static_cast<double>(m_answerNanos) / 1e6 / static_cast<double>(m_answers);
    m_toldAt = now;
    m_toldRequests = requests;
    m_answers = 0;
    m_answerNanos = 0;
    if (m_progress) {
        m_progress(m_tally);
    }
}

// ---- on a thread ----

struct LoadThread::Impl {
    runtime::RealRuntime runtime;
    Load load;
    std::thread thread;

    Impl(LoadOptions options, Load::Progress progress)
        : load(runtime.doors(), std::move(options), std::move(progress)) {}
};

LoadThread::LoadThread(LoadOptions options, Load::Progress progress, Ended ended)
    : m_impl(std::make_unique<Impl>(std::move(options), std::move(progress))) {
    m_impl->thread = std::thread([impl = m_impl.get(), ended = std::move(ended)] {
        const Result<void> done = runtime::runUntilDone(impl->runtime, impl->load.run());
        if (ended) {
            ended(done);
        }
    });
}

LoadThread::~LoadThread() {
    stop();
    m_impl->thread.join();
}

void LoadThread::setRate(double requestsPerSecond) {
    m_impl->runtime.post([impl = m_impl.get(), requestsPerSecond] { impl->load.setRate(requestsPerSecond); });
}

void LoadThread::stop() {
    m_impl->runtime.post([impl = m_impl.get()] { impl->load.stop(); });
}

}  // namespace engine::client
