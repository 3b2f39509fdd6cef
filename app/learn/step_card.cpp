#include "app/learn/step_card.h"

#include <QButtonGroup>
#include <QKeyEvent>
#include <QTime>

#include <algorithm>

#include "app/learn/step_parts.h"

namespace app::learn {

using namespace app::shell;
using lab::Verdict;

namespace {

/// Whether a fact says more than the check's own line; names of what was asked for do not.
bool tellsMore(const lab::Fact& fact) { return fact.what != "Keyspace" && fact.what != "Strategy"; }

/// The first near miss, else the first check that failed.
const lab::CheckResult* worstOf(const lab::StepState& state) {
    for (const Verdict verdict : {Verdict::Near, Verdict::Failed}) {
        const auto it = std::find_if(state.checks.begin(), state.checks.end(),
                                     [verdict](const lab::CheckResult& result) { return result.verdict == verdict; });
        if (it != state.checks.end()) {
            return &*it;
        }
    }
    return nullptr;
}

}  // namespace

VerdictMark markOf(Verdict verdict) {
    switch (verdict) {
    case Verdict::Passed: return VerdictMark::Passed;
    case Verdict::Near: return VerdictMark::Near;
    case Verdict::Failed: return VerdictMark::Failed;
    case Verdict::NotShownYet: return VerdictMark::Waiting;
    }
    return VerdictMark::Waiting;
}

VerdictMark markOf(const lab::StepState& state) {
    return state.skipped && state.verdict != Verdict::Passed ? VerdictMark::Skipped : markOf(state.verdict);
}

std::optional<SmallestChange> settingChangeOf(const lab::CheckResult& result) {
    static const QStringList kSettings{"Consistency", "Coordinator"};
    std::optional<SmallestChange> change;
    for (const lab::Fact& fact : result.facts) {
        for (const QString& setting : kSettings) {
            if (!fact.agrees && text(fact.what).compare(setting, Qt::CaseInsensitive) == 0 && !change) {
                change = SmallestChange{setting, text(fact.wanted)};
            }
        }
    }
    return change;
}

StepCard::StepCard(LabDriver& driver, int step, QWidget* parent) : QWidget(parent), m_driver(driver), m_step(step) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    setFocusPolicy(Qt::TabFocus);
    refresh();
}

void StepCard::setOpen(bool open) {
    if (open != m_open) {
        m_open = open;
        m_whyShown = false;
        refresh();
    }
}

void StepCard::refresh() {
    // Passing never moves focus: what had it before has it after.
    const QWidget* focused = focusWidget() != nullptr && focusWidget()->hasFocus() ? focusWidget() : nullptr;
    const QString name = focused != nullptr ? focused->objectName() : QString();
    delete m_content;
    m_content = new QWidget;
    auto* column = new QVBoxLayout(m_content);
    if (m_open) {
        column->setContentsMargins(16, 14, 16, 16);
        column->setSpacing(0);
        buildCard(*column);
    } else {
        column->setContentsMargins(18, 0, 16, 0);
        column->setSpacing(0);
        buildLine(*column);
    }
    layout()->addWidget(m_content);
    setAccessibleName(QString("Step %1, %2").arg(m_step + 1).arg(text(step().title)));
    if (!name.isEmpty()) {
        if (auto* again = m_content->findChild<QWidget*>(name)) {
            again->setFocus(Qt::OtherFocusReason);
        }
    }
    update();
}

void StepCard::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    if (m_open) {
        QColor edge = t.accent;
        switch (state().verdict) {
        case Verdict::Near: edge = t.near; break;
        case Verdict::Failed: edge = t.fail; break;
        case Verdict::Passed: edge = t.pass; break;
        case Verdict::NotShownYet: break;
        }
        paint::box(p, rect(), t.panel, edge, 8);
    }
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, rect(), {}, t.focus, 8, 2);
    }
}

void StepCard::mousePressEvent(QMouseEvent* event) {
    if (!m_open) {
        emit openWanted(m_step);
        return;
    }
    QWidget::mousePressEvent(event);
}

void StepCard::keyPressEvent(QKeyEvent* event) {
    if (!m_open && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space)) {
        emit openWanted(m_step);
        return;
    }
    QWidget::keyPressEvent(event);
}

// ---- Folded ----

