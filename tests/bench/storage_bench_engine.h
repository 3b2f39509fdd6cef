#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "engine/runtime/real_runtime.h"
#include "engine/storage/compaction_manager.h"
#include "engine/storage/storage_engine.h"

namespace bench {

/// What went wrong ends the program.
template <typename T>
T must(engine::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "ringside: %s\n", result.error().message.c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(result.value());
    }
}

/// A storage engine with one table on the real disk, opened and started; it stops when this ends.
class BenchEngine {
public:
    BenchEngine(engine::schema::TablePtr table, engine::storage::StorageOptions options);
    ~BenchEngine();

    engine::storage::StorageEngine& storage() { return *m_engine; }
    engine::runtime::RealRuntime& runtime() { return m_runtime; }
    const engine::schema::TablePtr& table() const { return m_table; }

    template <typename T>
    T run(engine::runtime::Task<T> task) {
        return engine::runtime::runUntilDone(m_runtime, std::move(task));
    }
    /// From memory to files.
    void flush() { run(flushTask()); }

private:
    engine::runtime::Task<bool> flushTask();
    engine::runtime::Task<bool> stopTask();

    engine::runtime::RealRuntime m_runtime;
    engine::schema::TablePtr m_table;
    engine::schema::SchemaRegistry m_schema;
    engine::Log m_log;
    std::optional<engine::storage::StorageEngine> m_engine;
};

}  // namespace bench
