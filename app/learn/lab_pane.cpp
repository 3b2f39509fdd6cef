#include "app/learn/lab_pane.h"

#include <QScrollBar>

namespace app::learn {

namespace {

constexpr std::chrono::seconds kToastShown{20};
/// What Reset took is gone from sight, and nowhere else is a way to get it back.
constexpr std::chrono::seconds kUndoOffered{180};

}  // namespace

using namespace app::shell;

// ---- StepDots ----

StepDots::StepDots(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed); }

void StepDots::setStates(std::vector<VerdictMark> states) {
    m_states = std::move(states);
    updateGeometry();
    update();
}

QSize StepDots::sizeHint() const { return {static_cast<int>(m_states.size()) * 16, 14}; }

void StepDots::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    for (std::size_t i = 0; i < m_states.size(); ++i) {
        const QPointF c(8 + 16.0 * static_cast<double>(i), 7);
        p.setPen(Qt::NoPen);
        switch (m_states[i]) {
        case VerdictMark::Passed:
            p.setBrush(t.pass);
            p.drawEllipse(c, 5, 5);
            break;
        case VerdictMark::Near:
            p.setBrush(t.near);
            p.drawPath(paint::shapePath(NodeShape::Diamond, c, 5));
            break;
        case VerdictMark::Failed:
            p.setBrush(t.fail);
            p.drawPath(paint::shapePath(NodeShape::Square, c, 5));
            break;
        case VerdictMark::Now:
            p.setPen(QPen(t.accent, 2));
            p.setBrush(Qt::NoBrush);
            p.drawEllipse(c, 4.5, 4.5);
            break;
        default:
            p.setPen(QPen(t.line_control, 1.2));
            p.setBrush(Qt::NoBrush);
            p.drawEllipse(c, 4.25, 4.25);
        }
    }
}

// ---- LabPane ----

LabPane::LabPane(QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_header = new QWidget;
    auto* header = new QVBoxLayout(m_header);
    header->setContentsMargins(16, 14, 16, 12);
    header->setSpacing(3);
    auto* upper = new QHBoxLayout;
    m_kicker = new Label({}, 12, 500, Ink::Muted);
    m_count = new Label({}, 12, 500, Ink::Muted);
    m_dots = new StepDots;
    upper->addWidget(m_kicker, 1);
    upper->addWidget(m_dots);
    upper->addSpacing(8);
    upper->addWidget(m_count);
    m_title = new Label({}, kTypeTitle, 600);
    m_title->setWordWrap(true);
    header->addLayout(upper);
    header->addWidget(m_title);
    column->addWidget(m_header);
    column->addWidget(new Hairline);
    m_scroll = new QScrollArea;
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column->addWidget(m_scroll, 1);
    m_toast = new Surface(&Tokens::info_tint, Qt::TopEdge);
    auto* toast = new QHBoxLayout(m_toast);
    toast->setContentsMargins(16, 8, 10, 8);
    m_toastWords = new Label({}, 12.5);
    m_toastWords->setWordWrap(true);
    toast->addWidget(m_toastWords, 1);
    m_toastUndo = new Button("Undo", ButtonKind::Default, "undo");
    toast->addWidget(m_toastUndo);
    m_toast->hide();
    column->addWidget(m_toast);
    m_toastTime.setSingleShot(true);
    connect(&m_toastTime, &QTimer::timeout, m_toast, &QWidget::hide);
    connect(m_toastUndo, &Button::clicked, this, [this] {
        m_toast->hide();
        if (m_driver != nullptr) {
            m_driver->undoReset();
        }
    });
    build();
}

void LabPane::showToast(const QString& says, bool canUndo) {
    m_toastWords->setText(says);
    m_toastUndo->setVisible(canUndo);
    m_toast->show();
    m_toastTime.start(canUndo ? kUndoOffered : kToastShown);
}

void LabPane::setDriver(LabDriver* driver) {
    if (m_driver != nullptr) {
        m_driver->disconnect(this);
    }
    m_driver = driver;
    m_open = m_begun = -1;
    if (driver != nullptr) {
        connect(driver, &LabDriver::stepChanged, this, &LabPane::refresh);
        connect(driver, &LabDriver::currentChanged, this, &LabPane::showStep);
        connect(driver, &LabDriver::resetDone, this, &LabPane::showToast);
        connect(driver, &LabDriver::troubled, this, [this](const QString& words) { showToast(words, false); });
    }
    build();
}

