#include "engine/coordinator/prepared_statements.h"

#include "engine/base/hash.h"

namespace engine::coordinator {

namespace {

schema::TablePtr tableOf(const cql::Prepared& prepared) {
    if (const auto* select = std::get_if<std::shared_ptr<const cql::SelectStatement>>(&prepared.statement)) {
        return (*select)->table();
    }
    if (const auto* write = std::get_if<std::shared_ptr<const cql::ModificationStatement>>(&prepared.statement)) {
        return (*write)->table();
    }
    return nullptr;
}

bool isCurrent(const cql::Prepared& prepared, const schema::Schema& now) {
    if (prepared.tableId.isNil()) {
        return true;
    }
    const schema::TablePtr current = now.findTable(prepared.tableId);
    const schema::TablePtr then = tableOf(prepared);
    return current != nullptr && (then == nullptr || current == then);
}

}  // namespace

Bytes PreparedStatements::idOf(const std::string& keyspace, const std::string& text) {
    return md5(keyspace + text);
}

cql::PreparedPtr PreparedStatements::find(const Bytes& id) {
    const auto it = m_entries.find(id);
    if (it == m_entries.end()) {
        return nullptr;
    }
    m_order.splice(m_order.begin(), m_order, it->second.place);
    return it->second.statement;
}

void PreparedStatements::add(const Bytes& id, const std::string& keyspace, cql::PreparedPtr statement) {
    const bool isNew = !m_entries.contains(id);
    const std::string text = statement->text;
    insert(id, std::move(statement));
    if (isNew && m_keeper.added) {
        m_keeper.added(id, keyspace, text);
    }
}

void PreparedStatements::restore(const Bytes& id, cql::PreparedPtr statement) {
    insert(id, std::move(statement));
}

void PreparedStatements::insert(const Bytes& id, cql::PreparedPtr statement) {
    if (const auto it = m_entries.find(id); it != m_entries.end()) {
        it->second.statement = std::move(statement);
        return;
    }
    if (m_entries.size() >= m_max) {
        ++m_evicted;
        remove(Bytes(m_order.back()));
    }
    m_order.push_front(id);
    m_entries.emplace(id, Entry{std::move(statement), m_order.begin()});
}

void PreparedStatements::remove(const Bytes& id) {
    const auto it = m_entries.find(id);
    m_order.erase(it->second.place);
    m_entries.erase(it);
    if (m_keeper.removed) {
        m_keeper.removed(id);
    }
}

void PreparedStatements::dropChanged(const schema::Schema& now) {
    std::vector<Bytes> stale;
    for (const auto& [id, entry] : m_entries) {
        if (!isCurrent(*entry.statement, now)) {
            stale.push_back(id);
        }
    }
    for (const Bytes& id : stale) {
        remove(id);
    }
}

}  // namespace engine::coordinator
