#include "app/learn/first_launch.h"

#include <QFile>
#include <QKeyEvent>
#include <QTcpServer>
#include <QTextDocument>

#include "app/console/cql_highlighter.h"

namespace app::learn {

using namespace app::shell;

namespace {

constexpr int kNets = 30;  // 127.0.0 to 127.0.29 are tried.
constexpr int kStageFrom = 860;   // Widths: below, the stage has no room;
constexpr int kAmpleFrom = 1200;  // below, the margins are small.
constexpr std::uint64_t kNodeBytes = 31ull << 20;

/// MemAvailable of /proc/meminfo; 0 where there is none.
std::uint64_t freeMemory() {
    QFile file("/proc/meminfo");
    if (!file.open(QIODevice::ReadOnly)) {
        return 0;
    }
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (line.startsWith("MemAvailable:")) {
            return line.simplified().split(' ').value(1).toULongLong() * 1024;
        }
    }
    return 0;
}

bool canListen(const QString& address, int port) {
    QTcpServer server;
    return server.listen(QHostAddress(address), static_cast<quint16>(port));
}

}  // namespace

namespace {

QStringList takenPorts(const QString& net, int nodes, int nativePort, int internodePort) {
    QStringList taken;
    for (int n = 1; n <= nodes; ++n) {
        for (const int port : {nativePort, internodePort}) {
            const QString address = QString("%1.%2").arg(net).arg(n);
            if (!canListen(address, port)) {
                taken << QString("%1:%2").arg(address).arg(port);
            }
        }
    }
    return taken;
}

}  // namespace

QString freeNet(int nodes, int nativePort, int internodePort) {
    for (int third = 0; third < kNets; ++third) {
        const QString net = QString("127.0.%1").arg(third);
        if (takenPorts(net, nodes, nativePort, internodePort).isEmpty()) {
            return net;
        }
    }
    return "127.0.0";
}

LaunchCheck memoryCheck(std::uint64_t free, int nodes) {
    const std::uint64_t needed = kNodeBytes * static_cast<std::uint64_t>(nodes);
    LaunchCheck check{"Memory", QString("about %1 needed, %2 free").arg(bytesText(needed), bytesText(free)), free > needed * 2, {}, {}, 0};
    if (!check.fine && free > kNodeBytes * 2) {
        check.remedy = "Start one node, " + bytesText(kNodeBytes);
        check.nodes = 1;
    }
    return check;
}

std::vector<LaunchCheck> launchChecks(const QString& net, int nodes, int nativePort, int internodePort) {
    std::vector<LaunchCheck> checks;
    if (const std::uint64_t free = freeMemory(); free > 0) {
        checks.push_back(memoryCheck(free, nodes));
    }
    const QStringList taken = takenPorts(net, nodes, nativePort, internodePort);
    checks.push_back({"Addresses",
                      taken.isEmpty() ? QString("%1.1 to %1.%2, ports %3 and %4 are free").arg(net).arg(nodes).arg(nativePort).arg(internodePort)
                                      : taken.join(", ") + " taken by another program",
                      taken.isEmpty(), {}, {}, 0});
    if (!taken.isEmpty()) {
        if (const QString other = freeNet(nodes, nativePort, internodePort); takenPorts(other, nodes, nativePort, internodePort).isEmpty()) {
            checks.back().remedy = QString("Use %1.1 to %2").arg(other).arg(nodes);
            checks.back().net = other;
        }
    }
    checks.push_back({"Stays here", "no account, no network, no administrator rights", true, {}, {}, 0});
    return checks;
}

// ---- MinuteRow ----

namespace {

const char* const kStepTitles[FirstMinute::kSteps] = {"Start three nodes", "Write a book at QUORUM", "Cut n3 off", "Write again",
                                                      "Heal, and watch n3 catch up"};
constexpr int kRowHeight = 44;
constexpr double kCqlPx = 12.5;
constexpr double kCqlLine = 18;

}  // namespace

MinuteRow::MinuteRow(const FirstMinute& minute, int step, QWidget* parent) : QWidget(parent), m_minute(minute), m_step(step) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

/// The newest step that is done shows what it ran.
bool MinuteRow::isOpen() const {
    return m_step == m_minute.next() - 1 && !FirstMinute::statement(m_step).isEmpty();
}

