#include "app/sources/recorder.h"

#include "engine/observe/recording.h"

namespace app::sources {

Recorder::Recorder(ClusterModel& model, const QString& file, QObject* parent) : QObject(parent), m_file(file) {
    if (!m_file.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
        m_trouble = QString("%1: %2").arg(file, m_file.errorString());
        return;
    }
    engine::ByteWriter out;
    engine::observe::writeRecordingHead(out);
    m_file.write(out.bytes().data(), static_cast<qint64>(out.size()));
    connect(&model, &ClusterModel::eventsFolded, this, &Recorder::write);
}

QString Recorder::trouble() const {
    return m_trouble;
}

void Recorder::write(const SourceBatch& batch) {
    engine::ByteWriter out;
    for (const engine::observe::Event& event : batch.events) {
        engine::observe::writeRecorded(out, event);
    }
    const bool written = m_file.write(out.bytes().data(), static_cast<qint64>(out.size())) == static_cast<qint64>(out.size());
    if (!written || !m_file.flush()) {
        m_trouble = QString("%1: %2").arg(m_file.fileName(), m_file.errorString());
    }
    m_events += batch.events.size();
}

}  // namespace app::sources
