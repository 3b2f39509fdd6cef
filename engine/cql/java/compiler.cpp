#include "engine/cql/java/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/cql/java/methods.h"

/// Tokens, types and statements; expressions are in expressions.cpp.
namespace engine::cql::java {

using Kind = Type::Kind;

namespace {

constexpr int kNestingMax = 60;  // Of blocks and brackets within one another.

const std::set<std::string, std::less<>> kPrimitives{"boolean", "byte", "char", "double",
                                                     "float",   "int",  "long", "short"};
/// What Java knows and this does not.
const std::set<std::string, std::less<>> kRefused{
    "abstract", "assert",  "class",     "enum",         "extends",   "finally",   "implements", "import",
    "interface", "native", "package",   "private",      "protected", "public",    "static",     "strictfp",
    "super",     "switch", "synchronized", "this",      "throws",    "transient", "try",        "volatile"};

bool isTrue(const Expression& e) { return e.constant && std::get<bool>(*e.constant); }

}  // namespace

class Compiler::Deeper {
public:
    explicit Deeper(Compiler& compiler) : m_compiler(compiler) {
        if (++m_compiler.m_depth > kNestingMax) {
            m_compiler.fail("The code is nested too deeply");
        }
    }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    ~Deeper() { --m_compiler.m_depth; }

private:
    Compiler& m_compiler;
};

// ---- tokens ------------------------------------------------------------------------------------

const Token& Compiler::peek(std::size_t ahead) const {
    return m_tokens[std::min(m_at + ahead, m_tokens.size() - 1)];
}

bool Compiler::is(std::string_view text, std::size_t ahead) const {
    const Token& token = peek(ahead);
    return (token.kind == Token::Kind::Symbol || token.kind == Token::Kind::Name) && token.text == text;
}

bool Compiler::accept(std::string_view text) {
    if (is(text)) {
        ++m_at;
        return true;
    }
    return false;
}

void Compiler::fail(std::string message) const { throw CompileError{peek().line, std::move(message)}; }

/// `construct` is what the Eclipse compiler calls what is being read.
void Compiler::expect(std::string_view text, std::string_view construct) {
    if (!accept(text)) {
        const int line = m_at == 0 ? peek().line : m_tokens[m_at - 1].line;
        failAt(line, fmt::format("Syntax error, insert \"{}\" to complete {}", text, construct));
    }
}

Token Compiler::takeName(std::string_view what) {
    if (peek().kind != Token::Kind::Name) {
        fail(fmt::format("Syntax error on token \"{}\", {} expected", peek().text, what));
    }
    return m_tokens[m_at++];
}

// ---- types -------------------------------------------------------------------------------------

/// A type where one may stand; the position is as before when there is none.
std::optional<Type> Compiler::tryType() {
    const std::size_t start = m_at;
    if (peek().kind != Token::Kind::Name) {
        return std::nullopt;
    }
    std::string text = m_tokens[m_at++].text;
    if (kPrimitives.contains(text)) {
        for (int kind = static_cast<int>(Kind::Boolean); kind <= static_cast<int>(Kind::Double); ++kind) {
            if (toString(primitive(static_cast<Kind>(kind))) == text) {
                return primitive(static_cast<Kind>(kind));
            }
        }
    }
    std::string known = knownClass(text);
    while (is(".") && peek(1).kind == Token::Kind::Name) {
        const std::string longer = text + "." + peek(1).text;
        const std::string next = knownClass(longer);
        if (!known.empty() && next.empty()) {
            break;
        }
        text = longer;
        known = next;
        m_at += 2;
    }
    if (known.empty()) {
        m_at = start;
        return std::nullopt;
    }
    Type out = classOf(known);
    if (is("<")) {
        const std::size_t open = m_at++;
        if (accept(">")) {
            return out;  // `<>`: what it is given to says it.
        }
        do {
            const auto argument = tryType();
            if (!argument || !argument->isClass()) {
                m_at = open;
                return out;
            }
            out.arguments.push_back(*argument);
        } while (accept(","));
        if (!accept(">")) {
            m_at = open;
            out.arguments.clear();
        }
    }
    return out;
}

Type Compiler::typeHere() {
    const int line = peek().line;
    if (const auto type = tryType()) {
        return *type;
    }
    std::string text = takeName("type").text;
    while (is(".") && peek(1).kind == Token::Kind::Name) {
        text += "." + peek(1).text;
        m_at += 2;
    }
    failAt(line, text + " cannot be resolved to a type");
}

bool Compiler::startsDeclaration() {
    const std::size_t start = m_at;
    accept("final");
    const bool hasType = tryType().has_value();
    const bool found = hasType && peek().kind == Token::Kind::Name && !is("instanceof") &&
                       (is("=", 1) || is(";", 1) || is(",", 1) || is(":", 1));
    if (hasType && is("[")) {
        fail("Arrays are not in Ringside's Java");
    }
    // Of a class that is not known it has to be said.
    bool looksLike = false;
    if (!found && !hasType && peek().kind == Token::Kind::Name && !kRefused.contains(peek().text)) {
        std::size_t ahead = 1;
        while (is(".", ahead) && peek(ahead + 1).kind == Token::Kind::Name) {
            ahead += 2;
        }
        looksLike = peek(ahead).kind == Token::Kind::Name && (is("=", ahead + 1) || is(";", ahead + 1));
    }
    m_at = start;
    return found || looksLike;
}

int Compiler::declare(const std::string& name, Type type, int line) {
    for (const auto& scope : m_scopes) {
        if (scope.contains(name)) {
            failAt(line, "Duplicate local variable " + name);
        }
    }
    const int slot = m_nextSlot++;
    m_slots = std::max(m_slots, static_cast<std::size_t>(m_nextSlot));
    m_scopes.back()[name] = {std::move(type), slot};
    return slot;
}

// ---- statements --------------------------------------------------------------------------------

Statement Compiler::body() {
    Statement out = statements("}");
    if (is("}")) {
        ++m_at;
        strayMembers();
    }
    if (peek().kind != Token::Kind::End) {
        fail(fmt::format("Syntax error on token \"{}\", delete this token", peek().text));
    }
    if (out.completes && m_strayMethods.empty()) {
        fail("This method must return a result of type " + toString(m_result));
    }
    return out;
}

/// What comes once a body has closed its method: others, which are not allowed.
void Compiler::strayMembers() {
    while (peek().kind != Token::Kind::End) {
        const Type type = is("void") ? (++m_at, Type{}) : typeHere();
        const std::string name = takeName("name").text;
        expect("(", "MethodDeclaration");
        std::string parameters;
        while (!is(")")) {
            parameters += descriptor(typeHere());
            takeName("parameter");
            if (!accept(",")) {
                break;
            }
        }
        expect(")", "MethodDeclaration");
        m_strayMethods.push_back(fmt::format("{}({}){}", name, parameters, descriptor(type)));
        int depth = 0;
        do {
            depth += is("{") ? 1 : is("}") ? -1 : 0;
            ++m_at;
        } while (depth > 0 && peek().kind != Token::Kind::End);
    }
}

Statement Compiler::statements(std::string_view end) {
    m_scopes.emplace_back();
    const int slot = m_nextSlot;
    std::vector<std::function<Flow(Machine&)>> all;
    Statement out;
    while (peek().kind != Token::Kind::End && !is(end)) {
        if (!out.completes) {
            fail("Unreachable code");
        }
        Statement next = statement();
        out.completes = next.completes;
        out.breaks = out.breaks || next.breaks;
        all.push_back(std::move(next.run));
    }
    m_scopes.pop_back();
    m_nextSlot = slot;
    out.run = [all = std::move(all)](Machine& machine) {
        for (const auto& run : all) {
            const Flow flow = run(machine);
            if (flow != Flow::Next) {
                return flow;
            }
        }
        return Flow::Next;
    };
    return out;
}

Statement Compiler::block() {
    expect("{", "Block");
    Statement out = statements("}");
    expect("}", "Block");
    return out;
}

Statement Compiler::statement() {
    const Deeper deeper(*this);
    if (is("{")) {
        return block();
    }
    if (accept(";")) {
        return {[](Machine&) { return Flow::Next; }};
    }
    if (is("if")) {
        return ifStatement();
    }
    if (is("while")) {
        return whileStatement();
    }
    if (is("do")) {
        return doStatement();
    }
    if (is("for")) {
        return forStatement();
    }
    if (is("return")) {
        return returnStatement();
    }
    if (is("throw")) {
        return throwStatement();
    }
    if (is("break") || is("continue")) {
        const bool isBreak = accept("break");
        if (!isBreak) {
            accept("continue");
        }
        if (m_loops == 0) {
            fail(isBreak ? "break cannot be used outside of a loop or a switch"
                         : "continue cannot be used outside of a loop");
        }
        expect(";", "BlockStatements");
        return {[flow = isBreak ? Flow::Break : Flow::Continue](Machine&) { return flow; }, false, isBreak};
    }
    if (peek().kind == Token::Kind::Name && kRefused.contains(peek().text) && !is("this")) {
        fail(fmt::format("'{}' is not in Ringside's Java", peek().text));
    }
    if (startsDeclaration()) {
        Statement out = declaration(true);
        return out;
    }
    Statement out = expressionStatement();
    expect(";", "BlockStatements");
    return out;
}

Statement Compiler::declaration(bool endsWithSemicolon) {
    accept("final");
    const Type type = typeHere();
    std::vector<std::pair<int, Eval>> variables;
    do {
        const Token name = takeName("VariableDeclarator");
        Eval value = [type](Machine&) -> Value { return type.isPrimitive() ? convert(std::int32_t{0}, type.kind) : Value(); };
        if (type.kind == Kind::Boolean) {
            value = [](Machine&) -> Value { return false; };
        }
        if (accept("=")) {
            value = assigned(expression(), type);
        }
        variables.emplace_back(declare(name.text, type, name.line), std::move(value));
    } while (accept(","));
    if (endsWithSemicolon) {
        expect(";", "BlockStatements");
    }
    return {[variables = std::move(variables)](Machine& machine) {
        for (const auto& [slot, value] : variables) {
            machine.locals[static_cast<std::size_t>(slot)] = value(machine);
        }
        return Flow::Next;
    }};
}

Statement Compiler::expressionStatement() {
    const std::size_t start = m_at;
    Expression value = expression();
    // Calls, assignments and the like; a bare value is no statement.
    const bool doesSomething = m_tokens[m_at - 1].text == ")" || value.slot == -2;
    if (!doesSomething && !(m_tokens[start].text == "new")) {
        failAt(value.line, "Syntax error, insert \"AssignmentOperator Expression\" to complete Expression");
    }
    return {[eval = std::move(value.eval)](Machine& machine) {
        machine.step();
        eval(machine);
        return Flow::Next;
    }};
}

Statement Compiler::ifStatement() {
    accept("if");
    expect("(", "IfStatement");
    Expression condition = asBoolean(expression());
    expect(")", "IfStatement");
    Statement then = statement();
    if (!accept("else")) {
        return {[test = std::move(condition.eval), run = std::move(then.run)](Machine& machine) {
                    machine.step();
                    return toBool(test(machine)) ? run(machine) : Flow::Next;
                },
                true, then.breaks};
    }
    Statement otherwise = statement();
    return {[test = std::move(condition.eval), yes = std::move(then.run), no = std::move(otherwise.run)](
                Machine& machine) {
                machine.step();
                return toBool(test(machine)) ? yes(machine) : no(machine);
            },
            then.completes || otherwise.completes, then.breaks || otherwise.breaks};
}

std::function<Flow(Machine&)> Compiler::loop(Expression condition, bool conditionFirst, Statement inner,
                                             std::function<void(Machine&)> after) {
    return [test = std::move(condition.eval), conditionFirst, run = std::move(inner.run),
            after = std::move(after)](Machine& machine) {
        bool check = conditionFirst;
        while (true) {
            machine.step();
            if (check && !toBool(test(machine))) {
                return Flow::Next;
            }
            check = true;
            const Flow flow = run(machine);
            if (flow == Flow::Break) {
                return Flow::Next;
            }
            if (flow == Flow::Return) {
                return flow;
            }
            if (after) {
                after(machine);
            }
        }
    };
}

Statement Compiler::whileStatement() {
    accept("while");
    expect("(", "WhileStatement");
    Expression condition = asBoolean(expression());
    expect(")", "WhileStatement");
    const bool forever = isTrue(condition);
    ++m_loops;
    Statement inner = statement();
    --m_loops;
    const bool breaks = inner.breaks;
    return {loop(std::move(condition), true, std::move(inner), {}), !forever || breaks};
}

Statement Compiler::doStatement() {
    accept("do");
    ++m_loops;
    Statement inner = statement();
    --m_loops;
    if (!accept("while")) {
        fail("Syntax error, insert \"while ( Expression ) ;\" to complete DoStatement");
    }
    expect("(", "DoStatement");
    Expression condition = asBoolean(expression());
    expect(")", "DoStatement");
    expect(";", "BlockStatements");
    const bool completes = !isTrue(condition) || inner.breaks;
    return {loop(std::move(condition), false, std::move(inner), {}), completes};
}

Statement Compiler::forStatement() {
    accept("for");
    expect("(", "ForStatement");
    m_scopes.emplace_back();
    const int slot = m_nextSlot;
    Statement begin{[](Machine&) { return Flow::Next; }};
    if (startsDeclaration()) {
        const std::size_t start = m_at;
        accept("final");
        const Type type = typeHere();
        const Token name = takeName("VariableDeclarator");
        if (accept(":")) {
            Statement out = forEach(type, name.text, name.line);
            m_scopes.pop_back();
            m_nextSlot = slot;
            return out;
        }
        m_at = start;
        begin = declaration(false);
    } else if (!is(";")) {
        begin = expressionStatement();
    }
    expect(";", "ForStatement");
    Expression condition;
    condition.constant = true;
    condition.eval = [](Machine&) -> Value { return true; };
    if (!is(";")) {
        condition = asBoolean(expression());
    }
    expect(";", "ForStatement");
    std::vector<Eval> updates;
    while (!is(")") && peek().kind != Token::Kind::End) {
        updates.push_back(expression().eval);
        if (!accept(",")) {
            break;
        }
    }
    expect(")", "ForStatement");
    const bool forever = isTrue(condition);
    ++m_loops;
    Statement inner = statement();
    --m_loops;
    m_scopes.pop_back();
    m_nextSlot = slot;
    const bool breaks = inner.breaks;
    auto run = loop(std::move(condition), true, std::move(inner), [updates = std::move(updates)](Machine& machine) {
        for (const Eval& update : updates) {
            update(machine);
        }
    });
    return {[begin = std::move(begin.run), run = std::move(run)](Machine& machine) {
                begin(machine);
                return run(machine);
            },
            !forever || breaks};
}

Statement Compiler::forEach(Type type, const std::string& name, int line) {
    Expression over = expression();
    expect(")", "ForStatement");
    if (!over.type.isClass() || !isSubclass(over.type.name, "Iterable")) {
        failAt(line, "Can only iterate over an array or an instance of java.lang.Iterable");
    }
    Expression element;
    element.type = over.type.arguments.empty() ? classOf("Object") : over.type.arguments[0];
    element.line = line;
    const int slot = declare(name, type, line);
    element.eval = [slot](Machine& machine) { return machine.locals[static_cast<std::size_t>(slot)]; };
    const Eval converted = assigned(element, type);
    ++m_loops;
    Statement inner = statement();
    --m_loops;
    return {[over = std::move(over.eval), slot, converted, run = std::move(inner.run)](Machine& machine) {
        for (Value& item : elementsOf(over(machine))) {
            machine.step();
            machine.locals[static_cast<std::size_t>(slot)] = std::move(item);
            machine.locals[static_cast<std::size_t>(slot)] = converted(machine);
            const Flow flow = run(machine);
            if (flow == Flow::Break) {
                break;
            }
            if (flow == Flow::Return) {
                return flow;
            }
        }
        return Flow::Next;
    }};
}

Statement Compiler::returnStatement() {
    const int line = peek().line;
    accept("return");
    if (is(";")) {
        failAt(line, "This method must return a result of type " + toString(m_result));
    }
    Eval value = assigned(expression(), m_result);
    expect(";", "BlockStatements");
    return {[value = std::move(value)](Machine& machine) {
                machine.result = value(machine);
                return Flow::Return;
            },
            false};
}

Statement Compiler::throwStatement() {
    const int line = peek().line;
    accept("throw");
    Expression thrown = expression();
    expect(";", "BlockStatements");
    if (!thrown.type.isClass() || !isSubclass(thrown.type.name, "Throwable")) {
        failAt(line, fmt::format("No exception of type {} can be thrown; an exception type must be a subclass of Throwable",
                                 toString(thrown.type)));
    }
    if (!isSubclass(thrown.type.name, "RuntimeException")) {
        failAt(line, "Unhandled exception type " + thrown.type.name);
    }
    return {[eval = std::move(thrown.eval)](Machine& machine) -> Flow {
                const Value value = eval(machine);
                throw Thrown{object(value)->className, as<ThrowableObject>(value).message};
            },
            false};
}

}  // namespace engine::cql::java
