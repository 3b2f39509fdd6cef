#include "engine/types/data_type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/ensure.h"

namespace engine::types {

/// Makes types: the only place that writes their fields.
struct TypeBuilder {
    static std::shared_ptr<DataType> make(Kind kind, bool frozen = true) {
        std::shared_ptr<DataType> type(new DataType());
        type->m_kind = kind;
        type->m_frozen = frozen;
        return type;
    }

    static TypePtr makeNative(Kind kind, bool byteOrdered, std::int32_t fixedLength) {
        const auto type = make(kind);
        type->m_byteOrdered = byteOrdered;
        type->m_fixedLength = fixedLength;
        return type;
    }

    static std::array<TypePtr, 20> makeNatives();

    static TypePtr makeCollection(Kind kind, bool frozen, std::vector<TypePtr> elements) {
        const auto type = make(kind, frozen);
        if (frozen) {
            for (TypePtr& element : elements) {
                element = freeze(element);
            }
        }
        type->m_elements = std::move(elements);
        return type;
    }

    static TypePtr makeTuple(std::vector<TypePtr> components) {
        return makeCollection(Kind::Tuple, true, std::move(components));
    }

    static TypePtr makeUdt(std::string keyspace, std::string name, std::vector<std::string> names,
                           std::vector<TypePtr> fields, bool frozen) {
        ENSURE(names.size() == fields.size());
        const auto type = make(Kind::Udt, frozen);
        if (frozen) {
            for (TypePtr& field : fields) {
                field = freeze(field);
            }
        }
        type->m_keyspace = std::move(keyspace);
        type->m_name = std::move(name);
        type->m_fieldNames = std::move(names);
        type->m_elements = std::move(fields);
        return type;
    }

    static TypePtr makeVector(const TypePtr& element, std::int32_t dimension) {
        const auto type = make(Kind::Vector);
        type->m_dimension = dimension;
        if (element->fixedLength() > 0) {
            type->m_fixedLength = element->fixedLength() * dimension;
            type->m_byteOrdered = element->isByteOrdered();
        }
        type->m_elements.push_back(freeze(element));
        return type;
    }

    static TypePtr makeCustom(std::string className) {
        const auto type = make(Kind::Custom);
        type->m_byteOrdered = true;
        type->m_name = std::move(className);
        return type;
    }

    static TypePtr withElements(const DataType& original, std::vector<TypePtr> elements) {
        if (original.kind() == Kind::Vector) {
            return makeVector(elements[0], original.m_dimension);
        }
        std::shared_ptr<DataType> type(new DataType(original));
        type->m_elements = std::move(elements);
        return type;
    }