QSize MinuteRow::sizeHint() const {
    const auto lines = FirstMinute::statement(m_step).count('\n') + 1;
    return {480, isOpen() ? kRowHeight + static_cast<int>(lines * kCqlLine) + 26 : kRowHeight};
}

void MinuteRow::refresh() {
    if (m_wasOpen != isOpen()) {
        m_wasOpen = isOpen();
        updateGeometry();
    }
    const QString says = m_minute.says(m_step);
    setAccessibleName(QString(kStepTitles[m_step]) + (says.isEmpty() ? ", not done yet" : ": " + says));
    update();
}

void MinuteRow::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    if (isOpen()) {
        paint::box(p, rect(), t.panel, t.line_strong, 8);
    }
    const bool done = m_step < m_minute.next();
    const bool now = m_step == m_minute.next() && m_minute.isBusy();
    const double y = kRowHeight / 2.0;
    paint::verdict(p, {24, y}, done ? VerdictMark::Passed : now ? VerdictMark::Now : VerdictMark::Waiting, 9, t.view);
    const QFont font = sans(kTypeLead, 600);
    const QString title = kStepTitles[m_step];
    paint::mid(p, {48, y}, title, font, done || now ? t.text : t.muted);
    const double left = 48 + widthOf(font, title) + 12;
    const QString says = now ? QString("working") : m_minute.says(m_step);
    paint::mid(p, {width() - 12.0, y}, paint::elided(says, sans(13), width() - 12 - left), sans(13), isOpen() ? t.text : t.muted,
               Align::Right);
    if (!isOpen()) {
        return;
    }
    const QRectF plate(48, kRowHeight, width() - 60, height() - kRowHeight - 12);
    paint::box(p, plate, t.sunken, t.line, 6);
    QTextDocument text;
    text.setDocumentMargin(0);
    text.setDefaultFont(mono(kCqlPx));
    text.setHtml(console::highlightedHtml(FirstMinute::statement(m_step)));
    const QString took = m_minute.took(m_step);
    const double room = plate.width() - 28 - (took.isEmpty() ? 0 : widthOf(mono(kCqlPx, 600), took) + 16);
    p.save();
    p.translate(plate.left() + 14, plate.center().y() - text.size().height() / 2);
    p.setClipRect(QRectF(0, 0, room, text.size().height()));
    text.drawContents(&p);
    p.restore();
    paint::mid(p, {plate.right() - 14, plate.center().y()}, took, mono(kCqlPx, 600), t.text, Align::Right);
}

// ---- FirstLaunch ----

FirstLaunch::FirstLaunch(sources::ClusterModel& model, QString net, QWidget* parent)
    : QWidget(parent), m_model(model), m_minute(model), m_net(std::move(net)) {
    setFocusPolicy(Qt::StrongFocus);
    auto* page = new QHBoxLayout(this);
    page->setContentsMargins(72, 32, 64, 24);
    page->setSpacing(56);
    auto* left = new QVBoxLayout;
    left->setSpacing(0);
    left->addStretch(2);
    m_step = new Label({}, 13, 600, Ink::Accent);
    left->addWidget(m_step);
    m_title = new Label({}, 32, 700);
    m_title->setWordWrap(true);
    left->addWidget(m_title);
    left->addSpacing(10);
    m_text = new Prose({}, kTypeLead, Ink::Muted);
    m_text->setMaximumWidth(540);
    left->addWidget(m_text);
    left->addSpacing(18);
    m_steps = makeSteps();
    left->addWidget(m_steps);
    left->addSpacing(14);
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    m_button = new Button({}, ButtonKind::Primary, "play");
    m_button->setSizes(kTypeLead, 44);
    m_button->setFocusPolicy(Qt::TabFocus);
    row->addWidget(m_button);
    m_hint = new Label("or press Enter", 12.5, 400, Ink::Faint);
    row->addWidget(m_hint, 1);
    m_skip = new Button("Skip to the course", ButtonKind::Link);
    m_skip->setSizes(13, 32);
    row->addWidget(m_skip);
    left->addLayout(row);
    m_offer = makeOffer();
    left->addWidget(m_offer);
    left->addStretch(3);
    m_mark = new Label("Apache Cassandra is a trademark of the Apache Software Foundation. Ringside is not affiliated with it.",
                           11, 400, Ink::Faint);
    m_mark->setWordWrap(true);
    left->addWidget(m_mark);
    page->addLayout(left, 6);
    m_stage = new TrioStage(model, m_minute);
    page->addWidget(m_stage, 5);
    connect(m_button, &Button::clicked, this, &FirstLaunch::go);
    connect(m_skip, &Button::clicked, this, [this] {
        m_minute.next() == FirstMinute::kSteps && !m_lab.isEmpty() ? emit labWanted(m_lab) : emit courseWanted();
    });
    connect(&m_minute, &FirstMinute::startWanted, this, &FirstLaunch::startWanted);
    connect(&m_minute, &FirstMinute::changed, this, &FirstLaunch::showPhase);
    showPhase();
}

