#pragma once

#include <QObject>

#include <optional>

#include "app/explorer/storage/storage_facts.h"

namespace app::explorer::storage {

/// Something of a read or of a file's bytes, told in words.
struct Told {
    QString title;
    QString note;  // At the right.
    QList<std::pair<QString, QString>> facts;
    QString text;
    std::optional<Part> file;  // The SSTable it is about.
};

/// The file, segment, memtable, compaction, or part of a read or of bytes, that is selected: the view chooses
/// it, the Inspector tells it. One a model, owned by it. GUI thread.
class StorageFocus : public QObject {
    Q_OBJECT

public:
    static StorageFocus& of(sources::ClusterModel& model);

    const std::optional<Part>& part() const { return m_part; }
    /// Told even when it is chosen already: the Inspector shows what was chosen last.
    void choose(const Part& part);
    const std::optional<Told>& told() const { return m_told; }
    void tell(Told told);
    void clear();
    /// Somebody wants to see the bytes of an SSTable.
    void openBytes(const Part& part) { emit bytesWanted(part); }

signals:
    void changed();
    void bytesWanted(const app::explorer::storage::Part& part);

private:
    explicit StorageFocus(sources::ClusterModel& model) : QObject(&model) {}

    std::optional<Part> m_part;
    std::optional<Told> m_told;
};

}  // namespace app::explorer::storage
