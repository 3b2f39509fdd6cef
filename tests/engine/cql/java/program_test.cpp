#include "engine/cql/java/program.h"

#include <QtTest>

#include "engine/types/data_type.h"
#include "engine/types/literals.h"

using namespace engine;
using namespace engine::cql;

namespace {

java::Signature signatureOf(std::vector<types::TypePtr> arguments, types::TypePtr result, bool nullable) {
    java::Signature out;
    const char* const names[] = {"a", "b", "c"};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        out.argumentNames.emplace_back(names[i]);
    }
    out.argumentTypes = std::move(arguments);
    out.returnType = std::move(result);
    out.calledOnNullInput = nullable;
    return out;
}

/// What a body gives as CQL literal, `null`, or the error's message.
std::string run(const std::string& body, const java::Signature& signature,
                std::vector<std::optional<Bytes>> arguments, std::int64_t clockStep = 0) {
    const auto program = java::compile(body, signature);
    if (!program) {
        return program.error().message;
    }
    std::vector<types::Argument> views;
    for (const auto& argument : arguments) {
        views.push_back(argument ? types::Argument(*argument) : std::nullopt);
    }
    std::int64_t now = 0;
    std::int64_t micros = 0;
    const auto result = program.value()->run(views, [&now, clockStep] { return now += clockStep; }, micros);
    if (!result) {
        return result.error().message;
    }
    return result.value() ? types::toCqlLiteral(*signature.returnType, *result.value()) : "null";
}

std::string runInt(const std::string& body, std::int32_t a, std::int32_t b = 0) {
    return run(body, signatureOf({types::int32(), types::int32()}, types::int32(), false),
               {types::encodeInt(a), types::encodeInt(b)});
}

std::string compileError(const std::string& message) {
    return "Java source compilation failed:\nLine 1: " + message + "\n";
}

}  // namespace

class ProgramTest : public QObject {
    Q_OBJECT
private slots:
    void numbersAreJavas_data();
    void numbersAreJavas();
    void textsAndBoxes();
    void loopsAndBranches();
    void collections();
    void exceptionsSayWhatJavaSays();
    void whatDoesNotCompileIsSaid_data();
    void whatDoesNotCompileIsSaid();
    void endlessLoopsEnd();
    void memoryIsBounded();
    void nestingIsBounded();
};

void ProgramTest::numbersAreJavas_data() {
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("result");
    const auto row = [](const char* expression, const char* result) {
        QTest::addRow("%s", expression) << expression << result;
    };
    row("a + b * 2", "13");
    row("(a + b) * 2", "20");
    row("a / b", "2");
    row("-a / b", "-2");
    row("-a % b", "-1");
    row("2147483647 + 1", "-2147483648");
    row("-2147483648", "-2147483648");
    row("(int) 3000000000L", "-1294967296");
    row("(int) 3.99", "3");
    row("(int) -3.99", "-3");
    row("(byte) 200", "-56");
    row("(char) 65", "65");
    row("'a' + 1", "98");
    row("1 << 33", "2");
    row("-8 >> 1", "-4");
    row("-8 >>> 28", "15");
    row("a & 3 | 8 ^ 1", "11");
    row("~a", "-8");
    row("a > b ? a : b", "7");
    row("a == 7 && b != 7 || false ? 1 : 0", "1");
    row("0x1F + 0b101 + 017", "51");
    row("Math.max(a, b) + Math.abs(-b)", "10");
    row("(int) Math.round(2.5) + (int) Math.round(-2.5)", "1");
    row("Integer.parseInt(\"12\") + \"abc\".length()", "15");
    row("Integer.MAX_VALUE", "2147483647");
}

void ProgramTest::numbersAreJavas() {
    QFETCH(QString, expression);
    QFETCH(QString, result);
    QCOMPARE(QString::fromStdString(runInt("return " + expression.toStdString() + ";", 7, 3)), result);
}

void ProgramTest::textsAndBoxes() {
    const auto text = signatureOf({types::text(), types::int32()}, types::text(), true);
    QCOMPARE(run("return a + b;", text, {Bytes("x"), types::encodeInt(5)}), std::string("'x5'"));
    QCOMPARE(run("return a + b;", text, {std::nullopt, std::nullopt}), std::string("'nullnull'"));
    QCOMPARE(run("return a.toUpperCase().substring(1, 3).replace(\"B\", \"-\");", text, {Bytes("abcd"), std::nullopt}),
             std::string("'-C'"));
    QCOMPARE(run("return b == null ? null : String.valueOf(b * 1.5);", text, {std::nullopt, types::encodeInt(3)}),
             std::string("'4.5'"));
    QCOMPARE(run("StringBuilder s = new StringBuilder(); for (int i = 0; i < 3; i++) s.append(a).append(i); "
                 "return s.toString();",
                 text, {Bytes("x"), std::nullopt}),
             std::string("'x0x1x2'"));
    const auto decimal = signatureOf({types::decimal()}, types::decimal(), true);
    const Bytes one = types::fromString(*types::decimal(), "1.50").value();
    QCOMPARE(run("return a.multiply(new java.math.BigDecimal(\"2\")).add(BigDecimal.ONE);", decimal, {one}),
             std::string("4.00"));
}

