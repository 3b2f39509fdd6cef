// What engine/cql costs a request beside the cluster: processor time a prepared statement, printed.

#include <cstdio>
#include <ctime>

#include "engine/types/codec.h"
#include "memory_cluster.h"

using namespace engine;

namespace {

template <typename F>
double nanosPerCall(F work, int calls = 200000) {
    const std::clock_t begin = std::clock();
    for (int i = 0; i < calls; ++i) {
        work(i);
    }
    return 1e9 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / calls;
}

cql::BoundValue value(Bytes bytes) { return {cql::BoundValue::State::Set, std::move(bytes)}; }

}  // namespace

int main() {
    MemoryCluster cluster;
    for (const char* text :
         {"CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
          "CREATE TABLE k.t (a text, b int, c text, d bigint, e double, PRIMARY KEY (a, b))"}) {
        if (!cluster.run(text)) {
            return 1;
        }
    }
    const auto insert = cluster.prepare("INSERT INTO k.t (a, b, c, d, e) VALUES (?, ?, ?, ?, ?)").value();
    const auto select = cluster.prepare("SELECT c, d, e FROM k.t WHERE a = ? AND b = ?").value();
    const auto& write = *std::get<1>(insert->statement);
    const auto& read = *std::get<0>(select->statement);

    cql::QueryOptions options;
    options.values = {value("user-1234567"), value(types::encodeInt(7)), value("some text of a row"),
                      value(types::encodeBigint(42)), value(types::encodeDouble(1.5))};
    options.timestampMicros = 1;
    const cql::ExecutionContext context = cluster.context();
    std::printf("INSERT with 5 markers to mutations: %.0f ns\n", nanosPerCall([&](int) {
                    if (!write.mutations(options, context, {})) {
                        std::abort();
                    }
                }));

    cql::QueryOptions keys;
    keys.values = {options.values[0], options.values[1]};
    keys.pageSize = 5000;
    rows::Partition answer = write.mutations(options, context, {}).value()[0].updates[0].partition;
    std::printf("SELECT by key, commands and one row: %.0f ns\n", nanosPerCall([&](int) {
                    auto execution = read.start(keys, context).value();
                    const auto commands = execution->next();
                    std::vector<std::vector<rows::Partition>> answers(commands.size());
                    answers[0].push_back(answer);
                    if (!execution->feed(std::move(answers)) || !execution->next().empty() ||
                        execution->finish().value().rows.size() != 1) {
                        std::abort();
                    }
                }));
    std::printf("parse and prepare the INSERT: %.0f ns\n", nanosPerCall(
                    [&](int) {
                        if (!cluster.prepare(insert->text)) {
                            std::abort();
                        }
                    },
                    20000));
}
