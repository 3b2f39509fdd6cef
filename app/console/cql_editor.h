#pragma once

#include <QListWidget>
#include <QPlainTextEdit>
#include <QTimer>

#include <optional>

#include "app/console/outcome.h"
#include "app/console/statements.h"
#include "engine/cql/assist/names.h"

class QLabel;

namespace app::console {

/// A sheet of CQL: line numbers, colours, matching brackets, the statement under the cursor marked,
/// completion while typing (Ctrl+Space asks for it), and the place of an error with its message
/// under the line until the text changes. What the parser refuses, and a name that is nearly one of the
/// schema, is underlined as soon as the typing rests; Alt+Enter mends it where a fix is known.
class CqlEditor : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit CqlEditor(QWidget* parent = nullptr);

    static constexpr int kMostTypos = 50;  // More are a text of another kind.
    static constexpr int kLongStatement = 64 * 1024;  // Letters; longer ones the server alone judges.
    static constexpr int kRestMillis = 500;  // Of the typing, before the parser looks.

    void setNames(const engine::cql::assist::Names* names, const QString& usedKeyspace);
    /// The names have changed: what they underline is looked for again.
    void lookAgain() { m_rest.start(); }
    /// What Run runs: the selection's statements, else the one at the cursor.
    std::vector<StatementText> chosenStatements() const;
    /// Split once a change.
    const std::vector<StatementText>& allStatements() const;
    /// `error` in a statement that began at `statementOffset` of this sheet.
    void showError(int statementOffset, const QString& statement, const RunError& error);
    void clearError();
    bool showsError() const { return m_error.has_value(); }
    /// Places underlined before anything was run.
    int underlined() const { return static_cast<int>(m_typos.size()); }
    /// Mends a statement that began at `statementOffset`, or stands elsewhere by now; false when it is gone.
    bool applyFix(int statementOffset, const QString& statement, const RunFix& fix);
    int gutterWidth() const;
    void paintGutter(QPaintEvent* event);

signals:
    void runWanted();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    struct ShownError {
        int from = 0;
        int to = 0;
        QString message;
        int statementOffset = 0;
        QString statement;
        std::vector<RunFix> fixes;
    };
    ShownError shown(int statementOffset, const QString& statement, const RunError& error) const;
    void mark();
    void findTypos();
    void findMisspelt(const StatementText& statement, const QString& defined);
    bool mendAtCursor();
    const ShownError* errorAt(int position) const;
    void markBrackets(QList<QTextEdit::ExtraSelection>& marks) const;
    void placeErrorNote();
    void offerCompletions(bool asked);
    void takeCompletion();
    bool popupTakes(QKeyEvent* event);
    void applyTheme();
    void indentNewLine();

    /// First and last line of the statement at the cursor, counted from 0; {-1, -1} for none.
    std::pair<int, int> currentLines() const;

    mutable std::vector<StatementText> m_statements;
    mutable int m_split = -1;  // The document's revision that they are of.
    QWidget* m_gutter;
    QListWidget* m_popup;
    QLabel* m_note;
    int m_wordLength = 0;
    const engine::cql::assist::Names* m_names = nullptr;
    QString m_used;
    std::optional<ShownError> m_error;
    std::vector<ShownError> m_typos;
    QTimer m_rest;
    int m_seen = 0;  // The document's revision that the marks are of.
};

}  // namespace app::console