void StepCard::buildLine(QVBoxLayout& column) {
    auto* line = new QHBoxLayout;
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(9);
    const bool passed = state().verdict == Verdict::Passed;
    auto* spacer = new QWidget;
    spacer->setFixedSize(0, 36);
    line->addWidget(spacer);
    line->addWidget(new VerdictLabel(markOf(state()), 7.5));
    line->addWidget(Label::data(QString::number(m_step + 1), 12.5, 400, Ink::Faint));
    auto* title = new ElidedLabel(text(step().title), 13, 400, passed ? Ink::Muted : Ink::Faint);
    line->addWidget(title, 1);
    if (passed && !step().why.empty()) {
        auto* why = new Button("why", ButtonKind::Link);
        why->setObjectName("why");
        why->setIconName(m_whyShown ? "down" : "right");
        connect(why, &Button::clicked, this, [this] {
            m_whyShown = !m_whyShown;
            QMetaObject::invokeMethod(this, &StepCard::refresh, Qt::QueuedConnection);
        });
        line->addWidget(why);
    }
    column.addLayout(line);
    if (m_whyShown) {
        auto* prose = new Prose(text(step().why), 12.5, Ink::Muted);
        prose->setContentsMargins(40, 0, 8, 8);
        column.addWidget(prose);
    }
}

// ---- Open ----

void StepCard::buildCard(QVBoxLayout& column) {
    auto* head = new QHBoxLayout;
    head->setSpacing(9);
    const bool fresh = state().verdict == Verdict::NotShownYet && !state().skipped;
    head->addWidget(new VerdictLabel(fresh ? VerdictMark::Now : markOf(state()), 8), 0, Qt::AlignTop);
    auto* title = new Label(text(step().title), 14, 600);
    title->setWordWrap(true);
    head->addWidget(title, 1);
    if (const QString busy = m_driver.busy(m_step); !busy.isEmpty()) {
        head->addWidget(new Label(busy + QChar(0x2026), 12, 400, Ink::Muted));
    }
    column.addLayout(head);
    column.addSpacing(10);
    column.addWidget(new Prose(text(step().text)));
    buildSnippets(column);
    buildPrediction(column);
    buildChecks(column);
    buildVerdict(column);
    buildWhy(column);
    buildHints(column);
    buildActions(column);
}

void StepCard::buildSnippets(QVBoxLayout& column) {
    for (const std::string& snippet : step().snippets) {
        column.addSpacing(12);
        auto* box = new CodeBox(text(snippet).trimmed());
        auto* buttons = new QHBoxLayout;
        buttons->addStretch(1);
        auto* offer = new Button("To the console", ButtonKind::Ghost);
        auto* run = new Button("Run", state().verdict == Verdict::Passed ? ButtonKind::Default : ButtonKind::Primary, "play");
        offer->setSizes(12, 26);
        run->setSizes(12.5, 26);
        run->setObjectName("run");
        connect(offer, &Button::clicked, this, [this, snippet] { emit snippetOffered(text(snippet)); });
        connect(run, &Button::clicked, this, [this, snippet] { emit snippetRun(text(snippet)); });
        buttons->addWidget(offer);
        buttons->addWidget(run);
        box->column().addLayout(buttons);
        column.addWidget(box);
    }
}

void StepCard::buildPrediction(QVBoxLayout& column) {
    // What has been seen can no longer be predicted.
    if (!step().prediction || (!state().predicted && state().verdict == Verdict::Passed)) {
        return;
    }
    column.addSpacing(12);
    state().predicted ? buildLockedPrediction(column, *step().prediction) : buildOpenPrediction(column, *step().prediction);
}

