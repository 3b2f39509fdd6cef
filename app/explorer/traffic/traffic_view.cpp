#include "app/explorer/traffic/traffic_view.h"

#include <QFileDialog>
#include <QSaveFile>

#include <algorithm>
#include <limits>

#include "app/explorer/table_form.h"
#include "app/explorer/traffic/request_trace.h"

namespace app::explorer::traffic {

using shell::Caption;

namespace {
constexpr int kEyesFrom = 760;  // Of the picture; below, which processes are drawn is not chosen.
constexpr int kListWidth = 296;
constexpr int kListFrom = 820;  // Narrower views have a narrow list.
constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
}  // namespace

Caption trafficCaption(const RequestStory& story, const Nodes& nodes) {
    if (!story.request || !story.request->started) {
        return {"No request is chosen.", {}};
    }
    const auto& info = story.request->info;
    const auto counted = story.countedAt(kForever);
    const int late = story.lateAt(kForever);
    Caption caption;
    if (!story.request->error.empty()) {
        caption.sentence = QString("The request failed: %1").arg(QString::fromStdString(story.request->error).section('\n', 0, 0));
    } else if (info.replicas.empty() && eachOf(info) != EachOf::Alone) {
        const QString deed = QString(story.isWrite ? "%1 wrote to the replicas of each %2" : "%1 asked the replicas of each %2")
                                 .arg(labelIn(nodes, story.request->coordinator), eachOf(info) == EachOf::Range ? "range" : "key");
        caption.sentence = QString(story.answered == 0 ? "%1, and waits for %2 of each." : "%1, and waited for %2 of each.")
                               .arg(deed, shell::counted(info.required, "answer"));
    } else if (info.replicas.empty()) {
        caption.sentence = QString("%1 answered by itself: no replica was asked.").arg(labelIn(nodes, story.request->coordinator));
    } else if (story.answered == 0) {
        caption.sentence = QString("%1 waits for %2, %3 came so far.").arg(labelIn(nodes, story.request->coordinator), shell::counted(info.required, "answer")).arg(counted);
    } else {
        QStringList names;
        for (const Leg& leg : story.legs) {
            if (leg.round == 0 && leg.counted) {
                names += labelIn(nodes, leg.replica);
            }
        }
        caption.sentence = QString("%1 of %2 answers made %3: %4.").arg(counted).arg(info.replicas.size()).arg(QString::fromStdString(info.consistency), joined(names));
        for (const Leg& leg : story.legs) {
            if (leg.isLate()) {
                caption.sentence += QString(" %1 answered %2 after the client had its reply.")
                                        .arg(labelIn(nodes, leg.replica), shell::millisText(std::max<std::int64_t>(leg.acked - story.answered, 0)));
                break;
            }
        }
        if (story.request->mismatch) {
            caption.sentence += " The digests differed, so the row was fetched again and mended.";
        }
    }
    caption.facts = {{"counted", "0", QString::number(counted)}, {"late", "0", QString::number(late)}};
    if (story.answered != 0) {
        caption.facts.push_back({"client waited", {}, shell::millisText(story.answered - story.begin)});
    }
    return caption;
}

TrafficView::TrafficView(sources::ClusterModel& model, QWidget* parent) : ExplorerView(model, parent), m_follow([this] { update(); }) {
    m_rows = new RowsModel({{"Time", true}, {"Process"}, {"Phase or verb"}, {"From"}, {"To"}, {"Duration", true}, {"Counted"}}, this);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_side = makeList();
    row->addWidget(m_side);
    auto* column = new QVBoxLayout;
    column->setContentsMargins(0, 14, 0, 0);
    column->setSpacing(8);
    m_toolbar = makeToolbar();
    column->addWidget(m_toolbar);
    m_canvas = new TrafficCanvas([this] {
        return TrafficCanvas::Input{&m_story, &this->model().nodes(), static_cast<Form>(std::min(m_form->current(), 2)), m_hidden, !m_list->rows().rows.empty()};
    });
    m_table = makeTableForm(m_rows, "Events of the request");
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeScroll(m_canvas));
    m_stack->addWidget(m_table);
    column->addWidget(m_stack, 1);
    row->addLayout(column, 1);
    setFocusProxy(m_canvas);
    connectParts();
    update();
}

QWidget* TrafficView::makeList() {
    auto* side = new shell::Surface(&shell::Tokens::panel, Qt::RightEdge);
    side->setFixedWidth(kListWidth);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 1, 0);
    column->setSpacing(0);
    auto* head = new QWidget;
    head->setFixedHeight(55);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(16, 0, 13, 0);
    row->addWidget(new shell::Label("Requests", 13, 600));
    row->addStretch(1);
    m_order = new shell::FieldCombo("", {"Slowest first", "Newest first"});
    m_order->setAccessibleName("Order of requests");
    m_order->setCurrentIndex(1);
    row->addWidget(m_order);
    column->addWidget(head);
    column->addWidget(new shell::Hairline);
    m_list = new RequestList([this] {
        return RequestList::Input{RequestRows::of(model().state(), static_cast<Order>(m_order->currentIndex()), static_cast<Which>(m_which->currentIndex())),
                                  &model().nodes(), m_story.request ? std::optional(m_story.request->id) : std::nullopt};
    });
    column->addWidget(makeScroll(m_list), 1);
    return side;
}

