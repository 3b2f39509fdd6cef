#include <cmath>

#include "engine/types/functions/detail/numbers.h"
#include "engine/types/functions/detail/registry.h"

namespace engine::types::detail {
namespace {

using StateMaker = std::function<std::unique_ptr<AggregateState>()>;

class NativeAggregate : public AggregateFunction {
public:
    NativeAggregate(std::string name, std::vector<TypePtr> arguments, TypePtr result,
                    StateMaker makeState, std::string heading = {})
        : AggregateFunction(FunctionName{std::string(kNativeKeyspace), std::move(name)},
                            std::move(arguments), std::move(result)),
          m_makeState(std::move(makeState)),
          m_heading(std::move(heading)) {}

    std::unique_ptr<AggregateState> newState() const override { return m_makeState(); }
    std::string columnName(std::span<const std::string> arguments) const override {
        return m_heading.empty() ? Function::columnName(arguments) : m_heading;
    }

private:
    const StateMaker m_makeState;
    const std::string m_heading;
};

/// What all states over numbers share: nulls do not count, nor do empty values.
class NumberState : public AggregateState {
public:
    explicit NumberState(TypePtr type) : m_type(std::move(type)) {}

    Result<void> add(const FunctionContext&, std::span<const Argument> arguments) final {
        if (!arguments[0] || arguments[0]->empty()) {
            return ok();
        }
        return addNumber(*arguments[0]);
    }

protected:
    virtual Result<void> addNumber(BytesView bytes) = 0;
    const DataType& type() const { return *m_type; }

private:
    const TypePtr m_type;
};

class WholeSum : public NumberState {
public:
    using NumberState::NumberState;

    Result<Value> result(const FunctionContext&) override {
        return Value(wholeBytes(type(), wrap(m_sum)));
    }
    void reset() override { m_sum = 0; }

private:
    Result<void> addNumber(BytesView bytes) override {
        m_sum += static_cast<std::uint64_t>(longValue(type(), bytes));
        return ok();
    }

    std::uint64_t m_sum = 0;  // Overflows in silence, as Cassandra's do.
};

class WholeAverage : public NumberState {
public:
    using NumberState::NumberState;

    Result<Value> result(const FunctionContext&) override {
        const auto average = m_count == 0 ? 0 : static_cast<std::int64_t>(m_sum / m_count);
        return Value(wholeBytes(type(), average));
    }
    void reset() override {
        m_sum = 0;
        m_count = 0;
    }

private:
    Result<void> addNumber(BytesView bytes) override {
        m_sum += longValue(type(), bytes);
        ++m_count;
        return ok();
    }

    __extension__ typedef __int128 Wide;
    Wide m_sum = 0;
    std::int64_t m_count = 0;
};

Bytes floatingBytes(const DataType& type, double v) {
    return type.kind() == Kind::Float ? encodeFloat(static_cast<float>(v)) : encodeDouble(v);
}

/// Kahan's summation, as AggregateFcts.FloatSumAggregate and FloatAvgAggregate do it.
class FloatingSum : public NumberState {
public:
    FloatingSum(TypePtr type, bool average) : NumberState(std::move(type)), m_average(average) {}

    Result<Value> result(const FunctionContext&) override {
        if (!m_average) {
            return Value(floatingBytes(type(), total()));
        }
        if (m_count == 0) {
            return Value(floatingBytes(type(), 0));
        }
        if (m_overflow) {
            return Value(floatingBytes(type(), divideKeepingScale(m_big, m_count).toDouble()));
        }
        return Value(floatingBytes(type(), total() / static_cast<double>(m_count)));
    }
    void reset() override {
        m_sum = 0;
        m_compensation = 0;
        m_simpleSum = 0;
        m_count = 0;
        m_overflow = false;
    }

private:
    /// Infinities of one sign make a NaN of the compensation, not of the plain sum.
    double total() const {
        const double compensated = m_sum + m_compensation;
        return std::isnan(compensated) && std::isinf(m_simpleSum) ? m_simpleSum : compensated;
    }

    Result<void> addNumber(BytesView bytes) override {
        const double number = doubleValue(type(), bytes);
        ++m_count;
        if (m_overflow) {
            TRY_ASSIGN(const BigDecimal exact, decimalValue(*float64(), encodeDouble(number)));
            TRY_ASSIGN(m_big, detail::add(m_big, exact));
            return ok();
        }
        const double before = m_sum;
        m_simpleSum += number;
        const double corrected = number - m_compensation;
        const double rounded = m_sum + corrected;
        m_compensation = (rounded - m_sum) - corrected;
        m_sum = rounded;
        if (m_average && std::isinf(m_sum) && std::isfinite(number) && std::isfinite(before)) {
            m_overflow = true;
            TRY_ASSIGN(m_big,
                       detail::add(BigDecimal::fromDouble(before), BigDecimal::fromDouble(number)));
        }
        return ok();
    }

    const bool m_average;
    double m_sum = 0;
    double m_compensation = 0;
    double m_simpleSum = 0;
    std::int64_t m_count = 0;
    bool m_overflow = false;
    BigDecimal m_big;
};

class VarintSum : public NumberState {
public:
    VarintSum(TypePtr type, bool average) : NumberState(std::move(type)), m_average(average) {}

