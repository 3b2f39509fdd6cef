#include <QtTest>

#include "app/explorer/label_room.h"
#include "app/explorer/ring/line_layout.h"
#include "app/explorer/ring/rack_layout.h"
#include "app/explorer/ring/ring_layout.h"
#include "scene.h"

using namespace app::explorer;
using namespace app::explorer::ring;
using tests::Scene;

namespace {
const QSizeF kRoom(792, 552);
}

/// Geometry of the ring and of the unrolled line, without a window.
class RingLayoutTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { app::shell::theme().install(app::shell::ThemeKind::Light); }
    void degreesOfToken_data();
    void degreesOfToken();
    void arcsCoverTheCircleOnce();
    void arcsDenserThanPixelsAreFilledPerPixel_data();
    void arcsDenserThanPixelsAreFilledPerPixel();
    void everyPlaceOnTheBandHasItsArc();
    void theWalkTakesThreeNodesAndSkipsOne();
    void theWalkGoesOverNoon();
    void nothingTouchesTheEdge_data();
    void nothingTouchesTheEdge();
    void aMessageIsWhereItsIntervalSays();
    void aMessageWithoutArrivalStaysAtItsSender();
    void inSlowMotionAMessageMovesBeforeItArrives();
    void theAnswerReplacesTheRequest();
    void anItemIsHitWhereItIsPainted();
    void labelsNeverTouch_data();
    void labelsNeverTouch();
    void everyNodeIsNamedWhereThereIsRoom();
    void racksHoldTheirNodesAndNothingOverlaps_data();
    void racksHoldTheirNodesAndNothingOverlaps();
    void aSlowedLinkIsDrawnAndACutNodeIsWalled();
    void theLineShowsTheWrappingRangeAtBothEnds();
    void theLineZoomsFromPixelsToRanges();
    void sharesAddUp();

private:
    RingFocus focusAt(const engine::observe::ClusterState& state, std::int64_t token);
    TopologyCache m_cache;
};

void RingLayoutTest::degreesOfToken_data() {
    QTest::addColumn<qint64>("token");
    QTest::addColumn<double>("degrees");
    constexpr qint64 lowest = std::numeric_limits<qint64>::min();
    QTest::newRow("lowest token at twelve o'clock") << lowest << 0.0;
    QTest::newRow("a quarter of the range") << lowest / 2 << 90.0;
    QTest::newRow("token zero at six o'clock") << qint64(0) << 180.0;
    QTest::newRow("three quarters") << -(lowest / 2) << 270.0;
}

void RingLayoutTest::degreesOfToken() {
    QFETCH(const qint64, token);
    QFETCH(const double, degrees);
    QCOMPARE(RingLayout::degreesOf(token), degrees);
    QCOMPARE(LineLayout::partOf(token), degrees / 360);
}

RingFocus RingLayoutTest::focusAt(const engine::observe::ClusterState& state, std::int64_t token) {
    app::sources::KeySelection key{"library", "books", "m-1131", token, "'m-1131'"};
    return focusOf(state, m_cache.of(state), key, nullptr, {});
}

void RingLayoutTest::arcsCoverTheCircleOnce() {
    const Scene scene;
    const auto state = scene.state();
    const RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), {}, kRoom);
    QCOMPARE(layout.arcs.size(), std::size_t(48));
    double sum = 0;
    for (const auto& arc : layout.arcs) {
        sum += arc.to - arc.from;
        QVERIFY(arc.to > arc.from);
        QVERIFY(arc.node >= 1 && arc.node <= 3);
    }
    QVERIFY(std::abs(sum - 360) < 1e-6);
    QCOMPARE(layout.gap, .7);
}

void RingLayoutTest::arcsDenserThanPixelsAreFilledPerPixel_data() {
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("vnodes");
    QTest::addColumn<double>("gap");
    QTest::addColumn<bool>("perPixel");
    QTest::newRow("64 arcs have gaps") << 4 << 16 << .7 << false;
    QTest::newRow("192 arcs have none") << 12 << 16 << 0.0 << false;
    QTest::newRow("3072 arcs are pixels") << 12 << 256 << 0.0 << true;
}

