#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/schema/table.h"

namespace engine::schema {

/// How a keyspace's rows are copied: the class's short name (SimpleStrategy,
/// NetworkTopologyStrategy, LocalStrategy) and its options (replication_factor, or one a datacenter).
struct Replication {
    std::string strategy = "SimpleStrategy";
    std::map<std::string, std::string> options;
    bool operator==(const Replication&) const = default;
};

struct UserType {
    std::string keyspace;
    std::string name;
    std::vector<std::string> fieldNames;
    std::vector<types::TypePtr> fieldTypes;
    bool operator==(const UserType& other) const;
    /// The type itself, multi-cell.
    types::TypePtr type() const;
};

/// A scalar function of one's own, as declared (org.apache.cassandra.cql3.functions.UDFunction).
struct UserFunction {
    std::string keyspace;
    std::string name;
    std::vector<std::string> argumentNames;
    std::vector<types::TypePtr> argumentTypes;
    types::TypePtr returnType;
    bool calledOnNullInput = false;
    std::string language;
    std::string body;
    bool operator==(const UserFunction& other) const;
};

/// An aggregate of one's own, over scalar functions of its keyspace (UDAggregate).
struct UserAggregate {
    std::string keyspace;
    std::string name;
    std::vector<types::TypePtr> argumentTypes;
    std::string stateFunction;
    types::TypePtr stateType;
    std::string finalFunction;  // Empty: there is none.
    types::TypePtr returnType;
    std::optional<std::string> initialCondition;  // The state as serialised; absent: null.
    bool operator==(const UserAggregate& other) const;
};

struct Keyspace {
    std::string name;
    bool durableWrites = true;
    Replication replication;
    std::map<std::string, TablePtr> tables;
    std::map<std::string, UserType> types;
    std::vector<UserFunction> functions;    // By name, then signature.
    std::vector<UserAggregate> aggregates;
    bool isVirtual = false;
    /// system, system_schema and the virtual ones: not replicated, not user-modifiable.
    bool isLocal() const { return isVirtual || replication.strategy == "LocalStrategy"; }
    /// By value, tables included.
    bool operator==(const Keyspace& other) const;
};
using KeyspacePtr = std::shared_ptr<const Keyspace>;

/// All keyspaces at one moment. Immutable: a change makes a new one, sharing what stays.
class Schema {
public:
    const KeyspacePtr* findKeyspace(std::string_view name) const;
    /// Null when the keyspace or the table does not exist.
    TablePtr findTable(std::string_view keyspace, std::string_view table) const;
    TablePtr findTable(const Uuid& id) const;
    const std::map<std::string, KeyspacePtr, std::less<>>& keyspaces() const { return m_keyspaces; }
    /// The same on all nodes that have the same replicated keyspaces (system.local.schema_version).
    const Uuid& version() const { return m_version; }

    Schema with(KeyspacePtr keyspace) const;
    Schema without(std::string_view keyspace) const;
    Schema withVersion(Uuid version) const;

private:
    std::map<std::string, KeyspacePtr, std::less<>> m_keyspaces;
    std::unordered_map<Uuid, TablePtr> m_tablesById;
    Uuid m_version;
};
using SchemaPtr = std::shared_ptr<const Schema>;

/// What a schema change was, as the protocol's SCHEMA_CHANGE event says it (NET-25).
struct SchemaChange {
    std::string change;  // CREATED, UPDATED, DROPPED; empty: nothing changed.
    std::string target;  // KEYSPACE, TABLE, TYPE, FUNCTION, AGGREGATE.
    std::string keyspace;
    std::string name;  // Empty for keyspaces.
    std::vector<std::string> argumentTypes;
};

/// The node's current schema and who wants to know when it changes. Lives on the node's thread.
class SchemaRegistry {
public:
    using Listener = std::function<void(const SchemaPtr& before, const SchemaPtr& after)>;

    SchemaRegistry() : m_current(std::make_shared<Schema>()) {}
    const SchemaPtr& current() const { return m_current; }
    void publish(SchemaPtr schema);
    /// Listeners are called in order of adding; they live as long as the registry.
    void onChange(Listener listener) { m_listeners.push_back(std::move(listener)); }

private:
    SchemaPtr m_current;
    std::vector<Listener> m_listeners;
};

}  // namespace engine::schema