    Result<Value> result(const FunctionContext&) override {
        const bool divides = m_average && m_count > 0;
        return Value(varintToBytes(divides ? BigInt(m_sum / m_count) : m_sum));
    }
    void reset() override {
        m_sum = 0;
        m_count = 0;
    }

private:
    Result<void> addNumber(BytesView bytes) override {
        m_sum += varintFromBytes(bytes);
        ++m_count;
        return ok();
    }

    const bool m_average;
    BigInt m_sum;
    std::int64_t m_count = 0;
};

class DecimalSum : public NumberState {
public:
    using NumberState::NumberState;

    Result<Value> result(const FunctionContext&) override { return Value(m_sum.toBytes()); }
    void reset() override { m_sum = BigDecimal(); }

private:
    Result<void> addNumber(BytesView bytes) override {
        TRY_ASSIGN(m_sum, detail::add(m_sum, BigDecimal::fromBytes(bytes)));
        return ok();
    }

    BigDecimal m_sum;
};

/// Moves by a part of each difference, so the scale follows the values.
class DecimalAverage : public NumberState {
public:
    using NumberState::NumberState;

    Result<Value> result(const FunctionContext&) override { return Value(m_average.toBytes()); }
    void reset() override {
        m_average = BigDecimal();
        m_count = 0;
    }

private:
    Result<void> addNumber(BytesView bytes) override {
        ++m_count;
        TRY_ASSIGN(const BigDecimal difference, subtract(BigDecimal::fromBytes(bytes), m_average));
        TRY_ASSIGN(m_average, detail::add(m_average, divideKeepingScale(difference, m_count)));
        return ok();
    }

    BigDecimal m_average;
    std::int64_t m_count = 0;
};

/// min and max: the value's own bytes.
class Extreme : public AggregateState {
public:
    Extreme(TypePtr type, int sign) : m_type(std::move(type)), m_sign(sign) {}

    Result<void> add(const FunctionContext&, std::span<const Argument> arguments) override {
        const Argument& value = arguments[0];
        if (value && (!m_best || compare(*m_type, *m_best, *value) * m_sign < 0)) {
            m_best = Bytes(*value);
        }
        return ok();
    }
    Result<Value> result(const FunctionContext&) override { return m_best; }
    void reset() override { m_best.reset(); }

private:
    const TypePtr m_type;
    const int m_sign;
    Value m_best;
};

class Count : public AggregateState {
public:
    Result<void> add(const FunctionContext&, std::span<const Argument> arguments) override {
        m_count += arguments.empty() || arguments[0] ? 1 : 0;
        return ok();
    }
    Result<Value> result(const FunctionContext&) override { return Value(encodeBigint(m_count)); }
    void reset() override { m_count = 0; }

private:
    std::int64_t m_count = 0;
};

template <typename State, typename... Extra>
std::shared_ptr<const AggregateFunction> numeric(const char* name, const TypePtr& type,
                                                 Extra... extra) {
    return std::make_shared<NativeAggregate>(
        name, std::vector<TypePtr>{type}, type,
        [type, extra...] { return std::make_unique<State>(type, extra...); });
}

std::shared_ptr<const AggregateFunction> extremeOf(const char* name, const TypePtr& type,
                                                   int sign) {
    return std::make_shared<NativeAggregate>(
        name, std::vector<TypePtr>{type}, udfType(type),
        [type, sign] { return std::make_unique<Extreme>(type, sign); });
}

}  // namespace

std::shared_ptr<const AggregateFunction> sumOf(const TypePtr& type) {
    switch (type->kind()) {
        case Kind::Float:
        case Kind::Double:
            return numeric<FloatingSum>("sum", type, false);
        case Kind::Varint:
            return numeric<VarintSum>("sum", type, false);
        case Kind::Decimal:
            return numeric<DecimalSum>("sum", type);
        default:
            return numeric<WholeSum>("sum", type);
    }
}

std::shared_ptr<const AggregateFunction> averageOf(const TypePtr& type) {
    switch (type->kind()) {
        case Kind::Float:
        case Kind::Double:
            return numeric<FloatingSum>("avg", type, true);
        case Kind::Varint:
            return numeric<VarintSum>("avg", type, true);
        case Kind::Decimal:
            return numeric<DecimalAverage>("avg", type);
        default:
            return numeric<WholeAverage>("avg", type);
    }
}

std::shared_ptr<const AggregateFunction> minimumOf(const TypePtr& type) {
    return extremeOf("min", type, -1);
}

std::shared_ptr<const AggregateFunction> maximumOf(const TypePtr& type) {
    return extremeOf("max", type, 1);
}

void addAggregates(Registry& registry) {
    const StateMaker makeCount = [] { return std::make_unique<Count>(); };
    registry.add(std::make_shared<NativeAggregate>("countRows", std::vector<TypePtr>(), bigint(),
                                                   makeCount, "count"));
    registry.add(std::make_shared<NativeAggregate>("count", std::vector<TypePtr>{blob()}, bigint(),
                                                   makeCount));
    for (const TypePtr& type : numberTypes()) {
        registry.add(sumOf(type));
        registry.add(averageOf(type));
    }
    registry.add("min", {anyType(true)},
                 [](const std::vector<TypePtr>& types, const TypePtr&) -> Result<FunctionPtr> {
                     return FunctionPtr(minimumOf(types[0]));
                 });
    registry.add("max", {anyType(true)},
                 [](const std::vector<TypePtr>& types, const TypePtr&) -> Result<FunctionPtr> {
                     return FunctionPtr(maximumOf(types[0]));
                 });
}

}  // namespace engine::types::detail
