#include <algorithm>

#include "engine/base/result.h"
#include "engine/cql/selection/row_values.h"
#include "engine/cql/selection/selectors.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using MetadataKind = syntax::MetadataSelector::Kind;

/// WritetimeOrTTLSelector: of the cells concerned, the timestamps or what is left of their TTLs.
class Metadata : public Selector {
public:
    explicit Metadata(MetadataTarget target) : Selector(typeOf(target)), m_target(std::move(target)) {}

    Result<Value> evaluate(const RowInput& input) const override {
        const rows::Row* row =
            m_target.column->kind == schema::ColumnKind::Static ? input.staticRow : input.row;
        if (row == nullptr) {
            return Value();
        }
        if (m_target.part) {
            TRY_ASSIGN(const Value part, m_target.part->evaluate(input));
            if (!part) {
                return Value();
            }
        }
        TRY_ASSIGN(const auto cells, chosen(*row, input));
        if (cells.empty()) {
            return Value();
        }
        if (m_target.kind == MetadataKind::MaxWritetime) {
            const auto newest = std::max_element(cells.begin(), cells.end(), [](auto a, auto b) {
                return a->timestamp < b->timestamp;
            });
            return Value(types::encodeBigint((*newest)->timestamp));
        }
        if (!isMany(m_target)) {
            return single(*cells.front(), input.nowSeconds);
        }
        std::vector<Value> values;
        for (const rows::Cell* cell : cells) {
            values.push_back(single(*cell, input.nowSeconds));
        }
        return packNullable(values);
    }

private:
    static bool isMany(const MetadataTarget& target) {
        return target.column->type->isMultiCell() && !target.element && target.field < 0;
    }
    static types::TypePtr typeOf(const MetadataTarget& target) {
        const auto& one =
            target.kind == MetadataKind::Ttl ? types::int32() : types::bigint();
        return isMany(target) && target.kind != MetadataKind::MaxWritetime ? types::list(one, false)
                                                                           : one;
    }

    /// A list may hold nulls here: cells without TTL.
    static Value packNullable(const std::vector<Value>& values) {
        ByteWriter out;
        out.i32(static_cast<std::int32_t>(values.size()));
        for (const Value& value : values) {
            if (value) {
                out.longBlob(*value);
            } else {
                out.i32(-1);
            }
        }
        return out.take();
    }

    Value single(const rows::Cell& cell, std::int64_t nowSeconds) const {
        if (m_target.kind != MetadataKind::Ttl) {
            return types::encodeBigint(cell.timestamp);
        }
        if (!cell.isExpiring()) {
            return std::nullopt;
        }
        const std::int64_t left = cell.localDeletionTime - nowSeconds;
        return types::encodeInt(static_cast<std::int32_t>(std::max<std::int64_t>(left, 0)));
    }

    Result<std::vector<const rows::Cell*>> chosen(const rows::Row& row, const RowInput& input) const {
        const types::DataType& type = *m_target.column->type;
        Bytes path;
        SliceEnds ends;
        if (type.isMultiCell() && m_target.element) {
            TRY_ASSIGN(path, bound(*m_target.element, input));
        }
        if (m_target.from) {
            TRY_ASSIGN(ends.from, bound(*m_target.from, input));
        }
        if (m_target.to) {
            TRY_ASSIGN(ends.to, bound(*m_target.to, input));
        }
        std::vector<const rows::Cell*> out;
        for (const rows::Cell& cell : cellsOf(row, m_target.column->name)) {
            if (!type.isMultiCell() || matches(type, cell, path, ends)) {
                out.push_back(&cell);
            }
        }
        return out;
    }

    struct SliceEnds {
        std::optional<Bytes> from;
        std::optional<Bytes> to;
    };

    bool matches(const types::DataType& type, const rows::Cell& cell, const Bytes& path,
                 const SliceEnds& ends) const {
        if (m_target.field >= 0) {
            ByteReader in(cell.path);
            return in.u16() == m_target.field;
        }
        if (m_target.element) {
            return types::compare(*type.keyType(), cell.path, path) == 0;
        }
        return (!ends.from || types::compare(*type.keyType(), cell.path, *ends.from) >= 0) &&
               (!ends.to || types::compare(*type.keyType(), cell.path, *ends.to) <= 0);
    }

    Result<Bytes> bound(const Term& term, const RowInput& input) const {
        TRY_ASSIGN(BoundValue value, term.bind(input.binding));
        if (value.state != BoundValue::State::Set) {
            return invalid(std::string("Invalid ") +
                           (value.state == BoundValue::State::Null ? "null" : "unset") +
                           " value for element selection on " + m_target.column->name);
        }
        return std::move(value.bytes);
    }

    MetadataTarget m_target;
};

}  // namespace

SelectorPtr selectMetadata(MetadataTarget target) {
    return std::make_unique<Metadata>(std::move(target));
}

}  // namespace engine::cql
