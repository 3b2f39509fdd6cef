#include "engine/cql/syntax/parser_state.h"

#include <cerrno>
#include <cstdlib>

// CREATE and ALTER TABLE, and WITH properties.
namespace engine::cql::syntax {

namespace {

constexpr TokenSet kAfterMask(TokenKind::RightParen, TokenKind::Comma, TokenKind::Semicolon,
                              TokenKind::Eof, TokenKind::KPrimary);

/// The alternatives of Parser.g's alterTableStatement.
enum AlterAlternative { kType = 1, kMask, kAdd, kDrop, kRename, kDropCompact, kWith };

}  // namespace

bool Parser::createTable(CreateTableStatement& out) {
    if (!ifNotExists(out.ifNotExists) || !columnFamilyName(out.table) ||
        !expect(TokenKind::LeftParen) || !tableColumns(out)) {
        return false;
    }
    while (accept(TokenKind::Comma)) {
        if ((at(kIdent) || at(TokenKind::KPrimary)) && !tableColumns(out)) {
            return false;
        }
    }
    if (!expect(TokenKind::RightParen)) {
        return false;
    }
    if (!accept(TokenKind::KWith)) {
        return true;
    }
    do {
        if (!tableProperty(out.properties, out.clusteringOrder, &out.compactStorage)) {
            return false;
        }
    } while (accept(TokenKind::KAnd));
    return true;
}

/// A column, or PRIMARY KEY (…).
bool Parser::tableColumns(CreateTableStatement& out) {
    const std::size_t start = m_position;
    if (accept(TokenKind::KPrimary)) {
        PrimaryKey& key = out.primaryKeys.emplace_back();
        if (!expect(TokenKind::KKey) || !primaryKeyBody(key)) {
            return false;
        }
        key.span = spanFrom(start);
        return true;
    }
    ColumnDefinition& column = out.columns.emplace_back();
    if (!ident(column.name) || !comparatorType(column.type)) {
        return false;
    }
    column.isStatic = accept(TokenKind::KStatic);
    if (at(TokenKind::KMasked) && !columnMask(column.mask.emplace())) {
        return false;
    }
    if (accept(TokenKind::KPrimary)) {
        if (!expect(TokenKind::KKey)) {
            return false;
        }
        out.primaryKeys.push_back(PrimaryKey{{column.name}, {}, column.name.span});
    }
    return true;
}

/// (a, b) or ((a, b), c, d)
bool Parser::primaryKeyBody(PrimaryKey& out) {
    if (!expect(TokenKind::LeftParen)) {
        return false;
    }
    if (at(TokenKind::LeftParen)) {
        if (!identList(out.partition)) {
            return false;
        }
    } else if (!ident(out.partition.emplace_back())) {
        return false;
    }
    while (accept(TokenKind::Comma)) {
        if (!ident(out.clustering.emplace_back())) {
            return false;
        }
    }
    return expect(TokenKind::RightParen);
}

bool Parser::identList(std::vector<Name>& out) {
    if (!expect(TokenKind::LeftParen)) {
        return false;
    }
    do {
        if (!ident(out.emplace_back())) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return expect(TokenKind::RightParen);
}

/// MASKED WITH DEFAULT or MASKED WITH f(…); `default` may be a function's name too.
bool Parser::columnMask(Mask& out) {
    const std::size_t start = m_position;
    if (!at(TokenKind::KMasked)) {
        return noViable();
    }
    if (peek(1) != TokenKind::KWith) {
        return noViable(1);
    }
    const TokenKind first = peek(2);
    out.isDefault = first == TokenKind::KDefault && kAfterMask.has(peek(3));
    if (first == TokenKind::KDefault && !out.isDefault && look(3) != TokenKind::LeftParen &&
        look(3) != TokenKind::Dot) {
        return noViable(3);
    }
    if (!kObjectName.has(first) && first != TokenKind::KToken) {
        return noViable(2);
    }
    advance();
    advance();
    if (out.isDefault) {
        advance();
    } else {
        if (!functionName(out.function)) {
            return false;
        }
        if (!at(TokenKind::LeftParen)) {
            return noViable();
        }
        const TokenKind argument = peek(1);
        if (argument != TokenKind::RightParen && !kTermStart.has(argument)) {
            return noViable(1);
        }
        advance();
        if ((argument != TokenKind::RightParen && !termList(out.arguments)) ||
            !expect(TokenKind::RightParen)) {
            return false;
        }
    }
    out.span = spanFrom(start);
    return true;
}

/// A property of a table or (without `compactStorage`) of a view.
bool Parser::tableProperty(std::vector<Property>& properties, std::vector<ClusteringOrder>& order,
                           bool* compactStorage) {
    const bool compact = at(TokenKind::KCompact);
    if (!compact && !at(TokenKind::KClustering)) {
        return property(properties);
    }
    const TokenKind next = peek(1);
    if (next == TokenKind::Equal) {
        return property(properties);
    }
    if (next != (compact ? TokenKind::KStorage : TokenKind::KOrder)) {
        return noViable(1);
    }
    const Token& where = token();
    advance();
    advance();
    if (compact) {
        if (compactStorage == nullptr) {
            return semantic("COMPACT STORAGE tables are not allowed starting with version 4.0",
                            where);
        }
        *compactStorage = true;
        return true;
    }
    if (!expect(TokenKind::KBy, TokenKind::LeftParen)) {
        return false;
    }
    do {
        ClusteringOrder& column = order.emplace_back();
        if (!ident(column.column)) {
            return false;
        }
        column.descending = accept(TokenKind::KDesc);
        if (!column.descending && !accept(TokenKind::KAsc)) {
            return noViable();
        }
    } while (accept(TokenKind::Comma));
    return expect(TokenKind::RightParen);
}

bool Parser::properties(std::vector<Property>& out) {
    do {
        if (!property(out)) {
            return false;
        }
    } while (accept(TokenKind::KAnd));
    return true;
}

bool Parser::property(std::vector<Property>& out) {
    constexpr TokenSet kSimple =
        kConstant | kBasicKeywords | kNativeTypes | kOtherKeywords;
    if (!at(kIdent)) {
        return noViable();
    }
    touch(1);
    if (look(1) != TokenKind::Equal) {
        return noViable(1);
    }
    touch(2);
    if (!kSimple.has(look(2)) && look(2) != TokenKind::LeftBrace) {
        return noViable(2);
    }
    touch(3);
    const Token& where = token();
    Property made;
    takeName(made.name);
    advance();
    const std::size_t start = m_position;
    made.isMap = at(TokenKind::LeftBrace);
    if (made.isMap) {
        if (!propertyMap(made.map)) {
            return false;
        }
    } else if (at(kConstant)) {
        Literal literal;
        if (!constant(literal)) {
            return false;
        }
        made.value = std::move(literal.text);
    } else {
        made.value = raw(token());
        if (at(kNativeTypes)) {
            Name type;
            takeName(type);
            made.value = std::move(type.text);
        } else {
            advance();
        }
    }
    made.valueSpan = spanFrom(start);
    for (const Property& other : out) {
        if (other.name == made.name) {
            return semantic("Multiple definitions for property '" + made.name.text + "'", where);
        }
    }
    out.push_back(std::move(made));
    return true;
}

bool Parser::propertyMap(PropertyMap& out) {
    const Token& where = token();
    MapTerm map;
    return fullMapLiteral(map) && convertPropertyMap(map, out, where);
}

bool Parser::fullMapLiteral(MapTerm& out) {
    if (!expect(TokenKind::LeftBrace)) {
        return false;
    }
    if (at(kTermStart)) {
        do {
            auto& [key, element] = out.entries.emplace_back();
            if (!term(key) || !expect(TokenKind::Colon) || !term(element)) {
                return false;
            }
        } while (accept(TokenKind::Comma));
    }
    return expect(TokenKind::RightBrace);
}

/// A term as convertPropertyMap's complaints print it.
std::string Parser::propertyText(const Term& term) const {
    if (const auto* literal = std::get_if<Literal>(&term.node)) {
        return literal->kind == LiteralKind::String ? "'" + literal->text + "'" : literal->text;
    }
    if (std::holds_alternative<MarkerRef>(term.node)) {
        return "?";
    }
    const auto source = [&](const SourceSpan& part) {
        return std::string(m_text.substr(part.offset, part.length));
    };
    if (const auto* hint = std::get_if<HintTerm>(&term.node)) {
        return "(" + source(hint->type.span) + ")" + propertyText(hint->operand.front());
    }
    return source(term.span);
}

bool Parser::convertPropertyMap(const MapTerm& map, PropertyMap& out, const Token& where) {
    const auto constantIn = [](const Term& term) -> const Literal* {
        const auto* literal = std::get_if<Literal>(&term.node);
        return literal != nullptr && literal->kind != LiteralKind::Null ? literal : nullptr;
    };
    const auto noMarkers = [](const Term& term) {
        return std::holds_alternative<MarkerRef>(term.node)
                   ? " (bind variables are not supported in DDL queries)"
                   : "";
    };
    std::unordered_map<std::string_view, std::size_t> seen;
    for (const auto& [key, element] : map.entries) {
        const Literal* name = constantIn(key);
        if (name == nullptr) {
            return semantic("Invalid property name: " + propertyText(key) + noMarkers(key), where);
        }
        const Literal* given = constantIn(element);
        if (given == nullptr) {
            return semantic("Invalid property value: " + propertyText(element) +
                                " for property: " + propertyText(key) + noMarkers(element),
                            where);
        }
        if (!seen.emplace(name->text, out.size()).second) {
            return semantic("Multiple definition for property " + name->text, where);
        }
        out.emplace_back(name->text, given->text);
    }
    return true;
}

int Parser::predictAlterTable() {
    const auto choose = [&](std::size_t ahead, int alternative) {
        touch(ahead);
        return alternative;
    };
    switch (peek()) {
    case TokenKind::KAdd: return choose(1, kAdd);
    case TokenKind::KRename: return choose(1, kRename);
    case TokenKind::KWith: return choose(1, kWith);
    case TokenKind::KAlter:
        touch(1);
        if (look(1) == TokenKind::KIf) {
            return choose(2, kMask);
        }
        if (!kColumn.has(look(1))) {
            return noViable(1);
        }
        touch(2);
        if (look(2) == TokenKind::KType) {
            return choose(3, kType);
        }
        return look(2) == TokenKind::KDrop || look(2) == TokenKind::KMasked ? choose(3, kMask)
                                                                            : noViable(2);
    case TokenKind::KDrop:
        touch(1);
        if (look(1) != TokenKind::KCompact) {
            return kIdent.has(look(1)) || look(1) == TokenKind::LeftParen ||
                           look(1) == TokenKind::KIf
                       ? choose(2, kDrop)
                       : noViable(1);
        }
        touch(2);
        if (look(2) == TokenKind::KStorage) {
            return choose(3, kDropCompact);
        }
        return look(2) == TokenKind::Semicolon || look(2) == TokenKind::Eof ||
                       look(2) == TokenKind::KUsing
                   ? choose(3, kDrop)
                   : noViable(2);
    default: return noViable();
    }
}

bool Parser::alterTable(AlterTableStatement& out) {
    if (!ifExists(out.ifExists) || !columnFamilyName(out.table)) {
        return false;
    }
    const int alternative = predictAlterTable();
    if (alternative == 0) {
        return false;
    }
    advance();
    switch (alternative) {
    case kType: {
        auto& change = out.change.emplace<AlterTableStatement::AlterColumnType>();
        return cident(change.column) && expect(TokenKind::KType) && comparatorType(change.type);
    }
    case kMask: {
        auto& change = out.change.emplace<AlterTableStatement::MaskColumn>();
        if (!ifExists(change.ifColumnExists) || !cident(change.column)) {
            return false;
        }
        if (at(TokenKind::KMasked)) {
            return columnMask(change.mask.emplace());
        }
        return accept(TokenKind::KDrop) ? expect(TokenKind::KMasked) : noViable();
    }
    case kAdd: return addColumns(out.change.emplace<AlterTableStatement::AddColumns>());
    case kDrop: return dropColumns(out.change.emplace<AlterTableStatement::DropColumns>());
    case kRename: {
        auto& change = out.change.emplace<AlterTableStatement::RenameColumns>();
        return ifExists(change.ifColumnExists) && renames(change.columns);
    }
    case kDropCompact:
        out.change = AlterTableStatement::DropCompactStorage{};
        return expect(TokenKind::KCompact, TokenKind::KStorage);
    default: return properties(out.change.emplace<AlterTableStatement::SetProperties>().properties);
    }
}

bool Parser::addColumns(AlterTableStatement::AddColumns& out) {
    if (!ifNotExists(out.ifColumnNotExists)) {
        return false;
    }
    if (at(kIdent)) {
        return addedColumn(out.columns.emplace_back());
    }
    if (!accept(TokenKind::LeftParen)) {
        return noViable();
    }
    do {
        if (!addedColumn(out.columns.emplace_back())) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return expect(TokenKind::RightParen);
}

bool Parser::addedColumn(ColumnDefinition& out) {
    if (!ident(out.name) || !comparatorType(out.type)) {
        return false;
    }
    out.isStatic = accept(TokenKind::KStatic);
    return !at(TokenKind::KMasked) || columnMask(out.mask.emplace());
}

bool Parser::dropColumns(AlterTableStatement::DropColumns& out) {
    if (!ifExists(out.ifColumnExists)) {
        return false;
    }
    if (at(kIdent)) {
        takeName(out.columns.emplace_back());
    } else if (!at(TokenKind::LeftParen)) {
        return noViable();
    } else if (!identList(out.columns)) {
        return false;
    }
    if (!accept(TokenKind::KUsing)) {
        return true;
    }
    if (!expect(TokenKind::KTimestamp)) {
        return false;
    }
    const Token& digits = token();
    if (!expect(TokenKind::Integer)) {
        return false;
    }
    const std::string number(raw(digits));
    char* end = nullptr;
    errno = 0;
    out.timestamp = std::strtoll(number.c_str(), &end, 10);
    return errno == 0 ||
           thrown("NumberFormatException For input string: \"" + number + "\"", digits);
}

bool Parser::renames(std::vector<std::pair<Name, Name>>& out) {
    do {
        auto& [from, to] = out.emplace_back();
        if (!ident(from) || !expect(TokenKind::KTo) || !ident(to)) {
            return false;
        }
    } while (accept(TokenKind::KAnd));
    return true;
}

}  // namespace engine::cql::syntax
