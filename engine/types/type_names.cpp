#include "engine/types/type_names.h"

#include "engine/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

namespace engine::types {
namespace {

struct NativeName {
    Kind kind;
    std::string_view cql;
    std::string_view className;
};

constexpr std::string_view kMarshal = "org.apache.cassandra.db.marshal.";

constexpr std::array<NativeName, 21> kNatives = {{
    {Kind::Ascii, "ascii", "AsciiType"},
    {Kind::Bigint, "bigint", "LongType"},
    {Kind::Blob, "blob", "BytesType"},
    {Kind::Boolean, "boolean", "BooleanType"},
    {Kind::Counter, "counter", "CounterColumnType"},
    {Kind::Decimal, "decimal", "DecimalType"},
    {Kind::Double, "double", "DoubleType"},
    {Kind::Float, "float", "FloatType"},
    {Kind::Int, "int", "Int32Type"},
    {Kind::Timestamp, "timestamp", "TimestampType"},
    {Kind::Uuid, "uuid", "UUIDType"},
    {Kind::Text, "text", "UTF8Type"},
    {Kind::Varint, "varint", "IntegerType"},
    {Kind::Timeuuid, "timeuuid", "TimeUUIDType"},
    {Kind::Inet, "inet", "InetAddressType"},
    {Kind::Date, "date", "SimpleDateType"},
    {Kind::Time, "time", "TimeType"},
    {Kind::Smallint, "smallint", "ShortType"},
    {Kind::Tinyint, "tinyint", "ByteType"},
    {Kind::Duration, "duration", "DurationType"},
    {Kind::Empty, "empty", "EmptyType"},
}};

const NativeName* nativeName(Kind kind) {
    const auto found = std::find_if(kNatives.begin(), kNatives.end(),
                                    [kind](const NativeName& n) { return n.kind == kind; });
    return found == kNatives.end() ? nullptr : &*found;
}

TypePtr nativeOf(const NativeName& name) {
    return name.kind == Kind::Empty ? empty() : native(name.kind);
}

/// src/resources/org/apache/cassandra/cql3/reserved_keywords.txt.
bool isReserved(std::string_view word) {
    static const std::unordered_set<std::string_view> words = {
        "add",          "allow",    "alter",    "and",         "apply",        "asc",
        "authorize",    "batch",    "begin",    "by",          "columnfamily", "create",
        "delete",       "desc",     "describe", "drop",        "entries",      "execute",
        "from",         "full",     "grant",    "if",          "in",           "index",
        "infinity",     "insert",   "into",     "is",          "keyspace",     "limit",
        "materialized", "modify",   "nan",      "norecursive", "not",          "null",
        "of",           "on",       "or",       "order",       "primary",      "rename",
        "revoke",       "schema",   "select",   "set",         "table",        "to",
        "token",        "truncate", "unlogged", "update",      "use",          "using",
        "view",         "where",    "with",
    };
    return words.contains(word);
}

std::string joinNames(const std::vector<TypePtr>& types) {
    std::string out;
    for (const TypePtr& type : types) {
        out += (out.empty() ? "" : ", ") + cqlName(*type);
    }
    return out;
}

std::string stringClass(const DataType& type, bool ignoreFreezing);

std::string classParameters(const std::vector<TypePtr>& types, bool ignoreFreezing) {
    std::string out = "(";
    for (std::size_t i = 0; i < types.size(); ++i) {
        out += (i == 0 ? "" : ",") + stringClass(*types[i], ignoreFreezing);
    }
    return out + ")";
}

std::string udtParameters(const DataType& type, bool ignoreFreezing) {
    std::string out = "(" + type.udtKeyspace() + "," + toHex(type.udtName());
    for (std::size_t i = 0; i < type.elements().size(); ++i) {
        out +=
            "," + toHex(type.fieldNames()[i]) + ":" + stringClass(*type.element(i), ignoreFreezing);
    }
    return out + ")";
}

/// AbstractType.toString(ignoreFreezing): inside something frozen the wrapper is not repeated.
std::string stringClass(const DataType& type, bool ignoreFreezing) {
    if (const NativeName* name = nativeName(type.kind())) {
        return std::string(kMarshal) + std::string(name->className);
    }
    const std::string marshal(kMarshal);
    const bool ignoreInside = ignoreFreezing || type.isFrozen();
    std::string out;
    switch (type.kind()) {
        case Kind::Custom:
            return type.customClass();
        case Kind::Tuple:
            return marshal + "TupleType" + classParameters(type.elements(), true);
        case Kind::Vector:
            return fmt::format("{}VectorType({} , {})", marshal,
                               stringClass(*type.element(), ignoreFreezing), type.dimension());
        case Kind::List:
            out = marshal + "ListType" + classParameters(type.elements(), ignoreInside);
            break;
        case Kind::Set:
            out = marshal + "SetType" + classParameters(type.elements(), ignoreInside);
            break;
        case Kind::Map:
            out = marshal + "MapType" + classParameters(type.elements(), ignoreInside);
            break;
        default:
            out = marshal + "UserType" + udtParameters(type, ignoreInside);
            break;
    }
    return type.isFrozen() && !ignoreFreezing ? marshal + "FrozenType(" + out + ")" : out;
}

}  // namespace

std::string maybeQuote(std::string_view name) {
    const auto isWord = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const bool bare = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                      std::all_of(name.begin(), name.end(), isWord) && !isReserved(name);
    if (bare) {
        return std::string(name);
    }
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        if (c == '"') {
            out += c;
        }
    }
    return out + "\"";
}