void RingLayoutTest::arcsDenserThanPixelsAreFilledPerPixel() {
    QFETCH(const int, nodes);
    QFETCH(const int, vnodes);
    const Scene scene = Scene::ofSize(nodes, vnodes);
    const auto state = scene.state();
    const RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), {}, kRoom);
    QCOMPARE(layout.arcs.size(), static_cast<std::size_t>(nodes * vnodes));
    QTEST(layout.gap, "gap");
    QTEST(layout.perPixel, "perPixel");
}

void RingLayoutTest::everyPlaceOnTheBandHasItsArc() {
    const Scene scene = Scene::ofSize(12, 16);
    const auto state = scene.state();
    const auto topology = m_cache.of(state);
    const RingLayout layout = RingLayout::compute(topology, scene.nodes(), {}, kRoom);
    for (double degrees = .05; degrees < 360; degrees += .37) {
        const auto token = static_cast<std::int64_t>(static_cast<std::uint64_t>(degrees / 360 * 0x1.0p64) + (std::uint64_t(1) << 63));
        const auto& arc = layout.arcs[static_cast<std::size_t>(layout.arcAt(degrees))];
        QCOMPARE(arc.end, topology->rangeOf(token).right);
    }
}

void RingLayoutTest::theWalkTakesThreeNodesAndSkipsOne() {
    const Scene scene;
    const auto state = scene.state();
    const RingFocus focus = focusAt(state, -6137897972142853338);
    const RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, kRoom);
    QCOMPARE(layout.visits.size(), std::size_t(4));
    QCOMPARE(layout.visits[0].node, 2);
    QVERIFY(!layout.visits[1].taken);
    QCOMPARE(layout.visits[2].node, 3);
    QCOMPARE(layout.visits[3].node, 1);
    QCOMPARE(focus.rankOf(Scene::node(3)), 2);
    QCOMPARE(std::count_if(layout.arcs.begin(), layout.arcs.end(), [](const auto& arc) { return arc.hot; }), std::ptrdiff_t(4));
}

void RingLayoutTest::theWalkGoesOverNoon() {
    const Scene scene;
    const auto state = scene.state();
    const RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focusAt(state, 9'000'000'000'000'000'000), kRoom);
    QVERIFY(layout.pin->lastDegrees > 360);
    double before = layout.pin->degrees;
    for (const auto& visit : layout.visits) {
        QVERIFY(visit.degrees > before);
        before = visit.degrees;
    }
}

void RingLayoutTest::nothingTouchesTheEdge_data() {
    QTest::addColumn<QSizeF>("room");
    QTest::newRow("1920 with docks") << QSizeF(792, 552);
    QTest::newRow("folded console") << QSizeF(792, 790);
    QTest::newRow("1366 in a lab") << QSizeF(470, 300);
    QTest::newRow("presenter") << QSizeF(440, 380);
}

void RingLayoutTest::nothingTouchesTheEdge() {
    QFETCH(const QSizeF, room);
    const Scene scene;
    const auto state = scene.state();
    const QRectF all(QPointF(), room);
    for (std::int64_t token = std::numeric_limits<std::int64_t>::min(); token < std::int64_t(9e18); token += 400'000'000'000'000'000) {
        const RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focusAt(state, token), room);
        const double outer = layout.radius + layout.band / 2 + 16;
        QVERIFY(all.contains(QRectF(layout.centre.x() - outer, layout.centre.y() - outer, 2 * outer, 2 * outer)));
        QVERIFY(all.contains(layout.pin->label));
        for (const auto& badge : layout.badges) {
            QVERIFY(std::hypot(badge.at.x() - layout.centre.x(), badge.at.y() - layout.centre.y()) + layout.badgeRadius <
                    layout.radius - layout.band / 2);
        }
    }
}

void RingLayoutTest::aMessageIsWhereItsIntervalSays() {
    Scene scene;
    const auto id = scene.write();
    const auto state = scene.state();
    const RingFocus focus = focusOf(state, m_cache.of(state), {}, state.request(id), {});
    RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, kRoom);
    layout.tell(focus, scene.nanos((.10 + .23) / 2));
    const auto link = std::find_if(layout.links.begin(), layout.links.end(), [](const auto& l) { return l.toNode == 2; });
    QVERIFY(link != layout.links.end());
    QVERIFY(std::abs(link->part - .5) < .01);
    const QPointF middle = (link->from + link->to) / 2;
    QVERIFY(std::abs(link->head.x() - middle.x()) < 1 && std::abs(link->head.y() - middle.y()) < 1);
    QCOMPARE(layout.counted, 0u);
    QCOMPARE(layout.required, 2u);
}

