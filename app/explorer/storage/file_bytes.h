#pragma once

#include <QByteArray>
#include <QJsonObject>

#include <vector>

#include "app/explorer/rows_model.h"
#include "app/shell/kit.h"

/// The bytes of an SSTable on the way to a key, as a node's `xray` tells them. Values and pure functions.
namespace app::explorer::storage {

struct FileByteRange {
    QString component;  // "Index.db"
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    int depth = 0;
    QString name;
    QString meaning;
    QByteArray bytes;  // The first of them.
    bool isLeaf = true;  // Nothing is told of its parts.
    int parent = -1;
};

struct FileBytes {
    QString file;
    QString key;
    QString token;
    bool isFound = false;
    bool isMaybe = false;  // Says the bloom filter.
    bool isCut = false;
    std::vector<FileByteRange> ranges;
    QStringList steps;  // How the key is found, a sentence each.
};
FileBytes parseFileBytes(const QJsonObject& answer);

/// What bytes are about, for their fill.
enum class ByteKind { Key, Flags, Size, Time, Value, Deletion, Place };
inline constexpr int kByteKinds = 7;
ByteKind kindOf(const FileByteRange& range);
QString nameOf(ByteKind kind);

/// Columns: component, offset, length, name, meaning, bytes.
std::vector<RowsModel::Column> fileByteColumns();
std::vector<RowsModel::Row> fileByteRows(const FileBytes& bytes);
/// "6d 2d 31 …"
QString hexOf(const FileByteRange& range, int bytesMax);
/// The names of what it is part of, the outermost first.
QString pathOf(const FileBytes& bytes, int range);
shell::Caption fileBytesCaption(const FileBytes& bytes, const QString& node);

}  // namespace app::explorer::storage
