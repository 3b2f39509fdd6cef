#pragma once

#include <QObject>

#include <functional>

#include "app/sources/cluster_model.h"
#include "engine/base/result.h"

namespace app::explorer::ring {

/// A partition key's serialised form and token, as a node answers `explain`.
struct KeyFacts {
    sources::KeySelection key;
    QStringList columns;  // Names of the partition key's columns.
};

/// The literals of a composite key, split at commas outside quotes, brackets and braces.
QStringList splitLiterals(const QString& text);
/// Reads a node's answer to `explain`.
engine::Result<KeyFacts> parseExplain(const std::string& json, const sources::KeySelection& asked);

/// Asks a node that answers for the bytes and token of a key written as CQL literals. The question is
/// put off the GUI thread; of several the newest counts. Text that is no literal is tried once more
/// in quotes. GUI thread.
class KeyLookup : public QObject {
    Q_OBJECT

public:
    /// Puts one question to a node's admin endpoint; called on another thread.
    using Ask = std::function<engine::Result<std::string>(const std::string& params)>;

    explicit KeyLookup(sources::ClusterModel& model, QObject* parent = nullptr);
    /// Instead of the cluster's own nodes, for tests.
    void setAsk(Ask ask) { m_ask = std::move(ask); }
    void find(const QString& keyspace, const QString& table, const QString& literals);
    void cancel() { ++m_newest; }

signals:
    void found(const app::explorer::ring::KeyFacts& facts);
    /// `why` names place and cause.
    void failed(const QString& why);

private:
    Ask askOfSomeNode() const;
    void deliver(int question, const engine::Result<KeyFacts>& answer);

    sources::ClusterModel& m_model;
    Ask m_ask;
    int m_newest = 0;
};

}  // namespace app::explorer::ring
