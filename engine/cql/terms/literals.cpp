#include "engine/cql/terms/literals.h"

#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/syntax_text.h"
#include "engine/types/codec.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using types::Kind;

/// A literal whose parts are bound first, then packed.
class Composite : public Term::Computed {
public:
    Composite(types::TypePtr type, std::vector<Term> parts)
        : m_type(std::move(type)), m_parts(std::move(parts)) {}

    Result<BoundValue> bind(const Binding& binding) const override {
        std::vector<types::Value> values;
        values.reserve(m_parts.size());
        const bool nullable = m_type->isTuple();
        for (const Term& part : m_parts) {
            TRY_ASSIGN(BoundValue value, part.bind(binding));
            if (value.state == BoundValue::State::Unset) {
                if (!nullable) {
                    return unsetValue();
                }
                if (!m_type->isMultiCell()) {
                    return unsetError(values.size());
                }
                value = setValue(Bytes());  // Sic: a field of a user type that is not frozen becomes empty.
            }
            if (value.state == BoundValue::State::Null && !nullable) {
                return invalid(m_type->kind() == Kind::Vector
                                   ? "null is not supported inside vectors"
                                   : "null is not supported inside collections");
            }
            values.push_back(value.state == BoundValue::State::Set
                                 ? types::Value(std::move(value.bytes))
                                 : std::nullopt);
        }
        return setValue(pack(std::move(values)));
    }

private:
    Error unsetError(std::size_t part) const {
        if (m_type->kind() == Kind::Udt) {
            return invalid(fmt::format("Invalid unset value for field '{}' of user defined type {}",
                                       m_type->fieldNames()[part], m_type->udtName()));
        }
        return invalid(fmt::format("Invalid unset value for tuple field number {}", part));
    }

    Bytes pack(std::vector<types::Value> values) const {
        if (m_type->isTuple()) {
            return types::packTuple(values);
        }
        std::vector<Bytes> elements;
        elements.reserve(values.size());
        for (types::Value& value : values) {
            elements.push_back(std::move(*value));
        }
        switch (m_type->kind()) {
            case Kind::Set: types::sortSet(*m_type->element(), elements); break;
            case Kind::Vector: return types::packVector(*m_type, elements);
            case Kind::Map: return packEntries(std::move(elements));
            default: break;
        }
        return types::packList(elements);
    }

    Bytes packEntries(std::vector<Bytes> flat) const {
        std::vector<std::pair<Bytes, Bytes>> entries;
        entries.reserve(flat.size() / 2);
        for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
            entries.emplace_back(std::move(flat[i]), std::move(flat[i + 1]));
        }
        types::sortMap(*m_type->keyType(), entries);
        return types::packMap(entries);
    }

    types::TypePtr m_type;
    std::vector<Term> m_parts;
};

/// Constants are packed at once.
Result<Term> compose(const types::TypePtr& type, std::vector<Term> parts) {
    bool constant = true;
    bool marker = false;
    for (const Term& part : parts) {
        constant = constant && part.isConstant();
        marker = marker || part.containsMarker();
    }
    auto node = std::make_shared<Composite>(type, std::move(parts));
    if (!constant) {
        return Term::computed(std::move(node), marker);
    }
    const ExecutionContext none{};
    TRY_ASSIGN(BoundValue value, node->bind(Binding{{}, none}));
    return Term::constant(std::move(value.bytes));
}

/// One element of a collection literal, checked and prepared.
Result<void> addElement(std::vector<Term>& parts, const syntax::Term& item, const ColumnSpec& spec,
                        const ColumnSpec& receiver, std::string_view literal, std::string_view role,
                        PrepareContext& context) {
    TRY_ASSIGN(const auto fits, testAssignment(item, spec, context));
    if (fits == types::Assignment::NotAssignable) {
        return invalidAt(item.span,
                         fmt::format("Invalid {} literal for {}: {} {} is not of type {}", literal,
                                     receiver.name, role, textOf(item), types::cqlName(*spec.type)));
    }
    TRY_ASSIGN(Term part, prepareTerm(item, spec, context));
    parts.push_back(std::move(part));
    return ok();
}

Result<void> refuseMarkers(const std::vector<Term>& parts, const ColumnSpec& receiver,
                           std::string_view literal) {
    for (const Term& part : parts) {
        if (part.containsMarker()) {
            return invalid(fmt::format("Invalid {} literal for {}: bind variables are not supported "
                                       "inside collection literals",
                                       literal, receiver.name));
        }
    }
    return ok();
}

Error wrongReceiver(std::string_view literal, const ColumnSpec& receiver) {
    return invalid(fmt::format("Invalid {} literal for {} of type {}", literal, receiver.name,
                               types::cqlName(*receiver.type)));
}

Result<Term> prepareVector(const syntax::ListTerm& term, const ColumnSpec& receiver,
                           PrepareContext& context) {
    if (static_cast<std::int64_t>(term.items.size()) != receiver.type->dimension()) {
        return invalid(fmt::format(
            "Invalid vector literal for {} of type {}; expected {} elements, but given {}",
            receiver.name, types::cqlName(*receiver.type), receiver.type->dimension(),
            term.items.size()));
    }
    std::vector<Term> parts;
    const ColumnSpec spec = elementSpec(receiver);
    for (const syntax::Term& item : term.items) {
        TRY(addElement(parts, item, spec, receiver, "vector", "value", context));
    }
    return compose(receiver.type, std::move(parts));
}

}  // namespace

types::TypePtr declaredField(const types::DataType& type, std::size_t field, const schema::Schema& schema) {
    if (const auto* keyspace = schema.findKeyspace(type.udtKeyspace())) {
        const auto found = (*keyspace)->types.find(type.udtName());
        if (found != (*keyspace)->types.end() && field < found->second.fieldTypes.size()) {
            return found->second.fieldTypes[field];
        }
    }
    return type.element(field);
}

