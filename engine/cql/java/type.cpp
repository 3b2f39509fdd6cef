#include "engine/cql/java/type.h"

#include <algorithm>
#include <array>

namespace engine::cql::java {

namespace {

using Kind = Type::Kind;

struct Class {
    std::string_view package;
    std::string_view name;
    std::string_view parents;  // Separated by spaces.
};

constexpr Class kClasses[] = {
    {"java.lang", "Object", ""},
    {"java.lang", "Iterable", "Object"},
    {"java.lang", "CharSequence", "Object"},
    {"java.lang", "Comparable", "Object"},
    {"java.lang", "String", "CharSequence Comparable Object"},
    {"java.lang", "StringBuilder", "CharSequence Object"},
    {"java.lang", "Number", "Object"},
    {"java.lang", "Boolean", "Comparable Object"},
    {"java.lang", "Character", "Comparable Object"},
    {"java.lang", "Byte", "Number Comparable Object"},
    {"java.lang", "Short", "Number Comparable Object"},
    {"java.lang", "Integer", "Number Comparable Object"},
    {"java.lang", "Long", "Number Comparable Object"},
    {"java.lang", "Float", "Number Comparable Object"},
    {"java.lang", "Double", "Number Comparable Object"},
    {"java.math", "BigInteger", "Number Comparable Object"},
    {"java.math", "BigDecimal", "Number Comparable Object"},
    {"java.lang", "Math", "Object"},
    {"java.lang", "System", "Object"},
    {"java.util", "UUID", "Comparable Object"},
    {"java.util", "Date", "Comparable Object"},
    {"java.nio", "ByteBuffer", "Comparable Object"},
    {"java.net", "InetAddress", "Object"},
    {"com.datastax.driver.core", "LocalDate", "Object"},
    {"com.datastax.driver.core", "Duration", "Object"},
    {"java.util", "Collection", "Iterable Object"},
    {"java.util", "List", "Collection Iterable Object"},
    {"java.util", "ArrayList", "List Collection Iterable Object"},
    {"java.util", "LinkedList", "List Collection Iterable Object"},
    {"java.util", "Set", "Collection Iterable Object"},
    {"java.util", "HashSet", "Set Collection Iterable Object"},
    {"java.util", "LinkedHashSet", "HashSet Set Collection Iterable Object"},
    {"java.util", "TreeSet", "Set Collection Iterable Object"},
    {"java.util", "Map", "Object"},
    {"java.util", "HashMap", "Map Object"},
    {"java.util", "LinkedHashMap", "HashMap Map Object"},
    {"java.util", "TreeMap", "Map Object"},
    {"java.util", "Map.Entry", "Object"},
    {"java.util", "Iterator", "Object"},
    {"java.util", "Arrays", "Object"},
    {"java.util", "Collections", "Object"},
    {"java.util", "Objects", "Object"},
    {"com.datastax.driver.core", "TupleValue", "Object"},
    {"com.datastax.driver.core", "UDTValue", "Object"},
    {"org.apache.cassandra.cql3.functions", "UDFContext", "Object"},
    {"java.lang", "Throwable", "Object"},
    {"java.lang", "StackOverflowError", "Throwable Object"},
    {"java.lang", "Exception", "Throwable Object"},
    {"java.lang", "RuntimeException", "Exception Throwable Object"},
    {"java.lang", "ArithmeticException", "RuntimeException Exception Throwable Object"},
    {"java.lang", "IllegalArgumentException", "RuntimeException Exception Throwable Object"},
    {"java.lang", "IllegalStateException", "RuntimeException Exception Throwable Object"},
    {"java.lang", "NumberFormatException", "IllegalArgumentException RuntimeException Exception Throwable Object"},
    {"java.lang", "NullPointerException", "RuntimeException Exception Throwable Object"},
    {"java.lang", "ClassCastException", "RuntimeException Exception Throwable Object"},
    {"java.lang", "IndexOutOfBoundsException", "RuntimeException Exception Throwable Object"},
    {"java.lang", "UnsupportedOperationException", "RuntimeException Exception Throwable Object"},
    {"java.util", "NoSuchElementException", "RuntimeException Exception Throwable Object"},
};

constexpr std::array<std::pair<Kind, std::string_view>, 8> kBoxes{{{Kind::Boolean, "Boolean"},
                                                                   {Kind::Byte, "Byte"},
                                                                   {Kind::Short, "Short"},
                                                                   {Kind::Char, "Character"},
                                                                   {Kind::Int, "Integer"},
                                                                   {Kind::Long, "Long"},
                                                                   {Kind::Float, "Float"},
                                                                   {Kind::Double, "Double"}}};

const Class* find(std::string_view name) {
    const auto* it = std::find_if(std::begin(kClasses), std::end(kClasses),
                                  [&](const Class& c) { return c.name == name; });
    return it == std::end(kClasses) ? nullptr : it;
}

bool widens(Kind from, Kind to) {
    if (from == to) {
        return true;
    }
    if (from == Kind::Boolean || to == Kind::Boolean || to == Kind::Char) {
        return false;
    }
    if (from == Kind::Char) {
        return to >= Kind::Int;
    }
    return from < to;
}

}  // namespace

Type primitive(Kind kind) { return {kind, {}, {}}; }

Type classOf(std::string name, std::vector<Type> arguments) {
    return {Kind::Class, std::move(name), std::move(arguments)};
}

std::string toString(const Type& type) {
    switch (type.kind) {
        case Kind::Void: return "void";
        case Kind::Null: return "null";
        case Kind::Boolean: return "boolean";
        case Kind::Byte: return "byte";
        case Kind::Short: return "short";
        case Kind::Char: return "char";
        case Kind::Int: return "int";
        case Kind::Long: return "long";
        case Kind::Float: return "float";
        case Kind::Double: return "double";
        case Kind::Class: break;
    }
    std::string out = type.name;
    for (std::size_t i = 0; i < type.arguments.size(); ++i) {
        out += (i == 0 ? "<" : ",") + toString(type.arguments[i]);
    }
    return type.arguments.empty() ? out : out + ">";
}

std::string descriptor(const Type& type) {
    switch (type.kind) {
        case Kind::Boolean: return "Z";
        case Kind::Byte: return "B";
        case Kind::Short: return "S";
        case Kind::Char: return "C";
        case Kind::Int: return "I";
        case Kind::Long: return "J";
        case Kind::Float: return "F";
        case Kind::Double: return "D";
        case Kind::Class: {
            std::string name = fullName(type.name);
            std::replace(name.begin(), name.end(), '.', '/');
            return "L" + name + ";";
        }
        default: return "V";
    }
}

std::string knownClass(std::string_view name) {
    if (name == "Entry") {
        return "Map.Entry";
    }
    if (find(name) != nullptr) {
        return std::string(name);
    }
    for (const Class& c : kClasses) {
        if (name.size() == c.package.size() + 1 + c.name.size() && name.starts_with(c.package) &&
            name.ends_with(c.name)) {
            return std::string(c.name);
        }
    }
    return {};
}

std::string fullName(std::string_view simpleName) {
    const Class* found = find(simpleName);
    return found == nullptr ? std::string(simpleName)
                            : std::string(found->package) + "." + std::string(found->name);
}

std::vector<std::string> lineage(std::string_view name) {
    std::vector<std::string> out{std::string(name)};
    const Class* found = find(name);
    std::string_view rest = found == nullptr ? std::string_view() : found->parents;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        out.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

bool isSubclass(std::string_view name, std::string_view of) {
    const auto all = lineage(name);
    return std::find(all.begin(), all.end(), of) != all.end();
}

Type boxed(const Type& type) {
    for (const auto& [kind, name] : kBoxes) {
        if (kind == type.kind) {
            return classOf(std::string(name));
        }
    }
    return type;
}

Type unboxed(const Type& type) {
    if (type.isPrimitive()) {
        return type;
    }
    for (const auto& [kind, name] : kBoxes) {
        if (type.is(name)) {
            return primitive(kind);
        }
    }
    return {};
}

bool isAssignable(const Type& from, const Type& to) {
    if (to.isPrimitive()) {
        const Type value = unboxed(from);
        return value.isPrimitive() && widens(value.kind, to.kind);
    }
    if (!to.isClass()) {
        return false;
    }
    if (from.kind == Kind::Null) {
        return true;
    }
    const Type box = boxed(from);
    if (!box.isClass() || !isSubclass(box.name, to.name)) {
        return false;
    }
    return box.arguments.empty() || to.arguments.empty() || box.arguments == to.arguments ||
           box.arguments.size() != to.arguments.size();
}

bool isCastable(const Type& from, const Type& to) {
    if (isAssignable(from, to)) {
        return true;
    }
    if (to.isPrimitive()) {
        if (from.isPrimitive()) {
            return from.isNumeric() && to.isNumeric();
        }
        return from.isClass() && isSubclass(boxed(to).name, from.name);
    }
    return from.isClass() && to.isClass() &&
           (isSubclass(to.name, from.name) || from.is("Object") || to.is("Object"));
}

Type promoted(const Type& a, const Type& b) {
    return primitive(std::max({a.kind, b.kind, Kind::Int}));
}

Type ofCql(const types::DataType& type, bool nullable) {
    using Cql = types::Kind;
    const auto number = [&](Kind kind) { return nullable ? boxed(primitive(kind)) : primitive(kind); };
    switch (type.kind()) {
        case Cql::Ascii:
        case Cql::Text: return classOf("String");
        case Cql::Bigint:
        case Cql::Counter:
        case Cql::Time: return number(Kind::Long);
        case Cql::Boolean: return number(Kind::Boolean);
        case Cql::Decimal: return classOf("BigDecimal");
        case Cql::Double: return number(Kind::Double);
        case Cql::Float: return number(Kind::Float);
        case Cql::Int: return number(Kind::Int);
        case Cql::Smallint: return number(Kind::Short);
        case Cql::Tinyint: return number(Kind::Byte);
        case Cql::Timestamp: return classOf("Date");
        case Cql::Uuid:
        case Cql::Timeuuid: return classOf("UUID");
        case Cql::Varint: return classOf("BigInteger");
        case Cql::Inet: return classOf("InetAddress");
        case Cql::Date: return classOf("LocalDate");
        case Cql::Duration: return classOf("Duration");
        case Cql::List:
        case Cql::Vector: return classOf("List", {ofCql(*type.element(), true)});
        case Cql::Set: return classOf("Set", {ofCql(*type.element(), true)});
        case Cql::Map: return classOf("Map", {ofCql(*type.keyType(), true), ofCql(*type.valueType(), true)});
        case Cql::Tuple: return classOf("TupleValue");
        case Cql::Udt: return classOf("UDTValue");
        default: return classOf("ByteBuffer");
    }
}

}  // namespace engine::cql::java
