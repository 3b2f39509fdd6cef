#include <QtTest>

#include "engine/cql/syntax/parser.h"

using namespace engine::cql::syntax;

/// What the parser makes of statements it accepts.
class ParserTest : public QObject {
    Q_OBJECT

private slots:
    void selectKeepsEveryClause();
    void selectorsOfEveryKind();
    void wordsThatAreColumnsToo();
    void relationsOfEveryKind();
    void termsOfEveryKind();
    void markersAreNumberedInOrder();
    void insertAndJson();
    void updateAssignments();
    void deleteColumnsAndConditions();
    void batchHoldsItsStatements();
    void createTable();
    void alterTable();
    void typesFunctionsIndexesViews();
    void propertiesKeepRawText();
    void rolesAndPermissions();
    void describe();
    void namesFoldUnlessQuoted();
    void spansCoverTheirText();
    void fragments();
    void simpleStatementsParseInMicroseconds();
};

namespace {

template <typename T>
T parsed(std::string_view cql) {
    auto result = parse(cql);
    if (!result) {
        qFatal("%s: %s", std::string(cql).c_str(), result.error().message.c_str());
    }
    return std::get<T>(std::move(result.value().statement));
}

template <typename T>
const T& as(const Term& term) {
    return std::get<T>(term.node);
}

template <typename T>
const T& as(const Selector& selector) {
    return std::get<T>(selector.node);
}

Term valueOf(const std::string& text) {
    return parsed<SelectStatement>("SELECT k FROM t WHERE k = " + text).where.at(0).values.at(0);
}

Relation relationOf(const std::string& text) {
    return parsed<SelectStatement>("SELECT k FROM t WHERE " + text).where.at(0);
}

}  // namespace

void ParserTest::selectKeepsEveryClause() {
    const auto select = parsed<SelectStatement>(
        "SELECT JSON DISTINCT a, b AS \"B\" FROM ks.t WHERE a = 1 AND b > 2 GROUP BY a, f(b) "
        "ORDER BY b DESC, v ANN OF [1, 2] PER PARTITION LIMIT 3 LIMIT ? ALLOW FILTERING;;");
    QVERIFY(select.json && select.distinct && select.allowFiltering);
    QCOMPARE(select.items.size(), std::size_t{2});
    QCOMPARE(select.items[1].alias->text, std::string("B"));
    QCOMPARE(select.table.keyspace.text, std::string("ks"));
    QCOMPARE(select.table.name.text, std::string("t"));
    QCOMPARE(select.where.size(), std::size_t{2});
    QVERIFY(select.where[1].op == Operator::Gt);
    QCOMPARE(select.groupBy.size(), std::size_t{2});
    QVERIFY(select.orderBy[0].descending && !select.orderBy[0].annOf);
    QVERIFY(!select.orderBy[1].descending && select.orderBy[1].annOf);
    QCOMPARE(as<Literal>(*select.perPartitionLimit).text, std::string("3"));
    QCOMPARE(as<MarkerRef>(*select.limit).index, 0);
    QVERIFY(parsed<SelectStatement>("SELECT * FROM t").items.empty());
}

