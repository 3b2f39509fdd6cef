#include "app/console/result_card.h"

#include <QDateTime>
#include <QPainter>

#include <algorithm>

#include "app/console/exports.h"

namespace app::console {

using namespace app::shell;
using engine::observe::RequestView;

namespace {

constexpr int kVerticalRows = 1000;  // More would be no reading any more.
constexpr int kTraceMost = 320;
const QString kPageLink = "page";
const QString kTrafficLink = "traffic";
const QString kTraceLink = "trace";
const QString kVerticalLink = "vertical";
const QString kExportLink = "export";
constexpr int kLooks = 40;  // How often events are searched for the request after the answer.

/// The block-coloured bar of a waiting statement.
class WaitBar : public QWidget {
public:
    WaitBar() { setFixedHeight(5); }
    void setPart(double part) {
        m_part = part;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter p(this);
        paint::progress(p, rect(), m_part, tokens().block);
    }

private:
    double m_part = 0;
};

QString headOf(const StatementText& statement) {
    QString head = statement.text.simplified();
    return head.size() > 120 ? head.left(120) + QChar(0x2026) : head;
}

}  // namespace

ResultCard::ResultCard(sources::ClusterModel& model, const StatementText& statement, qint64 startedNanos,
                       const RunSettings& settings, QWidget* parent)
    : QWidget(parent), m_model(model), m_statement(statement), m_settings(settings), m_started(startedNanos) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 0, 1, 1);
    column->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(10, 8, 14, 8);
    head->setSpacing(8);
    m_mark = new VerdictLabel(VerdictMark::Now, 7);
    head->addWidget(m_mark);
    m_head = new ElidedLabel(headOf(statement));
    m_head->setFont(mono(12, 500));
    head->addWidget(m_head, 1);
    m_state = new Label("running", 12, 400, Ink::Muted);
    head->addWidget(m_state);
    column->addLayout(head);
    m_bar = new WaitBar;
    m_barBox = new QWidget;
    auto* bar = new QHBoxLayout(m_barBox);
    bar->setContentsMargins(33, 0, 14, 10);
    bar->addWidget(m_bar);
    column->addWidget(m_barBox);
    m_footer = new FooterStrip;
    m_footer->hide();
    column->addWidget(m_footer);
    connect(m_footer, &FooterStrip::chosen, this, &ResultCard::followFooter);
    connect(&model, &sources::ClusterModel::eventsFolded, this, &ResultCard::lookForRequest);
}

void ResultCard::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    paint::box(p, rect(), t.panel, m_outcome.error ? t.fail : t.line, 8);
}

std::shared_ptr<const RequestView> ResultCard::matching() const {
    const auto& state = m_model.live();
    const std::string text = m_statement.text.toStdString();
    for (auto id = state.requestOrder.rbegin(); id != state.requestOrder.rend(); ++id) {
        const auto request = state.request(*id);
        if (!request || !request->started) {
            continue;
        }
        if (request->startedNanos < m_started - 1'000'000) {
            break;
        }
        if (request->info.statement == text && request->coordinator == m_settings.coordinator.toStdString()) {
            return request;
        }
    }
    return nullptr;
}

void ResultCard::lookForRequest() {
    const bool complete = m_request && (m_request->answeredNanos != 0 || !m_request->error.empty());
    if (m_stopped || m_outcome.earlier || complete || m_looked > kLooks) {
        return;
    }
    if (auto found = matching()) {
        m_request = std::move(found);
    }
    if (m_done) {
        ++m_looked;
        showFooter();
        return;
    }
    if (m_request && m_request->info.required > 0) {
        std::uint32_t counted = 0;
        for (const auto& ack : m_request->acks) {
            counted += ack.counted ? 1 : 0;
        }
        const std::uint32_t required = m_request->info.required;
        const std::uint32_t missing = required - std::min(counted, required);
        m_state->setText(QString("waiting for %1, %2 of %3")
                             .arg(missing == 1 ? QString("one more answer") : QString("%1 more answers").arg(missing))
                             .arg(counted)
                             .arg(required));
        static_cast<WaitBar*>(m_bar)->setPart(static_cast<double>(counted) / required);
    }
}

