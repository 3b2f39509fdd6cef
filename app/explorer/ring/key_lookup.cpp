#include "app/explorer/ring/key_lookup.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPointer>
#include <QThreadPool>

#include "engine/admin/admin_client.h"

namespace app::explorer::ring {

namespace {

constexpr int kTimeoutMillis = 2000;

std::string paramsOf(const sources::KeySelection& asked, const QStringList& literals) {
    const QJsonObject params{{"keyspace", asked.keyspace}, {"table", asked.table}, {"key", QJsonArray::fromStringList(literals)}};
    return QJsonDocument(params).toJson(QJsonDocument::Compact).toStdString();
}

engine::Result<KeyFacts> askOnce(const KeyLookup::Ask& ask, const sources::KeySelection& asked, const QStringList& literals) {
    auto answer = ask(paramsOf(asked, literals));
    if (!answer) {
        return answer.error();
    }
    return parseExplain(answer.value(), asked);
}

QString quoted(const QString& text) { return '\'' + QString(text).replace('\'', "''") + '\''; }

engine::Result<KeyFacts> askTwice(const KeyLookup::Ask& ask, sources::KeySelection asked) {
    const QStringList literals = splitLiterals(asked.text);
    auto first = askOnce(ask, asked, literals);
    if (first || asked.text.contains('\'')) {
        return first;
    }
    QStringList texts;
    for (const QString& literal : literals) {
        texts += quoted(literal);
    }
    asked.text = texts.join(", ");
    auto second = askOnce(ask, asked, texts);
    return second ? second : first;
}

}  // namespace

QStringList splitLiterals(const QString& text) {
    QStringList out;
    QString part;
    int depth = 0;
    bool inQuotes = false;
    for (const QChar c : text) {
        if (c == '\'') {
            inQuotes = !inQuotes;
        } else if (!inQuotes && QString("([{").contains(c)) {
            ++depth;
        } else if (!inQuotes && QString(")]}").contains(c)) {
            --depth;
        }
        if (c == ',' && !inQuotes && depth == 0) {
            out += part.trimmed();
            part.clear();
        } else {
            part += c;
        }
    }
    out += part.trimmed();
    return out;
}

engine::Result<KeyFacts> parseExplain(const std::string& json, const sources::KeySelection& asked) {
    const QJsonObject answer = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    bool isNumber = false;
    const std::int64_t token = answer["token"].toString().toLongLong(&isNumber);
    if (!isNumber || !answer["keyHex"].isString()) {
        return engine::makeError(engine::ErrorKind::Corrupt, "explain: the node's answer has no token or no key");
    }
    KeyFacts facts;
    facts.key = asked;
    facts.key.token = token;
    QByteArray hex = answer["keyHex"].toString().toLatin1();
    facts.key.bytes = QByteArray::fromHex(hex.startsWith("0x") ? hex.mid(2) : hex).toStdString();
    for (const auto& column : answer["keyColumns"].toArray()) {
        facts.columns += column.toObject()["name"].toString();
    }
    return facts;
}

KeyLookup::KeyLookup(sources::ClusterModel& model, QObject* parent) : QObject(parent), m_model(model) {}

KeyLookup::Ask KeyLookup::askOfSomeNode() const {
    if (m_ask) {
        return m_ask;
    }
    const auto processes = m_model.source() != nullptr ? m_model.source()->nodes() : std::vector<sources::NodeProcess>();
    for (const sources::NodeProcess& process : processes) {
        if (process.state == sources::ProcessState::Running && process.adminPort != 0) {
            const engine::admin::AdminAddress at{process.address.toStdString(), process.adminPort, process.adminToken.toStdString()};
            return [at](const std::string& params) { return engine::admin::call(at, "explain", params, kTimeoutMillis); };
        }
    }
    return {};
}

void KeyLookup::find(const QString& keyspace, const QString& table, const QString& literals) {
    const int question = ++m_newest;
    Ask ask = askOfSomeNode();
    if (!ask) {
        emit failed("No node answers: start one to look up a key.");
        return;
    }
    sources::KeySelection asked{keyspace, table, {}, 0, literals.trimmed()};
    QThreadPool::globalInstance()->start([ask = std::move(ask), asked = std::move(asked), question, me = QPointer<KeyLookup>(this)] {
        auto answer = askTwice(ask, asked);
        QMetaObject::invokeMethod(qApp, [me, question, answer = std::move(answer)] {
            if (me) {
                me->deliver(question, answer);
            }
        });
    });
}

void KeyLookup::deliver(int question, const engine::Result<KeyFacts>& answer) {
    if (question != m_newest) {
        return;
    }
    if (answer) {
        emit found(answer.value());
    } else {
        emit failed(QString::fromStdString(answer.error().message));
    }
}

}  // namespace app::explorer::ring
