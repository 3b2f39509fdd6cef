#include "labs/progress_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "engine/local/local_cluster.h"

namespace lab {

namespace {

constexpr int kVersion = 1;
constexpr int kBusyMillis = 5000;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS step (
    lab TEXT NOT NULL, step TEXT NOT NULL, verdict TEXT NOT NULL, skipped INTEGER NOT NULL, hints INTEGER NOT NULL,
    predicted INTEGER, confidence INTEGER NOT NULL, predicted_right INTEGER, PRIMARY KEY (lab, step));
CREATE TABLE IF NOT EXISTS lab (lab TEXT PRIMARY KEY, current TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS undo (lab TEXT PRIMARY KEY, step TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS undo_statement (
    lab TEXT NOT NULL, position INTEGER NOT NULL, cql TEXT NOT NULL, PRIMARY KEY (lab, position));
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
    {
        Statement version(database->handle, "PRAGMA user_version");
        const bool there = version.next();
        if (!version.isGood()) {
            return database->error();
        }
        if (there && version.number(0).value_or(0) > kVersion) {
            return engine::invalid(fmt::format("{}: was written by a newer Ringside; expected version {} at most, found {}",
                                               path, kVersion, *version.number(0)));
        }
    }
    TRY(database->run(kTables));
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

Result<void> ProgressStore::saveUndo(const std::string& lab, const std::string& step,
                                     const std::vector<std::string>& statements) {
    TRY(m_database->run("BEGIN IMMEDIATE"));
    const auto save = [&]() -> Result<void> {
        TRY(forgetUndo(lab));
        Statement head(m_database->handle, "INSERT INTO undo VALUES (?, ?)");
        head.bind(lab).bind(step).next();
        bool good = head.isGood();
        for (std::size_t i = 0; i < statements.size() && good; ++i) {
            Statement put(m_database->handle, "INSERT INTO undo_statement VALUES (?, ?, ?)");
            put.bind(lab).bind(static_cast<std::int64_t>(i)).bind(statements[i]).next();
            good = put.isGood();
        }
        return good ? engine::ok() : Result<void>(m_database->error());
    };
    Result<void> saved = save();
    TRY(m_database->run(saved ? "COMMIT" : "ROLLBACK"));
    return saved;
}

Result<std::optional<ProgressStore::Undo>> ProgressStore::undo(const std::string& lab) {
    Statement head(m_database->handle, "SELECT step FROM undo WHERE lab = ?");
    head.bind(lab);
    std::optional<Undo> out;
    if (head.next()) {
        out = Undo{head.text(0), {}};
        Statement select(m_database->handle, "SELECT cql FROM undo_statement WHERE lab = ? ORDER BY position");
        select.bind(lab);
        while (select.next()) {
            out->statements.push_back(select.text(0));
        }
        if (!select.isGood()) {
            return m_database->error();
        }
    }
    return head.isGood() ? Result<std::optional<Undo>>(std::move(out)) : m_database->error();
}

Result<void> ProgressStore::forgetUndo(const std::string& lab) {
    for (const char* sql : {"DELETE FROM undo WHERE lab = ?", "DELETE FROM undo_statement WHERE lab = ?"}) {
        Statement remove(m_database->handle, sql);
        remove.bind(lab).next();
        if (!remove.isGood()) {
            return m_database->error();
        }
    }
    return engine::ok();
}

}  // namespace lab
