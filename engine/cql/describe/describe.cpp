#include "engine/cql/describe/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/functions/user_functions.h"
#include "engine/cql/schema_statements/properties.h"
#include "engine/schema/system_keyspaces.h"
#include "engine/types/codec.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using DescribeKind = syntax::DescribeStatement::Kind;

/// One schema element of the answer.
struct Element {
    std::string keyspace;
    std::string type;
    std::string name;
    std::string text;
};
using Elements = std::vector<Element>;

ResultMetadataPtr metadataOf(std::initializer_list<const char*> names) {
    auto metadata = std::make_shared<ResultMetadata>();
    for (const char* name : names) {
        metadata->columns.push_back({"system", "describe", name, types::text()});
    }
    metadata->id = resultMetadataId(metadata->columns);
    return metadata;
}

bool isListing(DescribeKind kind) {
    return kind == DescribeKind::Keyspaces || kind == DescribeKind::Tables || kind == DescribeKind::Types ||
           kind == DescribeKind::Functions || kind == DescribeKind::Aggregates;
}

/// DESCRIBE CLUSTER, with the owners of each range when a keyspace is in use.
ResultMetadataPtr clusterMetadata(bool withOwners) {
    auto metadata = std::make_shared<ResultMetadata>(*metadataOf({"cluster", "partitioner", "snitch"}));
    if (withOwners) {
        metadata->columns.push_back({"system", "describe", "range_ownership",
                                     types::map(types::text(), types::list(types::text(), false), false)});
        metadata->id = resultMetadataId(metadata->columns);
    }
    return metadata;
}

ResultMetadataPtr metadataFor(DescribeKind kind) {
    static const auto kListing = metadataOf({"keyspace_name", "type", "name"});
    static const auto kElements = metadataOf({"keyspace_name", "type", "name", "create_statement"});
    return isListing(kind) ? kListing : kElements;
}

/// Names in the order of DESCRIBE: without regard to case. Views stand with their bases.
std::vector<schema::TablePtr> sortedTables(const schema::Keyspace& keyspace) {
    std::vector<schema::TablePtr> tables;
    for (const auto& [name, table] : keyspace.tables) {
        if (!table->view) {
            tables.push_back(table);
        }
    }
    std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) {
        return lowerCase(a->name) < lowerCase(b->name);
    });
    return tables;
}

std::vector<schema::KeyspacePtr> sortedKeyspaces(const schema::Schema& current) {
    std::vector<schema::KeyspacePtr> out;
    for (const auto& [name, keyspace] : current.keyspaces()) {
        out.push_back(keyspace);
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return lowerCase(a->name) < lowerCase(b->name);
    });
    return out;
}

/// User types, each after those it is made of.
std::vector<const schema::UserType*> sortedTypes(const schema::Keyspace& keyspace) {
    std::vector<const schema::UserType*> out;
    std::set<std::string> placed;
    while (out.size() < keyspace.types.size()) {
        const std::size_t before = out.size();
        for (const auto& [name, type] : keyspace.types) {
            const bool ready =
                std::all_of(keyspace.types.begin(), keyspace.types.end(), [&](const auto& other) {
                    return other.first == name || placed.contains(other.first) ||
                           !type.type()->referencesUdt(keyspace.name, other.first);
                });
            if (ready && placed.insert(name).second) {
                out.push_back(&type);
                break;
            }
        }
        if (out.size() == before) {
            break;  // A circle, which CREATE and ALTER TYPE do not allow.
        }
    }
    return out;
}

Element elementOf(const schema::Keyspace& keyspace) {
    return {keyspace.name, "keyspace", types::maybeQuote(keyspace.name), describeKeyspace(keyspace)};
}
Element elementOf(const schema::Table& table, bool withInternals) {
    return {table.keyspace, "table", types::maybeQuote(table.name),
            describeTable(table, withInternals)};
}
Element elementOf(const schema::UserType& type) {
    return {type.keyspace, "type", types::maybeQuote(type.name), describeType(type)};
}

