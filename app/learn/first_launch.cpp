#include "app/learn/first_launch.h"

#include <QFile>
#include <QKeyEvent>
#include <QTcpServer>

namespace app::learn {

using namespace app::shell;

namespace {

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
    for (int third = 0; third < 10; ++third) {
        const QString net = QString("127.0.%1").arg(third);
        if (takenPorts(net, nodes, nativePort, internodePort).isEmpty()) {
            return net;
        }
    }
    return "127.0.0";
}

std::vector<LaunchCheck> launchChecks(const QString& net, int nodes, int nativePort, int internodePort) {
    std::vector<LaunchCheck> checks;
    const std::uint64_t needed = kNodeBytes * static_cast<std::uint64_t>(nodes);
    const std::uint64_t free = freeMemory();
    if (free > 0) {
        checks.push_back({"Memory", QString("about %1 needed, %2 free").arg(bytesText(needed), bytesText(free)), free > needed * 2});
    }
    const QStringList taken = takenPorts(net, nodes, nativePort, internodePort);
    checks.push_back({"Addresses",
                      taken.isEmpty() ? QString("%1.1 to %1.%2, ports %3 and %4 are free").arg(net).arg(nodes).arg(nativePort).arg(internodePort)
                                      : taken.join(", ") + " taken by another program",
                      taken.isEmpty()});
    checks.push_back({"Stays here", "no account, no network, no administrator rights", true});
    return checks;
}

// ---- TrioStage ----

TrioStage::TrioStage(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setMinimumSize(360, 420);
    connect(&model, &sources::ClusterModel::nodesChanged, this, qOverload<>(&QWidget::update));
}

void TrioStage::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    paint::box(p, rect(), t.panel, t.line, 12);
    const QPointF c(width() / 2.0, height() / 2.0 - 12);
    const QPointF at[] = {c + QPointF(0, -128), c + QPointF(140, 104), c + QPointF(-140, 104)};
    const auto up = [&](int number) {
        const sources::NodeInfo* node = m_model.node(number);
        return node != nullptr && node->answering;
    };
    for (const auto& [a, b] : {std::pair(0, 1), {0, 2}, {1, 2}}) {
        QPen pen(t.line_strong, 2);
        if (!up(a + 1) || !up(b + 1)) {
            pen.setDashPattern({1.5, 3});
        }
        p.setPen(pen);
        p.drawLine(at[a], at[b]);
    }
    for (int i = 0; i < 3; ++i) {
        const bool here = up(i + 1);
        p.setPen(Qt::NoPen);
        p.setBrush(t.panel);
        p.drawEllipse(at[i], 50, 50);
        QPen ring(here ? t.node(i + 1) : t.line_strong, here ? 2.5 : 1.5);
        if (!here) {
            ring.setDashPattern({2.6, 2.6});
        }
        p.setPen(ring);
        p.setBrush(t.view);
        p.drawEllipse(at[i], 44, 44);
        here ? paint::badge(p, at[i], 23, i + 1) : paint::ghostBadge(p, at[i], 22, i + 1);
    }
    paint::text(p, {c.x(), height() - 54.0}, "Three nodes, three copies of every row", sans(13, 500), t.muted, Align::Centre);
}

// ---- FirstLaunch ----

