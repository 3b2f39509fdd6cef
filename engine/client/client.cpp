#include "engine/client/client.h"

#include "engine/client/async_client.h"
#include "engine/runtime/real_runtime.h"

namespace engine::client {

namespace {

/// AsyncClient over a loop that turns only while a call waits.
class BlockingClient : public Client {
public:
    BlockingClient() : m_runtime(std::make_unique<runtime::RealRuntime>()) {}

    Result<void> open(const ConnectOptions& options) {
        auto client = runtime::runUntilDone(*m_runtime,
                                            AsyncClient::connect(m_runtime->doors(), options));
        if (client.has_error()) {
            return client.error();
        }
        m_client = std::move(client.value());
        return ok();
    }

    Result<QueryAnswer> execute(const Query& query) override {
        return runtime::runUntilDone(*m_runtime, m_client->execute(query));
    }
    Result<void> prepare(const std::string& text) override {
        const auto prepared = runtime::runUntilDone(*m_runtime, m_client->prepare(text));
        return prepared ? ok() : Result<void>(prepared.error());
    }
    const std::string& keyspace() const override { return m_client->keyspace(); }
    bool isOpen() const override { return m_client->isOpen(); }

private:
    std::unique_ptr<runtime::RealRuntime> m_runtime;  // Outlives the client.
    std::unique_ptr<AsyncClient> m_client;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::connect(const ConnectOptions& options) {
    auto client = std::make_unique<BlockingClient>();
    TRY(client->open(options));
    return std::unique_ptr<Client>(std::move(client));
}

}  // namespace engine::client
