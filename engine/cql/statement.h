#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/cql/access/permission.h"
#include "engine/cql/guardrails/guardrails.h"
#include "engine/cql/result.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"
#include "engine/schema/schema.h"

/// Statements that have been checked against a schema. This is the whole seam between CQL and the
/// coordinator: a statement never waits and never sees the network; it says what to read or write,
/// is fed what was read, and makes the result.
namespace engine::cql {

/// A value bound to a marker.
struct BoundValue {
    enum class State : std::uint8_t { Set, Null, Unset };
    State state = State::Null;
    Bytes bytes;
};

/// What a request brings beside its statement (native_protocol_v5.spec 4.1.4).
struct QueryOptions {
    std::uint16_t consistency = 1;        // Protocol codes; ring::Consistency has the names.
    std::uint16_t serialConsistency = 8;
    std::vector<BoundValue> values;
    std::vector<std::string> valueNames;  // Same length as values when names were given, else empty.
    std::int32_t pageSize = 0;            // 0: all rows.
    std::optional<Bytes> pagingState;
    std::optional<std::int64_t> timestampMicros;  // The client's; else the coordinator's clock.
    std::optional<std::int32_t> nowSeconds;
    int protocolVersion = 5;
};

/// The world as one execution sees it.
struct ExecutionContext {
    std::int64_t nowMicros = 0;
    std::function<std::uint64_t()> random;  // 64 fresh bits.
    /// Strictly increasing within the node: for default timestamps and timeuuids.
    std::function<std::int64_t()> uniqueMicros;
    std::function<std::int64_t()> wallMicros;  // The clock as it runs.
    schema::SchemaPtr schema;
    std::string role;  // That logged in; empty where nobody has to.
    /// The role is no superuser. What holds for it is in `guardrails`.
    bool guarded = false;
    Guardrails guardrails;
    /// Whether it sees through the masks of the statement's table, and whether it may restrict masked columns
    /// (UNMASK, SELECT_MASKED).
    bool unmasks = true;
    bool selectsMasked = true;
};

/// The session a statement comes from.
struct SessionState {
    std::string keyspace;  // Empty before USE.
};

/// cassandra.yaml's switches of what may be made (their names are in the comments).
struct Features {
    bool userFunctions = false;      // user_defined_functions_enabled
    bool materializedViews = false;  // materialized_views_enabled
    bool sasiIndexes = false;        // sasi_indexes_enabled
    bool dataMasking = false;        // dynamic_data_masking_enabled
    std::string defaultIndex = "legacy_local_table";  // default_secondary_index
};

/// What the schema statements must know of the cluster.
struct ClusterFacts {
    Features features;
    std::vector<std::pair<std::string, int>> datacenters;  // Name, nodes in it.
    int nodes = 1;
    /// By the token that ends each range: the nodes that hold the keyspace's data of it.
    std::function<std::map<std::string, std::vector<std::string>>(std::string_view keyspace)> rangeOwners;
};

/// One run of a SELECT. `next()` says what to read now: single-partition commands run side by side
/// and are fed in the same order; one range command comes alone. Empty: all is read.
class SelectExecution {
public:
    virtual ~SelectExecution() = default;
    virtual std::vector<rows::ReadCommand> next() = 0;
    /// Reconciled partitions (tombstones may still be in them), one vector for each command of the last next().
    virtual Result<void> feed(std::vector<std::vector<rows::Partition>> answers) = 0;
    virtual Result<RowsResult> finish() = 0;
    /// What the client is to be told of this run; complete once it is finished.
    virtual const std::vector<std::string>& warnings() const {
        static const std::vector<std::string> kNone;
        return kNone;
    }
    /// The answer comes of one replica whatever the level: ANN OF is only supported at ONE.
    virtual bool readsAtOne() const { return false; }
};

class SelectStatement {
public:
    virtual ~SelectStatement() = default;
    virtual const schema::TablePtr& table() const = 0;
    virtual ResultMetadataPtr resultMetadata() const = 0;
    virtual Result<std::unique_ptr<SelectExecution>> start(const QueryOptions& options,
                                                           const ExecutionContext& context) const = 0;
    /// Client warnings of this execution go to `warnings` of the Prepared they belong to.
};

/// INSERT, UPDATE, DELETE, and batches of them.
class ModificationStatement {
public:
    virtual ~ModificationStatement() = default;
    virtual const schema::TablePtr& table() const = 0;
    /// IF conditions: lightweight transactions.
    virtual bool isConditional() const = 0;
    /// Reads that must come first (list positions, list subtraction); usually empty.
    virtual Result<std::vector<rows::ReadCommand>> readsFirst(const QueryOptions& options,
                                                              const ExecutionContext& context) const = 0;
    /// One mutation a partition key. `read` answers readsFirst().
    virtual Result<std::vector<rows::Mutation>> mutations(
        const QueryOptions& options, const ExecutionContext& context,
        const std::vector<std::vector<rows::Partition>>& read) const = 0;
    /// What guardrails say of the statement before it runs.
    virtual Result<void> guard(const QueryOptions& options, const ExecutionContext& context, bool inBatch) const = 0;
};

enum class BatchType : std::uint8_t { Logged, Unlogged, Counter };

struct BatchChild {
    std::shared_ptr<const ModificationStatement> statement;
    std::size_t firstMarker = 0;  // Where its bind values begin within the batch's.
    std::size_t markers = 0;
};
/// BEGIN BATCH … APPLY BATCH as text.
class BatchStatement {
public:
    virtual ~BatchStatement() = default;
    virtual BatchType type() const = 0;
    virtual const std::vector<BatchChild>& children() const = 0;
    /// What all children have to read first, one after the other; usually empty.
    virtual Result<std::vector<rows::ReadCommand>> readsFirst(const QueryOptions& options,
                                                              const ExecutionContext& context) const = 0;
    /// Mutations of all children, merged by table and key. `read` answers readsFirst().
    virtual Result<std::vector<rows::Mutation>> mutations(
        const QueryOptions& options, const ExecutionContext& context,
        const std::vector<std::vector<rows::Partition>>& read) const = 0;
    Result<std::vector<rows::Mutation>> mutations(const QueryOptions& options,
                                                  const ExecutionContext& context) const {
        return mutations(options, context, {});
    }
};

/// The next schema and what to say about it.
struct SchemaTransformation {
    std::optional<schema::Schema> next;  // Absent: nothing changes (IF [NOT] EXISTS).
    schema::SchemaChange change;
    std::vector<std::string> warnings;
};
/// CREATE, ALTER, DROP of keyspaces, tables and types.
class SchemaStatement {
public:
    virtual ~SchemaStatement() = default;
    virtual Result<SchemaTransformation> apply(const schema::Schema& current, const ClusterFacts& cluster,
                                               const ExecutionContext& context) const = 0;
};

struct UseStatement {
    std::string keyspace;
};
struct TruncateStatement {
    schema::TablePtr table;
};
/// DESCRIBE: the rows it answers, made from the schema alone.
class DescribeStatement {
public:
    virtual ~DescribeStatement() = default;
    virtual ResultMetadataPtr resultMetadata() const = 0;
    virtual Result<RowsResult> describe(const schema::Schema& current, const ClusterFacts& cluster,
                                        std::string_view clusterName, const QueryOptions& options) const = 0;
};

/// CREATE ROLE, GRANT, LIST PERMISSIONS and all else about who may do what: cql/access/access_statement.h.
struct AccessStatement;

using AnyStatement =
    std::variant<std::shared_ptr<const SelectStatement>, std::shared_ptr<const ModificationStatement>,
                 std::shared_ptr<const BatchStatement>, std::shared_ptr<const SchemaStatement>,
                 std::shared_ptr<const DescribeStatement>, std::shared_ptr<const AccessStatement>, UseStatement,
                 TruncateStatement>;

/// A statement ready to run any number of times while its tables stay as they are. Immutable.
struct Prepared {
    AnyStatement statement;
    std::string text;
    std::string keyspace;  // Of its table; empty when it has none.
    std::string table;
    Uuid tableId;
    /// Bind variables in order, and which of them make up the partition key (NET-21; empty when a
    /// component is not a plain marker).
    std::vector<ColumnSpec> variables;
    std::vector<std::uint16_t> partitionKeyVariables;
    ResultMetadataPtr resultMetadata;  // Never null; no columns for what returns none.
    std::vector<std::string> warnings;  // To be sent with the answer to PREPARE and to QUERY.
    std::vector<PermissionNeed> needs;  // In the order in which they are checked.
    std::optional<Resource> creates;    // What its maker gets all permissions on.
    std::vector<Resource> drops;        // What nobody has permissions on afterwards.
    std::string onlySuperusers;         // What all others are told; empty: it is for everybody.
    /// Serialised partition key of this execution, for the explorer: empty when it is not one key.
    std::function<std::optional<Bytes>(const QueryOptions&, const ExecutionContext&)> partitionKey;
};
using PreparedPtr = std::shared_ptr<const Prepared>;

/// Parses and checks one statement. Errors are Cassandra's codes and texts, with the place.
Result<PreparedPtr> prepare(std::string_view text, const schema::Schema& schema,
                            const SessionState& session);

/// The protocol's result metadata id over columns (NET-23).
Bytes resultMetadataId(const std::vector<ColumnSpec>& columns);

}  // namespace engine::cql
