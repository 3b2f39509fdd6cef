#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "labs/lab.h"

namespace lab {

/// A prediction that was locked, once its step has been decided.
struct ScoredPrediction {
    int confidence = 0;  // Per cent.
    bool right = false;
};

/// How far a person is in each lab: a SQLite file, `progress.db` in Ringside's home. Several programs may have
/// it open; each object belongs to one thread.
class ProgressStore {
public:
    /// Creates the file when there is none. A file of a newer Ringside is an error, and left as it is.
    static Result<std::unique_ptr<ProgressStore>> open(const std::string& path);
    static std::string defaultPath();
    ~ProgressStore();
    ProgressStore(const ProgressStore&) = delete;
    ProgressStore& operator=(const ProgressStore&) = delete;

    /// By step id. `checks` are not kept.
    Result<std::map<std::string, StepState>> steps(const std::string& lab);
    Result<void> saveStep(const std::string& lab, const std::string& step, const StepState& state);
    /// Empty when the lab was never opened.
    Result<std::optional<std::string>> currentStep(const std::string& lab);
    Result<void> saveCurrentStep(const std::string& lab, const std::string& step);
    Result<void> forget(const std::string& lab);
    /// Of all labs.
    Result<std::vector<ScoredPrediction>> predictions();

    /// What resets of a lab removed, as CQL: the newest is undone first. At most kSavingsMax are kept.
    static constexpr int kSavingsMax = 8;
    struct Saving {
        std::string step;
        std::vector<std::string> statements;
        std::string left;  // Fingerprint of what the reset left; empty when it is not known.
    };
    Result<void> pushSaving(const std::string& lab, const Saving& saving);
    Result<std::optional<Saving>> lastSaving(const std::string& lab);
    /// Of the newest.
    Result<void> setLeft(const std::string& lab, const std::string& left);
    Result<void> popSaving(const std::string& lab);

private:
    std::int64_t lastNumber(const std::string& lab);  // 0: there is none.
    Result<void> dropSavings(const std::string& lab, std::int64_t from, std::int64_t to);

    struct Database;
    explicit ProgressStore(std::unique_ptr<Database> database);
    std::unique_ptr<Database> m_database;
};

}  // namespace lab
