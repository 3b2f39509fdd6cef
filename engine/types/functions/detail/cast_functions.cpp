#include <fmt/format.h>

#include <cmath>

#include "engine/types/detail/number.h"
#include "engine/types/functions/detail/numbers.h"
#include "engine/types/functions/detail/registry.h"
#include "engine/types/literals.h"
#include "engine/types/temporal.h"
#include "engine/types/type_names.h"

namespace engine::types::detail {
namespace {

using Conversion = std::function<Result<Bytes>(BytesView)>;

/// "castAsText" of "text": the name before 5.0, which needs quotes.
std::string oldName(const std::string& type) {
    std::string name = "castAs" + type;
    name[6] = static_cast<char>(name[6] - 32);
    return name;
}

void addCast(Registry& registry, const TypePtr& from, const TypePtr& to, Conversion conversion) {
    const std::string type = cqlName(to);
    const Heading heading = [type](std::span<const std::string> arguments) {
        return fmt::format("cast({} as {})", arguments[0], type);
    };
    const Body body = [conversion = std::move(conversion)](const FunctionContext&,
                                                           Arguments arguments) -> Result<Value> {
        TRY_ASSIGN(Bytes bytes, conversion(*arguments[0]));
        return Value(std::move(bytes));
    };
    for (const std::string& name : {"cast_as_" + type, oldName(type)}) {
        registry.add(scalar(name, {from}, to, body, {.heading = heading}));
    }
}

Result<Bytes> convertNumber(const DataType& from, const DataType& to, BytesView bytes) {
    switch (to.kind()) {
        case Kind::Float:
            return encodeFloat(floatValue(from, bytes));
        case Kind::Double:
            return encodeDouble(doubleValue(from, bytes));
        case Kind::Decimal: {
            if (from.kind() == Kind::Float && std::isfinite(decodeFloat(bytes))) {
                // By its own text here, where operators take the double it widens to.
                return fromString(*decimal(), javaToString(decodeFloat(bytes)));
            }
            if (from.kind() != Kind::Double && from.kind() != Kind::Float && from.kind() != Kind::Decimal) {
                return BigDecimal{bigIntValue(from, bytes), 0}.toBytes();
            }
            TRY_ASSIGN(const BigDecimal value, decimalValue(from, bytes));
            return value.toBytes();
        }
        case Kind::Varint:
            return varintToBytes(from.kind() == Kind::Decimal
                                     ? BigDecimal::fromBytes(bytes).toInteger()
                                     : bigIntValue(from, bytes));
        case Kind::Bigint:
            return encodeBigint(longValue(from, bytes));
        default:
            break;
    }
    // Java's narrower conversions of floating numbers clamp to int first.
    const bool floating = from.kind() == Kind::Float || from.kind() == Kind::Double;
    const std::int64_t value =
        floating ? saturatedInt(doubleValue(from, bytes)) : longValue(from, bytes);
    return wholeBytes(to, value);
}

Conversion asText(const TypePtr& from) {
    return [from](BytesView bytes) -> Result<Bytes> {
        return from->kind() == Kind::Timestamp ? timestampText(decodeBigint(bytes), 'T')
                                               : toText(*from, bytes);
    };
}

void addTextCasts(Registry& registry, const TypePtr& from) {
    addCast(registry, from, ascii(), asText(from));
    addCast(registry, from, text(), asText(from));
}

Result<Bytes> timestampToDate(BytesView bytes) {
    return encodeDate(daysOfMillis(decodeBigint(bytes)));
}

Result<Bytes> timeuuidToTimestamp(BytesView bytes) {
    return encodeTimestamp(decodeUuid(bytes).unixMillis());
}

Result<Bytes> timeuuidToDate(BytesView bytes) {
    return encodeDate(daysOfMillis(decodeUuid(bytes).unixMillis()));
}

Result<Bytes> dateToTimestamp(BytesView bytes) {
    return encodeTimestamp(std::int64_t(decodeDate(bytes)) * 86'400'000);
}

}  // namespace

void addCastFunctions(Registry& registry) {
    for (const TypePtr& from : numberTypes()) {
        for (const TypePtr& to : numberTypes()) {
            if (from != to && !to->isCounter()) {
                addCast(registry, from, to,
                        [from, to](BytesView bytes) { return convertNumber(*from, *to, bytes); });
            }
        }
        addTextCasts(registry, from);
    }
    addCast(registry, ascii(), text(), asText(ascii()));
    for (const TypePtr& from :
         {inet(), boolean(), timeuuid(), timestamp(), date(), time(), uuid()}) {
        addTextCasts(registry, from);
    }
    addCast(registry, timeuuid(), date(), timeuuidToDate);
    addCast(registry, timeuuid(), timestamp(), timeuuidToTimestamp);
    addCast(registry, timestamp(), date(), timestampToDate);
    addCast(registry, date(), timestamp(), dateToTimestamp);
}

}  // namespace engine::types::detail
