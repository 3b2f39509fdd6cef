#pragma once

#include <QObject>
#include <QString>

#include "labs/lab.h"

namespace app::learn {

/// A lab that runs, as the pane sees it. Lives on the GUI thread; checks, solutions and resets work
/// elsewhere and come back as stepChanged. Steps count from 0.
class LabDriver : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    virtual const lab::Lab& lab() const = 0;
    virtual const lab::StepState& state(int step) const = 0;
    virtual int currentStep() const = 0;
    /// "Checking", "Running the solution"; empty when nothing goes on.
    virtual QString busy(int step) const = 0;

    virtual void openStep(int step) = 0;
    virtual void predict(int step, std::size_t choice, int confidence) = 0;
    virtual void answer(int step, std::size_t check, std::size_t choice) = 0;
    virtual void showHint(int step) = 0;
    virtual void recheck(int step) = 0;
    virtual void skip(int step) = 0;
    virtual void solve(int step) = 0;
    virtual void reset(int step) = 0;
    /// Puts back what the last reset removed.
    virtual void undoReset() = 0;

signals:
    void stepChanged(int step);
    /// Also once at the start, when it is known where the lab was left.
    void currentChanged(int step);
    /// What the screen reader says, once, when a verdict changes.
    void announced(const QString& words);
    /// A reset is done: what it did, and whether it can be undone.
    void resetDone(const QString& says, bool canUndo);
    /// Something could not be done; names what and why.
    void troubled(const QString& words);
};

}  // namespace app::learn