    static TypePtr asFrozen(const DataType& original) {
        std::shared_ptr<DataType> type(new DataType(original));
        type->m_frozen = true;
        for (TypePtr& element : type->m_elements) {
            element = freeze(element);
        }
        return type;
    }
};

std::array<TypePtr, 20> TypeBuilder::makeNatives() {
    return {
        makeNative(Kind::Ascii, true, -1),    makeNative(Kind::Bigint, false, 8),
        makeNative(Kind::Blob, true, -1),     makeNative(Kind::Boolean, false, 1),
        makeNative(Kind::Counter, false, -1), makeNative(Kind::Decimal, false, -1),
        makeNative(Kind::Double, false, 8),   makeNative(Kind::Float, false, 4),
        makeNative(Kind::Int, false, 4),      makeNative(Kind::Timestamp, false, 8),
        makeNative(Kind::Uuid, false, 16),    makeNative(Kind::Text, true, -1),
        makeNative(Kind::Varint, false, -1),  makeNative(Kind::Timeuuid, false, 16),
        makeNative(Kind::Inet, true, -1),     makeNative(Kind::Date, true, -1),
        makeNative(Kind::Time, true, -1),     makeNative(Kind::Smallint, false, -1),
        makeNative(Kind::Tinyint, false, -1), makeNative(Kind::Duration, true, -1),
    };
}

const TypePtr& native(Kind kind) {
    static const std::array<TypePtr, 20> types = TypeBuilder::makeNatives();
    ENSURE(kind <= Kind::Duration);
    return types[static_cast<std::size_t>(kind)];
}

std::span<const Kind> nativeKinds() {
    static constexpr std::array<Kind, 19> kinds = {
        Kind::Ascii,  Kind::Bigint,   Kind::Blob,     Kind::Boolean,   Kind::Decimal,
        Kind::Double, Kind::Float,    Kind::Int,      Kind::Timestamp, Kind::Uuid,
        Kind::Text,   Kind::Varint,   Kind::Timeuuid, Kind::Inet,      Kind::Date,
        Kind::Time,   Kind::Smallint, Kind::Tinyint,  Kind::Duration,
    };
    return kinds;
}

const TypePtr& ascii() {
    return native(Kind::Ascii);
}
const TypePtr& bigint() {
    return native(Kind::Bigint);
}
const TypePtr& blob() {
    return native(Kind::Blob);
}
const TypePtr& boolean() {
    return native(Kind::Boolean);
}
const TypePtr& counter() {
    return native(Kind::Counter);
}
const TypePtr& decimal() {
    return native(Kind::Decimal);
}
const TypePtr& float64() {
    return native(Kind::Double);
}
const TypePtr& float32() {
    return native(Kind::Float);
}
const TypePtr& int32() {
    return native(Kind::Int);
}
const TypePtr& timestamp() {
    return native(Kind::Timestamp);
}
const TypePtr& uuid() {
    return native(Kind::Uuid);
}
const TypePtr& text() {
    return native(Kind::Text);
}
const TypePtr& varint() {
    return native(Kind::Varint);
}
const TypePtr& timeuuid() {
    return native(Kind::Timeuuid);
}
const TypePtr& inet() {
    return native(Kind::Inet);
}
const TypePtr& date() {
    return native(Kind::Date);
}
const TypePtr& time() {
    return native(Kind::Time);
}
const TypePtr& smallint() {
    return native(Kind::Smallint);
}
const TypePtr& tinyint() {
    return native(Kind::Tinyint);
}
const TypePtr& duration() {
    return native(Kind::Duration);
}

const TypePtr& empty() {
    static const TypePtr type = TypeBuilder::makeNative(Kind::Empty, true, 0);
    return type;
}

TypePtr list(TypePtr element, bool frozen) {
    return TypeBuilder::makeCollection(Kind::List, frozen, {std::move(element)});
}

TypePtr set(TypePtr element, bool frozen) {
    return TypeBuilder::makeCollection(Kind::Set, frozen, {std::move(element)});
}

TypePtr map(TypePtr key, TypePtr value, bool frozen) {
    return TypeBuilder::makeCollection(Kind::Map, frozen, {std::move(key), std::move(value)});
}

TypePtr tuple(std::vector<TypePtr> components) {
    return TypeBuilder::makeTuple(std::move(components));
}

TypePtr udt(std::string keyspace, std::string name, std::vector<std::string> fieldNames,
            std::vector<TypePtr> fieldTypes, bool frozen) {
    return TypeBuilder::makeUdt(std::move(keyspace), std::move(name), std::move(fieldNames),
                                std::move(fieldTypes), frozen);
}

TypePtr vector(TypePtr element, std::int32_t dimension) {
    return TypeBuilder::makeVector(element, dimension);
}

TypePtr custom(std::string className) {
    return TypeBuilder::makeCustom(std::move(className));
}

TypePtr freeze(const TypePtr& type) {
    const bool frozenInside = std::all_of(type->elements().begin(), type->elements().end(),
                                          [](const TypePtr& e) { return e->isFrozen(); });
    if (type->isFrozen() && frozenInside) {
        return type;
    }
    return TypeBuilder::asFrozen(*type);
}

TypePtr replaceUdt(const TypePtr& type, const TypePtr& replacement) {
    if (type->kind() == Kind::Udt && type->udtKeyspace() == replacement->udtKeyspace() &&
        type->udtName() == replacement->udtName()) {
        return type->isFrozen() ? freeze(replacement) : replacement;
    }
    std::vector<TypePtr> elements = type->elements();
    bool changed = false;
    for (TypePtr& element : elements) {
        TypePtr replaced = replaceUdt(element, replacement);
        changed = changed || replaced != element;
        element = std::move(replaced);
    }
    return changed ? TypeBuilder::withElements(*type, std::move(elements)) : type;
}

bool DataType::allowsEmpty() const {
    switch (m_kind) {
        case Kind::Date:
        case Kind::Duration:
        case Kind::Smallint:
        case Kind::Time:
        case Kind::Tinyint:
            return false;
        default:
            return true;
    }
}

bool DataType::emptyIsMeaningless() const {
    switch (m_kind) {
        case Kind::Bigint:
        case Kind::Boolean:
        case Kind::Counter:
        case Kind::Decimal:
        case Kind::Double:
        case Kind::Float:
        case Kind::Int:
        case Kind::Timestamp:
        case Kind::Uuid:
        case Kind::Varint:
        case Kind::Timeuuid:
        case Kind::Inet:
            return true;
        default:
            return false;
    }
}

int DataType::fieldIndex(std::string_view name) const {
    const auto found = std::find(m_fieldNames.begin(), m_fieldNames.end(), name);
    return found == m_fieldNames.end() ? -1 : static_cast<int>(found - m_fieldNames.begin());
}

bool DataType::references(Kind kind) const {
    return m_kind == kind || std::any_of(m_elements.begin(), m_elements.end(),
                                         [kind](const TypePtr& e) { return e->references(kind); });
}

bool DataType::referencesUdt(std::string_view keyspace, std::string_view name) const {
    if (m_kind == Kind::Udt && m_keyspace == keyspace && m_name == name) {
        return true;
    }
    return std::any_of(m_elements.begin(), m_elements.end(),
                       [&](const TypePtr& e) { return e->referencesUdt(keyspace, name); });
}

bool DataType::operator==(const DataType& other) const {
    if (this == &other) {
        return true;
    }
    return m_kind == other.m_kind && m_frozen == other.m_frozen &&
           m_dimension == other.m_dimension && m_keyspace == other.m_keyspace &&
           m_name == other.m_name && m_fieldNames == other.m_fieldNames &&
           std::equal(m_elements.begin(), m_elements.end(), other.m_elements.begin(),
                      other.m_elements.end(), same);
}

namespace {

/// What both relations ask of the types inside.
bool elementsCompatible(const DataType& type, const DataType& other,
                        bool (*relation)(const DataType&, const DataType&)) {
    for (std::size_t i = 0; i < other.elements().size(); ++i) {
        if (!relation(*type.element(i), *other.element(i))) {
            return false;
        }
    }
    return true;
}

bool structureCompatible(const DataType& type, const DataType& other,
                         bool (*keys)(const DataType&, const DataType&),
                         bool (*values)(const DataType&, const DataType&)) {
    if (type.kind() == Kind::Tuple) {
        return other.isTuple() && type.elements().size() >= other.elements().size() &&
               elementsCompatible(type, other, values);
    }
    if (type.kind() != other.kind() || type.isFrozen() != other.isFrozen()) {
        return false;
    }
    switch (type.kind()) {
        case Kind::List:
            return values(*type.element(), *other.element());
        case Kind::Set:
            return keys(*type.element(), *other.element());
        case Kind::Map:
            return keys(*type.keyType(), *other.keyType()) &&
                   values(*type.valueType(), *other.valueType());
        case Kind::Udt:
            return type.udtKeyspace() == other.udtKeyspace() && type.udtName() == other.udtName() &&
                   type.elements().size() >= other.elements().size() &&
                   elementsCompatible(type, other, values);
        case Kind::Vector:
            return type.dimension() == other.dimension() &&
                   values(*type.element(), *other.element());
        default:
            return false;
    }
}

bool isStructured(const DataType& type) {
    return !type.elements().empty();
}

}  // namespace

const TypePtr& legacyTimeuuid() {
    static const TypePtr type = custom("org.apache.cassandra.db.marshal.LegacyTimeUUIDType");
    return type;
}

Assignment typeAssignment(const DataType& from, const DataType& receiver) {
    if (from == receiver) {
        return Assignment::Exact;
    }
    return isValueCompatible(receiver, from) ? Assignment::WeaklyAssignable
                                             : Assignment::NotAssignable;
}

bool isValueCompatible(const DataType& type, const DataType& other) {
    if (type == other) {
        return true;
    }
    const Kind from = other == *legacyTimeuuid() ? Kind::Timeuuid : other.kind();
    switch (type.kind()) {
        case Kind::Blob:
        case Kind::Custom:
            return type.kind() == Kind::Blob;
        case Kind::Text:
            return from == Kind::Ascii;
        case Kind::Bigint:
        case Kind::Timestamp:
            return from == Kind::Timestamp || from == Kind::Bigint;
        case Kind::Time:
            return from == Kind::Bigint;
        case Kind::Date:
            return from == Kind::Int;
        case Kind::Varint:
            return from == Kind::Int || from == Kind::Bigint || from == Kind::Timestamp;
        case Kind::Uuid:
        case Kind::Timeuuid:
            return from == Kind::Timeuuid;
        default:
            break;
    }
    if (!isStructured(type) || !isStructured(other)) {
        return false;
    }
    // The cells of a multi-cell set or map are ordered by its keys.
    return structureCompatible(type, other, type.isFrozen() ? isValueCompatible : isCompatible,
                               isValueCompatible);
}

bool isCompatible(const DataType& type, const DataType& other) {
    if (type == other) {
        return true;
    }
    const Kind from = other.kind();
    switch (type.kind()) {
        case Kind::Blob:
            return from == Kind::Ascii || from == Kind::Text;
        case Kind::Text:
            return from == Kind::Ascii;
        default:
            break;
    }
    if (!isStructured(type) || !isStructured(other)) {
        return false;
    }
    return structureCompatible(type, other, isCompatible,
                               type.isFrozen() ? isCompatible : isValueCompatible);
}

}  // namespace engine::types
