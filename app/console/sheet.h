#pragma once

#include <QPointer>
#include <QScrollArea>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

#include "app/console/cql_editor.h"
#include "app/console/help_topics.h"
#include "app/console/result_card.h"

namespace app::console {

/// One sheet: its text, the results it gave, the keyspace it uses. Editor left of results from
/// 1100 px, above them below that.
class Sheet : public QWidget {
    Q_OBJECT

public:
    static constexpr int kSideBySide = 760;
    static constexpr int kFollowMillis = 300;  // After a result the end stays in sight.
    static constexpr int kCardsMax = 60;
    static constexpr int kAroundGrid = 152;  // A card's head, one warning and a footer of two lines.

    Sheet(sources::ClusterModel& model, QString name, QWidget* parent = nullptr);

    const QString& name() const { return m_name; }
    void setName(const QString& name) { m_name = name; }
    /// The file it was opened from or saved to; empty: none.
    const QString& file() const { return m_file; }
    void setFile(const QString& path) { m_file = path; }
    /// Its text is not what the file holds.
    bool isChanged() const { return !m_file.isEmpty() && m_editor->document()->isModified(); }
    CqlEditor& editor() { return *m_editor; }
    const QString& keyspace() const { return m_keyspace; }
    void setKeyspace(const QString& keyspace) { m_keyspace = keyspace; }

    /// A card for a statement that starts now; it becomes currentCard().
    ResultCard* addCard(const StatementText& statement, qint64 startedNanos, const RunSettings& settings);
    ResultCard* currentCard() const { return m_cards.isEmpty() ? nullptr : m_cards.last(); }
    ResultCard* cardOf(const StatementText& statement) const;
    ResultCard* cardOf(const engine::Uuid& request) const;
    void bringToSight(ResultCard* card);
    /// Once what was added has its height.
    void scrollToEnd();
    /// A line that may still change what it says.
    struct Note {
        QPointer<shell::VerdictLabel> mark;
        QPointer<shell::Label> words;
        void say(const QString& says, bool done, bool failed) const;
    };
    Note addNote(const QString& verb, const QString& says, bool failed);
    void addHelp(const HelpTopic& topic);
    void clearResults();
    /// Of the statements that were answered, oldest first.
    std::vector<Outcome> outcomes() const;
    int cardCount() const { return static_cast<int>(m_cards.size()); }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void add(QWidget* widget);
    void fitGrids();

    sources::ClusterModel& m_model;
    QString m_name;
    QString m_file;
    QString m_keyspace;
    QSplitter* m_splitter;
    CqlEditor* m_editor;
    QScrollArea* m_scroll;
    QVBoxLayout* m_column;
    QLabel* m_empty;
    QList<ResultCard*> m_cards;
    QList<QWidget*> m_widgets;
    bool m_divided = false;
    QTimer m_follow;
};

}  // namespace app::console