void ResultCard::setStopped() {
    m_stopped = true;
    m_done = true;
    m_mark->setMark(VerdictMark::Skipped);
    m_state->setText("stopped, its outcome is unknown");
    m_barBox->hide();
}

void ResultCard::setOutcome(const Outcome& outcome) {
    m_outcome = outcome;
    m_outcome.ringVersion = m_model.live().ringVersion;
    m_settings = outcome.settings;
    m_done = true;
    m_mark->setMark(outcome.error ? VerdictMark::Failed : VerdictMark::Passed);
    m_state->setText(outcome.statement.line > 0 ? QString("line %1").arg(outcome.statement.line) : QString());
    m_state->setFont(sans(11.5));
    m_state->setInk(Ink::Faint);
    m_barBox->hide();
    build();
    lookForRequest();
    showFooter();
    updateGeometry();
    update();
}

void ResultCard::appendPage(const Outcome& outcome) {
    m_outcome.pagingState = outcome.pagingState;
    m_outcome.page = outcome.page;
    m_outcome.nanos = outcome.nanos;
    if (m_rows != nullptr && outcome.rows) {
        m_rows->append(outcome.rows);
        m_vertical ? buildRows() : setGridHeight(m_gridHeight);
    }
    showFooter();
}

void ResultCard::build() {
    m_body = new QWidget;
    auto* column = new QVBoxLayout(m_body);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    if (m_outcome.error || m_outcome.rows || !m_outcome.note.isEmpty()) {
        column->addWidget(new Hairline);
    }
    if (m_outcome.error) {
        buildError(*column);
    } else if (m_outcome.rows) {
        m_rows = new ResultModel(m_outcome.rows, this);
        m_vertical = m_settings.expand;
        m_rowsBox = new QVBoxLayout;
        m_rowsBox->setContentsMargins(0, 0, 0, 0);
        column->addLayout(m_rowsBox);
        buildRows();
    } else if (!m_outcome.note.isEmpty()) {
        auto* note = new Label(m_outcome.note, 12.5, 400, Ink::Muted);
        note->setContentsMargins(14, 8, 14, 8);
        column->addWidget(note);
    }
    for (const QString& warning : m_outcome.warnings) {
        addWarning(*column, adviceOnWarning(warning));
    }
    for (const Advice& advice : m_outcome.advice) {
        addWarning(*column, advice);
    }
    if (!m_outcome.traceId.isEmpty()) {
        buildTrace(*column);
    }
    auto* own = static_cast<QVBoxLayout*>(layout());
    own->insertWidget(own->indexOf(m_footer), m_body);
    m_footer->show();
}

void ResultCard::buildError(QVBoxLayout& column) {
    const RunError& error = *m_outcome.error;
    auto* box = new QWidget;
    auto* lines = new QVBoxLayout(box);
    lines->setContentsMargins(14, 10, 14, 12);
    lines->setSpacing(4);
    if (!error.code.isEmpty()) {
        auto* code = Label::data(error.code, 12, 600, Ink::Fail);
        code->setTextInteractionFlags(Qt::TextSelectableByMouse);
        lines->addWidget(code);
    }
    auto* message = Label::data(error.message, 12);
    message->setWordWrap(true);
    message->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    message->setAccessibleName("Error: " + error.message);
    lines->addWidget(message);
    for (const RunFix& fix : error.fixes) {
        auto* button = new Button(fix.says, ButtonKind::Link);
        button->setToolTip("Changes the sheet. Alt Enter in the editor takes the first of these");
        connect(button, &Button::clicked, this, [this, fix] { emit fixWanted(m_statement, fix); });
        lines->addWidget(button, 0, Qt::AlignLeft);
    }
    column.addWidget(box);
}