QWidget* TrafficView::makeToolbar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(16, 0, 16, 0);
    row->setSpacing(8);
    m_form = new shell::SegmentedControl({"Both", "Waterfall", "Space-time", "Table"});
    m_which = new shell::FieldCombo("Show", {"All", "Writes", "Reads", "System too"});
    auto* eyes = new QWidget;
    m_eyes = new QHBoxLayout(eyes);
    m_eyes->setContentsMargins(0, 0, 0, 0);
    m_eyes->setSpacing(6);
    m_eyeBox = eyes;
    auto* save = new shell::IconButton("download", "Save the request as a log that ShiViz reads");
    connect(save, &QAbstractButton::clicked, this, &TrafficView::exportShiviz);
    m_result = new shell::IconButton("console", "Show its result in the console");
    connect(m_result, &QAbstractButton::clicked, this, [this] {
        if (m_story.request) {
            emit resultWanted(m_story.request->id);
        }
    });
    row->addWidget(m_form);
    row->addWidget(m_which);
    row->addWidget(eyes);
    row->addStretch(1);
    row->addWidget(m_result);
    row->addWidget(save);
    return bar;
}

void TrafficView::connectParts() {
    auto& selection = model().selection();
    connect(&model(), &sources::ClusterModel::changed, &m_follow, &Coalesced::ask);
    connect(&model(), &sources::ClusterModel::nodesChanged, &m_follow, &Coalesced::ask);
    connect(&selection, &sources::Selection::requestChanged, this, &TrafficView::update);
    const auto relist = [this] { m_list->refreshNow(); };
    connect(m_order, &QComboBox::currentIndexChanged, this, relist);
    connect(m_which, &QComboBox::currentIndexChanged, this, relist);
    connect(m_form, &shell::SegmentedControl::currentChanged, this, &TrafficView::showForm);
    connect(m_list, &RequestList::chosen, this, [this](const engine::Uuid& id) { model().selection().setRequest(id); });
    connect(m_list, &RequestList::opened, this, &ExplorerView::inspectorWanted);
    connect(m_canvas, &TrafficCanvas::opened, this, [this] {
        if (m_story.request) {
            model().selection().setRequest(m_story.request->id);
        }
        emit inspectorWanted();
    });
}

/// The one chosen; else the console's newest; else the newest of all.
RequestPtr TrafficView::shownRequest() const {
    const auto& state = model().state();
    if (const auto& chosen = model().selection().request()) {
        if (auto request = state.request(*chosen)) {
            return request;
        }
    }
    if (auto newest = newestOfConsole(state)) {
        return newest;
    }
    const RequestRows rows = RequestRows::of(state, Order::Newest, Which::All);
    return rows.rows.empty() ? nullptr : state.request(rows.rows.front().id);
}

void TrafficView::update() {
    m_story = RequestStory::of(shownRequest());
    m_result->setEnabled(m_story.request && isOfConsole(*m_story.request));
    m_rows->setRows(traceRows(m_story, model().nodes()));
    updateEyes();
    m_list->refresh();
    m_canvas->refresh();
    updateCaption();
}

void TrafficView::refreshNow() {
    update();
    m_list->refreshNow();
    m_canvas->refreshNow();
}

void TrafficView::updateEyes() {
    std::vector<std::string> processes{""};
    for (const Leg& leg : m_story.legs) {
        if (std::find(processes.begin(), processes.end(), leg.replica) == processes.end() && processes.size() < 7) {
            processes.push_back(leg.replica);
        }
    }
    std::sort(processes.begin(), processes.end(), [this](const auto& a, const auto& b) { return numberIn(model().nodes(), a) < numberIn(model().nodes(), b); });
    if (processes == m_eyesFor) {
        return;
    }
    m_eyesFor = processes;
    while (QLayoutItem* item = m_eyes->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const std::string& process : processes) {
        auto* eye = new shell::Chip(process.empty() ? "Client" : labelIn(model().nodes(), process));
        process.empty() ? eye->setIconName("eye") : eye->setNode(numberIn(model().nodes(), process));
        eye->setCheckable(true);
        eye->setChecked(m_hidden.count(process) == 0);
        eye->setToolTip(process.empty() ? "Show or hide the client" : "Show or hide " + labelIn(model().nodes(), process));
        connect(eye, &QAbstractButton::toggled, this, [this, process](bool shown) {
            shown ? m_hidden.erase(process) : m_hidden.insert(process).second;
            m_canvas->refreshNow();
        });
        m_eyes->addWidget(eye);
    }
}

void TrafficView::updateCaption() {
    Caption caption = trafficCaption(m_story, model().nodes());
    const bool same = caption.sentence == m_caption.sentence && caption.facts.size() == m_caption.facts.size();
    if (!same) {
        m_caption = std::move(caption);
        emit captionChanged();
    }
}

void TrafficView::exportShiviz() {
    if (!m_story.request) {
        return;
    }
    const QString file = QFileDialog::getSaveFileName(this, "Export the request's log", "request.log", "ShiViz log (*.log)");
    if (file.isEmpty()) {
        return;
    }
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(shivizText(m_story, model().nodes()).toUtf8()) < 0 || !out.commit()) {
        m_caption.sentence = "Cannot write " + file + ". Choose a folder that you may write to.";
        emit captionChanged();
    }
}

void TrafficView::showForm(int form) {
    m_form->setCurrent(form);
    m_stack->setCurrentIndex(form == 3 ? 1 : 0);
    if (form == 3) {
        m_table->resizeColumnsToContents();
        return;
    }
    m_canvas->refreshNow();
}

void TrafficView::resizeEvent(QResizeEvent*) {
    const int list = width() >= kListFrom ? kListWidth : width() >= 600 ? 220 : 0;
    m_side->setFixedWidth(list);
    m_eyeBox->setVisible(width() - list >= kEyesFrom);
}

void TrafficView::showEvent(QShowEvent*) { update(); }

void TrafficView::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), shell::tokens().view); }

void TrafficView::drawTo(QPainter& painter, const QSize& size) { m_canvas->drawTo(painter, size); }

}  // namespace app::explorer::traffic