void ProgramTest::loopsAndBranches() {
    QCOMPARE(runInt("int n = 0; for (int i = 1; i <= a; ++i) { if (i % 2 == 0) continue; if (i > 5) break; n += i; } "
                    "return n;",
                    10),
             std::string("9"));
    QCOMPARE(runInt("int n = 0; while (true) { n++; if (n == a) return n * 2; }", 4), std::string("8"));
    QCOMPARE(runInt("int n = a; do { n--; } while (n > b); return n;", 5, 2), std::string("2"));
    QCOMPARE(runInt("if (a > b) { return 1; } else if (a == b) { return 0; } else { return -1; }", 1, 2),
             std::string("-1"));
}

void ProgramTest::collections() {
    const auto list = signatureOf({types::list(types::int32(), false)}, types::list(types::int32(), false), false);
    const Bytes three = types::packList(std::vector<Bytes>{types::encodeInt(3), types::encodeInt(1), types::encodeInt(2)});
    QCOMPARE(run("List<Integer> out = new ArrayList<>(a); Collections.sort(out); out.add(9); return out;", list, {three}),
             std::string("[1, 2, 3, 9]"));
    QCOMPARE(run("Map<Integer, Integer> m = new HashMap<>(); for (Integer x : a) m.put(x, x * x); "
                 "return new ArrayList<Integer>(m.values());",
                 list, {three}),
             std::string("[9, 1, 4]"));
    QCOMPARE(run("return a.subList(1, 9);", list, {three}),
             std::string("java.lang.IndexOutOfBoundsException: fromIndex: 1, toIndex: 9, size: 3"));
}

void ProgramTest::exceptionsSayWhatJavaSays() {
    QCOMPARE(runInt("return a / b;", 1, 0), std::string("java.lang.ArithmeticException: / by zero"));
    QCOMPARE(runInt("throw new IllegalStateException(\"no\");", 1), std::string("java.lang.IllegalStateException: no"));
    const auto boxed = signatureOf({types::int32()}, types::int32(), true);
    QCOMPARE(run("return a + 1;", boxed, {std::nullopt}), std::string("java.lang.NullPointerException"));
    QCOMPARE(run("Object o = \"x\"; return (Integer) o;", boxed, {std::nullopt}),
             std::string("java.lang.ClassCastException: class java.lang.String cannot be cast to class java.lang.Integer"));
}

void ProgramTest::whatDoesNotCompileIsSaid_data() {
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* body, const char* message) { QTest::addRow("%s", body) << body << message; };
    row("return a", "Syntax error, insert \";\" to complete BlockStatements");
    row("return nope;", "nope cannot be resolved to a variable");
    row("return \"x\";", "Type mismatch: cannot convert from String to int");
    row("int x = 5L; return x;", "Type mismatch: cannot convert from long to int");
    row("", "This method must return a result of type int");
    row("if (a > 1) return 1;", "This method must return a result of type int");
    row("return 1; return 2;", "Unreachable code");
    row("int a = 1; return a;", "Duplicate local variable a");
    row("return a.foo();", "Cannot invoke foo() on the primitive type int");
    row("return Math.nope(1);", "The method nope(int) is undefined for the type Math");
    row("java.io.File f = null; return a;", "java.io.File cannot be resolved to a type");
    row("int[] x = null; return a;", "Arrays are not in Ringside's Java");
    row("try { return a; } catch (Exception e) { return 0; }", "'try' is not in Ringside's Java");
    row("throw new Exception(\"x\");", "Unhandled exception type Exception");
    row("break; return a;", "break cannot be used outside of a loop or a switch");
}

void ProgramTest::whatDoesNotCompileIsSaid() {
    QFETCH(QString, body);
    QFETCH(QString, message);
    QCOMPARE(QString::fromStdString(runInt(body.toStdString(), 1)),
             QString::fromStdString(compileError(message.toStdString())));
}

void ProgramTest::endlessLoopsEnd() {
    const auto signature = signatureOf({}, types::int32(), false);
    QCOMPARE(run("while (true) {}", signature, {}, 1000), std::string("User defined function ran longer than 1500ms"));
}

void ProgramTest::memoryIsBounded() {
    const auto signature = signatureOf({}, types::text(), false);
    QCOMPARE(run("String s = \"x\"; while (true) { s = s + s; }", signature, {}),
             std::string("User defined function used more memory than a function may"));
}

void ProgramTest::nestingIsBounded() {
    const auto signature = signatureOf({}, types::int32(), false);
    QVERIFY(run("return " + std::string(1000, '(') + "1;", signature, {}).find("nested too deeply") != std::string::npos);
    const char* const kTooMuch = "User defined function used more memory than a function may";
    // Chains in either direction, a circle, and what doubles with each step.
    QCOMPARE(run("List l = new ArrayList(); while (true) { List o = new ArrayList(); o.add(l); l = o; }", signature, {}),
             std::string(kTooMuch));
    QCOMPARE(run("List l = new ArrayList(); while (true) { List o = new ArrayList(); l.add(o); l = o; }", signature, {}),
             std::string(kTooMuch));
    QCOMPARE(run("List l = new ArrayList(); l.add(l); return l.toString().length();", signature, {}),
             std::string("java.lang.StackOverflowError"));
    QCOMPARE(run("List l = new ArrayList(); for (int i = 0; i < 40; i++) l = java.util.Arrays.asList(l, l); "
                 "return l.toString().length();",
                 signature, {}),
             std::string(kTooMuch));
    QCOMPARE(run("BigInteger n = BigInteger.TEN; while (true) { n = n.multiply(n); }", signature, {}),
             std::string("User defined function used larger numbers than a function may"));
}

QTEST_GUILESS_MAIN(ProgramTest)
#include "program_test.moc"
