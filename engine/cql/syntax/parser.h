#pragma once

#include <string_view>
#include <vector>

#include "engine/cql/syntax/ast.h"

namespace engine::cql::syntax {

/// How deep terms, selectors, types and brackets may nest, and how many operators one expression
/// may chain; more is a syntax error rather than an exhausted stack.
inline constexpr std::size_t kMaxNesting = 200;
inline constexpr std::size_t kMaxChain = 2000;

/// One CQL statement, with any number of `;` after it. Errors are ErrorKind::Syntax in the words of
/// Apache Cassandra 5.0's parser, with ErrorDetail::span on the offending text.
Result<ParsedStatement> parse(std::string_view cql);

/// Fragments as Cassandra keeps them in its schema tables: a view's WHERE (without the word), an
/// aggregate's INITCOND or a mask's argument, a column's type.
Result<std::vector<Relation>> parseWhere(std::string_view cql);
Result<Term> parseTerm(std::string_view cql);
Result<TypeRef> parseType(std::string_view cql);

}  // namespace engine::cql::syntax
