#pragma once

#include <memory>
#include <vector>

#include "engine/sim/machine.h"
#include "engine/sim/world.h"
#include "engine/storage/commit_log_segment.h"
#include "engine/storage/storage_engine.h"
#include "tests/engine/rows/rows_fixture.h"

namespace storagetest {

using namespace rowstest;
using namespace std::chrono_literals;
using storage::StorageEngine;
using storage::StorageOptions;

/// One simulated machine with a storage engine on it, that can be stopped, crashed and opened
/// again.
class StorageFixture {
public:
    explicit StorageFixture(std::uint64_t seed = 1, StorageOptions options = {})
        : m_world(seed),
          m_machine(m_world.addMachine("a", {"10.0.0.1"})),
          m_options(std::move(options)) {
        m_options.dataFolder = "/data";
        m_options.commitLogFolder = "/commitlog";
        m_options.compaction.automatic = false;
        publish({m_table});
    }

    void publish(const std::vector<schema::TablePtr>& tables) {
        schema::Keyspace keyspace;
        keyspace.name = "ks";
        for (const auto& table : tables) {
            keyspace.tables[table->name] = table;
        }
        m_schema->publish(std::make_shared<const schema::Schema>(
            schema::Schema().with(std::make_shared<const schema::Keyspace>(keyspace))));
    }

    /// Opens, replays and starts; how many mutations were replayed.
    Result<std::uint64_t> start() {
        TRY_ASSIGN(const std::uint64_t replayed, open());
        m_engine->start();
        return replayed;
    }
    Result<std::uint64_t> open() {
        m_engine = std::make_unique<StorageEngine>(m_machine.doors(), m_options, *m_schema, m_log);
        TRY(m_engine->open());
        return m_engine->replay();
    }
    void stop() {
        runTask(stopTask(*m_engine));
        m_engine.reset();
    }
    /// As kill -9: what was handed to the operating system stays.
    void kill(std::unique_ptr<runtime::TaskGroup> waiters = nullptr) {
        waiters.reset();
        m_engine.reset();
        m_world.runFor(1s);  // What is posted for the engine finds it gone.
    }
    /// `waiters` are coroutines that wait for the engine, and die with the machine.
    void powerCut(bool torn = false, std::unique_ptr<runtime::TaskGroup> waiters = nullptr) {
        m_world.crash(m_machine, {torn});
        waiters.reset();
        m_engine.reset();
        m_world.restart(m_machine);
    }

    Result<void> apply(rows::Mutation mutation) {
        return runTask(m_engine->apply(std::move(mutation), true));
    }
    Result<void> write(rows::Partition partition) {
        return apply(rows::Mutation{{{m_table, std::move(partition)}}});
    }
    Result<void> flush() { return runTask(m_engine->flush(m_table)); }
    Result<void> truncate() { return runTask(m_engine->truncate(m_table)); }
    Result<std::vector<Partition>> read(const ReadCommand& command) {
        return runTask(m_engine->read(command));
    }
    ReadCommand byKey(int pk) const {
        ReadCommand command;
        command.table = m_table;
        command.key = key(pk);
        return command;
    }
    ReadCommand all() const {
        ReadCommand command;
        command.table = m_table;
        return command;
    }
    /// The partition as far as it is there.
    Partition partitionOf(int pk) {
        auto found = m_engine->readNow(byKey(pk));
        ENSURE(found.has_value());
        if (found.value().empty()) {
            Partition none;
            none.key = key(pk);
            return none;
        }
        return found.value().front();
    }

    template <typename T>
    T runTask(runtime::Task<T> task) {
        auto done = sim::runUntilDone(m_world, std::move(task), 60s);
        ENSURE(done.has_value());
        return std::move(*done);
    }
    std::vector<std::string> files(const std::string& folder) {
        auto names = m_machine.disk().list(folder);
        ENSURE(names.has_value());
        return names.value();
    }
    std::string tableFolder() const {
        std::string id = m_table->id.toString();
        std::erase(id, '-');
        return "/data/ks/" + m_table->name + '-' + id;
    }

    sim::SimWorld& world() { return m_world; }
    sim::SimDisk& disk() { return m_machine.disk(); }
    StorageEngine& engine() { return *m_engine; }
    StorageOptions& options() { return m_options; }
    const schema::TablePtr& table() const { return m_table; }
    std::vector<std::string>& logLines() { return m_lines; }

private:
    static runtime::Task<bool> stopTask(StorageEngine& engine) {
        co_await engine.stop();
        co_return true;
    }

    sim::SimWorld m_world;
    sim::SimMachine& m_machine;
    StorageOptions m_options;
    std::vector<std::string> m_lines;
    Log m_log{[this](LogLevel, std::string_view line) { m_lines.emplace_back(line); }};
    std::unique_ptr<schema::SchemaRegistry> m_schema = std::make_unique<schema::SchemaRegistry>();
    schema::TablePtr m_table = makeTable();
    std::unique_ptr<StorageEngine> m_engine;
};

/// One row of the fixture's table with a value of some length.
inline Partition oneRow(int pk, int c, std::int64_t timestamp, std::size_t length = 10) {
    Partition out;
    out.key = key(pk);
    out.rows = {row(at(c, "d"), timestamp, {cell("a", std::string(length, 'v'), timestamp)})};
    return out;
}

}  // namespace storagetest
