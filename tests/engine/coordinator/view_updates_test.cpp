#include "engine/coordinator/views/view_updates.h"

#include <QtTest>
#include <map>
#include <random>
#include <set>

#include "engine/types/codec.h"
#include "engine/types/data_type.h"

using namespace engine;

namespace {

constexpr std::int64_t kNow = 100;

schema::TablePtr makeBase() {
    auto table = std::make_shared<schema::Table>();
    table->id = Uuid::nameBased("base");
    table->keyspace = "ks";
    table->name = "base";
    table->columns = {{"k", types::int32(), schema::ColumnKind::PartitionKey, 0, false},
                      {"c", types::int32(), schema::ColumnKind::Clustering, 0, false},
                      {"v", types::int32(), schema::ColumnKind::Regular, -1, false},
                      {"w", types::int32(), schema::ColumnKind::Regular, -1, false}};
    table->finish();
    return table;
}

/// SELECT * … PRIMARY KEY (v, k, c), or without v: PRIMARY KEY (c, k).
schema::TablePtr makeView(const schema::Table& base, bool byValue, const std::string& where) {
    auto table = std::make_shared<schema::Table>();
    table->id = Uuid::nameBased("view");
    table->keyspace = "ks";
    table->name = "view";
    using schema::ColumnKind;
    if (byValue) {
        table->columns = {{"v", types::int32(), ColumnKind::PartitionKey, 0, false},
                          {"k", types::int32(), ColumnKind::Clustering, 0, false},
                          {"c", types::int32(), ColumnKind::Clustering, 1, false},
                          {"w", types::int32(), ColumnKind::Regular, -1, false}};
    } else {
        table->columns = {{"c", types::int32(), ColumnKind::PartitionKey, 0, false},
                          {"k", types::int32(), ColumnKind::Clustering, 0, false},
                          {"v", types::int32(), ColumnKind::Regular, -1, false},
                          {"w", types::int32(), ColumnKind::Regular, -1, false}};
    }
    table->view = schema::ViewOf{base.id, base.name, where, true, false};
    table->finish();
    table->view->strictLiveness = schema::isStrict(*table, base);
    return table;
}

schema::Schema schemaOf(const schema::TablePtr& base, const schema::TablePtr& view) {
    schema::Keyspace keyspace;
    keyspace.name = "ks";
    keyspace.tables = {{"base", base}, {"view", view}};
    return schema::Schema().with(std::make_shared<const schema::Keyspace>(std::move(keyspace)));
}

rows::Cell cell(const char* column, std::int64_t timestamp, std::optional<int> value) {
    rows::Cell out;
    out.column = column;
    out.timestamp = timestamp;
    if (value) {
        out.value = types::encodeInt(*value);
    } else {
        out.localDeletionTime = kNow;
    }
    return out;
}

using Line = std::map<std::string, Bytes>;  // Columns that have a value.

/// What a client sees of a partition.
std::set<Line> linesOf(const schema::Table& table, rows::Partition partition) {
    rows::filterLive(table, partition, kNow);
    std::set<Line> out;
    for (const rows::Row& row : partition.rows) {
        Line line;
        line[table.partitionKey()[0].name] = partition.key.key;
        for (const schema::Column& column : table.clustering()) {
            line[column.name] = row.clustering[static_cast<std::size_t>(column.position)];
        }
        for (const rows::Cell& held : row.cells) {
            line[held.column.text()] = held.value;
        }
        out.insert(line);
    }
    return out;
}

QString text(const std::set<Line>& lines) {
    QString out;
    for (const Line& line : lines) {
        for (const auto& [column, value] : line) {
            out += QString("%1=%2 ").arg(QString::fromStdString(column)).arg(types::decodeInt(value));
        }
        out += "; ";
    }
    return out;
}

}  // namespace

class ViewUpdatesTest : public QObject {
    Q_OBJECT
private slots:
    void theViewHasWhatTheBaseHas_data();
    void theViewHasWhatTheBaseHas();
};

void ViewUpdatesTest::theViewHasWhatTheBaseHas_data() {
    QTest::addColumn<quint32>("seed");
    QTest::addColumn<bool>("byValue");
    for (quint32 seed = 1; seed <= 40; ++seed) {
        QTest::addRow("by value %u", seed) << seed << true;
        QTest::addRow("by key %u", seed) << seed << false;
    }
}

/// Inserts, updates and deletions of one partition, each later than the last.
void ViewUpdatesTest::theViewHasWhatTheBaseHas() {
    QFETCH(quint32, seed);
    QFETCH(bool, byValue);
    const schema::TablePtr base = makeBase();
    const schema::TablePtr view = makeView(
        *base, byValue, byValue ? "v IS NOT NULL AND k IS NOT NULL AND c > 0" : "c > 0 AND k IS NOT NULL");
    const auto definition = coordinator::defineView(view, base, schemaOf(base, view));
    QVERIFY(definition.has_value());
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    rows::Partition held;
    held.key = rows::decorate(types::encodeInt(1));
    std::map<rows::DecoratedKey, rows::Partition> views;
    for (int i = 1; i <= 80; ++i) {
        rows::Partition update;
        update.key = held.key;
        rows::Row row;
        row.clustering = {types::encodeInt(below(3))};
        switch (below(9)) {
            case 0: update.deletion = {i, kNow}; break;
            case 1:
                row.deletion = {i, kNow};
                update.rows.push_back(row);
                break;
            case 2:
                update.rangeTombstones.push_back({{{{types::encodeInt(1)}, true}, {{types::encodeInt(2)}, true}}, {i, kNow}});
                break;
            case 3:
                row.cells = {cell("v", i, std::nullopt)};
                update.rows.push_back(row);
                break;
            case 4:
                row.cells = {cell("w", i, below(2) == 0 ? std::optional(below(9)) : std::nullopt)};
                update.rows.push_back(row);
                break;
            case 5:
            case 6:
                row.cells = {cell("v", i, below(3))};
                update.rows.push_back(row);
                break;
            default:
                row.liveness.timestamp = i;
                row.cells = {cell("v", i, below(3)), cell("w", i, below(9))};
                update.rows.push_back(row);
        }
        rows::Partition after = held;
        rows::merge(*base, after, update);
        for (rows::Mutation& mutation : coordinator::viewUpdates(*definition, held, after, kNow)) {
            rows::Partition& change = mutation.updates.front().partition;
            auto [it, fresh] = views.try_emplace(change.key);
            it->second.key = change.key;
            rows::merge(*view, it->second, std::move(change));
        }
        held = std::move(after);

        std::set<Line> expected;
        for (const Line& line : linesOf(*base, held)) {
            if (types::decodeInt(line.at("c")) > 0 && (!byValue || line.contains("v"))) {
                expected.insert(line);
            }
        }
        std::set<Line> found;
        for (const auto& [key, partition] : views) {
            found.merge(linesOf(*view, partition));
        }
        QVERIFY2(found == expected,
                 qPrintable(QString("after step %1: %2 instead of %3").arg(i).arg(text(found), text(expected))));
    }
}

QTEST_GUILESS_MAIN(ViewUpdatesTest)
#include "view_updates_test.moc"
