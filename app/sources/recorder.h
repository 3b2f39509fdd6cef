#pragma once

#include <QFile>
#include <QObject>

#include "app/sources/cluster_model.h"

namespace app::sources {

/// Writes every event that a model takes to a recording (engine/observe/recording.h), until it is
/// destroyed. GUI thread.
class Recorder : public QObject {
    Q_OBJECT

public:
    Recorder(ClusterModel& model, const QString& file, QObject* parent = nullptr);

    /// Empty: all was written so far. Else what the file system said.
    QString trouble() const;
    std::uint64_t events() const { return m_events; }

private:
    void write(const SourceBatch& batch);

    QFile m_file;
    QString m_trouble;
    std::uint64_t m_events = 0;
};

}  // namespace app::sources