void StepCard::buildOpenPrediction(QVBoxLayout& column, const lab::Prediction& prediction) {
    auto* box = new Tint(&Tokens::info_tint, nullptr);
    auto* lines = new QVBoxLayout(box);
    lines->setContentsMargins(12, 12, 12, 12);
    lines->setSpacing(6);
    lines->addWidget(new Label("Predict before you run", 12.5, 600, Ink::Accent));
    auto* question = new Label(text(prediction.question), 12.5, 500);
    question->setWordWrap(true);
    lines->addWidget(question);
    auto* group = new QButtonGroup(box);
    auto* lock = new Button("Lock", ButtonKind::Default, "lock");
    lock->setObjectName("lock");
    for (std::size_t i = 0; i < prediction.choices.size(); ++i) {
        auto* choice = new Choice(text(prediction.choices[i]));
        choice->setObjectName(QString("choice%1").arg(i));
        choice->setChecked(m_choice == i);
        group->addButton(choice, static_cast<int>(i));
        lines->addWidget(choice);
    }
    lines->addSpacing(4);
    lines->addWidget(new Label("How sure are you?", 12, 400, Ink::Muted));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* sure = new SegmentedControl({"50", "60", "70", "80", "90 %"});
    sure->setObjectName("confidence");
    sure->setCurrent(m_confidence / 10 - 5);
    connect(sure, &SegmentedControl::currentChanged, this, [this](int i) { m_confidence = 50 + 10 * i; });
    row->addWidget(sure);
    row->addStretch(1);
    lock->setEnabled(m_choice.has_value());
    row->addWidget(lock);
    lines->addLayout(row);
    connect(group, &QButtonGroup::idClicked, this, [this, lock](int id) {
        m_choice = static_cast<std::size_t>(id);
        lock->setEnabled(true);
    });
    connect(lock, &Button::clicked, this, [this] {
        m_lockedAt = QTime::currentTime().toString("HH:mm:ss");
        QMetaObject::invokeMethod(this, [this] { m_driver.predict(m_step, *m_choice, m_confidence); }, Qt::QueuedConnection);
    });
    column.addWidget(box);
}

void StepCard::buildLockedPrediction(QVBoxLayout& column, const lab::Prediction& prediction) {
    const std::size_t chosen = *state().predicted;
    const bool decided = state().predictedRight.has_value();
    auto* box = new Tint(&Tokens::info_tint, nullptr);
    auto* lines = new QVBoxLayout(box);
    lines->setContentsMargins(12, 11, 12, 11);
    lines->setSpacing(7);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new IconLabel("lock", 14, &Tokens::accent));
    QString title = "Your prediction is locked";
    if (state().predictedRight) {
        title = QString(*state().predictedRight ? "Right, %1 % sure" : "Not this time, %1 % sure").arg(state().confidence);
    }
    head->addWidget(new Label(title, 12.5, 600, Ink::Accent), 1);
    head->addWidget(Label::data(m_lockedAt, 11.5, 400, Ink::Muted));
    lines->addLayout(head);
    auto* question = new Label(text(prediction.question), 12.5, 500);
    question->setWordWrap(true);
    lines->addWidget(question);
    for (std::size_t i = 0; i < prediction.choices.size(); ++i) {
        auto* row = new QHBoxLayout;
        row->setSpacing(9);
        row->addWidget(new VerdictLabel(i == chosen ? VerdictMark::Now : VerdictMark::Waiting, 6.5), 0, Qt::AlignTop);
        auto* choice = new Label(text(prediction.choices[i]), 12.5, i == chosen ? 600 : 400, i == chosen ? Ink::Text : Ink::Faint);
        choice->setWordWrap(true);
        row->addWidget(choice, 1);
        if (decided && (*state().predictedRight ? i == chosen : prediction.live == lab::LiveAnswer::None && i == prediction.answer)) {
            row->addWidget(new Label("this happened", 12, 500, Ink::Pass));
        } else if (i == chosen && !decided) {
            row->addWidget(new Label(QString("%1 % sure").arg(state().confidence), 12, 600, Ink::Accent));
        }
        lines->addLayout(row);
    }
    column.addWidget(box);
}

void StepCard::buildChecks(QVBoxLayout& column) {
    if (step().checks.empty()) {
        return;
    }
    column.addSpacing(14);
    column.addWidget(new Label("Checks", 12, 600, Ink::Muted));
    column.addSpacing(4);
    for (std::size_t i = 0; i < step().checks.size(); ++i) {
        const lab::Check& check = step().checks[i];
        const lab::CheckResult* result = i < state().checks.size() ? &state().checks[i] : nullptr;
        auto* row = new QHBoxLayout;
        row->setContentsMargins(0, 4, 0, 4);
        row->setSpacing(8);
        row->addWidget(new VerdictLabel(result != nullptr ? markOf(result->verdict) : VerdictMark::Waiting, 7.5), 0, Qt::AlignTop);
        auto* says = new Label(text(check.says), 12.5);
        says->setWordWrap(true);
        row->addWidget(says, 1);
        if (result != nullptr) {
            QString note = text(result->progress);
            if (note.isEmpty() && result->verdict == Verdict::Passed && !result->facts.empty() && tellsMore(result->facts.front())) {
                note = paint::elided(text(result->facts.front().got), sans(12), 110);
            }
            row->addWidget(new Label(note, 12, 400, Ink::Muted), 0, Qt::AlignTop);
        }
        column.addLayout(row);
        if (check.question() != nullptr && (result == nullptr || result->verdict != Verdict::Passed)) {
            buildQuiz(column, i);
        }
    }
}

