#include <cmath>

#include "engine/types/functions/detail/numbers.h"
#include "engine/types/functions/detail/registry.h"

namespace engine::types::detail {
namespace {

using Unary = Result<Bytes> (*)(const DataType&, BytesView);

/// Java's cast of a double to the whole type: first to int, but for bigint.
Bytes wholeFromDouble(const DataType& type, double v) {
    const bool wide = type.kind() == Kind::Bigint || type.kind() == Kind::Counter;
    return wholeBytes(type, wide ? saturatedLong(v) : saturatedInt(v));
}

/// One of exp, log, log10 over any number type.
template <double (*OnDouble)(double), Result<BigDecimal> (*OnDecimal)(const BigDecimal&)>
Result<Bytes> transcendental(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Float:
            return encodeFloat(static_cast<float>(OnDouble(decodeFloat(bytes))));
        case Kind::Double:
            return encodeDouble(OnDouble(decodeDouble(bytes)));
        case Kind::Decimal: {
            TRY_ASSIGN(const BigDecimal value, OnDecimal(BigDecimal::fromBytes(bytes)));
            return value.toBytes();
        }
        case Kind::Varint: {
            TRY_ASSIGN(const BigDecimal value, OnDecimal(BigDecimal{varintFromBytes(bytes), 0}));
            return varintToBytes(value.toInteger());
        }
        default:
            return wholeFromDouble(type, OnDouble(static_cast<double>(longValue(type, bytes))));
    }
}

double expDouble(double v) {
    return std::exp(v);
}
double logDouble(double v) {
    return std::log(v);
}
double log10Double(double v) {
    return std::log10(v);
}

Result<Bytes> absolute(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Float:
            return encodeFloat(std::fabs(decodeFloat(bytes)));
        case Kind::Double:
            return encodeDouble(std::fabs(decodeDouble(bytes)));
        case Kind::Varint:
            return varintToBytes(boost::multiprecision::abs(varintFromBytes(bytes)));
        case Kind::Decimal: {
            const BigDecimal value = BigDecimal::fromBytes(bytes);
            return BigDecimal{boost::multiprecision::abs(value.unscaled), value.scale}.toBytes();
        }
        default: {
            const std::int64_t value = longValue(type, bytes);
            const auto raw = static_cast<std::uint64_t>(value);
            return wholeBytes(type, value < 0 ? wrap(0 - raw) : value);
        }
    }
}

/// Math.round: half up, into an int for floats and a long for doubles.
Result<Bytes> rounded(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Float: {
            const auto v = static_cast<double>(decodeFloat(bytes));
            return encodeFloat(static_cast<float>(saturatedInt(std::floor(v + 0.5))));
        }
        case Kind::Double: {
            const double v = decodeDouble(bytes);
            const double whole = std::floor(v);
            const double up = v - whole >= 0.5 ? whole + 1 : whole;
            return encodeDouble(static_cast<double>(saturatedLong(std::isfinite(v) ? up : v)));
        }
        case Kind::Decimal: {
            const BigDecimal value = BigDecimal::fromBytes(bytes);
            if (-static_cast<std::int64_t>(value.scale) > kExponentMax) {
                return makeError(ErrorKind::Server, "BigInteger would overflow supported range");
            }
            return value.rounded(0).toBytes();
        }
        default:
            return Bytes(bytes);
    }
}

void addUnary(Registry& registry, const char* name, Unary unary, bool counters) {
    for (const TypePtr& type : numberTypes()) {
        if (type->isCounter() && !counters) {
            continue;
        }
        const Body body = [type, unary](const FunctionContext&,
                                        Arguments arguments) -> Result<Value> {
            TRY_ASSIGN(Bytes bytes, unary(*type, *arguments[0]));
            return Value(std::move(bytes));
        };
        registry.add(scalar(name, {type}, type, body));
    }
}

}  // namespace

void addMathFunctions(Registry& registry) {
    addUnary(registry, "abs", absolute, true);
    addUnary(registry, "exp", transcendental<expDouble, detail::exp>, false);
    addUnary(registry, "log", transcendental<logDouble, detail::log>, true);
    addUnary(registry, "log10", transcendental<log10Double, detail::log10>, true);
    addUnary(registry, "round", rounded, true);
}

}  // namespace engine::types::detail
