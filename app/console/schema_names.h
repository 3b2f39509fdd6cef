#pragma once

#include <QString>
#include <QStringList>

#include <map>
#include <vector>

namespace app::console {

struct ColumnName {
    QString name;
    QString type;
    QString kind;  // partition_key, clustering, static, regular.
    int position = 0;
};

/// What completion knows of the schema: keyspaces and tables from events, columns from
/// system_schema. Columns come in key order, then by name. A value.
struct SchemaNames {
    std::map<QString, std::map<QString, std::vector<ColumnName>>> keyspaces;

    /// Empty when unknown. `keyspace` may be empty: then `used`.
    const std::vector<ColumnName>* columnsOf(const QString& keyspace, const QString& table, const QString& used) const;
};

}  // namespace app::console
