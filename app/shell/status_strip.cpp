#include "app/shell/status_strip.h"

namespace app::shell {

StatusStrip::StatusStrip(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setFixedHeight(24);
    m_second.setInterval(500);
    connect(&m_second, &QTimer::timeout, this, [this] {
        const QString words = (leftWords() + rightWords()).join(". ");
        if (words != accessibleName()) {
            setAccessibleName(words);
            update();
        }
    });
    m_second.start();
    m_forget.setSingleShot(true);
    m_forget.setInterval(6000);
    connect(&m_forget, &QTimer::timeout, this, [this] {
        m_brief.clear();
        update();
    });
}

void StatusStrip::say(const QString& what) {
    m_now = what;
    update();
}

void StatusStrip::sayBriefly(const QString& what) {
    m_brief = what;
    m_forget.start();
    update();
}

QStringList StatusStrip::leftWords() const {
    QStringList words;
    if (!m_brief.isEmpty()) {
        words << m_brief;
    } else if (!m_now.isEmpty()) {
        words << m_now;
    } else if (m_model.nodes().empty()) {
        words << "Nothing is running";
    }
    if (!m_model.isLive()) {
        const double ago = static_cast<double>(m_model.live().nanos - m_model.nanos()) / 1e9;
        words << QString("%1, %2 s ago").arg(clockText(m_model.wallMicrosOf(m_model.nanos()))).arg(ago, 0, 'f', 0);
    }
    if (!m_model.selection().table().isEmpty()) {
        words << m_model.selection().table();
    }
    return words;
}

QStringList StatusStrip::rightWords() const {
    std::uint64_t memory = 0;
    int running = 0;
    for (const sources::NodeInfo& node : m_model.nodes()) {
        if (node.process == sources::ProcessState::Running || node.process == sources::ProcessState::Paused) {
            ++running;
            memory += node.residentBytes;
        }
    }
    return {QString("%1 events/s, %2 lost").arg(countText(static_cast<std::int64_t>(m_model.eventsPerSecond())),
                                                countText(static_cast<std::int64_t>(m_model.eventsLost()))),
            counted(running, "node") + ", " + (memory > 0 ? bytesText(memory) : "0 MiB")};
}

void StatusStrip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    p.fillRect(rect(), t.panel);
    paint::hline(p, 59, width(), 0, t.line);
    const double yc = height() / 2.0 + .5;
    double right = width() - 14;
    const QStringList facts = rightWords();
    for (auto fact = facts.crbegin(); fact != facts.crend(); ++fact) {
        right -= paint::mid(p, {right, yc}, *fact, sans(11), t.muted, Align::Right) + 22;
    }
    double x = 72;
    for (const QString& word : leftWords()) {
        const QString cut = paint::elided(word, sans(11), std::max(0.0, right - x));
        x += paint::mid(p, {x, yc}, cut, sans(11), t.muted) + 20;
    }
}

}  // namespace app::shell
