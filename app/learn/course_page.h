#pragma once

#include <QScrollArea>

#include <functional>
#include <map>

#include "app/learn/progress.h"
#include "app/shell/kit.h"
#include "labs/lab.h"

namespace app::learn {

/// A lab on the map: title, length, how far; opens it.
class LabTile : public QWidget {
    Q_OBJECT

public:
    LabTile(const lab::Lab& lab, const LabProgress& progress, QWidget* parent = nullptr);

signals:
    void chosen(const QString& labId);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QString m_id;
    QString m_title;
    QString m_note;
    LabProgress m_progress;
    std::vector<shell::VerdictMark> m_steps;
};

/// How sure somebody was against how often that was right.
class CalibrationChart : public QWidget {
    Q_OBJECT

public:
    explicit CalibrationChart(QWidget* parent = nullptr);
    void setPoints(std::vector<Calibration> points);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<Calibration> m_points;
};

/// The Learn place: what to go on with, the weeks that have labs, one's predictions.
class CoursePage : public QScrollArea {
    Q_OBJECT

public:
    explicit CoursePage(QWidget* parent = nullptr);
    /// Rebuilds the page; `problems` are labs that could not be read, said plainly.
    void setLabs(std::vector<lab::Lab> labs, std::map<QString, LabProgress> progress, const std::vector<Guess>& guesses,
                 const QStringList& problems);

signals:
    void labChosen(const QString& labId);

private:
    void build();
    QWidget* resumeCard(const lab::Lab& lab, const LabProgress& progress);
    QWidget* weekSection(const QString& week, const std::vector<const lab::Lab*>& labs);
    QWidget* predictions();
    LabProgress progressOf(const lab::Lab& lab) const;

    std::vector<lab::Lab> m_labs;
    std::map<QString, LabProgress> m_progress;
    std::vector<Guess> m_guesses;
    QStringList m_problems;
    QString m_words;
};

/// "2 Architecture deep dive": the syllabus' name of a week that a lab gives by number.
QString weekTitle(const QString& week);

}  // namespace app::learn
