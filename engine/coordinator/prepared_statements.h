#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/cql/statement.h"

namespace engine::coordinator {

/// The statements that clients have prepared, by id, up to a number; then the one that was not used
/// for longest goes (org.apache.cassandra.cql3.QueryProcessor.preparedStatements). On the node's thread.
class PreparedStatements {
public:
    static constexpr std::size_t kMax = 10'000;

    /// Told what to remember over a restart (system.prepared_statements, NET-22). Either may be empty.
    struct Keeper {
        std::function<void(const Bytes& id, const std::string& keyspace, const std::string& text)> added;
        std::function<void(const Bytes& id)> removed;
    };

    explicit PreparedStatements(std::size_t max = kMax) : m_max(max) {}

    void keepWith(Keeper keeper) { m_keeper = std::move(keeper); }

    /// MD5 over the keyspace it was prepared in and its text (computeId).
    static Bytes idOf(const std::string& keyspace, const std::string& text);

    /// Null when unknown.
    cql::PreparedPtr find(const Bytes& id);
    void add(const Bytes& id, const std::string& keyspace, cql::PreparedPtr statement);
    /// One that the keeper told at the start: it is not told again.
    void restore(const Bytes& id, cql::PreparedPtr statement);
    /// Those whose table has gone or changed.
    void dropChanged(const schema::Schema& now);

    std::size_t size() const { return m_entries.size(); }
    std::uint64_t evicted() const { return m_evicted; }

private:
    using Order = std::list<Bytes>;  // The last used first.
    struct Entry {
        cql::PreparedPtr statement;
        Order::iterator place;
    };

    void insert(const Bytes& id, cql::PreparedPtr statement);
    void remove(const Bytes& id);

    std::size_t m_max;
    Keeper m_keeper;
    Order m_order;
    std::unordered_map<Bytes, Entry> m_entries;
    std::uint64_t m_evicted = 0;
};

}  // namespace engine::coordinator