void ParserTest::selectorsOfEveryKind() {
    const auto select = parsed<SelectStatement>(
        "SELECT count(*), writetime(m[1]), ttl(u.f), cast(a AS text), ks.f(a, 1), u.f.g, m['x'], "
        "m[1..], a + b * 2, - a, (int) 5, (a, b), [a], {a}, {a: 1}, token(k), null, ?, (a) FROM t");
    const auto item = [&](std::size_t i) -> const Selector& { return select.items[i].selector; };
    QVERIFY(std::holds_alternative<CountRowsSelector>(item(0).node));
    const auto& writetime = as<MetadataSelector>(item(1));
    QVERIFY(writetime.kind == MetadataSelector::Kind::Writetime);
    QVERIFY(std::holds_alternative<ElementSelector>(writetime.target[0].node));
    QVERIFY(as<MetadataSelector>(item(2)).kind == MetadataSelector::Kind::Ttl);
    QCOMPARE(as<CastSelector>(item(3)).type.name, std::string("text"));
    QCOMPARE(as<CallSelector>(item(4)).function.keyspace.text, std::string("ks"));
    QCOMPARE(as<CallSelector>(item(4)).arguments.size(), std::size_t{2});
    QCOMPARE(as<FieldSelector>(item(5)).field.text, std::string("g"));
    QCOMPARE(as<Literal>(as<ElementSelector>(item(6)).key).text, std::string("x"));
    QVERIFY(as<SliceSelector>(item(7)).from && !as<SliceSelector>(item(7)).to);
    QCOMPARE(as<ArithmeticSelector>(item(8)).op, '+');
    QCOMPARE(as<ArithmeticSelector>(as<ArithmeticSelector>(item(8)).operands[1]).op, '*');
    QVERIFY(std::holds_alternative<NegateSelector>(item(9).node));
    QVERIFY(std::holds_alternative<HintSelector>(item(10).node));
    QCOMPARE(as<TupleSelector>(item(11)).items.size(), std::size_t{2});
    QVERIFY(std::holds_alternative<ListSelector>(item(12).node));
    QVERIFY(std::holds_alternative<SetSelector>(item(13).node));
    QVERIFY(std::holds_alternative<MapSelector>(item(14).node));
    QCOMPARE(as<CallSelector>(item(15)).function.name.text, std::string("token"));
    QVERIFY(as<Literal>(as<TermSelector>(item(16)).term).kind == LiteralKind::Null);
    QVERIFY(std::holds_alternative<MarkerRef>(as<TermSelector>(item(17)).term.node));
    QCOMPARE(as<TupleSelector>(item(18)).items.size(), std::size_t{1});
}

void ParserTest::wordsThatAreColumnsToo() {
    const auto json = parsed<SelectStatement>("SELECT json, json[1] FROM t");
    QVERIFY(!json.json && json.items.size() == 2);
    const auto distinct = parsed<SelectStatement>("SELECT distinct, ttl, count, cast FROM t");
    QVERIFY(!distinct.distinct);
    QCOMPARE(distinct.items.size(), std::size_t{4});
    QVERIFY(parsed<SelectStatement>("SELECT json json FROM t").json);
    const auto update = parsed<UpdateStatement>("UPDATE t SET a = 1 WHERE k = 1 IF exists = 2");
    QVERIFY(!update.ifExists && update.conditions.size() == 1);
}

void ParserTest::relationsOfEveryKind() {
    QVERIFY(relationOf("a != 1").op == Operator::Neq);
    QVERIFY(relationOf("a LIKE 'x%'").op == Operator::Like);
    QVERIFY(relationOf("a IS NOT NULL").values.empty());
    QVERIFY(relationOf("a CONTAINS 1").op == Operator::Contains);
    QVERIFY(relationOf("a CONTAINS KEY 1").op == Operator::ContainsKey);
    QCOMPARE(relationOf("a IN (1, 2)").values.size(), std::size_t{2});
    QVERIFY(relationOf("a IN ()").values.empty());
    QVERIFY(relationOf("a IN ?").inMarker && relationOf("(a, b) IN :x").inMarker);
    QVERIFY(!relationOf("a IN (?)").inMarker);
    const Relation element = relationOf("m['k'] = 2");
    QVERIFY(element.kind == Relation::Kind::Element && element.key);
    const Relation columns = relationOf("(a, b) IN ((1, 2), (3, 4))");
    QVERIFY(columns.kind == Relation::Kind::Columns && columns.op == Operator::In);
    QCOMPARE(as<TupleTerm>(columns.values[1]).items.size(), std::size_t{2});
    QVERIFY(relationOf("(a, b) > ?").values.size() == 1);
    QVERIFY(relationOf("token(a, b) >= 5").kind == Relation::Kind::Token);
    QVERIFY(relationOf("((a = 1))").kind == Relation::Kind::Column);
    QCOMPARE(relationOf("expr(idx, 'q')").index.name.text, std::string("idx"));
}

