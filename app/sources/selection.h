#pragma once

#include <QObject>
#include <QString>

#include <cstdint>
#include <optional>

#include "engine/base/uuid.h"

namespace app::sources {

/// A partition key of a table, as looked up: its bytes when they are known, its token always.
struct KeySelection {
    QString keyspace;
    QString table;
    engine::Bytes bytes;
    std::int64_t token = 0;
    QString text;  // As a person wrote it: "'m-1131'".

    bool operator==(const KeySelection&) const = default;
};

/// The one selection that all views share: node, key, request. The moment is ClusterModel's. GUI
/// thread; setting what is set already tells nobody.
class Selection : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    /// By the name events use; empty: none.
    const QString& node() const { return m_node; }
    const std::optional<KeySelection>& key() const { return m_key; }
    const std::optional<engine::Uuid>& request() const { return m_request; }
    /// "library.books"; the table picked in the tree.
    const QString& table() const { return m_table; }

    void setNode(const QString& node);
    void setKey(std::optional<KeySelection> key);
    void setRequest(std::optional<engine::Uuid> request);
    void setTable(const QString& table);
    void clear();

signals:
    void changed();
    void nodeChanged();
    void keyChanged();
    void requestChanged();
    void tableChanged();

private:
    QString m_node;
    std::optional<KeySelection> m_key;
    std::optional<engine::Uuid> m_request;
    QString m_table;
};

}  // namespace app::sources
