#include "app/explorer/storage/read_path.h"

#include <QJsonArray>

#include <algorithm>
#include <map>

#include "app/explorer/names.h"

namespace app::explorer::storage {

using shell::bytesText;
using shell::counted;

namespace {

using State = StationFact::State;

std::uint64_t countIn(const QJsonValue& value) { return static_cast<std::uint64_t>(std::max<qint64>(0, value.toInteger())); }

void parseLookup(ReadSource& out, const QJsonObject& from) {
    out.outcome = from["outcome"].toString();
    out.generation = countIn(from["generation"]);
    out.minTimestamp = from["minTimestamp"].toInteger();
    out.maxTimestamp = from["maxTimestamp"].toInteger();
    out.bytesRead = countIn(from["bytesRead"]);
    out.nanos += from["lookupNanos"].toInteger();
    out.dataOffset = countIn(from["dataOffset"]);
    if (from["index"].isObject()) {
        const QJsonObject index = from["index"].toObject();
        out.index = ReadSource::Index{countIn(index["summaryEntry"]), countIn(index["summaryEntries"]), countIn(index["offset"]),
                                      countIn(index["bytes"]), countIn(index["passed"]), index["cached"].toBool()};
    }
    if (from["promoted"].isObject()) {
        const QJsonObject promoted = from["promoted"].toObject();
        out.promoted = ReadSource::Promoted{countIn(promoted["bytes"]), promoted["blocks"].toInt(), promoted["cached"].toBool(), {}};
        for (const auto& block : promoted["entered"].toArray()) {
            out.promoted->entered.push_back(block.toInt());
        }
    }
    for (const auto& value : from["chunks"].toArray()) {
        const QJsonObject chunk = value.toObject();
        out.chunks.push_back({countIn(chunk["number"]), countIn(chunk["offset"]), countIn(chunk["stored"]), countIn(chunk["bytes"]), chunk["cached"].toBool()});
    }
}

ReadSource parseSource(const QJsonObject& from) {
    ReadSource out;
    out.name = from["name"].toString();
    out.isFound = from["found"].toBool();
    out.rows = countIn(from["rows"]);
    out.markers = countIn(from["markers"]);
    out.cells = countIn(from["cells"]);
    out.nanos = from["rowsNanos"].toInteger();
    if (from.contains("deletedAt")) {
        out.deletedAt = from["deletedAt"].toInteger();
    }
    return out;
}

ReadCell parseCell(const QJsonObject& from) {
    ReadCell out{from["row"].toString(), from["column"].toString(), {}};
    for (const auto& value : from["versions"].toArray()) {
        const QJsonObject version = value.toObject();
        out.versions.push_back({version["source"].toString(), version["value"].toString(), version["timestamp"].toInteger(),
                                version["tombstone"].toBool(), version["ttl"].toInt(), version["wins"].toBool()});
    }
    return out;
}

QString cacheWord(bool isCached) { return isCached ? QString("cached") : QString("from disk"); }

QString rowsWords(const ReadSource& source) {
    QStringList parts;
    if (source.deletedAt) {
        parts += "a deletion of all of it";
    }
    if (source.rows > 0 || parts.isEmpty()) {
        parts += counted(static_cast<std::int64_t>(source.rows), "row") + ", " + counted(static_cast<std::int64_t>(source.cells), "cell");
    }
    if (source.markers > 0) {
        parts += counted(static_cast<std::int64_t>(source.markers), "range bound");
    }
    return parts.join(", ");
}

QString indexWords(const ReadSource& source) {
    QString out = QString("entry %1, %2").arg(source.index->passed + 1).arg(source.index->isCached ? "cached" : "disk");
    if (source.promoted) {
        out = QString("%1 blocks, %2").arg(source.promoted->blocks).arg(source.promoted->isCached ? "cached" : "disk");
    }
    return out;
}

QString dataWords(const ReadSource& source) {
    if (source.chunks.empty()) {
        return "nothing read";
    }
    const auto cached = static_cast<std::size_t>(std::count_if(source.chunks.begin(), source.chunks.end(), [](const ReadChunk& chunk) { return chunk.isCached; }));
    const QString what = source.chunks.size() == 1 ? QString("chunk %1").arg(source.chunks.front().number)
                                                   : counted(static_cast<std::int64_t>(source.chunks.size()), "chunk");
    return what + ", " + (cached == source.chunks.size() ? QString("cached") : cached == 0 ? QString("disk") : QString("%1 cached").arg(cached));
}

}  // namespace

std::uint64_t ReadPath::bytesRead() const {
    std::uint64_t sum = 0;
    for (const ReadSource& source : sources) {
        sum += source.bytesRead;
    }
    return sum;
}

int ReadPath::sstablesRead() const {
    return static_cast<int>(std::count_if(sources.begin(), sources.end(), [](const ReadSource& s) { return s.isSstable() && s.isFound; }));
}

int ReadPath::sstables() const {
    return static_cast<int>(std::count_if(sources.begin(), sources.end(), [](const ReadSource& s) { return s.isSstable(); }));
}

ReadPath parseReadPath(const QJsonObject& answer) {
    ReadPath out;
    out.statement = answer["statement"].toString();
    for (const auto& column : answer["keyColumns"].toArray()) {
        out.keyColumns += column.toObject()["name"].toString();
    }
    for (const auto& replica : answer["replicas"].toArray()) {
        out.replicas.push_back(replica.toString().toStdString());
    }
    out.mayStop = answer["mayStop"].toBool();
    out.isCut = answer["cut"].toBool();
    out.nanos = answer["endNanos"].toInteger();
    out.liveRows = countIn(answer["liveRows"]);
    out.tombstones = countIn(answer["tombstones"]);
    for (const auto& value : answer["memtables"].toArray()) {
        ReadSource memtable = parseSource(value.toObject());
        // The one being flushed is told only while there is something in it.
        if (out.sources.empty() || memtable.isFound) {
            out.sources.push_back(std::move(memtable));
        }
    }
    for (const auto& value : answer["sstables"].toArray()) {
        ReadSource sstable = parseSource(value.toObject());
        parseLookup(sstable, value.toObject());
        out.sources.push_back(std::move(sstable));
    }
    std::map<QString, std::uint64_t> won;
    for (const auto& value : answer["cells"].toArray()) {
        const ReadCell& cell = out.cells.emplace_back(parseCell(value.toObject()));
        for (const auto& version : cell.versions) {
            won[version.source] += version.wins ? 1 : 0;
        }
    }
    for (ReadSource& source : out.sources) {
        source.won = won[source.name];
    }
    return out;
}

QString titleOf(Station station) {
    switch (station) {
    case Station::Bounds: return "Time, rows";
    case Station::Keys: return "Key range";
    case Station::Bloom: return "Bloom filter";
    case Station::Index: return "Index";
    case Station::Data: return "Data";
    case Station::Rows: return "Rows";
    }
    return {};
}

std::array<StationFact, kStations> stationsOf(const ReadSource& source) {
    std::array<StationFact, kStations> out;
    const auto set = [&out](Station station, State state, const QString& text) { out[static_cast<std::size_t>(station)] = {state, text}; };
    if (!source.isSstable()) {
        set(Station::Rows, source.isFound ? State::Passed : State::Ends, source.isFound ? rowsWords(source) : QString("key not here"));
        return out;
    }
    const QString& outcome = source.outcome;
    if (outcome == "not-reached") {
        out.fill({State::NotReached, {}});
        return out;
    }
    if (outcome == "all-deleted" || outcome == "answered" || outcome == "no-rows") {
        set(Station::Bounds, State::Ends, outcome == "no-rows" ? "no such rows" : outcome == "answered" ? "older: read ends" : "deleted: read ends");
        return out;
    }
    set(Station::Bounds, State::Passed, "may matter");
    if (outcome == "out-of-range") {
        set(Station::Keys, State::Ends, "outside");
        return out;
    }
    set(Station::Keys, State::Passed, "inside");
    if (outcome == "bloom-no") {
        set(Station::Bloom, State::Ends, "no");
        return out;
    }
    if (outcome == "bloom-false") {
        set(Station::Bloom, State::FalseHit, "false hit");
        set(Station::Index, State::Ends, "no such key");
        return out;
    }
    set(Station::Bloom, State::Passed, "maybe");
    set(Station::Index, State::Passed, source.index ? indexWords(source) : QString("found"));
    set(Station::Data, State::Passed, dataWords(source));
    set(Station::Rows, State::Passed, source.deletedAt || source.markers > 0 ? rowsWords(source) : counted(static_cast<std::int64_t>(source.rows), "row"));
    return out;
}

QString sentenceOf(const ReadSource& source) {
    static const std::map<QString, QString> kWhy{
        {"not-reached", "Not looked at: what was found before was enough."},
        {"all-deleted", "The read ends here: the partition was deleted after everything in this file was written."},
        {"answered", "The read ends here: all that is asked for is known, and newer than anything in this file."},
        {"no-rows", "Passed over: by its smallest and largest clustering none of its rows is asked for."},
        {"out-of-range", "Passed over: the key lies before its first key or behind its last."},
        {"bloom-no", "Passed over: the bloom filter says that the key is surely not here. Nothing was read from the disk."},
        {"bloom-false", "A false hit: the bloom filter said maybe, so the index was searched, and has no such key."}};
    if (const auto why = kWhy.find(source.outcome); why != kWhy.end()) {
        return why->second;
    }
    if (!source.isSstable()) {
        return source.isFound ? QString("It has %1, of which %2 in the answer.").arg(rowsWords(source), counted(static_cast<std::int64_t>(source.won), "cell") + (source.won == 1 ? " is" : " are"))
                              : QString("It has nothing of this key.");
    }
    QString out = "The bloom filter said maybe";
    if (source.index) {
        out += QString("; the summary's entry %1 of %2 led to byte %3 of Index.db, %4 entries were passed there (%5)")
                   .arg(source.index->summaryEntry + 1).arg(source.index->summaryEntries).arg(source.index->offset).arg(source.index->passed).arg(cacheWord(source.index->isCached));
    }
    if (source.promoted) {
        QStringList entered;
        for (const int block : source.promoted->entered) {
            entered += QString::number(block);
        }
        out += QString("; its promoted index has %1 blocks (%2)").arg(source.promoted->blocks).arg(source.promoted->isCached ? QString("in the key cache") : QString("from disk"));
        out += entered.isEmpty() ? QString(", reading began at the partition's start") : ", reading began at block " + entered.join(" and ");
    }
    out += QString("; the partition begins at byte %1 of the data. It gave %2, of which %3 in the answer.")
               .arg(source.dataOffset).arg(rowsWords(source), counted(static_cast<std::int64_t>(source.won), "cell") + (source.won == 1 ? " is" : " are"));
    return out;
}

QString microsText(std::int64_t nanos) {
    return nanos >= 10'000'000 ? shell::millisText(nanos) : QString("%1 µs").arg(static_cast<double>(nanos) / 1000, 0, 'f', nanos < 100'000 ? 1 : 0);
}

std::vector<RowsModel::Column> readPathColumns() {
    return {{"Order", true}, {"Source"}, {"Outcome"}, {"Bytes from disk", true}, {"µs", true}, {"Rows", true}, {"Cells", true}, {"In the answer", true}, {"What happened"}};
}

std::vector<RowsModel::Row> readPathRows(const ReadPath& path) {
    std::vector<RowsModel::Row> out;
    for (const ReadSource& source : path.sources) {
        const QString outcome = source.isSstable() ? QString(source.outcome).replace('-', ' ') : source.isFound ? QString("found") : QString("key not here");
        out.push_back({QString::number(out.size() + 1), source.name, outcome, QString::number(source.bytesRead), QString::number(static_cast<double>(source.nanos) / 1000, 'f', 1),
                       QString::number(source.rows), QString::number(source.cells), QString::number(source.won), sentenceOf(source)});
    }
    return out;
}

shell::Caption readPathCaption(const ReadPath& path, const QString& node, const QStringList& keptBy, const ReadPath* before) {
    shell::Caption out;
    QStringList found, avoided;
    std::map<QString, int> outcomes;
    for (const ReadSource& source : path.sources) {
        if (source.isFound) {
            found += source.name;
        }
        ++outcomes[source.outcome];
    }
    const auto say = [&](const char* outcome, const QString& words) {
        if (const int count = outcomes[outcome]; count > 0) {
            avoided += words.arg(counted(count, "SSTable"));
        }
    };
    say("bloom-no", "the bloom filter spared it %1");
    say("bloom-false", "%1 was a false hit");
    say("out-of-range", "%1 cannot have the key");
    say("no-rows", "%1 cannot have the rows");
    say("not-reached", "%1 was not needed");
    out.sentence = found.isEmpty() ? node + " has nothing of this key" : QString("%1 found the key in %2").arg(node, joined(found.mid(0, 6)) + (found.size() > 6 ? QString(" and %1 more").arg(found.size() - 6) : QString()));
    if (!keptBy.isEmpty()) {
        out.sentence += QString(", and is no replica of it: %1 %2").arg(joined(keptBy), keptBy.size() == 1 ? "is" : "are");
    }
    out.sentence += avoided.isEmpty() ? QString(".") : "; " + avoided.join(", ") + '.';
    out.facts.push_back({"SSTables read", before != nullptr ? QString::number(before->sstablesRead()) : QString(), QString("%1 of %2").arg(path.sstablesRead()).arg(path.sstables())});
    out.facts.push_back({"from disk", before != nullptr ? bytesText(before->bytesRead()) : QString(), bytesText(path.bytesRead())});
    out.facts.push_back({"tombstones", before != nullptr ? QString::number(before->tombstones) : QString(), QString::number(path.tombstones)});
    return out;
}

}  // namespace app::explorer::storage
