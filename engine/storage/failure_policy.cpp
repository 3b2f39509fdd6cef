#include "engine/storage/failure_policy.h"

#include <array>
#include <utility>

namespace engine::storage {

namespace {

template <typename Policy, std::size_t N>
Result<Policy> parse(const std::array<std::pair<std::string_view, Policy>, N>& names,
                     std::string_view name) {
    std::string all;
    for (const auto& [known, policy] : names) {
        if (known == name) {
            return policy;
        }
        all += (all.empty() ? "" : ", ") + std::string(known);
    }
    return invalid("'" + std::string(name) + "' is none of " + all);
}

constexpr std::array<std::pair<std::string_view, CommitFailurePolicy>, 4> kCommitPolicies{{
    {"die", CommitFailurePolicy::Die},
    {"stop", CommitFailurePolicy::Stop},
    {"stop_commit", CommitFailurePolicy::StopCommit},
    {"ignore", CommitFailurePolicy::Ignore},
}};
constexpr std::array<std::pair<std::string_view, DiskFailurePolicy>, 5> kDiskPolicies{{
    {"die", DiskFailurePolicy::Die},
    {"stop_paranoid", DiskFailurePolicy::StopParanoid},
    {"stop", DiskFailurePolicy::Stop},
    {"best_effort", DiskFailurePolicy::BestEffort},
    {"ignore", DiskFailurePolicy::Ignore},
}};

}  // namespace

Result<CommitFailurePolicy> parseCommitFailurePolicy(std::string_view name) {
    return parse(kCommitPolicies, name);
}

Result<DiskFailurePolicy> parseDiskFailurePolicy(std::string_view name) {
    return parse(kDiskPolicies, name);
}

std::string_view toString(DiskFailurePolicy policy) {
    for (const auto& [name, known] : kDiskPolicies) {
        if (known == policy) {
            return name;
        }
    }
    return "?";
}

}  // namespace engine::storage
