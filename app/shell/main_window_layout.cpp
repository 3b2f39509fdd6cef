// Places, and where the docks stand in each.

#include <QApplication>
#include <QTimer>
#include <QToolBar>

#include "app/shell/main_window.h"

namespace app::shell {

namespace {
const char* const kPlaceNames[] = {"Learn", "Explore", "Console"};
}

void MainWindow::showPlace(Place place) {
    m_place = place;
    m_rail->setCurrent(static_cast<int>(place));
    if (place == Place::Learn) {
        m_places->setCurrentWidget(m_model.nodes().empty() || m_library == nullptr || m_library->labs().empty()
                                       ? static_cast<QWidget*>(m_first) : m_course);
    } else {
        m_places->setCurrentWidget(m_explore);
    }
    applyPlan();
    remember();
    if (place == Place::Console) {
        m_bottom->showPane(ConsoleIndex);
        m_console->focusEditor();
    }
}

QString MainWindow::overrideKey(const char* what) const {
    return QString("layout/%1/%2/%3").arg(LayoutPlan::sizeClass(width())).arg(what, kPlaceNames[static_cast<int>(m_place)]);
}

void MainWindow::applyPlan() {
    if (m_presenting) {
        return;
    }
    const QString view = m_explore->count() > 0 ? m_explore->currentView()->title() : QString();
    LayoutPlan plan = LayoutPlan::of(size(), m_place, view, m_driver != nullptr);
    if (m_place != Place::Learn) {
        plan.clusterOpen = m_settings.value(overrideKey("left"), plan.clusterOpen).toBool();
        plan.rightOpen = m_settings.value(overrideKey("right"), plan.rightOpen).toBool();
        if (m_place == Place::Explore) {
            plan.bottomFolded = m_settings.value(overrideKey("folded") + '/' + view, plan.bottomFolded).toBool();
        }
    }
    setUpdatesEnabled(false);
    // The console fills the middle from below. Were the middle hidden, Qt would give its width to the side docks.
    m_places->setVisible(m_place != Place::Console);
    centralWidget()->setMaximumHeight(m_place == Place::Console ? 0 : QWIDGETSIZE_MAX);
    const bool rightOpens = plan.rightOpen && !m_right->isVisible();
    const bool leftOpens = plan.clusterOpen && !m_left->isVisible();
    setRightOverlays(plan.rightOverlays);
    m_left->setVisible(plan.clusterOpen);
    m_right->setVisible(plan.rightOpen);
    placeOverlay();
    if (!m_rightOverlays && (rightOpens || (plan.rightOpen && m_plannedFor != m_place))) {
        resizeDocks({m_right}, {plan.rightWidth}, Qt::Horizontal);
    }
    m_bottom->setVisible(plan.bottomShown);
    if (leftOpens) {
        resizeDocks({m_left}, {plan.clusterWidth}, Qt::Horizontal);
    }
    if (!m_laidOut || LayoutPlan::sizeClass(width()) != m_sizeClass) {
        m_sizeClass = LayoutPlan::sizeClass(width());
        resizeDocks({m_left}, {plan.clusterWidth}, Qt::Horizontal);
        if (!m_rightOverlays) {
            resizeDocks({m_right}, {plan.rightWidth}, Qt::Horizontal);
        }
        m_bottom->setFolded(false);
        m_bottom->openToHeight(plan.bottomHeight);
        m_laidOut = true;
    }
    m_plannedFor = m_place;
    m_bottom->setFolded(plan.bottomFolded && m_place != Place::Console);
    m_foldButton->setVisible(m_place != Place::Console);
    m_foldButton->setIconName(m_bottom->isFolded() ? "up" : "down");
    m_foldButton->setToolTip(m_bottom->isFolded() ? "Unfold the dock" : "Fold the dock to its tabs");
    m_console->sheetTools()->setVisible(!m_bottom->isFolded() && m_bottom->currentPane() == ConsoleIndex);
    setUpdatesEnabled(true);
}

void MainWindow::setRightOverlays(bool overlays) {
    if (overlays == m_rightOverlays) {
        return;
    }
    m_rightOverlays = overlays;
    m_right->setFloating(false);
    if (overlays) {
        removeDockWidget(m_right);
        m_right->setFeatures(QDockWidget::DockWidgetClosable);
    } else {
        m_right->setFeatures(QDockWidget::DockWidgetClosable | QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable);
        addDockWidget(Qt::RightDockWidgetArea, m_right);
    }
}

void MainWindow::placeOverlay() {
    if (!m_rightOverlays || !m_right->isVisible()) {
        return;
    }
    const int top = m_header->isVisible() ? m_header->height() : 0;
    const int foot = m_status->isVisible() ? m_status->height() : 0;
    m_right->setGeometry(width() - LayoutPlan::kRightLeast, top, LayoutPlan::kRightLeast, height() - top - foot);
    m_right->raise();
}

void MainWindow::foldBottom(bool folded) {
    if (m_place == Place::Explore && m_explore->count() > 0) {
        m_settings.setValue(overrideKey("folded") + '/' + m_explore->currentView()->title(), folded);
    }
    applyPlan();
}

void MainWindow::toggleDock(DockGroup* dock, const char* key) {
    if (m_place == Place::Learn) {
        showPlace(Place::Explore);
        m_settings.setValue(overrideKey(key), true);
    } else {
        m_settings.setValue(overrideKey(key), !dock->isVisible());
    }
    applyPlan();
    if (dock->isVisible()) {
        dock->widget()->setFocus();
    }
}

void MainWindow::restoreDefaultLayout() {
    m_settings.remove("layout");
    for (DockGroup* dock : {m_left, m_right, m_bottom}) {
        dock->setFloating(false);
    }
    addDockWidget(Qt::LeftDockWidgetArea, m_left);
    if (!m_rightOverlays) {
        addDockWidget(Qt::RightDockWidgetArea, m_right);
    }
    addDockWidget(Qt::BottomDockWidgetArea, m_bottom);
    m_laidOut = false;
    applyPlan();
}

void MainWindow::present(bool presenting) {
    m_presenting = presenting;
    if (presenting) {
        showPlace(Place::Explore);
        for (DockGroup* dock : {m_left, m_right, m_bottom}) {
            dock->hide();
        }
    }
    m_header->setVisible(!presenting);
    m_railBar->setVisible(!presenting);
    m_status->parentWidget()->setVisible(!presenting);
    m_explore->setPresenting(presenting);
    theme().setZoom(presenting ? 1.5 : m_settings.value("zoom", 1.0).toDouble());
    if (!presenting) {
        applyPlan();
    }
}

void MainWindow::cycleRegion(int step) {
    std::vector<QWidget*> regions{m_rail, m_places->currentWidget(), m_left, m_right, m_bottom, m_header};
    regions.erase(std::remove_if(regions.begin(), regions.end(), [](QWidget* w) { return !w->isVisible(); }), regions.end());
    int at = 0;
    for (int i = 0; i < static_cast<int>(regions.size()); ++i) {
        if (regions[static_cast<std::size_t>(i)]->isAncestorOf(QApplication::focusWidget())) {
            at = i;
        }
    }
    const int count = static_cast<int>(regions.size());
    QWidget* next = regions[static_cast<std::size_t>((at + step + count) % count)];
    for (QWidget* child : next->findChildren<QWidget*>()) {
        if (child->isVisible() && child->isEnabled() && (child->focusPolicy() & Qt::TabFocus)) {
            child->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    placeOverlay();
    if (isVisible() && LayoutPlan::sizeClass(width()) != m_sizeClass) {
        QTimer::singleShot(0, this, &MainWindow::applyPlan);
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    QTimer::singleShot(0, this, [this] {
        m_laidOut = false;
        applyPlan();
    });
}

void MainWindow::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().window); }

bool MainWindow::eventFilter(QObject* object, QEvent* event) { return QMainWindow::eventFilter(object, event); }

}  // namespace app::shell
