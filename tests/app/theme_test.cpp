#include <QtTest>

#include "app/shell/kit.h"

using namespace app::shell;

namespace {

double channel(double v) { return v <= .03928 ? v / 12.92 : std::pow((v + .055) / 1.055, 2.4); }
double luminance(const QColor& c) {
    return .2126 * channel(c.redF()) + .7152 * channel(c.greenF()) + .0722 * channel(c.blueF());
}
double contrast(const QColor& a, const QColor& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + .05) / (std::min(x, y) + .05);
}

}  // namespace

/// The colours keep the limits of the design, and the kit paints what its names say.
class ThemeTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { theme().install(ThemeKind::Light); }
    void everyNamedColourIsInEveryTheme_data() { themes(); }
    void everyNamedColourIsInEveryTheme();
    void textKeepsItsContrastOnEveryGround_data() { themes(); }
    void textKeepsItsContrastOnEveryGround();
    void nodeShapesStandOutAndCarryTheirNumber_data() { themes(); }
    void nodeShapesStandOutAndCarryTheirNumber();
    void changingTheThemeRaisesTheVersionAndTells();
    void theStyleSheetHasNoNameLeft();
    void everyIconDraws_data();
    void everyIconDraws();
    void badgesDifferInShape();
    void numbersRead_data();
    void numbersRead();
    void verbsBelongToFamilies();
    void aFocusedControlIsReachedByTab();
    void segmentsMoveByArrows();

private:
    void themes();
};

void ThemeTest::themes() {
    QTest::addColumn<int>("kind");
    QTest::newRow("light") << static_cast<int>(ThemeKind::Light);
    QTest::newRow("dark") << static_cast<int>(ThemeKind::Dark);
    QTest::newRow("high contrast") << static_cast<int>(ThemeKind::Contrast);
}

void ThemeTest::everyNamedColourIsInEveryTheme() {
    QFETCH(const int, kind);
    const Tokens t = Tokens::load(static_cast<ThemeKind>(kind));
#define RINGSIDE_CHECK(name) QVERIFY2(t.name.isValid(), #name);
    RINGSIDE_COLOURS(RINGSIDE_CHECK)
#undef RINGSIDE_CHECK
    for (const QColor& colour : t.nodes) {
        QVERIFY(colour.isValid());
    }
}

void ThemeTest::textKeepsItsContrastOnEveryGround() {
    QFETCH(const int, kind);
    const Tokens t = Tokens::load(static_cast<ThemeKind>(kind));
    for (const QColor& ground : {t.window, t.panel, t.view, t.sunken}) {
        for (const QColor& ink : {t.text, t.muted, t.faint, t.accent, t.pass, t.near, t.fail, t.down, t.up,
                                  t.write, t.read, t.repair, t.hint, t.paxos, t.stream, t.schema}) {
            QVERIFY2(contrast(ink, ground) >= 4.5, qPrintable(ink.name() + " on " + ground.name()));
        }
        QVERIFY(contrast(t.line_control, ground) >= 3);
        QVERIFY(contrast(t.focus, ground) >= 3);
    }
    QVERIFY(contrast(t.on_accent, t.accent) >= 4.5);
    QVERIFY(contrast(t.on_block, t.block) >= 4.5);
    QVERIFY(contrast(t.near, t.near_tint) >= 4.5);
    QVERIFY(contrast(t.fail, t.fail_tint) >= 4.5);
    for (const QColor& ink : {t.kw, t.str, t.num, t.type, t.comment}) {
        QVERIFY(contrast(ink, t.panel) >= 4.5);
    }
}

void ThemeTest::nodeShapesStandOutAndCarryTheirNumber() {
    QFETCH(const int, kind);
    const Tokens t = Tokens::load(static_cast<ThemeKind>(kind));
    for (const QColor& node : t.nodes) {
        QVERIFY(contrast(node, t.panel) >= 3);
        QVERIFY(contrast(t.on_node, node) >= 4.5);
    }
}

void ThemeTest::changingTheThemeRaisesTheVersionAndTells() {
    const int before = theme().version();
    QSignalSpy changed(&theme(), &Theme::changed);
    theme().setKind(ThemeKind::Dark);
    QCOMPARE(changed.count(), 1);
    QVERIFY(theme().version() > before);
    QCOMPARE(tokens().panel, QColor("#191C22"));
    theme().setKind(ThemeKind::Light);
}

