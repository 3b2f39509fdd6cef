#pragma once

#include <QJsonObject>
#include <QObject>

#include <functional>

#include "app/sources/cluster_model.h"
#include "engine/base/result.h"

namespace app::explorer::storage {

/// One question to one node's admin endpoint at a time, put off the GUI thread; of several the newest
/// counts. Text of a key that is no literal is tried once more in quotes. GUI thread.
class NodeQuestion : public QObject {
    Q_OBJECT

public:
    /// Puts a question; called on another thread.
    using Ask = std::function<engine::Result<std::string>(const std::string& method, const std::string& params)>;

    explicit NodeQuestion(sources::ClusterModel& model, QObject* parent = nullptr) : QObject(parent), m_model(model) {}
    /// Instead of the cluster's nodes, for tests.
    void setAsk(Ask ask) { m_ask = std::move(ask); }
    /// `node` by its event name. `key` is a person's text of literals and goes into `params`.
    void ask(const QString& node, const QString& method, const QJsonObject& params, const QString& key);
    void cancel() { ++m_newest; }

signals:
    void answered(const QJsonObject& answer);
    /// `why` names place and cause.
    void failed(const QString& why);

private:
    Ask askOf(const QString& node) const;
    void deliver(int question, const engine::Result<std::string>& answer);

    sources::ClusterModel& m_model;
    Ask m_ask;
    int m_newest = 0;
};

}  // namespace app::explorer::storage
