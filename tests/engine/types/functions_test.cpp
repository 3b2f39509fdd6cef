#include <QTest>

#include "engine/types/functions/native_functions.h"
#include "engine/types/json.h"
#include "engine/types/type_names.h"

using namespace engine;
using namespace engine::types;

namespace {

/// An argument of a call in a test: `type:value` with the value as JSON, `=constant`, `?` or NULL.
struct Parsed {
    std::unique_ptr<ArgumentTerm> term;
    TypePtr type;
    Value value;
    std::optional<std::string> constant;
    Constant kind = Constant::String;
};

Constant kindOf(const std::string& text) {
    if (text.starts_with("'")) {
        return Constant::String;
    }
    if (text.starts_with("0x")) {
        return Constant::Hex;
    }
    if (text == "true" || text == "false") {
        return Constant::Boolean;
    }
    if (text.size() == 36 && text[8] == '-') {
        return Constant::Uuid;
    }
    if (text.find_first_not_of("-0123456789") == std::string::npos) {
        return Constant::Integer;
    }
    return text.find_first_not_of("-.eE0123456789") == std::string::npos ? Constant::Float
                                                                         : Constant::Duration;
}

Parsed parseArgument(const QString& written) {
    Parsed parsed;
    if (written == "?" || written == "NULL") {
        parsed.term = std::make_unique<UntypedArgument>(written.toStdString(), written == "?");
        return parsed;
    }
    if (written.startsWith('=')) {
        std::string constant = written.mid(1).toStdString();
        parsed.kind = kindOf(constant);
        if (parsed.kind == Constant::String) {
            constant = constant.substr(1, constant.size() - 2);
        }
        parsed.term = std::make_unique<ConstantArgument>(parsed.kind, constant);
        parsed.constant = constant;
        return parsed;
    }
    const qsizetype colon = written.indexOf(':');
    parsed.type = parseCqlType(written.left(colon).toStdString()).value();
    const std::string json = written.mid(colon + 1).toStdString();
    // What JSON cannot say is read as text: NaN, numbers beyond it, times as such.
    auto value = fromJson(*parsed.type, json);
    if (!value) {
        value = Value(fromString(*parsed.type, json).value());
    }
    parsed.value = value.value();
    parsed.term = std::make_unique<TypedArgument>(parsed.type, "c");
    return parsed;
}

FunctionContext context() {
    FunctionContext context;
    context.nowMicros = 1'700'000'000'123'456;
    context.randomUuid = [] { return Uuid::random(1, 2); };
    context.nextTimeuuid = [] { return Uuid::timeBased(17'000'000'000'000'000, 5); };
    return context;
}

/// What a call gives: "type: value", or the error's text.
std::string evaluate(const FunctionName& name, const QStringList& written,
                     const TypePtr& receiver = nullptr) {
    std::vector<Parsed> arguments;
    std::vector<const ArgumentTerm*> terms;
    for (const QString& argument : written) {
        arguments.push_back(parseArgument(argument));
        terms.push_back(arguments.back().term.get());
    }
    const auto resolved = resolveFunction({name, terms, receiver, {}});
    if (!resolved) {
        return resolved.error().message;
    }
    if (resolved.value() == nullptr) {
        return "unknown";
    }
    const Function& function = *resolved.value();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].constant) {
            auto value = constantValue(arguments[i].kind, *arguments[i].constant,
                                       *function.argumentTypes()[i]);
            if (!value) {
                return value.error().message;
            }
            arguments[i].value = value.value();
        }
    }
    std::vector<Argument> values;
    for (const Parsed& argument : arguments) {
        values.push_back(argument.value ? Argument(*argument.value) : Argument());
    }
    const auto& scalar = dynamic_cast<const ScalarFunction&>(function);
    const auto result = scalar.evaluate(context(), values);
    if (!result) {
        return result.error().message;
    }
    const std::string type = cqlName(function.returnType()) + ": ";
    return type + (result.value() ? toText(*function.returnType(), *result.value()) : "null");
}

std::string aggregate(const char* name, const QString& type, const QStringList& values) {
    const TypePtr parsed = parseCqlType(type.toStdString()).value();
    const TypedArgument term(parsed, "c");
    const ArgumentTerm* const terms[] = {&term};
    const auto resolved = resolveFunction({FunctionName{"", name}, terms, nullptr, {}});
    if (!resolved) {
        return resolved.error().message;
    }
    const auto& function = dynamic_cast<const AggregateFunction&>(*resolved.value());
    const auto state = function.newState();
    for (const QString& text : values) {
        Value value;
        if (text != "null") {
            value = parsed->elements().empty()
                        ? Value(fromString(*parsed, text.toStdString()).value())
                        : fromJson(*parsed, text.toStdString()).value();
        }
        const Argument argument = value ? Argument(*value) : Argument();
        if (!state->add(context(), std::span(&argument, 1))) {
            return "failed";
        }
    }
    const Value result = state->result(context()).value();
    return result ? toText(*function.returnType(), *result) : "null";
}

}  // namespace

