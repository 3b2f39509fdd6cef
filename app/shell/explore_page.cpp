#include "app/shell/explore_page.h"

#include <QHeaderView>
#include <QSvgGenerator>
#include <QVBoxLayout>

#include "app/shell/presenter_strip.h"

namespace app::shell {

using explorer::ExplorerView;

namespace {
constexpr int kCellRoom = 10;
}

ExplorePage::ExplorePage(sources::ClusterModel& model, TranscriptModel& transcript, QWidget* parent)
    : QWidget(parent), m_model(model), m_transcript(transcript) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_presenter = new PresenterStrip(model);
    m_presenter->hide();
    column->addWidget(m_presenter);
    m_row = new Surface(&Tokens::panel, Qt::BottomEdge);
    m_row->setFixedHeight(40);
    auto* row = new QHBoxLayout(m_row);
    row->setContentsMargins(8, 0, 10, 0);
    row->setSpacing(2);
    m_tabs = new TabStrip(40);
    m_tabs->setAccessibleName("Views");
    row->addWidget(m_tabs);
    row->addStretch(1);
    auto* transcriptButton = new IconButton("text", "Transcript (Ctrl Shift T)");
    m_tableButton = new IconButton("table", "Table of this view (Ctrl T)");
    m_tableButton->setCheckable(true);
    auto* camera = new IconButton("camera", "Export the picture (Ctrl E)");
    for (IconButton* tool : {transcriptButton, m_tableButton, camera}) {
        row->addWidget(tool);
    }
    column->addWidget(m_row);

    m_forms = new QStackedWidget;
    m_stack = new QStackedWidget;
    m_table = new QTableView;
    m_table->setAccessibleName("Table of the view");
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(26);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setFont(mono(12));
    m_forms->addWidget(m_stack);
    m_forms->addWidget(m_table);
    column->addWidget(m_forms, 1);
    m_caption = new CaptionStrip;
    column->addWidget(m_caption);
    m_timeline = new Timeline(model);
    column->addWidget(m_timeline);

    for (const explorer::ViewFactory& factory : explorer::viewFactories()) {
        addView(factory.make(model, m_stack));
    }
    connect(m_tabs, &QTabBar::currentChanged, this, qOverload<int>(&ExplorePage::show));
    connect(transcriptButton, &QAbstractButton::clicked, this, &ExplorePage::transcriptWanted);
    connect(m_tableButton, &QAbstractButton::toggled, this, &ExplorePage::setTableShown);
    connect(camera, &QAbstractButton::clicked, this, &ExplorePage::exportWanted);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) { currentView()->selectRow(index.row()); });
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) { currentView()->selectRow(index.row()); });
    showCaption();
}

void ExplorePage::addView(ExplorerView* view) {
    m_views.push_back(view);
    m_stack->addWidget(view);
    m_tabs->addTab(view->title());
    m_tabs->setTabToolTip(m_tabs->count() - 1, QString("%1 (Alt %2)").arg(view->title()).arg(m_tabs->count()));
    view->setAccessibleName(view->title());
    connect(view, &ExplorerView::captionChanged, this, [this, view] {
        if (view == currentView()) {
            showCaption();
        }
    });
    connect(view, &ExplorerView::viewWanted, this, qOverload<const QString&>(&ExplorePage::show));
    connect(view, &ExplorerView::statementOffered, this, &ExplorePage::statementOffered);
    connect(view, &ExplorerView::resultWanted, this, &ExplorePage::resultWanted);
    connect(view, &ExplorerView::nodeMenuWanted, this, &ExplorePage::nodeMenuWanted);
    connect(view, &ExplorerView::inspectorWanted, this, &ExplorePage::inspectorWanted);
}

void ExplorePage::show(int index) {
    if (index < 0 || index >= count()) {
        return;
    }
    m_stack->setCurrentIndex(index);
    m_tabs->setCurrentIndex(index);
    if (m_tableShown) {
        m_table->setModel(currentView()->tableModel());
    }
    showCaption();
    emit viewShown(index);
}

void ExplorePage::show(const QString& title) {
    for (int i = 0; i < count(); ++i) {
        if (m_views[static_cast<std::size_t>(i)]->title() == title) {
            show(i);
        }
    }
}

void ExplorePage::setTableShown(bool shown) {
    if (m_views.empty()) {
        return;
    }
    m_tableShown = shown;
    m_tableButton->setChecked(shown);
    m_table->setModel(shown ? currentView()->tableModel() : nullptr);
    m_forms->setCurrentIndex(shown ? 1 : 0);
    if (!shown) {
        currentView()->setFocus();
        return;
    }
    m_table->resizeColumnsToContents();
    for (int column = 0; column < m_table->horizontalHeader()->count(); ++column) {
        m_table->setColumnWidth(column, m_table->columnWidth(column) + kCellRoom);  // The chosen cell is framed.
    }
    m_table->horizontalHeader()->setStretchLastSection(true);
    if (const int row = currentView()->selectedRow(); row >= 0) {
        m_table->selectRow(row);
    }
    m_table->setFocus();
}

void ExplorePage::showCaption() {
    if (m_views.empty()) {
        return;
    }
    const Caption caption = currentView()->caption();
    m_caption->setCaption(caption);
    m_transcript.say(currentView()->title(), caption.sentence, clockText(m_model.wallMicrosOf(m_model.nanos())));
}

QString ExplorePage::legend() const {
    return QString("%1 of %2, %3").arg(currentView()->title(),
                                       QString::fromStdString(m_model.state().clusterName),
                                       clockText(m_model.wallMicrosOf(m_model.nanos()), true));
}

void ExplorePage::exportPicture(QPainter& painter, const QSize& size) {
    const int foot = 34;
    const QRect picture(0, 0, size.width(), size.height() - foot);
    painter.fillRect(QRect(QPoint(), size), tokens().view);
    currentView()->drawTo(painter, picture.size());
    painter.fillRect(QRect(0, picture.height(), size.width(), foot), tokens().panel);
    paint::hline(painter, 0, size.width(), picture.height(), tokens().line);
    paint::mid(painter, {18, picture.height() + foot / 2.0}, currentView()->caption().sentence, sans(kTypeView), tokens().text);
    paint::mid(painter, {size.width() - 18.0, picture.height() + foot / 2.0}, legend(), sans(kTypeNote), tokens().faint,
               Align::Right);
}

QString ExplorePage::exportTo(const QString& file) {
    const QSize size = currentView()->size() + QSize(0, 34);
    if (file.endsWith(".svg", Qt::CaseInsensitive)) {
        QSvgGenerator svg;
        svg.setFileName(file);
        svg.setSize(size);
        svg.setViewBox(QRect(QPoint(), size));
        svg.setTitle(legend());
        QPainter painter;
        if (!painter.begin(&svg)) {
            return "Cannot write " + file + ". Choose a folder that you may write to.";
        }
        exportPicture(painter, size);
        return {};
    }
    QImage image(size * 2, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(2);
    QPainter painter(&image);
    exportPicture(painter, size);
    painter.end();
    return image.save(file) ? QString() : "Cannot write " + file + ". Choose a folder that you may write to.";
}

void ExplorePage::setPresenting(bool presenting) {
    m_presenter->setVisible(presenting);
    for (ExplorerView* view : m_views) {
        view->setPresenting(presenting);
    }
    m_row->setVisible(!presenting);
    currentView()->setFocus(Qt::MouseFocusReason);  // No frame on the projector.
    m_caption->setLarge(presenting);
    m_timeline->setVisible(!presenting);
}

}  // namespace app::shell
