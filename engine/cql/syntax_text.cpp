#include "engine/cql/syntax_text.h"

#include <fmt/format.h>

#include "engine/types/functions/function_resolver.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

template <typename... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

template <typename Items, typename Text>
std::string join(const Items& items, Text text) {
    std::string out;
    for (const auto& item : items) {
        out += out.empty() ? "" : ", ";
        out += text(item);
    }
    return out;
}
template <typename Items>
std::string join(const Items& items) {
    return join(items, [](const auto& item) { return textOf(item); });
}

std::string mapText(const auto& entries) {
    return "{" + join(entries, [](const auto& entry) {
               const auto& [key, value] = entry;
               return textOf(key) + ": " + textOf(value);
           }) + "}";
}

std::string literalText(const syntax::Literal& literal) {
    if (literal.kind == syntax::LiteralKind::String) {
        return "'" + literal.text + "'";
    }
    return literal.text;
}

std::string metadataName(syntax::MetadataSelector::Kind kind) {
    switch (kind) {
        case syntax::MetadataSelector::Kind::Writetime: return "writetime";
        case syntax::MetadataSelector::Kind::MaxWritetime: return "maxwritetime";
        case syntax::MetadataSelector::Kind::Ttl: return "ttl";
    }
    return {};
}

}  // namespace

std::string textOf(const syntax::QualifiedName& name) {
    return name.keyspace.absent() ? name.name.text : name.keyspace.text + "." + name.name.text;
}

std::string_view textOf(syntax::Operator op) {
    using enum syntax::Operator;
    switch (op) {
        case Eq: return "=";
        case Lt: return "<";
        case Lte: return "<=";
        case Gt: return ">";
        case Gte: return ">=";
        case Neq: return "!=";
        case In: return "IN";
        case Contains: return "CONTAINS";
        case ContainsKey: return "CONTAINS KEY";
        case Like: return "LIKE";
        case IsNotNull: return "IS NOT";
    }
    return "?";
}

std::string textOf(const syntax::TypeRef& type) {
    using Kind = syntax::TypeRef::Kind;
    std::string text;
    switch (type.kind) {
        case Kind::Native: return type.name;
        case Kind::Custom: return "'" + type.name + "'";
        case Kind::User:
            text = type.keyspace.absent() ? types::maybeQuote(type.name)
                                          : types::maybeQuote(type.keyspace.text) + "." +
                                                types::maybeQuote(type.name);
            break;
        case Kind::List: text = "list<" + join(type.parameters) + ">"; break;
        case Kind::Set: text = "set<" + join(type.parameters) + ">"; break;
        case Kind::Map: text = "map<" + join(type.parameters) + ">"; break;
        case Kind::Tuple: return "tuple<" + join(type.parameters) + ">";
        case Kind::Vector:
            return fmt::format("vector<{}, {}>", textOf(type.parameters[0]), type.dimension);
    }
    return type.frozen ? "frozen<" + text + ">" : text;
}

std::string textOf(const syntax::Term& term) {
    return std::visit(
        Overloaded{
            [](const syntax::Literal& t) { return literalText(t); },
            [](const syntax::MarkerRef&) { return std::string("?"); },
            [](const syntax::ListTerm& t) { return "[" + join(t.items) + "]"; },
            [](const syntax::SetTerm& t) { return "{" + join(t.items) + "}"; },
            [](const syntax::MapTerm& t) { return mapText(t.entries); },
            [](const syntax::UserTypeTerm& t) {
                return "{" + join(t.fields, [](const auto& f) {
                           return f.name.text + ": " + textOf(f.value);
                       }) + "}";
            },
            [](const syntax::TupleTerm& t) { return "(" + join(t.items) + ")"; },
            [](const syntax::CallTerm& t) {
                return textOf(t.function) + "(" + join(t.arguments) + ")";
            },
            [](const syntax::CastTerm& t) {
                return "CAST(" + textOf(t.operand[0]) + " AS " + textOf(t.type) + ")";
            },
            [](const syntax::HintTerm& t) {
                return "(" + textOf(t.type) + ")" + textOf(t.operand[0]);
            },
            [](const syntax::ArithmeticTerm& t) {
                return "system.\"" + types::operatorFunction(t.op).name + "\"(" + join(t.operands) + ")";
            },
            [](const syntax::NegateTerm& t) {
                return "system.\"" + types::negationFunction().name + "\"(" + join(t.operand) + ")";
            },
        },
        term.node);
}

std::string textOf(const syntax::Selector& selector) {
    return std::visit(
        Overloaded{
            [](const syntax::ColumnSelector& s) { return s.column.text; },
            [](const syntax::TermSelector& s) { return textOf(s.term); },
            [](const syntax::CountRowsSelector&) { return std::string("countRows()"); },
            [](const syntax::MetadataSelector& s) {
                return metadataName(s.kind) + "(" + textOf(s.target[0]) + ")";
            },
            [](const syntax::CallSelector& s) {
                return textOf(s.function) + "(" + join(s.arguments) + ")";
            },
            [](const syntax::CastSelector& s) {
                return "cast(" + textOf(s.operand[0]) + " as " + textOf(s.type) + ")";
            },
            [](const syntax::HintSelector& s) {
                return "(" + textOf(s.type) + ")" + textOf(s.operand[0]);
            },
            [](const syntax::FieldSelector& s) {
                return textOf(s.operand[0]) + "." + s.field.text;
            },
            [](const syntax::ElementSelector& s) {
                return textOf(s.operand[0]) + "[" + textOf(s.key) + "]";
            },
            [](const syntax::SliceSelector& s) {
                return textOf(s.operand[0]) + "[" + (s.from ? textOf(*s.from) : "") + ".." +
                       (s.to ? textOf(*s.to) : "") + "]";
            },
            [](const syntax::ListSelector& s) { return "[" + join(s.items) + "]"; },
            [](const syntax::SetSelector& s) { return "{" + join(s.items) + "}"; },
            [](const syntax::MapSelector& s) { return mapText(s.entries); },
            [](const syntax::TupleSelector& s) { return "(" + join(s.items) + ")"; },
            [](const syntax::ArithmeticSelector& s) {
                return textOf(s.operands[0]) + " " + s.op + " " + textOf(s.operands[1]);
            },
            [](const syntax::NegateSelector& s) { return "-" + textOf(s.operand[0]); },
        },
        selector.node);
}

std::string textOf(const syntax::Relation& relation) {
    using Kind = syntax::Relation::Kind;
    std::string left;
    const auto names = [](const syntax::Name& name) { return types::maybeQuote(name.text); };
    switch (relation.kind) {
        case Kind::Column: left = names(relation.columns[0]); break;
        case Kind::Element:
            left = names(relation.columns[0]) + "[" + textOf(*relation.key) + "]";
            break;
        case Kind::Columns: left = "(" + join(relation.columns, names) + ")"; break;
        case Kind::Token: left = "token(" + join(relation.columns, names) + ")"; break;
        case Kind::IndexExpression: left = "expr(" + relation.index.name.text + ")"; break;
    }
    if (relation.op == syntax::Operator::IsNotNull) {
        return left + " IS NOT NULL";
    }
    if (relation.op == syntax::Operator::In) {
        return relation.inMarker ? left + " IN ?" : left + " IN (" + join(relation.values) + ")";
    }
    return fmt::format("{} {} {}", left, textOf(relation.op), textOf(relation.values[0]));
}

}  // namespace engine::cql