/// The native functions, against what a real Cassandra answered.
class FunctionsTest : public QObject {
    Q_OBJECT

private slots:
    void calls_data();
    void calls();
    void operators_data();
    void operators();
    void errors_data();
    void errors();
    void aggregates_data();
    void aggregates();
    void resolutionByReceiver();
    void headings();
    void clocksAndRandomness();
    void tokensOfKeys();
    void jsonFunctions();
    void countsRowsAndValues();
    void statesStartAgain();
};

void FunctionsTest::calls_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("result");
    const auto row = [](const char* name, const QStringList& arguments, const char* result) {
        QTest::addRow("%s(%s)", name, qPrintable(arguments.join(", ")))
            << name << arguments << result;
    };
    row("abs", {"int:-5"}, "int: 5");
    row("abs", {"tinyint:-128"}, "tinyint: -128");
    row("abs", {"decimal:\"-3.456\""}, "decimal: 3.456");
    row("abs", {"varint:-50000000000000000000"}, "varint: 50000000000000000000");
    row("abs", {"float:\"-0.0\""}, "float: 0.0");
    row("abs", {"int:null"}, "int: null");
    row("abs", {"=-1.5"}, "double: 1.5");
    row("exp", {"tinyint:1"}, "tinyint: 2");
    row("exp", {"tinyint:100"}, "tinyint: -1");
    row("exp", {"int:100"}, "int: 2147483647");
    row("exp", {"double:1"}, "double: 2.718281828459045");
    row("exp", {"decimal:1"}, "decimal: 2.7182818284590452353602874713527");
    row("exp", {"varint:1"}, "varint: 2");
    row("exp", {"=0"}, "int: 1");
    row("log", {"int:100"}, "int: 4");
    row("log", {"double:100"}, "double: 4.605170185988092");
    row("log", {"double:-2.5"}, "double: NaN");
    row("log", {"int:-5"}, "int: 0");
    row("log", {"decimal:1"}, "decimal: 0");
    row("log10", {"decimal:100"}, "decimal: 2");
    row("log10", {"decimal:1"}, "decimal: 0E+33");
    row("log10", {"varint:100"}, "varint: 2");
    row("log10", {"=1000"}, "int: 3");
    row("round", {"double:-2.5"}, "double: -2.0");
    row("round", {"double:0.49999999999999994"}, "double: 0.0");
    row("round", {"double:1e20"}, "double: 9.223372036854776E18");
    row("round", {"double:\"-0.5\""}, "double: 0.0");
    row("round", {"decimal:\"-0.5\""}, "decimal: -1");
    row("round", {"decimal:\"1e20\""}, "decimal: 100000000000000000000");
    row("round", {"float:1e10"}, "float: 2.1474836E9");
    row("round", {"double:\"NaN\""}, "double: 0.0");

    row("cast_as_text", {"int:5"}, "text: 5");
    row("cast_as_ascii", {"double:1e30"}, "ascii: 1.0E30");
    row("cast_as_text", {"timestamp:\"2024-02-29 13:14:15.678Z\""},
        "text: 2024-02-29T13:14:15.678Z");
    row("cast_as_text", {"inet:\"::1\""}, "text: 0:0:0:0:0:0:0:1");
    row("cast_as_tinyint", {"smallint:1000"}, "tinyint: -24");
    row("cast_as_int", {"bigint:10000000000"}, "int: 1410065408");
    row("cast_as_int", {"varint:100000000000000000000"}, "int: 1661992960");
    row("cast_as_bigint", {"varint:100000000000000000000"}, "bigint: 7766279631452241920");
    row("cast_as_bigint", {"double:\"Infinity\""}, "bigint: 9223372036854775807");
    row("cast_as_int", {"float:\"NaN\""}, "int: 0");
    row("cast_as_varint", {"float:\"NaN\""}, "varint: 0");
    row("cast_as_varint", {"double:1e300"}, "varint: 9223372036854775807");
    row("cast_as_int", {"decimal:\"-3.999\""}, "int: -3");
    row("cast_as_bigint", {"decimal:\"1e30\""}, "bigint: 5076944270305263616");
    row("cast_as_decimal", {"float:1e30"}, "decimal: 1.0E+30");
    row("cast_as_decimal", {"int:5"}, "decimal: 5");
    row("cast_as_float", {"decimal:\"3.999\""}, "float: 3.999");
    row("cast_as_bigint", {"timestamp:\"1970-01-01 00:00:00.005Z\""}, "bigint: 5");
    row("cast_as_bigint", {"counter:300"}, "bigint: 300");
    row("castAsText", {"int:5"}, "text: 5");
    row("cast_as_date", {"timestamp:\"1969-12-31 23:59:59.999Z\""}, "date: 1970-01-01");
    row("cast_as_date", {"timeuuid:\"50554d6e-29bb-11e5-b345-feff819cdc9f\""}, "date: 2015-07-14");
    row("castastext", {"int:5"}, "unknown");
    row("cast_as_blob", {"int:5"}, "unknown");

    row("int_as_blob", {"int:1"}, "blob: 0x00000001");
    row("decimal_as_blob", {"=-1.5"}, "blob: 0x00000001f1");
    row("intasblob", {"int:1"}, "blob: 0x00000001");
    row("varchar_as_blob", {"text:\"é\""}, "blob: 0xc3a9");
    row("blob_as_int", {"=0x00000001"}, "int: 1");
    row("blobastext", {"=0x41"}, "text: A");
    row("blob_as_duration", {"=0x020406"}, "duration: 1mo2d3ns");
    row("blob_as_timeuuid", {"=0x50554d6e29bb11e5b345feff819cdc9f"},
        "'org.apache.cassandra.db.marshal.LegacyTimeUUIDType': "
        "0x50554d6e29bb11e5b345feff819cdc9f");
    row("blob_as_blob", {"=0x00"}, "unknown");

    row("to_date", {"timestamp:\"2024-02-29 13:14:15.678Z\""}, "date: 2024-02-29");
    row("to_date", {"timeuuid:\"50554d6e-29bb-11e5-b345-feff819cdc9f\""}, "date: 2015-07-14");
    row("to_date", {"='2024-02-29 10:00+0000'"}, "date: 2024-02-29");
    row("to_date", {"bigint:5"}, "date: 1970-01-01");
    row("to_unix_timestamp", {"date:\"1969-12-31\""}, "bigint: -86400000");
    row("totimestamp", {"date:\"2024-02-29\""}, "timestamp: 2024-02-29 00:00:00.000Z");
    row("to_timestamp", {"=0"}, "timestamp: -5877641-06-23 00:00:00.000Z");
    row("min_timeuuid", {"timestamp:\"2024-02-29 13:14:15.678Z\""},
        "timeuuid: 702b21e0-d704-11ee-8080-808080808080");
    row("max_timeuuid", {"timestamp:\"2024-02-29 13:14:15.678Z\""},
        "timeuuid: 702b48ef-d704-11ee-7f7f-7f7f7f7f7f7f");
    row("maxtimeuuid", {"=0"}, "timeuuid: 1381670f-1dd2-11b2-7f7f-7f7f7f7f7f7f");
    row("floor", {"timestamp:\"2024-02-29 13:14:15.678Z\"", "=5m"},
        "timestamp: 2024-02-29 13:10:00.000Z");
    row("floor", {"timestamp:\"2024-02-29 13:14:15.678Z\"", "=1w"},
        "timestamp: 2024-02-29 00:00:00.000Z");
    row("floor", {"timestamp:\"2024-02-29 13:14:15.678Z\"", "=3mo"},
        "timestamp: 2024-01-01 00:00:00.000Z");
    row("floor", {"timestamp:\"2024-02-29 13:14:15.678Z\"", "=1mo1d"},
        "timestamp: 2024-02-20 00:00:00.000Z");
    row("floor", {"timestamp:\"2024-02-29 13:14:15.678Z\"", "=1h", "='2024-02-29 13:10:00+0000'"},
        "timestamp: 2024-02-29 13:10:00.000Z");
    row("floor", {"timestamp:\"2024-02-29 13:14:15.678Z\"", "=1mo", "='2023-01-31 00:00:00+0000'"},
        "timestamp: 2024-02-29 00:00:00.000Z");
    row("floor", {"timeuuid:\"50554d6e-29bb-11e5-b345-feff819cdc9f\"", "=1d"},
        "timestamp: 2015-07-14 00:00:00.000Z");
    row("floor", {"date:\"2024-02-29\"", "=7d", "='2024-02-26'"}, "date: 2024-02-26");
    row("floor", {"date:\"2024-02-29\"", "=7d"}, "date: 2024-02-29");
    row("floor", {"time:\"13:14:15.678901234\"", "=1us"}, "time: 13:14:15.678901000");
    row("floor", {"time:\"13:14:15.678901234\"", "=24h"}, "time: 00:00:00.000000000");
    row("floor", {"time:\"13:14:15.678901234\"", "=0s"}, "time: 13:14:15.678901234");
    row("floor", {"timestamp:\"2024-02-29 13:14:15.678Z\"", "NULL"}, "timestamp: null");

    row("map_keys", {"map<text, int>:{\"b\": 2, \"a\": 1}"}, "frozen<set<text>>: {'a', 'b'}");
    row("map_values", {"map<text, int>:{\"b\": 2, \"a\": 1}"}, "frozen<list<int>>: [1, 2]");
    row("collection_count", {"list<int>:[3, 1, 2, 2]"}, "int: 4");
    row("collection_min", {"set<int>:[5, -5, 1]"}, "int: -5");
    row("collection_max", {"list<text>:[\"pear\", \"Apple\", \"\"]"}, "text: pear");
    row("collection_sum", {"list<tinyint>:[100, 100]"}, "tinyint: -56");
    row("collection_avg", {"list<tinyint>:[100, 100]"}, "tinyint: 100");
    row("collection_avg", {"list<bigint>:[9223372036854775807, 1]"}, "bigint: 4611686018427387904");
    row("collection_sum", {"list<decimal>:[\"1.00\", \"2.5\", \"3\"]"}, "decimal: 6.50");
    row("collection_avg", {"list<decimal>:[\"1.00\", \"2.5\", \"3\"]"}, "decimal: 2.17");
    row("collection_avg", {"list<varint>:[10, 3]"}, "varint: 6");
    row("collection_sum", {"list<double>:[0.1, 0.2]"}, "double: 0.30000000000000004");
    row("collection_min", {"frozen<list<int>>:[]"}, "int: null");
    row("collection_sum", {"frozen<list<int>>:[]"}, "int: 0");

    row("similarity_cosine", {"vector<float, 2>:[3, 4]", "vector<float, 2>:[4, 3]"}, "float: 0.98");
    row("similarity_euclidean", {"vector<float, 2>:[3, 4]", "vector<float, 2>:[4, 3]"},
        "float: 0.33333334");
    row("similarity_dot_product", {"vector<float, 2>:[3, 4]", "vector<float, 2>:[4, 3]"},
        "float: 12.5");
    row("similarity_cosine", {"vector<float, 2>:null", "NULL"}, "float: null");

    row("mask_null", {"int:5"}, "int: null");
    row("mask_default", {"int:5"}, "int: 0");
    row("mask_default", {"text:null"}, "text: ****");
    row("mask_default", {"inet:\"10.0.0.1\""}, "inet: 0.0.0.0");
    row("mask_default", {"decimal:\"1.5\""}, "decimal: 0");
    row("mask_default", {"date:\"2024-02-29\""}, "date: 1970-01-01");
    row("mask_default", {"duration:\"1mo\""}, "duration: ");
    row("mask_default", {"tuple<int, text>:[1, \"a\"]"}, "frozen<tuple<int, text>>: (0, '****')");
    row("mask_default", {"vector<int, 2>:[1, 2]"}, "vector<int, 2>: [0, 0]");
    row("mask_default", {"timeuuid:\"50554d6e-29bb-11e5-b345-feff819cdc9f\""},
        "'org.apache.cassandra.db.marshal.LegacyTimeUUIDType': "
        "0x138140001dd211b28080808080808080");
    row("mask_replace", {"int:5", "=-1"}, "int: -1");
    row("mask_replace", {"text:\"abc\"", "NULL"}, "text: null");
    row("mask_inner", {"text:\"abcdefgh\"", "=1", "=2"}, "text: a*****gh");
    row("mask_inner", {"text:\"abcdefgh\"", "=1", "=2", "='#'"}, "text: a#####gh");
    row("mask_inner", {"text:\"abcdefgh\"", "NULL", "=2"}, "text: ******gh");
    row("mask_inner", {"text:\"abcdefgh\"", "=-1", "=2"}, "text: ******gh");
    row("mask_inner", {"text:\"abcdefgh\"", "=5", "=5"}, "text: abcdefgh");
    row("mask_outer", {"text:\"abcdefgh\"", "=1", "=2"}, "text: *bcdef**");
    row("mask_outer", {"text:\"abcdefgh\"", "=5", "=5"}, "text: ********");
    row("mask_outer", {"text:\"abcdefgh\"", "NULL", "NULL"}, "text: abcdefgh");
    row("mask_inner", {"text:\"aéb\"", "=1", "=1"}, "text: a*b");
    row("mask_hash", {"text:\"abcdefgh\"", "='MD5'"}, "blob: 0xe8dc4081b13434b45189a720b77b6818");
    row("mask_hash", {"text:\"abcdefgh\""},
        "blob: 0x9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab");
}

