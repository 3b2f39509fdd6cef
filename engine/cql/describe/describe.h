#pragma once

#include <string>

#include "engine/cql/statement.h"
#include "engine/cql/syntax/ast.h"

namespace engine::cql {

std::shared_ptr<const DescribeStatement> prepareDescribe(const syntax::DescribeStatement& statement,
                                                         const SessionState& session);

/// CREATE statements as Cassandra prints them (SchemaElement.toCqlString), without a line break at
/// the end.
std::string describeKeyspace(const schema::Keyspace& keyspace);
std::string describeTable(const schema::Table& table, bool withInternals);
std::string describeType(const schema::UserType& type);
std::string describeIndex(const schema::Table& table, const schema::Index& index);
std::string describeFunction(const schema::UserFunction& function);
std::string describeAggregate(const schema::UserAggregate& aggregate);

}  // namespace engine::cql
