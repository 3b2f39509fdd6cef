#include "engine/admin/admin_server.h"

#include <QtTest>

#include "engine/observe/codec.h"
#include "engine/sim/machine.h"
#include "engine/sim/world.h"

using namespace engine;
using namespace engine::admin;
using namespace std::chrono_literals;

namespace {

runtime::Task<Result<std::string>> echo(std::string params) { co_return params; }
runtime::Task<Result<std::string>> refuse(std::string) { co_return invalid("no"); }

/// An endpoint, and a caller's raw connection to it.
struct Fixture {
    Fixture() {
        server.add("echo", echo);
        server.add("refuse", refuse);
        started = server.start().has_value();
        stream = sim::runUntilDone(world, there.doors().network.connect({}, runtime::Endpoint("10.0.0.1", 7199), 1s), 5s)
                     ->value();
        stream->start([this](BytesView bytes) { received.append(bytes); },
                      [this](const std::string&) { closed = true; });
    }
    std::string say(const std::string& line) {
        received.clear();
        stream->send(line + "\n");
        world.runFor(100ms);
        return received;
    }
    std::string hello() { return say(R"({"jsonrpc":"2.0","id":1,"method":"hello","params":{"token":"t"}})"); }

    sim::SimWorld world{1};
    sim::SimMachine& here = world.addMachine("server", {"10.0.0.1"});
    sim::SimMachine& there = world.addMachine("caller", {"10.0.0.2"});
    Log log;
    observe::Observer observer{here.clock(), "10.0.0.1:7000"};
    AdminServer server{here.doors(), {.listen = runtime::Endpoint("10.0.0.1", 7199), .token = "t", .lineBytesMax = 4096},
                       observer, log};
    bool started = false;
    std::shared_ptr<runtime::Connection> stream;
    std::string received;
    bool closed = false;
};

}  // namespace

class AdminServerTest : public QObject {
    Q_OBJECT
private slots:
    void aCallIsAnswered() {
        Fixture f;
        QVERIFY(f.started);
        QCOMPARE(f.hello(), std::string(R"({"jsonrpc":"2.0","id":1,"result":{"node":"10.0.0.1:7000","version":1}})" "\n"));
        QCOMPARE(f.say(R"({"jsonrpc":"2.0","id":2,"method":"echo","params":{"a":1}})"),
                 std::string(R"({"jsonrpc":"2.0","id":2,"result":{"a":1}})" "\n"));
        QCOMPARE(f.say(R"({"jsonrpc":"2.0","id":3,"method":"refuse"})"),
                 std::string(R"({"jsonrpc":"2.0","id":3,"error":{"code":-32000,"message":"no"}})" "\n"));
    }
    void withoutTheTokenNothingIs() {
        Fixture f;
        const std::string answer = f.say(R"({"jsonrpc":"2.0","id":1,"method":"hello","params":{"token":"wrong"}})");
        QVERIFY(answer.find("-32001") != std::string::npos);
        QVERIFY(f.closed);
        Fixture g;
        QVERIFY(g.say(R"({"jsonrpc":"2.0","id":1,"method":"echo"})").find("-32001") != std::string::npos);
        QVERIFY(g.closed);
    }
    void nonsenseIsToldFromAnUnknownMethod() {
        Fixture f;
        f.hello();
        QVERIFY(f.say("nonsense").find("-32700") != std::string::npos);
        QVERIFY(f.say(R"({"id":4,"method":"nosuch"})").find("-32601") != std::string::npos);
        QVERIFY(!f.closed);
    }
    void anEndlessLineIsCutOff() {
        Fixture f;
        f.hello();
        f.stream->send(Bytes(10'000, 'x'));
        f.world.runFor(100ms);
        QVERIFY(f.closed);
    }
    void aViewerGetsWhatItAskedFor() {
        Fixture f;
        f.hello();
        QCOMPARE(f.say(R"({"jsonrpc":"2.0","id":2,"method":"subscribe","params":{"categories":["gossip"]}})"),
                 std::string(R"({"jsonrpc":"2.0","id":2,"result":true})" "\n"));
        f.received.clear();
        QVERIFY(f.observer.wants(observe::Category::Gossip));
        f.observer.tell(observe::NodeStopping{});
        f.observer.tell(observe::GossipRound{});
        f.world.runFor(100ms);
        ByteReader in(f.received);
        const auto event = observe::decode(in.longBlob().value_or(BytesView()));
        QVERIFY(event.has_value());
        QCOMPARE(in.remaining(), std::size_t(0));
        QCOMPARE(observe::nameOf(event.value()), std::string_view("GossipRound"));
        f.stream->close(true);
        f.world.runFor(1s);
        QVERIFY(!f.observer.wants(observe::Category::Gossip));
    }
};

QTEST_GUILESS_MAIN(AdminServerTest)
#include "admin_server_test.moc"
