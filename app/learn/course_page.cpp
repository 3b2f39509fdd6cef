#include "app/learn/course_page.h"

#include "app/learn/step_parts.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QRegularExpression>
#include <QTimer>

namespace app::learn {

using namespace app::shell;

namespace {

const char* const kWeeks[] = {"Introduction", "Architecture deep dive", "CQL", "Data modelling", "Advanced modelling",
                              "Performance", "Monitoring and maintenance", "Security and administration",
                              "Multi-datacenter", "Extensions", "Drivers", "Streaming and events", "DevOps",
                              "Capacity and scaling", "Advanced troubleshooting", "Variants and ecosystem",
                              "Advanced patterns", "Certification and capstone"};
constexpr int kPageWidth = 1258;
constexpr int kColumns = 3;

int weekNumber(const QString& week) {
    static const QRegularExpression number("\\d+");
    return number.match(week).captured().toInt();
}

}  // namespace

QString weekTitle(const QString& week) {
    const int number = weekNumber(week);
    return number >= 1 && number <= 18 ? QString(kWeeks[number - 1]) : week;
}

// ---- LabTile ----

LabTile::LabTile(const lab::Lab& lab, const LabProgress& progress, QWidget* parent)
    : QWidget(parent), m_id(text(lab.id)), m_title(text(lab.title)), m_progress(progress) {
    setFixedHeight(124);
    setMinimumWidth(200);
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    m_progress.steps = static_cast<int>(lab.steps.size());
    m_note = progress.done()   ? counted(m_progress.steps, "step") + ", lab passed"
             : progress.opened ? QString("%1 of %2 steps, lab open").arg(progress.passed).arg(m_progress.steps)
                               : QString("%1, about %2 minutes").arg(counted(m_progress.steps, "step")).arg(lab.minutes);
    setAccessibleName(m_title + ", " + m_note);
    setToolTip(text(lab.summary));
}

void LabTile::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    const bool now = m_progress.opened && !m_progress.done();
    paint::box(p, rect(), underMouse() ? t.hover : t.panel, now ? t.accent : m_progress.done() ? t.line : t.line_strong, 8, now ? 2 : 1);
    paint::text(p, {14, 25}, "Lab", sans(11.5, now ? 600 : 500), now ? t.accent : t.faint);
    if (m_progress.done()) {
        paint::verdict(p, {width() - 22.0, 21}, VerdictMark::Passed, 7);
    }
    p.setFont(sans(13.5, 600));
    p.setPen(t.text);
    p.drawText(QRectF(14, 34, width() - 28, 40), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_title);
    const int steps = std::max(1, m_progress.steps);
    const double room = width() - 28 - 26;
    const double bar = std::min(48.0, (room - 4.0 * (steps - 1)) / steps);
    for (int i = 0; i < steps; ++i) {
        const bool passed = i < m_progress.passed;
        paint::box(p, {14 + i * (bar + 4), 82, bar, 6}, passed ? t.pass : now && i == m_progress.passed ? t.accent : t.line, {}, 3);
    }
    p.setPen(QPen(m_progress.done() ? t.pass : now ? t.accent : t.line_control, 1.4));
    p.setBrush(m_progress.done() ? t.pass : now ? t.accent : t.panel);
    p.drawPath(paint::shapePath(NodeShape::Diamond, {width() - 21.0, 85}, 5.6));
    paint::text(p, {14, 110}, paint::elided(m_note, sans(11.5), width() - 28), sans(11.5), t.muted);
    if (hasFocus()) {
        paint::box(p, rect(), {}, t.focus, 8, 2);
    }
}

void LabTile::mouseReleaseEvent(QMouseEvent*) { emit chosen(m_id); }

void LabTile::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space) {
        emit chosen(m_id);
        return;
    }
    QWidget::keyPressEvent(event);
}

void LabTile::enterEvent(QEnterEvent*) { update(); }
void LabTile::leaveEvent(QEvent*) { update(); }
void LabTile::focusInEvent(QFocusEvent*) { update(); }
void LabTile::focusOutEvent(QFocusEvent*) { update(); }

// ---- CalibrationChart ----

CalibrationChart::CalibrationChart(QWidget* parent) : QWidget(parent) { setFixedHeight(176); }

