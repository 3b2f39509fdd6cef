#include "engine/access/auth_tables.h"

#include "engine/ring/consistency.h"

namespace engine::access {

using runtime::Task;

namespace {

constexpr std::size_t kLengthBytes = 4;

std::uint32_t lengthAt(const Bytes& bytes, std::size_t at) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        out = (out << 8) | static_cast<unsigned char>(bytes[at + i]);
    }
    return out;
}

void addLength(Bytes& out, std::size_t length) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>((length >> shift) & 0xff));
    }
}

cql::QueryOptions optionsWith(ring::Consistency level, std::vector<Bytes> values) {
    cql::QueryOptions out;
    out.consistency = static_cast<std::uint16_t>(level);
    for (Bytes& value : values) {
        out.values.push_back({cql::BoundValue::State::Set, std::move(value)});
    }
    return out;
}

}  // namespace

AuthRow::AuthRow(const cql::ResultMetadata& metadata, const cql::ResultRow& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i]) {
            m_values.emplace(metadata.columns[i].name, *row[i]);
        }
    }
}

std::optional<std::string> AuthRow::text(const std::string& column) const {
    const auto it = m_values.find(column);
    return it == m_values.end() ? std::nullopt : std::optional(it->second);
}

bool AuthRow::flag(const std::string& column) const {
    const auto it = m_values.find(column);
    return it != m_values.end() && it->second == flagBytes(true);
}

std::set<std::string> AuthRow::texts(const std::string& column) const {
    std::set<std::string> out;
    const auto it = m_values.find(column);
    if (it == m_values.end()) {
        return out;
    }
    const Bytes& bytes = it->second;
    std::size_t at = kLengthBytes;
    for (std::uint32_t left = lengthAt(bytes, 0); left > 0; --left) {
        const std::size_t length = lengthAt(bytes, at);
        out.insert(bytes.substr(at + kLengthBytes, length));
        at += kLengthBytes + length;
    }
    return out;
}

Bytes flagBytes(bool value) { return Bytes(1, value ? '\x01' : '\0'); }

Bytes textsBytes(const std::set<std::string>& values) {
    Bytes out;
    addLength(out, values.size());
    for (const std::string& value : values) {
        addLength(out, value.size());
        out += value;
    }
    return out;
}

AuthTables::AuthTables(coordinator::QueryProcessor& queries) : m_queries(queries) {
    m_session.state.keyspace = "system_auth";
    m_session.tellNothing = true;
}

Task<Result<std::vector<AuthRow>>> AuthTables::read(std::string cql, std::vector<Bytes> values, bool ofDefaultSuperuser) {
    cql::QueryOptions options =
        optionsWith(ofDefaultSuperuser ? ring::Consistency::Quorum : ring::Consistency::LocalQuorum, std::move(values));
    coordinator::RequestInfo info;
    Result<coordinator::Answer> answer = co_await m_queries.query(m_session, std::move(cql), std::move(options), info);
    if (!answer) {
        co_return answer.error();
    }
    std::vector<AuthRow> out;
    if (const auto* rows = std::get_if<cql::RowsResult>(&answer.value().result)) {
        for (const cql::ResultRow& row : rows->rows) {
            out.emplace_back(*rows->metadata, row);
        }
    }
    co_return out;
}

Task<Result<void>> AuthTables::write(std::string cql, std::vector<Bytes> values) {
    cql::QueryOptions options = optionsWith(ring::Consistency::EachQuorum, std::move(values));
    coordinator::RequestInfo info;
    Result<coordinator::Answer> answer = co_await m_queries.query(m_session, std::move(cql), std::move(options), info);
    if (!answer) {
        co_return answer.error();
    }
    co_return ok();
}

}  // namespace engine::access