FirstLaunch::FirstLaunch(sources::ClusterModel& model, QString net, QWidget* parent)
    : QWidget(parent), m_model(model), m_net(std::move(net)) {
    setFocusPolicy(Qt::StrongFocus);
    auto* page = new QHBoxLayout(this);
    page->setContentsMargins(72, 40, 64, 40);
    page->setSpacing(64);
    auto* left = new QVBoxLayout;
    left->setSpacing(0);
    left->addStretch(2);
    m_title = new Label({}, 32, 700);
    m_title->setWordWrap(true);
    left->addWidget(m_title);
    left->addSpacing(14);
    m_text = new Prose({}, kTypeLead, Ink::Muted);
    m_text->setMaximumWidth(520);
    left->addWidget(m_text);
    left->addSpacing(26);
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    m_button = new Button({}, ButtonKind::Primary, "play");
    m_button->setSizes(kTypeLead, 46);
    row->addWidget(m_button);
    m_hint = new Label("or press Enter", 12.5, 400, Ink::Faint);
    row->addWidget(m_hint, 1);
    left->addLayout(row);
    left->addSpacing(24);
    m_checks = new QVBoxLayout;
    m_checks->setSpacing(10);
    left->addLayout(m_checks);
    left->addSpacing(24);
    left->addWidget(new Hairline);
    left->addSpacing(16);
    left->addWidget(new Label("Or begin elsewhere", 12.5, 500, Ink::Muted));
    left->addSpacing(8);
    auto* ways = new QHBoxLayout;
    ways->setSpacing(8);
    auto* course = new Button("Open the course", ButtonKind::Default, "learn");
    auto* console = new Button("Only a console", ButtonKind::Default, "console");
    auto* ring = new Button("See the cluster", ButtonKind::Default, "explore");
    for (Button* way : {course, console, ring}) {
        way->setSizes(12.5, 32);
        ways->addWidget(way);
    }
    ways->addStretch(1);
    left->addLayout(ways);
    left->addStretch(3);
    auto* mark = new Label("Apache Cassandra is a trademark of the Apache Software Foundation. Ringside is not affiliated with it.",
                           11, 400, Ink::Faint);
    mark->setWordWrap(true);
    left->addWidget(mark);
    page->addLayout(left, 6);
    m_stage = new TrioStage(model);
    page->addWidget(m_stage, 5);
    connect(m_button, &Button::clicked, this, &FirstLaunch::go);
    connect(course, &Button::clicked, this, &FirstLaunch::courseWanted);
    connect(console, &Button::clicked, this, &FirstLaunch::consoleWanted);
    connect(ring, &Button::clicked, this, &FirstLaunch::exploreWanted);
    showPhase();
}

void FirstLaunch::setFirstLab(const QString& id) {
    m_lab = id;
    showPhase();
}

void FirstLaunch::setStarting() {
    m_phase = Phase::Starting;
    showPhase();
}

void FirstLaunch::setStarted(qint64 milliseconds) {
    m_phase = Phase::Started;
    m_took = milliseconds;
    showPhase();
}

void FirstLaunch::setFailed(const QString& why) {
    m_phase = Phase::Failed;
    m_why = why;
    showPhase();
}

void FirstLaunch::showPhase() {
    m_button->setEnabled(m_phase != Phase::Starting);
    m_hint->setVisible(m_phase != Phase::Starting);
    switch (m_phase) {
    case Phase::Offer:
        m_title->setText("Run a database. Then break it.");
        m_text->setMarkdown("Ringside starts three real nodes on this computer and shows every message between them. "
                            "Write a row, stop a node, and see what survives.");
        m_button->setText("Start three nodes");
        break;
    case Phase::Starting:
        m_title->setText("Starting three nodes");
        m_text->setMarkdown("Each ring closes when its node answers a CQL handshake.");
        m_button->setText("Starting");
        break;
    case Phase::Started:
        m_title->setText(QString("%1 s, all three answer CQL").arg(static_cast<double>(m_took) / 1000, 0, 'f', 1));
        m_text->setMarkdown("The cluster is yours. A first lab takes you through a write that survives a lost node; "
                            "nothing has to be typed.");
        m_button->setText(m_lab.isEmpty() ? "See it on the ring" : "Open the first lab");
        break;
    case Phase::Failed:
        m_title->setText("A node did not start");
        m_text->setMarkdown(m_why);
        m_button->setText("Try again");
        break;
    }
    m_button->updateGeometry();
}

void FirstLaunch::go() {
    if (m_phase == Phase::Offer || m_phase == Phase::Failed) {
        emit startWanted();
    } else if (m_phase == Phase::Started) {
        m_lab.isEmpty() ? emit exploreWanted() : emit labWanted(m_lab);
    }
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
        for (const LaunchCheck& check : launchChecks(m_net.isEmpty() ? freeNet(3, 9042, 7000) : m_net, 3, 9042, 7000)) {
            auto* row = new QHBoxLayout;
            row->setSpacing(10);
            row->addWidget(new VerdictLabel(check.fine ? VerdictMark::Passed : VerdictMark::Near, 7));
            auto* name = new Label(check.name, 13, 600);
            name->setFixedWidth(78);
            row->addWidget(name);
            auto* says = new Label(check.says, 13, 400, Ink::Muted);
            says->setWordWrap(true);
            row->addWidget(says, 1);
            m_checks->addLayout(row);
        }
    }
    setFocus();
}

void FirstLaunch::resizeEvent(QResizeEvent* event) {
    m_stage->setVisible(width() >= 940);
    QWidget::resizeEvent(event);
}

void FirstLaunch::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().view); }

}  // namespace app::learn
