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

/// The Inspector dock's content: follows the selection.
QWidget* makeInspector(sources::ClusterModel& model, QWidget* parent);

}  // namespace app::explorer
