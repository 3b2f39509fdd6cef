#include <QtTest>
#include <set>
#include <thread>
#include <vector>

#include "engine/rows/cell.h"

using engine::rows::Cell;
using engine::rows::ColumnName;

class ColumnNameTest : public QObject {
    Q_OBJECT
private slots:
    void oneTextIsOneName();
    void namesAreOrderedByText();
    void namesCompareWithText();
    void threadsAgreeOnNewNames();
};

void ColumnNameTest::oneTextIsOneName() {
    const ColumnName a("price");
    const ColumnName b(std::string("price"));
    QVERIFY(a == b);
    QCOMPARE(&a.text(), &b.text());
    QVERIFY(a != ColumnName("prices"));
    QVERIFY(ColumnName().empty());
    QVERIFY(ColumnName("") == ColumnName());
    QCOMPARE(sizeof(ColumnName), sizeof(void*));
}

void ColumnNameTest::namesAreOrderedByText() {
    const std::set<ColumnName> sorted{"b", "a", "ab", "Z", ""};
    std::vector<std::string> texts;
    for (const ColumnName name : sorted) {
        texts.push_back(name.text());
    }
    QVERIFY(texts == std::vector<std::string>({"", "Z", "a", "ab", "b"}));
    QVERIFY(ColumnName("a").compare("b") < 0);
    QVERIFY(ColumnName("b").compare("a") > 0);
    QCOMPARE(ColumnName("a").compare("a"), 0);
}

void ColumnNameTest::namesCompareWithText() {
    const std::string text = "c";
    QVERIFY(ColumnName("c") == text);
    QVERIFY(text == ColumnName("c"));
    QVERIFY(ColumnName("b") < text);
    QVERIFY(ColumnName("d") > std::string_view(text));
    const Cell cell{.column = "c", .value = "1"};
    QVERIFY(cell.column == "c");
}

void ColumnNameTest::threadsAgreeOnNewNames() {
    constexpr int kNames = 20000;
    std::vector<std::vector<ColumnName>> found(4);
    std::vector<std::thread> threads;
    for (auto& names : found) {
        threads.emplace_back([&names] {
            for (int i = 0; i < kNames; ++i) {
                names.emplace_back("column_" + std::to_string(i));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (int i = 0; i < kNames; ++i) {
        const auto n = static_cast<std::size_t>(i);
        QCOMPARE(found[0][n].text(), "column_" + std::to_string(i));
        for (const auto& names : found) {
            QVERIFY(names[n] == found[0][n]);
        }
    }
}

QTEST_GUILESS_MAIN(ColumnNameTest)
#include "column_name_test.moc"