void ParserTest::termsOfEveryKind() {
    const auto kindOf = [](const std::string& text) { return as<Literal>(valueOf(text)).kind; };
    QVERIFY(kindOf("'a''b'") == LiteralKind::String);
    QCOMPARE(as<Literal>(valueOf("'a''b'")).text, std::string("a'b"));
    QCOMPARE(as<Literal>(valueOf("$$a'b$$")).text, std::string("a'b"));
    QVERIFY(kindOf("-5") == LiteralKind::Integer && kindOf("1.5") == LiteralKind::Float);
    QVERIFY(kindOf("TRUE") == LiteralKind::Boolean && kindOf("0xAB") == LiteralKind::Hex);
    QVERIFY(kindOf("1h") == LiteralKind::Duration && kindOf("null") == LiteralKind::Null);
    QCOMPARE(as<Literal>(valueOf("-infinity")).text, std::string("-Infinity"));
    QCOMPARE(as<ListTerm>(valueOf("[1, 2]")).items.size(), std::size_t{2});
    QVERIFY(as<SetTerm>(valueOf("{}")).items.empty());
    QCOMPARE(as<SetTerm>(valueOf("{1, 2}")).items.size(), std::size_t{2});
    QCOMPARE(as<MapTerm>(valueOf("{1: 'a', 2: 'b'}")).entries.size(), std::size_t{2});
    QCOMPARE(as<UserTypeTerm>(valueOf("{a: 1, \"B\": 2}")).fields[1].name.text, std::string("B"));
    QCOMPARE(as<TupleTerm>(valueOf("(1, 'a')")).items.size(), std::size_t{2});
    QVERIFY(as<CallTerm>(valueOf("now()")).arguments.empty());
    QCOMPARE(as<CallTerm>(valueOf("system.blob_as_int(0x01)")).function.keyspace.text,
             std::string("system"));
    QCOMPARE(as<CastTerm>(valueOf("CAST(1 AS text)")).type.name, std::string("text"));
    QVERIFY(as<HintTerm>(valueOf("(frozen<list<int>>) [1]")).type.frozen);
    const auto sum = as<ArithmeticTerm>(valueOf("1 + 2 * 3 - 4"));
    QCOMPARE(sum.op, '-');
    QCOMPARE(as<ArithmeticTerm>(sum.operands[0]).op, '+');
    QVERIFY(std::holds_alternative<NegateTerm>(valueOf("- now()").node));
}

void ParserTest::markersAreNumberedInOrder() {
    const auto result =
        parse("SELECT (int) ?, (text) :a FROM t WHERE k = :\"B\" AND c IN ? LIMIT ?");
    QVERIFY(result.has_value());
    const std::vector<BindMarker>& markers = result.value().markers;
    QCOMPARE(markers.size(), std::size_t{5});
    QVERIFY(!markers[0].name && !markers[3].name);
    QCOMPARE(markers[1].name->text, std::string("a"));
    QCOMPARE(markers[2].name->text, std::string("B"));
    const auto& select = std::get<SelectStatement>(result.value().statement);
    QCOMPARE(as<MarkerRef>(select.where[1].values[0]).index, 3);
    QCOMPARE(as<MarkerRef>(*select.limit).index, 4);
}

void ParserTest::insertAndJson() {
    const auto insert = parsed<InsertStatement>(
        "INSERT INTO t (k, \"\") VALUES (1, 2) IF NOT EXISTS USING TTL 5 AND TIMESTAMP ?");
    QCOMPARE(insert.columns.size(), std::size_t{2});
    QVERIFY(insert.columns[1].quoted && !insert.columns[1].absent());
    QVERIFY(insert.ifNotExists && insert.using_.ttl && insert.using_.timestamp);
    const auto json = parsed<InsertJsonStatement>("INSERT INTO t JSON '{}' DEFAULT UNSET");
    QVERIFY(json.defaultUnset && !json.ifNotExists);
    QVERIFY(!parsed<InsertJsonStatement>("INSERT INTO t JSON ? DEFAULT NULL").defaultUnset);
}

void ParserTest::updateAssignments() {
    const auto update = parsed<UpdateStatement>(
        "UPDATE t USING TTL 1 SET a = 1, b = b + 1, c = c - 1, d = [1] + d, e[0] = 1, f.g = 1, "
        "h += 1, i -= 1, j = j -3 WHERE k = 1 IF EXISTS");
    using Kind = Assignment::Kind;
    const Kind expected[] = {Kind::Set,      Kind::Add, Kind::Subtract, Kind::Prepend,
                             Kind::SetElement, Kind::SetField, Kind::Add, Kind::Subtract,
                             Kind::Add};
    QCOMPARE(update.assignments.size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        QVERIFY(update.assignments[i].kind == expected[i]);
    }
    QCOMPARE(as<Literal>(update.assignments[8].value).text, std::string("-3"));
    QVERIFY(update.ifExists && update.using_.ttl);
}

