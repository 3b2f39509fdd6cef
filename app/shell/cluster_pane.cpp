#include "app/shell/cluster_pane.h"

#include <QContextMenuEvent>
#include <QKeyEvent>

#include "app/shell/faults.h"

namespace app::shell {

// ---- NodeRow ----

NodeRow::NodeRow(sources::ClusterModel& model, int number, QWidget* parent) : QWidget(parent), m_model(model) {
    m_info.number = number;
    setFixedHeight(46);
    setFocusPolicy(Qt::TabFocus);
    connect(&model.selection(), &sources::Selection::nodeChanged, this, qOverload<>(&QWidget::update));
}

void NodeRow::setInfo(const sources::NodeInfo& info) {
    m_info = info;
    setAccessibleName(QString("%1, %2, %3 (%4)").arg(info.label(), info.address, info.word, codeOf(info.mark)));
    setToolTip(info.name + "\n" + info.word + " (" + codeOf(info.mark) + ")");
    update();
}

void NodeRow::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    const QRectF plate = QRectF(rect()).adjusted(8, 1, -8, -1);
    if (m_model.selection().node() == m_info.name && !m_info.name.isEmpty()) {
        paint::box(p, plate, t.selected, {}, 6);
    } else if (underMouse()) {
        paint::box(p, plate, t.hover, {}, 6);
    }
    const bool hollow = m_info.mark == StateMark::Down || m_info.mark == StateMark::Unknown;
    paint::badge(p, {26, 23}, 11, m_info.number, hollow);
    double x = 46;
    x += paint::text(p, {x, 20}, m_info.label(), sans(13, 600), t.text) + 8;
    paint::text(p, {x, 20}, m_info.address, mono(kTypeNote), t.muted);
    paint::state(p, {51, 33}, m_info.mark, 4.5);
    const QString memory = m_info.residentBytes > 0 ? bytesText(m_info.residentBytes) : QString();
    const double right = width() - 16;
    paint::text(p, {right, 37}, memory, mono(11), t.faint, Align::Right);
    const QFont font = sans(kTypeNote, 500);
    const double room = right - 62 - widthOf(mono(11), memory) - 8;
    paint::text(p, {62, 37}, paint::elided(m_info.busy ? m_info.word + QChar(0x2026) : m_info.word, font, room), font,
                m_info.mark == StateMark::Up ? t.muted : colourOf(m_info.mark));
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, plate, {}, t.focus, 6, 2);
    }
}

void NodeRow::mousePressEvent(QMouseEvent*) { m_model.selection().setNode(m_info.name); }

void NodeRow::mouseDoubleClickEvent(QMouseEvent*) { emit opened(); }

void NodeRow::contextMenuEvent(QContextMenuEvent* event) { emit menuWanted(m_info.number, event->globalPos()); }

void NodeRow::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Space: m_model.selection().setNode(m_info.name); break;
    case Qt::Key_Menu: emit menuWanted(m_info.number, mapToGlobal(QPoint(40, height()))); break;
    case Qt::Key_Down: focusNextChild(); break;
    case Qt::Key_Up: focusPreviousChild(); break;
    default: QWidget::keyPressEvent(event);
    }
}

void NodeRow::focusInEvent(QFocusEvent*) { update(); }
void NodeRow::focusOutEvent(QFocusEvent*) { update(); }

// ---- ClusterPane ----

ClusterPane::ClusterPane(sources::ClusterModel& model, QWidget* parent) : QScrollArea(parent), m_model(model) {
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* content = new Surface(&Tokens::panel);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 8, 0, 12);
    column->setSpacing(0);
    const auto rule = [&] {
        auto* box = new QHBoxLayout;
        box->setContentsMargins(16, 8, 16, 6);
        box->addWidget(new Hairline);
        column->addLayout(box);
    };
    m_nodes = new QVBoxLayout;
    m_nodes->setSpacing(0);
    column->addLayout(m_nodes);
    rule();
    column->addWidget(section("Schema"));
    m_schema = new SchemaTree(model);
    column->addWidget(m_schema);
    m_noSchema = new Label("No keyspace of yours yet.", 12, 400, Ink::Faint);
    m_noSchema->setContentsMargins(16, 2, 16, 4);
    column->addWidget(m_noSchema);
    rule();
    column->addWidget(section("Faults"));
    m_faults = new QVBoxLayout;
    m_faults->setContentsMargins(12, 0, 12, 0);
    m_faults->setSpacing(6);
    column->addLayout(m_faults);
    rule();
    column->addWidget(section("Clients"));
    m_clients = new QVBoxLayout;
    m_clients->setContentsMargins(16, 2, 16, 0);
    m_clients->setSpacing(6);
    column->addLayout(m_clients);
    column->addStretch(1);
    setWidget(content);

    connect(m_schema, &SchemaTree::statementOffered, this, &ClusterPane::statementOffered);
    connect(&model, &sources::ClusterModel::nodesChanged, this, [this] {
        showNodes();
        showFaults();
    });
    connect(&model, &sources::ClusterModel::changed, this, &ClusterPane::showClients);
    showNodes();
    showFaults();
    showClients();
}

