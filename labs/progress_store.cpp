#include "labs/progress_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "engine/local/local_cluster.h"

namespace lab {

namespace {

constexpr int kVersion = 2;
constexpr int kBusyMillis = 5000;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS step (
    lab TEXT NOT NULL, step TEXT NOT NULL, verdict TEXT NOT NULL, skipped INTEGER NOT NULL, hints INTEGER NOT NULL,
    predicted INTEGER, confidence INTEGER NOT NULL, predicted_right INTEGER, PRIMARY KEY (lab, step));
CREATE TABLE IF NOT EXISTS lab (lab TEXT PRIMARY KEY, current TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS saving (
    lab TEXT NOT NULL, number INTEGER NOT NULL, step TEXT NOT NULL, left_as TEXT NOT NULL, PRIMARY KEY (lab, number));
CREATE TABLE IF NOT EXISTS saving_statement (
    lab TEXT NOT NULL, number INTEGER NOT NULL, position INTEGER NOT NULL, cql TEXT NOT NULL,
    PRIMARY KEY (lab, number, position));
)";

/// Version 1 kept what the last reset of a lab removed, and no more.
constexpr const char* kFromVersion1 = R"(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS undo (lab TEXT PRIMARY KEY, step TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS undo_statement (
    lab TEXT NOT NULL, position INTEGER NOT NULL, cql TEXT NOT NULL, PRIMARY KEY (lab, position));
INSERT OR IGNORE INTO saving SELECT lab, 1, step, '' FROM undo;
INSERT OR IGNORE INTO saving_statement SELECT lab, 1, position, cql FROM undo_statement;
DROP TABLE undo;
DROP TABLE undo_statement;
COMMIT;
)";

const char* nameOf(Verdict verdict) { return verdict == Verdict::Passed ? "passed" : "open"; }

}  // namespace

/// The file, and statements on it.
struct ProgressStore::Database {
    sqlite3* handle = nullptr;
    std::string path;

    ~Database() { sqlite3_close(handle); }

    engine::Error error() const {
        return engine::makeError(engine::ErrorKind::Io, fmt::format("{}: {}", path, sqlite3_errmsg(handle)));
    }
    Result<void> run(const char* statements) {
        return sqlite3_exec(handle, statements, nullptr, nullptr, nullptr) == SQLITE_OK ? engine::ok()
                                                                                         : Result<void>(error());
    }
};

namespace {

/// One prepared statement; values are bound in order from 1.
class Statement {
public:
    Statement(sqlite3* handle, const char* sql) { m_good = sqlite3_prepare_v2(handle, sql, -1, &m_handle, nullptr) == SQLITE_OK; }
    ~Statement() { sqlite3_finalize(m_handle); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(const std::string& text) {
        m_good = m_good && sqlite3_bind_text(m_handle, ++m_bound, text.c_str(), static_cast<int>(text.size()),
                                             SQLITE_TRANSIENT) == SQLITE_OK;
        return *this;
    }
    Statement& bind(std::optional<std::int64_t> number) {
        ++m_bound;
        const int done = number ? sqlite3_bind_int64(m_handle, m_bound, *number) : sqlite3_bind_null(m_handle, m_bound);
        m_good = m_good && done == SQLITE_OK;
        return *this;
    }
    /// True while there is a row.
    bool next() {
        const int step = m_good ? sqlite3_step(m_handle) : SQLITE_ERROR;
        m_good = step == SQLITE_ROW || step == SQLITE_DONE;
        return step == SQLITE_ROW;
    }
    bool isGood() const { return m_good; }

    std::string text(int column) const {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(m_handle, column));
        return bytes == nullptr ? std::string() : std::string(bytes);
    }
    std::optional<std::int64_t> number(int column) const {
        return sqlite3_column_type(m_handle, column) == SQLITE_NULL
                   ? std::nullopt
                   : std::optional<std::int64_t>(sqlite3_column_int64(m_handle, column));
    }

private:
    sqlite3_stmt* m_handle = nullptr;
    int m_bound = 0;
    bool m_good = false;
};

}  // namespace

