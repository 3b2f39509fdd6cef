#include "engine/schema/schema.h"

#include <algorithm>

#include "engine/types/data_type.h"

namespace engine::schema {

bool UserType::operator==(const UserType& other) const {
    return keyspace == other.keyspace && name == other.name && fieldNames == other.fieldNames &&
           std::equal(fieldTypes.begin(), fieldTypes.end(), other.fieldTypes.begin(),
                      other.fieldTypes.end(), types::same);
}

namespace {

bool sameTypes(const std::vector<types::TypePtr>& a, const std::vector<types::TypePtr>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), types::same);
}

}  // namespace

bool UserFunction::operator==(const UserFunction& other) const {
    return keyspace == other.keyspace && name == other.name && argumentNames == other.argumentNames &&
           sameTypes(argumentTypes, other.argumentTypes) && types::same(returnType, other.returnType) &&
           calledOnNullInput == other.calledOnNullInput && language == other.language && body == other.body;
}

bool UserAggregate::operator==(const UserAggregate& other) const {
    return keyspace == other.keyspace && name == other.name &&
           sameTypes(argumentTypes, other.argumentTypes) && stateFunction == other.stateFunction &&
           types::same(stateType, other.stateType) && finalFunction == other.finalFunction &&
           types::same(returnType, other.returnType) && initialCondition == other.initialCondition;
}

types::TypePtr UserType::type() const {
    return types::udt(keyspace, name, fieldNames, fieldTypes, false);
}

bool Keyspace::operator==(const Keyspace& other) const {
    const auto sameTable = [](const auto& a, const auto& b) {
        return a.first == b.first && (a.second == b.second || *a.second == *b.second);
    };
    return name == other.name && durableWrites == other.durableWrites &&
           replication == other.replication && types == other.types &&
           functions == other.functions && aggregates == other.aggregates &&
           isVirtual == other.isVirtual &&
           std::equal(tables.begin(), tables.end(), other.tables.begin(), other.tables.end(),
                      sameTable);
}

const KeyspacePtr* Schema::findKeyspace(std::string_view name) const {
    const auto it = m_keyspaces.find(name);
    return it == m_keyspaces.end() ? nullptr : &it->second;
}

TablePtr Schema::findTable(std::string_view keyspace, std::string_view table) const {
    const auto* found = findKeyspace(keyspace);
    if (found == nullptr) {
        return nullptr;
    }
    const auto it = (*found)->tables.find(std::string(table));
    return it == (*found)->tables.end() ? nullptr : it->second;
}

TablePtr Schema::findTable(const Uuid& id) const {
    const auto it = m_tablesById.find(id);
    return it == m_tablesById.end() ? nullptr : it->second;
}

Schema Schema::with(KeyspacePtr keyspace) const {
    Schema next = without(keyspace->name);
    for (const auto& [name, table] : keyspace->tables) {
        next.m_tablesById[table->id] = table;
    }
    next.m_keyspaces[keyspace->name] = std::move(keyspace);
    return next;
}

Schema Schema::without(std::string_view keyspace) const {
    Schema next = *this;
    const auto it = next.m_keyspaces.find(keyspace);
    if (it != next.m_keyspaces.end()) {
        for (const auto& [name, table] : it->second->tables) {
            next.m_tablesById.erase(table->id);
        }
        next.m_keyspaces.erase(it);
    }
    return next;
}

Schema Schema::withVersion(Uuid version) const {
    Schema next = *this;
    next.m_version = version;
    return next;
}

void SchemaRegistry::publish(SchemaPtr schema) {
    const SchemaPtr before = std::exchange(m_current, std::move(schema));
    for (const Listener& listener : m_listeners) {
        listener(before, m_current);
    }
}

}  // namespace engine::schema
