#include "engine/types/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "engine/types/detail/big_endian.h"
#include "engine/types/detail/inet.h"

namespace engine::types {
namespace {

constexpr std::int64_t kEpochDay = std::int64_t(1) << 31;

using detail::fromBigEndian;
using detail::toBigEndian;

void appendElement(ByteWriter& writer, BytesView bytes) {
    writer.longBlob(bytes);
}

Error notEnough(const char* what) {
    return invalid(fmt::format("Not enough bytes to read a {}", what));
}

}  // namespace

Bytes encodeInt(std::int32_t v) {
    return toBigEndian(static_cast<std::uint32_t>(v));
}
Bytes encodeBigint(std::int64_t v) {
    return toBigEndian(static_cast<std::uint64_t>(v));
}
Bytes encodeSmallint(std::int16_t v) {
    return toBigEndian(static_cast<std::uint16_t>(v));
}
Bytes encodeTinyint(std::int8_t v) {
    return Bytes(1, static_cast<char>(v));
}
Bytes encodeBoolean(bool v) {
    return Bytes(1, v ? '\1' : '\0');
}
Bytes encodeFloat(float v) {
    return toBigEndian(std::bit_cast<std::uint32_t>(v));
}
Bytes encodeDouble(double v) {
    return toBigEndian(std::bit_cast<std::uint64_t>(v));
}
Bytes encodeUuid(const Uuid& v) {
    return v.toBytes();
}

Bytes encodeDate(std::int32_t daysSinceEpoch) {
    return toBigEndian(static_cast<std::uint32_t>(daysSinceEpoch + kEpochDay));
}

std::optional<Bytes> encodeInet(std::string_view address) {
    return detail::parseAddress(address);
}

Bytes encodeVarint(std::int64_t v) {
    Bytes bytes = encodeBigint(v);
    std::size_t skip = 0;
    while (skip + 1 < bytes.size()) {
        const bool negativeNext = static_cast<signed char>(bytes[skip + 1]) < 0;
        if (bytes[skip] != (negativeNext ? '\xff' : '\0')) {
            break;
        }
        ++skip;
    }
    return bytes.substr(skip);
}

std::int32_t decodeInt(BytesView bytes) {
    return static_cast<std::int32_t>(fromBigEndian<std::uint32_t>(bytes));
}
std::int64_t decodeBigint(BytesView bytes) {
    return static_cast<std::int64_t>(fromBigEndian<std::uint64_t>(bytes));
}
std::int16_t decodeSmallint(BytesView bytes) {
    return static_cast<std::int16_t>(fromBigEndian<std::uint16_t>(bytes));
}
std::int8_t decodeTinyint(BytesView bytes) {
    return bytes.size() == 1 ? static_cast<std::int8_t>(bytes[0]) : std::int8_t(0);
}
bool decodeBoolean(BytesView bytes) {
    return !bytes.empty() && bytes[0] != 0;
}
float decodeFloat(BytesView bytes) {
    return std::bit_cast<float>(fromBigEndian<std::uint32_t>(bytes));
}
double decodeDouble(BytesView bytes) {
    return std::bit_cast<double>(fromBigEndian<std::uint64_t>(bytes));
}
Uuid decodeUuid(BytesView bytes) {
    return Uuid::fromBytes(bytes).value_or(Uuid());
}

std::int32_t decodeDate(BytesView bytes) {
    return static_cast<std::int32_t>(
        static_cast<std::int64_t>(fromBigEndian<std::uint32_t>(bytes)) - kEpochDay);
}

std::string decodeInet(BytesView bytes) {
    return detail::addressText(bytes);
}

Bytes encodeDuration(const DurationValue& v) {
    ByteWriter writer;
    writer.vint(v.months);
    writer.vint(v.days);
    writer.vint(v.nanoseconds);
    return writer.take();
}

DurationValue decodeDuration(BytesView bytes) {
    ByteReader reader(bytes);
    DurationValue v;
    v.months = static_cast<std::int32_t>(reader.vint());
    v.days = static_cast<std::int32_t>(reader.vint());
    v.nanoseconds = reader.vint();
    return v;
}

Bytes packList(std::span<const Bytes> elements) {
    ByteWriter writer;
    writer.i32(static_cast<std::int32_t>(elements.size()));
    for (const Bytes& element : elements) {
        appendElement(writer, element);
    }
    return writer.take();
}

Bytes packMap(std::span<const std::pair<Bytes, Bytes>> entries) {
    ByteWriter writer;
    writer.i32(static_cast<std::int32_t>(entries.size()));
    for (const auto& [key, value] : entries) {
        appendElement(writer, key);
        appendElement(writer, value);
    }
    return writer.take();
}

Result<std::vector<BytesView>> unpackList(BytesView bytes) {
    ByteReader reader(bytes);
    const std::int32_t count = reader.i32();
    std::vector<BytesView> elements;
    elements.reserve(static_cast<std::size_t>(std::clamp(count, 0, 256)));
    for (std::int32_t i = 0; i < count && !reader.failed(); ++i) {
        elements.push_back(reader.longBlob().value_or(BytesView()));
    }
    if (reader.failed() || count < 0) {
        return notEnough("list");
    }
    return elements;
}

Result<std::vector<std::pair<BytesView, BytesView>>> unpackMap(BytesView bytes) {
    ByteReader reader(bytes);
    const std::int32_t count = reader.i32();
    std::vector<std::pair<BytesView, BytesView>> entries;
    entries.reserve(static_cast<std::size_t>(std::clamp(count, 0, 256)));
    for (std::int32_t i = 0; i < count && !reader.failed(); ++i) {
        const BytesView key = reader.longBlob().value_or(BytesView());
        entries.emplace_back(key, reader.longBlob().value_or(BytesView()));
    }
    if (reader.failed() || count < 0) {
        return notEnough("map");
    }
    return entries;
}

void sortSet(const DataType& element, std::vector<Bytes>& elements) {
    std::stable_sort(elements.begin(), elements.end(), [&element](const Bytes& a, const Bytes& b) {
        return compare(element, a, b) < 0;
    });
    // The last of equal ones: drop each that has an equal follower.
    std::size_t kept = 0;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (i + 1 < elements.size() && compare(element, elements[i], elements[i + 1]) == 0) {
            continue;
        }
        if (kept != i) {
            elements[kept] = std::move(elements[i]);
        }
        ++kept;
    }
    elements.resize(kept);
}

