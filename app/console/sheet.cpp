#include "app/console/sheet.h"

#include <QScrollBar>

#include "app/console/text_block.h"

namespace app::console {

using namespace app::shell;

Sheet::Sheet(sources::ClusterModel& model, QString name, QWidget* parent)
    : QWidget(parent), m_model(model), m_name(std::move(name)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_editor = new CqlEditor;
    m_editor->setMinimumSize(200, 60);
    m_splitter->addWidget(m_editor);
    m_scroll = new QScrollArea;
    m_scroll->setWidgetResizable(true);
    m_scroll->setMinimumSize(240, 60);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setAccessibleName("Results");
    auto* content = new QWidget;
    m_column = new QVBoxLayout(content);
    m_column->setContentsMargins(16, 8, 16, 12);
    m_column->setSpacing(10);
    m_empty = new Label("Results appear here, each with how it was run.", 12.5, 400, Ink::Faint);
    m_empty->setWordWrap(true);
    m_column->addWidget(m_empty);
    m_column->addStretch(1);
    m_scroll->setWidget(content);
    showThrough(*m_scroll);
    // A card gets its height some rounds of the event loop after its result.
    m_follow.setSingleShot(true);
    m_follow.setInterval(kFollowMillis);
    connect(m_scroll->verticalScrollBar(), &QScrollBar::rangeChanged, this, [this](int, int end) {
        if (m_follow.isActive()) {
            m_scroll->verticalScrollBar()->setValue(end);
        }
    });
    m_splitter->addWidget(m_scroll);
    m_splitter->setStretchFactor(0, 5);
    m_splitter->setStretchFactor(1, 6);
    column->addWidget(m_splitter);
}

void Sheet::add(QWidget* widget) {
    m_empty->hide();
    m_widgets.append(widget);
    m_column->insertWidget(m_column->count() - 1, widget);
    if (m_widgets.size() > kCardsMax) {
        QWidget* oldest = m_widgets.takeFirst();
        m_cards.removeAll(qobject_cast<ResultCard*>(oldest));
        oldest->deleteLater();
    }
    scrollToEnd();
}

ResultCard* Sheet::addCard(const StatementText& statement, qint64 startedNanos, const RunSettings& settings) {
    auto* card = new ResultCard(m_model, statement, startedNanos, settings);
    m_cards.append(card);
    add(card);
    fitGrids();
    return card;
}

ResultCard* Sheet::cardOf(const StatementText& statement) const {
    for (auto card = m_cards.crbegin(); card != m_cards.crend(); ++card) {
        if ((*card)->outcome().statement.text == statement.text && (*card)->isDone()) {
            return *card;
        }
    }
    return nullptr;
}

ResultCard* Sheet::cardOf(const engine::Uuid& request) const {
    const auto at = std::find_if(m_cards.begin(), m_cards.end(), [&](const ResultCard* card) {
        return card->request() != nullptr && card->request()->id == request;
    });
    return at == m_cards.end() ? nullptr : *at;
}

void Sheet::bringToSight(ResultCard* card) {
    m_follow.stop();
    m_scroll->verticalScrollBar()->setValue(card->y() - 8);
    card->setFocus();
}

void Sheet::Note::say(const QString& says, bool done, bool failed) const {
    if (mark != nullptr && words != nullptr) {
        mark->setMark(!done ? VerdictMark::Now : failed ? VerdictMark::Failed : VerdictMark::Passed);
        words->setText(says);
        words->setInk(failed ? Ink::Fail : Ink::Muted);
    }
}

Sheet::Note Sheet::addNote(const QString& verb, const QString& says, bool failed) {
    auto* card = new Card;
    card->body()->setContentsMargins(12, 8, 12, 8);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* mark = new VerdictLabel(failed ? VerdictMark::Failed : VerdictMark::Passed, 7);
    row->addWidget(mark, 0, Qt::AlignTop);
    row->addWidget(Label::data(verb, 12, 500), 0, Qt::AlignTop);
    auto* words = new Label(says, 12.5, 400, failed ? Ink::Fail : Ink::Muted);
    words->setWordWrap(true);
    row->addWidget(words, 1);
    card->body()->addLayout(row);
    add(card);
    return {mark, words};
}

void Sheet::addHelp(const HelpTopic& topic) {
    auto* card = new Card;
    card->body()->setContentsMargins(12, 8, 12, 10);
    card->body()->setSpacing(6);
    card->body()->addWidget(Label::data("HELP " + topic.name, 12, 500));
    card->body()->addWidget(new TextBlock(topic.syntax, false));
    auto* words = new Label(topic.text, 12.5, 400, Ink::Muted);
    words->setWordWrap(true);
    card->body()->addWidget(words);
    add(card);
}

void Sheet::clearResults() {
    for (QWidget* widget : m_widgets) {
        widget->deleteLater();
    }
    m_widgets.clear();
    m_cards.clear();
    m_empty->show();
}

std::vector<Outcome> Sheet::outcomes() const {
    std::vector<Outcome> all;
    for (const ResultCard* card : m_cards) {
        if (card->isDone() && !card->outcome().statement.text.isEmpty()) {
            all.push_back(card->outcome());
        }
    }
    return all;
}

void Sheet::scrollToEnd() {
    m_scroll->verticalScrollBar()->setValue(m_scroll->verticalScrollBar()->maximum());
    m_follow.start();
}

void Sheet::fitGrids() {
    for (ResultCard* card : m_cards) {
        card->setGridHeight(std::max(140, m_scroll->height() - kAroundGrid));
    }
}

void Sheet::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    const auto wanted = width() >= kSideBySide ? Qt::Horizontal : Qt::Vertical;
    if (m_splitter->orientation() != wanted || !m_divided) {
        m_divided = true;
        m_splitter->setOrientation(wanted);
        const int room = wanted == Qt::Horizontal ? width() : height();
        m_splitter->setSizes({room * 45 / 100, room * 55 / 100});
    }
    fitGrids();
}

}  // namespace app::console
