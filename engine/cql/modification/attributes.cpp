#include "engine/cql/modification/attributes.h"

#include <fmt/format.h>

#include <limits>

#include "engine/cql/terms/term_preparer.h"
#include "engine/types/codec.h"

namespace engine::cql {
namespace {

constexpr std::int32_t kTtlMax = 20 * 365 * 24 * 60 * 60;
/// 2038-01-19T03:14:06Z, as long as files stay readable for Cassandra 4.
constexpr std::int64_t kExpirationMax = 2147483646;

/// ExpirationDateOverflowHandling with its default policy, REJECT.
Result<void> checkExpiration(const schema::Table& table, std::int32_t ttl, bool isDefault,
                             std::int64_t nowSeconds) {
    if (ttl == 0 || nowSeconds + ttl <= kExpirationMax) {
        return ok();
    }
    return invalid(fmt::format(
        "Request on table {}.{} with {}ttl of {} seconds exceeds maximum supported expiration date of "
        "2038-01-19T03:14:06+00:00. In order to avoid this use a lower TTL, change the expiration date "
        "overflow policy or upgrade to a version where this limitation is fixed. See CASSANDRA-14092 and "
        "CASSANDRA-14227 for more details.",
        table.keyspace, table.name, isDefault ? "default " : "", ttl));
}

}  // namespace

Result<Attributes> Attributes::prepare(const syntax::Using& clause, std::string_view keyspace,
                                       std::string_view table, PrepareContext& context) {
    Attributes out;
    if (clause.timestamp) {
        const ColumnSpec spec{std::string(keyspace), std::string(table), "[timestamp]", types::bigint()};
        TRY_ASSIGN(out.m_timestamp, prepareTerm(*clause.timestamp, spec, context));
    }
    if (clause.ttl) {
        const ColumnSpec spec{std::string(keyspace), std::string(table), "[ttl]", types::int32()};
        TRY_ASSIGN(out.m_ttl, prepareTerm(*clause.ttl, spec, context));
    }
    return out;
}

Result<std::int64_t> Attributes::timestamp(std::int64_t otherwise, const Binding& binding) const {
    if (!m_timestamp) {
        return otherwise;
    }
    BoundValue scratch;
    TRY_ASSIGN(const BoundValue* value, m_timestamp->view(binding, scratch));
    if (value->state == BoundValue::State::Null) {
        return invalid("Invalid null value of timestamp");
    }
    if (value->state == BoundValue::State::Unset) {
        return otherwise;
    }
    if (value->bytes.size() != 8) {
        return invalid("Invalid timestamp value: null");
    }
    const std::int64_t timestamp = types::decodeBigint(value->bytes);
    if (timestamp == std::numeric_limits<std::int64_t>::min()) {
        return invalid(fmt::format("Out of bound timestamp, must be in [{}, {}]",
                                   std::numeric_limits<std::int64_t>::min() + 1,
                                   std::numeric_limits<std::int64_t>::max()));
    }
    return timestamp;
}

Result<std::int32_t> Attributes::ttl(const schema::Table& table, std::int64_t nowSeconds,
                                     const Binding& binding) const {
    const std::int32_t standard = table.options.defaultTimeToLive;
    BoundValue unset = unsetValue();
    const BoundValue* value = &unset;
    BoundValue scratch;
    if (m_ttl) {
        TRY_ASSIGN(value, m_ttl->view(binding, scratch));
    }
    if (value->state == BoundValue::State::Unset) {
        if (standard != 0) {
            TRY(checkExpiration(table, standard, true, nowSeconds));
        }
        return standard;
    }
    if (value->state == BoundValue::State::Null || value->bytes.empty()) {
        return 0;
    }
    const std::int32_t ttl = types::decodeInt(value->bytes);
    if (ttl < 0) {
        return invalid(fmt::format("A TTL must be greater or equal to 0, but was {}", ttl));
    }
    if (ttl > kTtlMax) {
        return invalid(fmt::format("ttl is too large. requested ({}) maximum ({})", ttl, kTtlMax));
    }
    TRY(checkExpiration(table, ttl, false, nowSeconds));
    return ttl;
}

}  // namespace engine::cql
