#pragma once

#include <map>
#include <optional>

#include "engine/cql/java/lexer.h"
#include "engine/cql/java/machine.h"

namespace engine::cql::java {

using Eval = std::function<Value(Machine&)>;

/// An expression that has been checked.
struct Expression {
    Type type;
    Eval eval;
    std::optional<Value> constant;  // Known when compiled.
    int slot = -1;                  // Of a local variable: what may be assigned to.
    int line = 1;
};

enum class Flow : std::uint8_t { Next, Break, Continue, Return };

/// A statement that has been checked.
struct Statement {
    std::function<Flow(Machine&)> run;
    bool completes = true;  // What follows it can be reached.
    bool breaks = false;    // It may end the loop around it.
};

/// Parses and checks in one pass, as Java declares before it uses. Throws CompileError.
class Compiler {
public:
    Compiler(std::vector<Token> tokens, Type result) : m_tokens(std::move(tokens)), m_result(std::move(result)) {}

    /// Arguments come first, in order.
    int declare(const std::string& name, Type type, int line);
    Statement body();
    std::size_t slots() const { return m_slots; }
    /// Methods that a body declares after closing its own: `x()I`.
    const std::vector<std::string>& strayMethods() const { return m_strayMethods; }

private:
    struct Variable {
        Type type;
        int slot = 0;
    };
    class Deeper;

    // Tokens.
    const Token& peek(std::size_t ahead = 0) const;
    bool is(std::string_view symbol, std::size_t ahead = 0) const;
    bool accept(std::string_view symbol);
    void expect(std::string_view symbol, std::string_view construct);
    Token takeName(std::string_view what);
    [[noreturn]] void fail(std::string message) const;
    [[noreturn]] void failAt(int line, std::string message) const { throw CompileError{line, std::move(message)}; }

    // Types.
    std::optional<Type> tryType();
    Type typeHere();
    bool startsDeclaration();

    // Statements.
    Statement statement();
    Statement block();
    Statement statements(std::string_view end);
    Statement declaration(bool endsWithSemicolon);
    Statement ifStatement();
    Statement whileStatement();
    Statement doStatement();
    Statement forStatement();
    Statement forEach(Type type, const std::string& name, int line);
    Statement returnStatement();
    Statement throwStatement();
    Statement expressionStatement();
    void strayMembers();
    std::function<Flow(Machine&)> loop(Expression condition, bool conditionFirst, Statement inner,
                                       std::function<void(Machine&)> after);

    // Expressions, from what binds least.
    Expression expression();
    Expression conditional();
    Expression binary(int level);
    Expression unary();
    Expression postfix();
    Expression primary();
    Expression name();
    Expression literal();
    Expression creation();
    Expression call(const Type& receiver, std::optional<Expression> self, const std::string& name, int line);
    std::vector<Expression> arguments();
    Expression castTo(Expression value, const Type& type);
    Expression arithmetic(const std::string& op, Expression a, Expression b);
    Expression comparison(const std::string& op, Expression a, Expression b);
    Expression logical(const std::string& op, Expression a, Expression b);
    Expression concatenation(Expression a, Expression b);
    Expression assignment(Expression target, const std::string& op, Expression value);
    Expression increment(Expression target, bool up, bool prefix);
    /// What to evaluate for a value of that type: conversions of assignment.
    Eval assigned(const Expression& value, const Type& to);
    Expression asBoolean(Expression value);
    static Expression folded(Expression e, bool constant);

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    Type m_result;
    std::vector<std::map<std::string, Variable>> m_scopes{1};
    int m_nextSlot = 0;
    std::size_t m_slots = 0;
    int m_depth = 0;
    int m_loops = 0;
    std::vector<std::string> m_strayMethods;
};

}  // namespace engine::cql::java
