#pragma once

#include <QVBoxLayout>
#include <QWidget>

#include <map>

#include "app/learn/lab_driver.h"
#include "app/shell/kit.h"

namespace app::learn {

/// How a verdict is drawn.
shell::VerdictMark markOf(const lab::StepState& state);
shell::VerdictMark markOf(lab::Verdict verdict);

/// A change that would turn a near miss into a pass, as far as a button can make it.
struct SmallestChange {
    QString setting;  // "Consistency".
    QString value;    // "QUORUM".
};
/// Empty when the deciding fact is no setting of the console.
std::optional<SmallestChange> settingChangeOf(const lab::CheckResult& result);

/// One step of a lab: a line when it is not the open one, else its card with text, snippet,
/// prediction, checks, verdict, hints and actions, in this order.
class StepCard : public QWidget {
    Q_OBJECT

public:
    StepCard(LabDriver& driver, int step, QWidget* parent = nullptr);
    void setOpen(bool open);
    bool isOpen() const { return m_open; }
    void refresh();

signals:
    void openWanted(int step);
    void nextWanted();
    void snippetRun(const QString& cql);
    void snippetOffered(const QString& cql);
    void changeWanted(const app::learn::SmallestChange& change);
    void momentWanted(const QString& moment);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    const lab::Step& step() const { return m_driver.lab().steps[static_cast<std::size_t>(m_step)]; }
    const lab::StepState& state() const { return m_driver.state(m_step); }
    void buildLine(QVBoxLayout& column);
    void buildCard(QVBoxLayout& column);
    void buildSnippets(QVBoxLayout& column);
    void buildPrediction(QVBoxLayout& column);
    void buildOpenPrediction(QVBoxLayout& column, const lab::Prediction& prediction);
    void buildLockedPrediction(QVBoxLayout& column, const lab::Prediction& prediction);
    void buildChecks(QVBoxLayout& column);
    void buildQuiz(QVBoxLayout& column, std::size_t check);
    void buildVerdict(QVBoxLayout& column);
    void buildProof(const lab::CheckResult& result, QVBoxLayout& column);
    void buildWhy(QVBoxLayout& column);
    void buildHints(QVBoxLayout& column);
    void buildActions(QVBoxLayout& column);
    QString solutionText() const;

    LabDriver& m_driver;
    const int m_step;
    bool m_open = false;
    bool m_whyShown = false;
    bool m_solutionShown = false;
    std::optional<std::size_t> m_choice;  // Chosen, not locked yet.
    int m_confidence = 70;
    std::map<std::size_t, std::size_t> m_answers;  // Of quizzes, by check.
    QString m_lockedAt;
    QWidget* m_content = nullptr;
};

}  // namespace app::learn
