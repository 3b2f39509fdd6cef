#pragma once

#include <string>
#include <vector>

#include "engine/schema/schema.h"
#include "engine/types/functions/function.h"

/// Functions and aggregates of one's own, as the resolver of calls knows functions.
namespace engine::cql {

/// Compiled: errors are what CREATE FUNCTION answers.
Result<types::FunctionPtr> makeFunction(const schema::UserFunction& function);
/// All of that name in the keyspace; those that no longer compile are left out.
std::vector<types::FunctionPtr> userFunctions(const schema::Keyspace& keyspace, const std::string& name);

const schema::UserFunction* findFunction(const schema::Keyspace& keyspace, const std::string& name,
                                         const std::vector<types::TypePtr>& argumentTypes);
const schema::UserAggregate* findAggregate(const schema::Keyspace& keyspace, const std::string& name,
                                           const std::vector<types::TypePtr>& argumentTypes);

/// `plus(int, text)`, as listings print it.
std::string signatureText(const std::string& name, const std::vector<types::TypePtr>& argumentTypes);

}  // namespace engine::cql
