#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cql/syntax/ast.h"
#include "engine/cql/syntax/lexer.h"
#include "engine/cql/syntax/token_sets.h"

namespace engine::cql::syntax {

/// Recursive descent over one statement, a method for each rule of Cassandra's Parser.g. Made for
/// one parse and thrown away.
///
/// Every method returns false once the statement is refused; the first error stays. So that errors
/// are ANTLR's to the letter, methods keep to two ways of failing:
/// - expect() where the grammar knows the one token that must come: "mismatched input";
/// - noViable(k) where it has to choose: "no viable alternative", naming the k-th token ahead, at
///   which the choice became impossible. The predict… methods are ANTLR's lookahead automata
///   (DFA classes of the generated parser); choices without an error of their own (optional parts,
///   loops) just test the next token.
/// ANTLR fetches tokens only as it looks at them, and the quoted part of the query ends at the last
/// one fetched; touch() keeps count.
class Parser {
public:
    explicit Parser(std::string_view text);

    bool query(ParsedStatement& out);
    bool whereClause(std::vector<Relation>& out);
    bool term(Term& out);
    bool comparatorType(TypeRef& out);
    bool end() { return expect(TokenKind::Eof); }
    /// Whole text or nothing: what the lexer stumbled over counts too.
    bool succeeded();
    Error takeError() { return std::move(*m_error); }

private:
    // ---- The token stream ----
    const Token& token(std::size_t ahead = 0) const {
        const std::size_t i = m_position + ahead;
        return m_tokens[i < m_tokens.size() ? i : m_tokens.size() - 1];
    }
    TokenKind peek() const { return m_tokens[m_position].kind; }
    /// Looks ahead without counting it as ANTLR's: for the predict… methods.
    TokenKind look(std::size_t ahead) const { return token(ahead).kind; }
    void touch(std::size_t ahead) {
        m_frontier = m_position + ahead > m_frontier ? m_position + ahead : m_frontier;
    }
    TokenKind peek(std::size_t ahead) {
        touch(ahead);
        return look(ahead);
    }
    bool at(TokenKind kind) const { return peek() == kind; }
    bool at(const TokenSet& set) const { return set.has(peek()); }
    void advance() { m_position += m_position + 1 < m_tokens.size() ? 1 : 0; }
    bool accept(TokenKind kind) {
        if (peek() != kind) {
            return false;
        }
        advance();
        return true;
    }
    bool expect(TokenKind kind) {
        if (peek() != kind) {
            return mismatched(antlrName(kind));
        }
        advance();
        return true;
    }
    template <typename... Rest>
    bool expect(TokenKind kind, Rest... rest) {
        return expect(kind) && expect(rest...);
    }
    std::string_view raw(const Token& t) const { return m_text.substr(t.offset, t.length); }
    std::string text(const Token& t) const;
    SourceSpan span(const Token& t) const { return {t.offset, t.length, t.line, t.column}; }
    /// From the token at `start` to the last one consumed.
    SourceSpan spanFrom(std::size_t start) const;

    // ---- Errors ----
    bool mismatched(std::string_view expecting);
    bool noViable(std::size_t ahead = 0);
    /// addRecognitionError of an action of the grammar.
    bool semantic(std::string message, const Token& where);
    /// A Java exception out of an action.
    bool thrown(std::string reason, const Token& where);
    bool tooDeep();

    /// A syntactic predicate of the grammar, `(rule)=>`: run() parses for real, and is undone when
    /// it fails. Errors inside stay silent.
    template <typename Run>
    bool attempt(Run run);

    struct Nesting {
        explicit Nesting(Parser& parser) : m_parser(parser) { ++parser.m_depth; }
        ~Nesting() { --m_parser.m_depth; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;
        Parser& m_parser;
    };

    // ---- Names (parser_names.cpp) ----
    void takeName(Name& out);
    bool ident(Name& out);
    bool cident(Name& out);
    bool objectName(Name& out, std::string_view kindInMessage);
    bool keyspaceName(Name& out) { return objectName(out, "keyspace"); }
    bool columnFamilyName(QualifiedName& out);
    bool indexName(QualifiedName& out);
    bool userTypeName(QualifiedName& out);
    bool functionName(QualifiedName& out);
    bool allowedFunctionName(Name& out);
    bool roleName(Name& out);
    bool username(Name& out);
    bool identity(std::string& out);
    bool stringLiteral(std::string& out);
    bool marker(Term& out);
    bool nativeType(TypeRef& out);
    bool freeze(TypeRef& type, const Token& where);
    bool parameterised(TypeRef& out, TypeRef::Kind kind);
    bool collectionParameters(TypeRef& out);
    bool typeInside(TypeRef& out, std::string_view calledOnNull);
    bool ifNotExists(bool& out);
    bool ifExists(bool& out);

