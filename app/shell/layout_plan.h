#pragma once

#include <QSize>
#include <QString>

namespace app::shell {

enum class Place { Learn, Explore, Console };

/// What the window's size and place ask of its docks, before a person decides otherwise (the table
/// of breakpoints in the design). Pure, so that it is tested without a window.
struct LayoutPlan {
    bool clusterOpen = false;
    bool rightOpen = false;
    bool rightOverlays = false;  // It stands over the picture, which keeps its width.
    bool bottomShown = false;
    bool bottomFolded = true;
    int clusterWidth = 232;
    int rightWidth = 400;
    int bottomHeight = 272;

    static constexpr int kWide = 1500;    // From here every dock has room.
    static constexpr int kNarrow = 1100;  // Below, the right dock stands over the picture.
    static constexpr int kRightLeast = 392;  // What a step's row of buttons needs.
    static LayoutPlan of(QSize window, Place place, const QString& view, bool labOpen);
    /// 0 below 1100, 1 below 1500, 2 from there: layouts are remembered for each.
    static int sizeClass(int width) { return width < kNarrow ? 0 : width < kWide ? 1 : 2; }
};

}  // namespace app::shell
