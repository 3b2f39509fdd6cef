#include <fmt/format.h>

#include <chrono>

#include "native_fixture.h"
#include "engine/native/envelope_writer.h"

/// What the protocol server alone costs: requests as they come from a client, each answered at once
/// by a processor that does nothing, on one core and without sockets.
namespace {

using namespace engine;
using namespace engine::native;
using namespace native_fixture;

/// Takes answers and forgets them.
class Sink : public Connection {
public:
    void start(std::function<void(BytesView)> onData,
               std::function<void(const std::string&)>) override {
        m_onData = std::move(onData);
    }
    void send(Bytes bytes) override { sent += bytes.size(); }
    std::size_t unsentBytes() const override { return 0; }
    void pauseReading(bool) override {}
    void close(bool) override {}
    Endpoint local() const override { return {"127.0.0.1", 9042}; }
    Endpoint remote() const override { return {"127.0.0.1", 50000}; }
    void receive(BytesView bytes) { m_onData(bytes); }

    std::size_t sent = 0;

private:
    std::function<void(BytesView)> m_onData;
};

class Processor : public coordinator::QueryProcessor {
public:
    Task<Result<coordinator::Answer>> query(coordinator::ClientSession&, std::string,
                                            cql::QueryOptions, coordinator::RequestInfo) override {
        co_return answer;
    }
    Task<Result<coordinator::PreparedAnswer>> prepare(coordinator::ClientSession&, std::string,
                                                      std::string) override {
        co_return coordinator::PreparedAnswer{};
    }
    Task<Result<coordinator::Answer>> execute(coordinator::ClientSession&, Bytes, Bytes,
                                              cql::QueryOptions, coordinator::RequestInfo) override {
        co_return answer;
    }
    Task<Result<coordinator::Answer>> batch(coordinator::ClientSession&, cql::BatchType,
                                            std::vector<coordinator::BatchEntry>, cql::QueryOptions,
                                            coordinator::RequestInfo) override {
        co_return answer;
    }

    coordinator::Answer answer;
};

struct SinkNetwork : Network {
    std::shared_ptr<Sink> sink = std::make_shared<Sink>();
    std::function<void(std::shared_ptr<Connection>)> accept;
    Result<std::unique_ptr<Listener>> listen(
        const Endpoint&, std::function<void(std::shared_ptr<Connection>)> onAccept) override {
        struct Silent : Listener {
            Endpoint local() const override { return {"127.0.0.1", 9042}; }
        };
        accept = std::move(onAccept);
        return std::unique_ptr<Listener>(std::make_unique<Silent>());
    }
    Task<Result<std::shared_ptr<Connection>>> connect(Endpoint, Endpoint, Duration) override {
        co_return makeError(ErrorKind::Io, "no way out");
    }
};

void startup(EnvelopeWriter& writer, int version, Compression compression) {
    ByteWriter& out = writer.begin(version, false, 0, 0, Opcode::Startup);
    out.u16(compression == Compression::None ? 1 : 2);
    out.shortBlob("CQL_VERSION");
    out.shortBlob("3.0.0");
    if (compression != Compression::None) {
        out.shortBlob("COMPRESSION");
        out.shortBlob(toString(compression));
    }
    writer.end();
}

void execute(EnvelopeWriter& writer, int version, std::int16_t stream, bool write) {
    ByteWriter& out = writer.begin(version, false, 0, stream, Opcode::Execute);
    out.shortBlob(Bytes(16, 'i'));
    if (version >= 5) {
        out.shortBlob(Bytes(16, 'm'));
    }
    out.u16(1);
    const std::uint32_t flags = query_flag::kValues | query_flag::kSkipMetadata;
    version >= 5 ? out.u32(flags) : out.u8(static_cast<std::uint8_t>(flags));
    out.u16(write ? 2 : 1);
    out.longBlob(types::encodeBigint(stream));
    if (write) {
        out.longBlob(Bytes(100, 'v'));
    }
    writer.end();
}

/// Requests a second when `perTurn` of them come in one read.
double measure(int version, Compression compression, bool write, int perTurn) {
    ManualExecutor executor;
    ManualClock clock;
    SinkNetwork network;
    PosixFileSystem files;
    SeededRandom random(1);
    Processor queries;
    Log log;
    if (!write) {
        queries.answer = rowsAnswer();
        std::get<cql::RowsResult>(queries.answer.result).rows = {{types::encodeInt(1), Bytes(100, 'v')}};
    }
    NativeServer server({executor, clock, network, files, random}, {}, queries, log);
    ENSURE(server.start().has_value());
    network.accept(network.sink);
    EnvelopeWriter writer;
    startup(writer, version, compression);
    network.sink->receive(writer.take());
    if (version >= 5) {
        writer.useFrames(compression);
    } else {
        writer.useCompression(compression);
    }
    for (int i = 0; i < perTurn; ++i) {
        execute(writer, version, static_cast<std::int16_t>(i), write);
    }
    const Bytes turn = writer.take();
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    std::size_t requests = 0;
    while (Clock::now() - begin < std::chrono::milliseconds(300)) {
        for (int i = 0; i < 100; ++i) {
            network.sink->receive(turn);
            executor.drain();
        }
        requests += static_cast<std::size_t>(100 * perTurn);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return static_cast<double>(requests) / seconds;
}

}  // namespace

int main() {
    fmt::print("{:<28}{:>16}{:>16}\n", "requests a second, one core", "1 a read", "32 a read");
    for (const int version : {4, 5}) {
        for (const Compression compression : {Compression::None, Compression::Lz4}) {
            for (const bool write : {true, false}) {
                const std::string name = fmt::format("v{} {} {}", version, write ? "write" : "read",
                                                     toString(compression));
                fmt::print("{:<28}{:>16.0f}{:>16.0f}\n", name, measure(version, compression, write, 1),
                           measure(version, compression, write, 32));
            }
        }
    }
}
