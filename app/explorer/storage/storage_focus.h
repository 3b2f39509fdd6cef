#pragma once

#include <QObject>

#include <optional>

#include "app/explorer/storage/storage_facts.h"

namespace app::explorer::storage {

/// The file, segment, memtable or compaction that is selected: the view chooses it, the Inspector
/// tells it. One a model, owned by it. GUI thread.
class StorageFocus : public QObject {
    Q_OBJECT

public:
    static StorageFocus& of(sources::ClusterModel& model);

    const std::optional<Part>& part() const { return m_part; }
    /// Told even when it is chosen already: the Inspector shows what was chosen last.
    void choose(const Part& part);
    void clear();

signals:
    void changed();

private:
    explicit StorageFocus(sources::ClusterModel& model) : QObject(&model) {}

    std::optional<Part> m_part;
};

}  // namespace app::explorer::storage
