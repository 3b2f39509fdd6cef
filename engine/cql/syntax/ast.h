#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/cql/syntax/ast_terms.h"
#include "engine/cql/syntax/permission.h"

/// The abstract syntax of every CQL statement, as the parser leaves it: names are not resolved,
/// nothing is checked against a schema. Plain values, free to copy and to share once built.
/// In a namespace of their own, as engine::cql has the checked statements of the same names.
namespace engine::cql::syntax {

// ---- Parts shared by several statements ----

/// `k: v` pairs of `{…}` in properties: raw text of the literals, quotes undone.
using PropertyMap = std::vector<std::pair<std::string, std::string>>;

/// `name = value` or `name = {…}` of WITH. A name occurs once; the parser refuses repetitions.
struct Property {
    Name name;
    bool isMap = false;
    std::string value;  // When not a map.
    PropertyMap map;
    SourceSpan valueSpan;
};

enum class Operator : std::uint8_t {
    Eq, Lt, Lte, Gt, Gte, Neq, In, Contains, ContainsKey, Like, IsNotNull,
};

/// One relation of WHERE.
struct Relation {
    enum class Kind : std::uint8_t {
        Column,      // c op value
        Element,     // m[key] op value
        Columns,     // (a, b) op (x, y)
        Token,       // token(a, b) op value
        IndexExpression,  // expr(index, value)
    };
    Kind kind = Kind::Column;
    Operator op = Operator::Eq;
    bool inMarker = false;      // IN ?: `values` holds that one marker, which binds a whole list.
    std::vector<Name> columns;  // One, but for Columns and Token.
    QualifiedName index;        // IndexExpression; never with a keyspace.
    std::optional<Term> key;    // Element.
    std::vector<Term> values;   // IN: any number; IsNotNull: none; else one.
    SourceSpan span;
};

/// One condition of IF.
struct Condition {
    Name column;
    std::optional<Term> element;  // column[element]
    std::optional<Name> field;    // column.field
    Operator op = Operator::Eq;
    bool inMarker = false;        // IN ?
    std::vector<Term> values;
    SourceSpan span;
};

struct Using {
    std::optional<Term> timestamp;
    std::optional<Term> ttl;
    SourceSpan span;
};

/// Arguments of MASKED WITH f(…); `isDefault` for MASKED WITH DEFAULT.
struct Mask {
    bool isDefault = false;
    QualifiedName function;
    std::vector<Term> arguments;
    SourceSpan span;
};

// ---- Reading ----

struct SelectItem {
    Selector selector;
    std::optional<Name> alias;
};

struct Ordering {
    Name column;
    bool descending = false;
    std::optional<Term> annOf;  // ORDER BY column ANN OF vector
};

struct SelectStatement {
    bool json = false;
    bool distinct = false;
    bool allowFiltering = false;
    std::vector<SelectItem> items;  // Empty: `*`.
    QualifiedName table;
    std::vector<Relation> where;
    std::vector<Selector> groupBy;
    std::vector<Ordering> orderBy;
    std::optional<Term> perPartitionLimit;
    std::optional<Term> limit;
    SourceSpan wildcard;  // Of `*`.
};

// ---- Writing ----

struct InsertStatement {
    QualifiedName table;
    std::vector<Name> columns;
    std::vector<Term> values;
    bool ifNotExists = false;
    Using using_;
};

struct InsertJsonStatement {
    QualifiedName table;
    Term json;  // String literal or marker.
    bool defaultUnset = false;
    bool ifNotExists = false;
    Using using_;
};

/// One element of SET.
struct Assignment {
    enum class Kind : std::uint8_t {
        Set,         // c = value
        SetElement,  // c[key] = value
        SetField,    // c.field = value
        Add,         // c = c + value, c += value
        Subtract,    // c = c - value, c -= value
        Prepend,     // c = value + c
    };
    Kind kind = Kind::Set;
    Name column;
    std::optional<Term> key;
    std::optional<Name> field;
    Term value;
    SourceSpan span;
};

struct UpdateStatement {
    QualifiedName table;
    Using using_;
    std::vector<Assignment> assignments;
    std::vector<Relation> where;
    bool ifExists = false;
    std::vector<Condition> conditions;
};

struct Deletion {
    Name column;
    std::optional<Term> element;  // DELETE c[element]
    std::optional<Name> field;    // DELETE c.field
};

struct DeleteStatement {
    std::vector<Deletion> columns;  // Empty: whole rows.
    QualifiedName table;
    Using using_;
    std::vector<Relation> where;
    bool ifExists = false;
    std::vector<Condition> conditions;
};

using Modification =
    std::variant<InsertStatement, InsertJsonStatement, UpdateStatement, DeleteStatement>;

struct BatchStatement {
    enum class Kind : std::uint8_t { Logged, Unlogged, Counter };
    Kind kind = Kind::Logged;
    Using using_;
    std::vector<Modification> statements;
};

struct TruncateStatement {
    QualifiedName table;
};

// ---- Schema ----

struct UseStatement {
    Name keyspace;
};

struct CreateKeyspaceStatement {
    Name keyspace;
    bool ifNotExists = false;
    std::vector<Property> properties;
};
struct AlterKeyspaceStatement {
    Name keyspace;
    bool ifExists = false;
    std::vector<Property> properties;
};
struct DropKeyspaceStatement {
    Name keyspace;
    bool ifExists = false;
};

struct ColumnDefinition {
    Name name;
    TypeRef type;
    bool isStatic = false;
    std::optional<Mask> mask;
};

/// One PRIMARY KEY, inline or as a clause. A statement with none or two still parses.
struct PrimaryKey {
    std::vector<Name> partition;
    std::vector<Name> clustering;
    SourceSpan span;
};

struct ClusteringOrder {
    Name column;
    bool descending = false;
};

struct CreateTableStatement {
    QualifiedName table;
    bool ifNotExists = false;
    std::vector<ColumnDefinition> columns;
    std::vector<PrimaryKey> primaryKeys;
    std::vector<ClusteringOrder> clusteringOrder;
    bool compactStorage = false;
    std::vector<Property> properties;
};

struct AlterTableStatement {
    struct AlterColumnType {
        Name column;
        TypeRef type;
    };
    struct MaskColumn {
        bool ifColumnExists = false;
        Name column;
        std::optional<Mask> mask;  // Empty: DROP MASKED.
    };
    struct AddColumns {
        bool ifColumnNotExists = false;
        std::vector<ColumnDefinition> columns;
    };
    struct DropColumns {
        bool ifColumnExists = false;
        std::vector<Name> columns;
        std::optional<std::int64_t> timestamp;  // USING TIMESTAMP
    };
    struct RenameColumns {
        bool ifColumnExists = false;
        std::vector<std::pair<Name, Name>> columns;  // From, to.
    };
    struct DropCompactStorage {};
    struct SetProperties {
        std::vector<Property> properties;
    };