void FunctionsTest::calls() {
    QFETCH(const QString, name);
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, result);
    QCOMPARE(QString::fromStdString(evaluate({"", name.toStdString()}, arguments)), result);
}

void FunctionsTest::operators_data() {
    QTest::addColumn<QString>("left");
    QTest::addColumn<QString>("symbol");
    QTest::addColumn<QString>("right");
    QTest::addColumn<QString>("result");
    const auto row = [](const char* left, const char* symbol, const char* right,
                        const char* result) {
        QTest::addRow("%s %s %s", left, symbol, right) << left << symbol << right << result;
    };
    row("tinyint:127", "+", "tinyint:1", "tinyint: -128");
    row("int:2147483647", "+", "=1", "int: -2147483648");
    row("int:-2147483648", "/", "=-1", "int: -2147483648");
    row("bigint:-9223372036854775808", "%", "=-1", "bigint: 0");
    row("tinyint:7", "+", "smallint:70", "smallint: 77");
    row("bigint:7000", "+", "float:2.5", "double: 7002.5");
    row("varint:70000", "+", "double:0.5", "decimal: 70000.5");
    row("int:700", "+", "float:2.5", "float: 702.5");
    row("varint:99999999999999999999", "*", "varint:2", "varint: 199999999999999999998");
    row("varint:-7", "/", "varint:2", "varint: -3");
    row("varint:-7", "%", "varint:2", "varint: -1");
    row("decimal:1", "/", "decimal:3", "decimal: 0.33333333333333333333333333333333");
    row("decimal:2", "/", "decimal:3", "decimal: 0.66666666666666666666666666666667");
    row("decimal:10", "/", "decimal:4", "decimal: 2.5");
    row("decimal:\"1e30\"", "/", "decimal:7",
        "decimal: 142857142857142857142857142857.14285714285714285714285714285714");
    row("decimal:\"1e-30\"", "/", "decimal:7", "decimal: 1.4285714285714285714285714285714E-31");
    row("varint:70000", "/", "decimal:\"1.25\"", "decimal: 5.6E+4");
    row("decimal:\"-7.5\"", "%", "decimal:2", "decimal: -1.5");
    row("decimal:\"1.10\"", "-", "decimal:\"1.1\"", "decimal: 0.00");
    row("decimal:\"1e3\"", "+", "decimal:1", "decimal: 1001");
    row("decimal:1", "+", "float:0.1", "decimal: 1.10000000149011612");
    row("double:1.5", "/", "=0", "double: Infinity");
    row("double:-7.5", "%", "=2", "double: -1.5");
    row("tinyint:7", "+", "=200", "int: 207");
    row("=1", "+", "=1.5", "double: 2.5");
    row("=3000000000", "+", "=1", "bigint: 3000000001");
    row("int:700", "+", "=0x01", "int: 701");
    row("int:5", "+", "int:null", "int: null");
    row("text:\"a\"", "+", "ascii:\"b\"", "text: ab");
    row("ascii:\"a\"", "+", "='x'", "ascii: ax");
    row("text:\"a\"", "+", "=''", "text: a");
    row("timestamp:\"2024-01-31 10:00:00.500Z\"", "+", "=1mo",
        "timestamp: 2024-02-29 10:00:00.500Z");
    row("timestamp:\"2024-01-31 10:00:00.500Z\"", "-", "=1y1d",
        "timestamp: 2023-01-30 10:00:00.500Z");
    row("timestamp:\"2024-01-31 10:00:00.500Z\"", "-", "=1000us",
        "timestamp: 2024-01-31 10:00:00.499Z");
    row("date:\"2024-02-29\"", "-", "=1y", "date: 2023-02-28");
    row("date:\"1969-12-31\"", "-", "=1d", "date: 1969-12-30");

    row("int:1", "/", "=0", "the operation 'int / int' failed: / by zero");
    row("varint:1", "/", "varint:0",
        "the operation 'varint / varint' failed: BigInteger divide by zero");
    row("decimal:0", "%", "decimal:0",
        "the operation 'decimal % decimal' failed: Division undefined");
    row("decimal:1", "+", "float:\"NaN\"",
        "the operation 'decimal + float' failed: A NaN cannot be converted into a decimal");
    row("date:\"2024-01-31\"", "+", "=24h",
        "the operation 'date + duration' failed: The duration must have a day precision. Was: 24h");
    row("timestamp:\"2024-01-31 10:00:00Z\"", "+", "=1500us",
        "the operation 'timestamp + duration' failed: The duration must have a millisecond "
        "precision. Was: 1ms500us");
    row("decimal:\"1e1000000\"", "+", "decimal:1",
        "the operation 'decimal + decimal' failed: BigInteger would overflow supported range");
    row("decimal:\"1e2000000000\"", "*", "decimal:\"1e2000000000\"",
        "the operation 'decimal * decimal' failed: Overflow");
    row("text:\"a\"", "-", "text:\"a\"", "the '-' operation is not supported between c and c");
    row("int:1", "+", "='x'", "the '+' operation is not supported between c and 'x'");
    row("time:\"10:00:00\"", "+", "=1h", "the '+' operation is not supported between c and 1h");
    row("date:\"2024-01-31\"", "-", "date:\"2024-01-31\"",
        "the '-' operation is not supported between c and c");
    row("timestamp:\"2024-01-31 10:00:00Z\"", "+", "=1",
        "Ambiguous '+' operation with args c and 1: use type hint to disambiguate, example "
        "'(int) ?'");
    row("int:1", "+", "?",
        "Ambiguous '+' operation with args c and ?: use type hint to disambiguate, example "
        "'(int) ?'");
    row("int:1", "+", "NULL",
        "Ambiguous '+' operation with args c and NULL: use type hint to disambiguate, example "
        "'(int) ?'");
    row("date:\"2024-01-31\"", "+", "=1", "Unable to convert '1' to a duration");
}

