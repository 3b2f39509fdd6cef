#include "app/learn/first_minute.h"

#include <QThread>

#include <algorithm>

#include "engine/ring/consistency.h"
#include "engine/types/codec.h"

namespace app::learn {

using engine::Result;
using engine::client::QueryAnswer;
using engine::observe::RequestView;
using engine::ring::Consistency;

namespace {

constexpr int kTriesMillis = 250;
constexpr int kTriesMax = 80;  // Of a quarter of a second: a node judged down is heard again within seconds.
constexpr char kKeyspace[] =
    "CREATE KEYSPACE IF NOT EXISTS library WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}";
constexpr char kTable[] = "CREATE TABLE IF NOT EXISTS library.books (isbn text PRIMARY KEY, title text, copies int)";
constexpr char kHasTable[] =
    "SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'library' AND table_name = 'books'";
constexpr char kOwnCopy[] = "SELECT copies FROM library.books WHERE isbn = '978-0-00-000731-4'";

const char* const kStatements[FirstMinute::kSteps] = {
    "",
    "INSERT INTO library.books (isbn, title, copies)\nVALUES ('978-0-00-000731-4', 'Tidal Almanac', 3);",
    "",
    "UPDATE library.books SET copies = 4\nWHERE isbn = '978-0-00-000731-4';",
    "SELECT title, copies FROM library.books\nWHERE isbn = '978-0-00-000731-4';",
};

std::uint16_t codeOf(Consistency level) { return static_cast<std::uint16_t>(level); }

std::optional<int> firstInt(const QueryAnswer& answer) {
    const auto* rows = std::get_if<engine::cql::RowsResult>(&answer.result);
    if (rows == nullptr || rows->rows.empty() || rows->rows[0].empty() || !rows->rows[0][0] || rows->rows[0][0]->size() != 4) {
        return std::nullopt;
    }
    return engine::types::decodeInt(*rows->rows[0][0]);
}

std::size_t rowsIn(const QueryAnswer& answer) {
    const auto* rows = std::get_if<engine::cql::RowsResult>(&answer.result);
    return rows != nullptr ? rows->rows.size() : 0;
}

QString millisText(std::int64_t nanos) { return QString("%1 ms").arg(static_cast<double>(nanos) / 1e6, 0, 'f', 2); }

}  // namespace

/// What the worker needs, by value; lives on its thread.
class FirstMinute::Errand {
public:
    struct Statement {
        int node = 1;
        std::string text;
        std::uint16_t level = 1;
        bool quiet = true;  // Not told to the explorer.
    };

    Result<QueryAnswer> run(const Statement& statement) const;
    Result<void> write(int copies, const std::string& told) const;
    Result<void> readAtAll() const;

