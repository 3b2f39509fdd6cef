#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace engine::native {

/// The protocol's code of a failure; kinds that clients never see as such are server errors.
std::int32_t errorCode(ErrorKind kind);
/// Codes without a kind of their own give Server.
ErrorKind errorKind(std::int32_t code);

/// Body of an ERROR message (native_protocol_v5.spec 9) with the further fields of its code. What
/// `version` does not know yet is turned into what it does, as ErrorMessage.getBackwardsCompatibleException
/// of Cassandra.
void writeError(ByteWriter& out, int version, const Error& error);
/// The same read by a v5 client.
Error readError(ByteReader& in);

/// Where in the statement the error lies, as the custom payload kSpanPayload carries it.
Bytes packSpan(const SourceSpan& span);
SourceSpan unpackSpan(BytesView bytes);

}  // namespace engine::native
