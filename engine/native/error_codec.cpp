#include "engine/native/error_codec.h"

#include <algorithm>
#include <array>

#include "engine/coordinator/errors.h"
#include "engine/native/type_codec.h"
#include "engine/types/codec.h"

namespace engine::native {

namespace {

constexpr int kFirstWithFailures = 4;   // Read, write and function failures;
constexpr int kFirstWithReasons = 5;    // their reasons, and contentions of CAS.

constexpr std::int32_t kCasWriteUnknown = 0x1700;  // Before v5 a write timeout.

constexpr std::array<std::pair<ErrorKind, std::int32_t>, 18> kCodes = {{
    {ErrorKind::Server, 0x0000},        {ErrorKind::Protocol, 0x000A},
    {ErrorKind::BadCredentials, 0x0100}, {ErrorKind::Unavailable, 0x1000},
    {ErrorKind::Overloaded, 0x1001},    {ErrorKind::IsBootstrapping, 0x1002},
    {ErrorKind::Truncate, 0x1003},      {ErrorKind::WriteTimeout, 0x1100},
    {ErrorKind::ReadTimeout, 0x1200},   {ErrorKind::ReadFailure, 0x1300},
    {ErrorKind::FunctionFailure, 0x1400}, {ErrorKind::WriteFailure, 0x1500},
    {ErrorKind::Syntax, 0x2000},        {ErrorKind::Unauthorized, 0x2100},
    {ErrorKind::Invalid, 0x2200},       {ErrorKind::Config, 0x2300},
    {ErrorKind::AlreadyExists, 0x2400}, {ErrorKind::Unprepared, 0x2500},
}};

ErrorKind kindFor(int version, ErrorKind kind) {
    if (version >= kFirstWithFailures) {
        return kind;
    }
    switch (kind) {
        case ErrorKind::ReadFailure:
            return ErrorKind::ReadTimeout;
        case ErrorKind::WriteFailure:
            return ErrorKind::WriteTimeout;
        case ErrorKind::FunctionFailure:
            return ErrorKind::Invalid;
        default:
            return kind;
    }
}

void writeLevels(ByteWriter& out, const ErrorDetail& detail) {
    out.u16(detail.consistency);
    out.i32(detail.received);
    out.i32(detail.required);
}

void writeFailures(ByteWriter& out, int version, const ErrorDetail& detail) {
    out.i32(static_cast<std::int32_t>(detail.failures.size()));
    if (version < kFirstWithReasons) {
        return;
    }
    for (const auto& [address, reason] : detail.failures) {
        const Bytes bytes = types::encodeInet(address).value_or(Bytes(4, '\0'));
        out.u8(static_cast<std::uint8_t>(bytes.size()));
        out.raw(bytes);
        out.u16(reason);
    }
}

void writeDetail(ByteWriter& out, int version, ErrorKind kind, const ErrorDetail& detail) {
    switch (kind) {
        case ErrorKind::Unavailable:
            out.u16(detail.consistency);
            out.i32(detail.required);
            out.i32(detail.received);
            break;
        case ErrorKind::WriteTimeout:
            writeLevels(out, detail);
            writeString(out, detail.writeType);
            break;
        case ErrorKind::ReadTimeout:
            writeLevels(out, detail);
            out.boolean(detail.dataPresent);
            break;
        case ErrorKind::ReadFailure:
            writeLevels(out, detail);
            writeFailures(out, version, detail);
            out.boolean(detail.dataPresent);
            break;
        case ErrorKind::WriteFailure:
            writeLevels(out, detail);
            writeFailures(out, version, detail);
            writeString(out, detail.writeType);
            break;
        case ErrorKind::FunctionFailure:
            writeString(out, detail.keyspace);
            writeString(out, detail.function);
            writeStringList(out, detail.argumentTypes);
            break;
        case ErrorKind::AlreadyExists:
            writeString(out, detail.keyspace);
            writeString(out, detail.table);
            break;
        case ErrorKind::Unprepared:
            out.shortBlob(detail.preparedId);
            break;
        default:
            break;
    }
}

void readLevels(ByteReader& in, ErrorDetail& detail) {
    detail.consistency = in.u16();
    detail.received = in.i32();
    detail.required = in.i32();
}

void readFailures(ByteReader& in, ErrorDetail& detail) {
    const std::int32_t count = in.i32();
    for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
        const BytesView address = in.raw(in.u8());
        const std::uint16_t reason = in.u16();
        detail.failures.emplace_back(types::decodeInet(address), reason);
    }
}

void readDetail(ByteReader& in, ErrorKind kind, ErrorDetail& detail) {
    switch (kind) {
        case ErrorKind::Unavailable:
            detail.consistency = in.u16();
            detail.required = in.i32();
            detail.received = in.i32();
            break;
        case ErrorKind::WriteTimeout:
            readLevels(in, detail);
            detail.writeType = in.shortBlob();
            break;
        case ErrorKind::ReadTimeout:
            readLevels(in, detail);
            detail.dataPresent = in.boolean();
            break;
        case ErrorKind::ReadFailure:
            readLevels(in, detail);
            readFailures(in, detail);
            detail.dataPresent = in.boolean();
            break;
        case ErrorKind::WriteFailure:
            readLevels(in, detail);
            readFailures(in, detail);
            detail.writeType = in.shortBlob();
            break;
        case ErrorKind::FunctionFailure:
            detail.keyspace = in.shortBlob();
            detail.function = in.shortBlob();
            detail.argumentTypes = readStringList(in);
            break;
        case ErrorKind::AlreadyExists:
            detail.keyspace = in.shortBlob();
            detail.table = in.shortBlob();
            break;
        case ErrorKind::Unprepared:
            detail.preparedId = in.shortBlob();
            break;
        default:
            break;
    }
}

}  // namespace