void CalibrationChart::setPoints(std::vector<Calibration> points) {
    m_points = std::move(points);
    QStringList words;
    for (const Calibration& point : m_points) {
        words << QString("%1 % sure: right %2 of %3").arg(point.confidence).arg(point.right).arg(point.count);
    }
    setAccessibleName(words.join(", "));
    update();
}

void CalibrationChart::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    const QRectF plot(44, 8, width() - 60, 124);
    const auto at = [&](double confidence, double right) {
        return QPointF(plot.left() + plot.width() * (confidence - 45) / 50, plot.bottom() - plot.height() * right);
    };
    for (const int percent : {0, 50, 100}) {
        const double y = at(50, percent / 100.0).y();
        paint::hline(p, plot.left(), plot.right(), y, t.line);
        paint::mid(p, {plot.left() - 8, y}, QString("%1 %").arg(percent), sans(kTypeAxis), t.faint, Align::Right);
    }
    QPen ideal(t.line_control, 1.5);
    ideal.setDashPattern({3, 3});
    p.setPen(ideal);
    p.drawLine(at(45, .45), at(95, .95));
    QPolygonF line;
    for (const Calibration& point : m_points) {
        line << at(point.confidence, static_cast<double>(point.right) / point.count);
    }
    p.setPen(QPen(t.accent, 2));
    p.drawPolyline(line);
    p.setBrush(t.panel);
    for (int i = 0; i < line.size(); ++i) {
        const double r = 2.6 + std::min(m_points[static_cast<std::size_t>(i)].count, 20) / 5.0;
        p.drawEllipse(line[i], r, r);
    }
    for (const int confidence : {50, 70, 90}) {
        paint::text(p, {at(confidence, 0).x(), plot.bottom() + 17}, QString("%1 %").arg(confidence), sans(kTypeAxis), t.faint, Align::Centre);
    }
    paint::text(p, {plot.center().x(), plot.bottom() + 35}, "how sure you were", sans(11), t.muted, Align::Centre);
}

// ---- CoursePage ----

CoursePage::CoursePage(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName("Course");
    build();
}

void CoursePage::setLabs(std::vector<lab::Lab> labs, std::map<QString, LabProgress> progress,
                         const std::vector<Guess>& guesses, const QStringList& problems) {
    m_labs = std::move(labs);
    m_progress = std::move(progress);
    m_guesses = guesses;
    m_problems = problems;
    build();
}

LabProgress CoursePage::progressOf(const lab::Lab& lab) const {
    const auto found = m_progress.find(text(lab.id));
    return found == m_progress.end() ? LabProgress{static_cast<int>(lab.steps.size()), 0, 0, false} : found->second;
}

QWidget* CoursePage::resumeCard(const lab::Lab& lab, const LabProgress& progress) {
    auto* card = new Card;
    card->setColours([]() { return std::pair(tokens().line_strong, QColor()); });
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 4, 0, 4);
    row->setSpacing(18);
    row->addWidget(new IconLabel("explore", 32, &Tokens::accent));
    auto* words = new QVBoxLayout;
    words->setSpacing(3);
    const int step = std::clamp(progress.current, 0, std::max(0, static_cast<int>(lab.steps.size()) - 1));
    words->addWidget(new Label(progress.opened ? QString("%1, step %2 of %3").arg(text(lab.title)).arg(step + 1).arg(lab.steps.size())
                                               : QString("Begin here, about %1 minutes").arg(lab.minutes),
                               12, 500, Ink::Muted));
    words->addWidget(new Label(progress.opened && !lab.steps.empty() ? text(lab.steps[static_cast<std::size_t>(step)].title) : text(lab.title),
                               kTypeTitle, 600));
    auto* summary = new Label(text(lab.summary), 12.5, 400, Ink::Muted);
    summary->setWordWrap(true);
    words->addWidget(summary);
    row->addLayout(words, 1);
    auto* go = new Button(progress.opened ? "Continue" : "Open the lab", ButtonKind::Primary, "play");
    go->setSizes(13, 34);
    connect(go, &Button::clicked, this, [this, id = text(lab.id)] { emit labChosen(id); });
    row->addWidget(go);
    card->body()->addLayout(row);
    return card;
}