Result<Term> prepareList(const syntax::ListTerm& term, const ColumnSpec& receiver,
                         PrepareContext& context) {
    if (receiver.type->kind() == Kind::Vector) {
        return prepareVector(term, receiver, context);
    }
    if (receiver.type->kind() != Kind::List) {
        return invalid(
            fmt::format("Unexpected receiver type '{}'; only list and vector are expected",
                        types::cqlName(*receiver.type)));
    }
    std::vector<Term> parts;
    const ColumnSpec spec = elementSpec(receiver);
    for (const syntax::Term& item : term.items) {
        TRY(addElement(parts, item, spec, receiver, "list", "value", context));
    }
    TRY(refuseMarkers(parts, receiver, "list"));
    return compose(receiver.type, std::move(parts));
}

Result<Term> prepareSet(const syntax::SetTerm& term, const ColumnSpec& receiver,
                        PrepareContext& context) {
    if (receiver.type->kind() == Kind::Map && term.items.empty()) {
        return prepareMap({}, receiver, context);
    }
    if (receiver.type->kind() != Kind::Set) {
        return wrongReceiver("set", receiver);
    }
    std::vector<Term> parts;
    const ColumnSpec spec = elementSpec(receiver);
    for (const syntax::Term& item : term.items) {
        TRY(addElement(parts, item, spec, receiver, "set", "value", context));
    }
    TRY(refuseMarkers(parts, receiver, "set"));
    return compose(receiver.type, std::move(parts));
}

Result<Term> prepareMap(const std::vector<syntax::MapTermEntry>& entries,
                        const ColumnSpec& receiver, PrepareContext& context) {
    if (receiver.type->kind() != Kind::Map) {
        return wrongReceiver("map", receiver);
    }
    std::vector<Term> parts;
    const ColumnSpec key = keySpec(receiver);
    const ColumnSpec value = elementSpec(receiver);
    for (const auto& [k, v] : entries) {
        TRY(addElement(parts, k, key, receiver, "map", "key", context));
        TRY(addElement(parts, v, value, receiver, "map", "value", context));
    }
    TRY(refuseMarkers(parts, receiver, "map"));
    return compose(receiver.type, std::move(parts));
}

Result<Term> prepareTuple(const std::vector<syntax::Term>& items, const ColumnSpec& receiver,
                          PrepareContext& context) {
    // One term in parentheses is a tuple only where a tuple is wanted.
    if (items.size() == 1 && !receiver.type->isTuple()) {
        return prepareTerm(items[0], receiver, context);
    }
    if (!receiver.type->isTuple()) {
        return invalid(fmt::format("Invalid tuple type literal for {} of type {}", receiver.name,
                                   types::cqlName(*receiver.type)));
    }
    std::vector<Term> parts;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i >= receiver.type->elements().size()) {
            return invalid(fmt::format(
                "Invalid tuple literal for {}: too many elements. Type {} expects {} but got {}",
                receiver.name, types::cqlName(*receiver.type), receiver.type->elements().size(),
                items.size()));
        }
        const ColumnSpec spec = componentSpec(receiver, i);
        TRY_ASSIGN(const auto fits, testAssignment(items[i], spec, context));
        if (fits == types::Assignment::NotAssignable) {
            return invalid(fmt::format("Invalid tuple literal for {}: component {} is not of type {}",
                                       receiver.name, i, types::cqlName(*spec.type)));
        }
        TRY_ASSIGN(Term part, prepareTerm(items[i], spec, context));
        parts.push_back(std::move(part));
    }
    if (receiver.type->kind() == Kind::Udt) {
        // Cassandra lets it pass this far, and fails.
        return makeError(ErrorKind::Server, "A user type takes {field: value}, not a tuple");
    }
    return compose(receiver.type, std::move(parts));
}

Result<Term> prepareUserType(const syntax::UserTypeTerm& term, const ColumnSpec& receiver,
                             PrepareContext& context) {
    const types::DataType& type = *receiver.type;
    if (type.kind() != Kind::Udt) {
        return wrongReceiver("user type", receiver);
    }
    const auto given = [&term](std::string_view field) -> const syntax::Term* {
        // The last one that was written.
        const auto found = std::find_if(term.fields.rbegin(), term.fields.rend(),
                                        [field](const auto& written) { return written.name.text == field; });
        return found == term.fields.rend() ? nullptr : &found->value;
    };
    std::vector<Term> parts;
    for (std::size_t i = 0; i < type.fieldNames().size(); ++i) {
        const syntax::Term* value = given(type.fieldNames()[i]);
        if (value == nullptr) {
            parts.emplace_back();
            continue;
        }
        const ColumnSpec spec = fieldSpec(receiver, i);
        TRY_ASSIGN(const auto fits, testAssignment(*value, spec, context));
        if (fits == types::Assignment::NotAssignable) {
            return invalid(fmt::format("Invalid user type literal for {}: field {} is not of type {}",
                                       receiver.name, type.fieldNames()[i],
                                       types::cqlName(*declaredField(type, i, context.schema))));
        }
        TRY_ASSIGN(Term part, prepareTerm(*value, spec, context));
        parts.push_back(std::move(part));
    }
    for (const auto& [name, value] : term.fields) {
        if (type.fieldIndex(name.text) < 0) {
            return invalidAt(name.span,
                             fmt::format("Unknown field '{}' in value of user defined type {}",
                                         name.text, type.udtName()));
        }
    }
    return compose(receiver.type, std::move(parts));
}

}  // namespace engine::cql