void sortMap(const DataType& key, std::vector<std::pair<Bytes, Bytes>>& entries) {
    std::stable_sort(entries.begin(), entries.end(), [&key](const auto& a, const auto& b) {
        return compare(key, a.first, b.first) < 0;
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i + 1 < entries.size() && compare(key, entries[i].first, entries[i + 1].first) == 0) {
            continue;
        }
        if (kept != i) {
            entries[kept] = std::move(entries[i]);
        }
        ++kept;
    }
    entries.resize(kept);
}

Bytes packTuple(std::span<const Value> components) {
    ByteWriter writer;
    for (const Value& component : components) {
        if (component) {
            appendElement(writer, *component);
        } else {
            writer.i32(-1);
        }
    }
    return writer.take();
}

Result<std::vector<std::optional<BytesView>>> unpackTuple(const DataType& type, BytesView bytes) {
    ByteReader reader(bytes);
    std::vector<std::optional<BytesView>> components(type.elements().size());
    for (std::size_t i = 0; i < components.size() && !reader.atEnd(); ++i) {
        components[i] = reader.longBlob();
        if (reader.failed()) {
            return invalid(fmt::format("Not enough bytes to read {}th component", i));
        }
    }
    return components;
}

Bytes packVector(const DataType& type, std::span<const Bytes> elements) {
    const bool fixed = type.element()->fixedLength() > 0;
    ByteWriter writer;
    for (const Bytes& element : elements) {
        if (fixed) {
            writer.raw(element);
        } else {
            writer.blob(element);
        }
    }
    return writer.take();
}

Result<std::vector<BytesView>> unpackVector(const DataType& type, BytesView bytes) {
    const std::int32_t length = type.element()->fixedLength();
    ByteReader reader(bytes);
    std::vector<BytesView> elements;
    elements.reserve(static_cast<std::size_t>(std::min(type.dimension(), 4096)));
    for (std::int32_t i = 0; i < type.dimension() && !reader.failed(); ++i) {
        elements.push_back(length > 0 ? reader.raw(static_cast<std::size_t>(length))
                                      : reader.blob());
    }
    if (reader.failed()) {
        return notEnough("vector");
    }
    if (!reader.atEnd()) {
        return invalid("Unexpected extraneous bytes after vector value");
    }
    return elements;
}

std::vector<float> decodeFloatVector(BytesView bytes) {
    std::vector<float> values(bytes.size() / 4);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = decodeFloat(bytes.substr(i * 4, 4));
    }
    return values;
}

}  // namespace engine::types
