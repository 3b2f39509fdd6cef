#pragma once

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QWidget>

#include <map>

#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"

namespace app::shell {

class NodeChip;

/// The source with its name: "library-lab".
class SourceChip : public QAbstractButton {
    Q_OBJECT

public:
    explicit SourceChip(QWidget* parent = nullptr);
    void setName(const QString& name);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
};

/// "No faults", or how many.
class FaultChip : public QAbstractButton {
    Q_OBJECT

public:
    explicit FaultChip(QWidget* parent = nullptr);
    void setFaults(const QStringList& faults);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList m_faults;
};

/// Where the palette opens from: a field when the window is wide, else an icon.
class SearchField : public QAbstractButton {
    Q_OBJECT

public:
    explicit SearchField(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// Factors of slow motion that the window offers, 1 (full speed) first.
const std::vector<int>& paces();

/// The 44 px strip on top: menu, source, node chips, faults, Heal all, palette, theme.
class HeaderBar : public QWidget {
    Q_OBJECT

public:
    explicit HeaderBar(sources::ClusterModel& model, QWidget* parent = nullptr);

    QAbstractButton* menuButton() const { return m_menu; }
    SourceChip* sourceChip() const { return m_source; }

signals:
    void paletteWanted();
    void themeWanted();
    void healWanted();
    void faultsWanted();
    void nodeMenuWanted(int number, const QPoint& global);
    /// A step in time, -1 or 1; 0: hold the picture, or go live again.
    void timeWanted(int step);
    /// Slow motion by this factor; 1: full speed.
    void paceWanted(double factor);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showNodes();
    void showTheme();
    QWidget* makeTime();
    void showTime();
    void showPace();

    sources::ClusterModel& m_model;
    IconButton* m_menu;
    SourceChip* m_source;
    QWidget* m_chipBox;
    QHBoxLayout* m_chipRow;
    std::map<int, NodeChip*> m_chips;
    Label* m_summary;
    QWidget* m_time;
    IconButton* m_pause;
    FieldCombo* m_speed;
    FaultChip* m_faults;
    Button* m_heal;
    SearchField* m_search;
    IconButton* m_searchIcon;
    IconButton* m_theme;
};

}  // namespace app::shell
