#include "app/explorer/storage/storage_focus.h"

namespace app::explorer::storage {

StorageFocus& StorageFocus::of(sources::ClusterModel& model) {
    auto* focus = model.findChild<StorageFocus*>(QString(), Qt::FindDirectChildrenOnly);
    return focus != nullptr ? *focus : *new StorageFocus(model);
}

void StorageFocus::choose(const Part& part) {
    m_part = part;
    m_told.reset();
    emit changed();
}

void StorageFocus::tell(Told told) {
    m_part.reset();
    m_told = std::move(told);
    emit changed();
}

void StorageFocus::clear() {
    if (m_part || m_told) {
        m_part.reset();
        m_told.reset();
        emit changed();
    }
}

}  // namespace app::explorer::storage