void StepCard::buildQuiz(QVBoxLayout& column, std::size_t check) {
    const lab::Question& quiz = *step().checks[check].question();
    auto* box = new QWidget;
    auto* lines = new QVBoxLayout(box);
    lines->setContentsMargins(26, 0, 0, 6);
    lines->setSpacing(4);
    auto* words = new Label(text(quiz.question), 12.5, 500);
    words->setWordWrap(true);
    lines->addWidget(words);
    for (std::size_t i = 0; i < quiz.choices.size(); ++i) {
        auto* button = new Choice(text(quiz.choices[i]));
        button->setObjectName(QString("quiz%1-%2").arg(check).arg(i));
        button->setChecked(m_answers.count(check) > 0 && m_answers.at(check) == i);
        connect(button, &Choice::clicked, this, [this, check, i] {
            m_answers[check] = i;
            QMetaObject::invokeMethod(this, [this, check, i] { m_driver.answer(m_step, check, i); }, Qt::QueuedConnection);
        });
        lines->addWidget(button);
    }
    column.addWidget(box);
}

void StepCard::buildVerdict(QVBoxLayout& column) {
    const lab::CheckResult* worst = worstOf(state());
    if (worst == nullptr || state().verdict == Verdict::Passed) {
        return;
    }
    column.addSpacing(12);
    buildProof(*worst, column);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    if (const auto change = settingChangeOf(*worst)) {
        auto* make = new Button("Set " + change->value + " and run", ButtonKind::Primary, "play");
        make->setSizes(12.5, 30);
        make->setObjectName("change");
        connect(make, &Button::clicked, this, [this, change] { emit changeWanted(*change); });
        row->addWidget(make);
    }
    if (!worst->moment.empty()) {
        auto* moment = new Button("Show the moment", ButtonKind::Default, "clock");
        moment->setSizes(12.5, 30);
        moment->setObjectName("moment");
        connect(moment, &Button::clicked, this, [this, at = text(worst->moment)] { emit momentWanted(at); });
        row->addWidget(moment);
    }
    if (row->count() > 0) {
        row->addStretch(1);
        column.addSpacing(12);
        column.addLayout(row);
    } else {
        delete row;
    }
}

void StepCard::buildProof(const lab::CheckResult& result, QVBoxLayout& column) {
    const bool near = result.verdict == Verdict::Near;
    auto* box = new Tint(near ? &Tokens::near_tint : &Tokens::fail_tint, near ? &Tokens::near : &Tokens::fail);
    auto* lines = new QVBoxLayout(box);
    lines->setContentsMargins(0, 12, 0, 12);
    lines->setSpacing(0);
    const auto inset = [lines](QWidget* widget, int top = 0) {
        widget->setContentsMargins(14, top, 14, 0);
        lines->addWidget(widget);
    };
    auto* title = new Label(text(result.says), 13.5, 600, near ? Ink::Near : Ink::Fail);
    title->setWordWrap(true);
    inset(title);
    if (!result.facts.empty()) {
        auto* head = new QWidget;
        head->setFixedHeight(24);
        auto* row = new QHBoxLayout(head);
        row->setContentsMargins(112, 4, 36, 0);
        row->setSpacing(0);
        row->addWidget(new Label("wanted", 11.5, 500, Ink::Muted), 1);
        row->addWidget(new Label(result.moment.empty() ? "found" : "you ran", 11.5, 500, Ink::Muted), 1);
        lines->addWidget(head);
        bool boxed = false;
        for (const lab::Fact& fact : result.facts) {
            lines->addWidget(new FactRow(fact, !fact.agrees && !boxed));
            boxed = boxed || !fact.agrees;
        }
    }
    if (!result.smallestChange.empty()) {
        auto* change = new Label("Smallest change: " + text(result.smallestChange), 12.5, 500);
        change->setWordWrap(true);
        inset(change, 8);
    }
    if (!result.moment.empty()) {
        inset(new Label("Read from request " + shortId(text(result.moment)), 11.5, 400, Ink::Muted), 4);
    }
    box->setObjectName("proof");
    column.addWidget(box);
}

