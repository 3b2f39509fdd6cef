#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/coordinator/read_round.h"
#include "engine/rows/read_command.h"
#include "engine/schema/schema.h"

/// READ_REQ, RANGE_REQ and their answers as bytes; layout in docs/formats.md.
namespace engine::coordinator {

struct ReadRequest {
    bool wantsDigest = false;
    rows::ReadCommand command;
};

Bytes encodeReadRequest(const rows::ReadCommand& command, bool wantsDigest);
Result<ReadRequest> decodeReadRequest(BytesView payload, const schema::Schema& schema);

Bytes encodeReadAnswer(const std::vector<rows::Partition>& data, bool wantsDigest);
Result<ReplicaAnswer> decodeReadAnswer(std::string node, BytesView payload);

}  // namespace engine::coordinator
