#include "engine/cql/terms/term.h"

#include "engine/types/bound_value.h"
#include "engine/types/data_type.h"

namespace engine::cql {

Term Term::constant(Bytes value) {
    Term term;
    term.m_constant = setValue(std::move(value));
    return term;
}

Term Term::marker(std::size_t index, types::TypePtr type) {
    Term term;
    term.m_kind = Kind::Marker;
    term.m_containsMarker = true;
    term.m_marker = static_cast<std::uint32_t>(index);
    term.m_type = std::move(type);
    return term;
}

Term Term::computed(std::shared_ptr<const Computed> node, bool containsMarker) {
    Term term;
    term.m_kind = Kind::Computed;
    term.m_containsMarker = containsMarker;
    term.m_computed = std::move(node);
    return term;
}

Result<const BoundValue*> Term::view(const Binding& binding, BoundValue& scratch) const {
    if (m_kind == Kind::Constant) {
        return &m_constant;
    }
    if (m_kind == Kind::Marker) {
        if (m_marker >= binding.values.size()) {
            return invalid("Invalid amount of bind variables");
        }
        const BoundValue& value = binding.values[m_marker];
        if (value.state == BoundValue::State::Set) {
            TRY(types::validateBound(*m_type, value.bytes));
        }
        return &value;
    }
    TRY_ASSIGN(scratch, m_computed->bind(binding));
    return &scratch;
}

Result<BoundValue> Term::bind(const Binding& binding) const {
    if (m_kind == Kind::Computed) {
        return m_computed->bind(binding);
    }
    BoundValue scratch;
    TRY_ASSIGN(const BoundValue* value, view(binding, scratch));
    return *value;
}

}  // namespace engine::cql