    // ---- Terms (parser_terms.cpp, parser_terms_ahead.cpp) ----
    bool constant(Literal& out);
    bool checkFloat(std::string_view number, const Token& where);
    bool intValue(Term& out);
    bool termAddition(Term& out);
    bool termMultiplication(Term& out);
    bool termGroup(Term& out);
    bool simpleTerm(Term& out);
    bool value(Term& out);
    bool braces(Term& out);
    bool collectionBraces(Term& out);
    bool userTypeLiteral(Term& out);
    bool tupleLiteral(Term& out);
    bool typeHint(Term& out);
    bool cast(Term& out);
    bool function(Term& out);
    bool termList(std::vector<Term>& out);
    bool combine(Term& left, char op, std::size_t start, bool (Parser::*operand)(Term&));
    int predictSimpleTerm();
    int predictParenthesised();
    int predictAfterCustomType(std::size_t ahead);
    int predictAddition();
    int predictFunction();

    // ---- Selections (parser_select.cpp, parser_selectors.cpp) ----
    bool selectStatement(SelectStatement& out);
    bool selectClause(SelectStatement& out);
    bool selectors(std::vector<SelectItem>& out, SourceSpan& wildcard);
    bool selector(SelectItem& out);
    bool unaliasedSelector(Selector& out);
    bool selectionMultiplication(Selector& out);
    bool selectionGroup(Selector& out);
    bool selectorModifiers(Selector& out);
    bool collectionSubSelection(Selector& out);
    bool selectionGroupWithoutField(Selector& out);
    bool selectionTypeHint(Selector& out);
    bool selectionMapOrSet(Selector& out);
    bool simpleUnaliasedSelector(Selector& out);
    bool selectionFunction(Selector& out);
    bool selectionFunctionArgs(std::vector<Selector>& out);
    bool metadataSelector(Selector& out, MetadataSelector::Kind kind);
    bool selectorList(std::vector<Selector>& out);
    bool combine(Selector& left, char op, std::size_t start, bool (Parser::*operand)(Selector&));
    int predictSimpleSelector();
    int predictSelectionFunction();
    bool groupBy(SelectStatement& out);
    bool orderBy(SelectStatement& out);
    bool limits(SelectStatement& out);

    // ---- WHERE and IF (parser_where.cpp) ----
    bool relationOrExpression(std::vector<Relation>& out);
    bool relation(Relation& out);
    bool columnRelation(Relation& out, int alternative);
    bool columnsRelation(Relation& out);
    bool multiColumnIn(Relation& out);
    bool customIndexExpression(Relation& out);
    bool relationType(Operator& out);
    bool containsOperator(Operator& out);
    bool inValues(std::vector<Term>& out, bool& isMarker);
    bool tupleOfIdentifiers(std::vector<Name>& out);
    int predictRelation();
    bool conditions(bool& exists, std::vector<Condition>& out);
    bool columnCondition(Condition& out);
    bool conditionTail(Condition& out, bool containsAllowed);

    // ---- Writing (parser_write.cpp) ----
    bool insertStatement(Modification& out);
    bool normalInsert(InsertStatement& out);
    bool jsonInsert(InsertJsonStatement& out);
    bool updateStatement(UpdateStatement& out);
    bool deleteStatement(DeleteStatement& out);
    bool batchStatement(BatchStatement& out);
    bool modification(Modification& out);
    bool usingClause(Using& out);
    bool columnOperation(std::vector<Assignment>& out);
    bool normalColumnOperation(Assignment& out);
    bool addAssignment(std::vector<Assignment>& out, Assignment assignment, const Token& where);
    bool deleteOp(Deletion& out);
    int predictNormalOperation();