QWidget* CoursePage::weekSection(const QString& week, const std::vector<const lab::Lab*>& labs) {
    auto* section = new QWidget;
    auto* column = new QVBoxLayout(section);
    column->setContentsMargins(0, 10, 0, 0);
    column->setSpacing(8);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    const int number = weekNumber(week);
    head->addWidget(new Label(weekTitle(week), 13.5, 600));
    head->addWidget(new Label(number > 0 ? QString("week %1").arg(number) : QString(), 11.5, 400, Ink::Faint), 1);
    column->addLayout(head);
    auto* grid = new QGridLayout;
    grid->setSpacing(10);
    int at = 0;
    for (const lab::Lab* lab : labs) {
        auto* tile = new LabTile(*lab, progressOf(*lab));
        connect(tile, &LabTile::chosen, this, &CoursePage::labChosen, Qt::QueuedConnection);
        grid->addWidget(tile, at / kColumns, at % kColumns);
        ++at;
    }
    for (int i = 0; i < kColumns; ++i) {
        grid->setColumnStretch(i, 1);
    }
    column->addLayout(grid);
    return section;
}

QWidget* CoursePage::predictions() {
    auto* card = new Card("Your predictions");
    card->setHeaderWidget(new Label(QString("%1 so far").arg(m_guesses.size()), 11.5, 400, Ink::Faint));
    auto* chart = new CalibrationChart;
    chart->setPoints(calibrationOf(m_guesses));
    card->body()->addWidget(chart);
    const auto points = calibrationOf(m_guesses);
    if (!points.empty()) {
        const Calibration& surest = points.back();
        card->body()->addWidget(new Label(QString("At %1 % sure you were right %2 of %3 times")
                                              .arg(surest.confidence).arg(surest.right).arg(surest.count),
                                          11.5, 400, Ink::Muted));
    }
    return card;
}

void CoursePage::build() {
    auto* page = new QWidget;
    auto* outer = new QHBoxLayout(page);
    outer->setContentsMargins(24, 16, 24, 20);
    outer->setSpacing(20);
    auto* left = new QVBoxLayout;
    left->setSpacing(10);
    auto* head = new QHBoxLayout;
    head->addWidget(new Label("Course", 20, 600));
    head->addStretch(1);
    auto* find = new QLineEdit(m_words);
    find->setPlaceholderText("Find a lab");
    find->setFixedWidth(260);
    find->setObjectName("find");
    connect(find, &QLineEdit::editingFinished, this, [this, find] {
        if (find->text() != m_words) {
            m_words = find->text();
            QTimer::singleShot(0, this, [this] { build(); });
        }
    });
    head->addWidget(find);
    left->addLayout(head);

    std::map<int, std::pair<QString, std::vector<const lab::Lab*>>> weeks;
    const lab::Lab* next = nullptr;
    for (const lab::Lab& lab : m_labs) {
        const LabProgress progress = progressOf(lab);
        if (!progress.done() && (next == nullptr || (progress.opened && !progressOf(*next).opened))) {
            next = &lab;
        }
        const QString all = text(lab.title + ' ' + lab.summary + ' ' + lab.week);
        if (m_words.isEmpty() || all.contains(m_words, Qt::CaseInsensitive)) {
            auto& week = weeks[weekNumber(text(lab.week))];
            week.first = text(lab.week);
            week.second.push_back(&lab);
        }
    }
    if (next != nullptr && m_words.isEmpty()) {
        left->addWidget(resumeCard(*next, progressOf(*next)));
    }
    for (const auto& [number, week] : weeks) {
        left->addWidget(weekSection(week.first, week.second));
    }
    if (weeks.empty()) {
        left->addWidget(new EmptyNote(m_words.isEmpty() ? "No lab was found beside the program." : "No lab says \"" + m_words + "\"."));
    }
    for (const QString& problem : m_problems) {
        auto* label = new Label(problem, 12, 400, Ink::Fail);
        label->setWordWrap(true);
        left->addWidget(label);
    }
    left->addStretch(1);
    outer->addLayout(left, 1);
    if (!m_guesses.empty()) {
        auto* right = new QVBoxLayout;
        right->setContentsMargins(0, 44, 0, 0);
        QWidget* card = predictions();
        card->setFixedWidth(288);
        right->addWidget(card);
        right->addStretch(1);
        outer->addLayout(right);
    }
    page->setMaximumWidth(kPageWidth + 48);
    setWidget(page);
}

}  // namespace app::learn
