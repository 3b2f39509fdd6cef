#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "engine/cql/java/compiler.h"
#include "engine/cql/java/methods.h"

/// Expressions: Java's operators, static types, promotion and conversions.
namespace engine::cql::java {

using Kind = Type::Kind;

namespace {

/// From what binds least to what binds most.
const std::vector<std::vector<std::string_view>> kLevels{
    {"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">=", "instanceof"},
    {"<<", ">>", ">>>"}, {"+", "-"}, {"*", "/", "%"}};

constexpr int kAssigned = -2;  // Expression::slot of what may stand alone as a statement.

std::string listed(const std::vector<Expression>& arguments) {
    std::string out;
    for (const Expression& argument : arguments) {
        out += (out.empty() ? "" : ", ") + toString(argument.type);
    }
    return out;
}

std::int64_t wholeResult(char op, std::int64_t a, std::int64_t b) {
    const auto x = static_cast<std::uint64_t>(a);
    const auto y = static_cast<std::uint64_t>(b);
    switch (op) {
        case '+': return static_cast<std::int64_t>(x + y);
        case '-': return static_cast<std::int64_t>(x - y);
        case '*': return static_cast<std::int64_t>(x * y);
        case '&': return a & b;
        case '|': return a | b;
        case '^': return a ^ b;
        default: break;
    }
    if (b == 0) {
        raise("ArithmeticException", "/ by zero");
    }
    if (b == -1) {
        return op == '/' ? static_cast<std::int64_t>(0 - x) : 0;  // The least number has no opposite.
    }
    return op == '/' ? a / b : a % b;
}

template <typename T>
T realResult(char op, T a, T b) {
    switch (op) {
        case '+': return a + b;
        case '-': return a - b;
        case '*': return a * b;
        case '/': return a / b;
        default: return std::fmod(a, b);
    }
}

bool ordered(const std::string& op, int order) {
    return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
}

}  // namespace

/// A constant is worked out once.
Expression Compiler::folded(Expression e, bool constant) {
    if (constant) {
        try {
            Machine machine;
            e.constant = e.eval(machine);
            e.eval = [value = *e.constant](Machine&) { return value; };
        } catch (const Thrown&) {
            e.constant.reset();  // 1 / 0 is thrown when it is reached.
        }
    }
    return e;
}

Eval Compiler::assigned(const Expression& value, const Type& to) {
    bool fits = isAssignable(value.type, to);
    const Type target = unboxed(to);
    if (!fits && value.constant && value.type.isWhole() && value.type.kind != Kind::Long &&
        (target.kind == Kind::Byte || target.kind == Kind::Short || target.kind == Kind::Char)) {
        fits = toLong(convert(*value.constant, target.kind)) == toLong(*value.constant);
        if (fits) {
            return [narrow = convert(*value.constant, target.kind)](Machine&) { return narrow; };
        }
    }
    if (!fits) {
        failAt(value.line, fmt::format("Type mismatch: cannot convert from {} to {}", toString(value.type),
                                       toString(to)));
    }
    if (!to.isPrimitive() || to == value.type) {
        return value.eval;
    }
    return [eval = value.eval, kind = to.kind](Machine& machine) { return convert(eval(machine), kind); };
}

Expression Compiler::asBoolean(Expression value) {
    value.eval = assigned(value, primitive(Kind::Boolean));
    return value;
}

Expression Compiler::expression() {
    if (++m_depth > 60) {
        fail("The code is nested too deeply");
    }
    Expression target = conditional();
    static const std::vector<std::string_view> kAssignments{"=",  "+=", "-=", "*=",  "/=",  "%=",
                                                            "&=", "|=", "^=", "<<=", ">>=", ">>>="};
    for (const std::string_view op : kAssignments) {
        if (accept(op)) {
            target = assignment(std::move(target), std::string(op), expression());
            break;
        }
    }
    if (is("->") || is("::")) {
        fail("Lambdas are not in Ringside's Java");
    }
    --m_depth;
    return target;
}

Expression Compiler::assignment(Expression target, const std::string& op, Expression value) {
    if (target.slot < 0) {
        failAt(target.line, "The left-hand side of an assignment must be a variable");
    }
    Expression out;
    out.type = target.type;
    out.line = target.line;
    Eval eval;
    if (op == "=") {
        eval = assigned(value, target.type);
    } else {
        // x op= y is x = (T) (x op y).
        const std::string binaryOp = op.substr(0, op.size() - 1);
        Expression both = target.type.is("String") && binaryOp == "+"
                              ? concatenation(target, std::move(value))
                              : arithmetic(binaryOp, target, std::move(value));
        eval = castTo(std::move(both), target.type.is("String") ? target.type : unboxed(target.type)).eval;
    }
    out.eval = [slot = static_cast<std::size_t>(target.slot), eval = std::move(eval)](Machine& machine) {
        machine.locals[slot] = eval(machine);
        return machine.locals[slot];
    };
    out.slot = kAssigned;
    return out;
}

Expression Compiler::increment(Expression target, bool up, bool prefix) {
    const Type number = unboxed(target.type);
    if (target.slot < 0 || !number.isNumeric()) {
        failAt(target.line, fmt::format("Invalid argument to operation {}", up ? "++" : "--"));
    }
    Expression one;
    one.type = primitive(Kind::Int);
    one.eval = [](Machine&) -> Value { return std::int32_t{1}; };
    const Eval next = castTo(arithmetic(up ? "+" : "-", target, one), number).eval;
    Expression out;
    out.type = target.type;
    out.line = target.line;
    out.slot = kAssigned;
    out.eval = [slot = static_cast<std::size_t>(target.slot), next, prefix](Machine& machine) {
        Value before = machine.locals[slot];
        machine.locals[slot] = next(machine);
        return prefix ? machine.locals[slot] : before;
    };
    return out;
}

Expression Compiler::conditional() {
    Expression condition = binary(0);
    if (!accept("?")) {
        return condition;
    }
    condition = asBoolean(std::move(condition));
    Expression yes = expression();
    expect(":", "ConditionalExpression");
    Expression no = expression();
    Expression out;
    out.line = condition.line;
    const Type a = unboxed(yes.type);
    const Type b = unboxed(no.type);
    if (a.isPrimitive() && b.isPrimitive() && (yes.type != no.type || yes.type.isPrimitive())) {
        // Numbers of different types are promoted, boxes opened.
        out.type = a == b ? a : a.kind == Kind::Boolean || b.kind == Kind::Boolean ? classOf("Object") : promoted(a, b);
    } else if (yes.type.kind == Kind::Null || no.type.kind == Kind::Null) {
        out.type = boxed(yes.type.kind == Kind::Null ? no.type : yes.type);
    } else if (isAssignable(no.type, boxed(yes.type))) {
        out.type = boxed(yes.type);
    } else {
        out.type = isAssignable(yes.type, boxed(no.type)) ? boxed(no.type) : classOf("Object");
    }
    if (out.type.isPrimitive()) {
        yes.eval = assigned(yes, out.type);
        no.eval = assigned(no, out.type);
    }
    out.eval = [test = std::move(condition.eval), x = std::move(yes.eval), y = std::move(no.eval)](Machine& machine) {
        return toBool(test(machine)) ? x(machine) : y(machine);
    };
    return out;
}

Expression Compiler::binary(int level) {
    if (static_cast<std::size_t>(level) == kLevels.size()) {
        return unary();
    }
    Expression left = binary(level + 1);
    while (true) {
        std::string op;
        for (const std::string_view candidate : kLevels[static_cast<std::size_t>(level)]) {
            const bool shift = candidate == ">>" || candidate == ">>>";
            if (shift) {
                if (is(">") && is(">", 1) && (candidate == ">>" ? !is(">", 2) : is(">", 2))) {
                    op = candidate;
                }
            } else if (is(candidate) && !(candidate == ">" && is(">", 1))) {
                op = candidate;
            }
        }
        if (op.empty()) {
            return left;
        }
        m_at += op == ">>" ? 2 : op == ">>>" ? 3 : 1;
        if (op == "instanceof") {
            const Type type = typeHere();
            Expression out;
            out.type = primitive(Kind::Boolean);
            out.line = left.line;
            out.eval = [eval = std::move(left.eval), name = type.name](Machine& machine) -> Value {
                const Value value = eval(machine);
                return !isNull(value) && isSubclass(classNameOf(value), name);
            };
            left = std::move(out);
            continue;
        }
        Expression right = binary(level + 1);
        if (level <= 1) {
            left = logical(op, std::move(left), std::move(right));
        } else if (level == 5 || level == 6) {
            left = comparison(op, std::move(left), std::move(right));
        } else if (op == "+" && (left.type.is("String") || right.type.is("String"))) {
            left = concatenation(std::move(left), std::move(right));
        } else {
            left = arithmetic(op, std::move(left), std::move(right));
        }
    }
}

Expression Compiler::logical(const std::string& op, Expression a, Expression b) {
    Expression out;
    out.type = primitive(Kind::Boolean);
    out.line = a.line;
    a = asBoolean(std::move(a));
    b = asBoolean(std::move(b));
    const bool isAnd = op == "&&";
    out.eval = [isAnd, x = a.eval, y = b.eval](Machine& machine) -> Value {
        return isAnd ? toBool(x(machine)) && toBool(y(machine)) : toBool(x(machine)) || toBool(y(machine));
    };
    return folded(std::move(out), a.constant && b.constant);
}

Expression Compiler::concatenation(Expression a, Expression b) {
    Expression out;
    out.type = classOf("String");
    out.line = a.line;
    const bool constant = a.constant && b.constant;
    out.eval = [x = std::move(a.eval), y = std::move(b.eval)](Machine& machine) {
        std::u16string all = text(x(machine));
        all += text(y(machine));
        machine.make(all.size());
        return makeString(std::move(all));
    };
    return folded(std::move(out), constant);
}

Expression Compiler::arithmetic(const std::string& op, Expression a, Expression b) {
    const Type left = unboxed(a.type);
    const Type right = unboxed(b.type);
    const bool bits = op == "&" || op == "|" || op == "^";
    const bool shift = op.size() > 1;
    Expression out;
    out.line = a.line;
    const bool constant = a.constant && b.constant;
    if (bits && left.kind == Kind::Boolean && right.kind == Kind::Boolean) {
        out.type = left;
        out.eval = [c = op[0], x = std::move(a.eval), y = std::move(b.eval)](Machine& machine) -> Value {
            const bool p = toBool(x(machine));
            const bool q = toBool(y(machine));
            return c == '&' ? (p && q) : c == '|' ? (p || q) : p != q;
        };
        return folded(std::move(out), constant);
    }
    const bool fits = bits || shift ? left.isWhole() && right.isWhole() : left.isNumeric() && right.isNumeric();
    if (!fits) {
        failAt(a.line, fmt::format("The operator {} is undefined for the argument type(s) {}, {}", op,
                                   toString(a.type), toString(b.type)));
    }
    if (shift) {
        out.type = promoted(left, left);
        const bool isLong = out.type.kind == Kind::Long;
        out.eval = [op, isLong, x = std::move(a.eval), y = std::move(b.eval)](Machine& machine) -> Value {
            const std::int64_t value = toLong(x(machine));
            const auto by = static_cast<unsigned>(toLong(y(machine))) & (isLong ? 63u : 31u);
            if (isLong) {
                return op == "<<" ? static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << by)
                       : op == ">>" ? value >> by
                                    : static_cast<std::int64_t>(static_cast<std::uint64_t>(value) >> by);
            }
            const auto small = static_cast<std::int32_t>(value);
            return op == "<<" ? static_cast<std::int32_t>(static_cast<std::uint32_t>(small) << by)
                   : op == ">>" ? small >> by
                                : static_cast<std::int32_t>(static_cast<std::uint32_t>(small) >> by);
        };
        return folded(std::move(out), constant);
    }
    out.type = promoted(left, right);
    out.eval = [c = op[0], kind = out.type.kind, x = std::move(a.eval), y = std::move(b.eval)](Machine& machine) -> Value {
        const Value p = x(machine);
        const Value q = y(machine);
        switch (kind) {
            case Kind::Double: return realResult(c, toDouble(p), toDouble(q));
            case Kind::Float:
                return realResult(c, static_cast<float>(toDouble(p)), static_cast<float>(toDouble(q)));
            case Kind::Long: return wholeResult(c, toLong(p), toLong(q));
            default: return static_cast<std::int32_t>(wholeResult(c, toLong(p), toLong(q)));
        }
    };
    return folded(std::move(out), constant);
}

Expression Compiler::comparison(const std::string& op, Expression a, Expression b) {
    const Type left = unboxed(a.type);
    const Type right = unboxed(b.type);
    const bool equality = op == "==" || op == "!=";
    Expression out;
    out.type = primitive(Kind::Boolean);
    out.line = a.line;
    const bool constant = a.constant && b.constant;
    const bool numbers = left.isNumeric() && right.isNumeric() &&
                         (!equality || a.type.isPrimitive() || b.type.isPrimitive());
    if (numbers) {
        out.eval = [op, equality, kind = promoted(left, right).kind, x = std::move(a.eval),
                    y = std::move(b.eval)](Machine& machine) -> Value {
            const Value p = x(machine);
            const Value q = y(machine);
            if (kind == Kind::Double || kind == Kind::Float) {
                const double r = toDouble(p);
                const double s = toDouble(q);
                if (equality) {
                    return (r == s) == (op == "==");
                }
                return !std::isnan(r) && !std::isnan(s) && ordered(op, r < s ? -1 : r > s ? 1 : 0);
            }
            const std::int64_t r = toLong(p);
            const std::int64_t s = toLong(q);
            return equality ? (r == s) == (op == "==") : ordered(op, r < s ? -1 : r > s ? 1 : 0);
        };
        return folded(std::move(out), constant);
    }
    const bool booleans = left.kind == Kind::Boolean && right.kind == Kind::Boolean;
    const bool references = !a.type.isPrimitive() && !b.type.isPrimitive() && a.type.kind != Kind::Void &&
                            b.type.kind != Kind::Void &&
                            (a.type.kind == Kind::Null || b.type.kind == Kind::Null || isCastable(a.type, b.type));
    if (!equality || (!booleans && !references)) {
        failAt(a.line, equality ? fmt::format("Incompatible operand types {} and {}", toString(a.type),
                                              toString(b.type))
                                : fmt::format("The operator {} is undefined for the argument type(s) {}, {}", op,
                                              toString(a.type), toString(b.type)));
    }
    const bool unboxes = booleans && (a.type.isPrimitive() || b.type.isPrimitive());
    out.eval = [same = op == "==", unboxes, x = std::move(a.eval), y = std::move(b.eval)](Machine& machine) -> Value {
        const Value p = x(machine);
        const Value q = y(machine);
        if (unboxes) {
            return (toBool(p) == toBool(q)) == same;
        }
        // Boxes and strings of one value count as one object.
        const auto* r = std::get_if<ObjectPtr>(&p);
        const auto* s = std::get_if<ObjectPtr>(&q);
        const bool isOne = r != nullptr && s != nullptr && !std::holds_alternative<std::u16string>((*r)->data)
                               ? *r == *s
                               : equal(p, q);
        return isOne == same;
    };
    return folded(std::move(out), constant);
}

Expression Compiler::castTo(Expression value, const Type& type) {
    if (!isCastable(value.type, type)) {
        failAt(value.line, fmt::format("Cannot cast from {} to {}", toString(value.type), toString(type)));
    }
    Expression out;
    out.type = type;
    out.line = value.line;
    const bool constant = value.constant.has_value();
    if (type.isPrimitive()) {
        out.eval = [eval = std::move(value.eval), kind = type.kind](Machine& machine) {
            const Value held = eval(machine);
            // (byte) of a double goes by way of int.
            const bool floating = std::holds_alternative<double>(held) || std::holds_alternative<float>(held);
            const bool small = kind == Kind::Byte || kind == Kind::Short || kind == Kind::Char;
            return convert(floating && small ? convert(held, Kind::Int) : held, kind);
        };
        return folded(std::move(out), constant);
    }
    out.eval = [eval = std::move(value.eval), name = type.name](Machine& machine) {
        Value held = eval(machine);
        if (!isNull(held) && !isSubclass(classNameOf(held), name)) {
            raise("ClassCastException", fmt::format("class {} cannot be cast to class {}", fullName(classNameOf(held)),
                                                    fullName(name)));
        }
        return held;
    };
    return out;
}

Expression Compiler::unary() {
    const int line = peek().line;
    if (++m_depth > 60) {
        fail("The code is nested too deeply");
    }
    const auto done = [this](Expression e) {
        --m_depth;
        return e;
    };
    if (is("++") || is("--")) {
        const bool up = accept("++");
        if (!up) {
            accept("--");
        }
        return done(increment(unary(), up, true));
    }
    if (is("-") || is("+") || is("~")) {
        const char op = m_tokens[m_at++].text[0];
        if (op == '-' && peek().kind == Token::Kind::Whole && (peek().text == "2147483648" || peek().text == "9223372036854775808L")) {
            m_tokens[m_at].text.insert(0, "-");
            return done(postfix());
        }
        Expression value = unary();
        const Type number = unboxed(value.type);
        if (!number.isNumeric() || (op == '~' && !number.isWhole())) {
            failAt(line, fmt::format("The operator {} is undefined for the argument type(s) {}", op, toString(value.type)));
        }
        Expression out;
        out.type = promoted(number, number);
        out.line = line;
        const bool constant = value.constant.has_value();
        out.eval = [op, kind = out.type.kind, eval = std::move(value.eval)](Machine& machine) -> Value {
            const Value held = convert(eval(machine), kind);
            if (op == '+') {
                return held;
            }
            switch (kind) {
                case Kind::Double: return -toDouble(held);
                case Kind::Float: return -std::get<float>(held);
                case Kind::Long: return op == '~' ? ~toLong(held) : wholeResult('-', 0, toLong(held));
                default:
                    return static_cast<std::int32_t>(op == '~' ? ~toLong(held) : wholeResult('-', 0, toLong(held)));
            }
        };
        return done(folded(std::move(out), constant));
    }
    if (accept("!")) {
        Expression value = asBoolean(unary());
        const bool constant = value.constant.has_value();
        value.eval = [eval = std::move(value.eval)](Machine& machine) -> Value { return !toBool(eval(machine)); };
        value.type = primitive(Kind::Boolean);
        value.slot = -1;
        return done(folded(std::move(value), constant));
    }
    if (is("(")) {
        // A cast, when a type stands alone in the brackets and a value follows.
        const std::size_t start = m_at++;
        const auto type = tryType();
        if (type && accept(")")) {
            const Token& next = peek();
            const bool value = next.kind == Token::Kind::Name || next.kind == Token::Kind::String ||
                               next.kind == Token::Kind::Char || next.kind == Token::Kind::Whole ||
                               next.kind == Token::Kind::Real || is("(") || is("!") || is("~") ||
                               (type->isPrimitive() && (is("-") || is("+") || is("++") || is("--")));
            if (value && !is("instanceof")) {
                return done(castTo(unary(), *type));
            }
        }
        m_at = start;
    }
    return done(postfix());
}

Expression Compiler::postfix() {
    Expression value = primary();
    while (true) {
        if (is(".") && peek(1).kind == Token::Kind::Name) {
            ++m_at;
            const Token member = m_tokens[m_at++];
            if (!is("(")) {
                failAt(member.line, fmt::format("{} cannot be resolved or is not a field", member.text));
            }
            const Type receiver = value.type;
            value = call(receiver, std::move(value), member.text, member.line);
        } else if (is("++") || is("--")) {
            const bool up = accept("++");
            if (!up) {
                accept("--");
            }
            value = increment(std::move(value), up, false);
        } else if (is("[")) {
            fail("Arrays are not in Ringside's Java");
        } else {
            return value;
        }
    }
}

std::vector<Expression> Compiler::arguments() {
    std::vector<Expression> out;
    expect("(", "MethodInvocation");
    while (!is(")") && peek().kind != Token::Kind::End) {
        out.push_back(expression());
        if (!accept(",")) {
            break;
        }
    }
    expect(")", "MethodInvocation");
    return out;
}

Expression Compiler::call(const Type& receiver, std::optional<Expression> self, const std::string& name, int line) {
    std::vector<Expression> given = arguments();
    if (!receiver.isClass()) {
        failAt(line, fmt::format("Cannot invoke {}({}) on the {} type {}", name, listed(given),
                                 receiver.isPrimitive() ? "primitive" : "null", toString(receiver)));
    }
    std::vector<Type> kinds;
    for (const Expression& argument : given) {
        kinds.push_back(argument.type);
    }
    Method method;
    if (findMethod(receiver, name, kinds, !self.has_value(), method) == nullptr) {
        failAt(line, fmt::format("The method {}({}) is undefined for the type {}", name, listed(given),
                                 toString(receiver)));
    }
    std::vector<Eval> values;
    for (std::size_t i = 0; i < given.size(); ++i) {
        values.push_back(assigned(given[i], method.parameters[i]));
    }
    Expression out;
    out.type = method.result;
    out.line = line;
    Eval on = self ? std::move(self->eval) : [](Machine&) { return Value(); };
    out.eval = [run = method.run, on = std::move(on), values = std::move(values), needs = !method.isStatic](Machine& machine) {
        machine.step();
        const Value receiverValue = on(machine);
        if (needs && isNull(receiverValue)) {
            throw Thrown{"NullPointerException", std::nullopt};
        }
        std::vector<Value> all;
        all.reserve(values.size());
        for (const Eval& value : values) {
            all.push_back(value(machine));
        }
        return run(machine, receiverValue, all);
    };
    return out;
}

Expression Compiler::creation() {
    const int line = peek().line;
    accept("new");
    const Type type = typeHere();
    if (is("[")) {
        fail("Arrays are not in Ringside's Java");
    }
    std::vector<Expression> given = arguments();
    if (is("{")) {
        fail("Anonymous classes are not in Ringside's Java");
    }
    Expression out;
    out.type = type;
    out.line = line;
    if (isSubclass(type.name, "Throwable") && given.size() <= 1) {
        Eval message = given.empty() ? Eval() : assigned(given[0], classOf("String"));
        out.eval = [name = type.name, message = std::move(message)](Machine& machine) -> Value {
            ThrowableObject thrown;
            if (message) {
                const Value said = message(machine);
                thrown.message = isNull(said) ? std::nullopt : std::optional(toUtf8(text(said)));
            }
            return makeObject(name, std::move(thrown));
        };
        return out;
    }
    std::vector<Type> kinds;
    for (const Expression& argument : given) {
        kinds.push_back(argument.type);
    }
    Method method;
    if (findConstructor(type, kinds, method) == nullptr) {
        failAt(line, fmt::format("The constructor {}({}) is undefined", toString(type), listed(given)));
    }
    std::vector<Eval> values;
    for (std::size_t i = 0; i < given.size(); ++i) {
        values.push_back(assigned(given[i], method.parameters[i]));
    }
    out.eval = [run = method.run, values = std::move(values)](Machine& machine) {
        machine.step();
        std::vector<Value> all;
        for (const Eval& value : values) {
            all.push_back(value(machine));
        }
        return run(machine, Value(), all);
    };
    return out;
}

Expression Compiler::literal() {
    const Token token = m_tokens[m_at++];
    Expression out;
    out.line = token.line;
    const auto bad = [&] {
        failAt(token.line, fmt::format("The literal {} of type int is out of range ", token.text));
    };
    switch (token.kind) {
        case Token::Kind::String:
            out.type = classOf("String");
            out.constant = makeString(token.text);
            break;
        case Token::Kind::Char: {
            const std::u16string c = toUtf16(token.text);
            if (c.size() != 1) {
                failAt(token.line, "Invalid character constant");
            }
            out.type = primitive(Kind::Char);
            out.constant = c[0];
            break;
        }
        case Token::Kind::Real: {
            std::string text = token.text;
            const bool isFloat = text.back() == 'f' || text.back() == 'F';
            if (isFloat || text.back() == 'd' || text.back() == 'D') {
                text.pop_back();
            }
            double value = 0;
            std::from_chars(text.data(), text.data() + text.size(), value);
            out.type = primitive(isFloat ? Kind::Float : Kind::Double);
            if (isFloat) {
                float narrow = 0;
                std::from_chars(text.data(), text.data() + text.size(), narrow);
                out.constant = narrow;
            } else {
                out.constant = value;
            }
            break;
        }
        default: {
            std::string text = token.text;
            const bool isLong = text.back() == 'l' || text.back() == 'L';
            if (isLong) {
                text.pop_back();
            }
            const bool negative = text.starts_with('-');
            text.erase(0, negative ? 1 : 0);
            int base = 10;
            if (text.size() > 1 && text[0] == '0') {
                base = (text[1] | 0x20) == 'x' ? 16 : (text[1] | 0x20) == 'b' ? 2 : 8;
                text.erase(0, base == 8 ? 1 : 2);
            }
            std::uint64_t value = 0;
            const auto [end, broken] = std::from_chars(text.data(), text.data() + text.size(), value, base);
            if (broken != std::errc() || end != text.data() + text.size()) {
                bad();
            }
            const std::uint64_t most = isLong ? 0x7fffffffffffffffull : 0x7fffffffull;
            if (base == 10 ? value > most + (negative ? 1 : 0) : !isLong && value > 0xffffffffull) {
                bad();
            }
            const std::uint64_t signedValue = negative ? 0 - value : value;
            out.type = primitive(isLong ? Kind::Long : Kind::Int);
            out.constant = isLong ? Value(static_cast<std::int64_t>(signedValue))
                                  : Value(static_cast<std::int32_t>(static_cast<std::uint32_t>(signedValue)));
        }
    }
    out.eval = [value = *out.constant](Machine&) { return value; };
    return out;
}

Expression Compiler::primary() {
    const Token& token = peek();
    switch (token.kind) {
        case Token::Kind::String:
        case Token::Kind::Char:
        case Token::Kind::Whole:
        case Token::Kind::Real: return literal();
        case Token::Kind::Name: break;
        case Token::Kind::Symbol:
            if (accept("(")) {
                Expression inside = expression();
                expect(")", "PrimaryNoNewArray");
                inside.slot = -1;
                return inside;
            }
            [[fallthrough]];
        default:
            if (token.kind == Token::Kind::End) {
                fail("Syntax error, insert \"Expression\" to complete Expression");
            }
            fail(fmt::format("Syntax error on token \"{}\", delete this token", token.text));
    }
    Expression out;
    out.line = token.line;
    if (is("true") || is("false")) {
        out.type = primitive(Kind::Boolean);
        out.constant = is("true");
        out.eval = [value = *out.constant](Machine&) { return value; };
        ++m_at;
        return out;
    }
    if (accept("null")) {
        out.type = primitive(Kind::Null);
        out.eval = [](Machine&) { return Value(); };
        return out;
    }
    if (is("new")) {
        return creation();
    }
    return name();
}

/// A variable, the context, or a class and what is static in it.
Expression Compiler::name() {
    const Token token = m_tokens[m_at];
    Expression out;
    out.line = token.line;
    for (auto scope = m_scopes.rbegin(); scope != m_scopes.rend(); ++scope) {
        const auto it = scope->find(token.text);
        if (it != scope->end()) {
            ++m_at;
            out.type = it->second.type;
            out.slot = it->second.slot;
            out.eval = [slot = static_cast<std::size_t>(out.slot)](Machine& machine) { return machine.locals[slot]; };
            return out;
        }
    }
    if (accept("udfContext")) {
        out.type = classOf("UDFContext");
        out.eval = [](Machine&) -> Value { return makeObject("UDFContext", ContextObject{}); };
        return out;
    }
    const auto type = tryType();
    if (!type || !type->isClass()) {
        if (is("(", 1)) {
            fail(fmt::format("The method {} is undefined for this function", token.text));
        }
        fail(fmt::format("{} cannot be resolved{}", token.text, is(".", 1) ? "" : " to a variable"));
    }
    if (!is(".") || peek(1).kind != Token::Kind::Name) {
        failAt(token.line, fmt::format("{} cannot be resolved to a variable", token.text));
    }
    ++m_at;
    const Token member = m_tokens[m_at++];
    if (is("(")) {
        return call(*type, std::nullopt, member.text, member.line);
    }
    auto [fieldType, value] = staticField(type->name, member.text);
    if (fieldType.kind == Kind::Void) {
        failAt(member.line, fmt::format("{} cannot be resolved or is not a field", member.text));
    }
    out.type = std::move(fieldType);
    if (out.type.isPrimitive()) {
        out.constant = value;
    }
    out.eval = [value](Machine&) { return value; };
    return out;
}

}  // namespace engine::cql::java