void ResultCard::buildRows() {
    delete m_grid;
    delete m_text;
    m_grid = nullptr;
    m_text = nullptr;
    const QString script = toCreateStatements(*m_outcome.rows);
    if (!script.isEmpty() && !m_vertical) {
        m_text = new TextBlock(script.trimmed(), true);
    } else if (m_vertical) {
        QString text = toVertical(m_rows->whole(), 1, kVerticalRows);
        if (m_rows->rowCount() > kVerticalRows) {
            text += QString("\n\n%1 more rows are in the grid").arg(m_rows->rowCount() - kVerticalRows);
        }
        m_text = new TextBlock(text.isEmpty() ? QString("No rows.") : text, false);
    } else {
        m_grid = new ResultGrid(m_rows);
        connect(m_grid, &ResultGrid::exportWanted, this, [this] { emit exportWanted(this); });
        // At the end the next page comes by itself.
        connect(m_grid, &ResultGrid::endReached, this, [this] {
            if (m_outcome.pagingState) {
                emit nextPageWanted(m_outcome);
            }
        });
    }
    if (m_text != nullptr) {
        m_text->setAccessibleName(script.isEmpty() ? "Rows" : "Schema");
    }
    m_rowsBox->addWidget(m_grid != nullptr ? static_cast<QWidget*>(m_grid) : m_text);
    setGridHeight(m_gridHeight);
}

void ResultCard::setVertical(bool vertical) {
    if (m_rows != nullptr && vertical != m_vertical) {
        m_vertical = vertical;
        buildRows();
        showFooter();
    }
}

void ResultCard::setGridHeight(int most) {
    m_gridHeight = most;
    if (m_grid != nullptr) {
        m_grid->setMost(most);
    } else if (m_text != nullptr) {
        m_text->setMost(most);
    }
}

void ResultCard::buildTrace(QVBoxLayout& column) {
    m_trace = new QWidget;
    auto* own = new QVBoxLayout(m_trace);
    own->setContentsMargins(0, 0, 0, 0);
    own->setSpacing(0);
    own->addWidget(new Hairline);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(14, 8, 14, 0);
    head->setSpacing(8);
    head->addWidget(new Label("Trace", 12, 600, Ink::Muted));
    auto* session = Label::data(m_outcome.traceId, 11, 400, Ink::Faint);
    session->setTextInteractionFlags(Qt::TextSelectableByMouse);
    session->setToolTip("The session in system_traces. SHOW SESSION reads it again");
    head->addWidget(session, 1);
    own->addLayout(head);
    QStringList lines;
    for (const TraceLine& line : m_outcome.trace) {
        const auto node = std::find_if(m_model.nodes().begin(), m_model.nodes().end(),
                                       [&](const sources::NodeInfo& one) { return one.address == line.source; });
        const QString source = node == m_model.nodes().end() ? line.source : node->label();
        lines << QString("%1 \u00b5s  %2  %3").arg(line.micros, 7).arg(source, -4).arg(line.activity);
    }
    auto* text = new TextBlock(lines.isEmpty() ? "The trace is empty." : lines.join('\n'), false);
    text->setAccessibleName("Trace");
    text->setMost(kTraceMost);
    own->addWidget(text);
    column.addWidget(m_trace);
}

void ResultCard::addWarning(QVBoxLayout& column, const Advice& advice) {
    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(14, 4, 14, 6);
    row->setSpacing(8);
    row->addWidget(new IconLabel("warning", 14, &Tokens::near), 0, Qt::AlignVCenter);
    auto* label = new Label(advice.says, 12, 500, Ink::Near);
    label->setWordWrap(true);
    row->addWidget(label, 1);
    auto* button = new Button("Why", ButtonKind::Link);
    button->setToolTip(advice.why);
    auto* more = new Label(advice.why, 12, 400, Ink::Muted);
    more->setWordWrap(true);
    more->setContentsMargins(36, 0, 14, 6);
    more->hide();
    connect(button, &Button::clicked, more, [more] { more->setVisible(!more->isVisible()); });
    row->addWidget(button, 0, Qt::AlignVCenter);
    if (!advice.lab.isEmpty()) {
        auto* lesson = new Button("Lab", ButtonKind::Link);
        lesson->setToolTip("Open the lab that shows it: " + advice.lab);
        connect(lesson, &Button::clicked, this, [this, lab = advice.lab] { emit labWanted(lab); });
        row->addWidget(lesson, 0, Qt::AlignVCenter);
    }
    column.addWidget(box);
    column.addWidget(more);
}