Element elementOf(const schema::Table& table, const schema::Index& index) {
    return {table.keyspace, "index", types::maybeQuote(index.name), describeIndex(table, index)};
}
Element viewElement(const schema::Table& view, bool withInternals) {
    return {view.keyspace, "materialized_view", types::maybeQuote(view.name), describeTable(view, withInternals)};
}
Element elementOf(const schema::UserFunction& function) {
    return {function.keyspace, "function", signatureText(function.name, function.argumentTypes),
            describeFunction(function)};
}
Element elementOf(const schema::UserAggregate& aggregate) {
    return {aggregate.keyspace, "aggregate", signatureText(aggregate.name, aggregate.argumentTypes),
            describeAggregate(aggregate)};
}

/// A table, and what hangs on it.
Elements wholeTable(const schema::Keyspace& keyspace, const schema::Table& table, bool withInternals) {
    Elements out{elementOf(table, withInternals)};
    for (const schema::Index& index : table.indexes) {
        out.push_back(elementOf(table, index));
    }
    for (const auto& [name, other] : keyspace.tables) {
        if (other->view && other->view->baseId == table.id) {
            out.push_back(viewElement(*other, withInternals));
        }
    }
    return out;
}

template <typename Declared>
Elements elementsOfAll(const std::vector<Declared>& all, const std::string& name = {}) {
    Elements out;
    for (const Declared& declared : all) {
        if (name.empty() || declared.name == name) {
            out.push_back(elementOf(declared));
        }
    }
    std::sort(out.begin(), out.end(), [](const Element& a, const Element& b) { return a.name < b.name; });
    return out;
}

void append(Elements& out, Elements more) {
    std::move(more.begin(), more.end(), std::back_inserter(out));
}

Elements wholeKeyspace(const schema::Keyspace& keyspace, bool withInternals) {
    Elements out{elementOf(keyspace)};
    for (const schema::UserType* type : sortedTypes(keyspace)) {
        out.push_back(elementOf(*type));
    }
    append(out, elementsOfAll(keyspace.functions));
    append(out, elementsOfAll(keyspace.aggregates));
    for (const schema::TablePtr& table : sortedTables(keyspace)) {
        append(out, wholeTable(keyspace, *table, withInternals));
    }
    return out;
}

class Describe : public DescribeStatement {
public:
    Describe(syntax::DescribeStatement statement, SessionState session)
        : m_statement(std::move(statement)), m_session(std::move(session)) {}

    ResultMetadataPtr resultMetadata() const override {
        return m_statement.kind == DescribeKind::Cluster ? clusterMetadata(tellsOwners()) : metadataFor(m_statement.kind);
    }

    Result<RowsResult> describe(const schema::Schema& current, const ClusterFacts& cluster,
                                std::string_view clusterName,
                                const QueryOptions& options) const override {
        RowsResult result;
        result.metadata = resultMetadata();
        if (m_statement.kind == DescribeKind::Cluster) {
            result.rows.push_back(describeCluster(cluster, clusterName));
            return result;
        }
        TRY_ASSIGN(const Elements elements, elementsOf(current));
        const bool listing = isListing(m_statement.kind);
        std::size_t begin = 0;
        if (options.pagingState) {
            begin = static_cast<std::size_t>(std::max(0, types::decodeInt(*options.pagingState)));
        }
        std::size_t end = elements.size();
        if (options.pageSize > 0 && begin + static_cast<std::size_t>(options.pageSize) <= end) {
            end = begin + static_cast<std::size_t>(options.pageSize);
            result.pagingState = types::encodeInt(static_cast<std::int32_t>(end));
        }
        for (std::size_t i = begin; i < end; ++i) {
            const Element& element = elements[i];
            ResultRow row{element.keyspace, element.type, element.name};
            if (!listing) {
                row.emplace_back(element.text);
            }
            result.rows.push_back(std::move(row));
        }
        return result;
    }

private:
    bool tellsOwners() const { return !m_session.keyspace.empty() && !schema::isSystemKeyspace(m_session.keyspace); }

