#include "app/console/outcome_store.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#include <algorithm>

namespace app::console {

namespace {

QJsonObject fieldsOf(const RunSettings& s) {
    return {{"consistency", s.consistency}, {"serial", s.serial},   {"coordinator", s.coordinator}, {"label", s.coordinatorLabel},
            {"page", s.pageSize},           {"expand", s.expand},   {"client", s.clientTimestamp}};
}

RunSettings settingsOf(const QJsonObject& in) {
    RunSettings s;
    s.consistency = in["consistency"].toString(s.consistency);
    s.serial = in["serial"].toString(s.serial);
    s.coordinator = in["coordinator"].toString();
    s.coordinatorLabel = in["label"].toString();
    s.pageSize = in["page"].toInt(s.pageSize);
    s.expand = in["expand"].toBool();
    s.clientTimestamp = in["client"].toBool();
    return s;
}

QJsonObject fieldsOf(const ResultSet& set) {
    QJsonArray columns, rows;
    for (const ResultColumn& column : set.columns) {
        columns << QJsonObject{{"name", column.name}, {"type", column.type}, {"right", column.rightAligned}, {"json", column.json},
                               {"quoted", column.quoted}};
    }
    for (const auto& row : set.rows) {
        if (rows.size() == OutcomeStore::kRows) {
            break;
        }
        QJsonArray cells;
        for (const auto& cell : row) {
            cells << (cell ? QJsonValue(*cell) : QJsonValue());
        }
        rows << cells;
    }
    return {{"table", set.table}, {"columns", columns}, {"rows", rows}};
}

ResultSetPtr resultOf(const QJsonObject& in) {
    auto set = std::make_shared<ResultSet>();
    set->table = in["table"].toString();
    for (const auto& one : in["columns"].toArray()) {
        const QJsonObject column = one.toObject();
        set->columns.push_back({column["name"].toString(), column["type"].toString(), column["right"].toBool(), column["json"].toBool(),
                                column["quoted"].toBool()});
    }
    for (const auto& one : in["rows"].toArray()) {
        std::vector<std::optional<QString>> cells(set->columns.size());
        const QJsonArray row = one.toArray();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const QJsonValue cell = row.at(static_cast<qsizetype>(i));
            cells[i] = cell.isString() ? std::optional(cell.toString()) : std::nullopt;
        }
        set->rows.push_back(std::move(cells));
    }
    return set;
}

QJsonObject fieldsOf(const Outcome& o) {
    QJsonObject out{{"text", o.statement.text}, {"line", o.statement.line}, {"settings", fieldsOf(o.settings)}, {"note", o.note},
                    {"warnings", QJsonArray::fromStringList(o.warnings)}, {"nanos", o.nanos}, {"asked", o.askedMillis},
                    {"page", o.page}, {"conditional", o.conditional}, {"writes", o.writes}, {"trace", o.traceId}};
    if (o.rows) {
        out["result"] = fieldsOf(*o.rows);
    }
    if (o.error) {
        out["error"] = QJsonObject{{"code", o.error->code}, {"message", o.error->message}};
    }
    QJsonArray trace;
    for (const TraceLine& line : o.trace) {
        trace << QJsonArray{line.micros, line.source, line.activity};
    }
    out["events"] = trace;
    return out;
}

Outcome outcomeOf(const QJsonObject& in) {
    Outcome o;
    o.earlier = true;
    o.statement.text = in["text"].toString();
    o.statement.line = in["line"].toInt();
    o.settings = settingsOf(in["settings"].toObject());
    o.note = in["note"].toString();
    for (const auto& warning : in["warnings"].toArray()) {
        o.warnings << warning.toString();
    }
    o.nanos = in["nanos"].toInteger();
    o.askedMillis = in["asked"].toInteger();
    o.page = in["page"].toInt(1);
    o.conditional = in["conditional"].toBool();
    o.writes = in["writes"].toBool();
    o.traceId = in["trace"].toString();
    if (in.contains("result")) {
        o.rows = resultOf(in["result"].toObject());
    }
    if (in.contains("error")) {
        RunError error;
        error.code = in["error"].toObject()["code"].toString();
        error.message = in["error"].toObject()["message"].toString();
        o.error = std::move(error);
    }
    for (const auto& one : in["events"].toArray()) {
        const QJsonArray line = one.toArray();
        o.trace.push_back({line.at(0).toInteger(), line.at(1).toString(), line.at(2).toString()});
    }
    return o;
}

}  // namespace

std::map<QString, std::vector<Outcome>> OutcomeStore::read() const {
    std::map<QString, std::vector<Outcome>> sheets;
    QFile in(m_file);
    if (m_file.isEmpty() || !in.open(QIODevice::ReadOnly)) {
        return sheets;
    }
    const QJsonObject all = QJsonDocument::fromJson(in.readAll()).object();
    for (auto sheet = all.begin(); sheet != all.end(); ++sheet) {
        for (const auto& one : sheet.value().toArray()) {
            sheets[sheet.key()].push_back(outcomeOf(one.toObject()));
        }
    }
    return sheets;
}

void OutcomeStore::write(const std::map<QString, std::vector<Outcome>>& sheets) const {
    if (m_file.isEmpty()) {
        return;
    }
    QJsonObject all;
    for (const auto& [name, outcomes] : sheets) {
        QJsonArray list;
        for (std::size_t i = outcomes.size() - std::min(outcomes.size(), kOutcomes); i < outcomes.size(); ++i) {
            list << fieldsOf(outcomes[i]);
        }
        all[name] = list;
    }
    QSaveFile out(m_file);
    if (out.open(QIODevice::WriteOnly)) {
        out.write(QJsonDocument(all).toJson(QJsonDocument::Compact));
        out.commit();  // It fails by leaving the old file, which is as good as it gets.
    }
}

}  // namespace app::console
