#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace engine::types {

/// What a type is at its outermost level. Clustering order (Cassandra's ReversedType) is the
/// schema's matter, not a kind.
enum class Kind : std::uint8_t {
    Ascii,
    Bigint,
    Blob,
    Boolean,
    Counter,
    Decimal,
    Double,
    Float,
    Int,
    Timestamp,
    Uuid,
    Text,
    Varint,
    Timeuuid,
    Inet,
    Date,
    Time,
    Smallint,
    Tinyint,
    Duration,
    List,
    Set,
    Map,
    Tuple,
    Udt,
    Vector,
    Custom,  // A class this program does not know: bytes compared unsigned.
    Empty,   // org.apache.cassandra.db.marshal.EmptyType: values of compact tables without columns.
};

class DataType;
using TypePtr = std::shared_ptr<const DataType>;

/// A CQL type. Immutable and shared by any number of holders; native types are process-wide
/// constants, so that comparing pointers is a sound fast path but equality is by value (`==`).
class DataType {
public:
    Kind kind() const { return m_kind; }
    /// False only for collections and user types whose elements are cells of their own.
    bool isFrozen() const { return m_frozen; }
    bool isMultiCell() const { return !m_frozen; }
    bool isNative() const { return m_kind <= Kind::Duration; }
    bool isCollection() const {
        return m_kind == Kind::List || m_kind == Kind::Set || m_kind == Kind::Map;
    }
    bool isTuple() const { return m_kind == Kind::Tuple || m_kind == Kind::Udt; }
    bool isCounter() const { return m_kind == Kind::Counter; }
    /// Comparing serialised values as unsigned bytes is the type's order.
    bool isByteOrdered() const { return m_byteOrdered; }
    /// A value of no bytes is valid (and differs from null).
    bool allowsEmpty() const;
    /// An empty value of the type means nothing (AbstractType.isEmptyValueMeaningless), so that
    /// functions treat it as null.
    bool emptyIsMeaningless() const;
    /// Bytes of every value of the type, or -1 where they vary; as Cassandra's valueLengthIfFixed,
    /// which decides how SSTables and vectors store it (smallint, date and the like vary).
    std::int32_t fixedLength() const { return m_fixedLength; }

    /// List, set, vector: one; map: key and value; tuple, user type: one each field.
    const std::vector<TypePtr>& elements() const { return m_elements; }
    const TypePtr& element(std::size_t i = 0) const { return m_elements[i]; }
    const TypePtr& keyType() const { return m_elements[0]; }
    const TypePtr& valueType() const { return m_elements.back(); }
    const std::string& udtKeyspace() const { return m_keyspace; }
    const std::string& udtName() const { return m_name; }
    const std::vector<std::string>& fieldNames() const { return m_fieldNames; }
    /// -1 when the user type has no such field.
    int fieldIndex(std::string_view name) const;
    std::int32_t dimension() const { return m_dimension; }
    const std::string& customClass() const { return m_name; }

    /// Whether the type or anything inside it is of `kind`.
    bool references(Kind kind) const;
    /// Whether it is, or holds, the user type.
    bool referencesUdt(std::string_view keyspace, std::string_view name) const;

    bool operator==(const DataType& other) const;

private:
    friend struct TypeBuilder;
    DataType() = default;

    Kind m_kind = Kind::Blob;
    bool m_frozen = true;
    bool m_byteOrdered = false;
    std::int32_t m_fixedLength = -1;
    std::int32_t m_dimension = 0;
    std::vector<TypePtr> m_elements;
    std::string m_keyspace;
    std::string m_name;
    std::vector<std::string> m_fieldNames;
};

inline bool same(const TypePtr& a, const TypePtr& b) {
    return a == b || *a == *b;
}

// The native types: one shared instance each.
const TypePtr& ascii();
const TypePtr& bigint();
const TypePtr& blob();
const TypePtr& boolean();
const TypePtr& counter();
const TypePtr& decimal();
const TypePtr& float64();  // CQL double
const TypePtr& float32();  // CQL float
const TypePtr& int32();    // CQL int
const TypePtr& timestamp();
const TypePtr& uuid();
const TypePtr& text();
const TypePtr& varint();
const TypePtr& timeuuid();
const TypePtr& inet();
const TypePtr& date();
const TypePtr& time();
const TypePtr& smallint();
const TypePtr& tinyint();
const TypePtr& duration();
const TypePtr& empty();
/// `kind` must be one of the native kinds.
const TypePtr& native(Kind kind);
/// All native types but counter and varchar's synonym, in the order of the enumeration.
std::span<const Kind> nativeKinds();

// Frozen collections freeze what is inside them, as CQL3Type.Raw.freeze does.
TypePtr list(TypePtr element, bool frozen);
TypePtr set(TypePtr element, bool frozen);
TypePtr map(TypePtr key, TypePtr value, bool frozen);
TypePtr tuple(std::vector<TypePtr> components);
TypePtr udt(std::string keyspace, std::string name, std::vector<std::string> fieldNames,
            std::vector<TypePtr> fieldTypes, bool frozen);
TypePtr vector(TypePtr element, std::int32_t dimension);
TypePtr custom(std::string className);
/// The type itself when it is frozen already. Everything inside becomes frozen too.
TypePtr freeze(const TypePtr& type);
/// `type` with each use of the user type `replacement` (by keyspace and name) exchanged for it,
/// keeping whether it is frozen; the same pointer when nothing is to be exchanged.
TypePtr replaceUdt(const TypePtr& type, const TypePtr& replacement);

/// Order of two serialised values, as AbstractType.compare of Cassandra: below zero, zero, above.
/// Both must be valid for the type (an empty value sorts first).
int compare(const DataType& type, BytesView a, BytesView b);

/// Refuses bytes that are no value of the type, with the text of Cassandra's MarshalException.
Result<void> validate(const DataType& type, BytesView bytes);

/// AbstractType.isValueCompatibleWith: every value of `other` may be read as one of `type`.
bool isValueCompatible(const DataType& type, const DataType& other);
/// AbstractType.isCompatibleWith: the same, and the order of values is the same too.
bool isCompatible(const DataType& type, const DataType& other);

/// How well a term fits a receiver (AssignmentTestable.TestResult).
enum class Assignment : std::uint8_t { NotAssignable, WeaklyAssignable, Exact };
/// AbstractType.testAssignment: of a value of type `from` where `receiver` is wanted.
Assignment typeAssignment(const DataType& from, const DataType& receiver);

/// What functions give where Cassandra's would say LegacyTimeUUIDType, a timeuuid under an older
/// class that drivers know as a custom type: min, max and mask_default of one, blob_as_timeuuid.
const TypePtr& legacyTimeuuid();

}  // namespace engine::types
