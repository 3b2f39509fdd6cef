#include "app/shell/presenter_strip.h"

#include "app/shell/faults.h"
#include "app/shell/kit.h"

namespace app::shell {

namespace {
constexpr int kHeight = 64;
constexpr double kNamePx = 17;
constexpr int kNodesMax = 12;
}  // namespace

PresenterStrip::PresenterStrip(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setFixedHeight(kHeight);
    connect(&model, &sources::ClusterModel::nodesChanged, this, qOverload<>(&QWidget::update));
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PresenterStrip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    p.fillRect(rect(), t.view);
    const double y = height() / 2.0 + 4;
    double right = width() - 28;
    const auto faults = faultsOf(m_model.nodes());
    for (auto fault = faults.rbegin(); fault != faults.rend(); ++fault) {
        paint::PillStyle style;
        style.ink = t.down;
        style.fill = t.fail_tint;
        style.edge = t.down;
        style.size = 15;
        style.height = 34;
        style.pad = 12;
        style.icon = fault->icon;
        if (right - paint::pillWidth(fault->title, style) < width() / 2.0) {
            paint::mid(p, {right, y}, QString("+%1").arg(std::distance(fault, faults.rend())), sans(15, 600), t.down, Align::Right);
            break;
        }
        right = paint::pill(p, {right, y}, fault->title, style, Align::Right).left() - 10;
    }
    double x = 38;
    int shown = 0;
    for (const sources::NodeInfo& node : m_model.nodes()) {
        if (++shown > kNodesMax || x > right - 120) {
            break;
        }
        const bool hollow = node.mark == StateMark::Down || node.mark == StateMark::Unknown;
        paint::badge(p, {x, y}, 12, node.number, hollow);
        x += 24 + paint::mid(p, {x + 24, y}, node.label(), sans(kNamePx, 500), t.text) + 18;
        paint::state(p, {x, y}, node.mark, 8);
        x += 34;
    }
}

}  // namespace app::shell
