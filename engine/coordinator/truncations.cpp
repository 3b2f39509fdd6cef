#include "engine/coordinator/truncations.h"

namespace engine::coordinator {

using runtime::Task;

namespace {

constexpr std::string_view kTruncatedAt = "truncated_at";
constexpr std::size_t kLogPositionBytes = 12;  // Segment and position of the commit log, as Cassandra has them here.

}  // namespace

Task<Result<void>> Truncations::load() {
    rows::ReadCommand command;
    command.table = m_view.schema.current()->findTable("system", "local");
    command.key = rows::decorate("local");
    command.nowSeconds = m_view.runtime.clock.wallSeconds();
    auto read = co_await m_view.storage.read(command);
    if (!read) {
        co_return read.error();
    }
    for (rows::Partition& partition : read.value()) {
        rows::filterLive(*command.table, partition, command.nowSeconds);
        for (const rows::Row& row : partition.rows) {
            for (const rows::Cell& cell : row.cells) {
                const auto table = Uuid::fromBytes(cell.path);
                if (cell.column == kTruncatedAt && table) {
                    ByteReader in(cell.value);
                    in.raw(kLogPositionBytes);
                    const std::int64_t millis = in.i64();
                    if (!in.failed()) {
                        m_millis[*table] = millis;
                    }
                }
            }
        }
    }
    co_return ok();
}

Task<Result<void>> Truncations::note(schema::TablePtr table) {
    const std::int64_t micros = m_view.runtime.clock.wallMicros();
    const schema::TablePtr local = m_view.schema.current()->findTable("system", "local");
    ByteWriter value;
    value.raw(Bytes(kLogPositionBytes, '\0'));
    value.i64(micros / 1000);
    rows::Cell cell;
    cell.column = local->find(kTruncatedAt)->name;
    cell.path = table->id.toBytes();
    cell.value = Bytes(value.bytes());
    cell.timestamp = micros;
    rows::Row row;
    row.cells.push_back(std::move(cell));
    rows::PartitionUpdate update{local, {}};
    update.partition.key = rows::decorate("local");
    update.partition.rows.push_back(std::move(row));
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(update));
    m_millis[table->id] = micros / 1000;
    Result<void> done = co_await m_view.storage.apply(std::move(mutation), true);
    co_return done;
}

bool Truncations::covers(const schema::Table& table, std::int64_t writtenMillis) const {
    const auto at = m_millis.find(table.id);
    return at != m_millis.end() && writtenMillis <= at->second;
}

void Truncations::removeCovered(rows::Mutation& mutation, std::int64_t writtenMillis) const {
    std::erase_if(mutation.updates,
                  [&](const rows::PartitionUpdate& update) { return covers(*update.table, writtenMillis); });
}

}  // namespace engine::coordinator
