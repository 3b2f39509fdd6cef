#include "engine/cql/terms/function_context.h"

namespace engine::cql {

Uuid nextTimeuuid(const ExecutionContext& context) {
    return Uuid::timeBased(context.uniqueMicros() * 10, context.random());
}

types::FunctionContext functionContext(const ExecutionContext& context) {
    return {context.nowMicros,
            [&context] { return Uuid::random(context.random(), context.random()); },
            [&context] { return nextTimeuuid(context); }, context.wallMicros, {}};
}

}  // namespace engine::cql