void ParserTest::deleteColumnsAndConditions() {
    const auto drop = parsed<DeleteStatement>(
        "DELETE a, b[1], c.d FROM t USING TIMESTAMP 5 WHERE k = 1 "
        "IF a = 1 AND b[1] IN (1, 2) AND c.d != 3 AND e IN ? AND f CONTAINS KEY 4");
    QVERIFY(drop.columns[1].element && drop.columns[2].field);
    QCOMPARE(drop.conditions.size(), std::size_t{5});
    QVERIFY(drop.conditions[1].element && drop.conditions[1].op == Operator::In);
    QVERIFY(drop.conditions[2].field && drop.conditions[3].inMarker);
    QVERIFY(parsed<DeleteStatement>("DELETE FROM t WHERE k = 1").columns.empty());
}

void ParserTest::batchHoldsItsStatements() {
    const auto batch = parsed<BatchStatement>(
        "BEGIN UNLOGGED BATCH USING TIMESTAMP 1 INSERT INTO t (k) VALUES (1); "
        "UPDATE t SET v = 1 WHERE k = 1 DELETE FROM t WHERE k = 2; INSERT INTO t JSON '{}' "
        "APPLY BATCH;");
    QVERIFY(batch.kind == BatchStatement::Kind::Unlogged && batch.using_.timestamp);
    QCOMPARE(batch.statements.size(), std::size_t{4});
    QVERIFY(std::holds_alternative<DeleteStatement>(batch.statements[2]));
}

void ParserTest::createTable() {
    const auto table = parsed<CreateTableStatement>(
        "CREATE TABLE IF NOT EXISTS k.t (a int, b frozen<map<text, ks.ty>>, c vector<float, 3>, "
        "s text STATIC MASKED WITH mask_inner(1, null), m int MASKED WITH DEFAULT, "
        "PRIMARY KEY ((a, b), c),) WITH COMPACT STORAGE AND CLUSTERING ORDER BY (c DESC) "
        "AND comment = 'x'");
    QVERIFY(table.ifNotExists && table.compactStorage);
    QCOMPARE(table.columns.size(), std::size_t{5});
    const TypeRef& map = table.columns[1].type;
    QVERIFY(map.kind == TypeRef::Kind::Map && map.frozen);
    QVERIFY(map.parameters[1].kind == TypeRef::Kind::User);
    QCOMPARE(map.parameters[1].keyspace.text, std::string("ks"));
    QCOMPARE(table.columns[2].type.dimension, 3);
    QVERIFY(table.columns[3].isStatic);
    QCOMPARE(table.columns[3].mask->arguments.size(), std::size_t{2});
    QVERIFY(table.columns[4].mask->isDefault);
    QCOMPARE(table.primaryKeys[0].partition.size(), std::size_t{2});
    QCOMPARE(table.primaryKeys[0].clustering[0].text, std::string("c"));
    QVERIFY(table.clusteringOrder[0].descending);
    QCOMPARE(table.properties[0].value, std::string("x"));
}

void ParserTest::alterTable() {
    const auto change = [](const char* cql) { return parsed<AlterTableStatement>(cql).change; };
    using Alter = AlterTableStatement;
    QVERIFY(std::get<Alter::AddColumns>(
                change("ALTER TABLE IF EXISTS t ADD IF NOT EXISTS (a int, b text STATIC)"))
                .columns[1]
                .isStatic);
    const auto drop = std::get<Alter::DropColumns>(
        change("ALTER TABLE t DROP IF EXISTS (a, b) USING TIMESTAMP 5"));
    QVERIFY(drop.ifColumnExists && drop.columns.size() == 2 && drop.timestamp == 5);
    QCOMPARE(std::get<Alter::RenameColumns>(change("ALTER TABLE t RENAME a TO b AND c TO d"))
                 .columns.size(),
             std::size_t{2});
    QVERIFY(std::holds_alternative<Alter::DropCompactStorage>(
        change("ALTER TABLE t DROP COMPACT STORAGE")));
    QVERIFY(std::holds_alternative<Alter::DropColumns>(change("ALTER TABLE t DROP compact")));
    QVERIFY(std::holds_alternative<Alter::AlterColumnType>(
        change("ALTER TABLE t ALTER a TYPE bigint")));
    QVERIFY(!std::get<Alter::MaskColumn>(change("ALTER TABLE t ALTER a DROP MASKED")).mask);
    QVERIFY(std::get<Alter::MaskColumn>(change("ALTER TABLE t ALTER a MASKED WITH default()"))
                .mask->arguments.empty());
    QVERIFY(std::holds_alternative<Alter::SetProperties>(
        change("ALTER TABLE t WITH compression = {'enabled': false}")));
}

