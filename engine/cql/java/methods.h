#pragma once

#include "engine/cql/java/machine.h"

/// The part of Java's library that functions may use. What is not here is refused at CREATE.
namespace engine::cql::java {

struct Method {
    using Run = Value (*)(Machine&, const Value& self, std::vector<Value>& arguments);
    bool isStatic = false;
    std::vector<Type> parameters;
    Type result;
    Run run = nullptr;
};

/// The method that a call of these argument types means (widening before boxing); null: none.
/// `receiver` brings the type arguments that E, K and V stand for.
const Method* findMethod(const Type& receiver, const std::string& name, const std::vector<Type>& arguments,
                         bool isStatic, Method& storage);
/// `new C(…)`.
const Method* findConstructor(const Type& made, const std::vector<Type>& arguments, Method& storage);
/// Integer.MAX_VALUE and its like; Void when there is none.
std::pair<Type, Value> staticField(const std::string& className, const std::string& name);
/// The elements that `for (T x : …)` goes over.
std::vector<Value> elementsOf(const Value& iterable);

}  // namespace engine::cql::java