    QualifiedName table;
    bool ifExists = false;
    std::variant<AlterColumnType, MaskColumn, AddColumns, DropColumns, RenameColumns,
                 DropCompactStorage, SetProperties>
        change;
};
struct DropTableStatement {
    QualifiedName table;
    bool ifExists = false;
};

struct FieldDefinition {
    Name name;
    TypeRef type;
};
struct CreateTypeStatement {
    QualifiedName type;
    bool ifNotExists = false;
    std::vector<FieldDefinition> fields;
};
struct AlterTypeStatement {
    struct AddField {
        bool ifFieldNotExists = false;
        FieldDefinition field;
    };
    struct RenameFields {
        bool ifFieldExists = false;
        std::vector<std::pair<Name, Name>> fields;  // From, to.
    };
    struct AlterField {
        FieldDefinition field;
    };
    QualifiedName type;
    bool ifExists = false;
    std::variant<AlterField, AddField, RenameFields> change;
};
struct DropTypeStatement {
    QualifiedName type;
    bool ifExists = false;
};

struct IndexTarget {
    enum class Kind : std::uint8_t { Simple, Keys, Values, Entries, Full };
    Kind kind = Kind::Simple;
    Name column;
};
struct CreateIndexStatement {
    bool custom = false;
    bool ifNotExists = false;
    Name index;  // absent() when not written.
    QualifiedName table;
    std::vector<IndexTarget> targets;
    std::optional<std::string> usingClass;  // USING '…'
    std::vector<Property> properties;
};
struct DropIndexStatement {
    QualifiedName index;
    bool ifExists = false;
};

struct CreateViewStatement {
    QualifiedName view;
    bool ifNotExists = false;
    std::vector<SelectItem> items;  // Empty: `*`.
    QualifiedName baseTable;
    std::vector<Relation> where;
    PrimaryKey primaryKey;
    std::vector<ClusteringOrder> clusteringOrder;
    std::vector<Property> properties;
};
struct AlterViewStatement {
    QualifiedName view;
    bool ifExists = false;
    std::vector<Property> properties;
};
struct DropViewStatement {
    QualifiedName view;
    bool ifExists = false;
};

struct CreateFunctionStatement {
    QualifiedName function;
    bool orReplace = false;
    bool ifNotExists = false;
    std::vector<FieldDefinition> arguments;
    bool calledOnNullInput = false;
    TypeRef returnType;
    std::string language;  // Lower case.
    std::string body;
};
/// DROP FUNCTION f, or DROP FUNCTION f(int): no types differs from `()`.
struct DropFunctionStatement {
    QualifiedName function;
    bool ifExists = false;
    std::optional<std::vector<TypeRef>> argumentTypes;
};
struct CreateAggregateStatement {
    QualifiedName aggregate;
    bool orReplace = false;
    bool ifNotExists = false;
    std::vector<TypeRef> argumentTypes;
    Name stateFunction;
    TypeRef stateType;
    std::optional<Name> finalFunction;
    std::optional<Term> initialCondition;
};
struct DropAggregateStatement {
    QualifiedName aggregate;
    bool ifExists = false;
    std::optional<std::vector<TypeRef>> argumentTypes;
};

struct CreateTriggerStatement {
    Name trigger;
    bool ifNotExists = false;
    QualifiedName table;
    std::string triggerClass;
};
struct DropTriggerStatement {
    Name trigger;
    bool ifExists = false;
    QualifiedName table;
};

struct DescribeStatement {
    enum class Kind : std::uint8_t {
        Cluster, Schema, FullSchema, Keyspaces, Keyspace, OnlyKeyspace, Tables, Table, Index,
        MaterializedView, Types, Type, Functions, Function, Aggregates, Aggregate, Generic,
    };
    Kind kind = Kind::Cluster;
    QualifiedName name;  // Keyspace kinds: name.keyspace, absent() for the session's own.
    bool withInternals = false;
};

// ---- Access control ----

/// What ACCESS TO or ACCESS FROM names: all, or a list.
struct RoleAccess {
    bool all = false;
    std::vector<std::string> names;
};

/// Options of CREATE and ALTER ROLE; what is not written is empty.
struct RoleOptions {
    std::optional<std::string> password;
    std::optional<std::string> hashedPassword;
    std::optional<bool> superuser;
    std::optional<bool> login;
    std::optional<PropertyMap> options;
    std::optional<RoleAccess> datacenters;  // ACCESS TO
    std::optional<RoleAccess> cidrs;        // ACCESS FROM
};

/// CREATE ROLE, and CREATE USER (`isUser`: LOGIN is set true and SUPERUSER false or as written).
struct CreateRoleStatement {
    Name role;
    bool isUser = false;
    bool ifNotExists = false;
    RoleOptions options;
};
struct AlterRoleStatement {
    Name role;
    bool isUser = false;
    bool ifExists = false;
    RoleOptions options;
};
struct DropRoleStatement {
    Name role;
    bool isUser = false;
    bool ifExists = false;
};
struct ListRolesStatement {
    std::optional<Name> of;
    bool recursive = true;
};
struct ListUsersStatement {};
struct GrantRoleStatement {
    Name role;
    Name grantee;
};
struct RevokeRoleStatement {
    Name role;
    Name revokee;
};
struct AddIdentityStatement {
    std::string identity;
    std::string role;
    bool ifNotExists = false;
};
struct DropIdentityStatement {
    std::string identity;
    bool ifExists = false;
};

/// What a permission is granted on.
struct Resource {
    enum class Kind : std::uint8_t {
        AllKeyspaces, Keyspace, AllTables, Table, AllRoles, Role, AllFunctions,
        AllFunctionsInKeyspace, Function, AllMBeans, MBean,
    };
    Kind kind = Kind::AllKeyspaces;
    QualifiedName name;  // Keyspace, AllTables, AllFunctionsInKeyspace: name.keyspace;
                         // Role: name.name.
    std::vector<TypeRef> argumentTypes;  // Function.
    std::string mbean;
};

/// What can be granted on a resource of that kind, in the order of Permission.
std::vector<Permission> applicablePermissions(Resource::Kind kind);

/// Already narrowed to what the resource knows (CqlParser's filterPermissions).
struct GrantPermissionsStatement {
    std::vector<Permission> permissions;
    Resource resource;
    Name grantee;
};
struct RevokePermissionsStatement {
    std::vector<Permission> permissions;
    Resource resource;
    Name revokee;
};
struct ListPermissionsStatement {
    std::vector<Permission> permissions;  // ALL: every one.
    std::optional<Resource> resource;
    std::optional<Name> of;
    bool recursive = true;
};

// ---- The whole ----

using Statement = std::variant<
    SelectStatement, InsertStatement, InsertJsonStatement, UpdateStatement, DeleteStatement,
    BatchStatement, TruncateStatement, UseStatement, CreateKeyspaceStatement,
    AlterKeyspaceStatement, DropKeyspaceStatement, CreateTableStatement, AlterTableStatement,
    DropTableStatement, CreateTypeStatement, AlterTypeStatement, DropTypeStatement,
    CreateIndexStatement, DropIndexStatement, CreateViewStatement, AlterViewStatement,
    DropViewStatement, CreateFunctionStatement, DropFunctionStatement, CreateAggregateStatement,
    DropAggregateStatement, CreateTriggerStatement, DropTriggerStatement, DescribeStatement,
    CreateRoleStatement, AlterRoleStatement, DropRoleStatement, ListRolesStatement,
    ListUsersStatement, GrantRoleStatement, RevokeRoleStatement,
    AddIdentityStatement, DropIdentityStatement, GrantPermissionsStatement,
    RevokePermissionsStatement, ListPermissionsStatement>;

/// A bind marker in order of appearance.
struct BindMarker {
    std::optional<Name> name;  // :name
    SourceSpan span;
};

/// What parse() returns.
struct ParsedStatement {
    Statement statement;
    std::vector<BindMarker> markers;
};

}  // namespace engine::cql::syntax
