#include "engine/cql/java/methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/base/uuid.h"

namespace engine::cql::java {

using types::detail::BigDecimal;
using types::detail::BigInt;
using Args = std::vector<Value>;
using Text = std::u16string;

void Machine::make(std::size_t more) {
    units += more;
    if (units > kUnitsMax) {
        throw Exceeded{"used more memory than a function may"};
    }
}

void Machine::checkLimits() {
    if (steps > kStepsMax || wallMicros() - startMicros > kFailMicros) {
        throw Exceeded{fmt::format("ran longer than {}ms", kFailMicros / 1000)};
    }
}

namespace {

using Kind = Type::Kind;

const Text& str(const Value& value) { return as<Text>(value); }
std::int32_t i32(const Value& value) { return static_cast<std::int32_t>(toLong(value)); }

Value newString(Machine& machine, Text value) {
    machine.make(value.size());
    return makeString(std::move(value));
}

std::size_t checkIndex(std::int64_t index, std::size_t size) {
    if (index < 0 || static_cast<std::size_t>(index) >= size) {
        raise("IndexOutOfBoundsException", fmt::format("Index {} out of bounds for length {}", index, size));
    }
    return static_cast<std::size_t>(index);
}

Value substring(Machine& m, const Text& s, std::int64_t from, std::int64_t to) {
    if (from < 0 || to > static_cast<std::int64_t>(s.size()) || from > to) {
        raise("IndexOutOfBoundsException", fmt::format("begin {}, end {}, length {}", from, to, s.size()));
    }
    return newString(m, s.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

Value indexOf(std::size_t at) {
    return at == Text::npos ? std::int32_t{-1} : static_cast<std::int32_t>(at);
}

/// Latin letters only beyond ASCII.
char16_t changedCase(char16_t c, bool upper) {
    if (upper) {
        const bool letter = (c >= u'a' && c <= u'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7) ||
                            (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) || (c >= 0x430 && c <= 0x44f);
        return letter ? static_cast<char16_t>(c - 32) : c;
    }
    const bool letter = (c >= u'A' && c <= u'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
                        (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f);
    return letter ? static_cast<char16_t>(c + 32) : c;
}

Value withCase(Machine& m, const Value& self, bool upper) {
    Text out = str(self);
    for (char16_t& c : out) {
        c = changedCase(c, upper);
    }
    return newString(m, std::move(out));
}

Text replaced(Text s, const Text& from, const Text& to) {
    if (from.empty()) {
        return s;
    }
    for (std::size_t at = 0; (at = s.find(from, at)) != Text::npos; at += to.size()) {
        s.replace(at, from.size(), to);
    }
    return s;
}

Text trimmed(const Text& s) {
    const auto isSpace = [](char16_t c) { return c <= u' '; };
    const auto begin = std::find_if_not(s.begin(), s.end(), isSpace);
    const auto end = std::find_if_not(s.rbegin(), std::make_reverse_iterator(begin), isSpace).base();
    return Text(begin, end);
}

template <typename T>
Value parseWhole(const Value& text) {
    const std::string s = toUtf8(str(text));
    T out{};
    const char* begin = s.data() + (s.starts_with('+') && s.size() > 1 ? 1 : 0);
    const auto [end, broken] = std::from_chars(begin, s.data() + s.size(), out);
    if (broken != std::errc() || end != s.data() + s.size() || s.empty()) {
        raise("NumberFormatException", fmt::format("For input string: \"{}\"", s));
    }
    return out;
}

Value parseDouble(const Value& text) {
    const std::string s = toUtf8(trimmed(str(text)));
    double out = 0;
    const auto [end, broken] = std::from_chars(s.data(), s.data() + s.size(), out);
    if (broken != std::errc() || end != s.data() + s.size() || s.empty()) {
        raise("NumberFormatException", s.empty() ? "empty String" : fmt::format("For input string: \"{}\"", s));
    }
    return out;
}

// ---- collections -------------------------------------------------------------------------------

ListObject& list(const Value& value) { return as<ListObject>(value); }
MapObject& map(const Value& value) { return as<MapObject>(value); }

bool addTo(Machine& m, const Value& collection, const Value& item) {
    const std::string& name = object(collection)->className;
    auto& items = list(collection).items;
    if (isSubclass(name, "Set")) {
        if (std::any_of(items.begin(), items.end(), [&](const Value& v) { return equal(v, item); })) {
            return false;
        }
        m.make(1);
        if (name == "TreeSet") {
            items.insert(std::find_if(items.begin(), items.end(),
                                      [&](const Value& v) { return compare(v, item) > 0; }),
                         item);
            return true;
        }
    }
    m.make(1);
    items.push_back(item);
    return true;
}

auto findKey(const Value& self, const Value& key) {
    auto& entries = map(self).entries;
    return std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return equal(e.first, key); });
}

Value put(Machine& m, const Value& self, const Value& key, Value value) {
    auto& entries = map(self).entries;
    const auto it = findKey(self, key);
    if (it != entries.end()) {
        return std::exchange(it->second, std::move(value));
    }
    m.make(2);
    if (object(self)->className == "TreeMap") {
        entries.insert(std::find_if(entries.begin(), entries.end(),
                                    [&](const auto& e) { return compare(e.first, key) > 0; }),
                       {key, std::move(value)});
    } else {
        entries.emplace_back(key, std::move(value));
    }
    return {};
}

Value newCollection(Machine& m, std::string className, const Value& from) {
    Value out = makeObject(std::move(className), ListObject{});
    for (const Value& item : elementsOf(from)) {
        addTo(m, out, item);
    }
    return out;
}

Value keysOf(const Value& self) {
    ListObject out;
    for (const auto& [key, value] : map(self).entries) {
        out.items.push_back(key);
    }
    return makeObject("LinkedHashSet", std::move(out));
}

Value valuesOf(const Value& self) {
    ListObject out;
    for (const auto& [key, value] : map(self).entries) {
        out.items.push_back(value);
    }
    return makeObject("ArrayList", std::move(out));
}

Value entriesOf(const Value& self) {
    ListObject out;
    for (const auto& [key, value] : map(self).entries) {
        out.items.push_back(makeObject("Map.Entry", EntryObject{key, value}));
    }
    return makeObject("LinkedHashSet", std::move(out));
}

// ---- tuples and user types ---------------------------------------------------------------------

std::size_t fieldAt(const TupleObject& tuple, const Value& where) {
    if (const auto* name = std::get_if<ObjectPtr>(&where)) {
        const std::string text = toUtf8(std::get<Text>((*name)->data));
        const int at = tuple.type->fieldIndex(text);
        if (at < 0) {
            raise("IllegalArgumentException", text + " is not a field defined in this definition");
        }
        return static_cast<std::size_t>(at);
    }
    const std::int64_t index = toLong(where);
    if (index < 0 || static_cast<std::size_t>(index) >= tuple.fields.size()) {
        raise("IndexOutOfBoundsException", fmt::format("Not enough elements (index: {}, size: {})", index,
                                                       tuple.fields.size()));
    }
    return static_cast<std::size_t>(index);
}

Value getField(const Value& self, const Value& where) {
    const TupleObject& tuple = as<TupleObject>(self);
    const std::size_t at = fieldAt(tuple, where);
    const types::Value& bytes = tuple.fields[at];
    return fromCql(tuple.type->element(at), bytes ? std::optional<BytesView>(*bytes) : std::nullopt);
}

/// Number getters give zero for null.
template <typename T>
Value getNumber(const Value& self, const Value& where) {
    const Value value = getField(self, where);
    return isNull(value) ? Value(T{}) : value;
}

Value setField(const Value& self, const Value& where, const Value& value) {
    TupleObject& tuple = as<TupleObject>(self);
    const std::size_t at = fieldAt(tuple, where);
    tuple.fields[at] = toCql(tuple.type->element(at), value);
    return self;
}

Value newTuple(Machine& m, types::Kind wanted) {
    if (m.returnType->kind() != wanted) {
        raise("IllegalStateException", wanted == types::Kind::Udt ? "Function does not return a UDT"
                                                                  : "Function does not return a tuple");
    }
    TupleObject out;
    out.type = m.returnType;
    out.fields.resize(out.type->elements().size());
    return makeObject(wanted == types::Kind::Udt ? "UDTValue" : "TupleValue", std::move(out));
}

// ---- numbers -----------------------------------------------------------------------------------

const BigInt& whole(const Value& value) { return as<BigInt>(value); }
const BigDecimal& decimal(const Value& value) { return as<BigDecimal>(value); }
Value makeWhole(BigInt value) { return makeObject("BigInteger", std::move(value)); }
Value makeDecimal(BigDecimal value) { return makeObject("BigDecimal", std::move(value)); }

Value made(Result<BigDecimal> result) {
    if (!result) {
        raise("ArithmeticException", result.error().message);
    }
    return makeDecimal(std::move(result).value());
}

/// Numbers with more digits would take long to reckon with.
void checkDigits(Machine& machine, std::size_t digits) {
    constexpr std::size_t kDigitsMax = 100'000;
    if (digits > kDigitsMax) {
        throw Exceeded{"used larger numbers than a function may"};
    }
    machine.make(digits);
}

/// The exact quotient, or an exception as BigDecimal.divide(BigDecimal) throws it.
Value exactQuotient(const BigDecimal& a, const BigDecimal& b) {
    if (b.unscaled == 0) {
        raise("ArithmeticException", a.unscaled == 0 ? "Division undefined" : "Division by zero");
    }
    const std::int32_t preferred = a.scale - b.scale;
    constexpr std::int32_t kDigitsMax = 1000;
    BigInt numerator = a.unscaled;
    std::int32_t scale = preferred;
    for (std::int32_t i = 0; i < kDigitsMax; ++i) {
        if (numerator % b.unscaled == 0) {
            return makeDecimal({numerator / b.unscaled, scale});
        }
        numerator *= 10;
        ++scale;
    }
    raise("ArithmeticException", "Non-terminating decimal expansion; no exact representable decimal result.");
}

BigInt divided(const BigInt& a, const BigInt& b) {
    if (b == 0) {
        raise("ArithmeticException", "BigInteger divide by zero");
    }
    return a / b;
}

struct Entry {
    const char* signature;  // Class.name(parameters), static ones with a `!` before.
    const char* result;
    Method::Run run;
};

#define RUN [](Machine & m, const Value& self, Args& a) -> Value
#define UNUSED static_cast<void>(m), static_cast<void>(self), static_cast<void>(a)

const Entry kEntries[] = {
    // Object
    {"Object.equals(Object)", "boolean", RUN { UNUSED; return !isNull(self) ? Value(equal(self, a[0])) : (object(self), Value()); }},
    {"Object.hashCode()", "int", RUN { UNUSED; return hashOf(self); }},
    {"Object.toString()", "String", RUN { UNUSED; if (isNull(self)) { object(self); } return newString(m, text(self)); }},
    {"Comparable.compareTo(Object)", "int", RUN { UNUSED; return static_cast<std::int32_t>(compare(self, a[0])); }},
    // String
    {"String.length()", "int", RUN { UNUSED; return static_cast<std::int32_t>(str(self).size()); }},
    {"CharSequence.length()", "int", RUN { UNUSED; return static_cast<std::int32_t>(text(self).size()); }},
    {"String.isEmpty()", "boolean", RUN { UNUSED; return str(self).empty(); }},
    {"String.charAt(int)", "char", RUN { UNUSED; return str(self)[checkIndex(toLong(a[0]), str(self).size())]; }},
    {"String.substring(int)", "String", RUN { return substring(m, str(self), toLong(a[0]), static_cast<std::int64_t>(str(self).size())); }},
    {"String.substring(int,int)", "String", RUN { return substring(m, str(self), toLong(a[0]), toLong(a[1])); }},
    {"String.indexOf(String)", "int", RUN { UNUSED; return indexOf(str(self).find(str(a[0]))); }},
    {"String.indexOf(int)", "int", RUN { UNUSED; return indexOf(str(self).find(static_cast<char16_t>(toLong(a[0])))); }},
    {"String.lastIndexOf(String)", "int", RUN { UNUSED; return indexOf(str(self).rfind(str(a[0]))); }},
    {"String.contains(CharSequence)", "boolean", RUN { UNUSED; return str(self).find(text(a[0])) != Text::npos; }},
    {"String.startsWith(String)", "boolean", RUN { UNUSED; return str(self).starts_with(str(a[0])); }},
    {"String.endsWith(String)", "boolean", RUN { UNUSED; return str(self).ends_with(str(a[0])); }},
    {"String.toUpperCase()", "String", RUN { UNUSED; return withCase(m, self, true); }},
    {"String.toLowerCase()", "String", RUN { UNUSED; return withCase(m, self, false); }},
    {"String.trim()", "String", RUN { UNUSED; return newString(m, trimmed(str(self))); }},
    {"String.concat(String)", "String", RUN { return newString(m, str(self) + str(a[0])); }},
    {"String.replace(char,char)", "String", RUN { Text out = str(self); std::replace(out.begin(), out.end(), static_cast<char16_t>(toLong(a[0])), static_cast<char16_t>(toLong(a[1]))); return newString(m, std::move(out)); }},
    {"String.replace(CharSequence,CharSequence)", "String", RUN { return newString(m, replaced(str(self), text(a[0]), text(a[1]))); }},
    {"String.equalsIgnoreCase(String)", "boolean", RUN { UNUSED; return !isNull(a[0]) && equal(withCase(m, self, false), withCase(m, a[0], false)); }},
    {"String.repeat(int)", "String", RUN { if (toLong(a[0]) < 0) { raise("IllegalArgumentException", "count is negative: " + std::to_string(toLong(a[0]))); } const auto times = static_cast<std::size_t>(toLong(a[0])); m.make(times * str(self).size()); Text out; for (std::size_t i = 0; i < times; ++i) { out += str(self); } return makeString(std::move(out)); }},
    {"!String.valueOf(Object)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!String.valueOf(int)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!String.valueOf(long)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!String.valueOf(double)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!String.valueOf(boolean)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!String.valueOf(char)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    // StringBuilder
    {"StringBuilder.append(Object)", "StringBuilder", RUN { const Text more = text(a[0]); m.make(more.size()); as<Text>(self) += more; return self; }},
    {"StringBuilder.append(int)", "StringBuilder", RUN { m.make(8); as<Text>(self) += text(a[0]); return self; }},
    {"StringBuilder.append(char)", "StringBuilder", RUN { m.make(1); as<Text>(self) += text(a[0]); return self; }},
    {"StringBuilder.append(long)", "StringBuilder", RUN { m.make(8); as<Text>(self) += text(a[0]); return self; }},
    {"StringBuilder.append(double)", "StringBuilder", RUN { m.make(8); as<Text>(self) += text(a[0]); return self; }},
    {"StringBuilder.append(boolean)", "StringBuilder", RUN { m.make(8); as<Text>(self) += text(a[0]); return self; }},
    {"StringBuilder.reverse()", "StringBuilder", RUN { UNUSED; Text& s = as<Text>(self); std::reverse(s.begin(), s.end()); return self; }},
    {"StringBuilder.length()", "int", RUN { UNUSED; return static_cast<std::int32_t>(as<Text>(self).size()); }},
    {"StringBuilder.charAt(int)", "char", RUN { UNUSED; const Text& s = as<Text>(self); return s[checkIndex(toLong(a[0]), s.size())]; }},
    // Numbers
    {"Number.intValue()", "int", RUN { UNUSED; return convert(self, Type::Kind::Int); }},
    {"Number.longValue()", "long", RUN { UNUSED; return convert(self, Type::Kind::Long); }},
    {"Number.doubleValue()", "double", RUN { UNUSED; return toDouble(self); }},
    {"Number.floatValue()", "float", RUN { UNUSED; return static_cast<float>(toDouble(self)); }},
    {"Number.shortValue()", "short", RUN { UNUSED; return convert(convert(self, Type::Kind::Int), Type::Kind::Short); }},
    {"Number.byteValue()", "byte", RUN { UNUSED; return convert(convert(self, Type::Kind::Int), Type::Kind::Byte); }},
    {"Boolean.booleanValue()", "boolean", RUN { UNUSED; return toBool(self); }},
    {"!Integer.parseInt(String)", "int", RUN { UNUSED; return parseWhole<std::int32_t>(a[0]); }},
    {"!Integer.valueOf(String)", "Integer", RUN { UNUSED; return parseWhole<std::int32_t>(a[0]); }},
    {"!Integer.valueOf(int)", "Integer", RUN { UNUSED; return a[0]; }},
    {"!Integer.toString(int)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!Integer.compare(int,int)", "int", RUN { UNUSED; return static_cast<std::int32_t>(compare(a[0], a[1])); }},
    {"!Integer.max(int,int)", "int", RUN { UNUSED; return std::max(i32(a[0]), i32(a[1])); }},
    {"!Integer.min(int,int)", "int", RUN { UNUSED; return std::min(i32(a[0]), i32(a[1])); }},
    {"!Integer.toHexString(int)", "String", RUN { UNUSED; return newString(m, toUtf16(fmt::format("{:x}", static_cast<std::uint32_t>(i32(a[0]))))); }},
    {"!Long.parseLong(String)", "long", RUN { UNUSED; return parseWhole<std::int64_t>(a[0]); }},
    {"!Long.valueOf(String)", "Long", RUN { UNUSED; return parseWhole<std::int64_t>(a[0]); }},
    {"!Long.valueOf(long)", "Long", RUN { UNUSED; return a[0]; }},
    {"!Long.toString(long)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!Long.compare(long,long)", "int", RUN { UNUSED; return static_cast<std::int32_t>(compare(a[0], a[1])); }},
    {"!Double.parseDouble(String)", "double", RUN { UNUSED; return parseDouble(a[0]); }},
    {"!Double.valueOf(String)", "Double", RUN { UNUSED; return parseDouble(a[0]); }},
    {"!Double.valueOf(double)", "Double", RUN { UNUSED; return a[0]; }},
    {"!Double.toString(double)", "String", RUN { UNUSED; return newString(m, text(a[0])); }},
    {"!Double.compare(double,double)", "int", RUN { UNUSED; return static_cast<std::int32_t>(compare(a[0], a[1])); }},
    {"!Double.isNaN(double)", "boolean", RUN { UNUSED; return std::isnan(toDouble(a[0])); }},
    {"!Float.parseFloat(String)", "float", RUN { UNUSED; return static_cast<float>(toDouble(parseDouble(a[0]))); }},
    {"!Float.valueOf(float)", "Float", RUN { UNUSED; return a[0]; }},
    {"!Short.valueOf(short)", "Short", RUN { UNUSED; return a[0]; }},
    {"!Byte.valueOf(byte)", "Byte", RUN { UNUSED; return a[0]; }},
    {"!Boolean.valueOf(boolean)", "Boolean", RUN { UNUSED; return a[0]; }},
    {"!Boolean.parseBoolean(String)", "boolean", RUN { UNUSED; return !isNull(a[0]) && toUtf8(str(withCase(m, a[0], false))) == "true"; }},
    {"!Character.isDigit(char)", "boolean", RUN { UNUSED; return toLong(a[0]) >= '0' && toLong(a[0]) <= '9'; }},
    {"!Character.isLetter(char)", "boolean", RUN { UNUSED; const auto c = static_cast<char16_t>(toLong(a[0])); return changedCase(c, true) != c || changedCase(c, false) != c; }},
    {"!Character.isUpperCase(char)", "boolean", RUN { UNUSED; const auto c = static_cast<char16_t>(toLong(a[0])); return changedCase(c, false) != c; }},
    {"!Character.isLowerCase(char)", "boolean", RUN { UNUSED; const auto c = static_cast<char16_t>(toLong(a[0])); return changedCase(c, true) != c; }},
    {"!Character.isWhitespace(char)", "boolean", RUN { UNUSED; const auto c = toLong(a[0]); return c == ' ' || (c >= 9 && c <= 13); }},
    {"!Character.toUpperCase(char)", "char", RUN { UNUSED; return changedCase(static_cast<char16_t>(toLong(a[0])), true); }},
    {"!Character.toLowerCase(char)", "char", RUN { UNUSED; return changedCase(static_cast<char16_t>(toLong(a[0])), false); }},
    // Math
    {"!Math.abs(int)", "int", RUN { UNUSED; const auto v = i32(a[0]); return v < 0 ? static_cast<std::int32_t>(0u - static_cast<std::uint32_t>(v)) : v; }},
    {"!Math.abs(long)", "long", RUN { UNUSED; const auto v = toLong(a[0]); return v < 0 ? static_cast<std::int64_t>(0ull - static_cast<std::uint64_t>(v)) : v; }},
    {"!Math.abs(float)", "float", RUN { UNUSED; return std::fabs(std::get<float>(a[0])); }},
    {"!Math.abs(double)", "double", RUN { UNUSED; return std::fabs(toDouble(a[0])); }},
    {"!Math.max(int,int)", "int", RUN { UNUSED; return std::max(i32(a[0]), i32(a[1])); }},
    {"!Math.max(long,long)", "long", RUN { UNUSED; return std::max(toLong(a[0]), toLong(a[1])); }},
    {"!Math.max(float,float)", "float", RUN { UNUSED; return std::max(std::get<float>(a[0]), std::get<float>(a[1])); }},
    {"!Math.max(double,double)", "double", RUN { UNUSED; const double x = toDouble(a[0]), y = toDouble(a[1]); return std::isnan(x) ? x : std::isnan(y) ? y : std::max(x, y); }},
    {"!Math.min(int,int)", "int", RUN { UNUSED; return std::min(i32(a[0]), i32(a[1])); }},
    {"!Math.min(long,long)", "long", RUN { UNUSED; return std::min(toLong(a[0]), toLong(a[1])); }},
    {"!Math.min(float,float)", "float", RUN { UNUSED; return std::min(std::get<float>(a[0]), std::get<float>(a[1])); }},
    {"!Math.min(double,double)", "double", RUN { UNUSED; const double x = toDouble(a[0]), y = toDouble(a[1]); return std::isnan(x) ? x : std::isnan(y) ? y : std::min(x, y); }},
    {"!Math.sqrt(double)", "double", RUN { UNUSED; return std::sqrt(toDouble(a[0])); }},
    {"!Math.cbrt(double)", "double", RUN { UNUSED; return std::cbrt(toDouble(a[0])); }},
    {"!Math.pow(double,double)", "double", RUN { UNUSED; return std::pow(toDouble(a[0]), toDouble(a[1])); }},
    {"!Math.exp(double)", "double", RUN { UNUSED; return std::exp(toDouble(a[0])); }},
    {"!Math.log(double)", "double", RUN { UNUSED; return std::log(toDouble(a[0])); }},
    {"!Math.log10(double)", "double", RUN { UNUSED; return std::log10(toDouble(a[0])); }},
    {"!Math.sin(double)", "double", RUN { UNUSED; return std::sin(toDouble(a[0])); }},
    {"!Math.cos(double)", "double", RUN { UNUSED; return std::cos(toDouble(a[0])); }},
    {"!Math.tan(double)", "double", RUN { UNUSED; return std::tan(toDouble(a[0])); }},
    {"!Math.atan(double)", "double", RUN { UNUSED; return std::atan(toDouble(a[0])); }},
    {"!Math.atan2(double,double)", "double", RUN { UNUSED; return std::atan2(toDouble(a[0]), toDouble(a[1])); }},
    {"!Math.floor(double)", "double", RUN { UNUSED; return std::floor(toDouble(a[0])); }},
    {"!Math.ceil(double)", "double", RUN { UNUSED; return std::ceil(toDouble(a[0])); }},
    {"!Math.rint(double)", "double", RUN { UNUSED; return std::nearbyint(toDouble(a[0])); }},
    {"!Math.hypot(double,double)", "double", RUN { UNUSED; return std::hypot(toDouble(a[0]), toDouble(a[1])); }},
    {"!Math.signum(double)", "double", RUN { UNUSED; const double v = toDouble(a[0]); return v > 0 ? 1.0 : v < 0 ? -1.0 : v; }},
    {"!Math.round(float)", "int", RUN { UNUSED; return saturatedInt(std::floor(static_cast<double>(std::get<float>(a[0])) + 0.5)); }},
    {"!Math.round(double)", "long", RUN { UNUSED; return saturatedLong(std::floor(toDouble(a[0]) + 0.5)); }},
    {"!Math.toRadians(double)", "double", RUN { UNUSED; return toDouble(a[0]) * 0.017453292519943295; }},
    {"!Math.toDegrees(double)", "double", RUN { UNUSED; return toDouble(a[0]) * 57.29577951308232; }},
    {"!Math.floorMod(int,int)", "int", RUN { UNUSED; const auto y = i32(a[1]); if (y == 0) { raise("ArithmeticException", "/ by zero"); } const std::int64_t r = toLong(a[0]) % y; return static_cast<std::int32_t>(r != 0 && (r < 0) != (y < 0) ? r + y : r); }},
    {"!Math.addExact(int,int)", "int", RUN { UNUSED; std::int32_t out = 0; if (__builtin_add_overflow(i32(a[0]), i32(a[1]), &out)) { raise("ArithmeticException", "integer overflow"); } return out; }},
    {"!Math.addExact(long,long)", "long", RUN { UNUSED; std::int64_t out = 0; if (__builtin_add_overflow(toLong(a[0]), toLong(a[1]), &out)) { raise("ArithmeticException", "long overflow"); } return out; }},
    {"!Math.multiplyExact(long,long)", "long", RUN { UNUSED; std::int64_t out = 0; if (__builtin_mul_overflow(toLong(a[0]), toLong(a[1]), &out)) { raise("ArithmeticException", "long overflow"); } return out; }},
    {"!System.currentTimeMillis()", "long", RUN { UNUSED; return m.wallMicros() / 1000; }},
    {"!System.nanoTime()", "long", RUN { UNUSED; return m.wallMicros() * 1000; }},
    // BigInteger
    {"BigInteger.add(BigInteger)", "BigInteger", RUN { UNUSED; return makeWhole(whole(self) + whole(a[0])); }},
    {"BigInteger.subtract(BigInteger)", "BigInteger", RUN { UNUSED; return makeWhole(whole(self) - whole(a[0])); }},
    {"BigInteger.multiply(BigInteger)", "BigInteger", RUN { checkDigits(m, types::detail::digitCount(whole(self)) + types::detail::digitCount(whole(a[0]))); return makeWhole(whole(self) * whole(a[0])); }},
    {"BigInteger.divide(BigInteger)", "BigInteger", RUN { UNUSED; return makeWhole(divided(whole(self), whole(a[0]))); }},
    {"BigInteger.remainder(BigInteger)", "BigInteger", RUN { UNUSED; return makeWhole(whole(self) - divided(whole(self), whole(a[0])) * whole(a[0])); }},
    {"BigInteger.mod(BigInteger)", "BigInteger", RUN { UNUSED; if (whole(a[0]) <= 0) { raise("ArithmeticException", "BigInteger: modulus not positive"); } BigInt r = whole(self) % whole(a[0]); return makeWhole(r < 0 ? r + whole(a[0]) : r); }},
    {"BigInteger.pow(int)", "BigInteger", RUN { const auto n = i32(a[0]); if (n < 0) { raise("ArithmeticException", "Negative exponent"); } checkDigits(m, static_cast<std::size_t>(n) * types::detail::digitCount(whole(self))); return makeWhole(boost::multiprecision::pow(whole(self), static_cast<unsigned>(n))); }},
    {"BigInteger.negate()", "BigInteger", RUN { UNUSED; return makeWhole(-whole(self)); }},
    {"BigInteger.abs()", "BigInteger", RUN { UNUSED; return makeWhole(boost::multiprecision::abs(whole(self))); }},
    {"BigInteger.signum()", "int", RUN { UNUSED; return static_cast<std::int32_t>(whole(self).sign()); }},
    {"BigInteger.max(BigInteger)", "BigInteger", RUN { UNUSED; return compare(self, a[0]) >= 0 ? self : a[0]; }},
    {"BigInteger.min(BigInteger)", "BigInteger", RUN { UNUSED; return compare(self, a[0]) <= 0 ? self : a[0]; }},
    {"!BigInteger.valueOf(long)", "BigInteger", RUN { UNUSED; return makeWhole(BigInt(toLong(a[0]))); }},
    // BigDecimal
    {"BigDecimal.add(BigDecimal)", "BigDecimal", RUN { UNUSED; return made(types::detail::add(decimal(self), decimal(a[0]))); }},
    {"BigDecimal.subtract(BigDecimal)", "BigDecimal", RUN { UNUSED; return made(types::detail::subtract(decimal(self), decimal(a[0]))); }},
    {"BigDecimal.multiply(BigDecimal)", "BigDecimal", RUN { checkDigits(m, decimal(self).precision() + decimal(a[0]).precision()); return made(types::detail::multiply(decimal(self), decimal(a[0]))); }},
    {"BigDecimal.divide(BigDecimal)", "BigDecimal", RUN { UNUSED; return exactQuotient(decimal(self), decimal(a[0])); }},
    {"BigDecimal.remainder(BigDecimal)", "BigDecimal", RUN { UNUSED; if (decimal(a[0]).unscaled == 0) { raise("ArithmeticException", "Division by zero"); } return made(types::detail::remainder(decimal(self), decimal(a[0]))); }},
    {"BigDecimal.negate()", "BigDecimal", RUN { UNUSED; return makeDecimal({-decimal(self).unscaled, decimal(self).scale}); }},
    {"BigDecimal.abs()", "BigDecimal", RUN { UNUSED; return makeDecimal({boost::multiprecision::abs(decimal(self).unscaled), decimal(self).scale}); }},
    {"BigDecimal.signum()", "int", RUN { UNUSED; return static_cast<std::int32_t>(decimal(self).unscaled.sign()); }},
    {"BigDecimal.scale()", "int", RUN { UNUSED; return decimal(self).scale; }},
    {"BigDecimal.precision()", "int", RUN { UNUSED; return static_cast<std::int32_t>(decimal(self).precision()); }},
    {"BigDecimal.stripTrailingZeros()", "BigDecimal", RUN { UNUSED; return makeDecimal(decimal(self).stripTrailingZeros()); }},
    {"BigDecimal.toPlainString()", "String", RUN { UNUSED; return newString(m, toUtf16(decimal(self).toPlainString())); }},
    {"BigDecimal.toBigInteger()", "BigInteger", RUN { UNUSED; return makeWhole(decimal(self).toInteger()); }},
    {"BigDecimal.max(BigDecimal)", "BigDecimal", RUN { UNUSED; return compare(self, a[0]) >= 0 ? self : a[0]; }},
    {"BigDecimal.min(BigDecimal)", "BigDecimal", RUN { UNUSED; return compare(self, a[0]) <= 0 ? self : a[0]; }},
    {"!BigDecimal.valueOf(long)", "BigDecimal", RUN { UNUSED; return makeDecimal({BigInt(toLong(a[0])), 0}); }},
    {"!BigDecimal.valueOf(double)", "BigDecimal", RUN { UNUSED; if (!std::isfinite(toDouble(a[0]))) { raise("NumberFormatException", "Infinite or NaN"); } return makeDecimal(BigDecimal::fromDouble(toDouble(a[0]))); }},
    // UUID, Date, ByteBuffer, LocalDate
    {"!UUID.fromString(String)", "UUID", RUN { UNUSED; const auto id = Uuid::parse(toUtf8(str(a[0]))); if (!id) { raise("IllegalArgumentException", "Invalid UUID string: " + toUtf8(str(a[0]))); } return makeObject("UUID", BytesObject{types::encodeUuid(*id), "UUID"}); }},
    {"UUID.version()", "int", RUN { UNUSED; return static_cast<std::int32_t>(static_cast<unsigned char>(as<BytesObject>(self).bytes[6]) >> 4); }},
    {"Date.getTime()", "long", RUN { UNUSED; return as<std::int64_t>(self); }},
    {"Date.before(Date)", "boolean", RUN { UNUSED; return as<std::int64_t>(self) < as<std::int64_t>(a[0]); }},
    {"Date.after(Date)", "boolean", RUN { UNUSED; return as<std::int64_t>(self) > as<std::int64_t>(a[0]); }},
    {"LocalDate.getDaysSinceEpoch()", "int", RUN { UNUSED; return static_cast<std::int32_t>(as<std::int64_t>(self)); }},
    {"LocalDate.getMillisSinceEpoch()", "long", RUN { UNUSED; return as<std::int64_t>(self) * 86'400'000; }},
    {"!LocalDate.fromDaysSinceEpoch(int)", "LocalDate", RUN { UNUSED; return makeObject("LocalDate", toLong(a[0])); }},
    {"ByteBuffer.remaining()", "int", RUN { UNUSED; return static_cast<std::int32_t>(as<BytesObject>(self).bytes.size()); }},
    {"ByteBuffer.limit()", "int", RUN { UNUSED; return static_cast<std::int32_t>(as<BytesObject>(self).bytes.size()); }},
    {"ByteBuffer.get(int)", "byte", RUN { UNUSED; const Bytes& b = as<BytesObject>(self).bytes; return static_cast<std::int8_t>(b[checkIndex(toLong(a[0]), b.size())]); }},
    {"ByteBuffer.duplicate()", "ByteBuffer", RUN { UNUSED; return self; }},
    // Collections
    {"Collection.size()", "int", RUN { UNUSED; return static_cast<std::int32_t>(list(self).items.size()); }},
    {"Collection.isEmpty()", "boolean", RUN { UNUSED; return list(self).items.empty(); }},
    {"Collection.contains(Object)", "boolean", RUN { UNUSED; const auto& all = list(self).items; return std::any_of(all.begin(), all.end(), [&](const Value& v) { return equal(v, a[0]); }); }},
    {"Collection.add(E)", "boolean", RUN { return addTo(m, self, a[0]); }},
    {"Collection.addAll(Collection)", "boolean", RUN { bool changed = false; for (const Value& v : elementsOf(a[0])) { changed = addTo(m, self, v) || changed; } return changed; }},
    {"Collection.clear()", "void", RUN { UNUSED; list(self).items.clear(); return {}; }},
    {"Collection.iterator()", "Iterator<E>", RUN { UNUSED; return makeObject("Iterator", IteratorObject{list(self).items, 0}); }},
    {"Set.remove(Object)", "boolean", RUN { UNUSED; return std::erase_if(list(self).items, [&](const Value& v) { return equal(v, a[0]); }) > 0; }},
    {"List.get(int)", "E", RUN { UNUSED; auto& all = list(self).items; return all[checkIndex(toLong(a[0]), all.size())]; }},
    {"List.set(int,E)", "E", RUN { UNUSED; auto& all = list(self).items; return std::exchange(all[checkIndex(toLong(a[0]), all.size())], a[1]); }},
    {"List.add(int,E)", "void", RUN { m.make(1); auto& all = list(self).items; const auto at = checkIndex(toLong(a[0]), all.size() + 1); all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), a[1]); return {}; }},
    {"List.remove(int)", "E", RUN { UNUSED; auto& all = list(self).items; const auto at = checkIndex(toLong(a[0]), all.size()); Value out = all[at]; all.erase(all.begin() + static_cast<std::ptrdiff_t>(at)); return out; }},
    {"List.indexOf(Object)", "int", RUN { UNUSED; const auto& all = list(self).items; const auto it = std::find_if(all.begin(), all.end(), [&](const Value& v) { return equal(v, a[0]); }); return it == all.end() ? std::int32_t{-1} : static_cast<std::int32_t>(it - all.begin()); }},
    {"List.subList(int,int)", "List<E>", RUN { auto& all = list(self).items; const auto from = toLong(a[0]), to = toLong(a[1]); if (from < 0 || to > static_cast<std::int64_t>(all.size()) || from > to) { raise("IndexOutOfBoundsException", fmt::format("fromIndex: {}, toIndex: {}, size: {}", from, to, all.size())); } m.make(static_cast<std::size_t>(to - from)); return makeObject("ArrayList", ListObject{{all.begin() + from, all.begin() + to}}); }},
    {"Map.size()", "int", RUN { UNUSED; return static_cast<std::int32_t>(map(self).entries.size()); }},
    {"Map.isEmpty()", "boolean", RUN { UNUSED; return map(self).entries.empty(); }},
    {"Map.get(Object)", "V", RUN { UNUSED; const auto it = findKey(self, a[0]); return it == map(self).entries.end() ? Value() : it->second; }},
    {"Map.getOrDefault(Object,V)", "V", RUN { UNUSED; const auto it = findKey(self, a[0]); return it == map(self).entries.end() ? a[1] : it->second; }},
    {"Map.containsKey(Object)", "boolean", RUN { UNUSED; return findKey(self, a[0]) != map(self).entries.end(); }},
    {"Map.containsValue(Object)", "boolean", RUN { UNUSED; const auto& all = map(self).entries; return std::any_of(all.begin(), all.end(), [&](const auto& e) { return equal(e.second, a[0]); }); }},
    {"Map.put(K,V)", "V", RUN { return put(m, self, a[0], a[1]); }},
    {"Map.putAll(Map)", "void", RUN { for (const auto& [key, value] : std::vector(map(a[0]).entries)) { put(m, self, key, value); } return {}; }},
    {"Map.remove(Object)", "V", RUN { UNUSED; const auto it = findKey(self, a[0]); if (it == map(self).entries.end()) { return {}; } Value out = it->second; map(self).entries.erase(it); return out; }},
    {"Map.clear()", "void", RUN { UNUSED; map(self).entries.clear(); return {}; }},
    {"Map.keySet()", "Set<K>", RUN { m.make(map(self).entries.size()); UNUSED; return keysOf(self); }},
    {"Map.values()", "Collection<V>", RUN { m.make(map(self).entries.size()); UNUSED; return valuesOf(self); }},
    {"Map.entrySet()", "Set<Map.Entry<K,V>>", RUN { m.make(map(self).entries.size()); UNUSED; return entriesOf(self); }},
    {"Map.Entry.getKey()", "K", RUN { UNUSED; return as<EntryObject>(self).key; }},
    {"Map.Entry.getValue()", "V", RUN { UNUSED; return as<EntryObject>(self).value; }},
    {"Iterator.hasNext()", "boolean", RUN { UNUSED; const auto& it = as<IteratorObject>(self); return it.next < it.items.size(); }},
    {"Iterator.next()", "E", RUN { UNUSED; auto& it = as<IteratorObject>(self); if (it.next >= it.items.size()) { throw Thrown{"NoSuchElementException", std::nullopt}; } return it.items[it.next++]; }},
    {"!Collections.emptyList()", "List", RUN { UNUSED; return makeObject("ArrayList", ListObject{}); }},
    {"!Collections.emptySet()", "Set", RUN { UNUSED; return makeObject("LinkedHashSet", ListObject{}); }},
    {"!Collections.emptyMap()", "Map", RUN { UNUSED; return makeObject("LinkedHashMap", MapObject{}); }},
    {"!Collections.sort(List)", "void", RUN { UNUSED; auto& all = list(a[0]).items; std::stable_sort(all.begin(), all.end(), [](const Value& x, const Value& y) { return compare(x, y) < 0; }); return {}; }},
    {"!Collections.reverse(List)", "void", RUN { UNUSED; auto& all = list(a[0]).items; std::reverse(all.begin(), all.end()); return {}; }},
    {"!Objects.equals(Object,Object)", "boolean", RUN { UNUSED; return equal(a[0], a[1]); }},
    // Throwable
    {"Throwable.getMessage()", "String", RUN { UNUSED; const auto& t = as<ThrowableObject>(self); return t.message ? makeString(*t.message) : Value(); }},
    // Tuples, user types, the context
    {"UDFContext.newReturnUDTValue()", "UDTValue", RUN { UNUSED; return newTuple(m, types::Kind::Udt); }},
    {"UDFContext.newReturnTupleValue()", "TupleValue", RUN { UNUSED; return newTuple(m, types::Kind::Tuple); }},
};

struct FieldAccess {
    const char* suffix;  // getX, setX
    const char* type;
    Method::Run get;
};

const FieldAccess kFieldAccess[] = {
    {"Int", "int", RUN { UNUSED; return getNumber<std::int32_t>(self, a[0]); }},
    {"Long", "long", RUN { UNUSED; return getNumber<std::int64_t>(self, a[0]); }},
    {"Short", "short", RUN { UNUSED; return getNumber<std::int16_t>(self, a[0]); }},
    {"Byte", "byte", RUN { UNUSED; return getNumber<std::int8_t>(self, a[0]); }},
    {"Bool", "boolean", RUN { UNUSED; return getNumber<bool>(self, a[0]); }},
    {"Float", "float", RUN { UNUSED; return getNumber<float>(self, a[0]); }},
    {"Double", "double", RUN { UNUSED; return getNumber<double>(self, a[0]); }},
    {"String", "String", RUN { UNUSED; return getField(self, a[0]); }},
    {"Varint", "BigInteger", RUN { UNUSED; return getField(self, a[0]); }},
    {"Decimal", "BigDecimal", RUN { UNUSED; return getField(self, a[0]); }},
    {"UUID", "UUID", RUN { UNUSED; return getField(self, a[0]); }},
    {"Timestamp", "Date", RUN { UNUSED; return getField(self, a[0]); }},
    {"Date", "LocalDate", RUN { UNUSED; return getField(self, a[0]); }},
    {"Bytes", "ByteBuffer", RUN { UNUSED; return getField(self, a[0]); }},
    {"Inet", "InetAddress", RUN { UNUSED; return getField(self, a[0]); }},
    {"TupleValue", "TupleValue", RUN { UNUSED; return getField(self, a[0]); }},
    {"UDTValue", "UDTValue", RUN { UNUSED; return getField(self, a[0]); }},
};

Value runSet(Machine& m, const Value& self, Args& a) { UNUSED; return setField(self, a[0], a[1]); }
Value runIsNull(Machine& m, const Value& self, Args& a) {
    UNUSED;
    const TupleObject& tuple = as<TupleObject>(self);
    return !tuple.fields[fieldAt(tuple, a[0])].has_value();
}
Value runSetToNull(Machine& m, const Value& self, Args& a) {
    UNUSED;
    TupleObject& tuple = as<TupleObject>(self);
    tuple.fields[fieldAt(tuple, a[0])].reset();
    return self;
}

#undef RUN
#undef UNUSED

/// `List<E>`, `int`, `Map.Entry<K,V>` of the tables above, with the receiver's type arguments.
Type parse(std::string_view text, const Type& receiver) {
    const auto argument = [&](std::size_t i) {
        return i < receiver.arguments.size() ? receiver.arguments[i] : java::classOf("Object");
    };
    if (text == "E" || text == "K") {
        return argument(0);
    }
    if (text == "V") {
        return argument(1);
    }
    for (int kind = 0; kind <= static_cast<int>(Type::Kind::Double); ++kind) {
        const Type candidate = primitive(static_cast<Type::Kind>(kind));
        if (toString(candidate) == text) {
            return candidate;
        }
    }
    const std::size_t open = text.find('<');
    if (open == std::string_view::npos) {
        return java::classOf(std::string(text));
    }
    Type out = java::classOf(std::string(text.substr(0, open)));
    if (receiver.arguments.empty()) {
        return out;  // Raw.
    }
    std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    int depth = 0;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= inside.size(); ++i) {
        if (i == inside.size() || (inside[i] == ',' && depth == 0)) {
            out.arguments.push_back(parse(inside.substr(from, i - from), receiver));
            from = i + 1;
        } else {
            depth += inside[i] == '<' ? 1 : inside[i] == '>' ? -1 : 0;
        }
    }
    return out;
}

std::vector<Type> parseParameters(std::string_view text, const Type& receiver) {
    std::vector<Type> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        out.push_back(parse(text.substr(0, end), receiver));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// How well arguments fit: 0 without boxing, 1 with; negative: not at all. A smaller sum of kinds is
/// the more specific method.
int fit(const std::vector<Type>& parameters, const std::vector<Type>& arguments) {
    int out = 0;
    if (parameters.size() != arguments.size()) {
        return -1;
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!isAssignable(arguments[i], parameters[i])) {
            return -1;
        }
        out += arguments[i].isPrimitive() != parameters[i].isPrimitive() ? 100 : 0;
        out += static_cast<int>(parameters[i].kind);
        out += parameters[i].is("Object") ? 10 : 0;
    }
    return out;
}

/// Type arguments of List, Set, Map and Iterator are those of what implements them; others have none.
bool accessField(const Type& receiver, const std::string& name, const std::vector<Type>& arguments, Method& out) {
    if (!receiver.is("TupleValue") && !receiver.is("UDTValue")) {
        return false;
    }
    if (arguments.empty() || (!isAssignable(arguments[0], primitive(Type::Kind::Int)) &&
                              !(receiver.is("UDTValue") && arguments[0].is("String")))) {
        return false;
    }
    out.parameters = {arguments[0]};
    if ((name == "isNull" || name == "setToNull") && arguments.size() == 1) {
        out.result = name == "isNull" ? primitive(Type::Kind::Boolean) : receiver;
        out.run = name == "isNull" ? runIsNull : runSetToNull;
        return true;
    }
    for (const FieldAccess& access : kFieldAccess) {
        const Type type = parse(access.type, receiver);
        if (name == std::string("get") + access.suffix && arguments.size() == 1) {
            out.result = type;
            out.run = access.get;
            return true;
        }
        if (name == std::string("set") + access.suffix && arguments.size() == 2 &&
            isAssignable(arguments[1], type)) {
            out.parameters.push_back(type);
            out.result = receiver;
            out.run = runSet;
            return true;
        }
    }
    const bool isCollection = name == "getList" || name == "getSet" || name == "getMap";
    if (isCollection && arguments.size() >= 2) {
        out.parameters.assign(arguments.size(), java::classOf("Object"));
        out.parameters[0] = arguments[0];
        out.result = java::classOf(name.substr(3));
        out.run = kFieldAccess[7].get;
        return true;
    }
    if ((name == "setList" || name == "setSet" || name == "setMap") && arguments.size() == 2 &&
        isAssignable(arguments[1], java::classOf(name.substr(3)))) {
        out.parameters.push_back(arguments[1]);
        out.result = receiver;
        out.run = runSet;
        return true;
    }
    return false;
}

}  // namespace

const Method* findMethod(const Type& receiver, const std::string& name, const std::vector<Type>& arguments,
                         bool isStatic, Method& storage) {
    if (!isStatic && accessField(receiver, name, arguments, storage)) {
        return &storage;
    }
    if (isStatic && receiver.is("Arrays") && name == "asList") {
        storage.isStatic = true;
        storage.parameters.clear();
        Type element;
        for (const Type& argument : arguments) {
            const Type own = boxed(argument);
            element = element.kind == Type::Kind::Void || element == own ? own : java::classOf("Object");
            storage.parameters.push_back(own);
        }
        storage.result = element.isClass() ? java::classOf("List", {element}) : java::classOf("List");
        storage.run = [](Machine& m, const Value&, Args& a) -> Value {
            m.make(a.size());
            return makeObject("ArrayList", ListObject{a});
        };
        return &storage;
    }
    int best = -1;
    for (const std::string& owner : lineage(receiver.name)) {
        for (const Entry& entry : kEntries) {
            std::string_view signature = entry.signature;
            const bool entryStatic = signature.starts_with('!');
            signature.remove_prefix(entryStatic ? 1 : 0);
            const std::size_t open = signature.find('(');
            const std::size_t dot = signature.rfind('.', open);
            if (signature.substr(0, dot) != owner || signature.substr(dot + 1, open - dot - 1) != name ||
                (isStatic && !entryStatic)) {
                continue;
            }
            auto parameters =
                parseParameters(signature.substr(open + 1, signature.size() - open - 2), receiver);
            const int fits = fit(parameters, arguments);
            if (fits >= 0 && (best < 0 || fits < best)) {
                best = fits;
                storage = {entryStatic, std::move(parameters), parse(entry.result, receiver), entry.run};
            }
        }
        if (best >= 0) {
            return &storage;
        }
    }
    return nullptr;
}

const Method* findConstructor(const Type& type, const std::vector<Type>& arguments, Method& storage) {
    storage = {};
    storage.result = type;
    const auto takes = [&](std::vector<Type> parameters) {
        const bool fits = fit(parameters, arguments) >= 0;
        if (fits) {
            storage.parameters = std::move(parameters);
        }
        return fits;
    };
    const Type anInt = primitive(Type::Kind::Int);
    static const char* const kLists[] = {"ArrayList", "LinkedList", "HashSet", "LinkedHashSet", "TreeSet"};
    static const char* const kMaps[] = {"HashMap", "LinkedHashMap", "TreeMap"};
#define MAKES(name, ...)                                                         \
    if (type.is(name)) {                                                         \
        storage.run = [](Machine& m, const Value&, Args& a) -> Value __VA_ARGS__; \
        return &storage;                                                         \
    }
    for (const char* name : kLists) {
        if (!type.is(name)) {
            continue;
        }
        if (!takes({}) && !takes({java::classOf("Collection")}) && !takes({anInt})) {
            return nullptr;
        }
        MAKES("ArrayList", { return newCollection(m, "ArrayList", a.empty() || !std::holds_alternative<ObjectPtr>(a[0]) ? makeObject("ArrayList", ListObject{}) : a[0]); })
        MAKES("LinkedList", { return newCollection(m, "LinkedList", a.empty() || !std::holds_alternative<ObjectPtr>(a[0]) ? makeObject("ArrayList", ListObject{}) : a[0]); })
        MAKES("HashSet", { return newCollection(m, "LinkedHashSet", a.empty() || !std::holds_alternative<ObjectPtr>(a[0]) ? makeObject("ArrayList", ListObject{}) : a[0]); })
        MAKES("LinkedHashSet", { return newCollection(m, "LinkedHashSet", a.empty() || !std::holds_alternative<ObjectPtr>(a[0]) ? makeObject("ArrayList", ListObject{}) : a[0]); })
        MAKES("TreeSet", { return newCollection(m, "TreeSet", a.empty() || !std::holds_alternative<ObjectPtr>(a[0]) ? makeObject("ArrayList", ListObject{}) : a[0]); })
    }
    for (const char* name : kMaps) {
        if (!type.is(name)) {
            continue;
        }
        if (!takes({}) && !takes({java::classOf("Map")}) && !takes({anInt})) {
            return nullptr;
        }
        storage.run = type.is("TreeMap") ? [](Machine& m, const Value&, Args& a) -> Value {
            Value out = makeObject("TreeMap", MapObject{});
            if (!a.empty() && std::holds_alternative<ObjectPtr>(a[0])) {
                for (const auto& [key, value] : map(a[0]).entries) {
                    put(m, out, key, value);
                }
            }
            return out;
        } : [](Machine& m, const Value&, Args& a) -> Value {
            if (a.empty() || !std::holds_alternative<ObjectPtr>(a[0])) {
                return makeObject("LinkedHashMap", MapObject{});
            }
            m.make(map(a[0]).entries.size());
            return makeObject("LinkedHashMap", MapObject{map(a[0]).entries});
        };
        return &storage;
    }
    if (type.is("StringBuilder") && (takes({}) || takes({java::classOf("String")}) || takes({anInt}))) {
        MAKES("StringBuilder", { m.make(1); return makeObject("StringBuilder", a.empty() || !std::holds_alternative<ObjectPtr>(a[0]) ? Text() : str(a[0])); })
    }
    if (type.is("String") && (takes({}) || takes({java::classOf("String")}))) {
        MAKES("String", { m.make(1); return makeString(a.empty() ? Text() : str(a[0])); })
    }
    if (type.is("BigInteger") && takes({java::classOf("String")})) {
        MAKES("BigInteger", {
            checkDigits(m, str(a[0]).size());
            auto parsed = types::detail::parseBigInt(toUtf8(str(a[0])));
            if (!parsed) {
                raise("NumberFormatException", "For input string: \"" + toUtf8(str(a[0])) + "\"");
            }
            return makeWhole(std::move(*parsed));
        })
    }
    if (type.is("BigDecimal") && takes({anInt})) {
        MAKES("BigDecimal", { m.make(1); return makeDecimal({BigInt(toLong(a[0])), 0}); })
    }
    if (type.is("BigDecimal") && takes({java::classOf("String")})) {
        MAKES("BigDecimal", {
            checkDigits(m, str(a[0]).size());
            auto parsed = BigDecimal::parse(toUtf8(str(a[0])));
            if (!parsed) {
                throw Thrown{"NumberFormatException", std::nullopt};
            }
            return makeDecimal(std::move(*parsed));
        })
    }
    if (type.is("BigDecimal") && takes({java::classOf("BigInteger")})) {
        MAKES("BigDecimal", { m.make(1); return makeDecimal({whole(a[0]), 0}); })
    }
    if (type.is("Date") && takes({primitive(Type::Kind::Long)})) {
        MAKES("Date", { m.make(1); return makeObject("Date", toLong(a[0])); })
    }
#undef MAKES
    return nullptr;  // Exceptions are made where they are thrown.
}

std::pair<Type, Value> staticField(const std::string& className, const std::string& name) {
    const std::string key = className + "." + name;
    if (key == "Integer.MAX_VALUE") { return {primitive(Kind::Int), std::numeric_limits<std::int32_t>::max()}; }
    if (key == "Integer.MIN_VALUE") { return {primitive(Kind::Int), std::numeric_limits<std::int32_t>::min()}; }
    if (key == "Long.MAX_VALUE") { return {primitive(Kind::Long), std::numeric_limits<std::int64_t>::max()}; }
    if (key == "Long.MIN_VALUE") { return {primitive(Kind::Long), std::numeric_limits<std::int64_t>::min()}; }
    if (key == "Double.MAX_VALUE") { return {primitive(Kind::Double), std::numeric_limits<double>::max()}; }
    if (key == "Double.MIN_VALUE") { return {primitive(Kind::Double), std::numeric_limits<double>::denorm_min()}; }
    if (key == "Double.NaN") { return {primitive(Kind::Double), std::numeric_limits<double>::quiet_NaN()}; }
    if (key == "Double.POSITIVE_INFINITY") { return {primitive(Kind::Double), std::numeric_limits<double>::infinity()}; }
    if (key == "Double.NEGATIVE_INFINITY") { return {primitive(Kind::Double), -std::numeric_limits<double>::infinity()}; }
    if (key == "Math.PI") { return {primitive(Kind::Double), 3.141592653589793}; }
    if (key == "Math.E") { return {primitive(Kind::Double), 2.718281828459045}; }
    if (key == "Boolean.TRUE") { return {java::classOf("Boolean"), true}; }
    if (key == "Boolean.FALSE") { return {java::classOf("Boolean"), false}; }
    if (className == "BigDecimal" || className == "BigInteger") {
        const int number = name == "ZERO" ? 0 : name == "ONE" ? 1 : name == "TEN" ? 10 : -1;
        if (number >= 0) {
            return {java::classOf(className), className == "BigDecimal" ? makeDecimal({BigInt(number), 0})
                                                                  : makeWhole(BigInt(number))};
        }
    }
    return {};
}

std::vector<Value> elementsOf(const Value& iterable) { return list(iterable).items; }

}  // namespace engine::cql::java
