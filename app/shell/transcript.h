#pragma once

#include <QAbstractListModel>
#include <QListView>

#include <deque>

namespace app::shell {

/// The sentences of the captions with their times: a view, told. Bounded; insertions and removals
/// only.
class TranscriptModel : public QAbstractListModel {
    Q_OBJECT

public:
    static constexpr int kLinesMax = 2000;
    using QAbstractListModel::QAbstractListModel;

    /// The same sentence of the same view twice in a row is told once.
    void say(const QString& view, const QString& sentence, const QString& time);
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QString plainText() const;

private:
    struct Line {
        QString time;
        QString view;
        QString sentence;
    };
    std::deque<Line> m_lines;
};

}  // namespace app::shell
