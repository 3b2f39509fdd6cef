#include "engine/client/client.h"

#include <QtTest>
#include <thread>

#include "engine/runtime/real_runtime.h"
#include "native_fixture.h"

using namespace engine;
using namespace engine::client;
using namespace native_fixture;

namespace {

/// A server on a real port, in a thread of its own.
class RealServer {
public:
    RealServer() : m_server(m_runtime.doors(), options(), queries, m_log) {
        ENSURE(m_server.start().has_value());
        at = m_server.local();
        m_thread = std::thread([this] { m_runtime.run(); });
    }
    ~RealServer() {
        m_runtime.post([this] {
            m_group.spawn([](RealServer& self) -> Task<void> {
                co_await self.m_server.stop();
                self.m_runtime.stop();
            }(*this));
        });
        m_thread.join();
    }

    FakeQueries queries;
    Endpoint at;

private:
    static native::NativeOptions options() {
        native::NativeOptions options;
        options.listen = {"127.0.0.1", 0};
        return options;
    }

    RealRuntime m_runtime;
    Log m_log;
    native::NativeServer m_server;
    TaskGroup m_group;
    std::thread m_thread;
};

}  // namespace

class ClientTest : public QObject {
    Q_OBJECT
private slots:
    void callsBlockUntilTheAnswer() {
        RealServer server;
        server.queries.onCall = [](const auto&) { return rowsAnswer(20000); };
        ConnectOptions options;
        options.contact = server.at;
        const auto client = Client::connect(options);
        QVERIFY2(client.has_value(), client.has_error() ? client.error().message.c_str() : "");
        for (int i = 0; i < 3; ++i) {
            Query query;
            query.text = "SELECT";
            const auto answer = client.value()->execute(query);
            QCOMPARE(std::get<cql::RowsResult>(answer.value().result).rows.size(),
                     std::size_t(20000));
        }
        QVERIFY(client.value()->isOpen());
    }

    void nobodyThereIsSaid() {
        Endpoint at;
        {
            const RealServer server;
            at = server.at;
        }
        ConnectOptions options;
        options.contact = at;
        const auto client = Client::connect(options);
        QVERIFY(client.has_error());
        QCOMPARE(client.error().message, "cannot connect to " + at.toString() + ": connection refused");
    }

    void aServerThatGoesIsNoticed() {
        auto server = std::make_unique<RealServer>();
        ConnectOptions options;
        options.contact = server->at;
        const auto client = Client::connect(options);
        QVERIFY(client.has_value());
        server.reset();
        Query query;
        query.text = "SELECT";
        QVERIFY(client.value()->execute(query).has_error());
        QVERIFY(!client.value()->isOpen());
    }
};

QTEST_GUILESS_MAIN(ClientTest)
#include "client_test.moc"
