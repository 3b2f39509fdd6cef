#include "engine/coordinator/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace engine::coordinator {

namespace {

ErrorDetail detailOf(ring::Consistency level, std::uint32_t received, std::uint32_t required) {
    ErrorDetail out;
    out.consistency = static_cast<std::uint16_t>(level);
    out.received = static_cast<std::int32_t>(received);
    out.required = static_cast<std::int32_t>(required);
    return out;
}

Error with(ErrorKind kind, std::string message, ErrorDetail detail) {
    return Error{kind, std::move(message), std::make_shared<const ErrorDetail>(std::move(detail))};
}

std::string timedOut(std::uint32_t received) {
    return fmt::format("Operation timed out - received only {} responses.", received);
}

/// RequestFailureException.buildFailureString: reasons with the nodes that gave them.
std::string failed(std::uint32_t received, const std::vector<ReplicaFailure>& failures) {
    std::map<std::string_view, std::string> byReason;
    for (const ReplicaFailure& failure : failures) {
        std::string& nodes = byReason[messaging::toString(failure.reason)];
        nodes += (nodes.empty() ? "/" : ", /") + failure.node;
    }
    std::string reasons;
    for (const auto& [reason, nodes] : byReason) {
        reasons += fmt::format("{}{} from [{}]", reasons.empty() ? "" : ", ", reason, nodes);
    }
    return fmt::format("Operation failed - received {} responses and {} failures: {}", received,
                       failures.size(), reasons);
}

void addFailures(ErrorDetail& detail, const std::vector<ReplicaFailure>& failures) {
    for (const ReplicaFailure& failure : failures) {
        detail.failures.emplace_back(failure.node.substr(0, failure.node.rfind(':')),
                                     static_cast<std::uint16_t>(failure.reason));
    }
}

}  // namespace

Error unavailable(ring::Consistency level, std::uint32_t required, std::uint32_t alive,
                  std::string_view datacenter) {
    std::string text = fmt::format("Cannot achieve consistency level {}", ring::toString(level));
    if (!datacenter.empty()) {
        text += fmt::format(" in DC {}", datacenter);
    }
    return with(ErrorKind::Unavailable, std::move(text), detailOf(level, alive, required));
}

Error noReplicas(ring::Consistency level) {
    return with(ErrorKind::Unavailable, "Insufficient full replicas", detailOf(level, 0, 0));
}

Error writeTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                   std::string_view writeType) {
    ErrorDetail detail = detailOf(level, received, required);
    detail.writeType = writeType;
    return with(ErrorKind::WriteTimeout, timedOut(received), std::move(detail));
}

namespace {

Error casError(std::string message, ring::Consistency level, std::uint32_t received, std::uint32_t required,
               std::string_view writeType, std::uint32_t contentions, bool isUnknown) {
    CasErrorDetail detail;
    static_cast<ErrorDetail&>(detail) = detailOf(level, received, required);
    detail.writeType = writeType;
    detail.contentions = static_cast<std::uint16_t>(std::min<std::uint32_t>(contentions, 0xffff));
    detail.isUnknown = isUnknown;
    return Error{ErrorKind::WriteTimeout, std::move(message),
                 std::make_shared<const CasErrorDetail>(std::move(detail))};
}

}  // namespace

Error casTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                 std::string_view writeType, std::uint32_t contentions) {
    return casError(fmt::format("CAS operation timed out: received {} of {} required responses after {} contention "
                                "retries",
                                received, required, contentions),
                    level, received, required, writeType, contentions, false);
}

Error casUnknown(ring::Consistency level, std::uint32_t accepted, std::uint32_t required) {
    return casError(fmt::format("CAS operation result is unknown - proposal accepted by {} but not a quorum.",
                                accepted),
                    level, accepted, required, "CAS", 0, true);
}

Error readTimeout(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                  bool dataPresent) {
    ErrorDetail detail = detailOf(level, received, required);
    detail.dataPresent = dataPresent;
    return with(ErrorKind::ReadTimeout, timedOut(received), std::move(detail));
}

Error writeFailure(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                   std::string_view writeType, const std::vector<ReplicaFailure>& failures) {
    ErrorDetail detail = detailOf(level, received, required);
    detail.writeType = writeType;
    addFailures(detail, failures);
    return with(ErrorKind::WriteFailure, failed(received, failures), std::move(detail));
}

Error readFailure(ring::Consistency level, std::uint32_t received, std::uint32_t required,
                  bool dataPresent, const std::vector<ReplicaFailure>& failures) {
    ErrorDetail detail = detailOf(level, received, required);
    detail.dataPresent = dataPresent;
    addFailures(detail, failures);
    return with(ErrorKind::ReadFailure, failed(received, failures), std::move(detail));
}

}  // namespace engine::coordinator
