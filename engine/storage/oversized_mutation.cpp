#include "engine/storage/oversized_mutation.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/rows/serialization.h"
#include "engine/types/literals.h"

namespace engine::storage {

namespace {

/// No more keys are named than this many characters take.
constexpr std::size_t kTopKeysLength = 1024;

/// AbstractType.getString of the key; CompositeType puts colons between components.
std::string keyText(const schema::Table& table, BytesView key) {
    const auto columns = table.partitionKey();
    if (columns.size() == 1) {
        return types::toText(*columns.front().type, key);
    }
    std::string out;
    ByteReader in(key);
    for (const schema::Column& column : columns) {
        const BytesView component = in.shortBlob();
        in.u8();
        out += (out.empty() ? "" : ":") + types::toText(*column.type, component);
    }
    return out;
}

std::string topKeys(const rows::Mutation& mutation) {
    std::vector<std::pair<std::size_t, std::string>> bySize;
    for (const rows::PartitionUpdate& update : mutation.updates) {
        ByteWriter out;
        rows::write(out, update.partition);
        bySize.emplace_back(out.size(), update.table->name + '.' +
                                            keyText(*update.table, update.partition.key.key));
    }
    std::stable_sort(bySize.begin(), bySize.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string out;
    std::size_t left = bySize.size();
    for (const auto& [size, name] : bySize) {
        if (!out.empty() && out.size() + name.size() + 2 > kTopKeysLength) {
            break;
        }
        out += (out.empty() ? "" : ", ") + name;
        --left;
    }
    return left == 0 ? out : fmt::format("{} and {} more.", out, left);
}

}  // namespace

Error oversizedMutation(const rows::Mutation& mutation, std::size_t size, std::uint64_t limit) {
    return invalid(
        fmt::format("Rejected an oversized mutation ({}/{}) for keyspace: {}. Top keys are: {}",
                    size, limit, mutation.keyspace(), topKeys(mutation)));
}

}  // namespace engine::storage