    ResultRow describeCluster(const ClusterFacts& cluster, std::string_view clusterName) const {
        ResultRow row{Bytes(clusterName), "Murmur3Partitioner", "DynamicEndpointSnitch"};
        if (tellsOwners()) {
            std::vector<std::pair<Bytes, Bytes>> ranges;
            const auto owners = cluster.rangeOwners ? cluster.rangeOwners(m_session.keyspace)
                                                    : std::map<std::string, std::vector<std::string>>();
            for (const auto& [token, nodes] : owners) {
                ranges.emplace_back(token, types::packList(nodes));
            }
            row.emplace_back(types::packMap(ranges));
        }
        return row;
    }

    /// The keyspaces a listing covers: the session's, or all.
    std::vector<schema::KeyspacePtr> keyspacesOf(const schema::Schema& current) const {
        std::vector<schema::KeyspacePtr> out = sortedKeyspaces(current);
        std::erase_if(out, [this](const schema::KeyspacePtr& keyspace) {
            return !m_session.keyspace.empty() && keyspace->name != m_session.keyspace &&
                   m_statement.kind != DescribeKind::Keyspaces;
        });
        return out;
    }

    Result<Elements> elementsOf(const schema::Schema& current) const {
        switch (m_statement.kind) {
            case DescribeKind::Keyspaces:
            case DescribeKind::Tables:
            case DescribeKind::Types:
            case DescribeKind::Functions:
            case DescribeKind::Aggregates: return listing(current);
            case DescribeKind::Schema:
            case DescribeKind::FullSchema: return wholeSchema(current);
            case DescribeKind::Keyspace:
            case DescribeKind::OnlyKeyspace: return keyspaceElements(current);
            case DescribeKind::Generic: return generic(current);
            default: return single(current);
        }
    }

    Elements listing(const schema::Schema& current) const {
        Elements out;
        for (const schema::KeyspacePtr& keyspace : keyspacesOf(current)) {
            if (m_statement.kind == DescribeKind::Keyspaces) {
                out.push_back({keyspace->name, "keyspace", types::maybeQuote(keyspace->name), {}});
            } else if (m_statement.kind == DescribeKind::Tables) {
                for (const schema::TablePtr& table : sortedTables(*keyspace)) {
                    out.push_back({keyspace->name, "table", types::maybeQuote(table->name), {}});
                }
            } else if (m_statement.kind == DescribeKind::Types) {
                for (const auto& [name, type] : keyspace->types) {
                    out.push_back({keyspace->name, "type", types::maybeQuote(name), {}});
                }
            } else if (m_statement.kind == DescribeKind::Functions) {
                append(out, elementsOfAll(keyspace->functions));
            } else {
                append(out, elementsOfAll(keyspace->aggregates));
            }
        }
        return out;
    }

    Elements wholeSchema(const schema::Schema& current) const {
        Elements out;
        for (const schema::KeyspacePtr& keyspace : sortedKeyspaces(current)) {
            if (m_statement.kind == DescribeKind::FullSchema || !schema::isSystemKeyspace(keyspace->name)) {
                Elements own = wholeKeyspace(*keyspace, m_statement.withInternals);
                std::move(own.begin(), own.end(), std::back_inserter(out));
            }
        }
        return out;
    }

    /// The keyspace a name belongs to: its own, or the session's.
    Result<std::string> keyspaceName() const {
        if (!m_statement.name.keyspace.absent()) {
            return m_statement.name.keyspace.text;
        }
        if (m_session.keyspace.empty()) {
            return invalid("No keyspace specified and no current keyspace");
        }
        return m_session.keyspace;
    }

    Result<schema::KeyspacePtr> keyspace(const schema::Schema& current) const {
        TRY_ASSIGN(const std::string name, keyspaceName());
        const auto* found = current.findKeyspace(name);
        if (found == nullptr) {
            return invalid(fmt::format("'{}' not found in keyspaces", name));
        }
        return *found;
    }

