#pragma once

#include <QListWidget>
#include <QPlainTextEdit>

#include <optional>

#include "app/console/completion.h"
#include "app/console/outcome.h"
#include "app/console/statements.h"

class QLabel;

namespace app::console {

/// A sheet of CQL: line numbers, colours, matching brackets, the statement under the cursor marked,
/// completion while typing (Ctrl+Space asks for it), and the place of an error with its message
/// under the line until the text changes.
class CqlEditor : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit CqlEditor(QWidget* parent = nullptr);

    void setNames(const SchemaNames* names, const QString& usedKeyspace);
    /// What Run runs: the selection's statements, else the one at the cursor.
    std::vector<StatementText> chosenStatements() const;
    std::vector<StatementText> allStatements() const { return splitStatements(toPlainText()); }
    /// `error` in a statement that began at `statementOffset` of this sheet.
    void showError(int statementOffset, const RunError& error);
    void clearError();
    bool showsError() const { return m_error.has_value(); }
    int gutterWidth() const;
    void paintGutter(QPaintEvent* event);

signals:
    void runWanted();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    struct ShownError {
        int from = 0;
        int to = 0;
        QString message;
    };
    void mark();
    void markBrackets(QList<QTextEdit::ExtraSelection>& marks) const;
    void placeErrorNote();
    void offerCompletions(bool asked);
    void takeCompletion();
    bool popupTakes(QKeyEvent* event);
    void applyTheme();
    void indentNewLine();

    QWidget* m_gutter;
    QListWidget* m_popup;
    QLabel* m_note;
    int m_wordLength = 0;
    const SchemaNames* m_names = nullptr;
    QString m_used;
    std::optional<ShownError> m_error;
};

}  // namespace app::console