std::int32_t errorCode(ErrorKind kind) {
    const auto found = std::find_if(kCodes.begin(), kCodes.end(),
                                    [&](const auto& entry) { return entry.first == kind; });
    return found == kCodes.end() ? 0x0000 : found->second;
}

ErrorKind errorKind(std::int32_t code) {
    const auto found = std::find_if(kCodes.begin(), kCodes.end(),
                                    [&](const auto& entry) { return entry.second == code; });
    return found == kCodes.end() ? ErrorKind::Server : found->first;
}

void writeError(ByteWriter& out, int version, const Error& error) {
    static const ErrorDetail kNone;
    const ErrorKind kind = kindFor(version, error.kind);
    const auto* cas = version >= kFirstWithReasons && coordinator::isCasError(error)
                          ? static_cast<const coordinator::CasErrorDetail*>(error.detail.get())
                          : nullptr;
    if (cas != nullptr && cas->isUnknown) {
        out.i32(kCasWriteUnknown);
        writeString(out, error.message);
        writeLevels(out, *cas);
        return;
    }
    out.i32(errorCode(kind));
    writeString(out, error.message);
    writeDetail(out, version, kind, error.detail ? *error.detail : kNone);
    if (version >= kFirstWithReasons && kind == ErrorKind::WriteTimeout && error.detail &&
        error.detail->writeType == "CAS") {
        out.u16(cas != nullptr ? cas->contentions : 0);
    }
}

Error readError(ByteReader& in) {
    Error error;
    error.kind = errorKind(in.i32());
    error.message = in.shortBlob();
    auto detail = std::make_shared<ErrorDetail>();
    readDetail(in, error.kind, *detail);
    error.detail = std::move(detail);
    return error;
}

Bytes packSpan(const SourceSpan& span) {
    ByteWriter out;
    out.u32(span.offset);
    out.u32(span.length);
    out.u32(span.line);
    out.u32(span.column);
    return out.take();
}

SourceSpan unpackSpan(BytesView bytes) {
    ByteReader in(bytes);
    SourceSpan span;
    span.offset = in.u32();
    span.length = in.u32();
    span.line = in.u32();
    span.column = in.u32();
    return span;
}

}  // namespace engine::native
