#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/types/functions/function.h"
#include "engine/types/functions/native_functions.h"

namespace engine::types::detail {

using Arguments = std::span<const Argument>;
using Body = std::function<Result<Value>(const FunctionContext&, Arguments)>;
using Heading = std::function<std::string(std::span<const std::string>)>;

/// A native scalar function whose work is one closure.
class NativeScalar : public ScalarFunction {
public:
    enum class Nulls {
        Pass,    // The body sees nulls and empty values.
        Absorb,  // A null argument, or an empty one of a type where empty means nothing: null.
    };
    struct Traits {
        Nulls nulls = Nulls::Absorb;
        bool pure = true;
        Heading heading;  // Instead of `system.name(…)`.
    };

    NativeScalar(std::string name, std::vector<TypePtr> arguments, TypePtr result, Body body,
                 Traits traits);

    bool isPure() const override { return m_traits.pure; }
    std::string columnName(std::span<const std::string> arguments) const override;
    Result<Value> evaluate(const FunctionContext& context,
                           std::span<const Argument> arguments) const override;

private:
    const Body m_body;
    const Traits m_traits;
};

FunctionPtr scalar(std::string name, std::vector<TypePtr> arguments, TypePtr result, Body body,
                   NativeScalar::Traits traits = {});

/// How an argument of a factory's function gets its type, and which types it may have
/// (FunctionParameter of Cassandra).
struct Parameter {
    using Infer = std::function<TypePtr(const ArgumentTerm&, const TypePtr& receiver,
                                        const std::vector<TypePtr>* inferred)>;
    using Check = std::function<Result<void>(const std::string& function, const ArgumentTerm&,
                                             const TypePtr&)>;
    std::string text;
    Infer infer;
    Check check;  // May be empty: everything goes.
    bool optional = false;
};

Parameter anyType(bool inferFromReceiver);
/// The first type is what an argument without one is taken for. `names` as signatures print them.
Parameter fixedTypes(std::vector<TypePtr> types, std::string names);
Parameter stringType();
Parameter sameAs(std::size_t other, bool preferOther, Parameter parameter);
Parameter optional(Parameter parameter);
Parameter anyCollection();
Parameter setOrList();
Parameter numericSetOrList();
Parameter anyMap();
Parameter floatVector();

/// Turns inferred argument types (and the receiver's, or nullptr) into a function.
using Maker = std::function<Result<FunctionPtr>(const std::vector<TypePtr>&, const TypePtr&)>;

class Registry {
public:
    void add(FunctionPtr function);
    /// A factory of that name with these parameters.
    void add(std::string name, std::vector<Parameter> parameters, Maker maker);

    std::map<std::string, std::vector<FunctionPtr>, std::less<>> functions;
    std::map<std::string, std::unique_ptr<FunctionFactory>, std::less<>> factories;
};

// One for each source file beside this header.
void addAggregates(Registry& registry);
void addBlobFunctions(Registry& registry);
void addCastFunctions(Registry& registry);
void addCollectionFunctions(Registry& registry);
void addJsonFunctions(Registry& registry);
void addMaskFunctions(Registry& registry);
void addMathFunctions(Registry& registry);
void addOperators(Registry& registry);
void addTimeFunctions(Registry& registry);
void addVectorFunctions(Registry& registry);

/// The aggregate of that name over one number type, min and max over any, as functions on
/// collections use them too.
std::shared_ptr<const AggregateFunction> sumOf(const TypePtr& type);
std::shared_ptr<const AggregateFunction> averageOf(const TypePtr& type);
std::shared_ptr<const AggregateFunction> minimumOf(const TypePtr& type);
std::shared_ptr<const AggregateFunction> maximumOf(const TypePtr& type);

bool isNumber(const DataType& type);
/// tinyint to bigint, float, double, decimal, varint, counter.
const std::vector<TypePtr>& numberTypes();
/// What functions made for an argument type really work on: timeuuids become legacy ones.
TypePtr udfType(const TypePtr& type);

}  // namespace engine::types::detail
