#include "app/shell/node_chip.h"

#include <QContextMenuEvent>
#include <QKeyEvent>

#include "app/shell/faults.h"
#include "app/shell/kit.h"

namespace app::shell {

using sources::NodeAction;
using sources::NodeInfo;
using sources::ProcessState;

namespace {
constexpr std::int64_t kSlowLinkMicros = 200'000;  // Long enough to be seen, short enough to time nothing out.
}

void fillNodeMenu(QMenu& menu, sources::ClusterModel& model, int number) {
    const NodeInfo* info = model.node(number);
    if (info == nullptr) {
        return;
    }
    const QString n = info->label();
    auto* source = model.source();
    const auto act = [&](const QString& icon, const QString& text, NodeAction action, bool possible) {
        QAction* item = menu.addAction(menuIcon(icon), text);
        item->setEnabled(possible && !info->busy && source != nullptr && source->canAct());
        QObject::connect(item, &QAction::triggered, source, [source, action, number] { source->perform(action, number); });
    };
    const bool running = info->process == ProcessState::Running;
    const bool paused = info->process == ProcessState::Paused;
    if (paused) {
        act("play", "Resume " + n, NodeAction::Resume, true);
    } else {
        act("pause", "Pause " + n, NodeAction::Pause, running);
    }
    act("power", "Stop " + n + " (announces, flushes)", NodeAction::Stop, running);
    act("x", "Kill " + n + " (no goodbye)", NodeAction::Kill, running || paused);
    act("play", "Start " + n, NodeAction::Start, info->process == ProcessState::Stopped);
}

void fillLinkMenu(QMenu& menu, sources::ClusterModel& model, int number) {
    const NodeInfo* info = model.node(number);
    auto* source = model.source();
    if (info == nullptr || source == nullptr || !source->canAct() || model.nodes().size() < 2) {
        return;
    }
    using sources::LinkChange;
    const QString n = info->label();
    const auto act = [source](QMenu& in, const QString& icon, const QString& text, const LinkChange& change, bool possible) {
        QAction* item = in.addAction(menuIcon(icon), text);
        item->setEnabled(possible);
        QObject::connect(item, &QAction::triggered, source, [source, change] { source->changeLinks(change); });
    };
    const bool running = info->process == ProcessState::Running;
    menu.addSeparator();
    LinkChange cut;
    cut.kind = LinkChange::Kind::CutOff;
    cut.from = number;
    act(menu, "cut", "Cut " + n + " off (no message in or out)", cut, running && !info->isCutOff());
    QMenu* slow = menu.addMenu(menuIcon("clock"), "Slow messages of " + n + " by 200 ms, to");
    slow->setEnabled(running);
    for (const NodeInfo& other : model.nodes()) {
        if (other.number == number) {
            continue;
        }
        LinkChange change;
        change.kind = LinkChange::Kind::Slow;
        change.from = number;
        change.to = other.number;
        change.delayMicros = kSlowLinkMicros;
        act(*slow, "link", other.label(), change, true);
    }
    for (const Fault& fault : faultsOf(model.nodes())) {
        const bool concerns = fault.node == number ||
                              std::any_of(info->links.begin(), info->links.end(), [&](const auto& rule) { return rule.name == fault.link; });
        if (!fault.link.isEmpty() && concerns) {
            LinkChange change;
            change.kind = LinkChange::Kind::Heal;
            change.name = fault.link;
            act(menu, "heal", "Heal " + fault.title, change, true);
        }
    }
}

NodeChip::NodeChip(sources::ClusterModel& model, int number, QWidget* parent)
    : QAbstractButton(parent), m_model(model) {
    m_info.number = number;
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    connect(this, &QAbstractButton::clicked, this, [this] {
        m_model.selection().setNode(m_info.name);
        emit menuWanted(m_info.number, mapToGlobal(QPoint(0, height() + 2)));
    });
}

void NodeChip::setInfo(const NodeInfo& info) {
    m_info = info;
    const QString words = info.label() + ", " + info.word + " (" + codeOf(info.mark) + "), " + info.address;
    setToolTip(words);
    setAccessibleName(words);
    update();
}

void NodeChip::setBadgeOnly(bool only) {
    m_badgeOnly = only;
    updateGeometry();
    update();
}

QSize NodeChip::sizeHint() const { return {m_badgeOnly ? 44 : 72, 28}; }

void NodeChip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    const bool odd = m_info.mark != StateMark::Up;
    const bool selected = m_model.selection().node() == m_info.name && !m_info.name.isEmpty();
    paint::box(p, rect(), odd || underMouse() ? t.hover : QColor(), selected ? t.accent : t.line, 6);
    const double yc = height() / 2.0;
    paint::badge(p, {16, yc}, 8, m_info.number, m_info.mark == StateMark::Down || m_info.mark == StateMark::Unknown);
    if (!m_badgeOnly) {
        paint::mid(p, {30, yc}, m_info.label(), sans(12.5, 500), t.text);
    }
    if (m_info.busy) {
        paint::text(p, {width() - 14.0, yc + 4}, QString(QChar(0x2026)), sans(12.5, 600), t.muted, Align::Centre);
    } else {
        paint::state(p, {width() - 14.0, yc}, m_info.mark, 4.5);
    }
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, rect(), {}, t.focus, 6, 2);
    }
}

void NodeChip::contextMenuEvent(QContextMenuEvent* event) { emit menuWanted(m_info.number, event->globalPos()); }

void NodeChip::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Menu || event->key() == Qt::Key_Return || event->key() == Qt::Key_Down) {
        emit menuWanted(m_info.number, mapToGlobal(QPoint(0, height() + 2)));
        return;
    }
    QAbstractButton::keyPressEvent(event);
}

bool NodeChip::event(QEvent* event) {
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave ||
        event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) {
        update();
    }
    return QAbstractButton::event(event);
}

}  // namespace app::shell
