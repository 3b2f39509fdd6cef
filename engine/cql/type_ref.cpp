#include "engine/cql/type_ref.h"

#include <fmt/format.h>

#include <array>

#include "engine/cql/errors.h"
#include "engine/cql/syntax_text.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using RefKind = syntax::TypeRef::Kind;

Result<types::TypePtr> nativeType(const syntax::TypeRef& ref) {
    auto parsed = types::parseCqlType(ref.name);
    if (!parsed) {
        return invalidAt(ref.span, "Unknown type " + ref.name);
    }
    return parsed;
}

Result<types::TypePtr> userType(const syntax::TypeRef& ref, const schema::Schema& schema,
                                std::string_view keyspace) {
    if (!ref.keyspace.absent() && ref.keyspace.text != keyspace) {
        return invalidAt(ref.span,
                         fmt::format("Statement on keyspace {} cannot refer to a user type in "
                                     "keyspace {}; user types can only be used in the keyspace "
                                     "they are defined in",
                                     keyspace, ref.keyspace.text));
    }
    if (const auto* found = schema.findKeyspace(keyspace)) {
        const auto it = (*found)->types.find(ref.name);
        if (it != (*found)->types.end()) {
            const types::TypePtr type = it->second.type();
            return ref.frozen ? types::freeze(type) : type;
        }
    }
    return invalidAt(ref.span, fmt::format("Unknown type {}.{}", keyspace, ref.name));
}

bool isNative(const syntax::TypeRef& ref, std::string_view name) {
    return ref.kind == RefKind::Native && ref.name == name;
}

/// CQL3Type.Raw.supportsFreezing and not isFrozen: what may not lie inside a collection.
bool isMultiCell(const syntax::TypeRef& ref) {
    return !ref.frozen && (ref.kind == RefKind::List || ref.kind == RefKind::Set ||
                           ref.kind == RefKind::Map || ref.kind == RefKind::User);
}

Result<void> checkElement(const syntax::TypeRef& ref, const syntax::TypeRef& element, bool frozen) {
    if (!frozen && isMultiCell(element)) {
        return invalidAt(ref.span, fmt::format("Non-frozen {} are not allowed inside collections: {}",
                                               element.kind == RefKind::User ? "UDTs" : "collections",
                                               textOf(ref)));
    }
    if (isNative(element, "counter")) {
        return invalidAt(ref.span, "Counters are not allowed inside collections: " + textOf(ref));
    }
    return ok();
}

Result<types::TypePtr> resolve(const syntax::TypeRef& ref, const schema::Schema& schema,
                               std::string_view keyspace, bool outerFrozen);

/// `frozen`: it, or a type around it, is.
Result<types::TypePtr> collectionType(const syntax::TypeRef& ref, const schema::Schema& schema,
                                      std::string_view keyspace, bool frozen) {
    for (const syntax::TypeRef& parameter : ref.parameters) {
        if (parameter.kind == RefKind::User) {
            TRY(checkElement(ref, parameter, frozen));
        }
    }
    std::vector<types::TypePtr> elements;
    for (const syntax::TypeRef& parameter : ref.parameters) {
        TRY_ASSIGN(auto type, resolve(parameter, schema, keyspace, frozen));
        elements.push_back(std::move(type));
    }
    TRY(checkElement(ref, ref.parameters.back(), frozen));
    if (ref.kind == RefKind::Set && isNative(ref.parameters[0], "duration")) {
        return invalidAt(ref.span, "Durations are not allowed inside sets: " + textOf(ref));
    }
    if (ref.kind == RefKind::Map) {
        if (isNative(ref.parameters[0], "duration")) {
            return invalidAt(ref.span, "Durations are not allowed as map keys: " + textOf(ref));
        }
        TRY(checkElement(ref, ref.parameters[0], frozen));
        return types::map(elements[0], elements[1], frozen);
    }
    return ref.kind == RefKind::List ? types::list(elements[0], frozen)
                                  : types::set(elements[0], frozen);
}

Result<types::TypePtr> tupleType(const syntax::TypeRef& ref, const schema::Schema& schema,
                                 std::string_view keyspace) {
    std::vector<types::TypePtr> components;
    for (const syntax::TypeRef& parameter : ref.parameters) {
        if (isNative(parameter, "counter")) {
            return invalidAt(ref.span, "Counters are not allowed inside tuples");
        }
        TRY_ASSIGN(auto type, resolve(parameter, schema, keyspace, true));
        components.push_back(types::freeze(type));
    }
    return types::tuple(std::move(components));
}

Result<types::TypePtr> vectorType(const syntax::TypeRef& ref, const schema::Schema& schema,
                                  std::string_view keyspace) {
    TRY_ASSIGN(auto element, resolveType(ref.parameters[0], schema, keyspace));
    if (ref.dimension <= 0) {
        return invalidAt(ref.span, fmt::format("vectors may only have positive dimensions; given {}",
                                               ref.dimension));
    }
    return types::vector(element, ref.dimension);
}

Result<types::TypePtr> resolve(const syntax::TypeRef& ref, const schema::Schema& schema,
                               std::string_view keyspace, bool outerFrozen) {
    switch (ref.kind) {
        case RefKind::Native: return nativeType(ref);
        case RefKind::Custom: {
            TRY_ASSIGN(auto parsed, types::parseClassName(ref.name));
            if (parsed.type->kind() == types::Kind::Custom) {
                const bool full = ref.name.find('.') != std::string::npos;
                return errorAt(ErrorKind::Syntax,
                               fmt::format("Error setting type {0}: Unable to find abstract-type class "
                                           "'{1}{0}'",
                                           ref.name, full ? "" : "org.apache.cassandra.db.marshal."),
                               ref.span);
            }
            return parsed.type;
        }
        case RefKind::User: {
            TRY_ASSIGN(auto type, userType(ref, schema, keyspace));
            return outerFrozen ? types::freeze(type) : type;
        }
        case RefKind::List:
        case RefKind::Set:
        case RefKind::Map: return collectionType(ref, schema, keyspace, outerFrozen || ref.frozen);
        case RefKind::Tuple: return tupleType(ref, schema, keyspace);
        case RefKind::Vector: return vectorType(ref, schema, keyspace);
    }
    return invalid("Unknown type");
}

}  // namespace

Result<types::TypePtr> resolveType(const syntax::TypeRef& ref, const schema::Schema& schema,
                                   std::string_view keyspace) {
    return resolve(ref, schema, keyspace, false);
}

}  // namespace engine::cql
