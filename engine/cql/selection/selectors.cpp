#include "engine/cql/selection/selectors.h"

#include <algorithm>

#include "engine/base/result.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using types::Kind;

class ColumnValue : public Selector {
public:
    ColumnValue(int index, types::TypePtr type) : Selector(std::move(type)), m_index(index) {}
    Result<Value> evaluate(const RowInput& input) const override {
        return input.values[static_cast<std::size_t>(m_index)];
    }
    int plainColumn() const override { return m_index; }

private:
    int m_index;
};

class TermValue : public Selector {
public:
    TermValue(Term term, types::TypePtr type) : Selector(std::move(type)), m_term(std::move(term)) {}
    Result<Value> evaluate(const RowInput& input) const override {
        TRY_ASSIGN(BoundValue value, m_term.bind(input.binding));
        if (value.state == BoundValue::State::Unset) {
            return invalid("Invalid unset value for selection");
        }
        return value.state == BoundValue::State::Set ? Value(std::move(value.bytes)) : std::nullopt;
    }
    bool isUnset(const RowInput& input) const override {
        if (!m_term.containsMarker()) {
            return false;
        }
        const auto value = m_term.bind(input.binding);
        return value && value.value().state == BoundValue::State::Unset;
    }

private:
    Term m_term;
};

class Retyped : public Selector {
public:
    Retyped(SelectorPtr operand, types::TypePtr type)
        : Selector(std::move(type)), m_operand(std::move(operand)) {}
    Result<Value> evaluate(const RowInput& input) const override {
        return m_operand->evaluate(input);
    }
    bool isUnset(const RowInput& input) const override { return m_operand->isUnset(input); }

private:
    SelectorPtr m_operand;
};

class ScalarCall : public Selector {
public:
    ScalarCall(std::shared_ptr<const types::ScalarFunction> function,
               std::vector<SelectorPtr> arguments)
        : Selector(function->returnType()),
          m_function(std::move(function)),
          m_arguments(std::move(arguments)) {}

    Result<Value> evaluate(const RowInput& input) const override {
        std::vector<Value> values;
        values.reserve(m_arguments.size());
        for (const SelectorPtr& argument : m_arguments) {
            if (argument->isUnset(input)) {
                return invalid("Invalid unset value for argument in call to function " + m_function->name().name);
            }
            TRY_ASSIGN(Value value, argument->evaluate(input));
            values.push_back(std::move(value));
        }
        std::vector<types::Argument> views(values.begin(), values.end());
        return m_function->evaluate(input.functions, views);
    }

private:
    std::shared_ptr<const types::ScalarFunction> m_function;
    std::vector<SelectorPtr> m_arguments;
};

class AggregateResult : public Selector {
public:
    AggregateResult(std::size_t index, types::TypePtr type)
        : Selector(std::move(type)), m_index(index) {}
    Result<Value> evaluate(const RowInput& input) const override {
        return input.aggregates[m_index]->result(input.functions);
    }

private:
    std::size_t m_index;
};

class FieldValue : public Selector {
public:
    FieldValue(SelectorPtr operand, std::size_t field)
        : Selector(operand->type()->element(field)), m_operand(std::move(operand)), m_field(field) {}
    Result<Value> evaluate(const RowInput& input) const override {
        TRY_ASSIGN(const Value value, m_operand->evaluate(input));
        if (!value) {
            return value;
        }
        TRY_ASSIGN(const auto fields, types::unpackTuple(*m_operand->type(), *value));
        return fields[m_field] ? Value(Bytes(*fields[m_field])) : std::nullopt;
    }

private:
    SelectorPtr m_operand;
    std::size_t m_field;
};

