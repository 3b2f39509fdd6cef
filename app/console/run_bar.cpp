#include "app/console/run_bar.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QMenu>
#include <QSignalBlocker>

namespace app::console {

using namespace app::shell;

namespace {
const QString kFirst = "first up";
}

RunBar::RunBar(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setFixedHeight(44);
    setMinimumWidth(280);
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(16, 0, 12, 0);
    m_row->setSpacing(6);
    m_run = new Button("Run", ButtonKind::Primary, "play");
    m_run->setKeyHint("Ctrl Enter");
    m_run->setToolTip("Run the statement at the cursor, or the selection. Ctrl Shift Enter runs the whole sheet");
    m_consistency = new FieldCombo("Consistency", consistencyNames());
    m_serial = new FieldCombo("Serial", {"SERIAL", "LOCAL_SERIAL"});
    m_coordinator = new FieldCombo("Coordinator", {kFirst});
    m_page = new FieldCombo("Page", {"10", "100", "1000", "5000", "off"});
    m_timestamp = new FieldCombo("Timestamp", {"server", "client"});
    m_tracing = new Chip("Tracing");
    m_tracing->setCheckable(true);
    m_tracing->setToolTip("Ask the nodes to write a trace, and show it");
    m_more = new IconButton("dots", "More settings");
    m_row->addWidget(m_run);
    m_row->addSpacing(4);
    for (QWidget* field : std::initializer_list<QWidget*>{m_consistency, m_serial, m_coordinator, m_page, m_timestamp, m_tracing, m_more}) {
        m_row->addWidget(field);
    }
    m_row->addStretch(1);
    m_consistency->setCurrentText("ONE");
    m_page->setCurrentText("5000");
    for (FieldCombo* field : {m_consistency, m_serial, m_coordinator, m_page, m_timestamp}) {
        connect(field, &QComboBox::currentTextChanged, this, [this, field] {
            field->setMarked(false);
            emit changed();
            fit();
        });
    }
    connect(m_tracing, &QAbstractButton::toggled, this, &RunBar::changed);
    connect(m_run, &Button::clicked, this, [this] { m_running ? emit stopWanted() : emit runWanted(); });
    connect(m_more, &QAbstractButton::clicked, this, &RunBar::openMore);
    connect(&model, &sources::ClusterModel::nodesChanged, this, &RunBar::showCoordinators);
    showCoordinators();
}

RunSettings RunBar::settings() const {
    RunSettings s;
    s.consistency = m_consistency->currentText();
    s.serial = m_serial->currentText();
    s.pageSize = m_page->currentText() == "off" ? -1 : m_page->currentText().toInt();
    s.clientTimestamp = m_timestamp->currentText() == "client";
    s.tracing = m_tracing->isChecked();
    s.expand = m_expand;
    s.capture = m_capture;
    if (const sources::NodeInfo* node = coordinator()) {
        s.coordinator = node->name;
        s.coordinatorLabel = node->label();
    }
    return s;
}

void RunBar::setSettings(const RunSettings& s) {
    m_consistency->setCurrentText(s.consistency);
    m_serial->setCurrentText(s.serial);
    const QString page = s.pageSize <= 0 ? QString("off") : QString::number(s.pageSize);
    if (m_page->findText(page) < 0) {
        m_page->addItem(page);
    }
    m_page->setCurrentText(page);
    m_timestamp->setCurrentText(s.clientTimestamp ? "client" : "server");
    m_tracing->setChecked(s.tracing);
    m_expand = s.expand;
    m_capture = s.capture;
    m_coordinator->setCurrentText(s.coordinatorLabel.isEmpty() || m_coordinator->findText(s.coordinatorLabel) < 0
                                      ? kFirst : s.coordinatorLabel);
}

void RunBar::setRunning(bool running) {
    m_running = running;
    m_run->setText(running ? "Stop" : "Run");
    m_run->setIconName(running ? "stop" : "play");
    m_run->setKind(running ? ButtonKind::Default : ButtonKind::Primary);
    m_run->setKeyHint(running ? "Esc" : "Ctrl Enter");
}

void RunBar::markSetting(const QString& label) {
    for (FieldCombo* field : {m_consistency, m_serial, m_coordinator, m_page, m_timestamp}) {
        field->setMarked(!label.isEmpty() && field->label().compare(label, Qt::CaseInsensitive) == 0);
    }
}

void RunBar::setConsistency(const QString& level) { m_consistency->setCurrentText(level); }

const sources::NodeInfo* RunBar::coordinator() const {
    const QString chosen = m_coordinator->currentText();
    for (const sources::NodeInfo& node : m_model.nodes()) {
        if (node.label() == chosen) {
            return &node;
        }
    }
    for (const sources::NodeInfo& node : m_model.nodes()) {
        if (node.answering) {
            return &node;
        }
    }
    return m_model.nodes().empty() ? nullptr : &m_model.nodes().front();
}

void RunBar::showCoordinators() {
    QStringList labels{kFirst};
    for (const sources::NodeInfo& node : m_model.nodes()) {
        labels << node.label();
    }
    if (labels.join(' ') == m_coordinatorsShown) {
        return;
    }
    m_coordinatorsShown = labels.join(' ');
    const QString chosen = m_coordinator->currentText();
    const QSignalBlocker quiet(m_coordinator);
    m_coordinator->clear();
    m_coordinator->addItems(labels);
    m_coordinator->setCurrentText(labels.contains(chosen) ? chosen : kFirst);
    fit();
}

void RunBar::fit() {
    int room = width() - 16 - 12 - m_run->sizeHint().width() - 10 - 36;
    bool hidden = false;
    for (QWidget* field : std::initializer_list<QWidget*>{m_consistency, m_serial, m_coordinator, m_page, m_timestamp, m_tracing}) {
        room -= field->sizeHint().width() + 6;
        const bool fits = field == m_consistency || (room >= 0 && !hidden);
        hidden = hidden || !fits;
        field->setVisible(fits);
    }
    m_more->setVisible(hidden);
    m_run->setKeyHint(m_running ? "Esc" : width() < 420 ? QString() : QString("Ctrl Enter"));
}

void RunBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fit();
}

void RunBar::openMore() {
    QMenu menu(this);
    for (FieldCombo* field : {m_serial, m_coordinator, m_page, m_timestamp}) {
        if (field->isVisible()) {
            continue;
        }
        QMenu* choices = menu.addMenu(field->label() + "  " + field->currentText());
        auto* group = new QActionGroup(choices);
        for (int i = 0; i < field->count(); ++i) {
            QAction* choice = choices->addAction(field->itemText(i), field, [field, i] { field->setCurrentIndex(i); });
            choice->setCheckable(true);
            choice->setChecked(i == field->currentIndex());
            group->addAction(choice);
        }
    }
    if (!m_tracing->isVisible()) {
        QAction* tracing = menu.addAction("Tracing", this, [this](bool on) { m_tracing->setChecked(on); });
        tracing->setCheckable(true);
        tracing->setChecked(m_tracing->isChecked());
    }
    menu.exec(m_more->mapToGlobal(QPoint(0, m_more->height())));
}

}  // namespace app::console
