#pragma once

#include <QAbstractItemModel>
#include <QWidget>

#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"

namespace app::explorer {

/// One painted view of the cluster, as the shell sees it: a picture, its sentence, its table. The
/// shell owns the tab, the caption strip, the table form (Ctrl+T shows tableModel() instead of the
/// picture), the transcript and the export; the view owns the picture. Views are made once, are
/// hidden while another is shown, and read the ClusterModel they were given. GUI thread.
class ExplorerView : public QWidget {
    Q_OBJECT

public:
    explicit ExplorerView(sources::ClusterModel& model, QWidget* parent = nullptr)
        : QWidget(parent), m_model(model) {
        setFocusPolicy(Qt::StrongFocus);
    }

    /// The tab's text: "Ring".
    virtual QString title() const = 0;
    /// One sentence in the present tense and up to three numbers.
    virtual shell::Caption caption() const = 0;
    /// The rows the picture is drawn from; owned by the view.
    virtual QAbstractItemModel* tableModel() = 0;
    /// The row of the table that the selection is on, -1 for none; and the other way round.
    virtual int selectedRow() const { return -1; }
    virtual void selectRow(int) {}
    /// Ctrl+F or Ctrl+K: puts the cursor where a key is typed, if the view has such a place.
    virtual void focusSearch() {}
    /// On a projector: the picture alone, without what only a hand needs.
    virtual void setPresenting(bool) {}
    /// The picture as the export draws it.
    virtual void drawTo(QPainter& painter, const QSize& size) {
        painter.save();
        render(&painter, QPoint(), QRegion(QRect(QPoint(), size)));
        painter.restore();
    }

signals:
    /// caption() says something else now; the shell asks and adds the sentence to the transcript.
    void captionChanged();
    /// "Show in Traffic": another view by its title, same selection and moment.
    void viewWanted(const QString& title);
    /// A statement to put into the console; `run` executes it there as well.
    void statementOffered(const QString& cql, bool run);
    /// The console's card of a request.
    void resultWanted(const engine::Uuid& request);
    /// The node's menu (pause, kill, stop, start) at a place on the screen.
    void nodeMenuWanted(int number, const QPoint& global);
    /// Open the Inspector on the selection (double click).
    void inspectorWanted();

protected:
    sources::ClusterModel& model() const { return m_model; }

private:
    sources::ClusterModel& m_model;
};

}  // namespace app::explorer
