#pragma once

#include <functional>
#include <vector>

#include "app/explorer/explorer_view.h"

namespace app::explorer {

/// How the shell makes its tabs: in this order, Alt+1 for the first.
struct ViewFactory {
    QString title;
    std::function<ExplorerView*(sources::ClusterModel&, QWidget* parent)> make;
};
std::vector<ViewFactory> viewFactories();


}  // namespace app::explorer
