#include "engine/cql/java/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/utf8.h"
#include "engine/base/uuid.h"
#include "engine/types/literals.h"

namespace engine::cql::java {

using types::detail::BigDecimal;
using types::detail::BigInt;

void raise(std::string className, std::string message) {
    throw Thrown{std::move(className), std::move(message)};
}

std::u16string toUtf16(std::string_view utf8) {
    std::u16string out;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
        std::uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
        for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) {
            point = point << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3f);
        }
        if (point >= 0x10000) {
            out.push_back(static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10)));
            out.push_back(static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff)));
        } else {
            out.push_back(static_cast<char16_t>(point));
        }
        i += length;
    }
    return out;
}

std::string toUtf8(std::u16string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint32_t point = text[i];
        if (point >= 0xd800 && point < 0xdc00 && i + 1 < text.size()) {
            point = 0x10000 + ((point - 0xd800) << 10) + (text[++i] - 0xdc00u);
        }
        appendUtf8(out, point);
    }
    return out;
}

Value makeString(std::u16string value) { return makeObject("String", std::move(value)); }
Value makeString(std::string_view utf8) { return makeString(toUtf16(utf8)); }

const ObjectPtr& object(const Value& value) {
    if (isNull(value)) {
        throw Thrown{"NullPointerException", std::nullopt};
    }
    if (const auto* found = std::get_if<ObjectPtr>(&value)) {
        return *found;
    }
    raise("ClassCastException", "class " + fullName(classNameOf(value)) + " is not what is needed here");
}

std::string classNameOf(const Value& value) {
    static constexpr const char* kNames[] = {"Object", "Boolean", "Byte",  "Short", "Character",
                                             "Integer", "Long",   "Float", "Double"};
    if (const auto* found = std::get_if<ObjectPtr>(&value)) {
        return (*found)->className;
    }
    return kNames[value.index()];
}

std::int64_t saturatedLong(double v) {
    constexpr double kLimit = 9223372036854775808.0;  // 2^63, which long just does not reach.
    if (std::isnan(v)) {
        return 0;
    }
    return v >= kLimit    ? std::numeric_limits<std::int64_t>::max()
           : v <= -kLimit ? std::numeric_limits<std::int64_t>::min()
                          : static_cast<std::int64_t>(v);
}

std::int32_t saturatedInt(double v) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(saturatedLong(v),
                                                              std::numeric_limits<std::int32_t>::min(),
                                                              std::numeric_limits<std::int32_t>::max()));
}

namespace {

template <typename To>
To narrowed(double v) {
    return static_cast<To>(saturatedInt(v));
}

}  // namespace

std::int64_t toLong(const Value& value) {
    return std::visit(
        [](const auto& v) -> std::int64_t {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<T, std::monostate>) {
                throw Thrown{"NullPointerException", std::nullopt};
            } else if constexpr (std::is_floating_point_v<T>) {
                return saturatedLong(v);
            } else if constexpr (std::is_same_v<T, ObjectPtr>) {
                if (const auto* whole = std::get_if<BigInt>(&v->data)) {
                    return types::detail::lowBits(*whole);
                }
                if (const auto* decimal = std::get_if<BigDecimal>(&v->data)) {
                    return types::detail::lowBits(decimal->toInteger());
                }
                raise("ClassCastException", "class " + fullName(v->className) + " is no number");
            } else {
                return static_cast<std::int64_t>(v);
            }
        },
        value);
}

double toDouble(const Value& value) {
    return std::visit(
        [](const auto& v) -> double {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<T, std::monostate>) {
                throw Thrown{"NullPointerException", std::nullopt};
            } else if constexpr (std::is_same_v<T, ObjectPtr>) {
                if (const auto* whole = std::get_if<BigInt>(&v->data)) {
                    return types::detail::toDouble(*whole);
                }
                if (const auto* decimal = std::get_if<BigDecimal>(&v->data)) {
                    return decimal->toDouble();
                }
                raise("ClassCastException", "class " + fullName(v->className) + " is no number");
            } else {
                return static_cast<double>(v);
            }
        },
        value);
}

bool toBool(const Value& value) {
    if (isNull(value)) {
        throw Thrown{"NullPointerException", std::nullopt};
    }
    const bool* found = std::get_if<bool>(&value);
    return found != nullptr && *found;
}