void ParserTest::typesFunctionsIndexesViews() {
    QCOMPARE(parsed<CreateTypeStatement>("CREATE TYPE k.ty (a int, b text,)").fields.size(),
             std::size_t{2});
    QVERIFY(std::holds_alternative<AlterTypeStatement::RenameFields>(
        parsed<AlterTypeStatement>("ALTER TYPE ty RENAME a TO b").change));
    const auto function = parsed<CreateFunctionStatement>(
        "CREATE OR REPLACE FUNCTION f (a int, b list<text>) CALLED ON NULL INPUT RETURNS int "
        "LANGUAGE Java AS $$ return 1; $$");
    QVERIFY(function.orReplace && function.calledOnNullInput);
    QCOMPARE(function.language, std::string("java"));
    QCOMPARE(function.body, std::string(" return 1; "));
    const auto aggregate = parsed<CreateAggregateStatement>(
        "CREATE AGGREGATE a (int) SFUNC s STYPE tuple<int, int> FINALFUNC f INITCOND (0, 0)");
    QVERIFY(aggregate.finalFunction && aggregate.initialCondition);
    QVERIFY(!parsed<DropFunctionStatement>("DROP FUNCTION f").argumentTypes);
    QVERIFY(parsed<DropAggregateStatement>("DROP AGGREGATE f ()").argumentTypes->empty());
    const auto index = parsed<CreateIndexStatement>(
        "CREATE CUSTOM INDEX IF NOT EXISTS ON t (keys(m), values, full(l)) USING 'sai' WITH "
        "OPTIONS = {'a': 1}");
    QVERIFY(index.custom && index.index.absent() && index.usingClass == "sai");
    QVERIFY(index.targets[0].kind == IndexTarget::Kind::Keys);
    QVERIFY(index.targets[1].kind == IndexTarget::Kind::Simple);
    QVERIFY(index.targets[2].kind == IndexTarget::Kind::Full);
    const auto view = parsed<CreateViewStatement>(
        "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL AND b IS NOT NULL "
        "PRIMARY KEY (b, a) WITH CLUSTERING ORDER BY (a ASC)");
    QCOMPARE(view.where.size(), std::size_t{2});
    QCOMPARE(view.primaryKey.clustering[0].text, std::string("a"));
}

void ParserTest::propertiesKeepRawText() {
    const auto keyspace = parsed<CreateKeyspaceStatement>(
        "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1} "
        "AND durable_writes = TRUE AND x = NaN AND Y = text AND z = All");
    QVERIFY(keyspace.properties[0].isMap);
    QCOMPARE(keyspace.properties[0].map[1].second, std::string("1"));
    QCOMPARE(keyspace.properties[1].value, std::string("TRUE"));
    QCOMPARE(keyspace.properties[2].value, std::string("NaN"));
    QCOMPARE(keyspace.properties[3].name.text, std::string("y"));
    QCOMPARE(keyspace.properties[4].value, std::string("All"));
}

void ParserTest::rolesAndPermissions() {
    const auto role = parsed<CreateRoleStatement>(
        "CREATE ROLE 'r' WITH PASSWORD = 'p' AND SUPERUSER = true AND OPTIONS = {'a': 'b'} "
        "AND ACCESS TO DATACENTERS {'dc1', 'dc2'} AND ACCESS FROM ALL CIDRS");
    QVERIFY(role.options.password == "p" && role.options.superuser == true);
    QVERIFY(role.options.login == false && !role.isUser);
    QCOMPARE(role.options.datacenters->names.size(), std::size_t{2});
    QVERIFY(role.options.cidrs->all);
    const auto user = parsed<CreateRoleStatement>("CREATE USER Bob WITH PASSWORD 'p' NOSUPERUSER");
    QVERIFY(user.isUser && user.options.login == true && user.role.text == "Bob");
    const auto grant = parsed<GrantPermissionsStatement>(
        "GRANT SELECT, MODIFY PERMISSION ON ALL TABLES IN KEYSPACE k TO r");
    QVERIFY(grant.resource.kind == Resource::Kind::AllTables);
    QVERIFY((grant.permissions == std::vector{Permission::Select, Permission::Modify}));
    QVERIFY(parsed<GrantRoleStatement>("GRANT all TO r").role.text == "all");
    QVERIFY(parsed<RevokePermissionsStatement>("REVOKE ALL ON FUNCTION k.f(int) FROM r")
                .resource.kind == Resource::Kind::Function);
    QVERIFY(!parsed<ListRolesStatement>("LIST ROLES OF r NORECURSIVE").recursive);
    QVERIFY(parsed<ListPermissionsStatement>("LIST ALL OF r").permissions.size() == 10);
    QVERIFY(parsed<AddIdentityStatement>("ADD IDENTITY 'i' TO ROLE 'r'").identity == "i");
}

