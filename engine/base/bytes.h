#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// Owned and borrowed bytes. Strings are used because they hold up to 15 bytes without an
/// allocation and compare by unsigned bytes, as Cassandra's ByteBufferUtil.compareUnsigned does.
using Bytes = std::string;
using BytesView = std::string_view;

/// Appends big-endian numbers, vints and length-prefixed bytes to a growing buffer.
class ByteWriter {
public:
    ByteWriter() = default;
    explicit ByteWriter(Bytes start) : m_bytes(std::move(start)) {}

    void u8(std::uint8_t v) { m_bytes.push_back(static_cast<char>(v)); }
    void u16(std::uint16_t v) { bigEndian(v); }
    void u32(std::uint32_t v) { bigEndian(v); }
    void u64(std::uint64_t v) { bigEndian(v); }
    void i8(std::int8_t v) { u8(static_cast<std::uint8_t>(v)); }
    void i16(std::int16_t v) { u16(static_cast<std::uint16_t>(v)); }
    void i32(std::int32_t v) { u32(static_cast<std::uint32_t>(v)); }
    void i64(std::int64_t v) { u64(static_cast<std::uint64_t>(v)); }
    void f32(float v);
    void f64(double v);
    void boolean(bool v) { u8(v ? 1 : 0); }
    /// Unsigned variable-length integer as Cassandra's VIntCoding: leading ones of the first byte
    /// count the bytes that follow.
    void unsignedVint(std::uint64_t v);
    /// Zig-zag signed form of the same.
    void vint(std::int64_t v);
    void raw(BytesView v) { m_bytes.append(v); }
    /// Unsigned vint length, then the bytes.
    void blob(BytesView v) {
        unsignedVint(v.size());
        raw(v);
    }
    /// 16-bit length, then the bytes (the protocol's [string], [short bytes]).
    void shortBlob(BytesView v) {
        u16(static_cast<std::uint16_t>(v.size()));
        raw(v);
    }
    /// 32-bit length, then the bytes (the protocol's [bytes], [long string]).
    void longBlob(BytesView v) {
        i32(static_cast<std::int32_t>(v.size()));
        raw(v);
    }
    /// Overwrites four bytes at `offset`, for lengths known only afterwards.
    void patchU32(std::size_t offset, std::uint32_t v);

    std::size_t size() const { return m_bytes.size(); }
    const Bytes& bytes() const { return m_bytes; }
    Bytes& buffer() { return m_bytes; }
    Bytes take() { return std::move(m_bytes); }

private:
    template <typename T>
    void bigEndian(T v) {
        char out[sizeof(T)];
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            out[i] = static_cast<char>(v >> (8 * (sizeof(T) - 1 - i)));
        }
        m_bytes.append(out, sizeof(T));
    }

    Bytes m_bytes;
};

/// Reads what ByteWriter wrote. Reading past the end yields zeros and sets `failed()`, so that a
/// decoder checks once at its end; lengths are checked against what is left before anything is
/// allocated.
class ByteReader {
public:
    explicit ByteReader(BytesView bytes) : m_bytes(bytes) {}

    std::uint8_t u8() { return bigEndian<std::uint8_t>(); }
    std::uint16_t u16() { return bigEndian<std::uint16_t>(); }
    std::uint32_t u32() { return bigEndian<std::uint32_t>(); }
    std::uint64_t u64() { return bigEndian<std::uint64_t>(); }
    std::int8_t i8() { return static_cast<std::int8_t>(u8()); }
    std::int16_t i16() { return static_cast<std::int16_t>(u16()); }
    std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
    std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
    float f32();
    double f64();
    bool boolean() { return u8() != 0; }
    std::uint64_t unsignedVint();
    std::int64_t vint();
    BytesView raw(std::size_t length);
    BytesView blob() { return raw(unsignedVint()); }
    BytesView shortBlob() { return raw(u16()); }
    /// The protocol's [bytes]: nullopt for a negative length.
    std::optional<BytesView> longBlob();

    bool failed() const { return m_failed; }
    bool atEnd() const { return m_offset == m_bytes.size(); }
    std::size_t offset() const { return m_offset; }
    std::size_t remaining() const { return m_bytes.size() - m_offset; }
    void fail() {
        m_failed = true;
        m_offset = m_bytes.size();
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
            v = (v << 8) | static_cast<unsigned char>(m_bytes[m_offset + i]);
        }
        m_offset += sizeof(T);
        return static_cast<T>(v);
    }

    BytesView m_bytes;
    std::size_t m_offset = 0;
    bool m_failed = false;
};

std::string toHex(BytesView bytes);
/// Empty when the text is not an even number of hex digits.
std::optional<Bytes> fromHex(std::string_view text);

}  // namespace engine