Value convert(const Value& value, Type::Kind kind) {
    const bool floating = std::holds_alternative<float>(value) || std::holds_alternative<double>(value);
    switch (kind) {
        case Type::Kind::Boolean: return toBool(value);
        case Type::Kind::Byte:
            return floating ? narrowed<std::int8_t>(toDouble(value)) : static_cast<std::int8_t>(toLong(value));
        case Type::Kind::Short:
            return floating ? narrowed<std::int16_t>(toDouble(value)) : static_cast<std::int16_t>(toLong(value));
        case Type::Kind::Char:
            return floating ? narrowed<char16_t>(toDouble(value)) : static_cast<char16_t>(toLong(value));
        case Type::Kind::Int:
            return floating ? saturatedInt(toDouble(value)) : static_cast<std::int32_t>(toLong(value));
        case Type::Kind::Long: return toLong(value);
        case Type::Kind::Float:
            return floating ? static_cast<float>(toDouble(value)) : static_cast<float>(toLong(value));
        case Type::Kind::Double: return toDouble(value);
        default: return value;
    }
}

namespace {

constexpr std::size_t kContainersMax = 1'000'000;
constexpr int kValueDepthMax = 200;
constexpr std::uint64_t kVisitsMax = 2'000'000;

thread_local Heap* t_heap = nullptr;

/// One step of a walk through values within values, which may be deep, wide, or a circle.
class Step {
public:
    Step() {
        if (t_depth++ == 0) {
            t_visits = 0;
        }
        if (t_depth > kValueDepthMax) {
            --t_depth;
            throw Thrown{"StackOverflowError", std::nullopt};
        }
        if (++t_visits > kVisitsMax || !Heap::mayLook()) {
            --t_depth;
            throw Exceeded{"used more memory than a function may"};
        }
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { --t_depth; }

private:
    static thread_local int t_depth;
    static thread_local std::uint64_t t_visits;
};
thread_local int Step::t_depth = 0;
thread_local std::uint64_t Step::t_visits = 0;

}  // namespace

Heap::Heap() : m_before(std::exchange(t_heap, this)) {}

/// Every container is emptied while all are held here: so no chain of them ends one within the other.
Heap::~Heap() {
    t_heap = m_before;
    for (const ObjectPtr& container : m_containers) {
        if (auto* list = std::get_if<ListObject>(&container->data)) {
            list->items.clear();
        } else if (auto* map = std::get_if<MapObject>(&container->data)) {
            map->entries.clear();
        } else if (auto* iterator = std::get_if<IteratorObject>(&container->data)) {
            iterator->items.clear();
        } else if (auto* entry = std::get_if<EntryObject>(&container->data)) {
            entry->key = {};
            entry->value = {};
        }
    }
}

bool Heap::mayLook() {
    constexpr std::uint64_t kLooksMax = 100'000'000;
    return t_heap == nullptr || ++t_heap->m_looks < kLooksMax;
}

void Heap::add(const ObjectPtr& container) {
    if (t_heap == nullptr) {
        return;
    }
    if (t_heap->m_containers.size() >= kContainersMax) {
        throw Exceeded{"used more memory than a function may"};
    }
    t_heap->m_containers.push_back(container);
}

bool equal(const Value& a, const Value& b) {
    const Step step;
    if (a.index() != b.index()) {
        return false;
    }
    const auto* left = std::get_if<ObjectPtr>(&a);
    if (left == nullptr) {
        return a == b;
    }
    const Object& x = **left;
    const Object& y = *std::get<ObjectPtr>(b);
    if (&x == &y) {
        return true;
    }
    if (x.data.index() != y.data.index()) {
        return false;
    }
    return std::visit(
        [&](const auto& v) -> bool {
            using T = std::decay_t<decltype(v)>;
            const T& w = std::get<T>(y.data);
            if constexpr (std::is_same_v<T, std::u16string> || std::is_same_v<T, BigInt> ||
                          std::is_same_v<T, std::int64_t>) {
                return v == w;
            } else if constexpr (std::is_same_v<T, BigDecimal>) {
                return v.scale == w.scale && v.unscaled == w.unscaled;
            } else if constexpr (std::is_same_v<T, ListObject>) {
                if (v.items.size() != w.items.size() ||
                    isSubclass(x.className, "Set") != isSubclass(y.className, "Set")) {
                    return false;
                }
                if (!isSubclass(x.className, "Set")) {
                    return std::equal(v.items.begin(), v.items.end(), w.items.begin(), equal);
                }
                return std::all_of(v.items.begin(), v.items.end(), [&](const Value& item) {
                    return std::any_of(w.items.begin(), w.items.end(),
                                       [&](const Value& other) { return equal(item, other); });
                });
            } else if constexpr (std::is_same_v<T, MapObject>) {
                return v.entries.size() == w.entries.size() &&
                       std::all_of(v.entries.begin(), v.entries.end(), [&](const auto& e) {
                           return std::any_of(w.entries.begin(), w.entries.end(), [&](const auto& o) {
                               return equal(e.first, o.first) && equal(e.second, o.second);
                           });
                       });
            } else if constexpr (std::is_same_v<T, BytesObject>) {
                return v.bytes == w.bytes;
            } else if constexpr (std::is_same_v<T, TupleObject>) {
                return v.fields == w.fields;
            } else {
                return false;
            }
        },
        x.data);
}

int compare(const Value& a, const Value& b) {
    const auto three = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
    if (isNull(a) || isNull(b)) {
        throw Thrown{"NullPointerException", std::nullopt};
    }
    const auto* left = std::get_if<ObjectPtr>(&a);
    if (left == nullptr) {
        return std::holds_alternative<float>(a) || std::holds_alternative<double>(a)
                   ? three(toDouble(a), toDouble(b))
                   : three(toLong(a), toLong(b));
    }
    const auto* right = std::get_if<ObjectPtr>(&b);
    if (right != nullptr && (*left)->data.index() == (*right)->data.index()) {
        const Object& x = **left;
        const Object& y = **right;
        if (const auto* s = std::get_if<std::u16string>(&x.data)) {
            const auto& t = std::get<std::u16string>(y.data);
            const auto at = std::mismatch(s->begin(), s->end(), t.begin(), t.end());
            return at.first != s->end() && at.second != t.end()
                       ? static_cast<int>(*at.first) - static_cast<int>(*at.second)
                       : static_cast<int>(s->size()) - static_cast<int>(t.size());
        }
        if (const auto* whole = std::get_if<BigInt>(&x.data)) {
            return three(*whole, std::get<BigInt>(y.data));
        }
        if (const auto* decimal = std::get_if<BigDecimal>(&x.data)) {
            return types::detail::compareDecimal(decimal->toBytes(), std::get<BigDecimal>(y.data).toBytes());
        }
        if (const auto* number = std::get_if<std::int64_t>(&x.data)) {
            return three(*number, std::get<std::int64_t>(y.data));
        }
        if (const auto* bytes = std::get_if<BytesObject>(&x.data)) {
            return bytes->bytes.compare(std::get<BytesObject>(y.data).bytes);
        }
    }
    raise("ClassCastException", fmt::format("class {} cannot be compared to class {}", fullName(classNameOf(a)),
                                            fullName(classNameOf(b))));
}

std::int32_t hashOf(const Value& value) {
    std::uint32_t hash = 0;
    if (std::holds_alternative<bool>(value)) {
        return std::get<bool>(value) ? 1231 : 1237;
    }
    if (const auto* found = std::get_if<ObjectPtr>(&value)) {
        const std::u16string all = text(value);
        static_cast<void>(found);
        for (const char16_t c : all) {
            hash = hash * 31 + c;
        }
        return static_cast<std::int32_t>(hash);
    }
    if (isNull(value)) {
        return 0;
    }
    const auto bits = static_cast<std::uint64_t>(toLong(value));
    return std::holds_alternative<std::int64_t>(value) ? static_cast<std::int32_t>(bits ^ bits >> 32)
                                                       : static_cast<std::int32_t>(bits);
}

std::u16string text(const Value& value) {
    const Step step;
    const auto joined = [](const auto& items, auto one, const char* open, const char* close) {
        std::u16string out = toUtf16(open);
        for (std::size_t i = 0; i < items.size(); ++i) {
            out += (i == 0 ? u"" : u", ") + one(items[i]);
        }
        return out + toUtf16(close);
    };
    return std::visit(
        [&](const auto& v) -> std::u16string {
            using T = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<T, std::monostate>) {
                return u"null";
            } else if constexpr (std::is_same_v<T, bool>) {
                return v ? u"true" : u"false";
            } else if constexpr (std::is_same_v<T, char16_t>) {
                return std::u16string(1, v);
            } else if constexpr (std::is_floating_point_v<T>) {
                return toUtf16(types::detail::javaToString(v));
            } else if constexpr (std::is_same_v<T, ObjectPtr>) {
                const Object& o = *v;
                if (const auto* s = std::get_if<std::u16string>(&o.data)) {
                    return *s;
                }
                if (const auto* whole = std::get_if<BigInt>(&o.data)) {
                    return toUtf16(whole->str());
                }
                if (const auto* decimal = std::get_if<BigDecimal>(&o.data)) {
                    return toUtf16(decimal->toString());
                }
                if (const auto* list = std::get_if<ListObject>(&o.data)) {
                    return joined(list->items, [](const Value& item) { return text(item); }, "[", "]");
                }
                if (const auto* map = std::get_if<MapObject>(&o.data)) {
                    return joined(map->entries,
                                  [](const auto& e) { return text(e.first) + u"=" + text(e.second); }, "{", "}");
                }
                if (const auto* entry = std::get_if<EntryObject>(&o.data)) {
                    return text(entry->key) + u"=" + text(entry->value);
                }
                if (const auto* bytes = std::get_if<BytesObject>(&o.data)) {
                    if (bytes->what == "UUID") {
                        return toUtf16(types::decodeUuid(bytes->bytes).toString());
                    }
                    if (bytes->what == "InetAddress") {
                        return u"/" + toUtf16(types::decodeInet(bytes->bytes));
                    }
                    return toUtf16(fmt::format("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes->bytes.size()));
                }
                if (const auto* tuple = std::get_if<TupleObject>(&o.data)) {
                    return toUtf16(types::toCqlLiteral(*tuple->type, types::packTuple(tuple->fields)));
                }
                if (const auto* number = std::get_if<std::int64_t>(&o.data)) {
                    return toUtf16(o.className == "LocalDate"
                                       ? types::toText(*types::date(),
                                                       types::encodeDate(static_cast<std::int32_t>(*number)))
                                       : types::toText(*types::timestamp(), types::encodeTimestamp(*number)));
                }
                if (const auto* thrown = std::get_if<ThrowableObject>(&o.data)) {
                    return toUtf16(fullName(o.className) + (thrown->message ? ": " + *thrown->message : ""));
                }
                return toUtf16(fullName(o.className));
            } else {
                return toUtf16(std::to_string(static_cast<std::int64_t>(v)));
            }
        },
        value);
}

// ---- serialised values -------------------------------------------------------------------------

Value fromCql(const types::TypePtr& typePtr, const std::optional<BytesView>& bytes) {
    using Cql = types::Kind;
    const types::DataType& type = *typePtr;
    const bool isText = type.kind() == Cql::Text || type.kind() == Cql::Ascii || type.kind() == Cql::Blob;
    if (!bytes || (bytes->empty() && !isText)) {
        return {};
    }
    switch (type.kind()) {
        case Cql::Ascii:
        case Cql::Text: return makeString(*bytes);
        case Cql::Bigint:
        case Cql::Counter:
        case Cql::Time: return types::decodeBigint(*bytes);
        case Cql::Boolean: return types::decodeBoolean(*bytes);
        case Cql::Decimal: return makeObject("BigDecimal", BigDecimal::fromBytes(*bytes));
        case Cql::Double: return types::decodeDouble(*bytes);
        case Cql::Float: return types::decodeFloat(*bytes);
        case Cql::Int: return types::decodeInt(*bytes);
        case Cql::Smallint: return types::decodeSmallint(*bytes);
        case Cql::Tinyint: return types::decodeTinyint(*bytes);
        case Cql::Timestamp: return makeObject("Date", types::decodeBigint(*bytes));
        case Cql::Date: return makeObject("LocalDate", static_cast<std::int64_t>(types::decodeDate(*bytes)));
        case Cql::Varint: return makeObject("BigInteger", types::detail::varintFromBytes(*bytes));
        case Cql::Uuid:
        case Cql::Timeuuid: return makeObject("UUID", BytesObject{Bytes(*bytes), "UUID"});
        case Cql::Inet: return makeObject("InetAddress", BytesObject{Bytes(*bytes), "InetAddress"});
        case Cql::Duration: return makeObject("Duration", BytesObject{Bytes(*bytes), "Duration"});
        case Cql::List:
        case Cql::Set:
        case Cql::Vector: {
            ListObject out;
            const auto items = type.kind() == Cql::Vector ? types::unpackVector(type, *bytes)
                                                          : types::unpackList(*bytes);
            if (items) {
                for (const BytesView item : items.value()) {
                    out.items.push_back(fromCql(type.element(), item));
                }
            }
            return makeObject(type.kind() == Cql::Set ? "LinkedHashSet" : "ArrayList", std::move(out));
        }
        case Cql::Map: {
            MapObject out;
            if (const auto entries = types::unpackMap(*bytes)) {
                for (const auto& [key, value] : entries.value()) {
                    out.entries.emplace_back(fromCql(type.keyType(), key), fromCql(type.valueType(), value));
                }
            }
            return makeObject("LinkedHashMap", std::move(out));
        }
        case Cql::Tuple:
        case Cql::Udt: {
            TupleObject out;
            out.type = typePtr;
            out.fields.resize(type.elements().size());
            if (const auto fields = types::unpackTuple(type, *bytes)) {
                for (std::size_t i = 0; i < fields.value().size(); ++i) {
                    const auto& field = fields.value()[i];
                    out.fields[i] = field ? types::Value(Bytes(*field)) : std::nullopt;
                }
            }
            return makeObject(type.kind() == Cql::Udt ? "UDTValue" : "TupleValue", std::move(out));
        }
        default: return makeObject("ByteBuffer", BytesObject{Bytes(*bytes), "ByteBuffer"});
    }
}

namespace {

/// A null inside a collection is no value that Cassandra could store.
Bytes elementBytes(const types::TypePtr& type, const Value& value) {
    types::Value out = toCql(type, value);
    if (!out) {
        throw Thrown{"NullPointerException", "Collection elements cannot be null"};
    }
    return std::move(*out);
}

}  // namespace

types::Value toCql(const types::TypePtr& typePtr, const Value& value) {
    const Step step;
    using Cql = types::Kind;
    const types::DataType& type = *typePtr;
    if (isNull(value)) {
        return std::nullopt;
    }
    switch (type.kind()) {
        case Cql::Ascii:
        case Cql::Text: return toUtf8(as<std::u16string>(value));
        case Cql::Bigint:
        case Cql::Counter:
        case Cql::Time: return types::encodeBigint(toLong(value));
        case Cql::Boolean: return types::encodeBoolean(toBool(value));
        case Cql::Decimal: return as<BigDecimal>(value).toBytes();
        case Cql::Double: return types::encodeDouble(toDouble(value));
        case Cql::Float: return types::encodeFloat(static_cast<float>(toDouble(value)));
        case Cql::Int: return types::encodeInt(static_cast<std::int32_t>(toLong(value)));
        case Cql::Smallint: return types::encodeSmallint(static_cast<std::int16_t>(toLong(value)));
        case Cql::Tinyint: return types::encodeTinyint(static_cast<std::int8_t>(toLong(value)));
        case Cql::Timestamp: return types::encodeTimestamp(as<std::int64_t>(value));
        case Cql::Date: return types::encodeDate(static_cast<std::int32_t>(as<std::int64_t>(value)));
        case Cql::Varint: return types::detail::varintToBytes(as<BigInt>(value));
        case Cql::List:
        case Cql::Set:
        case Cql::Vector: {
            std::vector<Bytes> items;
            for (const Value& item : as<ListObject>(value).items) {
                items.push_back(elementBytes(type.element(), item));
            }
            if (type.kind() == Cql::Set) {
                types::sortSet(*type.element(), items);
            }
            return type.kind() == Cql::Vector ? types::packVector(type, items) : types::packList(items);
        }
        case Cql::Map: {
            std::vector<std::pair<Bytes, Bytes>> entries;
            for (const auto& [key, item] : as<MapObject>(value).entries) {
                entries.emplace_back(elementBytes(type.keyType(), key), elementBytes(type.valueType(), item));
            }
            types::sortMap(*type.keyType(), entries);
            return types::packMap(entries);
        }
        case Cql::Tuple:
        case Cql::Udt: return types::packTuple(as<TupleObject>(value).fields);
        default: return as<BytesObject>(value).bytes;
    }
}

}  // namespace engine::cql::java
