#include <QtTest>
#include <vector>

#include "engine/node/growth_teller.h"
#include "engine/sim/machine.h"
#include "engine/sim/world.h"

using namespace engine;

class GrowthTellerTest : public QObject {
    Q_OBJECT

private slots:
    void manyWritesAreToldOnceWithTheNewestSize();
    void nothingIsToldWhileNobodyListens();
    void ofSegmentsOnlyWhatChangedIsTold();
};

namespace {

struct Fixture {
    sim::SimWorld world{1};
    sim::SimMachine& machine = world.addMachine("n1", {"127.0.0.1"});
    observe::Observer observer{machine.doors().clock, "127.0.0.1:7000"};
    std::vector<observe::CommitLogSegment> segments;
    node::GrowthTeller growth{machine.doors().clock, observer, [this] { return segments; }};
    std::vector<observe::Event> told;
    schema::Table table;

    void listen() {
        observer.listen([this](const observe::Event& event) { told.push_back(event); },
                        observe::Observer::kAll);
    }
    void writeThousandTimes() {
        table.name = "books";
        for (std::uint64_t i = 1; i <= 1000; ++i) {
            growth.memtable(table, i * 100, i);
        }
    }
};

}  // namespace

void GrowthTellerTest::manyWritesAreToldOnceWithTheNewestSize() {
    Fixture f;
    f.listen();
    f.writeThousandTimes();
    QCOMPARE(f.told.size(), std::size_t{0});
    f.world.runFor(2 * node::GrowthTeller::kPeriod);
    QCOMPARE(f.told.size(), std::size_t{1});
    const auto& grew = std::get<observe::MemtableGrew>(f.told.front().body);
    QCOMPARE(grew.bytes, std::uint64_t{100'000});
    QCOMPARE(grew.rows, std::uint64_t{1000});
    QCOMPARE(grew.table, std::string("books"));
}

void GrowthTellerTest::nothingIsToldWhileNobodyListens() {
    Fixture f;
    f.writeThousandTimes();
    f.listen();
    f.world.runFor(2 * node::GrowthTeller::kPeriod);
    QVERIFY(f.told.empty());
}

void GrowthTellerTest::ofSegmentsOnlyWhatChangedIsTold() {
    Fixture f;
    f.listen();
    f.segments = {{1, 100, "needed", {"library.books"}}, {2, 50, "active", {"library.books"}}};
    f.growth.segmentsChanged();
    f.world.runFor(2 * node::GrowthTeller::kPeriod);
    QCOMPARE(f.told.size(), std::size_t{2});
    f.segments = {{2, 60, "active", {}}};
    f.growth.segmentsChanged();
    f.growth.segmentsChanged();
    f.world.runFor(2 * node::GrowthTeller::kPeriod);
    QCOMPARE(f.told.size(), std::size_t{4});
    const auto& gone = std::get<observe::CommitLogSegment>(f.told[2].body);
    QCOMPARE(gone.segment, std::uint64_t{1});
    QCOMPARE(gone.state, std::string("discarded"));
    const auto& active = std::get<observe::CommitLogSegment>(f.told[3].body);
    QCOMPARE(active.bytes, std::uint64_t{60});
    QVERIFY(active.tables.empty());
    f.growth.segmentsChanged();
    f.world.runFor(2 * node::GrowthTeller::kPeriod);
    QCOMPARE(f.told.size(), std::size_t{4});
}

QTEST_GUILESS_MAIN(GrowthTellerTest)
#include "growth_teller_test.moc"
