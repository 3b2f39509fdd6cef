#include "app/shell/header_bar.h"

#include <QEvent>
#include <QtMath>

#include <algorithm>

#include "app/shell/faults.h"
#include "app/shell/node_chip.h"

namespace app::shell {

namespace {

constexpr int kWide = 1500;       // From here the palette has a field.
constexpr int kBadgesFrom = 7;    // Nodes; then chips are badges only.
constexpr int kChipWidth = 78;
constexpr int kSpeedFrom = 1180;
constexpr int kOtherParts = 860;  // Of the header, with a source of usual length.
constexpr int kSummaryFrom = 13;  // Nodes; then one line counts them.

}  // namespace

// ---- SourceChip ----

SourceChip::SourceChip(QWidget* parent) : QAbstractButton(parent) {
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setFixedHeight(28);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setName({});
}

void SourceChip::setName(const QString& name) {
    setText(name.isEmpty() ? "no cluster" : name);
    setAccessibleName("Source: " + text());
    setToolTip("Which cluster is shown");
    updateGeometry();
    update();
}

QSize SourceChip::sizeHint() const { return {qCeil(widthOf(sans(12.5, 600), text())) + 76, 28}; }

void SourceChip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    paint::box(p, rect(), underMouse() ? t.hover : t.panel, t.line_strong, 6);
    paint::icon(p, {9, 7}, "db", 14, t.muted);
    paint::mid(p, {30, height() / 2.0}, text(), sans(12.5, 600), t.text);
    paint::icon(p, {width() - 22.0, 8}, "down", 12, t.faint);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, rect(), {}, t.focus, 6, 2);
    }
}

bool SourceChip::event(QEvent* event) {
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave) {
        update();
    }
    return QAbstractButton::event(event);
}

// ---- FaultChip ----

FaultChip::FaultChip(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFaults({});
}

void FaultChip::setFaults(const QStringList& faults) {
    m_faults = faults;
    setText(faults.isEmpty() ? "No faults" : counted(faults.size(), "fault"));
    setToolTip(faults.isEmpty() ? "Nothing is broken on purpose" : faults.join('\n'));
    setAccessibleName(text());
    updateGeometry();
    update();
}

QSize FaultChip::sizeHint() const { return {qCeil(widthOf(sans(12.5, 500), text())) + 46, 28}; }

void FaultChip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    const bool any = !m_faults.isEmpty();
    paint::box(p, rect(), any ? t.fail_tint : QColor(), any ? t.down : t.line, 6);
    paint::icon(p, {9, 7}, "bolt", 14, any ? t.down : t.faint);
    paint::mid(p, {30, height() / 2.0}, text(), sans(12.5, 500), any ? t.down : t.muted);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, rect(), {}, t.focus, 6, 2);
    }
}

// ---- SearchField ----

SearchField::SearchField(QWidget* parent) : QAbstractButton(parent) {
    setFixedSize(268, 28);
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName("Search or run a command");
}

void SearchField::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    paint::box(p, rect(), t.sunken, hasFocus() ? t.focus : t.line, 6);
    paint::icon(p, {10, 7}, "search", 14, t.faint);
    paint::mid(p, {31, height() / 2.0}, "Search or run a command", sans(12.5), t.faint);
    const QString keys = "Ctrl Shift P";
    const double w = widthOf(sans(kTypeAxis, 500), keys) + 12;
    paint::box(p, {width() - 6 - w, 5, w, 18}, t.panel, t.line, 4);
    paint::mid(p, {width() - w, height() / 2.0}, keys, sans(kTypeAxis, 500), t.muted);
}

// ---- HeaderBar ----

const std::vector<int>& paces() {
    static const std::vector<int> kPaces = {1, 10, 100, 1000, 2000, 5000};
    return kPaces;
}

HeaderBar::HeaderBar(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setFixedHeight(44);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 0, 8, 1);
    row->setSpacing(8);
    m_menu = new IconButton("menu", "Menu (F10)");
    row->addWidget(m_menu);
    row->addSpacing(18);
    m_source = new SourceChip;
    row->addWidget(m_source);
    row->addSpacing(6);
    m_chipBox = new QWidget;
    m_chipRow = new QHBoxLayout(m_chipBox);
    m_chipRow->setContentsMargins(0, 0, 0, 0);
    m_chipRow->setSpacing(6);
    row->addWidget(m_chipBox);
    m_summary = new Label({}, 12.5, 500);
    row->addWidget(m_summary);
    m_time = makeTime();
    row->addWidget(m_time);
    row->addStretch(1);
    m_faults = new FaultChip;
    row->addWidget(m_faults);
    m_heal = new Button("Heal all", ButtonKind::Default, "heal");
    m_heal->setToolTip("Heal every link, resume every paused node and start every stopped one (Ctrl Shift H)");
    row->addWidget(m_heal);
    row->addSpacing(6);
    m_search = new SearchField;
    row->addWidget(m_search);
    m_searchIcon = new IconButton("search", "Search or run a command (Ctrl Shift P)");
    row->addWidget(m_searchIcon);
    m_theme = new IconButton("moon", "Theme");
    row->addWidget(m_theme);

    connect(m_search, &QAbstractButton::clicked, this, &HeaderBar::paletteWanted);
    connect(m_searchIcon, &QAbstractButton::clicked, this, &HeaderBar::paletteWanted);
    connect(m_theme, &QAbstractButton::clicked, this, &HeaderBar::themeWanted);
    connect(m_heal, &QAbstractButton::clicked, this, &HeaderBar::healWanted);
    connect(m_faults, &QAbstractButton::clicked, this, &HeaderBar::faultsWanted);
    connect(&m_model, &sources::ClusterModel::nodesChanged, this, &HeaderBar::showNodes);
    connect(&m_model.selection(), &sources::Selection::nodeChanged, m_chipBox, qOverload<>(&QWidget::update));
    connect(&theme(), &Theme::changed, this, &HeaderBar::showTheme);
    showNodes();
    showTheme();
}