void FunctionsTest::operators() {
    QFETCH(const QString, left);
    QFETCH(const QString, symbol);
    QFETCH(const QString, right);
    QFETCH(const QString, result);
    QCOMPARE(
        QString::fromStdString(evaluate(operatorFunction(symbol[0].toLatin1()), {left, right})),
        result);
}

void FunctionsTest::errors_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");  // What the message begins with.
    const auto row = [](const char* name, const QStringList& arguments, const char* message) {
        QTest::addRow("%s(%s)", name, qPrintable(arguments.join(", ")))
            << name << arguments << message;
    };
    row("nosuch", {"int:1"}, "unknown");
    row("now", {"=1"},
        "Invalid number of arguments in call to function system.now: 0 required but 1 provided");
    row("int_as_blob", {"='1'"},
        "Type error: '1' cannot be passed as argument 0 of function system.int_as_blob of type "
        "int");
    row("text_as_blob", {"=5"},
        "Type error: 5 cannot be passed as argument 0 of function system.text_as_blob of type "
        "text");
    row("blob_as_int", {"=0x01"},
        "In call to function system.blob_as_int, value 0x01 is not a valid binary representation "
        "for type int");
    row("blob_as_varchar", {"=0xff"},
        "In call to function system.blob_as_varchar, value 0xff is not a valid binary "
        "representation for type varchar");
    row("abs", {"text:\"x\""},
        "Invalid call to function abs, none of its type signatures match (known type signatures: "
        "system.abs : (tinyint) -> tinyint");
    row("abs", {"?"}, "Ambiguous call to function abs (can be matched by following signatures: ");
    row("abs", {}, "Invalid call to function abs, none of its type signatures match");
    row("to_timestamp", {"timestamp:\"2024-01-31 10:00:00Z\""},
        "Invalid call to function to_timestamp, none of its type signatures match");
    row("to_date", {"=123e4567-e89b-42d3-a456-426614174000"},
        "TimeUUID supports only version 1 UUIDs");
    row("min_timeuuid", {"date:\"2024-01-31\""},
        "Type error: c cannot be passed as argument 0 of function system.min_timeuuid of type "
        "timestamp");
    row("log", {"varint:0"}, "java.lang.ArithmeticException: ");
    row("log", {"decimal:\"1e2000000000\""}, "java.lang.ArithmeticException: Overflow");
    row("exp", {"decimal:\"1e2000000000\""}, "java.lang.ArithmeticException: Overflow");
    row("round", {"decimal:\"1e2000000000\""}, "BigInteger would overflow supported range");
    row("cast_as_decimal", {"float:\"NaN\""}, "A NaN cannot be converted into a decimal");
    row("floor", {"timestamp:\"1969-01-31 10:00:00Z\"", "=1h"},
        "The floor function starting time is greater than the provided time");
    row("floor", {"timestamp:\"2024-01-31 10:00:00Z\"", "=-1h"},
        "Negative durations are not supported by the floor function");
    row("floor", {"timestamp:\"2024-01-31 10:00:00Z\"", "=1us"},
        "The floor cannot be computed for the 1us duration as precision is below 1 millisecond");
    row("floor", {"date:\"2024-01-31\"", "=1d1h"},
        "The floor on date values cannot be computed for the 1d1h duration as precision is below 1 "
        "day");
    row("floor", {"int:1", "=1h"}, "The floor on date values cannot be computed for the 1h");
    row("floor", {"time:\"10:00:00\"", "=25h"},
        "For time values, the floor can only be computed for durations smaller that a day");
    row("floor", {"NULL", "=1h"}, "Ambiguous call to function floor (can be matched by");
    row("floor", {"timestamp:0", "=3600"}, "Unable to convert '3600' to a duration");
    row("collection_count", {"int:1"},
        "Function system.collection_count requires a collection argument, but found argument c of "
        "type int");
    row("collection_min", {"map<text, int>:{}"},
        "Function system.collection_min requires a set or list argument, but found argument c of "
        "type map<text, int>");
    row("collection_sum", {"list<text>:[]"},
        "Function system.collection_sum requires a numeric set/list argument, but found argument c "
        "of type list<text>");
    row("map_keys", {"list<int>:[]"},
        "Function system.map_keys requires a map argument, but found argument c of type list<int>");
    row("collection_sum", {"?"},
        "Cannot infer type of argument ? in call to function "
        "system.collection_sum(numeric_set_or_list): use type casts to disambiguate");
    row("collection_count", {},
        "Invalid number of arguments for function system.collection_count(collection)");
    row("similarity_cosine", {"vector<float, 2>:[1, 1]", "vector<float, 3>:[1, 1, 1]"},
        "All arguments must have the same vector dimensions");
    row("similarity_cosine", {"vector<float, 2>:[1, 1]", "vector<float, 2>:[0, 0]"},
        "Function system.similarity_cosine doesn't support all-zero vectors.");
    row("similarity_cosine", {"vector<int, 2>:[1, 1]", "vector<int, 2>:[0, 0]"},
        "Function system.similarity_cosine requires a float vector argument, but found argument c "
        "of type vector<int, 2>");
    row("similarity_dot_product", {"?", "?"},
        "Cannot infer type of argument ? in call to function "
        "system.similarity_dot_product(vector<float, n>, vector<float, n>): use type casts to "
        "disambiguate");
    row("mask_replace", {"text:\"a\"", "=5"},
        "Type error: 5 cannot be passed as argument 1 of function system.mask_replace of type "
        "text");
    row("mask_inner", {"text:\"a\"", "=1"},
        "Invalid number of arguments for function system.mask_inner([text|varchar|ascii], int, "
        "int, [text])");
    row("mask_inner", {"int:1", "=1", "=1"},
        "Function system.mask_inner requires an argument of type [text|varchar|ascii], but found "
        "argument c of type int");
    row("mask_inner", {"text:\"a\"", "='1'", "=2"},
        "Function system.mask_inner requires an argument of type int, but found argument '1' of "
        "type ascii");
    row("mask_inner", {"text:\"a\"", "=1", "=2", "='##'"},
        "The padding argument for function system.mask_inner should be single-character, but '##' "
        "has 2 characters.");
    row("mask_hash", {"text:\"a\"", "='NOPE'"}, "Hash algorithm not found: NOPE");
    row("sum", {"text:\"a\""},
        "Invalid call to function sum, none of its type signatures match (known type signatures: ");
    row("count", {}, "Invalid number of arguments in call to function system.count: 1 required");
    row("_negate", {"timestamp:0"}, "Ambiguous negation: use type casts to disambiguate");
    row("from_json", {"='1'"},
        "from_json() cannot be used in the selection clause of a SELECT statement");
    row("to_json", {}, "Invalid number of arguments for function system.to_json(any)");
}

