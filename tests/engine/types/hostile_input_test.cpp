#include <QTest>
#include <random>

#include "engine/types/functions/native_functions.h"
#include "engine/types/json.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

/// Bytes and texts that nobody meant well: nothing may crash, hang or read out of bounds (the
/// sanitizer builds see to the last). Each row is a seed, so a failure runs again.
class HostileInputTest : public QObject {
    Q_OBJECT

private slots:
    void bytesOfEveryType_data() { seeds(); }
    void bytesOfEveryType();
    void textsOfEveryParser_data() { seeds(); }
    void textsOfEveryParser();
    void argumentsOfEveryFunction_data() { seeds(); }
    void argumentsOfEveryFunction();

private:
    static void seeds() {
        QTest::addColumn<uint>("seed");
        for (uint seed = 1; seed <= 8; ++seed) {
            QTest::addRow("seed %u", seed) << seed;
        }
    }

    static std::vector<TypePtr> types() {
        std::vector<TypePtr> types = {counter(), empty(), custom("x.Y")};
        for (const Kind kind : nativeKinds()) {
            types.push_back(native(kind));
        }
        const std::size_t scalars = types.size();
        for (std::size_t i = 0; i < scalars; ++i) {
            types.push_back(list(types[i], true));
            types.push_back(map(types[i], set(types[i], true), true));
            types.push_back(tuple({types[i], types[i]}));
            types.push_back(vector(types[i], 3));
        }
        types.push_back(udt("k", "t", {"a", "b"}, {int32(), text()}, true));
        return types;
    }

    /// Often small numbers, so that lengths and counts come out near the truth.
    static Bytes randomBytes(std::mt19937& random) {
        static constexpr std::array<int, 6> lengths = {0, 1, 4, 8, 16, 40};
        Bytes bytes(static_cast<std::size_t>(lengths[random() % lengths.size()]), '\0');
        for (char& c : bytes) {
            const auto value = random();
            c = static_cast<char>(value % 3 == 0 ? value >> 8 : value % 5);
        }
        return bytes;
    }

    static std::string randomText(std::mt19937& random) {
        static constexpr std::array<const char*, 40> pieces = {
            "0", "1", "9999999999", "-",    "+",   ".",   "e",      "E9",       ":",    "::",
            "T", "Z", " ",          "P",    "Y",   "mo",  "d",      "2024",     "02",   "30",
            "[", "]", "{",          "}",    "\"",  ",",   "null",   "true",     "\\u1", "<",
            ">", "(", ")",          "list", "map", "int", "vector", "UTF8Type", "'",    "é"};
        std::string text;
        for (auto count = random() % 9; count > 0; --count) {
            text += pieces[random() % pieces.size()];
        }
        return text;
    }
};

void HostileInputTest::bytesOfEveryType() {
    QFETCH(const uint, seed);
    std::mt19937 random(seed);
    for (const TypePtr& type : types()) {
        for (int i = 0; i < 60; ++i) {
            const Bytes a = randomBytes(random);
            const Bytes b = randomBytes(random);
            const int forth = compare(*type, a, b);
            const int back = compare(*type, b, a);
            toText(*type, a);
            toCqlLiteral(*type, a);
            const std::string json = toJson(*type, a);
            if (validate(*type, a) && validate(*type, b)) {
                QCOMPARE(forth<0, back> 0);
            }
        }
    }
}

void HostileInputTest::textsOfEveryParser() {
    QFETCH(const uint, seed);
    std::mt19937 random(seed);
    for (const TypePtr& type : types()) {
        for (int i = 0; i < 60; ++i) {
            const std::string text = randomText(random);
            if (type->isNative()) {
                const auto bytes = fromString(*type, text);
                if (bytes && (type->allowsEmpty() || !bytes.value().empty())) {
                    QVERIFY2(validate(*type, bytes.value()), text.c_str());
                }
            }
            const auto json = fromJson(*type, text);
            if (json && json.value() && type->allowsEmpty()) {
                toText(*type, *json.value());
            }
            (void)parseCqlType(text).has_value();
            (void)parseClassName(text).has_value();
            (void)splitJsonObject(text).has_value();
        }
    }
    (void)parseCqlType(std::string(2000, '<')).has_value();
    (void)fromJson(*int32(), std::string(100000, '[')).has_value();
}

void HostileInputTest::argumentsOfEveryFunction() {
    QFETCH(const uint, seed);
    std::mt19937 random(seed);
    FunctionContext context;
    context.randomUuid = [] { return Uuid::random(1, 2); };
    context.nextTimeuuid = [] { return Uuid::timeBased(3, 4); };
    for (const std::string& name : NativeFunctions::instance().names()) {
        for (const FunctionPtr& function : NativeFunctions::instance().functions(name)) {
            const auto* scalar = dynamic_cast<const ScalarFunction*>(function.get());
            for (int i = 0; scalar != nullptr && i < 20; ++i) {
                // Functions see valid values alone.
                std::vector<Bytes> bytes;
                for (const TypePtr& type : function->argumentTypes()) {
                    Bytes value = randomBytes(random);
                    for (int tries = 0; !validate(*type, value) && tries < 100; ++tries) {
                        value = randomBytes(random);
                    }
                    bytes.push_back(validate(*type, value) ? value : Bytes());
                }
                const std::vector<Argument> arguments(bytes.begin(), bytes.end());
                const auto result = scalar->evaluate(context, arguments);
                if (result && result.value() && !result.value()->empty()) {
                    const bool legacy = same(function->returnType(), legacyTimeuuid());
                    QVERIFY2(legacy || validate(*function->returnType(), *result.value()),
                             name.c_str());
                }
            }
        }
    }
}

QTEST_GUILESS_MAIN(HostileInputTest)
#include "hostile_input_test.moc"