QWidget* HeaderBar::makeTime() {
    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(4, 0, 0, 0);
    row->setSpacing(2);
    auto* rule = new Hairline(Qt::Vertical);
    rule->setFixedHeight(24);
    row->addWidget(rule);
    row->addSpacing(6);
    auto* back = new IconButton("back", "Step back to the last event (Shift F9)");
    m_pause = new IconButton("pause", "Hold the picture (F8)");
    auto* step = new IconButton("step", "Step to the next event (F9)");
    for (IconButton* button : {back, m_pause, step}) {
        button->setStrong(true);
        row->addWidget(button);
    }
    connect(back, &QAbstractButton::clicked, this, [this] { emit timeWanted(-1); });
    connect(m_pause, &QAbstractButton::clicked, this, [this] { emit timeWanted(0); });
    connect(step, &QAbstractButton::clicked, this, [this] { emit timeWanted(1); });
    connect(&m_model, &sources::ClusterModel::momentChanged, this, &HeaderBar::showTime);
    row->addSpacing(8);
    QStringList factors;
    for (const int factor : paces()) {
        factors.append(QString("1 : %1").arg(factor));
    }
    m_speed = new FieldCombo("Speed", factors);
    m_speed->setToolTip("Slow motion of the running nodes: their clocks run slower, so that nothing times out, and every "
                        "message between them is under way that much longer (Ctrl F9, Ctrl Shift F9)");
    m_speed->setFocusPolicy(Qt::TabFocus);
    connect(m_speed, &QComboBox::activated, this,
            [this](int index) { emit paceWanted(paces()[static_cast<std::size_t>(index)]); });
    row->addWidget(m_speed);
    return box;
}

/// Only the picture is held: the cluster runs on.
void HeaderBar::showTime() {
    m_pause->setIconName(m_model.isLive() ? "pause" : "play");
    const QString words = m_model.isLive() ? "Hold the picture (F8)" : "Go live (F8)";
    m_pause->setToolTip(words);
    m_pause->setAccessibleName(words);
}

void HeaderBar::showPace() {
    const double pace = m_model.pace();
    const auto at = std::find(paces().begin(), paces().end(), static_cast<int>(pace));
    m_speed->setCurrentIndex(at == paces().end() ? -1 : static_cast<int>(at - paces().begin()));
    m_speed->setMarked(pace > 1);
    m_speed->setVisible(pace > 1 || width() >= kSpeedFrom);
}

void HeaderBar::showTheme() {
    static const char* const kNext[] = {"moon", "contrast", "sun"};
    static const char* const kWords[] = {"Theme: light. Change to dark", "Theme: dark. Change to high contrast",
                                         "Theme: high contrast. Change to light"};
    const int kind = static_cast<int>(theme().kind());
    m_theme->setIconName(kNext[kind]);
    m_theme->setToolTip(kWords[kind]);
    m_theme->setAccessibleName(kWords[kind]);
}

void HeaderBar::showNodes() {
    const auto& nodes = m_model.nodes();
    const int count = static_cast<int>(nodes.size());
    std::map<int, NodeChip*> kept;
    for (const sources::NodeInfo& info : nodes) {
        auto found = m_chips.extract(info.number);
        NodeChip* chip = found.empty() ? nullptr : found.mapped();
        if (chip == nullptr) {
            chip = new NodeChip(m_model, info.number);
            m_chipRow->addWidget(chip);
            connect(chip, &NodeChip::menuWanted, this, &HeaderBar::nodeMenuWanted);
        }
        chip->setInfo(info);
        chip->setBadgeOnly(count >= kBadgesFrom || width() < kOtherParts + count * kChipWidth);
        kept[info.number] = chip;
    }
    for (auto& [number, chip] : m_chips) {
        chip->deleteLater();
    }
    m_chips = std::move(kept);
    m_chipBox->setVisible(count < kSummaryFrom);
    m_time->setVisible(count > 0);
    int up = 0;
    for (const sources::NodeInfo& info : nodes) {
        up += info.mark == StateMark::Up ? 1 : 0;
    }
    m_summary->setVisible(count >= kSummaryFrom);
    m_summary->setText(QString("%1 up, %2 not").arg(up).arg(count - up));

    QStringList faults;
    for (const Fault& fault : faultsOf(nodes)) {
        faults.append(fault.title);
    }
    showPace();
    m_faults->setFaults(faults);
    m_heal->setEnabled(!faults.isEmpty());
}

void HeaderBar::resizeEvent(QResizeEvent* event) {
    m_search->setVisible(width() >= kWide);
    m_searchIcon->setVisible(width() < kWide);
    showNodes();
    QWidget::resizeEvent(event);
}

void HeaderBar::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.fillRect(rect(), tokens().panel);
    paint::hline(p, 0, width(), height() - 1, tokens().line);
}

}  // namespace app::shell