void RingLayoutTest::aMessageWithoutArrivalStaysAtItsSender() {
    Scene scene;
    engine::observe::RequestStarted start;
    start.request = {1, 1};
    start.keyspace = "library";
    start.token = 5;
    start.replicas = start.contacted = {Scene::node(2)};
    scene.tell(1, 0, start);
    scene.tell(1, 1, engine::observe::MessageSent{{1, 1}, 1, "MUTATION_REQ", Scene::node(2), 10});
    const auto state = scene.state();
    const RingFocus focus = focusOf(state, m_cache.of(state), {}, state.request({1, 1}), {});
    RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, kRoom);
    layout.tell(focus, scene.nanos(10'000));
    QCOMPARE(layout.links.size(), std::size_t(1));
    QVERIFY(!layout.links[0].arrivalKnown);
    QCOMPARE(layout.links[0].part, 0.0);
}

void RingLayoutTest::inSlowMotionAMessageMovesBeforeItArrives() {
    Scene scene;
    engine::observe::RequestStarted start;
    start.request = {1, 1};
    start.keyspace = "library";
    start.token = 5;
    start.replicas = start.contacted = {Scene::node(2)};
    scene.tell(1, 0, start);
    scene.tell(1, 1, engine::observe::MessageSent{{1, 1}, 1, "MUTATION_REQ", Scene::node(2), 10});
    const auto state = scene.state();
    RingFocus focus = focusOf(state, m_cache.of(state), {}, state.request({1, 1}), {});
    focus.pace = 1000;
    RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, kRoom);
    const auto wayAt = [&](double millis) {
        layout.clock = scene.nanos(millis);
        layout.tell(focus, std::numeric_limits<std::int64_t>::max());
        const auto& link = layout.links.at(0);
        return QLineF(link.from, link.head).length() / QLineF(link.from, link.to).length();
    };
    QVERIFY(wayAt(40) > .3);
    QVERIFY(wayAt(80) > wayAt(40));
    QVERIFY(wayAt(60'000) < 1);  // Nobody knows yet that it arrived.
}

void RingLayoutTest::theAnswerReplacesTheRequest() {
    Scene scene;
    const auto id = scene.write();
    const auto state = scene.state();
    const RingFocus focus = focusOf(state, m_cache.of(state), {}, state.request(id), {});
    RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, kRoom);
    layout.tell(focus, scene.nanos(.6));
    QCOMPARE(layout.links.size(), std::size_t(2));
    QVERIFY(layout.links[0].response);
    QVERIFY(!layout.links[1].response);
    QCOMPARE(layout.counted, 1u);
    layout.tell(focus, std::numeric_limits<std::int64_t>::max());
    QVERIFY(layout.links[1].late);
    QCOMPARE(layout.links[0].order, 2u);
}

void RingLayoutTest::anItemIsHitWhereItIsPainted() {
    Scene scene;
    const auto id = scene.write();
    const auto state = scene.state();
    const RingFocus focus = focusOf(state, m_cache.of(state), {}, state.request(id), {});
    RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, kRoom);
    layout.tell(focus, scene.nanos(.6));
    for (const Item& item : layout.items) {
        QVERIFY(item.shape.contains(item.shape.anchor()));
        QVERIFY(item.shape.outline().boundingRect().adjusted(-1, -1, 1, 1).contains(item.shape.anchor()));
    }
}

void RingLayoutTest::labelsNeverTouch_data() {
    QTest::addColumn<QSizeF>("room");
    QTest::newRow("1920 with docks") << QSizeF(792, 552);
    QTest::newRow("1366 in a lab") << QSizeF(470, 300);
    QTest::newRow("1366 with the console open") << QSizeF(590, 300);
    QTest::newRow("1280 in a lab") << QSizeF(420, 280);
    QTest::newRow("1024 in a lab") << QSizeF(560, 250);
}

