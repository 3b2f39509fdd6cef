#include "app/explorer/storage/file_bytes.h"

#include <QJsonArray>

#include <algorithm>

namespace app::explorer::storage {

using shell::bytesText;

namespace {

constexpr int kChunksTold = 3;

std::uint64_t wholeIn(const QJsonValue& value) { return static_cast<std::uint64_t>(std::max<qint64>(0, value.toInteger())); }

QByteArray bytesOfHex(const QString& hex) { return QByteArray::fromHex(hex.startsWith("0x") ? hex.mid(2).toLatin1() : hex.toLatin1()); }

/// Those that follow with a greater depth are parts.
void findParts(std::vector<FileByteRange>& ranges) {
    std::vector<int> open;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        while (!open.empty() && (ranges[static_cast<std::size_t>(open.back())].depth >= ranges[i].depth || ranges[static_cast<std::size_t>(open.back())].component != ranges[i].component)) {
            open.pop_back();
        }
        if (!open.empty()) {
            ranges[i].parent = open.back();
            ranges[static_cast<std::size_t>(open.back())].isLeaf = false;
        }
        open.push_back(static_cast<int>(i));
    }
}

QStringList stepsOfAnswer(const QJsonObject& answer, const FileBytes& bytes) {
    QStringList out, bits;
    for (const auto& value : answer["bloomBits"].toArray()) {
        bits += QString::number(value.toObject()["bit"].toInteger()) + (value.toObject()["set"].toBool() ? QString() : QString(" (not set)"));
    }
    out += bits.isEmpty() ? QString("It has no bloom filter: every key may be in it.")
                          : QString("Bloom filter: %1 %2: %3.").arg(bits.size() == 1 ? QString("bit") : QString("bits"), bits.join(", "),
                                          !bytes.isMaybe ? QString("one is not set, so the key is surely not here") : bits.size() == 1 ? QString("it is set, so the key may be here") : QString("all are set, so the key may be here"));
    if (!bytes.isMaybe) {
        return out;
    }
    if (answer.contains("summaryEntry")) {
        out += QString("Summary: entry %1 is the last one at or before the key; it points to byte %2 of Index.db.").arg(answer["summaryEntry"].toInteger()).arg(answer["indexScanFrom"].toInteger());
    }
    const qint64 passed = answer["indexEntriesPassed"].toInteger();
    out += QString("Index: %1 %2 passed; %3.").arg(passed).arg(passed == 1 ? QString("entry") : QString("entries"),
                                                bytes.isFound ? QString("the partition is %1 at byte %2 of the data").arg(shell::counted(answer["dataLength"].toInteger(), "byte")).arg(answer["dataOffset"].toInteger())
                                                              : QString("the key is not there, a false hit of the filter"));
    const QJsonArray chunks = answer["chunks"].toArray();
    for (const auto& value : chunks) {
        const QJsonObject chunk = value.toObject();
        if (value.toObject()["number"].toInteger() >= chunks[0].toObject()["number"].toInteger() + kChunksTold) {
            const QJsonObject last = chunks.last().toObject();
            out += QString("Then %1, up to byte %2 of Data.db.").arg(shell::counted(chunks.size() - kChunksTold, "chunk")).arg(last["offset"].toInteger() + last["stored"].toInteger());
            break;
        }
        out += QString("Chunk %1: %2 at byte %3 of Data.db are %4 uncompressed, from byte %5 of the data on.").arg(chunk["number"].toInteger()).arg(shell::counted(chunk["stored"].toInteger(), "byte")).arg(chunk["offset"].toInteger())
                   .arg(chunk["bytes"].toInteger()).arg(chunk["dataOffset"].toInteger());
    }
    return out;
}

}  // namespace

