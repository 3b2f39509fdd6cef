#pragma once

#include <memory>
#include <span>

#include "engine/cql/statement.h"

namespace engine::cql {

/// What one execution gives its terms: the values of this statement's markers, and the world.
/// Lives on the stack of that execution.
struct Binding {
    std::span<const BoundValue> values;
    const ExecutionContext& context;
    int protocolVersion = 5;
};

/// A value prepared for its receiver: a constant, a bind marker, or something computed at each
/// execution (function calls, literals that hold either). Immutable, cheap to copy.
class Term {
public:
    /// How a computed term gets its value.
    class Computed {
    public:
        virtual ~Computed() = default;
        virtual Result<BoundValue> bind(const Binding& binding) const = 0;
    };

    /// Null.
    Term() = default;
    static Term constant(Bytes value);
    static Term marker(std::size_t index, types::TypePtr type);
    static Term computed(std::shared_ptr<const Computed> node, bool containsMarker);

    bool isConstant() const { return m_kind == Kind::Constant; }
    bool isNull() const {
        return m_kind == Kind::Constant && m_constant.state == BoundValue::State::Null;
    }
    bool isMarker() const { return m_kind == Kind::Marker; }
    /// Position among the statement's markers; a marker's only.
    std::size_t markerIndex() const { return m_marker; }
    bool containsMarker() const { return m_containsMarker; }
    const BoundValue& constantValue() const { return m_constant; }

    /// Bound values are checked against their type (0x2200 with the serializer's words).
    Result<BoundValue> bind(const Binding& binding) const;
    /// The same without a copy where the value lies somewhere already; else it is put in `scratch`.
    Result<const BoundValue*> view(const Binding& binding, BoundValue& scratch) const;

private:
    enum class Kind : std::uint8_t { Constant, Marker, Computed };

    Kind m_kind = Kind::Constant;
    bool m_containsMarker = false;
    std::uint32_t m_marker = 0;
    BoundValue m_constant;
    types::TypePtr m_type;  // Of a marker.
    std::shared_ptr<const Computed> m_computed;
};

inline BoundValue setValue(Bytes bytes) { return {BoundValue::State::Set, std::move(bytes)}; }
inline BoundValue nullValue() { return {}; }
inline BoundValue unsetValue() { return {BoundValue::State::Unset, {}}; }
inline BoundValue fromValue(Value value) {
    return value ? setValue(std::move(*value)) : nullValue();
}

}  // namespace engine::cql
