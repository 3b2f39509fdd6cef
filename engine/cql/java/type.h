#pragma once

#include <string>
#include <vector>

#include "engine/types/data_type.h"

namespace engine::cql::java {

/// A static type of Java: a primitive one, or a class by its simple name with its type arguments.
/// Arrays, interfaces of one's own and the like are not known.
struct Type {
    enum class Kind : std::uint8_t { Void, Null, Boolean, Byte, Short, Char, Int, Long, Float, Double, Class };
    Kind kind = Kind::Void;
    std::string name;  // Of a class: `Integer`, `List`.
    std::vector<Type> arguments;

    bool isClass() const { return kind == Kind::Class; }
    bool isPrimitive() const { return kind >= Kind::Boolean && kind <= Kind::Double; }
    bool isNumeric() const { return kind >= Kind::Byte && kind <= Kind::Double; }
    bool isWhole() const { return kind >= Kind::Byte && kind <= Kind::Long; }
    bool is(std::string_view className) const { return isClass() && name == className; }
    bool operator==(const Type&) const = default;
};

Type primitive(Type::Kind kind);
Type classOf(std::string name, std::vector<Type> arguments = {});
/// `int`, `List<Integer>`, as the compiler's messages print them.
std::string toString(const Type& type);
/// `I`, `Ljava/lang/String;`
std::string descriptor(const Type& type);

/// A known class by its simple or its full name; empty otherwise.
std::string knownClass(std::string_view name);
/// `java.lang.ArithmeticException`.
std::string fullName(std::string_view simpleName);
bool isSubclass(std::string_view name, std::string_view of);
/// A class and those it extends, nearest first.
std::vector<std::string> lineage(std::string_view name);

Type boxed(const Type& type);
/// The primitive behind a box, or Void when it is none.
Type unboxed(const Type& type);
/// Assignment context: identity, widening, boxing, unboxing, subclasses.
bool isAssignable(const Type& from, const Type& to);
/// What a cast may do.
bool isCastable(const Type& from, const Type& to);
/// Binary numeric promotion.
Type promoted(const Type& a, const Type& b);

/// The type of an argument or result (UDHelper, JavaDriverUtils): primitive unless it may be null.
Type ofCql(const types::DataType& type, bool nullable);

}  // namespace engine::cql::java
