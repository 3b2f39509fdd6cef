#include "engine/types/functions/detail/registry.h"
#include "engine/types/temporal.h"

namespace engine::types::detail {
namespace {

constexpr std::int64_t kMillisPerDay = 86'400'000;
constexpr std::int64_t kNanosPerDay = kMillisPerDay * 1'000'000;
constexpr std::uint64_t kTicksPerMilli = 10'000;

std::int64_t millisOf(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Timeuuid:
            return decodeUuid(bytes).unixMillis();
        case Kind::Date:
            return decodeDate(bytes) * kMillisPerDay;
        default:
            return decodeBigint(bytes);
    }
}

/// A function of no arguments, under each of its names.
void addSource(Registry& registry, std::initializer_list<const char*> names, const TypePtr& type,
               Bytes (*make)(const FunctionContext&)) {
    const Body body = [make](const FunctionContext& context, Arguments) -> Result<Value> {
        return Value(make(context));
    };
    for (const char* name : names) {
        registry.add(scalar(name, {}, type, body, {.pure = false}));
    }
}

std::int64_t nowMillis(const FunctionContext& context) {
    return context.nowMicros / 1000;
}

void addSources(Registry& registry) {
    addSource(registry, {"now", "current_timeuuid", "currenttimeuuid"}, timeuuid(),
              [](const FunctionContext& c) { return encodeUuid(c.nextTimeuuid()); });
    addSource(registry, {"uuid"}, uuid(),
              [](const FunctionContext& c) { return encodeUuid(c.randomUuid()); });
    addSource(registry, {"current_timestamp", "currenttimestamp"}, timestamp(),
              [](const FunctionContext& c) { return encodeTimestamp(nowMillis(c)); });
    addSource(registry, {"current_date", "currentdate"}, date(),
              [](const FunctionContext& c) { return encodeDate(daysOfMillis(nowMillis(c))); });
    addSource(registry, {"current_time", "currenttime"}, time(), [](const FunctionContext& c) {
        return encodeBigint(c.nowMicros % (kNanosPerDay / 1000) * 1000);
    });
}

/// A conversion of one time type, under both of its names.
void addConversion(Registry& registry, std::initializer_list<const char*> names,
                   const TypePtr& from, const TypePtr& to, Bytes (*convert)(std::int64_t millis)) {
    const Body body = [from, convert](const FunctionContext&,
                                      Arguments arguments) -> Result<Value> {
        return Value(convert(millisOf(*from, *arguments[0])));
    };
    for (const char* name : names) {
        registry.add(scalar(name, {from}, to, body));
    }
}

/// A timeuuid that is none: its low half is the least or the greatest there can be, without the
/// variant bits of a real one. Times far out wrap around, as Java's do.
Bytes boundOf(std::int64_t millis, std::uint64_t ticks, std::uint64_t low) {
    const std::uint64_t total = static_cast<std::uint64_t>(millis) * kTicksPerMilli + ticks;
    Uuid uuid = Uuid::timeBased(static_cast<std::int64_t>(total), low);
    uuid.low = low;
    return encodeUuid(uuid);
}

void addConversions(Registry& registry) {
    const auto toDate = [](std::int64_t millis) { return encodeDate(daysOfMillis(millis)); };
    for (const TypePtr& from : {timeuuid(), timestamp(), date()}) {
        if (from != date()) {
            addConversion(registry, {"to_date", "todate"}, from, date(), toDate);
        }
        if (from != timestamp()) {
            addConversion(registry, {"to_timestamp", "totimestamp"}, from, timestamp(),
                          encodeTimestamp);
        }
        addConversion(registry, {"to_unix_timestamp", "tounixtimestamp"}, from, bigint(),
                      encodeBigint);
    }
    addConversion(registry, {"min_timeuuid", "mintimeuuid"}, timestamp(), timeuuid(),
                  [](std::int64_t millis) { return boundOf(millis, 0, 0x8080808080808080ULL); });
    addConversion(registry, {"max_timeuuid", "maxtimeuuid"}, timestamp(), timeuuid(),
                  [](std::int64_t millis) {
                      return boundOf(millis, kTicksPerMilli - 1, 0x7f7f7f7f7f7f7f7fULL);
                  });
}

Result<Value> floorTimestampValue(std::int64_t millis, const DurationValue& step,
                                  std::int64_t start) {
    // Duration.hasMillisecondPrecision looks at the six lowest bits.
    if ((step.nanoseconds & 63) != 0) {
        return invalid("The floor cannot be computed for the " + durationText(step) +
                       " duration as precision is below 1 millisecond");
    }
    TRY_ASSIGN(const std::int64_t floored, floorTimestamp(millis, step, start));
    return Value(encodeTimestamp(floored));
}

Result<Value> floorDateValue(std::int64_t millis, const DurationValue& step, std::int64_t start) {
    if (step.nanoseconds != 0) {
        return invalid("The floor on date values cannot be computed for the " + durationText(step) +
                       " duration as precision is below 1 day");
    }
    TRY_ASSIGN(const std::int64_t floored, floorTimestamp(millis, step, start));
    return Value(encodeDate(daysOfMillis(floored)));
}

Result<Value> floorTimeValue(std::int64_t nanos, const DurationValue& step) {
    if (step.months != 0 || step.days != 0 || step.nanoseconds > kNanosPerDay) {
        return invalid(
            "For time values, the floor can only be computed for durations smaller that a day");
    }
    if (step.nanoseconds < 0) {
        return invalid("Negative durations are not supported by the floor function");
    }
    const std::int64_t rest = step.nanoseconds == 0 ? 0 : nanos % step.nanoseconds;
    return Value(encodeBigint(nanos - rest));
}

/// With and without a start; what has no start begins at the epoch.
void addFloor(Registry& registry, const TypePtr& type, const TypePtr& startType,
              Result<Value> (*floorIt)(std::int64_t, const DurationValue&, std::int64_t)) {
    const Body body = [=](const FunctionContext&, Arguments arguments) -> Result<Value> {
        const std::int64_t start = arguments.size() > 2 ? millisOf(*startType, *arguments[2]) : 0;
        return floorIt(millisOf(*type, *arguments[0]), decodeDuration(*arguments[1]), start);
    };
    registry.add(scalar("floor", {type, duration()}, startType, body));
    registry.add(scalar("floor", {type, duration(), startType}, startType, body));
}

}  // namespace

void addTimeFunctions(Registry& registry) {
    addSources(registry);
    addConversions(registry);
    addFloor(registry, timestamp(), timestamp(), floorTimestampValue);
    addFloor(registry, timeuuid(), timestamp(), floorTimestampValue);
    addFloor(registry, date(), date(), floorDateValue);
    registry.add(scalar(
        "floor", {time(), duration()}, time(), [](const FunctionContext&, Arguments arguments) {
            return floorTimeValue(decodeBigint(*arguments[0]), decodeDuration(*arguments[1]));
        }));
}

}  // namespace engine::types::detail