Result<Bytes> boundOf(const Term& term, const RowInput& input, std::string_view what,
                      const std::string& name) {
    TRY_ASSIGN(BoundValue value, term.bind(input.binding));
    if (value.state == BoundValue::State::Null && term.isConstant()) {
        return makeError(ErrorKind::Server, "java.lang.NullPointerException");
    }
    if (value.state != BoundValue::State::Set) {
        return invalid(std::string("Invalid ") +
                       (value.state == BoundValue::State::Null ? "null" : "unset") + " value for " +
                       std::string(what) + " selection on " + name);
    }
    return std::move(value.bytes);
}

class ElementValue : public Selector {
public:
    ElementValue(SelectorPtr operand, Term key, std::string name)
        : Selector(operand->type()->valueType()),
          m_operand(std::move(operand)),
          m_key(std::move(key)),
          m_name(std::move(name)) {}

    Result<Value> evaluate(const RowInput& input) const override {
        TRY_ASSIGN(const Bytes key, boundOf(m_key, input, "element", m_name));
        TRY_ASSIGN(const Value value, m_operand->evaluate(input));
        if (!value) {
            return value;
        }
        const types::DataType& type = *m_operand->type();
        if (type.kind() == Kind::Map) {
            TRY_ASSIGN(const auto entries, types::unpackMap(*value));
            for (const auto& [k, v] : entries) {
                if (types::compare(*type.keyType(), k, key) == 0) {
                    return Value(Bytes(v));
                }
            }
            return Value();
        }
        TRY_ASSIGN(const auto elements, types::unpackList(*value));
        for (const BytesView element : elements) {
            if (types::compare(*type.element(), element, key) == 0) {
                return Value(Bytes(element));
            }
        }
        return Value();
    }

private:
    SelectorPtr m_operand;
    Term m_key;
    std::string m_name;
};

/// Ends of a slice of a collection, both included.
struct SliceBounds {
    std::optional<Bytes> from;
    std::optional<Bytes> to;
    bool contains(const types::DataType& type, BytesView key) const {
        return (!from || types::compare(type, key, *from) >= 0) &&
               (!to || types::compare(type, key, *to) <= 0);
    }
};

Result<SliceBounds> sliceBounds(const std::optional<Term>& from, const std::optional<Term>& to,
                                const RowInput& input, const std::string& name) {
    SliceBounds out;
    // An unset end is an open one.
    const auto isGiven = [&](const std::optional<Term>& term) -> Result<bool> {
        if (!term) {
            return false;
        }
        TRY_ASSIGN(const BoundValue value, term->bind(input.binding));
        return value.state != BoundValue::State::Unset;
    };
    TRY_ASSIGN(const bool hasFrom, isGiven(from));
    if (hasFrom) {
        TRY_ASSIGN(out.from, boundOf(*from, input, "slice", name));
    }
    TRY_ASSIGN(const bool hasTo, isGiven(to));
    if (hasTo) {
        TRY_ASSIGN(out.to, boundOf(*to, input, "slice", name));
    }
    return out;
}

class SliceValue : public Selector {
public:
    SliceValue(SelectorPtr operand, std::optional<Term> from, std::optional<Term> to,
               std::string name)
        : Selector(operand->type()),
          m_operand(std::move(operand)),
          m_from(std::move(from)),
          m_to(std::move(to)),
          m_name(std::move(name)) {}

    Result<Value> evaluate(const RowInput& input) const override {
        TRY_ASSIGN(const SliceBounds bounds, sliceBounds(m_from, m_to, input, m_name));
        TRY_ASSIGN(const Value value, m_operand->evaluate(input));
        if (!value) {
            return value;
        }
        const types::DataType& keyType = *type()->keyType();
        if (type()->kind() == Kind::Map) {
            TRY_ASSIGN(const auto entries, types::unpackMap(*value));
            std::vector<std::pair<Bytes, Bytes>> kept;
            for (const auto& [k, v] : entries) {
                if (bounds.contains(keyType, k)) {
                    kept.emplace_back(k, v);
                }
            }
            return present(kept.empty(), types::packMap(kept));
        }
        TRY_ASSIGN(const auto elements, types::unpackList(*value));
        std::vector<Bytes> kept;
        for (const BytesView element : elements) {
            if (bounds.contains(keyType, element)) {
                kept.emplace_back(element);
            }
        }
        return present(kept.empty(), types::packList(kept));
    }

private:
    /// A collection of cells without any is null; a frozen one is an empty collection.
    Value present(bool empty, Bytes packed) const {
        return empty && type()->isMultiCell() ? std::nullopt : Value(std::move(packed));
    }

