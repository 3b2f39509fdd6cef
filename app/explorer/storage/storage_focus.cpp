#include "app/explorer/storage/storage_focus.h"

namespace app::explorer::storage {

StorageFocus& StorageFocus::of(sources::ClusterModel& model) {
    auto* focus = model.findChild<StorageFocus*>(QString(), Qt::FindDirectChildrenOnly);
    return focus != nullptr ? *focus : *new StorageFocus(model);
}

void StorageFocus::choose(const Part& part) {
    m_part = part;
    emit changed();
}

void StorageFocus::clear() {
    if (m_part) {
        m_part.reset();
        emit changed();
    }
}

}  // namespace app::explorer::storage