void ResultCard::showFooter() {
    if (!m_done || m_stopped) {
        return;
    }
    std::vector<FooterStrip::Part> parts;
    if (m_rows != nullptr) {
        parts.push_back({counted(m_rows->rowCount(), "row")});
    }
    const QString asked = QDateTime::fromMSecsSinceEpoch(m_outcome.askedMillis).toString("yyyy-MM-dd HH:mm:ss");
    parts.push_back({millisText(m_outcome.nanos), Ink::Text, {}, "From sending to the answer, seen by the console. Asked " + asked});
    addLevel(parts);
    parts.push_back({m_settings.coordinatorLabel, Ink::Text, {}, "Coordinator"});
    if (m_rows != nullptr) {
        const QString page = m_settings.pageSize > 0 ? QString("page %1, %2").arg(m_outcome.page).arg(m_settings.pageSize)
                                                     : QString("no pages");
        parts.push_back({page, Ink::Muted, {}, "Which page, and the most rows of one"});
    }
    if (m_outcome.writes) {
        parts.push_back({m_settings.clientTimestamp ? "client timestamp" : "server timestamp", Ink::Muted, {},
                         "Whose clock decides which write is newer, unless the statement says USING TIMESTAMP"});
    }
    if (m_outcome.earlier) {
        parts.push_back({"of an earlier session", Ink::Near, {}, "Asked " + asked + ". The cluster may hold other rows by now"});
    } else if (m_model.live().ringVersion != m_outcome.ringVersion) {
        parts.push_back({"older than a topology change", Ink::Near});
    }
    addLinks(parts);
    m_footer->setParts(std::move(parts));
}

void ResultCard::addLevel(std::vector<FooterStrip::Part>& parts) const {
    QString level = m_settings.consistency;
    Ink ink = Ink::Text;
    if (m_request && m_request->info.required > 0 && !m_request->info.replicas.empty()) {
        const auto required = m_request->info.required;
        const auto replicas = m_request->info.replicas.size();
        level += QString(", %1 of %2").arg(required).arg(replicas);
        if (m_request->info.kind == "READ" && required == 1 && replicas > 1) {
            ink = Ink::Near;
        }
    }
    parts.push_back({level, ink, {},
                     ink == Ink::Near ? "One replica answered. Others may hold newer cells."
                                      : "Consistency, and how many replicas had to answer"});
    if (m_outcome.conditional) {
        parts.push_back({"serial " + m_settings.serial, Ink::Text, {}, "The level at which the replicas agreed on the condition"});
    }
}

void ResultCard::addLinks(std::vector<FooterStrip::Part>& parts) const {
    if (m_outcome.pagingState && !m_outcome.earlier) {
        parts.push_back({"Next page", Ink::Accent, kPageLink});
    }
    if (m_request) {
        parts.push_back({"Show in Traffic", Ink::Accent, kTrafficLink});
    }
    if (m_trace != nullptr) {
        parts.push_back({m_trace->isHidden() ? "Show the trace" : "Hide the trace", Ink::Accent, kTraceLink, m_outcome.traceId});
    }
    if (m_rows != nullptr && m_rows->rowCount() > 0) {
        parts.push_back({m_vertical ? "Grid" : "Vertical", Ink::Accent, kVerticalLink, "One line a column. EXPAND ON does it for all"});
        parts.push_back({"Export", Ink::Accent, kExportLink});
    }
}

void ResultCard::followFooter(const QString& link) {
    if (link == kPageLink) {
        emit nextPageWanted(m_outcome);
    } else if (link == kTrafficLink && m_request) {
        emit requestChosen(m_request->id);
    } else if (link == kTraceLink) {
        m_trace->setVisible(m_trace->isHidden());
        showFooter();
    } else if (link == kVerticalLink) {
        setVertical(!m_vertical);
    } else if (link == kExportLink) {
        emit exportWanted(this);
    }
}

}  // namespace app::console