QWidget* FirstLaunch::makeOffer() {
    auto* offer = new QWidget;
    auto* column = new QVBoxLayout(offer);
    column->setContentsMargins(0, 24, 0, 0);
    column->setSpacing(0);
    m_checks = new QVBoxLayout;
    m_checks->setSpacing(10);
    column->addLayout(m_checks);
    column->addSpacing(24);
    column->addWidget(new Hairline);
    column->addSpacing(16);
    column->addWidget(new Label("Or begin elsewhere", 12.5, 500, Ink::Muted));
    column->addSpacing(8);
    auto* ways = new QHBoxLayout;
    ways->setSpacing(8);
    auto* course = new Button("Open the course", ButtonKind::Default, "learn");
    auto* console = new Button("Only a console", ButtonKind::Default, "console");
    for (Button* way : {course, console}) {
        way->setSizes(12.5, 32);
        ways->addWidget(way);
    }
    ways->addStretch(1);
    column->addLayout(ways);
    connect(course, &Button::clicked, this, &FirstLaunch::courseWanted);
    connect(console, &Button::clicked, this, &FirstLaunch::consoleWanted);
    return offer;
}

QWidget* FirstLaunch::makeSteps() {
    auto* steps = new QWidget;
    auto* column = new QVBoxLayout(steps);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    for (int step = 0; step < FirstMinute::kSteps; ++step) {
        m_rows[static_cast<std::size_t>(step)] = new MinuteRow(m_minute, step);
        column->addWidget(m_rows[static_cast<std::size_t>(step)]);
    }
    return steps;
}

void FirstLaunch::setFirstLab(const QString& id) {
    m_lab = id;
    showPhase();
}

void FirstLaunch::showPhase() {
    const bool offering = m_minute.next() == FirstMinute::Start;
    m_offer->setVisible(offering);
    m_mark->setVisible(offering);
    m_steps->setVisible(!offering);
    m_step->setVisible(!offering);
    m_skip->setVisible(!offering);
    m_button->setEnabled(!m_minute.isBusy());
    m_hint->setVisible(!m_minute.isBusy());
    m_title->setFont(sans(offering ? 32 : 26, 700));
    offering ? showOffer() : showSteps();
    for (MinuteRow* row : m_rows) {
        row->refresh();
    }
    m_button->updateGeometry();
}

void FirstLaunch::showOffer() {
    m_button->setIconName("play");
    if (m_minute.isBusy()) {
        m_title->setText("Starting three nodes");
        m_text->setMarkdown("Each ring closes when its node answers a CQL handshake.");
        m_button->setText("Starting");
        return;
    }
    if (!m_minute.trouble().isEmpty()) {
        m_title->setText("A node did not start");
        m_text->setMarkdown(m_minute.trouble());
        m_button->setText("Try again");
        return;
    }
    m_title->setText("Run a database. Then break it.");
    m_text->setMarkdown("Ringside starts three real nodes on this computer and shows every message between them. "
                        "In a minute you will see a write survive while one node is cut off.");
    m_button->setText("Start three nodes");
}

