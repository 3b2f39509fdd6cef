#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/statement_restrictions.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

/// StatementRestrictions at execution: markers have values, and become keys, slices and filters.
namespace engine::cql {
namespace {

using RestrictionKind = Restriction::Kind;
using Tuples = std::vector<std::vector<Bytes>>;

constexpr std::size_t kKeyBytesMax = 65535;

void appendComponent(Bytes& key, BytesView component) {
    key.push_back(static_cast<char>(component.size() >> 8));
    key.push_back(static_cast<char>(component.size()));
    key.append(component);
    key.push_back('\0');
}

/// Every combination of what the restrictions allow, in their order.
Result<void> multiply(Tuples& prefixes, const Restriction& restriction, const Binding& binding) {
    TRY_ASSIGN(const Tuples values, restriction.values(binding));
    Tuples next;
    next.reserve(prefixes.size() * values.size());
    for (const auto& prefix : prefixes) {
        for (const auto& value : values) {
            next.push_back(prefix);
            next.back().insert(next.back().end(), value.begin(), value.end());
        }
    }
    prefixes = std::move(next);
    return ok();
}

rows::Operator sliceOperator(bool lower, bool inclusive) {
    if (lower) {
        return inclusive ? rows::Operator::Gte : rows::Operator::Gt;
    }
    return inclusive ? rows::Operator::Lte : rows::Operator::Lt;
}

Result<Bytes> filterValue(const Term& term, const schema::Column& column, const Binding& binding,
                          std::string_view what = "value") {
    TRY_ASSIGN(BoundValue value, term.bind(binding));
    if (value.state != BoundValue::State::Set) {
        return invalid(fmt::format("Unsupported {} {} for column {}",
                                   value.state == BoundValue::State::Null ? "null" : "unset", what,
                                   column.name));
    }
    return std::move(value.bytes);
}

using Filters = std::vector<rows::FilterExpression>;

Result<void> addEqFilters(const Restriction& restriction, const Binding& binding, Filters& out) {
    if (restriction.eq.tuple) {
        TRY_ASSIGN(auto values,
                   restriction.eq.bind(restriction.columns, binding, "Unsupported null value for column "));
        for (std::size_t i = 0; i < values.size(); ++i) {
            out.push_back({restriction.columns[i]->name, rows::Operator::Eq, std::move(values[i]), {}, {}});
        }
        return ok();
    }
    for (std::size_t i = 0; i < restriction.columns.size(); ++i) {
        const schema::Column& column = *restriction.columns[i];
        TRY_ASSIGN(Bytes value, filterValue(restriction.eq.elements[i], column, binding));
        out.push_back({column.name, rows::Operator::Eq, std::move(value), {}, {}});
    }
    return ok();
}

Result<void> addInFilter(const Restriction& restriction, const Binding& binding, Filters& out) {
    if (restriction.columns.size() > 1) {
        return invalid("Multicolumn IN filters are not supported");
    }
    rows::FilterExpression filter{restriction.first().name, rows::Operator::In, {}, {}, {}};
    if (restriction.inMarker && !restriction.multi) {
        TRY_ASSIGN(const Bytes list, filterValue(*restriction.inMarker, restriction.first(), binding));
        ByteReader items(list);
        for (std::int32_t left = items.i32(); left > 0 && !items.failed(); --left) {
            const auto item = items.longBlob();
            if (item && !(item->empty() && restriction.first().type->emptyIsMeaningless())) {
                filter.values.emplace_back(*item);
            }
        }
    }
    if (restriction.multi) {
        TRY_ASSIGN(Tuples values, restriction.values(binding));
        for (auto& value : values) {
            filter.values.push_back(std::move(value[0]));
        }
    }
    // Nothing equals null.
    for (const RowValue& value : restriction.multi ? std::vector<RowValue>() : restriction.in) {
        TRY_ASSIGN(BoundValue bound, value.elements[0].bind(binding));
        if (bound.state == BoundValue::State::Set) {
            filter.values.push_back(std::move(bound.bytes));
        }
    }
    out.push_back(std::move(filter));
    return ok();
}

Result<void> addSliceFilters(const Restriction& restriction, const Binding& binding, Filters& out) {
    if (restriction.columns.size() > 1) {
        return invalid("Multi-column slice restrictions cannot be used for filtering.");
    }
    const auto add = [&](const std::optional<RowValue>& bound, bool lower,
                         bool inclusive) -> Result<void> {
        if (!bound) {
            return ok();
        }
        const schema::Column& column = restriction.first();
        if (bound->tuple) {
            TRY_ASSIGN(auto values, bound->bind(restriction.columns, binding,
                                                "Unsupported null value for column "));
            out.push_back({column.name, sliceOperator(lower, inclusive), std::move(values[0]), {}, {}});
            return ok();
        }
        TRY_ASSIGN(Bytes value, filterValue(bound->elements[0], column, binding));
        out.push_back({column.name, sliceOperator(lower, inclusive), std::move(value), {}, {}});
        return ok();
    };
    TRY(add(restriction.lower, true, restriction.lowerInclusive));
    return add(restriction.upper, false, restriction.upperInclusive);
}

Result<void> addContainsFilters(const Restriction& restriction, const Binding& binding,
                                Filters& out) {
    for (const ContainsCondition& condition : restriction.contains) {
        rows::FilterExpression filter{restriction.first().name, rows::Operator::Contains, {}, {}, {}};
        if (condition.kind == ContainsCondition::Kind::Key) {
            filter.op = rows::Operator::ContainsKey;
        } else if (condition.kind == ContainsCondition::Kind::Entry) {
            filter.op = rows::Operator::MapEntryEq;
            TRY_ASSIGN(filter.mapKey,
                       filterValue(condition.key, restriction.first(), binding, "map key"));
        }
        TRY_ASSIGN(filter.value,
                   filterValue(condition.value, restriction.first(), binding,
                               condition.kind == ContainsCondition::Kind::Entry ? "map value" : "value"));
        out.push_back(std::move(filter));
    }
    return ok();
}

/// SingleColumnRestriction.LikeRestriction.makeSpecific: where the pattern has its `%`.
Result<void> addLikeFilter(const Restriction& restriction, const Binding& binding, Filters& out) {
    TRY_ASSIGN(BoundValue value, restriction.eq.elements[0].bind(binding));
    if (value.state != BoundValue::State::Set) {
        return makeError(ErrorKind::Server, "java.lang.NullPointerException");
    }
    BytesView pattern = value.bytes;
    const bool open = pattern.starts_with('%');
    const bool openEnd = pattern.ends_with('%');
    pattern.remove_prefix(open ? 1 : 0);
    pattern.remove_suffix(openEnd && !pattern.empty() ? 1 : 0);
    if (pattern.empty()) {
        return invalid("LIKE value can't be empty.");
    }
    const rows::Operator op = open ? (openEnd ? rows::Operator::LikeContains : rows::Operator::LikeSuffix)
                                   : (openEnd ? rows::Operator::LikePrefix : rows::Operator::LikeMatches);
    out.push_back({restriction.first().name, op, Bytes(pattern), {}, {}});
    return ok();
}

Result<void> addFilter(const Restriction& restriction, const Binding& binding, Filters& out) {
    switch (restriction.kind) {
        case RestrictionKind::Eq: return addEqFilters(restriction, binding, out);
        case RestrictionKind::In: return addInFilter(restriction, binding, out);
        case RestrictionKind::Slice: return addSliceFilters(restriction, binding, out);
        case RestrictionKind::Contains: return addContainsFilters(restriction, binding, out);
        case RestrictionKind::Like: return addLikeFilter(restriction, binding, out);
        case RestrictionKind::Nearest: break;
    }
    return ok();
}

Result<void> addFilters(const std::vector<Restriction>& restrictions, const Binding& binding,
                        Filters& out) {
    for (const Restriction& restriction : restrictions) {
        TRY(addFilter(restriction, binding, out));
    }
    return ok();
}

Error badKeyValue(const BoundValue& value, const schema::Column& column) {
    return invalid((value.state == BoundValue::State::Null
                        ? "Invalid null value in condition for column "
                        : "Invalid unset value for column ") +
                   column.name);
}

Result<std::int64_t> tokenValue(const Term& term, const Binding& binding) {
    TRY_ASSIGN(const BoundValue value, term.bind(binding));
    if (value.state == BoundValue::State::Null) {
        return invalid("Invalid null token value");
    }
    if (value.state == BoundValue::State::Unset) {
        return makeError(ErrorKind::Server, "Unexpected unset token value");
    }
    if (value.bytes.empty()) {
        return invalid("Invalid empty token value");
    }
    return types::decodeBigint(value.bytes);
}

}  // namespace

Result<void> validateKey(std::size_t bytes) {
    if (bytes > kKeyBytesMax) {
        return invalid(
            fmt::format("Key length of {} is longer than maximum of {}", bytes, kKeyBytesMax));
    }
    return ok();
}

namespace {

/// `bytes` is what the components hold without what packs them.
Result<void> validateWholeKey(BytesView key, std::size_t bytes) {
    if (key.empty()) {
        return invalid("Key may not be empty");
    }
    TRY(validateKey(bytes));
    return validateKey(key.size());
}

}  // namespace

Result<std::vector<Bytes>> StatementRestrictions::partitionKeys(const Binding& binding) const {
    std::vector<Bytes> keys;
    const bool single = m_partition.size() == 1;
    if (m_plainKey) {
        Bytes key;
        std::size_t bytes = 0;
        BoundValue scratch;
        for (const Restriction& restriction : m_partition) {
            TRY_ASSIGN(const BoundValue* value, restriction.eq.elements[0].view(binding, scratch));
            if (value->state != BoundValue::State::Set) {
                return badKeyValue(*value, restriction.first());
            }
            bytes += value->bytes.size();
            if (single) {
                key = value->bytes;
            } else {
                appendComponent(key, value->bytes);
            }
        }
        TRY(validateWholeKey(key, bytes));
        keys.push_back(std::move(key));
        return keys;
    }
    Tuples tuples{{}};
    for (const Restriction& restriction : m_partition) {
        TRY(multiply(tuples, restriction, binding));
        if (keyIsIn()) {
            TRY(binding.context.guardrails.inSelectCartesianProduct(tuples.size(), "partition key"));
        }
    }
    const auto compareTuples = [this](const auto& a, const auto& b) {
        for (std::size_t i = 0; i < a.size(); ++i) {
            const int order = types::compare(*m_table->partitionKey()[i].type, a[i], b[i]);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    };
    std::sort(tuples.begin(), tuples.end(),
              [&](const auto& a, const auto& b) { return compareTuples(a, b) < 0; });
    tuples.erase(std::unique(tuples.begin(), tuples.end(),
                             [&](const auto& a, const auto& b) { return compareTuples(a, b) == 0; }),
                 tuples.end());
    for (const auto& tuple : tuples) {
        Bytes key;
        std::size_t bytes = 0;
        for (const Bytes& component : tuple) {
            bytes += component.size();
        }
        if (single) {
            key = tuple[0];
        } else {
            for (const Bytes& component : tuple) {
                appendComponent(key, component);
            }
        }
        TRY(validateWholeKey(key, bytes));
        keys.push_back(std::move(key));
    }
    return keys;
}

Result<std::optional<rows::PartitionRange>> StatementRestrictions::partitionRange(
    const Binding& binding) const {
    constexpr std::int64_t kMinimum = std::numeric_limits<std::int64_t>::min();
    rows::PartitionRange range;
    if (!m_token) {
        return std::optional(range);
    }
    const std::optional<Term>& lower = m_token->eq ? m_token->eq : m_token->lower;
    const std::optional<Term>& upper = m_token->eq ? m_token->eq : m_token->upper;
    const bool lowerInclusive = m_token->eq || m_token->lowerInclusive;
    const bool upperInclusive = m_token->eq || m_token->upperInclusive;
    std::int64_t start = kMinimum;
    std::int64_t end = kMinimum;
    if (lower) {
        TRY_ASSIGN(start, tokenValue(*lower, binding));
    }
    if (upper) {
        TRY_ASSIGN(end, tokenValue(*upper, binding));
    }
    // The least token stands for "no bound", as it does for Cassandra.
    if (start != kMinimum && end != kMinimum &&
        (start > end || (start == end && !(lowerInclusive && upperInclusive)))) {
        return std::optional<rows::PartitionRange>();
    }
    if (start != kMinimum) {
        range.start = rows::PartitionBound{start, std::nullopt, lowerInclusive};
    }
    if (end != kMinimum) {
        range.end = rows::PartitionBound{end, std::nullopt, upperInclusive};
    }
    return std::optional(range);
}

Result<rows::Clustering> StatementRestrictions::plainClustering(const Binding& binding) const {
    rows::Clustering name;
    name.reserve(m_clustering.size());
    BoundValue scratch;
    for (const Restriction& restriction : m_clustering) {
        TRY_ASSIGN(const BoundValue* value, restriction.eq.elements[0].view(binding, scratch));
        if (value->state != BoundValue::State::Set) {
            return badKeyValue(*value, restriction.first());
        }
        name.push_back(value->bytes);
    }
    return name;
}

Result<ClusteringChoice> StatementRestrictions::clustering(const Binding& binding) const {
    ClusteringChoice choice;
    if (m_clustering.empty()) {
        choice.slices.push_back({});
        return choice;
    }
    if (m_plainClustering) {
        TRY_ASSIGN(auto name, plainClustering(binding));
        choice.names.push_back(std::move(name));
        return choice;
    }
    Tuples prefixes{{}};
    const Restriction* slice = nullptr;
    int position = 0;
    for (const Restriction& restriction : m_clustering) {
        if (restriction.kind == RestrictionKind::Contains || restriction.kind == RestrictionKind::Like ||
            restriction.first().position != position) {
            break;  // What follows is filtered.
        }
        if (restriction.kind == RestrictionKind::Slice) {
            slice = &restriction;
            break;
        }
        TRY(multiply(prefixes, restriction, binding));
        if (clusteringIsIn()) {
            TRY(binding.context.guardrails.inSelectCartesianProduct(prefixes.size(), "clustering key"));
        }
        position = restriction.last().position + 1;
    }
    sortClusterings(*m_table, prefixes);
    if (slice != nullptr) {
        for (const auto& prefix : prefixes) {
            TRY(appendSlices(*m_table, prefix, *slice, binding, choice.slices));
        }
        sortSlices(*m_table, choice.slices);
        choice.none = choice.slices.empty();
        return choice;
    }
    choice.none = prefixes.empty();
    if (static_cast<std::size_t>(position) == m_table->clustering().size()) {
        choice.names = std::move(prefixes);
        return choice;
    }
    for (auto& prefix : prefixes) {
        choice.slices.push_back({{prefix, true}, {prefix, true}});
    }
    return choice;
}

Result<std::vector<rows::FilterExpression>> StatementRestrictions::filters(
    const Binding& binding) const {
    Filters out;
    if (m_filterPartition) {
        TRY(addFilters(m_partition, binding, out));
    }
    if (m_filterClustering) {
        // What slices and names cover needs no check.
        int position = 0;
        for (const Restriction& restriction : m_clustering) {
            if (restriction.kind == RestrictionKind::Contains || restriction.kind == RestrictionKind::Like || m_usesIndex ||
                restriction.first().position != position) {
                TRY(addFilter(restriction, binding, out));
            } else if (restriction.kind != RestrictionKind::Slice) {
                position = restriction.last().position + 1;
            }
        }
    }
    TRY(addFilters(m_others, binding, out));
    if (m_usesIndex) {
        addAnalysis(out);
        for (const rows::FilterExpression& filter : out) {
            TRY(checkLike(*m_table, filter));
        }
    }
    return out;
}

Result<std::vector<rows::FilterExpression>> StatementRestrictions::allFilters(const Binding& binding) const {
    Filters out;
    TRY(addFilters(m_partition, binding, out));
    TRY(addFilters(m_clustering, binding, out));
    TRY(addFilters(m_others, binding, out));
    return out;
}

}  // namespace engine::cql
