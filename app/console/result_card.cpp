#include "app/console/result_card.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <QVBoxLayout>

#include "app/console/cql_highlighter.h"

namespace app::console {

using namespace app::shell;
using engine::observe::RequestView;

namespace {

constexpr int kRowHeight = 25;
constexpr int kColumnMax = 360;
constexpr int kExpandedRows = 50;
constexpr int kLooks = 40;  // How often events are searched for the request after the answer.

/// Copies what is selected, tab-separated.
class Grid : public QTableView {
public:
    using QTableView::QTableView;

protected:
    void keyPressEvent(QKeyEvent* event) override {
        if (event->matches(QKeySequence::Copy)) {
            QStringList lines;
            QStringList fields;
            int row = -1;
            auto chosen = selectionModel()->selectedIndexes();
            std::sort(chosen.begin(), chosen.end());
            for (const QModelIndex& index : chosen) {
                if (row >= 0 && index.row() != row) {
                    lines << fields.join('\t');
                    fields.clear();
                }
                row = index.row();
                fields << index.data().toString();
            }
            lines << fields.join('\t');
            QApplication::clipboard()->setText(lines.join('\n'));
            return;
        }
        QTableView::keyPressEvent(event);
    }
};

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

// ---- FooterStrip ----

FooterStrip::FooterStrip(QWidget* parent) : QWidget(parent) {
    setFixedHeight(28);
    setMouseTracking(true);
}

void FooterStrip::setParts(std::vector<Part> parts) {
    m_parts = std::move(parts);
    setAccessibleName(plainText());
    update();
}

QString FooterStrip::plainText() const {
    QStringList words;
    for (const Part& part : m_parts) {
        words << part.text;
    }
    return words.join(" | ");
}

void FooterStrip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    QPainterPath ground;
    ground.addRoundedRect(QRectF(rect()).adjusted(0, -10, 0, 0), 7, 7);
    p.setClipRect(rect());
    p.fillPath(ground, t.sunken);
    paint::hline(p, 0, width(), 0, t.line);
    m_rects.clear();
    double x = 12;
    const double yc = height() / 2.0 + .5;
    for (const Part& part : m_parts) {
        const bool quiet = part.ink == Ink::Muted || part.ink == Ink::Faint;
        const QFont font = sans(11.5, quiet ? 400 : 500);
        const double width = widthOf(font, part.text);
        if (x + width > this->width() - 8) {
            break;
        }
        if (!m_rects.empty()) {
            paint::vline(p, x, yc - 6, yc + 6, t.line_strong);
            x += 12;
        }
        paint::mid(p, {x, yc}, part.text, font, colourOf(part.ink));
        m_rects.emplace_back(x, 0, width, height());
        x += width + 11;
    }
}

const FooterStrip::Part* FooterStrip::partAt(const QPointF& at) const {
    for (std::size_t i = 0; i < m_rects.size(); ++i) {
        if (m_rects[i].contains(at)) {
            return &m_parts[i];
        }
    }
    return nullptr;
}

void FooterStrip::mousePressEvent(QMouseEvent* event) {
    if (const Part* part = partAt(event->position()); part != nullptr && !part->link.isEmpty()) {
        emit chosen(part->link);
    }
}

void FooterStrip::mouseMoveEvent(QMouseEvent* event) {
    const Part* part = partAt(event->position());
    setCursor(part != nullptr && !part->link.isEmpty() ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

bool FooterStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Part* part = partAt(help->pos());
        QToolTip::showText(help->globalPos(), part != nullptr ? part->toolTip : QString(), this);
        return true;
    }
    return QWidget::event(event);
}

// ---- ResultCard ----

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
    if (m_stopped || complete || m_looked > kLooks) {
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
    }
    showFooter();
}

void ResultCard::build() {
    m_body = new QWidget;
    auto* column = new QVBoxLayout(m_body);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(new Hairline);
    if (m_outcome.error) {
        buildError(*column);
    } else if (m_outcome.rows) {
        m_settings.expand ? buildExpanded(*column) : buildGrid(*column);
    } else {
        auto* note = new Label(m_outcome.note.isEmpty() ? "Done. The statement gives no rows." : m_outcome.note, 12.5, 400, Ink::Muted);
        note->setContentsMargins(14, 8, 14, 8);
        column->addWidget(note);
    }
    for (const QString& warning : m_outcome.warnings) {
        addWarning(*column, adviceOnWarning(warning));
    }
    for (const Advice& advice : m_outcome.advice) {
        addWarning(*column, advice);
    }
    if (!m_outcome.trace.empty()) {
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

void ResultCard::buildGrid(QVBoxLayout& column) {
    m_rows = new ResultModel(m_outcome.rows, this);
    m_grid = new Grid;
    m_grid->setModel(m_rows);
    m_grid->setFont(mono(12.5));
    m_grid->setShowGrid(false);
    m_grid->setWordWrap(false);
    m_grid->setAccessibleName("Rows");
    m_grid->setTabKeyNavigation(false);
    m_grid->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_grid->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_grid->verticalHeader()->hide();
    m_grid->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_grid->horizontalHeader()->setFixedHeight(28);
    m_grid->horizontalHeader()->setObjectName("resultHeader");
    m_grid->horizontalHeader()->setHighlightSections(false);
    m_grid->horizontalHeader()->setResizeContentsPrecision(100);
    m_grid->resizeColumnsToContents();
    for (int i = 0; i < m_rows->columnCount(); ++i) {
        m_grid->setColumnWidth(i, std::clamp(m_grid->columnWidth(i) + 14, 70, kColumnMax));
    }
    m_grid->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_grid, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
        QMenu menu(this);
        menu.addAction("Copy the cell", this, [this, at] {
            QApplication::clipboard()->setText(m_grid->indexAt(at).data().toString());
        });
        menu.addAction(menuIcon("download"), "Export the result", this, [this] { emit exportWanted(this); });
        menu.exec(m_grid->viewport()->mapToGlobal(at));
    });
    // At the end the next page comes by itself.
    connect(m_grid->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (m_outcome.pagingState && value == m_grid->verticalScrollBar()->maximum()) {
            emit nextPageWanted(m_outcome);
        }
    });
    column.addWidget(m_grid);
    setGridHeight(m_gridHeight);
}

