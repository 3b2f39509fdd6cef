#pragma once

#include <QScrollArea>
#include <QTimer>
#include <QWidget>

#include "app/learn/step_card.h"

namespace app::learn {

/// Dots of the steps: filled passed, ring current, diamond-amber near miss.
class StepDots : public QWidget {
    Q_OBJECT

public:
    explicit StepDots(QWidget* parent = nullptr);
    void setStates(std::vector<shell::VerdictMark> states);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<shell::VerdictMark> m_states;
};

/// The Lab dock: header with step n of m and dots, one open card, the rest as lines. Empty until a
/// lab is opened.
class LabPane : public QWidget {
    Q_OBJECT

public:
    explicit LabPane(QWidget* parent = nullptr);

    /// Not owned; null closes.
    void setDriver(LabDriver* driver);
    LabDriver* driver() const { return m_driver; }
    /// Ctrl+R, Ctrl+Shift+N, Ctrl+H.
    void recheck();
    void next();
    void hint();
    void showStep(int step);

signals:
    void courseWanted();
    void finished();
    void snippetRun(const QString& cql);
    void snippetOffered(const QString& cql);
    void changeWanted(const app::learn::SmallestChange& change);
    void momentWanted(const QString& moment);

private:
    void build();
    void display(int step);
    void showToast(const QString& says, bool canUndo);
    void showHeader();
    void refresh(int step);
    /// Brings a new verdict into sight; the focus stays where it is.
    void revealVerdict(int step);

    LabDriver* m_driver = nullptr;
    QWidget* m_header;
    shell::Label* m_kicker;
    shell::Label* m_title;
    shell::Label* m_count;
    StepDots* m_dots;
    QScrollArea* m_scroll;
    QWidget* m_toast;
    shell::Label* m_toastWords;
    shell::Button* m_toastUndo;
    QTimer m_toastTime;
    std::vector<StepCard*> m_cards;
    std::vector<lab::Verdict> m_verdicts;  // As last shown.
    int m_open = -1;
    int m_begun = -1;  // The step that the driver was last told to open.
};

}  // namespace app::learn