void FirstLaunch::showSteps() {
    struct Words {
        const char* title;
        QString text;
        const char* button;
        const char* icon;
    };
    const auto contacted = [this](int step) {
        const auto request = m_minute.requestOf(step);
        return request ? static_cast<int>(request->info.contacted.size()) : 0;
    };
    const QString asked = contacted(FirstMinute::WriteAgain) == 2 ? QString("n1 sent the new copy count to the two it still hears")
                                                                  : QString("n1 asked all three replicas for the new copy count");
    const Words words[] = {
        {"Three nodes, one cluster", "All three answer CQL. Next: one row, kept three times.", "Write a book at QUORUM", "play"},
        {"Three copies of one row", "n1 sent the book to every replica. QUORUM waits for two of three; the last answer came anyway.",
         "Cut n3 off", "cut"},
        {"n3 is cut off", "n1 and n2 drop what they send to n3, and n3 sends nothing. It runs on and does not know.", "Write again", "play"},
        {"The write survived", "n3 is cut off. " + asked + ", two answered, and two of three is a majority. You lost nothing.",
         "Heal the cut", "heal"},
        {"n3 caught up", m_minute.wasMended() ? "A read at ALL compared three copies, found n3 behind and sent it the new one. That is read repair."
                                              : "A read at ALL compared three copies: n3 had caught up before it was asked.",
         "See it on the ring", "explore"},
    };
    const int done = m_minute.next() - 1;
    const Words& now = words[done];
    m_step->setText(QString("Step %1 of %2").arg(done + 1).arg(static_cast<int>(FirstMinute::kSteps)));
    m_title->setText(now.title);
    m_text->setMarkdown(m_minute.trouble().isEmpty() ? now.text : "Not done: " + m_minute.trouble());
    m_button->setText(m_minute.isBusy() ? QString("Working") : m_minute.trouble().isEmpty() ? QString(now.button) : QString("Try again"));
    m_button->setIconName(now.icon);
    m_skip->setText(done == FirstMinute::Heal && !m_lab.isEmpty() ? "Open the first lab" : "Skip to the course");
    m_skip->updateGeometry();
}

void FirstLaunch::go() {
    if (m_minute.next() < FirstMinute::kSteps) {
        m_minute.go();
        return;
    }
    const auto request = m_minute.requestOf(FirstMinute::Heal);
    emit exploreWanted(request ? request->id : engine::Uuid());
}

void FirstLaunch::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        go();
        return;
    }
    QWidget::keyPressEvent(event);
}

void FirstLaunch::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_checks->isEmpty()) {
        showChecks();
    }
    setFocus();
}

void FirstLaunch::showChecks() {
    while (QLayoutItem* row = m_checks->takeAt(0)) {
        row->widget()->deleteLater();
        delete row;
    }
    for (const LaunchCheck& check : launchChecks(m_net.isEmpty() ? freeNet(3, 9042, 7000) : m_net, 3, 9042, 7000)) {
        auto* line = new QWidget;
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(10);
        row->addWidget(new VerdictLabel(check.fine ? VerdictMark::Passed : VerdictMark::Near, 7));
        auto* name = new Label(check.name, 13, 600);
        name->setFixedWidth(78);
        row->addWidget(name);
        auto* says = new Label(check.says, 13, 400, Ink::Muted);
        says->setWordWrap(true);
        row->addWidget(says, 1);
        if (!check.remedy.isEmpty()) {
            auto* remedy = new Button(check.remedy);
            connect(remedy, &Button::clicked, this, [this, check] {
                if (check.nodes > 0) {
                    emit nodesWanted(check.nodes);
                    return;
                }
                m_net = check.net;
                emit netWanted(m_net);
                showChecks();
            });
            row->addWidget(remedy);
        }
        m_checks->addWidget(line);
    }
}

void FirstLaunch::resizeEvent(QResizeEvent* event) {
    m_stage->setVisible(width() >= kStageFrom);
    if (auto* page = qobject_cast<QHBoxLayout*>(layout())) {
        const bool narrow = width() < kAmpleFrom;
        page->setContentsMargins(narrow ? 32 : 72, narrow ? 20 : 32, narrow ? 24 : 64, narrow ? 16 : 24);
        page->setSpacing(narrow ? 24 : 56);
    }
    QWidget::resizeEvent(event);
}

void FirstLaunch::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().view); }

}  // namespace app::learn