ProgressStore::ProgressStore(std::unique_ptr<Database> database) : m_database(std::move(database)) {}
ProgressStore::~ProgressStore() = default;

std::string ProgressStore::defaultPath() { return engine::local::defaultHome() + "/progress.db"; }

Result<std::unique_ptr<ProgressStore>> ProgressStore::open(const std::string& path) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    auto database = std::make_unique<Database>();
    database->path = path;
    if (sqlite3_open(path.c_str(), &database->handle) != SQLITE_OK) {
        return database->error();
    }
    sqlite3_busy_timeout(database->handle, kBusyMillis);
    std::int64_t found = 0;
    {
        Statement version(database->handle, "PRAGMA user_version");
        const bool there = version.next();
        if (!version.isGood()) {
            return database->error();
        }
        found = there ? version.number(0).value_or(0) : 0;
    }
    if (found > kVersion) {
        return engine::invalid(fmt::format("{}: was written by a newer Ringside; expected version {} at most, found {}", path,
                                           kVersion, found));
    }
    TRY(database->run(kTables));
    if (found == 1) {
        TRY(database->run(kFromVersion1));
    }
    TRY(database->run(fmt::format("PRAGMA user_version = {}", kVersion).c_str()));
    return std::unique_ptr<ProgressStore>(new ProgressStore(std::move(database)));
}

Result<std::map<std::string, StepState>> ProgressStore::steps(const std::string& lab) {
    Statement select(m_database->handle,
                     "SELECT step, verdict, skipped, hints, predicted, confidence, predicted_right FROM step WHERE lab = ?");
    select.bind(lab);
    std::map<std::string, StepState> out;
    while (select.next()) {
        StepState state;
        state.verdict = select.text(1) == nameOf(Verdict::Passed) ? Verdict::Passed : Verdict::NotShownYet;
        state.skipped = select.number(2).value_or(0) != 0;
        state.hintsShown = static_cast<int>(select.number(3).value_or(0));
        if (const auto predicted = select.number(4)) {
            state.predicted = static_cast<std::size_t>(*predicted);
        }
        state.confidence = static_cast<int>(select.number(5).value_or(0));
        if (const auto right = select.number(6)) {
            state.predictedRight = *right != 0;
        }
        out[select.text(0)] = std::move(state);
    }
    return select.isGood() ? Result<std::map<std::string, StepState>>(std::move(out)) : m_database->error();
}

