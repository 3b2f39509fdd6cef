#include "app/explorer/storage/node_question.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QPointer>
#include <QThreadPool>

#include "app/explorer/ring/key_lookup.h"
#include "engine/admin/admin_client.h"

namespace app::explorer::storage {

namespace {

constexpr int kAnswerMillis = 5000;

using AskResult = engine::Result<std::string>;

std::string withKey(QJsonObject params, const QStringList& literals) {
    params["key"] = QJsonArray::fromStringList(literals);
    return QJsonDocument(params).toJson(QJsonDocument::Compact).toStdString();
}

AskResult askWithQuotes(const NodeQuestion::Ask& ask, const std::string& method, const QJsonObject& params, const QString& key) {
    const QStringList literals = key.trimmed().isEmpty() ? QStringList() : ring::splitLiterals(key);
    AskResult first = ask(method, withKey(params, literals));
    if (first || key.contains('\'') || literals.isEmpty()) {
        return first;
    }
    // A text key without its quotes, alone or in front of clustering values.
    QStringList quotedFirst = literals, quotedAll;
    for (const QString& literal : literals) {
        quotedAll += '\'' + QString(literal).replace('\'', "''") + '\'';
    }
    quotedFirst[0] = quotedAll[0];
    for (const QStringList& again : {quotedFirst, quotedAll}) {
        AskResult next = ask(method, withKey(params, again));
        if (next) {
            return next;
        }
    }
    return first;
}

}  // namespace

NodeQuestion::Ask NodeQuestion::askOf(const QString& node) const {
    if (m_ask) {
        return m_ask;
    }
    const auto processes = m_model.source() != nullptr ? m_model.source()->nodes() : std::vector<sources::NodeProcess>();
    for (const sources::NodeProcess& process : processes) {
        if (process.name == node && process.state == sources::ProcessState::Running && process.adminPort != 0) {
            const engine::admin::AdminAddress at{process.address.toStdString(), process.adminPort, process.adminToken.toStdString()};
            return [at](const std::string& method, const std::string& params) { return engine::admin::call(at, method, params, kAnswerMillis); };
        }
    }
    return {};
}

void NodeQuestion::ask(const QString& node, const QString& method, const QJsonObject& params, const QString& key) {
    const int question = ++m_newest;
    Ask ask = askOf(node);
    if (!ask) {
        emit failed("This node does not run: start it, or choose another one.");
        return;
    }
    QThreadPool::globalInstance()->start([ask = std::move(ask), method = method.toStdString(), params, key, question, me = QPointer<NodeQuestion>(this)] {
        AskResult answer = askWithQuotes(ask, method, params, key);
        QMetaObject::invokeMethod(qApp, [me, question, answer = std::move(answer)] {
            if (me) {
                me->deliver(question, answer);
            }
        });
    });
}

void NodeQuestion::deliver(int question, const engine::Result<std::string>& answer) {
    if (question != m_newest) {
        return;
    }
    if (answer) {
        emit answered(QJsonDocument::fromJson(QByteArray::fromStdString(answer.value())).object());
    } else {
        emit failed(QString::fromStdString(answer.error().message));
    }
}

}  // namespace app::explorer::storage