    Result<Elements> keyspaceElements(const schema::Schema& current) const {
        TRY_ASSIGN(const auto found, keyspace(current));
        if (m_statement.kind == DescribeKind::OnlyKeyspace) {
            return Elements{elementOf(*found)};
        }
        return wholeKeyspace(*found, m_statement.withInternals);
    }

    Result<Elements> single(const schema::Schema& current) const {
        TRY_ASSIGN(const auto found, keyspace(current));
        const std::string& name = m_statement.name.name.text;
        if (m_statement.kind == DescribeKind::Table) {
            const auto table = found->tables.find(name);
            if (table == found->tables.end() || table->second->view) {
                return invalid(
                    fmt::format("Table '{}' not found in keyspace '{}'", name, found->name));
            }
            return wholeTable(*found, *table->second, m_statement.withInternals);
        }
        Elements named = namedElements(*found, name);
        if (!named.empty()) {
            return named;
        }
        if (m_statement.kind == DescribeKind::Type) {
            const auto type = found->types.find(name);
            if (type == found->types.end()) {
                return invalid(
                    fmt::format("User defined type '{}' not found in '{}'", name, found->name));
            }
            return Elements{elementOf(type->second)};
        }
        const char* what = m_statement.kind == DescribeKind::Index             ? "Table for existing index"
                           : m_statement.kind == DescribeKind::MaterializedView ? "Materialized view"
                           : m_statement.kind == DescribeKind::Function         ? "User defined function"
                                                                        : "User defined aggregate";
        return invalid(fmt::format("{} '{}' not found in '{}'", what, name, found->name));
    }

    /// Indexes, views, functions and aggregates of the name, as the statement asks for one of them.
    Elements namedElements(const schema::Keyspace& keyspace, const std::string& name) const {
        switch (m_statement.kind) {
            case DescribeKind::Function: return elementsOfAll(keyspace.functions, name);
            case DescribeKind::Aggregate: return elementsOfAll(keyspace.aggregates, name);
            case DescribeKind::MaterializedView: {
                const auto view = keyspace.tables.find(name);
                return view == keyspace.tables.end() || !view->second->view
                           ? Elements{}
                           : Elements{viewElement(*view->second, m_statement.withInternals)};
            }
            case DescribeKind::Index: return indexElements(keyspace, name);
            default: return {};
        }
    }

    static Elements indexElements(const schema::Keyspace& keyspace, const std::string& name) {
        for (const auto& [tableName, table] : keyspace.tables) {
            for (const schema::Index& index : table->indexes) {
                if (index.name == name) {
                    return {elementOf(*table, index)};
                }
            }
        }
        return {};
    }

    /// DESCRIBE name: a keyspace, else a table of the session's keyspace.
    Result<Elements> generic(const schema::Schema& current) const {
        const std::string& name = m_statement.name.name.text;
        if (m_statement.name.keyspace.absent()) {
            if (const auto* found = current.findKeyspace(name)) {
                return wholeKeyspace(**found, m_statement.withInternals);
            }
            if (m_session.keyspace.empty()) {
                return invalid(fmt::format("'{}' not found in keyspaces", name));
            }
        }
        TRY_ASSIGN(const auto found, keyspace(current));
        const auto table = found->tables.find(name);
        if (table != found->tables.end()) {
            return table->second->view ? Elements{viewElement(*table->second, m_statement.withInternals)}
                                       : wholeTable(*found, *table->second, m_statement.withInternals);
        }
        Elements index = indexElements(*found, name);
        if (index.empty()) {
            return invalid(fmt::format("'{}' not found in keyspace '{}'", name, found->name));
        }
        return index;
    }

    syntax::DescribeStatement m_statement;
    SessionState m_session;
};

}  // namespace

std::shared_ptr<const DescribeStatement> prepareDescribe(const syntax::DescribeStatement& statement,
                                                         const SessionState& session) {
    return std::make_shared<Describe>(statement, session);
}

}  // namespace engine::cql