void ParserTest::describe() {
    using Kind = DescribeStatement::Kind;
    const auto kindOf = [](const char* cql) { return parsed<DescribeStatement>(cql).kind; };
    QVERIFY(kindOf("DESC CLUSTER") == Kind::Cluster);
    QVERIFY(kindOf("DESCRIBE FULL SCHEMA") == Kind::FullSchema);
    QVERIFY(kindOf("DESCRIBE KEYSPACE") == Kind::Keyspace);
    QVERIFY(kindOf("DESCRIBE ONLY KEYSPACE k") == Kind::OnlyKeyspace);
    QVERIFY(kindOf("DESCRIBE TABLES") == Kind::Tables && kindOf("DESCRIBE type") == Kind::Generic);
    QVERIFY(kindOf("DESCRIBE TYPE ty") == Kind::Type);
    const auto generic = parsed<DescribeStatement>("DESCRIBE k.t WITH INTERNALS");
    QVERIFY(generic.withInternals && generic.name.keyspace.text == "k");
}

void ParserTest::namesFoldUnlessQuoted() {
    const auto use = parsed<UseStatement>("USE \"My\"\"Ks\"");
    QCOMPARE(use.keyspace.text, std::string("My\"Ks"));
    QVERIFY(use.keyspace.quoted);
    QCOMPARE(parsed<UseStatement>("use MYKS;").keyspace.text, std::string("myks"));
}

void ParserTest::spansCoverTheirText() {
    const std::string cql = "SELECT f(a,\n b) FROM t WHERE k = [1, 2]";
    const auto select = parsed<SelectStatement>(cql);
    const auto textAt = [&](const engine::SourceSpan& span) {
        return cql.substr(span.offset, span.length);
    };
    QCOMPARE(textAt(select.items[0].selector.span), std::string("f(a,\n b)"));
    QCOMPARE(textAt(select.where[0].span), std::string("k = [1, 2]"));
    QCOMPARE(textAt(select.where[0].values[0].span), std::string("[1, 2]"));
    QCOMPARE(select.table.name.span.line, 2u);
}

void ParserTest::fragments() {
    QCOMPARE(parseWhere("a IS NOT NULL AND b = 1").value().size(), std::size_t{2});
    QVERIFY(std::holds_alternative<TupleTerm>(parseTerm("(0, 0)").value().node));
    const auto type = parseType("frozen<set<text>>");
    QVERIFY(type && type.value().frozen && type.value().kind == TypeRef::Kind::Set);
    QVERIFY(!parseType("list<int> x") && !parseWhere("a = 1 AND") && !parseTerm("a"));
}

/// A figure to read, not a bar: shared machines stall at will.
void ParserTest::simpleStatementsParseInMicroseconds() {
    constexpr int kRounds = 100000;
    const auto measure = [](const char* name, std::string_view cql) {
        QElapsedTimer timer;
        timer.start();
        std::size_t good = 0;
        for (int i = 0; i < kRounds; ++i) {
            good += parse(cql).has_value() ? 1 : 0;
        }
        qInfo("%s: %.2f us", name, static_cast<double>(timer.nsecsElapsed()) / kRounds / 1000);
        return good == kRounds;
    };
    QVERIFY(measure("select", "SELECT v FROM ks.table1 WHERE k = ?"));
    QVERIFY(measure("select with more",
                    "SELECT a, b, c FROM keyspace1.standard1 WHERE key = 0x3132 AND ck > 10 "
                    "ORDER BY ck DESC LIMIT 100"));
    QVERIFY(measure("insert", "INSERT INTO users (id, name, age) VALUES (1, 'Ada Lovelace', 36) "
                              "USING TTL 100"));
    QVERIFY(measure("update", "UPDATE t SET a = ?, b = ? WHERE k = ?"));
}

QTEST_GUILESS_MAIN(ParserTest)
#include "parser_test.moc"
