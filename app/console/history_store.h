#pragma once

#include <QString>
#include <QStringList>

namespace app::console {

/// Every statement ever run, without limit: one JSON string a line in a file of the home folder, all of it in memory.
/// What holds a password stays in memory: nobody can take it out of the file again. GUI thread; writing appends.
class HistoryStore {
public:
    static constexpr int kShown = 5000;  // Most that find() gives.
    explicit HistoryStore(QString file);

    void add(const QString& statement);
    /// Newest first, each once, those that contain `words` in any case.
    QStringList find(const QString& words) const;

private:
    QString m_file;
    QStringList m_lines;  // Oldest first.
};

}  // namespace app::console