std::string cqlNameUnfrozen(const DataType& type) {
    if (const NativeName* name = nativeName(type.kind())) {
        return std::string(name->cql);
    }
    switch (type.kind()) {
        case Kind::Custom:
            return "'" + type.customClass() + "'";
        case Kind::List:
            return "list<" + cqlName(*type.element()) + ">";
        case Kind::Set:
            return "set<" + cqlName(*type.element()) + ">";
        case Kind::Map:
            return "map<" + joinNames(type.elements()) + ">";
        case Kind::Tuple:
            return "tuple<" + joinNames(type.elements()) + ">";
        case Kind::Vector:
            return fmt::format("vector<{}, {}>", cqlName(*type.element()), type.dimension());
        default:
            return maybeQuote(type.udtName());
    }
}

std::string cqlName(const DataType& type) {
    const bool wrapped = type.isTuple() || type.isCollection();
    const std::string name = cqlNameUnfrozen(type);
    return wrapped && type.isFrozen() ? "frozen<" + name + ">" : name;
}

std::string className(const DataType& type, bool reversed) {
    const std::string name = stringClass(type, false);
    return reversed ? fmt::format("{}ReversedType({})", kMarshal, name) : name;
}

std::string keyClassName(std::span<const TypePtr> types) {
    if (types.size() == 1) {
        return className(*types[0]);
    }
    std::string out = std::string(kMarshal) + "CompositeType(";
    for (std::size_t i = 0; i < types.size(); ++i) {
        out += (i == 0 ? "" : ",") + className(*types[i]);
    }
    return out + ")";
}

namespace {

/// What both parsers share: a position in a text.
class TypeScanner {
public:
    explicit TypeScanner(std::string_view text) : m_text(text) {}

    void skipBlanks() {
        while (m_at < m_text.size() &&
               (m_text[m_at] == ' ' || m_text[m_at] == '\t' || m_text[m_at] == '\n')) {
            ++m_at;
        }
    }
    bool symbol(char c) {
        skipBlanks();
        if (m_at >= m_text.size() || m_text[m_at] != c) {
            return false;
        }
        ++m_at;
        return true;
    }
    char peek() {
        skipBlanks();
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }
    std::string_view word(std::string_view extra) {
        skipBlanks();
        const std::size_t start = m_at;
        while (m_at < m_text.size() &&
               (std::isalnum(static_cast<unsigned char>(m_text[m_at])) != 0 ||
                extra.find(m_text[m_at]) != std::string_view::npos)) {
            ++m_at;
        }
        return m_text.substr(start, m_at - start);
    }
    /// Up to the quote that ends it; a doubled quote stands for itself. The first is at hand.
    std::string quoted(char quote) {
        std::string out;
        for (++m_at; m_at < m_text.size(); ++m_at) {
            if (m_text[m_at] == quote) {
                if (m_at + 1 >= m_text.size() || m_text[m_at + 1] != quote) {
                    ++m_at;
                    break;
                }
                ++m_at;
            }
            out += m_text[m_at];
        }
        return out;
    }
    std::optional<std::int32_t> number() {
        const std::string_view digits = word("");
        std::int32_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
            return std::nullopt;
        }
        return value;
    }
    bool atEnd() {
        skipBlanks();
        return m_at == m_text.size();
    }
    Error refuse() const {
        return makeError(ErrorKind::Syntax,
                         fmt::format("Syntax error parsing '{}' at char {}", m_text, m_at));
    }

private:
    std::string_view m_text;
    std::size_t m_at = 0;
};

