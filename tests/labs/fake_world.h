#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/admin/admin_client.h"
#include "engine/observe/cluster_state.h"
#include "labs/checks.h"
#include "labs/world.h"

/// Three nodes that are what a test says: answers by statement and node, events folded by hand.
class FakeWorld : public lab::World {
public:
    FakeWorld() {
        for (int i = 1; i <= 3; ++i) {
            m_nodes.push_back({i, nameOf(i), lab::ProcessState::Running});
        }
    }

    static std::string nameOf(int number) { return "127.0.0." + std::to_string(number) + ":7000"; }

    std::vector<lab::WorldNode> nodes() override { return m_nodes; }
    lab::Result<lab::Answer> query(const lab::CqlRequest& request) override {
        asked.push_back(request);
        for (const int number : {request.coordinator, 0}) {
            if (const auto it = answers.find({request.text, number}); it != answers.end()) {
                return it->second;
            }
        }
        return engine::invalid("unconfigured table");
    }
    lab::Result<lab::KeyPlace> place(const lab::KeyName& name) override {
        if (replicas.empty()) {
            return engine::invalid("table does not exist");
        }
        lab::KeyPlace out;
        out.key = name.key.front();
        for (const int number : replicas) {
            out.replicas.push_back(nameOf(number));
        }
        return out;
    }
    lab::Result<void> act(const std::string& action) override {
        acted.push_back(action);
        if (onAct) {
            onAct();
        }
        return engine::ok();
    }
    std::int64_t nanos() override { return now; }

    void set(int number, lab::ProcessState process) {
        m_nodes[static_cast<std::size_t>(number - 1)].process = process;
    }
    /// `teller` holds `subject` for alive, or not.
    void judge(int teller, int subject, bool alive) {
        tell(teller, engine::observe::NodeJudged{nameOf(subject), alive, alive ? "heartbeat" : "phi 8.1 over threshold 8"});
    }
    void tell(int teller, engine::observe::EventBody body) {
        engine::observe::Event event;
        event.node = nameOf(teller);
        event.nanos = ++now;
        event.body = std::move(body);
        engine::observe::fold(state, event);
        batch.events.push_back(std::move(event));
    }

    /// A request that has been answered; how it went is told by the fields.
    struct Request {
        std::string kind = "WRITE";
        std::string keyspace = "lending";
        std::string table = "loans";
        std::string key = "'m-1131'";
        std::string consistency = "QUORUM";
        int coordinator = 1;
        std::vector<int> counted{1, 2};
        std::string error;
        int repaired = 0;
        std::string client = "Ringside";
        std::string verb;  // Of a message that the coordinator sends for it.
    };
    engine::Uuid tellRequest(const Request& request) {
        engine::observe::RequestStarted started;
        started.request = engine::Uuid{7, static_cast<std::uint64_t>(++now)};
        started.kind = request.kind;
        started.keyspace = request.keyspace;
        started.table = request.table;
        started.key = request.key;
        started.consistency = request.consistency;
        started.clientName = request.client;
        tell(request.coordinator, started);
        if (!request.verb.empty()) {
            tell(request.coordinator, engine::observe::MessageSent{started.request, 1, request.verb, nameOf(1), 0});
        }
        std::uint32_t order = 0;
        for (const int replica : request.counted) {
            tell(request.coordinator, engine::observe::AckCounted{started.request, nameOf(replica), ++order, true, false, false});
        }
        if (request.repaired != 0) {
            tell(request.coordinator, engine::observe::ReadRepair{started.request, nameOf(request.repaired), 1});
        }
        tell(request.coordinator, engine::observe::RequestAnswered{started.request, request.error, 0});
        return started.request;
    }

    lab::Evidence evidence() { return {*this, state, since, {}, std::nullopt, std::nullopt}; }

    std::map<std::pair<std::string, int>, lab::Answer> answers;  // By statement and coordinator; 0: any.
    std::vector<int> replicas{2, 3, 1};
    engine::observe::ClusterState state;
    engine::admin::EventFollower::Batch batch;  // All events told.
    std::int64_t since = 0;
    std::int64_t now = 1000;
    std::vector<lab::CqlRequest> asked;
    std::vector<std::string> acted;
    std::function<void()> onAct;

private:
    std::vector<lab::WorldNode> m_nodes;
};