void ThemeTest::theStyleSheetHasNoNameLeft() {
    const QString sheet = styleSheetOf(Tokens::load(ThemeKind::Light));
    QVERIFY(!sheet.contains('$'));
    QVERIFY(!sheet.contains('@'));
}

void ThemeTest::everyIconDraws_data() {
    QTest::addColumn<QString>("name");
    const QStringList files = QDir(":/ringside/icons").entryList({"*.svg"});
    QVERIFY(files.size() > 40);
    for (const QString& file : files) {
        QTest::newRow(qPrintable(file)) << QFileInfo(file).baseName();
    }
}

void ThemeTest::everyIconDraws() {
    QFETCH(const QString, name);
    const QImage image = iconPixmap(name, 16, QColor("#4B45C6"), 2).toImage();
    bool tinted = false;
    for (int y = 0; y < image.height() && !tinted; ++y) {
        for (int x = 0; x < image.width() && !tinted; ++x) {
            tinted = image.pixelColor(x, y) == QColor("#4B45C6");
        }
    }
    QVERIFY(tinted);
}

void ThemeTest::badgesDifferInShape() {
    std::vector<QRectF> bounds;
    for (int node = 1; node <= 12; ++node) {
        const QPainterPath path = paint::shapePath(paint::shapeOf(node), {0, 0}, 10);
        for (int other = 1; other < node; ++other) {
            const QPainterPath otherPath = paint::shapePath(paint::shapeOf(other), {0, 0}, 10);
            QVERIFY(path != otherPath);
        }
    }
    QCOMPARE(paint::shapeOf(13), NodeShape::Circle);
}

void ThemeTest::numbersRead_data() {
    QTest::addColumn<QString>("is");
    QTest::addColumn<QString>("wanted");
    QTest::newRow("a token has a true minus and no groups") << tokenText(-6137897972142853338) << QString::fromUtf8("−6137897972142853338");
    QTest::newRow("counts have thin groups") << countText(31244) << QString::fromUtf8("31\u2009244");
    QTest::newRow("under a second in ms with two decimals") << millisText(640'000) << QString("0.64 ms");
    QTest::newRow("seconds with one decimal") << millisText(12'100'000'000) << QString("12.1 s");
    QTest::newRow("MiB") << bytesText(31u << 20) << QString("31 MiB");
    QTest::newRow("share") << percentText(.0172) << QString("1.7 %");
    QTest::newRow("one") << counted(1, "fault") << QString("1 fault");
    QTest::newRow("two") << counted(2, "fault") << QString("2 faults");
}

void ThemeTest::numbersRead() {
    QFETCH(const QString, is);
    QFETCH(const QString, wanted);
    QCOMPARE(is, wanted);
}

void ThemeTest::verbsBelongToFamilies() {
    QCOMPARE(verbFamily("MUTATION_REQ"), QString("write"));
    QCOMPARE(verbFamily("READ_RSP"), QString("read"));
    QCOMPARE(verbFamily("READ_REPAIR_REQ"), QString("repair"));
    QCOMPARE(verbFamily("GOSSIP_DIGEST_SYN"), QString("gossip"));
    QCOMPARE(verbFamily("PAXOS2_PREPARE_REQ"), QString("paxos"));
    QCOMPARE(paint::verbLetter("repair"), QString("M"));
}

void ThemeTest::aFocusedControlIsReachedByTab() {
    QWidget window;
    QHBoxLayout row(&window);
    Button first("Run");
    FieldCombo second("Consistency", {"ONE", "QUORUM"});
    IconButton third("max", "Maximise");
    row.addWidget(&first);
    row.addWidget(&second);
    row.addWidget(&third);
    window.show();
    window.activateWindow();
    first.setFocus();
    QTest::keyClick(&window, Qt::Key_Tab);
    QTRY_VERIFY(second.hasFocus());
    QTest::keyClick(&window, Qt::Key_Tab);
    QTRY_VERIFY(third.hasFocus());
    QCOMPARE(third.accessibleName(), QString("Maximise"));
}

void ThemeTest::segmentsMoveByArrows() {
    SegmentedControl control({"Ring", "Line", "Table"});
    QSignalSpy moved(&control, &SegmentedControl::currentChanged);
    QTest::keyClick(&control, Qt::Key_Right);
    QTest::keyClick(&control, Qt::Key_End);
    QTest::keyClick(&control, Qt::Key_Right);
    QCOMPARE(control.current(), 2);
    QCOMPARE(moved.count(), 2);
}

QTEST_MAIN(ThemeTest)
#include "theme_test.moc"