FileBytes parseFileBytes(const QJsonObject& answer) {
    FileBytes out;
    out.file = answer["file"].toString();
    out.key = answer["key"].toString();
    out.token = answer["token"].toString();
    out.isFound = answer["found"].toBool();
    out.isMaybe = answer["bloomSaysMaybe"].toBool();
    out.isCut = answer["cut"].toBool();
    for (const auto& value : answer["ranges"].toArray()) {
        const QJsonObject range = value.toObject();
        if (!out.isMaybe && !range["component"].toString().startsWith("Filter")) {
            break;  // A read goes no further.
        }
        out.ranges.push_back({range["component"].toString(), wholeIn(range["offset"]), wholeIn(range["length"]), range["depth"].toInt(), range["name"].toString(),
                              range["meaning"].toString(), bytesOfHex(range["hex"].toString())});
    }
    findParts(out.ranges);
    out.steps = stepsOfAnswer(answer, out);
    return out;
}

ByteKind kindOf(const FileByteRange& range) {
    const QString& name = range.name;
    const auto has = [&name](const char* word) { return name.contains(QLatin1String(word)); };
    if (has("deletion") || has("deleted") || has("delete at")) {
        return ByteKind::Deletion;
    }
    if (has("flags") || has("kind") || has("header") || has("subset") || has("end of partition") || name.startsWith("bit ") || has("hash functions")) {
        return ByteKind::Flags;
    }
    if (has("timestamp") || has("ttl") || has("expires")) {
        return ByteKind::Time;
    }
    if (has("length and value") || name == "value" || has("counter") || has("path")) {
        return ByteKind::Value;
    }
    if (has("key of") || name == "partition key" || has("clustering")) {
        return ByteKind::Key;
    }
    if (has("place") || has("offset")) {
        return ByteKind::Place;
    }
    return ByteKind::Size;
}

QString nameOf(ByteKind kind) {
    switch (kind) {
    case ByteKind::Key: return "key";
    case ByteKind::Flags: return "flags";
    case ByteKind::Size: return "sizes and counts";
    case ByteKind::Time: return "time";
    case ByteKind::Value: return "value";
    case ByteKind::Deletion: return "deletion";
    case ByteKind::Place: return "place in a file";
    }
    return {};
}

QString hexOf(const FileByteRange& range, int bytesMax) {
    QString out = QString::fromLatin1(range.bytes.left(bytesMax).toHex(' '));
    return range.length > static_cast<std::uint64_t>(std::min<qsizetype>(bytesMax, range.bytes.size())) ? out + " …" : out;
}

QString pathOf(const FileBytes& bytes, int range) {
    QStringList names;
    for (int at = bytes.ranges[static_cast<std::size_t>(range)].parent; at >= 0; at = bytes.ranges[static_cast<std::size_t>(at)].parent) {
        names.prepend(bytes.ranges[static_cast<std::size_t>(at)].name);
    }
    return names.join(", ");
}

std::vector<RowsModel::Column> fileByteColumns() { return {{"Component"}, {"Offset", true}, {"Length", true}, {"What it is"}, {"Meaning"}, {"Bytes"}}; }

std::vector<RowsModel::Row> fileByteRows(const FileBytes& bytes) {
    std::vector<RowsModel::Row> out;
    for (const FileByteRange& range : bytes.ranges) {
        out.push_back({range.component, QString::number(range.offset), QString::number(range.length), QString(range.depth * 2, ' ') + range.name, range.meaning, hexOf(range, 16)});
    }
    return out;
}

shell::Caption fileBytesCaption(const FileBytes& bytes, const QString& node) {
    shell::Caption out;
    out.sentence = !bytes.isMaybe   ? QString("%1 on %2: its bloom filter says that %3 is not in it.").arg(bytes.file, node, bytes.key)
                   : bytes.isFound ? QString("%1 on %2: the bytes on the way to %3, and its partition.").arg(bytes.file, node, bytes.key)
                                   : QString("%1 on %2: the filter lets %3 through, the index does not have it.").arg(bytes.file, node, bytes.key);
    std::uint64_t data = 0;
    for (const FileByteRange& range : bytes.ranges) {
        data += range.depth == 0 && range.component.startsWith("Data") ? range.length : 0;
    }
    out.facts.push_back({"token", QString(), bytes.token});
    if (bytes.isFound) {
        out.facts.push_back({"partition", QString(), bytesText(data) + (bytes.isCut ? " shown" : "")});
    }
    return out;
}

}  // namespace app::explorer::storage