Result<void> ProgressStore::saveStep(const std::string& lab, const std::string& step, const StepState& state) {
    Statement put(m_database->handle, "INSERT OR REPLACE INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    put.bind(lab).bind(step).bind(std::string(nameOf(state.verdict))).bind(state.skipped ? 1 : 0).bind(state.hintsShown);
    put.bind(state.predicted ? std::optional<std::int64_t>(static_cast<std::int64_t>(*state.predicted)) : std::nullopt);
    put.bind(state.confidence);
    put.bind(state.predictedRight ? std::optional<std::int64_t>(*state.predictedRight ? 1 : 0) : std::nullopt);
    put.next();
    return put.isGood() ? engine::ok() : Result<void>(m_database->error());
}

Result<std::optional<std::string>> ProgressStore::currentStep(const std::string& lab) {
    Statement select(m_database->handle, "SELECT current FROM lab WHERE lab = ?");
    select.bind(lab);
    std::optional<std::string> out;
    if (select.next()) {
        out = select.text(0);
    }
    return select.isGood() ? Result<std::optional<std::string>>(std::move(out)) : m_database->error();
}

Result<void> ProgressStore::saveCurrentStep(const std::string& lab, const std::string& step) {
    Statement put(m_database->handle, "INSERT OR REPLACE INTO lab VALUES (?, ?)");
    put.bind(lab).bind(step).next();
    return put.isGood() ? engine::ok() : Result<void>(m_database->error());
}

Result<void> ProgressStore::forget(const std::string& lab) {
    for (const char* sql : {"DELETE FROM step WHERE lab = ?", "DELETE FROM lab WHERE lab = ?"}) {
        Statement remove(m_database->handle, sql);
        remove.bind(lab).next();
        if (!remove.isGood()) {
            return m_database->error();
        }
    }
    return engine::ok();
}

Result<std::vector<ScoredPrediction>> ProgressStore::predictions() {
    Statement select(m_database->handle, "SELECT confidence, predicted_right FROM step WHERE predicted_right IS NOT NULL");
    std::vector<ScoredPrediction> out;
    while (select.next()) {
        out.push_back({static_cast<int>(select.number(0).value_or(0)), select.number(1).value_or(0) != 0});
    }
    return select.isGood() ? Result<std::vector<ScoredPrediction>>(std::move(out)) : m_database->error();
}

std::int64_t ProgressStore::lastNumber(const std::string& lab) {
    Statement select(m_database->handle, "SELECT MAX(number) FROM saving WHERE lab = ?");
    select.bind(lab);
    return select.next() ? select.number(0).value_or(0) : 0;
}

Result<void> ProgressStore::dropSavings(const std::string& lab, std::int64_t from, std::int64_t to) {
    for (const char* sql : {"DELETE FROM saving WHERE lab = ? AND number BETWEEN ? AND ?",
                            "DELETE FROM saving_statement WHERE lab = ? AND number BETWEEN ? AND ?"}) {
        Statement remove(m_database->handle, sql);
        remove.bind(lab).bind(from).bind(to).next();
        if (!remove.isGood()) {
            return m_database->error();
        }
    }
    return engine::ok();
}

Result<void> ProgressStore::pushSaving(const std::string& lab, const Saving& saving) {
    TRY(m_database->run("BEGIN IMMEDIATE"));
    const auto save = [&]() -> Result<void> {
        const std::int64_t number = lastNumber(lab) + 1;
        Statement head(m_database->handle, "INSERT INTO saving VALUES (?, ?, ?, ?)");
        head.bind(lab).bind(number).bind(saving.step).bind(saving.left).next();
        bool good = head.isGood();
        for (std::size_t i = 0; i < saving.statements.size() && good; ++i) {
            Statement put(m_database->handle, "INSERT INTO saving_statement VALUES (?, ?, ?, ?)");
            put.bind(lab).bind(number).bind(static_cast<std::int64_t>(i)).bind(saving.statements[i]).next();
            good = put.isGood();
        }
        return good ? dropSavings(lab, 0, number - kSavingsMax) : Result<void>(m_database->error());
    };
    Result<void> saved = save();
    TRY(m_database->run(saved ? "COMMIT" : "ROLLBACK"));
    return saved;
}

Result<std::optional<ProgressStore::Saving>> ProgressStore::lastSaving(const std::string& lab) {
    Statement head(m_database->handle, "SELECT number, step, left_as FROM saving WHERE lab = ? ORDER BY number DESC LIMIT 1");
    head.bind(lab);
    std::optional<Saving> out;
    if (head.next()) {
        out = Saving{head.text(1), {}, head.text(2)};
        Statement select(m_database->handle,
                         "SELECT cql FROM saving_statement WHERE lab = ? AND number = ? ORDER BY position");
        select.bind(lab).bind(head.number(0));
        while (select.next()) {
            out->statements.push_back(select.text(0));
        }
        if (!select.isGood()) {
            return m_database->error();
        }
    }
    return head.isGood() ? Result<std::optional<Saving>>(std::move(out)) : m_database->error();
}

Result<void> ProgressStore::setLeft(const std::string& lab, const std::string& left) {
    Statement put(m_database->handle, "UPDATE saving SET left_as = ? WHERE lab = ? AND number = ?");
    put.bind(left).bind(lab).bind(lastNumber(lab)).next();
    return put.isGood() ? engine::ok() : Result<void>(m_database->error());
}

Result<void> ProgressStore::popSaving(const std::string& lab) {
    const std::int64_t number = lastNumber(lab);
    return dropSavings(lab, number, number);
}

}  // namespace lab
