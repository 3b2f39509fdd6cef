#pragma once

#include <QString>

#include <map>
#include <vector>

#include "app/console/outcome.h"

namespace app::console {

/// The newest results of every sheet in a file, so that they are there again after a restart or a crash. Rows are kept up
/// to a number; what is read back says that it is of an earlier session. GUI thread.
class OutcomeStore {
public:
    static constexpr std::size_t kOutcomes = 12;  // Of a sheet.
    static constexpr int kRows = 200;             // Of a result.

    /// An empty name keeps nothing.
    explicit OutcomeStore(QString file) : m_file(std::move(file)) {}

    /// Oldest first, by the sheet's name. Nothing when there is no such file, or one that is none of ours.
    std::map<QString, std::vector<Outcome>> read() const;
    /// Replaces the file, or leaves the old one when it cannot be written.
    void write(const std::map<QString, std::vector<Outcome>>& sheets) const;

private:
    QString m_file;
};

}  // namespace app::console