class CqlTypeParser {
public:
    CqlTypeParser(std::string_view text, std::string_view keyspace, const UdtLookup& lookup)
        : m_scanner(text), m_keyspace(keyspace), m_lookup(lookup) {}

    Result<TypePtr> parse() {
        TRY_ASSIGN(TypePtr type, parseType());
        if (!m_scanner.atEnd()) {
            return m_scanner.refuse();
        }
        return type;
    }

private:
    Result<TypePtr> parseType() {
        if (m_scanner.peek() == '\'') {
            TRY_ASSIGN(ParsedClass parsed, parseClassName(m_scanner.quoted('\'')));
            return parsed.type;
        }
        if (m_scanner.peek() == '"') {
            return parseUdt(m_scanner.quoted('"'));
        }
        const std::string word = lowerCase(m_scanner.word("_"));
        if (word.empty()) {
            return m_scanner.refuse();
        }
        if (m_scanner.peek() == '<') {
            return parseParameterised(word);
        }
        if (m_scanner.peek() != '.') {
            if (word == "varchar") {
                return text();
            }
            for (const NativeName& name : kNatives) {
                if (name.cql == word) {
                    return nativeOf(name);
                }
            }
        }
        return parseUdt(word);
    }

    Result<TypePtr> parseParameterised(const std::string& word) {
        m_scanner.symbol('<');
        std::vector<TypePtr> types;
        std::int32_t dimension = 0;
        do {
            if (word == "vector" && types.size() == 1) {
                dimension = m_scanner.number().value_or(0);
                continue;
            }
            TRY_ASSIGN(TypePtr type, parseType());
            types.push_back(std::move(type));
        } while (m_scanner.symbol(','));
        if (!m_scanner.symbol('>')) {
            return m_scanner.refuse();
        }
        if (word == "tuple") {
            return tuple(std::move(types));
        }
        if (word == "map" && types.size() == 2) {
            return map(types[0], types[1], false);
        }
        if (word == "vector" && dimension > 0) {
            return vector(types[0], dimension);
        }
        if (types.size() == 1 && word == "frozen") {
            return freeze(types[0]);
        }
        if (types.size() == 1 && word == "list") {
            return list(types[0], false);
        }
        if (types.size() == 1 && word == "set") {
            return set(types[0], false);
        }
        return m_scanner.refuse();
    }

    Result<TypePtr> parseUdt(std::string name) {
        std::string keyspace(m_keyspace);
        if (m_scanner.symbol('.')) {
            keyspace = std::move(name);
            name = m_scanner.peek() == '"' ? m_scanner.quoted('"') : lowerCase(m_scanner.word("_"));
        }
        TypePtr type = m_lookup ? m_lookup(keyspace, name) : nullptr;
        if (type == nullptr) {
            return invalid(fmt::format("Unknown type {}.{}", keyspace, name));
        }
        return type;
    }

    TypeScanner m_scanner;
    std::string_view m_keyspace;
    const UdtLookup& m_lookup;
};

class ClassNameParser {
public:
    explicit ClassNameParser(std::string_view text) : m_scanner(text) {}

    Result<std::vector<ParsedClass>> parse() {
        TRY_ASSIGN(std::vector<ParsedClass> types, parseKey());
        if (!m_scanner.atEnd()) {
            return m_scanner.refuse();
        }
        return types;
    }

private:
    Result<std::vector<ParsedClass>> parseKey() {
        const std::string name = takeName();
        if (name != "CompositeType") {
            TRY_ASSIGN(ParsedClass single, parseNamed(name));
            return std::vector<ParsedClass>{std::move(single)};
        }
        TRY_ASSIGN(std::vector<ParsedClass> types, parseList());
        return types;
    }

    /// Without the package every class of Cassandra's shares.
    std::string takeName() {
        std::string_view name = m_scanner.word("._$-+");
        if (name.substr(0, kMarshal.size()) == kMarshal) {
            name.remove_prefix(kMarshal.size());
        }
        return std::string(name);
    }

    bool open() {
        if (m_scanner.symbol('(')) {
            m_close = ')';
            return true;
        }
        if (m_scanner.symbol('<')) {
            m_close = '>';
            return true;
        }
        return false;
    }

