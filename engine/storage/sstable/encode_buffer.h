#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>

#include "engine/base/bytes.h"

namespace engine::storage {

/// Where rows are put together: a buffer that is used again and again, with the numbers of
/// ByteWriter but without its bookkeeping per byte.
class EncodeBuffer {
public:
    void clear() { m_size = 0; }
    std::size_t size() const { return m_size; }
    BytesView view() const { return {m_bytes.get(), m_size}; }

    void u8(std::uint8_t v) { *room(1) = static_cast<char>(v), ++m_size; }
    void u16(std::uint16_t v) { bigEndian(v); }
    void i32(std::int32_t v) { bigEndian(static_cast<std::uint32_t>(v)); }
    void i64(std::int64_t v) { bigEndian(static_cast<std::uint64_t>(v)); }
    void raw(BytesView v) {
        if (!v.empty()) {
            std::memcpy(room(v.size()), v.data(), v.size());
            m_size += v.size();
        }
    }
    void blob(BytesView v) {
        unsignedVint(v.size());
        raw(v);
    }
    void shortBlob(BytesView v) {
        u16(static_cast<std::uint16_t>(v.size()));
        raw(v);
    }
    void unsignedVint(std::uint64_t v) {
        if (v < 0x80) {
            u8(static_cast<std::uint8_t>(v));
            return;
        }
        const int bits = 64 - std::countl_zero(v);
        const int extra = bits > 56 ? 8 : (bits - 1) / 7;
        char* out = room(9);
        for (int i = extra; i > 0; --i) {
            out[i] = static_cast<char>(v);
            v >>= 8;
        }
        const unsigned lead = ~(0xffu >> extra) & 0xffu;
        out[0] = static_cast<char>(extra == 8 ? 0xffu : (lead | static_cast<unsigned>(v)));
        m_size += static_cast<std::size_t>(extra) + 1;
    }
    void vint(std::int64_t v) {
        unsignedVint((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63));
    }

private:
    template <typename T>
    void bigEndian(T v) {
        char* out = room(sizeof(T));
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            out[i] = static_cast<char>(v >> (8 * (sizeof(T) - 1 - i)));
        }
        m_size += sizeof(T);
    }
    char* room(std::size_t length) {
        if (m_size + length > m_capacity) {
            grow(length);
        }
        return m_bytes.get() + m_size;
    }
    void grow(std::size_t length) {
        m_capacity = std::max<std::size_t>(m_capacity * 2, m_size + length + 256);
        std::unique_ptr<char[]> larger(new char[m_capacity]);
        if (m_size > 0) {
            std::memcpy(larger.get(), m_bytes.get(), m_size);
        }
        m_bytes = std::move(larger);
    }

    std::unique_ptr<char[]> m_bytes;
    std::size_t m_size = 0;
    std::size_t m_capacity = 0;
};

/// Bytes that unsignedVint() takes.
inline std::size_t unsignedVintBytes(std::uint64_t v) {
    const int bits = 64 - std::countl_zero(v | 1);
    return bits > 56 ? 9 : static_cast<std::size_t>((bits - 1) / 7) + 1;
}

/// Reads what a file holds. Reading past the end gives zeros and sets `failed()`.
class DecodeReader {
public:
    DecodeReader() = default;
    explicit DecodeReader(BytesView bytes)
        : m_begin(bytes.data()), m_at(bytes.data()), m_end(bytes.data() + bytes.size()) {}

    std::uint8_t u8() {
        if (m_at == m_end) {
            fail();
            return 0;
        }
        return static_cast<std::uint8_t>(*m_at++);
    }
    std::uint16_t u16() { return bigEndian<std::uint16_t>(); }
    std::uint32_t u32() { return bigEndian<std::uint32_t>(); }
    std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
    std::int64_t i64() { return static_cast<std::int64_t>(bigEndian<std::uint64_t>()); }
    std::uint64_t unsignedVint() {
        const std::uint8_t first = u8();
        if (first < 0x80) {
            return first;
        }
        const int extra = std::countl_one(first);
        if (remaining() < static_cast<std::size_t>(extra)) {
            fail();
            return 0;
        }
        std::uint64_t v = extra >= 8 ? 0 : first & (0xffu >> extra);
        for (int i = 0; i < extra; ++i) {
            v = (v << 8) | static_cast<unsigned char>(*m_at++);
        }
        return v;
    }
    std::int64_t vint() {
        const std::uint64_t v = unsignedVint();
        return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
    }
    BytesView raw(std::uint64_t length) {
        if (length > remaining()) {
            fail();
            return {};
        }
        const BytesView out(m_at, length);
        m_at += length;
        return out;
    }
    BytesView blob() { return raw(unsignedVint()); }
    BytesView shortBlob() { return raw(u16()); }

    bool failed() const { return m_failed; }
    bool atEnd() const { return m_at == m_end; }
    std::size_t remaining() const { return static_cast<std::size_t>(m_end - m_at); }
    std::size_t offset() const { return static_cast<std::size_t>(m_at - m_begin); }
    void fail() {
        m_failed = true;
        m_at = m_end;
    }

private:
    template <typename T>
    T bigEndian() {
        if (remaining() < sizeof(T)) {
            fail();
            return 0;
        }
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            v = (v << 8) | static_cast<unsigned char>(m_at[i]);
        }
        m_at += sizeof(T);
        return static_cast<T>(v);
    }

    const char* m_begin = nullptr;
    const char* m_at = nullptr;
    const char* m_end = nullptr;
    bool m_failed = false;
};

}  // namespace engine::storage
