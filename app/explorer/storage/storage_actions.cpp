#include "app/explorer/storage/storage_actions.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPointer>
#include <QThreadPool>

#include "engine/admin/admin_client.h"

namespace app::explorer::storage {

namespace {

/// A major compaction of a large table takes its time.
constexpr int kTimeoutMillis = 600'000;

engine::Result<void> runOn(const sources::NodeProcess& node, const QStringList& words) {
    const engine::admin::AdminAddress at{node.address.toStdString(), node.adminPort, node.adminToken.toStdString()};
    if (words[0] == "pause" || words[0] == "resume") {
        const auto done = engine::admin::call(at, "compactions", words[0] == "pause" ? R"({"paused": true})" : R"({"paused": false})", kTimeoutMillis);
        return done ? engine::ok() : engine::Result<void>(done.error());
    }
    const QJsonObject params{{"words", QJsonArray::fromStringList(words)}};
    const auto answer = engine::admin::call(at, "nodetool", QJsonDocument(params).toJson(QJsonDocument::Compact).toStdString(), kTimeoutMillis);
    if (!answer) {
        return answer.error();
    }
    const QJsonObject told = QJsonDocument::fromJson(QByteArray::fromStdString(answer.value())).object();
    if (told["exit"].toInt() != 0) {
        const QString text = told["err"].toString().isEmpty() ? told["out"].toString() : told["err"].toString();
        return engine::invalid(text.trimmed().section('\n', 0, 0).toStdString());
    }
    return engine::ok();
}

}  // namespace

std::vector<sources::NodeProcess> StorageActions::nodesAt(const QString& node) const {
    std::vector<sources::NodeProcess> nodes = m_model.source() != nullptr ? m_model.source()->nodes() : std::vector<sources::NodeProcess>();
    std::erase_if(nodes, [&node](const sources::NodeProcess& process) {
        const bool wanted = node.isEmpty() || process.name == node;
        return !wanted || process.state != sources::ProcessState::Running || process.adminPort == 0;
    });
    return nodes;
}

void StorageActions::perform(const QString& verb, const QString& table, const QString& node) {
    // Cassandra wants to be told that verify is meant.
    const QStringList options = verb == "verify" ? QStringList{"-f"} : QStringList();
    tell(verb, QStringList{verb} + options + QStringList{table.section('.', 0, 0), table.section('.', 1)}, node, true);
}

void StorageActions::stopCompactions(const QString& node) { tell("stop", {"stop", "COMPACTION"}, node, false); }

void StorageActions::pauseCompactions(const QString& node, bool paused) {
    const QString verb = paused ? "pause" : "resume";
    tell(verb, {verb}, node, false);
}

void StorageActions::limitCompactions(const QString& node, int mebibytes) {
    tell("setcompactionthroughput", {"setcompactionthroughput", QString::number(mebibytes)}, node, false);
}

/// `alone`: not while another such deed goes on.
void StorageActions::tell(const QString& verb, const QStringList& words, const QString& node, bool alone) {
    if (alone && m_busy) {
        return;
    }
    const std::vector<sources::NodeProcess> nodes = nodesAt(node);
    if (nodes.empty()) {
        emit finished(verb, "No node answers: start one first.");
        return;
    }
    if (alone) {
        m_busy = true;
        emit started();
    }
    QThreadPool::globalInstance()->start([run = m_run ? m_run : Run(runOn), nodes, words, verb, alone, me = QPointer<StorageActions>(this)] {
        QString error;
        for (const sources::NodeProcess& process : nodes) {
            const engine::Result<void> done = run(process, words);
            if (!done && error.isEmpty()) {
                error = QString("n%1: %2").arg(process.number).arg(QString::fromStdString(done.error().message));
            }
        }
        QMetaObject::invokeMethod(qApp, [me, verb, error, alone] {
            if (me) {
                me->m_busy = me->m_busy && !alone;
                emit me->finished(verb, error);
            }
        });
    });
}

}  // namespace app::explorer::storage
