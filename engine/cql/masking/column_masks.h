#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/cql/statement.h"
#include "engine/cql/syntax/ast.h"
#include "engine/schema/schema.h"
#include "engine/types/functions/function.h"

/// Dynamic data masking (CEP-20): a column may have a function that stands between its values and those who lack the
/// permission UNMASK (org.apache.cassandra.cql3.functions.masking).
namespace engine::cql {

/// MASKED WITH, checked against the column (ColumnMask.Raw.prepare).
Result<std::shared_ptr<const schema::ColumnMask>> prepareMask(const syntax::Mask& mask, const std::string& column,
                                                              const types::TypePtr& type, const std::string& keyspace,
                                                              const std::string& table, const schema::Schema& schema);

/// What needs no schema: no markers among the arguments.
Result<void> refuseMarkers(const std::optional<syntax::Mask>& mask);

/// The tables of a keyspace of which a column is masked with the function, by name.
std::vector<std::string> tablesMaskedWith(const schema::Keyspace& keyspace, const schema::UserFunction& function);

/// `system.mask_inner(1, null)`, as DESCRIBE writes it.
std::string textOf(const schema::ColumnMask& mask);

/// A mask ready to be laid over values. Immutable.
class MaskCall {
public:
    /// Errors when its function is no longer there.
    static Result<MaskCall> resolve(const schema::Column& column, const schema::Table& table,
                                    const schema::Schema& schema);

    Result<types::Value> over(const types::Value& value, const types::FunctionContext& context) const;

private:
    std::shared_ptr<const types::ScalarFunction> m_function;
    std::shared_ptr<const schema::ColumnMask> m_mask;
};

}  // namespace engine::cql
