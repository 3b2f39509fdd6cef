#include "storage_bench_engine.h"

#include <fmt/format.h>

namespace bench {

using namespace engine;

BenchEngine::BenchEngine(schema::TablePtr table, storage::StorageOptions options)
    : m_table(std::move(table)), m_log([](LogLevel level, std::string_view line) {
          if (level >= LogLevel::Warn) {
              fmt::print(stderr, "{}\n", line);
          }
      }) {
    schema::Keyspace keyspace;
    keyspace.name = m_table->keyspace;
    keyspace.tables[m_table->name] = m_table;
    m_schema.publish(std::make_shared<const schema::Schema>(
        schema::Schema().with(std::make_shared<const schema::Keyspace>(keyspace))));
    m_engine.emplace(m_runtime.doors(), std::move(options), m_schema, m_log);
    must(m_engine->open());
    must(m_engine->replay());
    m_engine->start();
}

BenchEngine::~BenchEngine() { run(stopTask()); }

runtime::Task<bool> BenchEngine::flushTask() {
    must(co_await m_engine->flush(m_table));
    co_return true;
}

runtime::Task<bool> BenchEngine::stopTask() {
    co_await m_engine->stop();
    co_return true;
}

}  // namespace bench
