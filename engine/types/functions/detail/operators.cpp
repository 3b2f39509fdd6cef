#include <fmt/format.h>

#include <cmath>

#include "engine/types/functions/detail/numbers.h"
#include "engine/types/functions/detail/registry.h"
#include "engine/types/temporal.h"
#include "engine/types/type_names.h"

namespace engine::types::detail {
namespace {

constexpr std::string_view kSymbols = "+-*/%";

Error divisionByZero(const char* message) {
    return makeError(ErrorKind::Server, message);
}

Result<std::int64_t> wholeOperation(char symbol, std::int64_t a, std::int64_t b) {
    const auto left = static_cast<std::uint64_t>(a);
    const auto right = static_cast<std::uint64_t>(b);
    switch (symbol) {
        case '+':
            return wrap(left + right);
        case '-':
            return wrap(left - right);
        case '*':
            return wrap(left * right);
        default:
            break;
    }
    if (b == 0) {
        return divisionByZero("/ by zero");
    }
    if (b == -1) {
        return symbol == '/' ? wrap(0 - left) : 0;  // The lowest number has no opposite.
    }
    return symbol == '/' ? a / b : a % b;
}

template <typename T>
T floatingOperation(char symbol, T a, T b) {
    switch (symbol) {
        case '+':
            return a + b;
        case '-':
            return a - b;
        case '*':
            return a * b;
        case '/':
            return a / b;
        default:
            return std::fmod(a, b);
    }
}

Result<BigInt> bigOperation(char symbol, const BigInt& a, const BigInt& b) {
    switch (symbol) {
        case '+':
            return BigInt(a + b);
        case '-':
            return BigInt(a - b);
        case '*':
            return BigInt(a * b);
        default:
            break;
    }
    if (b == 0) {
        return divisionByZero("BigInteger divide by zero");
    }
    return symbol == '/' ? BigInt(a / b) : BigInt(a % b);
}

Result<BigDecimal> decimalOperation(char symbol, const BigDecimal& a, const BigDecimal& b) {
    switch (symbol) {
        case '+':
            return add(a, b);
        case '-':
            return subtract(a, b);
        case '*':
            return multiply(a, b);
        case '/':
            return divide(a, b);
        default:
            return remainder(a, b);
    }
}

Result<Bytes> numericOperation(char symbol, const DataType& result, const DataType& leftType,
                               BytesView left, const DataType& rightType, BytesView right) {
    switch (result.kind()) {
        case Kind::Float:
            return encodeFloat(floatingOperation(symbol, floatValue(leftType, left),
                                                 floatValue(rightType, right)));
        case Kind::Double:
            return encodeDouble(floatingOperation(symbol, doubleValue(leftType, left),
                                                  doubleValue(rightType, right)));
        case Kind::Varint: {
            TRY_ASSIGN(const BigInt value, bigOperation(symbol, bigIntValue(leftType, left),
                                                        bigIntValue(rightType, right)));
            return varintToBytes(value);
        }
        case Kind::Decimal: {
            TRY_ASSIGN(const BigDecimal a, decimalValue(leftType, left));
            TRY_ASSIGN(const BigDecimal b, decimalValue(rightType, right));
            TRY_ASSIGN(const BigDecimal value, decimalOperation(symbol, a, b));
            return value.toBytes();
        }
        default: {
            TRY_ASSIGN(const std::int64_t value, wholeOperation(symbol, longValue(leftType, left),
                                                                longValue(rightType, right)));
            return wholeBytes(result, value);
        }
    }
}

/// How many bytes a number has; 1000 stands for as many as it likes.
int sizeOf(const DataType& type) {
    switch (type.kind()) {
        case Kind::Tinyint:
            return 1;
        case Kind::Smallint:
            return 2;
        case Kind::Int:
        case Kind::Float:
            return 4;
        case Kind::Bigint:
        case Kind::Double:
        case Kind::Counter:
            return 8;
        default:
            return 1000;
    }
}

bool isFloating(const DataType& type) {
    return type.kind() == Kind::Float || type.kind() == Kind::Double ||
           type.kind() == Kind::Decimal;
}

/// OperationFcts.returnType: the wider of the two, floating if either is.
TypePtr resultType(const DataType& left, const DataType& right) {
    const int size = std::max(sizeOf(left), sizeOf(right));
    if (isFloating(left) || isFloating(right)) {
        return size <= 4 ? float32() : (size == 8 ? float64() : decimal());
    }
    switch (size) {
        case 1:
            return tinyint();
        case 2:
            return smallint();
        case 4:
            return int32();
        case 8:
            return bigint();
        default:
            return varint();
    }
}

using Operation = std::function<Result<Bytes>(BytesView, BytesView)>;

/// OperationExecutionException: any failure becomes one of the hidden function.
Error failure(const std::string& name, char symbol, const TypePtr& left, const TypePtr& right,
              const std::string& message) {
    auto detail = std::make_shared<ErrorDetail>();
    detail->keyspace = kNativeKeyspace;
    detail->function = name;
    detail->argumentTypes = {cqlName(left), cqlName(right)};
    return Error{ErrorKind::FunctionFailure,
                 fmt::format("the operation '{} {} {}' failed: {}", cqlName(left), symbol,
                             cqlName(right), message),
                 std::move(detail)};
}

void addOperation(Registry& registry, char symbol, const TypePtr& left, const TypePtr& right,
                  const TypePtr& result, Operation operation) {
    const std::string name = operatorFunction(symbol).name;
    const Body body = [=](const FunctionContext&, Arguments arguments) -> Result<Value> {
        if (arguments[0]->empty() || arguments[1]->empty()) {
            if (left->kind() != Kind::Text && left->kind() != Kind::Ascii) {
                return Value();
            }
        }
        Result<Bytes> bytes = operation(*arguments[0], *arguments[1]);
        if (!bytes) {
            return failure(name, symbol, left, right, bytes.error().message);
        }
        return Value(std::move(bytes.value()));
    };
    const Heading heading = [symbol](std::span<const std::string> arguments) {
        return fmt::format("{} {} {}", arguments[0], symbol, arguments[1]);
    };
    registry.add(scalar(name, {left, right}, result, body, {.heading = heading}));
}

void addNumericOperations(Registry& registry) {
    for (const TypePtr& left : numberTypes()) {
        for (const TypePtr& right : numberTypes()) {
            const TypePtr result = resultType(*left, *right);
            for (const char symbol : kSymbols) {
                addOperation(registry, symbol, left, right, result, [=](BytesView a, BytesView b) {
                    return numericOperation(symbol, *result, *left, a, *right, b);
                });
            }
        }
    }
}

DurationValue opposite(const DurationValue& v) {
    return {-v.months, -v.days, -v.nanoseconds};
}

Result<Bytes> addToTimestamp(BytesView time, const DurationValue& duration, bool negate) {
    // Duration.hasMillisecondPrecision looks at the six lowest bits.
    if ((duration.nanoseconds & 63) != 0) {
        return invalid("The duration must have a millisecond precision. Was: " +
                       durationText(duration));
    }
    return encodeTimestamp(addDuration(decodeBigint(time), negate ? opposite(duration) : duration));
}

Result<Bytes> addToDate(BytesView date, const DurationValue& duration, bool negate) {
    if (duration.nanoseconds != 0) {
        return invalid("The duration must have a day precision. Was: " + durationText(duration));
    }
    constexpr std::int64_t millisPerDay = 86'400'000;
    const std::int64_t millis =
        addDuration(decodeDate(date) * millisPerDay, negate ? opposite(duration) : duration);
    return encodeDate(daysOfMillis(millis));
}

void addTemporalOperations(Registry& registry) {
    for (const char symbol : {'+', '-'}) {
        const bool negate = symbol == '-';
        addOperation(registry, symbol, timestamp(), duration(), timestamp(),
                     [negate](BytesView a, BytesView b) {
                         return addToTimestamp(a, decodeDuration(b), negate);
                     });
        addOperation(
            registry, symbol, date(), duration(), date(),
            [negate](BytesView a, BytesView b) { return addToDate(a, decodeDuration(b), negate); });
    }
}

void addConcatenations(Registry& registry) {
    for (const TypePtr& left : {text(), ascii()}) {
        for (const TypePtr& right : {text(), ascii()}) {
            const bool both = left == ascii() && right == ascii();
            addOperation(registry, '+', left, right, both ? ascii() : text(),
                         [](BytesView a, BytesView b) -> Result<Bytes> {
                             Bytes out(a);
                             out += b;
                             return out;
                         });
        }
    }
}

Bytes negated(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Float:
            return encodeFloat(-decodeFloat(bytes));
        case Kind::Double:
            return encodeDouble(-decodeDouble(bytes));
        case Kind::Varint:
            return varintToBytes(-varintFromBytes(bytes));
        case Kind::Decimal: {
            const BigDecimal value = BigDecimal::fromBytes(bytes);
            return BigDecimal{-value.unscaled, value.scale}.toBytes();
        }
        default:
            return wholeBytes(type, wrap(0 - static_cast<std::uint64_t>(longValue(type, bytes))));
    }
}

}  // namespace

void addOperators(Registry& registry) {
    addNumericOperations(registry);
    addTemporalOperations(registry);
    addConcatenations(registry);
    const Heading heading = [](std::span<const std::string> arguments) {
        return "-" + arguments[0];
    };
    for (const TypePtr& type : numberTypes()) {
        const Body body = [type](const FunctionContext&, Arguments arguments) -> Result<Value> {
            return Value(negated(*type, *arguments[0]));
        };
        registry.add(scalar(negationFunction().name, {type}, type, body, {.heading = heading}));
    }
}

}  // namespace engine::types::detail
