#include "app/sources/selection.h"

namespace app::sources {

void Selection::setNode(const QString& node) {
    if (node != m_node) {
        m_node = node;
        emit nodeChanged();
        emit changed();
    }
}

void Selection::setKey(std::optional<KeySelection> key) {
    if (key != m_key) {
        m_key = std::move(key);
        emit keyChanged();
        emit changed();
    }
}

void Selection::setRequest(std::optional<engine::Uuid> request) {
    if (request != m_request) {
        m_request = request;
        emit requestChanged();
        emit changed();
    }
}

void Selection::setTable(const QString& table) {
    if (table != m_table) {
        m_table = table;
        emit tableChanged();
        emit changed();
    }
}

void Selection::clear() {
    setNode({});
    setKey({});
    setRequest({});
}

}  // namespace app::sources
