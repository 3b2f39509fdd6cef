// What the console costs on the offscreen platform: completion in a schema of 1,000 tables, the first paint of a result of
// 10,000 rows, and the parser's look at a long sheet when the typing rests.

#include <QApplication>
#include <QElapsedTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include "app/console/result_card.h"
#include "engine/client/copy.h"
#include "engine/cql/assist/completion.h"
#include "engine/cql/syntax/parser.h"
#include "engine/types/codec.h"

using namespace app::console;

namespace {

constexpr int kTimes = 21;
constexpr int kTables = 1000;
constexpr int kColumns = 12;
constexpr int kRows = 10'000;
constexpr int kStatements = 200;

/// Median and worst of several runs, in milliseconds; `before` is not timed.
void measure(const char* name, const std::function<void()>& before, const std::function<void()>& work) {
    std::vector<double> millis;
    for (int i = 0; i < kTimes; ++i) {
        before();
        QElapsedTimer timer;
        timer.start();
        work();
        millis.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::sort(millis.begin(), millis.end());
    std::printf("%-52s median %7.2f ms   worst %7.2f ms\n", name, millis[kTimes / 2], millis.back());
}

engine::cql::assist::Names manyTables() {
    engine::cql::assist::Names names;
    for (int t = 0; t < kTables; ++t) {
        auto& columns = names.keyspaces["shop"].tables["orders_by_day_" + std::to_string(t)];
        for (int c = 0; c < kColumns; ++c) {
            columns.push_back({"column_" + std::to_string(c), "text", c == 0 ? "partition_key" : "regular", c});
        }
    }
    return names;
}

engine::cql::RowsResult manyRows() {
    auto metadata = std::make_shared<engine::cql::ResultMetadata>();
    metadata->columns = {{"shop", "orders", "id", engine::types::int32()}, {"shop", "orders", "name", engine::types::text()},
                         {"shop", "orders", "note", engine::types::text()}, {"shop", "orders", "total", engine::types::int32()}};
    engine::cql::RowsResult rows;
    rows.metadata = metadata;
    for (int i = 0; i < kRows; ++i) {
        rows.rows.push_back({engine::types::encodeInt(i), "customer " + std::to_string(i), "a note of some words, row " + std::to_string(i),
                             engine::types::encodeInt(i * 7)});
    }
    return rows;
}

}  // namespace

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    app::shell::theme().install(app::shell::ThemeKind::Light);
    std::printf("%d tables of %d columns; %d rows of 4 columns; medians of %d\n", kTables, kColumns, kRows, kTimes);

    const auto names = manyTables();
    const auto nothing = [] {};
    measure("completion: tables after FROM", nothing, [&] { engine::cql::assist::complete("SELECT * FROM ord", names, "shop"); });
    measure("completion: columns before FROM", nothing, [&] { engine::cql::assist::complete("SELECT col", names, "shop"); });
    measure("completion: columns after WHERE", nothing,
            [&] { engine::cql::assist::complete("SELECT * FROM orders_by_day_500 WHERE ", names, "shop"); });

    const engine::cql::RowsResult rows = manyRows();
    app::sources::ClusterModel model;
    const RunSettings settings;
    StatementText statement;
    statement.text = "SELECT * FROM shop.orders";
    QWidget window;
    auto* column = new QVBoxLayout(&window);
    window.resize(1100, 500);
    window.show();
    ResultCard* card = nullptr;
    measure("10,000 rows: from the answer to the first paint", [&] {
        delete card;
        card = new ResultCard(model, statement, 0, settings);
        column->addWidget(card);
        QApplication::processEvents();
    }, [&] {
        Outcome outcome;
        outcome.statement = statement;
        outcome.rows = resultSetOf(rows);  // The runner's thread does this; it counts all the same.
        card->setOutcome(outcome);
        QApplication::processEvents();
        window.repaint();
    });

    std::string sheet;
    for (int i = 0; i < kStatements; ++i) {
        sheet += "INSERT INTO shop.orders (id, name, note, total) VALUES (" + std::to_string(i) + ", 'a', 'b', 7);\n";
    }
    measure("200 statements: split and parsed", nothing, [&] {
        const QString text = QString::fromStdString(sheet);
        for (const StatementText& one : splitStatements(text)) {
            (void)engine::cql::syntax::parse(one.text.toStdString());
        }
    });
    return 0;
}
