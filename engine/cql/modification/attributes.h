#pragma once

#include <optional>

#include "engine/cql/prepare_context.h"
#include "engine/cql/terms/term.h"

namespace engine::cql {

/// USING TIMESTAMP and TTL (org.apache.cassandra.cql3.Attributes). Immutable once prepared.
class Attributes {
public:
    static Result<Attributes> prepare(const syntax::Using& clause, std::string_view keyspace,
                                      std::string_view table, PrepareContext& context);

    bool hasTimestamp() const { return m_timestamp.has_value(); }
    bool hasTtl() const { return m_ttl.has_value(); }
    /// The statement's, or `otherwise`.
    Result<std::int64_t> timestamp(std::int64_t otherwise, const Binding& binding) const;
    /// The statement's or the table's; refused when it ends past what storage can hold.
    Result<std::int32_t> ttl(const schema::Table& table, std::int64_t nowSeconds,
                             const Binding& binding) const;

private:
    std::optional<Term> m_timestamp;
    std::optional<Term> m_ttl;
};

}  // namespace engine::cql
