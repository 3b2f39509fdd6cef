#include "engine/cql/java/program.h"

#include <fmt/format.h>

#include "engine/cql/java/compiler.h"

namespace engine::cql::java {

namespace {

constexpr std::size_t kTokensMax = 5000;

Error failed(std::string message) { return makeError(ErrorKind::FunctionFailure, std::move(message)); }

class CompiledProgram : public Program {
public:
    CompiledProgram(Signature signature, Statement body, std::size_t slots)
        : m_signature(std::move(signature)), m_body(std::move(body)), m_slots(slots) {}

    Result<types::Value> run(std::span<const types::Argument> arguments,
                             const std::function<std::int64_t()>& wallMicros,
                             std::int64_t& micros) const override {
        const Heap heap;
        Machine machine;
        machine.locals.resize(m_slots);
        machine.returnType = m_signature.returnType;
        machine.wallMicros = wallMicros;
        machine.startMicros = wallMicros();
        Result<types::Value> out = types::Value();
        try {
            for (std::size_t i = 0; i < arguments.size(); ++i) {
                machine.locals[i] = fromCql(m_signature.argumentTypes[i], arguments[i]);
            }
            m_body.run(machine);
            out = toCql(m_signature.returnType, machine.result);
        } catch (const Thrown& thrown) {
            out = failed(fullName(thrown.className) + (thrown.message ? ": " + *thrown.message : ""));
        } catch (const Exceeded& exceeded) {
            out = failed("User defined function " + exceeded.what);
        }
        micros = wallMicros() - machine.startMicros;
        return out;
    }

private:
    Signature m_signature;
    Statement m_body;
    std::size_t m_slots;
};

}  // namespace

Result<std::shared_ptr<const Program>> compile(const std::string& body, const Signature& signature) {
    try {
        std::vector<Token> tokens = tokensOf(body);
        if (tokens.size() > kTokensMax) {
            throw CompileError{1, "The body is too long"};
        }
        Compiler compiler(std::move(tokens), ofCql(*signature.returnType, signature.calledOnNullInput));
        for (std::size_t i = 0; i < signature.argumentNames.size(); ++i) {
            compiler.declare(signature.argumentNames[i],
                             ofCql(*signature.argumentTypes[i], signature.calledOnNullInput), 1);
        }
        Statement compiled = compiler.body();
        if (!compiler.strayMethods().empty()) {
            return invalid(fmt::format("Java UDF validation failed: [not allowed method declared: {}]",
                                       compiler.strayMethods().front()));
        }
        return std::shared_ptr<const Program>(
            std::make_shared<CompiledProgram>(signature, std::move(compiled), compiler.slots()));
    } catch (const CompileError& error) {
        return invalid(fmt::format("Java source compilation failed:\nLine {}: {}\n", error.line, error.message));
    }
}

}  // namespace engine::cql::java
