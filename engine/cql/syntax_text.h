#pragma once

#include <string>

#include "engine/cql/syntax/ast.h"

/// Syntax trees as Cassandra's error messages print them (getText and toString of its Raw classes).
namespace engine::cql {

std::string textOf(const syntax::Term& term);
std::string textOf(const syntax::Selector& selector);
std::string textOf(const syntax::Relation& relation);
std::string textOf(const syntax::TypeRef& type);
/// `[keyspace.]function` in lower case, as FunctionName.toString.
std::string textOf(const syntax::QualifiedName& name);
/// = < <= > >= != IN CONTAINS …
std::string_view textOf(syntax::Operator op);

}  // namespace engine::cql
