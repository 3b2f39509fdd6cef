#include "app/explorer/storage/load_control.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QMouseEvent>
#include <QPainter>
#include <QPointer>
#include <QWheelEvent>

#include <array>
#include <cmath>

namespace app::explorer::storage {

using engine::client::LoadOptions;
using shell::tokens;

namespace {

/// Writes a second the slider can be set to.
constexpr std::array<int, 10> kRates{20, 50, 100, 200, 500, 1000, 2000, 4000, 8000, 16000};
constexpr int kDefaultStep = 5;
/// One write in this many is a delete and one a read, so that tombstones and reads are seen as well.
constexpr double kReadShare = .1, kDeleteShare = .05;
constexpr std::uint64_t kRows = 50'000;
constexpr std::uint32_t kValueBytes = 240;

}  // namespace

// ---- slider ----

StepSlider::StepSlider(int steps, QWidget* parent) : QAbstractSlider(parent) {
    setRange(0, steps - 1);
    setPageStep(2);
    setFocusPolicy(Qt::StrongFocus);
    setOrientation(Qt::Horizontal);
}

QRectF StepSlider::track() const { return QRectF(8, height() / 2.0 - 2, width() - 16, 4); }

void StepSlider::moveTo(QPointF at) {
    const QRectF t = track();
    setValue(static_cast<int>(std::lround((at.x() - t.left()) / t.width() * maximum())));
}

void StepSlider::mousePressEvent(QMouseEvent* event) { moveTo(event->position()); }

void StepSlider::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) {
        moveTo(event->position());
    }
}

void StepSlider::wheelEvent(QWheelEvent* event) { setValue(value() + (event->angleDelta().y() > 0 ? 1 : -1)); }

void StepSlider::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const QRectF t = track();
    const double x = t.left() + t.width() * value() / std::max(1, maximum());
    shell::paint::box(p, t, tokens().line_strong, {}, 2);
    shell::paint::box(p, {t.left(), t.top(), x - t.left(), t.height()}, tokens().accent, {}, 2);
    p.setPen(QPen(tokens().accent, 1.5));
    p.setBrush(tokens().panel);
    p.drawEllipse(QPointF(x, t.center().y()), 6.5, 6.5);
    if (hasFocus()) {
        shell::paint::focusRing(p, QRectF(x - 7, t.center().y() - 7, 14, 14), 9);
    }
}

// ---- control ----

LoadControl::LoadControl(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_button = new shell::Button("Start load", shell::ButtonKind::Default, "play");
    m_slider = new StepSlider(static_cast<int>(kRates.size()));
    m_slider->setAccessibleName("Requests a second");
    m_slider->setValue(kDefaultStep);
    m_label = shell::Label::data(QString(), 11.5, 400, shell::Ink::Muted);
    m_label->setMinimumWidth(static_cast<int>(shell::widthOf(shell::mono(11.5), "16 000/s, 16 000 now")) + 4);
    row->addWidget(m_button);
    row->addWidget(m_slider);
    row->addWidget(m_label);
    connect(m_button, &QPushButton::clicked, this, [this] { isRunning() ? stop() : start(); });
    connect(m_slider, &QAbstractSlider::valueChanged, this, [this] {
        showRate();
        if (m_load) {
            m_load->setRate(rate());
        }
    });
    showRate();
}

LoadControl::~LoadControl() = default;

double LoadControl::rate() const { return kRates[static_cast<std::size_t>(m_slider->value())]; }

void LoadControl::showRate() {
    m_label->setInk(shell::Ink::Muted);
    m_label->setText(shell::countText(static_cast<std::int64_t>(rate())) + "/s");
    m_slider->setToolTip("Requests a second: " + shell::countText(static_cast<std::int64_t>(rate())) + ", of them 5 % deletes and 10 % reads");
}

std::optional<LoadOptions> LoadControl::optionsNow() {
    LoadOptions options;
    const auto processes = m_model.source() != nullptr ? m_model.source()->nodes() : std::vector<sources::NodeProcess>();
    for (const sources::NodeProcess& process : processes) {
        if (process.state == sources::ProcessState::Running) {
            options.contacts.push_back({process.address.toStdString(), process.nativePort});
        }
    }
    if (options.contacts.empty()) {
        m_label->setText("no node answers");
        return std::nullopt;
    }
    if (!m_table.isEmpty()) {
        options.keyspace = m_table.section('.', 0, 0).toStdString();
        options.table = m_table.section('.', 1).toStdString();
    }
    options.valueBytes = kValueBytes;
    options.replication = static_cast<int>(std::min<std::size_t>(3, processes.size()));
    return options;
}

void LoadControl::start() {
    if (auto options = optionsNow()) {
        options->rate = rate();
        options->rows = kRows;
        options->reads = kReadShare;
        options->deletes = kDeleteShare;
        begin(std::move(*options));
    }
}

void LoadControl::fill(std::uint64_t rows) {
    if (auto options = isRunning() ? std::nullopt : optionsNow()) {
        options->fill = true;
        options->rows = rows;
        begin(std::move(*options));
    }
}

void LoadControl::begin(LoadOptions options) {
    const QString table = QString::fromStdString(options.keyspace + '.' + options.table);
    const auto later = [me = QPointer<LoadControl>(this)](auto work) {
        QMetaObject::invokeMethod(qApp, [me, work = std::move(work)] {
            if (me) {
                work(*me);
            }
        });
    };
    m_load = std::make_unique<engine::client::LoadThread>(
        std::move(options), [later](const engine::client::LoadTally& tally) { later([tally](LoadControl& me) { me.progressed(tally); }); },
        [later](const engine::Result<void>& done) {
            later([error = done ? QString() : QString::fromStdString(done.error().message)](LoadControl& me) { me.ended(error); });
        });
    m_button->setText("Stop load");
    m_button->setIconName("stop");
    emit runningChanged(true, table);
}

void LoadControl::stop() {
    if (m_load) {
        m_load->stop();  // ended() comes once the last answers are there.
    }
}

void LoadControl::progressed(const engine::client::LoadTally& tally) {
    if (!m_load) {
        return;
    }
    m_label->setText(QString("%1/s, %2 now").arg(shell::countText(static_cast<std::int64_t>(rate())), shell::countText(std::llround(tally.requestsPerSecond))));
    m_label->setToolTip(QString("%1 writes, %2 reads, %3 deletes, mean %4 ms%5")
                            .arg(shell::countText(static_cast<std::int64_t>(tally.writes)), shell::countText(static_cast<std::int64_t>(tally.reads)), shell::countText(static_cast<std::int64_t>(tally.deletes)))
                            .arg(tally.meanMillis, 0, 'f', 2)
                            .arg(tally.errors == 0 ? QString() : QString("\n%1: %2").arg(shell::counted(static_cast<std::int64_t>(tally.errors), "error"), QString::fromStdString(tally.firstError))));
    m_label->setInk(tally.errors == 0 ? shell::Ink::Muted : shell::Ink::Fail);
}

void LoadControl::ended(const QString& error) {
    m_load.reset();
    m_button->setText("Start load");
    m_button->setIconName("play");
    showRate();
    if (!error.isEmpty()) {
        m_label->setText("cannot load");
        m_label->setToolTip(error);
        m_label->setInk(shell::Ink::Fail);
    }
    emit runningChanged(false, m_table);
}

}  // namespace app::explorer::storage