void FunctionsTest::errors() {
    QFETCH(const QString, name);
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, message);
    const QString result = QString::fromStdString(evaluate({"", name.toStdString()}, arguments));
    QVERIFY2(result.startsWith(message), qPrintable(result));
}

void FunctionsTest::aggregates_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("type");
    QTest::addColumn<QStringList>("values");
    QTest::addColumn<QString>("result");
    const auto row = [](const char* name, const char* type, const QStringList& values,
                        const char* result) {
        QTest::addRow("%s of %s %s", name, type, qPrintable(values.join(' ')))
            << name << type << values << result;
    };
    row("sum", "tinyint", {"127", "127", "1"}, "-1");
    row("avg", "tinyint", {"1", "2", "-5", "null"}, "0");
    row("avg", "int", {"2147483647", "2147483647", "1"}, "1431655765");
    row("avg", "bigint", {"9223372036854775807", "9223372036854775807", "1"},
        "6148914691236517205");
    row("sum", "bigint", {"9223372036854775807", "9223372036854775807", "1"}, "-1");
    row("avg", "int", {"200", "-500"}, "-150");
    row("sum", "decimal", {"3.50", "0.001", "1e2"}, "103.501");
    row("avg", "decimal", {"3.50", "0.001", "1e2"}, "34.500");
    row("avg", "decimal", {"3.50", "0.001"}, "1.750");
    row("avg", "decimal", {"1.000", "2", "2"}, "1.667");
    row("sum", "varint", {"10000", "20000", "-50000"}, "-20000");
    row("avg", "varint", {"10000", "20000", "-50000"}, "-6666");
    row("sum", "double", {"1e16", "1", "1", "-1e16"}, "2.0");
    row("avg", "double", {"1e16", "1", "1", "-1e16"}, "0.5");
    row("sum", "double", {"2.5", "0.1", "0.2"}, "2.8");
    row("avg", "double", {"2.5", "0.1", "0.2"}, "0.9333333333333332");
    row("sum", "double", {"1.7e308", "1.7e308"}, "Infinity");
    row("avg", "double", {"1.7e308", "1.7e308"}, "1.7E308");
    row("sum", "double", {"Infinity", "1"}, "Infinity");
    row("sum", "double", {"Infinity", "1", "-Infinity"}, "NaN");
    row("sum", "float", {"1e8", "1", "1", "-1e8"}, "2.0");
    row("avg", "float", {"3e38", "3e38"}, "3.0E38");
    row("sum", "float", {}, "0.0");
    row("avg", "decimal", {}, "0");
    row("avg", "varint", {}, "0");
    row("min", "int", {}, "null");
    row("min", "float", {"NaN", "1", "-Infinity", "-0.0"}, "-Infinity");
    row("max", "float", {"NaN", "1", "-Infinity", "-0.0"}, "NaN");
    row("min", "text", {"é", "z", "", "null"}, "");
    row("max", "text", {"é", "z", "", "null"}, "é");
    row("max", "frozen<list<int>>", {"[1, 2]", "[2]", "[]"}, "[2]");
    row("min", "counter", {"5", "10"}, "5");
    row("avg", "counter", {"5", "10"}, "7");
    row("count", "text", {"a", "null", ""}, "2");
}