void ResultCard::setGridHeight(int most) {
    m_gridHeight = most;
    if (m_grid != nullptr) {
        const int wanted = 28 + std::max(1, m_rows->rowCount()) * kRowHeight + 4;
        int needs = 0;
        for (int i = 0; i < m_rows->columnCount(); ++i) {
            needs += m_grid->columnWidth(i);
        }
        const int bar = needs > width() - 4 ? 10 : 0;
        m_grid->setFixedHeight(std::min(wanted + bar, std::max(most, 110)));
    }
}

void ResultCard::buildExpanded(QVBoxLayout& column) {
    m_rows = new ResultModel(m_outcome.rows, this);
    QString text;
    int row = 0;
    for (const auto& cells : m_outcome.rows->rows) {
        if (row == kExpandedRows) {
            text += QString("… %1 more rows: EXPAND OFF shows them as a grid").arg(m_rows->rowCount() - row);
            break;
        }
        text += QString("@ Row %1\n").arg(++row);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            text += QString("  %1 | %2\n").arg(m_outcome.rows->columns[i].name, -20).arg(cells[i] ? *cells[i] : QString("null"));
        }
    }
    auto* label = Label::data(text.trimmed(), 12);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setContentsMargins(14, 8, 14, 8);
    column.addWidget(label);
}

void ResultCard::buildTrace(QVBoxLayout& column) {
    column.addWidget(new Hairline);
    auto* title = new Label("Trace", 12, 600, Ink::Muted);
    title->setContentsMargins(14, 8, 14, 2);
    column.addWidget(title);
    QString text;
    for (const TraceLine& line : m_outcome.trace) {
        text += QString("%1  %2  %3\n").arg(line.micros, 7).arg(line.source, -12).arg(line.activity);
    }
    auto* lines = Label::data(text.trimmed().isEmpty() ? "The trace is empty." : text.chopped(1), 11.5, 400, Ink::Muted);
    lines->setTextInteractionFlags(Qt::TextSelectableByMouse);
    lines->setContentsMargins(14, 0, 14, 8);
    column.addWidget(lines);
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
    parts.push_back({millisText(m_outcome.nanos), Ink::Text, {}, "From sending to the answer, seen by the console"});
    QString level = m_settings.consistency;
    Ink levelInk = Ink::Text;
    if (m_request && m_request->info.required > 0 && !m_request->info.replicas.empty()) {
        const auto required = m_request->info.required;
        const auto replicas = m_request->info.replicas.size();
        level += QString(", %1 of %2").arg(required).arg(replicas);
        if (m_request->info.kind == "READ" && required == 1 && replicas > 1) {
            levelInk = Ink::Near;
        }
    }
    parts.push_back({level, levelInk, {},
                     levelInk == Ink::Near ? "One replica answered. Others may hold newer cells." : "Consistency, and how many replicas had to answer"});
    parts.push_back({m_settings.coordinatorLabel, Ink::Text, {}, "Coordinator"});
    if (m_rows != nullptr) {
        parts.push_back({QString("page %1, %2").arg(m_outcome.page).arg(m_settings.pageSize), Ink::Muted});
        if (m_outcome.pagingState) {
            parts.push_back({"Next page", Ink::Accent, "page"});
        }
    } else if (m_settings.clientTimestamp) {
        parts.push_back({"client timestamp", Ink::Muted});
    }
    if (m_model.live().ringVersion != m_outcome.ringVersion) {
        parts.push_back({"older than a topology change", Ink::Near});
    }
    if (m_request) {
        parts.push_back({"Show in Traffic", Ink::Accent, "traffic"});
    }
    if (m_rows != nullptr && m_rows->rowCount() > 0) {
        parts.push_back({"Export", Ink::Accent, "export"});
    }
    m_footer->setParts(std::move(parts));
}

void ResultCard::followFooter(const QString& link) {
    if (link == "page") {
        emit nextPageWanted(m_outcome);
    } else if (link == "traffic" && m_request) {
        emit requestChosen(m_request->id);
    } else if (link == "export") {
        emit exportWanted(this);
    }
}

}  // namespace app::console