    // ---- Schema (parser_schema.cpp, parser_tables.cpp) ----
    bool createStatement(Statement& out);
    bool dropStatement(Statement& out);
    bool alterStatement(Statement& out);
    bool createKeyspace(CreateKeyspaceStatement& out);
    bool createTable(CreateTableStatement& out);
    bool tableColumns(CreateTableStatement& out);
    bool tableProperty(std::vector<Property>& properties, std::vector<ClusteringOrder>& order,
                       bool* compactStorage);
    bool primaryKeyBody(PrimaryKey& out);
    bool columnMask(Mask& out);
    bool createType(CreateTypeStatement& out);
    bool createIndex(CreateIndexStatement& out);
    bool indexIdent(IndexTarget& out);
    bool createView(CreateViewStatement& out);
    bool createFunction(CreateFunctionStatement& out);
    bool createAggregate(CreateAggregateStatement& out);
    bool createTrigger(CreateTriggerStatement& out);
    bool typesInParentheses(std::vector<TypeRef>& out);
    bool dropFunction(QualifiedName& name, bool& exists,
                      std::optional<std::vector<TypeRef>>& types);
    bool alterKeyspace(AlterKeyspaceStatement& out);
    bool alterTable(AlterTableStatement& out);
    bool addColumns(AlterTableStatement::AddColumns& out);
    bool addedColumn(ColumnDefinition& out);
    bool dropColumns(AlterTableStatement::DropColumns& out);
    bool alterType(AlterTypeStatement& out);
    bool alterView(AlterViewStatement& out);
    bool renames(std::vector<std::pair<Name, Name>>& out);
    bool identList(std::vector<Name>& out);
    int predictAlterTable();
    bool properties(std::vector<Property>& out);
    bool property(std::vector<Property>& out);
    bool propertyMap(PropertyMap& out);
    bool fullMapLiteral(MapTerm& out);
    bool convertPropertyMap(const MapTerm& map, PropertyMap& out, const Token& where);
    std::string propertyText(const Term& term) const;

    // ---- Access control (parser_access.cpp, parser_roles.cpp), DESCRIBE ----
    bool grantStatement(Statement& out);
    bool revokeStatement(Statement& out);
    bool listStatement(Statement& out);
    bool permissionOrAll(std::vector<Permission>& out);
    bool permission(std::vector<Permission>& out);
    bool resource(Resource& out);
    bool dataResource(Resource& out);
    bool roleResource(Resource& out);
    bool functionResource(Resource& out);
    bool jmxResource(Resource& out);
    bool filterPermissions(std::vector<Permission>& permissions, const Resource& resource,
                           const Token& where);
    bool createUser(CreateRoleStatement& out);
    bool alterUser(AlterRoleStatement& out);
    bool createRole(CreateRoleStatement& out);
    bool alterRole(AlterRoleStatement& out);
    bool userOptions(RoleOptions& out);
    bool roleOptions(RoleOptions& out);
    bool roleOption(RoleOptions& out);
    bool accessOption(RoleOptions& out);
    bool booleanOption(std::optional<bool>& out, std::string_view name);
    bool passwordOption(std::optional<std::string>& out, std::string_view name);
    bool addIdentity(AddIdentityStatement& out);
    bool describeStatement(DescribeStatement& out);
    int predictDescribe();

    bool statement(Statement& out);
    int predictGrant(TokenKind preposition);

    std::string_view m_text;
    std::vector<Token> m_tokens;  // Without blanks and comments; the last is Eof, or Error.
    std::size_t m_position = 0;
    std::size_t m_frontier = 0;
    std::size_t m_depth = 0;
    unsigned m_attempts = 0;  // Attempts that run() now, one within the other.
    std::optional<LexError> m_lexError;
    std::optional<Error> m_error;
    std::optional<Error> m_attemptError;  // A semantic error to raise if the attempt succeeds.
    std::vector<BindMarker> m_markers;
    std::unordered_map<std::string, bool> m_assigned;  // Columns of SET: set as a whole?
};

template <typename Run>
bool Parser::attempt(Run run) {
    const std::size_t position = m_position;
    const std::size_t markers = m_markers.size();
    std::optional<Error> outer = m_attemptError;
    ++m_attempts;
    const bool matched = run();
    --m_attempts;
    if (!matched) {
        m_position = position;
        m_markers.resize(markers);
        m_attemptError = std::move(outer);
        return false;
    }
    if (m_attempts == 0 && m_attemptError) {
        m_error = std::move(m_attemptError);
    }
    return true;
}

}  // namespace engine::cql::syntax
