#include "engine/cql/syntax/parser_state.h"

// SELECT: Parser.g from `selectStatement` to `selector`, and its clauses.
namespace engine::cql::syntax {

bool Parser::selectStatement(SelectStatement& out) {
    advance();
    if (at(TokenKind::KJson)) {
        touch(2);
        const bool json = attempt([&] {
            advance();
            return selectClause(out);
        });
        if (json) {
            out.json = true;
        } else {
            out = SelectStatement{};
        }
    } else if (!at(kSelectorStart) && !at(TokenKind::Star)) {
        return noViable();
    } else {
        touch(1);
    }
    if (!out.json && !selectClause(out)) {
        return false;
    }
    if (!expect(TokenKind::KFrom) || !columnFamilyName(out.table)) {
        return false;
    }
    if (accept(TokenKind::KWhere) && !whereClause(out.where)) {
        return false;
    }
    return groupBy(out) && orderBy(out) && limits(out);
}

bool Parser::groupBy(SelectStatement& out) {
    if (!accept(TokenKind::KGroup)) {
        return true;
    }
    return expect(TokenKind::KBy) && selectorList(out.groupBy);
}

bool Parser::orderBy(SelectStatement& out) {
    if (!accept(TokenKind::KOrder)) {
        return true;
    }
    if (!expect(TokenKind::KBy)) {
        return false;
    }
    do {
        Ordering& ordering = out.orderBy.emplace_back();
        if (!cident(ordering.column)) {
            return false;
        }
        if (accept(TokenKind::KAnn) &&
            (!expect(TokenKind::KOf) || !term(ordering.annOf.emplace()))) {
            return false;
        }
        ordering.descending = accept(TokenKind::KDesc);
        if (!ordering.descending) {
            accept(TokenKind::KAsc);
        }
    } while (accept(TokenKind::Comma));
    return true;
}

bool Parser::limits(SelectStatement& out) {
    if (accept(TokenKind::KPer) &&
        (!expect(TokenKind::KPartition, TokenKind::KLimit) ||
         !intValue(out.perPartitionLimit.emplace()))) {
        return false;
    }
    if (accept(TokenKind::KLimit) && !intValue(out.limit.emplace())) {
        return false;
    }
    if (accept(TokenKind::KAllow)) {
        out.allowFiltering = true;
        return expect(TokenKind::KFiltering);
    }
    return true;
}

bool Parser::selectClause(SelectStatement& out) {
    if (at(TokenKind::KDistinct)) {
        touch(2);
        const bool distinct = attempt([&] {
            advance();
            return selectors(out.items, out.wildcard);
        });
        if (distinct) {
            out.distinct = true;
            return true;
        }
        out.items.clear();
    } else if (!at(kSelectorStart) && !at(TokenKind::Star)) {
        return noViable();
    }
    touch(1);
    return selectors(out.items, out.wildcard);
}

bool Parser::selectors(std::vector<SelectItem>& out, SourceSpan& wildcard) {
    if (at(TokenKind::Star)) {
        wildcard = span(token());
        advance();
        return true;
    }
    if (!at(kSelectorStart)) {
        return noViable();
    }
    do {
        if (!selector(out.emplace_back())) {
            return false;
        }
    } while (accept(TokenKind::Comma));
    return true;
}

bool Parser::selector(SelectItem& out) {
    return unaliasedSelector(out.selector) &&
           (!accept(TokenKind::KAs) || ident(out.alias.emplace()));
}

}  // namespace engine::cql::syntax
