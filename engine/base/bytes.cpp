#include "engine/base/bytes.h"

#include <bit>

namespace engine {

namespace {

constexpr std::size_t kMaxVintBytes = 9;

}  // namespace

void ByteWriter::f32(float v) { u32(std::bit_cast<std::uint32_t>(v)); }
void ByteWriter::f64(double v) { u64(std::bit_cast<std::uint64_t>(v)); }

void ByteWriter::unsignedVint(std::uint64_t v) {
    const int bits = 64 - std::countl_zero(v | 1);
    const int extra = bits > 56 ? 8 : (bits - 1) / 7;
    char out[kMaxVintBytes];
    for (int i = extra; i >= 0; --i) {
        out[i] = static_cast<char>(v);
        v = i > 0 ? v >> 8 : v;
    }
    // The first byte carries `extra` leading ones; with eight extra bytes it carries nothing else.
    const auto mask = static_cast<unsigned char>(~(0xffu >> extra));
    out[0] = extra == 8 ? static_cast<char>(0xff)
                        : static_cast<char>(static_cast<unsigned char>(out[0]) | mask);
    m_bytes.append(out, static_cast<std::size_t>(extra) + 1);
}

void ByteWriter::vint(std::int64_t v) {
    unsignedVint((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63));
}

void ByteWriter::patchU32(std::size_t offset, std::uint32_t v) {
    for (std::size_t i = 0; i < 4; ++i) {
        m_bytes[offset + i] = static_cast<char>(v >> (8 * (3 - i)));
    }
}

float ByteReader::f32() { return std::bit_cast<float>(u32()); }
double ByteReader::f64() { return std::bit_cast<double>(u64()); }

std::uint64_t ByteReader::unsignedVint() {
    const std::uint8_t first = u8();
    const int extra = std::countl_one(first);
    std::uint64_t v = extra >= 8 ? 0 : first & (0xffu >> extra);
    for (int i = 0; i < extra; ++i) {
        v = (v << 8) | u8();
    }
    return m_failed ? 0 : v;
}

std::int64_t ByteReader::vint() {
    const std::uint64_t v = unsignedVint();
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

BytesView ByteReader::raw(std::size_t length) {
    if (length > remaining()) {
        fail();
        return {};
    }
    const BytesView out = m_bytes.substr(m_offset, length);
    m_offset += length;
    return out;
}

std::optional<BytesView> ByteReader::longBlob() {
    const std::int32_t length = i32();
    if (length < 0) {
        return std::nullopt;
    }
    return raw(static_cast<std::size_t>(length));
}

std::string toHex(BytesView bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out.push_back(kDigits[b >> 4]);
        out.push_back(kDigits[b & 15]);
    }
    return out;
}

std::optional<Bytes> fromHex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    const auto digit = [](char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'a' && c <= 'f') {
            return c - 'a' + 10;
        }
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

}  // namespace engine
