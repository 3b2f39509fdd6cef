#pragma once

#include <QStackedWidget>

#include "app/explorer/coalesced.h"
#include "app/explorer/gossip/gossip_page.h"
#include "app/explorer/sheet.h"
#include "app/sources/cluster_model.h"

namespace app::explorer {

/// The Inspector dock's content: what was selected last, a request, a node or a file, told in full.
/// Enter or a double click on a line of a trace shows that moment. GUI thread.
class Inspector : public QStackedWidget {
    Q_OBJECT

public:
    explicit Inspector(sources::ClusterModel& model, QWidget* parent = nullptr);
    SheetView& sheet() { return *m_sheet; }

private:
    enum class Page { Nothing, Request, Node, File };

    void act(gossip::NodeDeed deed);
    void turnTo(Page page);
    sheet::Lines lines(double width) const;

    sources::ClusterModel& m_model;
    Coalesced m_follow;
    Page m_page = Page::Nothing;
    SheetView* m_sheet;
};

}  // namespace app::explorer