void RingLayoutTest::labelsNeverTouch() {
    QFETCH(const QSizeF, room);
    Scene scene;
    const auto write = scene.write();
    const auto read = scene.readWithMismatch();
    const auto state = scene.state();
    for (const auto& id : {write, read}) {
        for (std::int64_t token = std::numeric_limits<std::int64_t>::min(); token < std::int64_t(9e18); token += 700'000'000'000'000'000) {
            RingFocus focus = focusAt(state, token);
            focus.story = RequestStory::of(state.request(id));
            RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, room);
            for (double at = 0; at < 20; at += 1.3) {
                layout.tell(focus, scene.nanos(at));
                std::vector<QRectF> boxes;
                for (const auto& words : layout.words) {
                    boxes.push_back(words.box);
                }
                for (const auto& link : layout.links) {
                    if (link.labelled) {
                        boxes.push_back(link.label);
                    }
                }
                for (std::size_t i = 0; i < boxes.size(); ++i) {
                    for (std::size_t j = i + 1; j < boxes.size(); ++j) {
                        QVERIFY(!boxes[i].intersects(boxes[j]));
                    }
                    for (const auto& link : layout.links) {
                        QVERIFY(!crosses(boxes[i], {link.from, link.to}));
                    }
                    for (const auto& visit : layout.visits) {
                        QVERIFY(!boxes[i].intersects(QRectF(visit.at.x() - 9, visit.at.y() - 9, 18, 18)));
                    }
                    for (const auto& badge : layout.badges) {
                        const double r = layout.badgeRadius;
                        QVERIFY(!boxes[i].intersects(QRectF(badge.at.x() - r, badge.at.y() - r, 2 * r, 2 * r)));
                    }
                    QVERIFY(!layout.pin || !boxes[i].intersects(layout.pin->label));
                }
                const auto labelled = std::count_if(layout.links.begin(), layout.links.end(), [](const auto& l) { return l.labelled || l.namedBeside; });
                const auto wanted = layout.radius < 95 ? 0 : static_cast<std::ptrdiff_t>(layout.links.size());
                QCOMPARE(static_cast<std::size_t>(layout.labelsLeftOut),
                         (layout.named ? layout.badges.size() - layout.words.size() : 0) + static_cast<std::size_t>(layout.named ? wanted - labelled : 0));
            }
        }
    }
}

void RingLayoutTest::everyNodeIsNamedWhereThereIsRoom() {
    Scene scene;
    const auto id = scene.write();
    const auto state = scene.state();
    RingFocus focus = focusAt(state, -6137897972142853338);
    focus.story = RequestStory::of(state.request(id));
    RingLayout layout = RingLayout::compute(m_cache.of(state), scene.nodes(), focus, kRoom);
    layout.tell(focus, scene.nanos(.6));
    QCOMPARE(layout.words.size(), std::size_t(3));
    QCOMPARE(layout.labelsLeftOut, 0);
    const auto& first = layout.words[0];
    QCOMPARE(first.name, QString("n1"));
    QCOMPARE(first.note, QString("coordinator"));
    QCOMPARE(first.counter, QString("1 of 2"));
    QVERIFY(layout.links[0].labelled);
}

void RingLayoutTest::racksHoldTheirNodesAndNothingOverlaps_data() {
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("datacenters");
    QTest::addColumn<int>("racks");
    QTest::addColumn<QSizeF>("room");
    QTest::addColumn<bool>("full");
    QTest::newRow("three in one rack") << 3 << 1 << 1 << QSizeF(906, 356) << true;
    QTest::newRow("six in two datacenters") << 6 << 2 << 3 << QSizeF(1228, 608) << true;
    QTest::newRow("six on a laptop in a lab") << 6 << 2 << 3 << QSizeF(590, 330) << false;
    QTest::newRow("twenty-four") << 24 << 2 << 3 << QSizeF(1228, 608) << true;
    QTest::newRow("sixty") << 60 << 2 << 3 << QSizeF(1228, 608) << false;
}