void FunctionsTest::aggregates() {
    QFETCH(const QString, name);
    QFETCH(const QString, type);
    QFETCH(const QStringList, values);
    QFETCH(const QString, result);
    QCOMPARE(QString::fromStdString(aggregate(qPrintable(name), type, values)), result);
}

void FunctionsTest::resolutionByReceiver() {
    const FunctionName plus = operatorFunction('+');
    QCOMPARE(evaluate(plus, {"=100", "=100"}, tinyint()), std::string("tinyint: -56"));
    QCOMPARE(evaluate(plus, {"=1", "=0.5"}, float32()), std::string("float: 1.5"));
    QCOMPARE(evaluate(plus, {"=1", "=2"}, text()),
             std::string("the '+' operation is not supported between 1 and 2"));
    QCOMPARE(evaluate(plus, {"int:1", "bigint:2"}, bigint()), std::string("bigint: 3"));
    QCOMPARE(evaluate(plus, {"='2024-01-01'", "=1mo"}, date()), std::string("date: 2024-02-01"));
    QCOMPARE(evaluate({"", "cast_as_int"}, {"=5.9"}, int32()), std::string("int: 5"));
    QVERIFY(evaluate({"", "abs"}, {"bigint:-7"}, int32()).starts_with("Invalid call to function"));
}

