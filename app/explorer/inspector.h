#pragma once

#include <QStackedWidget>

#include <map>
#include <string>

#include "app/explorer/coalesced.h"
#include "app/explorer/gossip/gossip_page.h"
#include "app/explorer/sheet.h"
#include "app/explorer/storage/storage_actions.h"
#include "app/explorer/storage/storage_page.h"
#include "app/sources/cluster_model.h"

namespace app::explorer {

/// The Inspector dock's content: what was selected last, a request, a node or a file, told in full.
/// Enter or a double click on a line of a trace shows that moment. GUI thread.
class Inspector : public QStackedWidget {
    Q_OBJECT

public:
    explicit Inspector(sources::ClusterModel& model, QWidget* parent = nullptr);
    SheetView& sheet() { return *m_sheet; }

    /// Tells nodes what the page's buttons on compactions ask for.
    storage::StorageActions& storageActions() { return *m_storage; }

signals:
    /// What a button could not do.
    void failed(const QString& why);

private:
    enum class Page { Nothing, Request, Node, File, Told };

    void act(gossip::NodeDeed deed);
    void act(storage::CompactionDeed deed);
    void act(storage::FileDeed deed);
    void openBytes();
    void turnTo(Page page);
    sheet::Lines lines(double width) const;

    sources::ClusterModel& m_model;
    Coalesced m_follow;
    Page m_page = Page::Nothing;
    SheetView* m_sheet;
    storage::StorageActions* m_storage;
    std::map<std::string, int> m_speeds;  // Of nodes whose compactions were slowed down here, in MiB a second before.
};

}  // namespace app::explorer