void LabPane::build() {
    m_cards.clear();
    m_verdicts.clear();
    m_header->setVisible(m_driver != nullptr);
    if (m_driver == nullptr) {
        auto* none = new EmptyNote("No lab is open.", "Open the course");
        connect(none, &EmptyNote::actionChosen, this, &LabPane::courseWanted);
        m_scroll->setWidget(none);
        showThrough(*m_scroll);
        return;
    }
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(12, 8, 12, 12);
    column->setSpacing(2);
    for (int i = 0; i < static_cast<int>(m_driver->lab().steps.size()); ++i) {
        auto* card = new StepCard(*m_driver, i);
        m_cards.push_back(card);
        m_verdicts.push_back(m_driver->state(i).verdict);
        column->addWidget(card);
        connect(card, &StepCard::openWanted, this, [this](int step) {
            QMetaObject::invokeMethod(this, [this, step] { showStep(step); }, Qt::QueuedConnection);
        });
        connect(card, &StepCard::nextWanted, this, [this] { QMetaObject::invokeMethod(this, &LabPane::next, Qt::QueuedConnection); });
        connect(card, &StepCard::snippetRun, this, &LabPane::snippetRun);
        connect(card, &StepCard::snippetOffered, this, &LabPane::snippetOffered);
        connect(card, &StepCard::changeWanted, this, &LabPane::changeWanted);
        connect(card, &StepCard::momentWanted, this, &LabPane::momentWanted);
    }
    column->addStretch(1);
    m_scroll->setWidget(content);
    showThrough(*m_scroll);
    // Which step is the current one the driver says once it knows; only then is it begun.
    display(m_driver->currentStep());
}

void LabPane::showStep(int step) {
    if (step < 0 || step >= static_cast<int>(m_cards.size())) {
        return;
    }
    if (step != m_begun) {
        m_begun = step;
        m_driver->openStep(step);
    }
    display(step);
}

void LabPane::display(int step) {
    m_open = step;
    for (int i = 0; i < static_cast<int>(m_cards.size()); ++i) {
        m_cards[static_cast<std::size_t>(i)]->setOpen(i == step);
    }
    showHeader();
    QTimer::singleShot(0, this, [this, step] {
        if (step < static_cast<int>(m_cards.size())) {
            const QWidget* card = m_cards[static_cast<std::size_t>(step)];
            m_scroll->horizontalScrollBar()->setValue(0);
            m_scroll->verticalScrollBar()->setValue(std::max(0, card->y() - 12));
        }
    });
}

void LabPane::refresh(int step) {
    if (step >= 0 && step < static_cast<int>(m_cards.size())) {
        m_cards[static_cast<std::size_t>(step)]->refresh();
        lab::Verdict& shown = m_verdicts[static_cast<std::size_t>(step)];
        const lab::Verdict now = m_driver->state(step).verdict;
        if (std::exchange(shown, now) != now && step == m_open && now != lab::Verdict::NotShownYet) {
            QTimer::singleShot(0, this, [this, step] { revealVerdict(step); });
        }
    }
    showHeader();
}

void LabPane::revealVerdict(int step) {
    if (step >= static_cast<int>(m_cards.size()) || m_scroll->widget() == nullptr) {
        return;
    }
    m_scroll->widget()->layout()->activate();
    // Buttons first, then the box above them: where both do not fit the box wins.
    for (const char* name : {"moment", "change", "next", "proof"}) {
        if (auto* part = m_cards[static_cast<std::size_t>(step)]->findChild<QWidget*>(name)) {
            m_scroll->ensureWidgetVisible(part, 0, 16);
        }
    }
}

void LabPane::showHeader() {
    if (m_driver == nullptr) {
        return;
    }
    const lab::Lab& lab = m_driver->lab();
    const QString week = QString::fromStdString(lab.week);
    bool number = false;
    week.toInt(&number);
    m_kicker->setText(number ? "Week " + week : week);
    m_title->setText(QString::fromStdString(lab.title));
    m_title->setToolTip(m_title->text());
    m_count->setText(QString("Step %1 of %2").arg(m_open + 1).arg(lab.steps.size()));
    std::vector<VerdictMark> states;
    for (int i = 0; i < static_cast<int>(lab.steps.size()); ++i) {
        const VerdictMark mark = markOf(m_driver->state(i));
        states.push_back(i == m_open && mark == VerdictMark::Waiting ? VerdictMark::Now : mark);
    }
    m_dots->setStates(std::move(states));
}

void LabPane::recheck() {
    if (m_driver != nullptr) {
        m_driver->recheck(m_open);
    }
}

void LabPane::next() {
    if (m_driver == nullptr) {
        return;
    }
    if (m_open + 1 < static_cast<int>(m_cards.size())) {
        showStep(m_open + 1);
    } else {
        emit finished();
    }
}

void LabPane::hint() {
    if (m_driver != nullptr) {
        m_driver->showHint(m_open);
    }
}

}  // namespace app::learn