void FunctionsTest::headings() {
    const std::vector<std::string> two = {"a", "b"};
    const auto heading = [&two](const FunctionName& name, std::size_t count) {
        return NativeFunctions::instance().functions(name.name)[0]->columnName(
            std::span(two.data(), count));
    };
    QCOMPARE(heading({"", "now"}, 0), std::string("system.now()"));
    QCOMPARE(heading({"", "floor"}, 2), std::string("system.floor(a, b)"));
    QCOMPARE(heading(operatorFunction('%'), 2), std::string("a % b"));
    QCOMPARE(heading(negationFunction(), 1), std::string("-a"));
    QCOMPARE(heading(castFunction("text"), 1), std::string("cast(a as text)"));
    QCOMPARE(heading({"", "castAsText"}, 1), std::string("cast(a as text)"));
    QCOMPARE(countRowsFunction()->columnName({}), std::string("count"));
}

void FunctionsTest::clocksAndRandomness() {
    QCOMPARE(evaluate({"", "current_timestamp"}, {}),
             std::string("timestamp: 2023-11-14 22:13:20.123Z"));
    QCOMPARE(evaluate({"", "current_date"}, {}), std::string("date: 2023-11-14"));
    QCOMPARE(evaluate({"system", "current_time"}, {}), std::string("time: 22:13:20.123456000"));
    QCOMPARE(evaluate({"other", "now"}, {}), std::string("unknown"));
    QVERIFY(evaluate({"", "uuid"}, {}).starts_with("uuid: "));
    QVERIFY(evaluate({"", "now"}, {}).starts_with("timeuuid: "));
    const auto now = NativeFunctions::instance().functions("now")[0];
    QVERIFY(!dynamic_cast<const ScalarFunction&>(*now).isPure());
}

