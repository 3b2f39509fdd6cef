#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/cql/java/type.h"
#include "engine/types/big_number.h"
#include "engine/types/codec.h"

namespace engine::cql::java {

struct Object;
using ObjectPtr = std::shared_ptr<Object>;

/// A value at run time. A box is its primitive; what is null is told by the variant.
using Value = std::variant<std::monostate, bool, std::int8_t, std::int16_t, char16_t, std::int32_t, std::int64_t,
                           float, double, ObjectPtr>;

struct ListObject { std::vector<Value> items; };                       // Lists and sets.
struct MapObject { std::vector<std::pair<Value, Value>> entries; };
struct IteratorObject { std::vector<Value> items; std::size_t next = 0; };
struct EntryObject { Value key, value; };
struct TupleObject {
    types::TypePtr type;
    std::vector<types::Value> fields;
};
struct BytesObject { Bytes bytes; std::string what; };                 // ByteBuffer, UUID, InetAddress, Duration.
struct ThrowableObject { std::optional<std::string> message; };
struct ContextObject {};

/// Anything with a class. Held by its users and by the containers it was put into.
struct Object {
    std::string className;  // Simple.
    std::variant<std::u16string, types::detail::BigInt, types::detail::BigDecimal, std::int64_t, ListObject,
                 MapObject, IteratorObject, EntryObject, TupleObject, BytesObject, ThrowableObject, ContextObject>
        data;
};

/// A Java exception on its way out; never leaves this folder.
struct Thrown {
    std::string className;  // Simple.
    std::optional<std::string> message;
};
[[noreturn]] void raise(std::string className, std::string message);

/// The containers of one call: they may hold one another in any depth and in circles, and end with it.
/// While one lives it takes all that are made on its thread.
class Heap {
public:
    Heap();
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;
    ~Heap();
    static void add(const ObjectPtr& container);
    /// Counts the values that comparisons and texts look at; false: one call may not look at more.
    static bool mayLook();

private:
    std::uint64_t m_looks = 0;
    std::vector<ObjectPtr> m_containers;
    Heap* m_before;
};

template <typename Data>
ObjectPtr makeObject(std::string className, Data data) {
    auto out = std::make_shared<Object>(Object{std::move(className), std::move(data)});
    if constexpr (std::is_same_v<Data, ListObject> || std::is_same_v<Data, MapObject> ||
                  std::is_same_v<Data, EntryObject> || std::is_same_v<Data, IteratorObject>) {
        Heap::add(out);
    }
    return out;
}

/// Thrown when a limit of a call is passed; no Java code sees it.
struct Exceeded {
    std::string what;
};
Value makeString(std::u16string text);
Value makeString(std::string_view utf8);
std::u16string toUtf16(std::string_view utf8);
std::string toUtf8(std::u16string_view text);

inline bool isNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }
/// The object, or a NullPointerException.
const ObjectPtr& object(const Value& value);
template <typename Data>
Data& as(const Value& value) {
    Data* data = std::get_if<Data>(&object(value)->data);
    if (data == nullptr) {
        raise("ClassCastException", "class " + fullName(object(value)->className) + " is not what is needed here");
    }
    return *data;
}
/// The class of a value that is not null.
std::string classNameOf(const Value& value);

/// Numbers and chars, widened or cut as Java's casts do. The kind is a primitive one.
Value convert(const Value& value, Type::Kind kind);
/// Java's cast of a double to long, and to int: towards zero, NaN to zero, clamped.
std::int64_t saturatedLong(double v);
std::int32_t saturatedInt(double v);
std::int64_t toLong(const Value& value);
double toDouble(const Value& value);
bool toBool(const Value& value);

bool equal(const Value& a, const Value& b);  // Object.equals.
int compare(const Value& a, const Value& b);  // Comparable.compareTo.
std::int32_t hashOf(const Value& value);
std::u16string text(const Value& value);     // String.valueOf.

/// From and to serialised values.
Value fromCql(const types::TypePtr& type, const std::optional<BytesView>& bytes);
types::Value toCql(const types::TypePtr& type, const Value& value);

}  // namespace engine::cql::java
