#include "app/shell/layout_plan.h"

namespace app::shell {

LayoutPlan LayoutPlan::of(QSize window, Place place, const QString& view, bool labOpen) {
    LayoutPlan plan;
    const bool wide = window.width() >= kWide;
    plan.rightOverlays = window.width() < kNarrow;
    if (place == Place::Learn) {
        return plan;
    }
    plan.clusterOpen = wide;
    plan.rightOpen = labOpen || wide;
    plan.rightWidth = window.width() < kNarrow ? kRightLeast : 400;
    plan.bottomShown = true;
    const bool wantsConsole = view == "Ring" || view == "Data";
    plan.bottomFolded = wide ? !wantsConsole : !labOpen;
    plan.bottomHeight = window.height() >= 900 ? 272 : window.height() >= 720 ? 212 : 186;
    if (place == Place::Console) {
        plan.bottomFolded = false;
        plan.rightOpen = labOpen;
    }
    return plan;
}

}  // namespace app::shell