void FunctionsTest::tokensOfKeys() {
    const auto token = [](const std::vector<TypePtr>& types, const std::vector<Bytes>& values) {
        const FunctionPtr function = tokenFunction(types);
        std::vector<Argument> arguments(values.begin(), values.end());
        return decodeBigint(
            *dynamic_cast<const ScalarFunction&>(*function).evaluate(context(), arguments).value());
    };
    QCOMPARE(token({int32()}, {encodeInt(1)}), std::int64_t(-4069959284402364209));
    QCOMPARE(token({int32()}, {encodeInt(2)}), std::int64_t(-3248873570005575792));
    QCOMPARE(token({int32(), text()}, {encodeInt(1), "x"}), std::int64_t(746584927563629270));
    QCOMPARE(token({int32(), text()}, {encodeInt(7), "x"}), std::int64_t(6571373876230807724));
    const FunctionPtr function = tokenFunction({int32()});
    const Argument null;
    QVERIFY(!dynamic_cast<const ScalarFunction&>(*function)
                 .evaluate(context(), std::span(&null, 1))
                 .value());
}

void FunctionsTest::jsonFunctions() {
    QCOMPARE(evaluate({"", "to_json"}, {"list<int>:[1, 2]"}), std::string("text: [1, 2]"));
    QCOMPARE(evaluate({"", "tojson"}, {"int:null"}), std::string("text: null"));
    QCOMPARE(evaluate({"", "from_json"}, {"='[1, 2]'"}, list(int32(), false)),
             std::string("list<int>: [1, 2]"));
    QCOMPARE(evaluate({"", "fromjson"}, {"='\"x\"'"}, int32()),
             std::string("org.apache.cassandra.serializers.MarshalException: Unable to make int "
                         "from 'x'"));
}

void FunctionsTest::countsRowsAndValues() {
    const auto rows = dynamic_cast<const AggregateFunction&>(*countRowsFunction()).newState();
    QVERIFY(rows->add(context(), {}));
    QVERIFY(rows->add(context(), {}));
    QCOMPARE(decodeBigint(*rows->result(context()).value()), std::int64_t(2));
}

void FunctionsTest::statesStartAgain() {
    for (const FunctionPtr& function : NativeFunctions::instance().functions("avg")) {
        const auto state = dynamic_cast<const AggregateFunction&>(*function).newState();
        const DataType& type = *function->argumentTypes()[0];
        const Value fresh = state->result(context()).value();
        const Bytes one = fromString(type, "1").value();
        const Argument argument(one);
        QVERIFY(state->add(context(), std::span(&argument, 1)));
        QCOMPARE(*state->result(context()).value(), one);
        state->reset();
        QVERIFY(state->result(context()).value() == fresh);
    }
}

QTEST_GUILESS_MAIN(FunctionsTest)
#include "functions_test.moc"