    SelectorPtr m_operand;
    std::optional<Term> m_from;
    std::optional<Term> m_to;
    std::string m_name;
};

class Literal : public Selector {
public:
    Literal(types::TypePtr type, std::vector<SelectorPtr> parts)
        : Selector(std::move(type)), m_parts(std::move(parts)) {}

    Result<Value> evaluate(const RowInput& input) const override {
        std::vector<Value> values;
        for (const SelectorPtr& part : m_parts) {
            if (!part) {
                values.emplace_back();
                continue;
            }
            TRY_ASSIGN(Value value, part->evaluate(input));
            values.push_back(std::move(value));
        }
        if (type()->isTuple()) {
            return Value(types::packTuple(values));
        }
        std::vector<Bytes> flat;
        for (Value& value : values) {
            if (!value) {
                return invalid(type()->kind() == Kind::Vector
                                   ? "null is not supported inside vectors"
                                   : "null is not supported inside collections");
            }
            flat.push_back(std::move(*value));
        }
        return Value(pack(std::move(flat)));
    }

private:
    Bytes pack(std::vector<Bytes> flat) const {
        switch (type()->kind()) {
            case Kind::Vector: return types::packVector(*type(), flat);
            case Kind::Set: types::sortSet(*type()->element(), flat); break;
            case Kind::Map: {
                std::vector<std::pair<Bytes, Bytes>> entries;
                for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
                    entries.emplace_back(std::move(flat[i]), std::move(flat[i + 1]));
                }
                types::sortMap(*type()->keyType(), entries);
                return types::packMap(entries);
            }
            default: break;
        }
        return types::packList(flat);
    }

    std::vector<SelectorPtr> m_parts;  // Null: an absent field.
};

}  // namespace

SelectorPtr selectColumn(int index, types::TypePtr type) {
    return std::make_unique<ColumnValue>(index, std::move(type));
}
SelectorPtr selectTerm(Term term, types::TypePtr type) {
    return std::make_unique<TermValue>(std::move(term), std::move(type));
}
SelectorPtr selectAs(SelectorPtr operand, types::TypePtr type) {
    return std::make_unique<Retyped>(std::move(operand), std::move(type));
}
SelectorPtr selectCall(std::shared_ptr<const types::ScalarFunction> function,
                       std::vector<SelectorPtr> arguments) {
    return std::make_unique<ScalarCall>(std::move(function), std::move(arguments));
}
SelectorPtr selectAggregate(std::size_t index, types::TypePtr type) {
    return std::make_unique<AggregateResult>(index, std::move(type));
}
SelectorPtr selectField(SelectorPtr operand, std::size_t field) {
    return std::make_unique<FieldValue>(std::move(operand), field);
}
SelectorPtr selectElement(SelectorPtr operand, Term key, std::string name) {
    return std::make_unique<ElementValue>(std::move(operand), std::move(key), std::move(name));
}
SelectorPtr selectSlice(SelectorPtr operand, std::optional<Term> from, std::optional<Term> to,
                        std::string name) {
    return std::make_unique<SliceValue>(std::move(operand), std::move(from), std::move(to),
                                        std::move(name));
}
SelectorPtr selectLiteral(types::TypePtr type, std::vector<SelectorPtr> parts) {
    return std::make_unique<Literal>(std::move(type), std::move(parts));
}

}  // namespace engine::cql