    std::map<int, engine::runtime::Endpoint> endpoints;
    ClientFactory connect;
    std::function<bool()> ended;  // Nobody waits for it any more.
};

Result<QueryAnswer> FirstMinute::Errand::run(const Statement& statement) const {
    const auto at = endpoints.find(statement.node);
    if (at == endpoints.end()) {
        return engine::invalid("n" + std::to_string(statement.node) + " is not there");
    }
    engine::client::ConnectOptions options;
    options.contact = at->second;
    options.tellNothing = statement.quiet;
    TRY_ASSIGN(const auto client, connect(options));
    engine::client::Query query;
    query.text = statement.text;
    query.consistency = statement.level;
    return client->execute(query);
}

Result<void> FirstMinute::Errand::write(int copies, const std::string& told) const {
    if (copies == 3) {
        TRY(run({1, kKeyspace, codeOf(Consistency::One)}));
        TRY(run({1, kTable, codeOf(Consistency::One)}));
        // A replica that has not heard of the table yet would refuse the write.
        for (const auto& [node, endpoint] : endpoints) {
            for (int tries = 0;; ++tries) {
                TRY_ASSIGN(const auto answer, run({node, kHasTable, codeOf(Consistency::One)}));
                if (rowsIn(answer) > 0) {
                    break;
                }
                if (tries == kTriesMax || ended()) {
                    return engine::makeError(engine::ErrorKind::Timeout, "n" + std::to_string(node) + " did not hear of the table");
                }
                QThread::msleep(kTriesMillis);
            }
        }
    }
    TRY(run({1, told, codeOf(Consistency::Quorum), false}));
    return engine::ok();
}

Result<void> FirstMinute::Errand::readAtAll() const {
    // While n3 is still judged down ALL is refused; gossip needs a moment to hear it again.
    for (int tries = 0; tries < kTriesMax && !ended(); ++tries) {
        const auto read = run({1, kStatements[Heal], codeOf(Consistency::All), false});
        if (read) {
            return engine::ok();
        }
        if (read.error().kind != engine::ErrorKind::Unavailable && read.error().kind != engine::ErrorKind::ReadTimeout) {
            return read.error();
        }
        QThread::msleep(kTriesMillis);
    }
    return engine::makeError(engine::ErrorKind::Timeout, "n1 does not hear all three nodes");
}

FirstMinute::FirstMinute(sources::ClusterModel& model, ClientFactory connect, QObject* parent)
    : QObject(parent), m_model(model), m_connect(std::move(connect)) {
    m_pool.setMaxThreadCount(1);
    QObject::connect(&model, &sources::ClusterModel::sourceChanged, this, &FirstMinute::restart);
    QObject::connect(&model, &sources::ClusterModel::nodesChanged, this, &FirstMinute::changed);
    QObject::connect(&model, &sources::ClusterModel::changed, this, [this] {
        for (const int step : {Write, WriteAgain, Heal}) {
            findRequest(step);
        }
    });
    restart();
}

FirstMinute::~FirstMinute() {
    ++m_run;
    m_pool.clear();
    m_pool.waitForDone();
}

void FirstMinute::restart() {
    ++m_run;
    m_next = Start;
    m_busy = false;
    m_trouble.clear();
    m_requests = {};
    m_copies.clear();
    m_linksDone = nullptr;
    if (m_model.source() != nullptr) {
        QObject::connect(m_model.source(), &sources::ClusterSource::linksChanged, this,
                         [this](const QString&, const QString& error) {
                             if (m_linksDone) {
                                 std::exchange(m_linksDone, nullptr)(error);
                             }
                         });
    }
    emit changed();
}

// ---- What it says ----

QString FirstMinute::statement(int step) { return kStatements[step]; }

std::shared_ptr<const RequestView> FirstMinute::requestOf(int step) const {
    const auto& id = m_requests[static_cast<std::size_t>(step)];
    return id ? m_model.live().request(*id) : nullptr;
}

std::shared_ptr<const RequestView> FirstMinute::shownRequest() const {
    for (const int step : {Heal, WriteAgain, Write}) {
        if (auto request = requestOf(step)) {
            return request;
        }
    }
    return nullptr;
}

QString FirstMinute::took(int step) const {
    const auto request = requestOf(step);
    const auto nanos = request ? request->durationNanos() : std::nullopt;
    return nanos ? millisText(*nanos) : QString();
}

bool FirstMinute::wasMended() const {
    const auto request = requestOf(Heal);
    return request && !request->repairs.empty();
}

std::optional<int> FirstMinute::copiesOn(int node) const {
    const auto at = m_copies.find(node);
    return at == m_copies.end() ? std::nullopt : at->second;
}

QString FirstMinute::says(int step) const {
    if (step >= m_next) {
        return {};
    }
    const auto request = requestOf(step);
    switch (step) {
    case Start: return QString("%1 s, all answer CQL").arg(static_cast<double>(m_startMillis) / 1000, 0, 'f', 1);
    case Write:
    case WriteAgain: {
        if (!request) {
            return "acknowledged";
        }
        const auto good = std::count_if(request->acks.begin(), request->acks.end(), [](const auto& ack) { return !ack.failed; });
        return QString("%1 of %2 replicas answered").arg(good).arg(request->info.replicas.size());
    }
    case Cut: return m_next == WriteAgain ? "no message reaches it, it does not know" : "no message reached it";
    case Heal: return wasMended() ? QString("the read sent n%1 what it lacked").arg(kCutNode) : QString("all three agree");
    default: return {};
    }
}

// ---- What it does ----

void FirstMinute::setStarting() {
    restart();
    m_busy = true;
    emit changed();
}

void FirstMinute::setStarted(qint64 milliseconds) {
    m_busy = false;
    m_startMillis = milliseconds;
    m_next = m_model.nodes().size() >= kCutNode ? Write : Start;
    m_since = m_model.live().nanos;
    emit changed();
}

void FirstMinute::setFailed(const QString& why) {
    restart();
    fail(why);
}

void FirstMinute::fail(const QString& why) {
    m_busy = false;
    m_trouble = why;
    emit changed();
}

void FirstMinute::finish(int step) {
    m_busy = false;
    m_next = step + 1;
    emit changed();
}

void FirstMinute::go() {
    if (m_busy || m_next == kSteps) {
        return;
    }
    m_trouble.clear();
    if (m_next == Start) {
        emit startWanted();
        return;
    }
    m_busy = true;
    emit changed();
    switch (m_next) {
    case Write:
    case WriteAgain: writeStep(m_next); break;
    case Cut: changeLinks(true); break;
    default: changeLinks(false); break;
    }
}

void FirstMinute::work(Deed deed, std::function<void()> then) {
    Errand errand;
    errand.connect = m_connect;
    errand.ended = [this, run = m_run.load()] { return run != m_run; };
    for (const sources::NodeInfo& node : m_model.nodes()) {
        errand.endpoints[node.number] = {node.address.toStdString(), node.nativePort};
    }
    m_pool.start([this, run = m_run.load(), errand = std::move(errand), deed = std::move(deed), then = std::move(then)] {
        const Result<void> done = deed(errand);
        const QString error = done ? QString() : QString::fromStdString(done.error().message);
        QMetaObject::invokeMethod(this, [this, run, error, then] {
            if (run != m_run) {
                return;
            }
            error.isEmpty() ? then() : fail(error);
        });
    });
}

void FirstMinute::writeStep(int step) {
    work([step](const Errand& errand) { return errand.write(step == Write ? 3 : 4, kStatements[step]); },
         [this, step] { readCopies([this, step] {
             findRequest(step);
             finish(step);
         }); });
}

void FirstMinute::changeLinks(bool cut) {
    if (m_model.source() == nullptr) {
        fail("no cluster runs");
        return;
    }
    m_linksDone = [this, cut](const QString& error) {
        if (!error.isEmpty()) {
            fail(error);
        } else if (cut) {
            readCopies([this] { finish(Cut); });
        } else {
            work([](const Errand& errand) { return errand.readAtAll(); }, [this] { readCopies([this] {
                findRequest(Heal);
                finish(Heal);
            }); });
        }
    };
    sources::LinkChange change;
    change.kind = cut ? sources::LinkChange::Kind::CutOff : sources::LinkChange::Kind::HealAll;
    change.from = kCutNode;
    m_model.source()->changeLinks(change);
}

void FirstMinute::readCopies(std::function<void()> then) {
    const auto read = std::make_shared<std::map<int, std::optional<int>>>();
    work(
        [read](const Errand& errand) -> Result<void> {
            for (const auto& [node, endpoint] : errand.endpoints) {
                TRY_ASSIGN(const auto answer, errand.run({node, kOwnCopy, codeOf(Consistency::NodeLocal)}));
                (*read)[node] = firstInt(answer);
            }
            return engine::ok();
        },
        [this, read, then = std::move(then)] {
            m_copies = *read;
            then();
        });
}

void FirstMinute::findRequest(int step) {
    auto& found = m_requests[static_cast<std::size_t>(step)];
    if (step > m_next || (step == m_next && !m_busy)) {
        return;
    }
    if (found && step != m_next) {
        emit changed();  // Late answers still come.
        return;
    }
    const auto& state = m_model.live();
    std::string text = kStatements[step];
    for (auto id = state.requestOrder.rbegin(); id != state.requestOrder.rend(); ++id) {
        const auto request = state.request(*id);
        if (!request || !request->started || request->startedNanos < m_since) {
            continue;
        }
        if (request->info.statement == text && request->error.empty()) {
            found = *id;
            emit changed();
            return;
        }
    }
}

}  // namespace app::learn