void RingLayoutTest::racksHoldTheirNodesAndNothingOverlaps() {
    QFETCH(const int, nodes);
    QFETCH(const int, datacenters);
    QFETCH(const int, racks);
    QFETCH(const QSizeF, room);
    const Scene scene = Scene::ofSize(nodes, 4);
    auto state = scene.state();
    for (auto& [name, view] : state.nodes) {
        view.datacenter = "dc" + std::to_string(view.number % datacenters + 1);
        view.rack = "rack" + std::to_string(view.number / datacenters % racks + 1);
    }
    const RackLayout layout = RackLayout::compute(state, scene.nodes(), {}, room);
    QCOMPARE(layout.datacenters.size(), static_cast<std::size_t>(datacenters));
    QCOMPARE(layout.racks.size(), static_cast<std::size_t>(datacenters * racks));
    QCOMPARE(layout.members.size(), static_cast<std::size_t>(nodes));
    QTEST(layout.full, "full");
    const auto holds = [](const auto& places, const QRectF& rect) {
        return std::count_if(places.begin(), places.end(), [&](const auto& place) { return place.rect.contains(rect); }) == 1;
    };
    for (std::size_t i = 0; i < layout.members.size(); ++i) {
        QVERIFY(holds(layout.racks, layout.members[i].rect));
        for (std::size_t j = i + 1; j < layout.members.size(); ++j) {
            QVERIFY(!layout.members[i].rect.intersects(layout.members[j].rect));
        }
    }
    for (const auto& rack : layout.racks) {
        QVERIFY(holds(layout.datacenters, rack.rect));
    }
    for (const auto& datacenter : layout.datacenters) {
        QVERIFY(QRectF(QPointF(), room).contains(datacenter.rect));
    }
}

void RingLayoutTest::aSlowedLinkIsDrawnAndACutNodeIsWalled() {
    const Scene scene;
    const auto state = scene.state();
    auto nodes = scene.nodes();
    nodes[0].links = {{"slow n1 n2", QString::fromStdString(Scene::node(2)), 0, 200'000, 0},
                      {"cut n3", QString::fromStdString(Scene::node(3)), 1, 0, 0}};
    nodes[2].links = {{"cut n3", {}, 1, 0, 0}};
    const RackLayout layout = RackLayout::compute(state, nodes, focusAt(state, -6137897972142853338), {906, 500});
    QCOMPARE(layout.faults.size(), std::size_t(1));
    QCOMPARE(layout.faults[0].says, QString("+200 ms"));
    QCOMPARE(layout.faults[0].toNode, 2);
    QVERIFY(layout.members[2].cut);
    QVERIFY(!layout.members[0].cut);
    QCOMPARE(layout.members[1].role, QString("1st replica"));
}

void RingLayoutTest::theLineShowsTheWrappingRangeAtBothEnds() {
    const Scene scene;
    const auto state = scene.state();
    const LineLayout line = LineLayout::compute(m_cache.of(state), scene.nodes(), focusOf(state, m_cache.of(state), {}, nullptr, {}), {}, {1100, 500});
    QCOMPARE(line.ranks, 3);
    QVERIFY(!line.perPixel);
    QCOMPARE(line.blocks.size(), std::size_t(49 * 3));
    const auto wraps = std::count_if(line.blocks.begin(), line.blocks.end(), [](const auto& b) { return b.wraps; });
    QCOMPARE(wraps, std::ptrdiff_t(6));
    QVERIFY(line.worst >= 1);
}

void RingLayoutTest::theLineZoomsFromPixelsToRanges() {
    const Scene scene = Scene::ofSize(12, 256);
    const auto state = scene.state();
    const RingFocus focus = focusOf(state, m_cache.of(state), {}, nullptr, {});
    QVERIFY(LineLayout::compute(m_cache.of(state), scene.nodes(), focus, {}, {1100, 500}).perPixel);
    QVERIFY(!LineLayout::compute(m_cache.of(state), scene.nodes(), focus, {.4, .42}, {1100, 500}).perPixel);
}

void RingLayoutTest::sharesAddUp() {
    const Scene scene;
    const auto state = scene.state();
    const LineLayout line = LineLayout::compute(m_cache.of(state), scene.nodes(), {}, {}, {1100, 500});
    double sum = 0;
    for (const auto& share : line.shares) {
        sum += share.part;
    }
    QVERIFY(std::abs(sum - 1) < 1e-9);
}

QTEST_MAIN(RingLayoutTest)
#include "ring_layout_test.moc"
