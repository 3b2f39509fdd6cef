#include "engine/storage/inspect/key_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/types/json.h"
#include "engine/types/literals.h"

namespace engine::storage::inspect {

namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

struct Date {
    std::int64_t year;
    unsigned month;
    unsigned day;
};

/// The civil date of a day since 1970 (Howard Hinnant's algorithm).
Date dateOf(std::int64_t day) {
    day += 719'468;
    const std::int64_t era = (day >= 0 ? day : day - 146'096) / 146'097;
    const auto ofEra = static_cast<unsigned>(day - era * 146'097);
    const unsigned yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36'524 - ofEra / 146'096) / 365;
    const unsigned ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const unsigned shifted = (5 * ofYear + 2) / 153;
    const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    const std::int64_t year = static_cast<std::int64_t>(yearOfEra) + era * 400 + (month <= 2 ? 1 : 0);
    return {year, month, ofYear - (153 * shifted + 2) / 5 + 1};
}

}  // namespace

std::int64_t microsOfSeconds(std::int64_t seconds) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kMicros;
    return std::clamp(seconds, -kMost, kMost) * kMicros;
}

std::string instantText(std::int64_t micros) {
    const std::int64_t fraction = ((micros % kMicros) + kMicros) % kMicros;
    const std::int64_t seconds = micros / kMicros - (micros % kMicros < 0 ? 1 : 0);
    const std::int64_t ofDay = ((seconds % kDaySeconds) + kDaySeconds) % kDaySeconds;
    const Date date = dateOf((seconds - ofDay) / kDaySeconds);
    std::string out = date.year > 9999 || date.year < 0
                          ? fmt::format("{}{:04}", date.year < 0 ? "-" : "+", std::abs(date.year))
                          : fmt::format("{:04}", date.year);
    out += fmt::format("-{:02}-{:02}T{:02}:{:02}:{:02}", date.month, date.day, ofDay / 3600,
                       ofDay / 60 % 60, ofDay % 60);
    if (fraction != 0) {
        out += fraction % 1000 == 0 ? fmt::format(".{:03}", fraction / 1000)
                                    : fmt::format(".{:06}", fraction);
    }
    return out + 'Z';
}

std::vector<Bytes> keyValues(const SerializationHeader& header, BytesView key) {
    if (header.keyTypes.size() == 1) {
        return {Bytes(key)};
    }
    std::vector<Bytes> out;
    ByteReader in(key);
    while (!in.atEnd() && !in.failed() && out.size() < header.keyTypes.size()) {
        out.emplace_back(in.shortBlob());
        in.u8();
    }
    return out;
}

std::vector<std::string> keyTexts(const SerializationHeader& header, BytesView key) {
    std::vector<std::string> out;
    const std::vector<Bytes> values = keyValues(header, key);
    for (std::size_t i = 0; i < values.size(); ++i) {
        out.push_back(types::jsonQuote(types::toText(*header.keyTypes[i], values[i])));
    }
    return out;
}

std::string keyText(const SerializationHeader& header, BytesView key) {
    std::string out;
    const std::vector<Bytes> values = keyValues(header, key);
    for (std::size_t i = 0; i < values.size(); ++i) {
        out += (i == 0 ? "" : ":") + types::toText(*header.keyTypes[i], values[i]);
    }
    return out;
}

Result<rows::DecoratedKey> parseKey(const SerializationHeader& header, std::string_view text) {
    if (header.keyTypes.size() == 1) {
        TRY_ASSIGN(Bytes value, types::fromString(*header.keyTypes[0], text));
        return rows::decorate(std::move(value));
    }
    ByteWriter out;
    for (std::size_t i = 0; i < header.keyTypes.size(); ++i) {
        const bool isLast = i + 1 == header.keyTypes.size();
        const std::size_t colon = isLast ? std::string_view::npos : text.find(':');
        if (!isLast && colon == std::string_view::npos) {
            return invalid(fmt::format("the key has {} parts, divided by colons",
                                       header.keyTypes.size()));
        }
        TRY_ASSIGN(const Bytes value,
                   types::fromString(*header.keyTypes[i], text.substr(0, colon)));
        out.shortBlob(value);
        out.u8(0);
        text.remove_prefix(isLast ? text.size() : colon + 1);
    }
    return rows::decorate(out.take());
}

Result<schema::TablePtr> tableOf(runtime::FileSystem& files, const SstableDescriptor& descriptor) {
    const std::string path = descriptor.pathOf(Component::Statistics);
    TRY_ASSIGN(const Bytes bytes, runtime::readFile(files, path));
    TRY_ASSIGN(const Statistics statistics, readStatistics(bytes, path));
    const SerializationHeader& header = statistics.header;
    auto table = std::make_shared<schema::Table>();
    // `<keyspace>/<table>-<id>`, as far as the path tells.
    const std::string parent = runtime::parentFolder(descriptor.folder);
    table->keyspace = parent.substr(parent.rfind('/') + 1);
    table->name = descriptor.folder.substr(descriptor.folder.rfind('/') + 1);
    table->name = table->name.substr(0, table->name.rfind('-'));
    table->options.bloomFilterFpChance = statistics.bloomFilterFpChance;
    for (std::size_t i = 0; i < header.keyTypes.size(); ++i) {
        table->columns.push_back({i == 0 ? "key" : fmt::format("key{}", i + 1), header.keyTypes[i],
                                  schema::ColumnKind::PartitionKey, static_cast<int>(i)});
    }
    for (std::size_t i = 0; i < header.clustering.size(); ++i) {
        table->columns.push_back({fmt::format("clustering{}", i + 1), header.clustering[i].type,
                                  schema::ColumnKind::Clustering, static_cast<int>(i),
                                  header.clustering[i].descending});
    }
    for (const auto& column : header.statics) {
        table->columns.push_back({column.name, column.type, schema::ColumnKind::Static});
    }
    for (const auto& column : header.regulars) {
        table->columns.push_back({column.name, column.type, schema::ColumnKind::Regular});
    }
    table->finish();
    return schema::TablePtr(std::move(table));
}

}  // namespace engine::storage::inspect
