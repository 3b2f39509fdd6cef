#pragma once

#include <QStackedWidget>
#include <QTableView>
#include <QWidget>

#include <vector>

#include "app/explorer/views.h"
#include "app/shell/kit.h"
#include "app/shell/timeline.h"
#include "app/shell/transcript.h"

namespace app::shell {

class PresenterStrip;

/// The Explore place: the views of one cluster under their tabs, and the strips that explain them
/// (tab row 40, caption 34, timeline 58).
class ExplorePage : public QWidget {
    Q_OBJECT

public:
    ExplorePage(sources::ClusterModel& model, TranscriptModel& transcript, QWidget* parent = nullptr);

    int count() const { return static_cast<int>(m_views.size()); }
    int current() const { return m_stack->currentIndex(); }
    explorer::ExplorerView* view(int index) const { return m_views[static_cast<std::size_t>(index)]; }
    explorer::ExplorerView* currentView() const { return view(current()); }
    void show(int index);
    void show(const QString& title);
    /// The rows of the view instead of its picture.
    void setTableShown(bool shown);
    bool isTableShown() const { return m_tableShown; }
    /// PNG or SVG by the name's ending, with a legend line of cluster and time. Empty: done.
    QString exportTo(const QString& file);
    void setPresenting(bool presenting);

signals:
    void viewShown(int index);
    void transcriptWanted();
    void exportWanted();
    void statementOffered(const QString& cql, bool run);
    void resultWanted(const engine::Uuid& request);
    void nodeMenuWanted(int number, const QPoint& global);
    void inspectorWanted();

private:
    void addView(explorer::ExplorerView* view);
    void showCaption();
    void exportPicture(QPainter& painter, const QSize& size);
    QString legend() const;

    sources::ClusterModel& m_model;
    TranscriptModel& m_transcript;
    PresenterStrip* m_presenter;
    Surface* m_row;
    TabStrip* m_tabs;
    IconButton* m_tableButton;
    QStackedWidget* m_forms;  // Picture or table.
    QStackedWidget* m_stack;
    QTableView* m_table;
    CaptionStrip* m_caption;
    Timeline* m_timeline;
    std::vector<explorer::ExplorerView*> m_views;
    bool m_tableShown = false;
};

}  // namespace app::shell
