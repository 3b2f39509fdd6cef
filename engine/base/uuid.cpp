#include "engine/base/uuid.h"

#include "engine/base/hash.h"

namespace engine {

namespace {

/// 100 ns steps between 1582-10-15 and 1970-01-01.
constexpr std::int64_t kGregorianOffset = 0x01b21dd213814000LL;

}  // namespace

Bytes Uuid::toBytes() const {
    ByteWriter out;
    out.u64(high);
    out.u64(low);
    return out.take();
}

std::string Uuid::toString() const {
    const std::string hex = toHex(toBytes());
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
           hex.substr(16, 4) + '-' + hex.substr(20);
}

std::int64_t Uuid::timestamp() const {
    const std::uint64_t timeLow = high >> 32;
    const std::uint64_t timeMid = (high >> 16) & 0xffff;
    const std::uint64_t timeHigh = high & 0x0fff;
    return static_cast<std::int64_t>((timeHigh << 48) | (timeMid << 32) | timeLow);
}

std::int64_t Uuid::unixMillis() const { return (timestamp() - kGregorianOffset) / 10000; }

std::optional<Uuid> Uuid::fromBytes(BytesView bytes) {
    if (bytes.size() != 16) {
        return std::nullopt;
    }
    ByteReader in(bytes);
    Uuid id;
    id.high = in.u64();
    id.low = in.u64();
    return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
        return std::nullopt;
    }
    std::string hex;
    for (const char c : text) {
        if (c != '-') {
            hex.push_back(c);
        }
    }
    const auto bytes = fromHex(hex);
    return bytes ? fromBytes(*bytes) : std::nullopt;
}

Uuid Uuid::random(std::uint64_t high, std::uint64_t low) {
    return {(high & ~0xf000ULL) | 0x4000, (low & 0x3fffffffffffffffULL) | 0x8000000000000000ULL};
}

Uuid Uuid::nameBased(BytesView name) {
    Uuid id = *fromBytes(md5(name));
    id.high = (id.high & ~0xf000ULL) | 0x3000;
    id.low = (id.low & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
    return id;
}

Uuid Uuid::timeBased(std::int64_t unixTicks, std::uint64_t clockSequenceAndNode) {
    const std::uint64_t ticks =
        static_cast<std::uint64_t>(unixTicks) + static_cast<std::uint64_t>(kGregorianOffset);
    Uuid id;
    id.high = (ticks << 32) | ((ticks >> 16) & 0xffff0000ULL) | 0x1000 | ((ticks >> 48) & 0x0fff);
    id.low = (clockSequenceAndNode & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
    return id;
}

}  // namespace engine