void StepCard::buildWhy(QVBoxLayout& column) {
    if (state().verdict != Verdict::Passed) {
        return;
    }
    if (!step().why.empty()) {
        column.addSpacing(12);
        auto* box = new Tint(&Tokens::pass_tint, nullptr);
        auto* lines = new QVBoxLayout(box);
        lines->setContentsMargins(14, 12, 14, 12);
        lines->addWidget(new Label("Why it works", 12.5, 600, Ink::Pass));
        lines->addWidget(new Prose(text(step().why), 12.5));
        column.addWidget(box);
    }
    column.addSpacing(12);
    auto* row = new QHBoxLayout;
    const bool last = m_step + 1 == static_cast<int>(m_driver.lab().steps.size());
    auto* next = new Button(last ? "Finish the lab" : "Next step", ButtonKind::Primary, last ? "check" : "right");
    next->setSizes(13, 32);
    next->setKeyHint("Ctrl Shift N");
    next->setObjectName("next");
    connect(next, &Button::clicked, this, &StepCard::nextWanted);
    row->addWidget(next);
    row->addStretch(1);
    column.addLayout(row);
}

QString StepCard::solutionText() const {
    QStringList lines;
    for (const lab::SolutionAction& action : step().solution) {
        if (!action.node.empty()) {
            lines << "-- node: " + text(action.node);
        }
        if (!action.cql.empty()) {
            QStringList how;
            if (!action.consistency.empty()) {
                how << "at " + text(action.consistency);
            }
            if (action.coordinator > 0) {
                how << QString("through n%1").arg(action.coordinator);
            }
            if (!how.isEmpty()) {
                lines << "-- " + how.join(' ');
            }
            lines << text(action.cql).trimmed() + (text(action.cql).trimmed().endsWith(';') ? "" : ";");
        }
    }
    return lines.join('\n');
}

void StepCard::buildHints(QVBoxLayout& column) {
    const int shown = state().hintsShown;
    const int count = static_cast<int>(step().hints.size());
    if (count == 0 && step().solution.empty()) {
        return;
    }
    column.addSpacing(14);
    column.addWidget(new Hairline);
    column.addSpacing(10);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(new IconLabel("bulb", 15));
    row->addSpacing(4);
    for (int i = 0; i < count; ++i) {
        auto* hint = new Button(QString("Hint %1").arg(i + 1), i < shown ? ButtonKind::Quiet : ButtonKind::Ghost);
        hint->setObjectName(QString("hint%1").arg(i));
        hint->setEnabled(i <= shown);
        connect(hint, &Button::clicked, this, [this, i, shown] {
            if (i == shown) {
                QMetaObject::invokeMethod(this, [this] { m_driver.showHint(m_step); }, Qt::QueuedConnection);
            }
        });
        row->addWidget(hint);
    }
    row->addStretch(1);
    auto* solution = new Button("Solution", m_solutionShown ? ButtonKind::Quiet : ButtonKind::Ghost);
    solution->setObjectName("solution");
    connect(solution, &Button::clicked, this, [this] {
        m_solutionShown = !m_solutionShown;
        QMetaObject::invokeMethod(this, &StepCard::refresh, Qt::QueuedConnection);
    });
    row->addWidget(solution);
    column.addLayout(row);
    for (int i = 0; i < std::min(shown, count); ++i) {
        column.addSpacing(8);
        column.addWidget(new Prose(text(step().hints[static_cast<std::size_t>(i)]), 12.5, Ink::Muted));
    }
    if (m_solutionShown) {
        column.addSpacing(8);
        column.addWidget(new CodeBox(solutionText().isEmpty() ? "-- answer the question above" : solutionText()));
    }
}

void StepCard::buildActions(QVBoxLayout& column) {
    column.addSpacing(12);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    const auto add = [&](const QString& label, const QString& icon, const QString& tip, auto run) {
        auto* button = new Button(label, ButtonKind::Default, icon);
        button->setSizes(12.5, 30);
        button->setObjectName(label);
        button->setToolTip(tip);
        connect(button, &Button::clicked, this, [this, run] { QMetaObject::invokeMethod(this, run, Qt::QueuedConnection); });
        row->addWidget(button);
    };
    add("Re-check", "refresh", "Ctrl R", [this] { m_driver.recheck(m_step); });
    add("Skip", {}, "Leave this step as it is", [this] { m_driver.skip(m_step); });
    add("Solve", {}, "Run the solution", [this] { m_driver.solve(m_step); });
    add("Reset", "undo", step().resetSays.empty() ? QString("Undo what this step did") : text(step().resetSays), [this] { m_driver.reset(m_step); });
    row->addStretch(1);
    column.addLayout(row);
}

}  // namespace app::learn