    Result<std::vector<ParsedClass>> parseList() {
        std::vector<ParsedClass> types;
        if (!open()) {
            return types;
        }
        const char close = m_close;
        while (!m_scanner.symbol(close)) {
            TRY_ASSIGN(ParsedClass type, parseNamed(takeName()));
            types.push_back(std::move(type));
            if (!m_scanner.symbol(',') && m_scanner.peek() != close) {
                return m_scanner.refuse();
            }
        }
        return types;
    }

    Result<ParsedClass> parseNamed(const std::string& name) {
        if (name.empty()) {
            return m_scanner.refuse();
        }
        for (const NativeName& candidate : kNatives) {
            if (candidate.className == name) {
                return ParsedClass{nativeOf(candidate), false};
            }
        }
        if (name == "UserType") {
            return parseUserType();
        }
        if (name == "VectorType") {
            return parseVectorType();
        }
        TRY_ASSIGN(const std::vector<ParsedClass> parameters, parseList());
        return assemble(name, parameters);
    }

    Result<ParsedClass> assemble(const std::string& name,
                                 const std::vector<ParsedClass>& parameters) {
        std::vector<TypePtr> types;
        for (const ParsedClass& parameter : parameters) {
            types.push_back(parameter.type);
        }
        const std::size_t count = types.size();
        if (name == "ReversedType" && count == 1) {
            return ParsedClass{types[0], true};
        }
        if (name == "FrozenType" && count == 1) {
            return ParsedClass{freeze(types[0]), false};
        }
        if (name == "ListType" && count == 1) {
            return ParsedClass{list(types[0], false), false};
        }
        if (name == "SetType" && count == 1) {
            return ParsedClass{set(types[0], false), false};
        }
        if (name == "MapType" && count == 2) {
            return ParsedClass{map(types[0], types[1], false), false};
        }
        if (name == "TupleType") {
            return ParsedClass{tuple(std::move(types)), false};
        }
        if (count != 0) {
            return m_scanner.refuse();
        }
        const bool qualified = name.find('.') != std::string::npos;
        return ParsedClass{custom(qualified ? name : std::string(kMarshal) + name), false};
    }

    Result<ParsedClass> parseVectorType() {
        if (!open()) {
            return m_scanner.refuse();
        }
        const char close = m_close;
        TRY_ASSIGN(const ParsedClass element, parseNamed(takeName()));
        const bool comma = m_scanner.symbol(',');
        const std::optional<std::int32_t> dimension = m_scanner.number();
        if (!comma || !dimension || *dimension < 1 || !m_scanner.symbol(close)) {
            return m_scanner.refuse();
        }
        return ParsedClass{vector(element.type, *dimension), false};
    }

    /// (keyspace,hex of the name,hex of a field's name:type,…)
    Result<ParsedClass> parseUserType() {
        if (!open()) {
            return m_scanner.refuse();
        }
        const char close = m_close;
        std::string keyspace(m_scanner.word("_"));
        m_scanner.symbol(',');
        const std::optional<Bytes> name = fromHex(m_scanner.word(""));
        std::vector<std::string> fieldNames;
        std::vector<TypePtr> fieldTypes;
        while (m_scanner.symbol(',')) {
            const std::optional<Bytes> field = fromHex(m_scanner.word(""));
            if (!field || !m_scanner.symbol(':')) {
                return m_scanner.refuse();
            }
            TRY_ASSIGN(ParsedClass type, parseNamed(takeName()));
            fieldNames.push_back(*field);
            fieldTypes.push_back(std::move(type.type));
        }
        if (!name || !m_scanner.symbol(close)) {
            return m_scanner.refuse();
        }
        return ParsedClass{
            udt(std::move(keyspace), *name, std::move(fieldNames), std::move(fieldTypes), false),
            false};
    }

    TypeScanner m_scanner;
    char m_close = ')';
};

}  // namespace

Result<TypePtr> parseCqlType(std::string_view text, std::string_view keyspace,
                             const UdtLookup& lookup) {
    return CqlTypeParser(text, keyspace, lookup).parse();
}

Result<std::vector<ParsedClass>> parseKeyClassName(std::string_view text) {
    return ClassNameParser(text).parse();
}

Result<ParsedClass> parseClassName(std::string_view text) {
    TRY_ASSIGN(std::vector<ParsedClass> types, parseKeyClassName(text));
    if (types.size() != 1) {
        return makeError(ErrorKind::Syntax, fmt::format("'{}' is not one type", text));
    }
    return std::move(types[0]);
}

}  // namespace engine::types