QLabel* ClusterPane::section(const QString& title) {
    auto* label = new Label(title, 11, 600, Ink::Faint);
    label->setContentsMargins(16, 4, 16, 6);
    return label;
}

void ClusterPane::showNodes() {
    std::map<int, NodeRow*> kept;
    for (const sources::NodeInfo& info : m_model.nodes()) {
        auto found = m_rows.extract(info.number);
        NodeRow* row = found.empty() ? nullptr : found.mapped();
        if (row == nullptr) {
            row = new NodeRow(m_model, info.number);
            row->setAttribute(Qt::WA_Hover);
            m_nodes->addWidget(row);
            connect(row, &NodeRow::menuWanted, this, &ClusterPane::nodeMenuWanted);
            connect(row, &NodeRow::opened, this, &ClusterPane::inspectorWanted);
        }
        row->setInfo(info);
        kept[info.number] = row;
    }
    for (auto& [number, row] : m_rows) {
        row->deleteLater();
    }
    m_rows = std::move(kept);
}

namespace {

void empty(QVBoxLayout* layout) {
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (item->widget() != nullptr) {
            item->widget()->deleteLater();
        }
        delete item;
    }
}

}  // namespace

void ClusterPane::showFaults() {
    const auto faults = faultsOf(m_model.nodes());
    QString now = "-";
    for (const Fault& fault : faults) {
        now += fault.title + ';';
    }
    if (now == m_faultsShown) {
        return;
    }
    m_faultsShown = now;
    empty(m_faults);
    if (faults.empty()) {
        auto* none = new Label("None. Break something from a node's menu.", 12, 400, Ink::Faint);
        none->setWordWrap(true);
        none->setContentsMargins(4, 0, 4, 4);
        m_faults->addWidget(none);
        return;
    }
    for (const Fault& fault : faults) {
        auto* card = new Card;
        card->setColours([]() { return std::pair(tokens().down, tokens().fail_tint); });
        card->body()->setContentsMargins(10, 6, 6, 6);
        auto* row = new QHBoxLayout;
        row->setSpacing(8);
        row->addWidget(new IconLabel(fault.icon, 14, &Tokens::down), 0, Qt::AlignTop);
        auto* words = new QVBoxLayout;
        words->setSpacing(2);
        words->addWidget(new Label(fault.title, 12, 600));
        auto* detail = new Label(fault.detail, 11, 400, Ink::Muted);
        detail->setWordWrap(true);
        words->addWidget(detail);
        row->addLayout(words, 1);
        auto* cure = new IconButton("heal", "Heal " + fault.title, nullptr, 24);
        connect(cure, &QAbstractButton::clicked, this, [this, fault] {
            if (m_model.source() != nullptr) {
                heal(*m_model.source(), fault);
            }
        });
        row->addWidget(cure, 0, Qt::AlignVCenter);
        card->body()->addLayout(row);
        m_faults->addWidget(card);
    }
}

void ClusterPane::showClients() {
    std::map<std::pair<std::string, std::string>, int> drivers;
    for (const auto& client : m_model.state().clients) {
        ++drivers[{client.driver.empty() ? std::string("unnamed driver") : client.driver, client.driverVersion}];
    }
    QString now = "-";
    for (const auto& [driver, count] : drivers) {
        now += QString::fromStdString(driver.first + driver.second) + QString::number(count);
    }
    bool anySchema = false;
    for (const auto& keyspace : m_model.state().keyspaces) {
        anySchema = anySchema || keyspace.name.rfind("system", 0) != 0;
    }
    m_noSchema->setVisible(!anySchema);
    if (now == m_clientsShown) {
        return;
    }
    m_clientsShown = now;
    empty(m_clients);
    if (drivers.empty()) {
        m_clients->addWidget(new Label("None connected.", 12, 400, Ink::Faint));
    }
    for (const auto& [driver, count] : drivers) {
        auto* box = new QWidget;
        auto* row = new QHBoxLayout(box);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(8);
        row->addWidget(new IconLabel("user", 14), 0, Qt::AlignTop);
        auto* words = new QVBoxLayout;
        words->setSpacing(1);
        words->addWidget(new Label(QString::fromStdString(driver.first + ' ' + driver.second).trimmed(), 12));
        words->addWidget(new Label(counted(count, "connection"), 11, 400, Ink::Faint));
        row->addLayout(words, 1);
        m_clients->addWidget(box);
    }
}

}  // namespace app::shell
