// ringside: the window. Options, theme, and the first picture; everything else is in the folders.

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTimer>

#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "app/shell/main_window.h"
#include "app/shell/theme/theme.h"
#include "app/shell/tour.h"
#include "engine/local/local_cluster.h"

namespace {

using app::shell::MainWindow;
using app::shell::ThemeKind;

struct Options {
    app::shell::WindowOptions window;
    QString theme;
    QString shot;
    QString tour;
    QString view;
    bool startupTimes = false;
    QSize size;
    int shotAfterMillis = 1500;
};

QCommandLineOption option(const char* name, const char* says, const char* value = nullptr) {
    return value == nullptr ? QCommandLineOption(name, says) : QCommandLineOption(name, says, value);
}

QSize sizeOf(const QString& text) {
    const QStringList parts = text.split('x');
    return parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
}

Options readOptions(const QApplication& application) {
    QCommandLineParser parser;
    parser.setApplicationDescription("A laboratory for Apache Cassandra.");
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions({
        option("home", "Where clusters and settings live. Default: $RINGSIDE_HOME, else the platform's data folder.", "folder"),
        option("cluster", "Cluster to open.", "name"),
        option("net", "First three bytes of new nodes' addresses. Default: the first of 127.0.0 to 127.0.9 that is free.", "net"),
        option("start", "Start three nodes at once."),
        option("lab", "Lab to open.", "id"),
        option("view", "View to show: Ring, Traffic, ...", "title"),
        option("light", "Light theme."),
        option("dark", "Dark theme."),
        option("contrast", "High contrast theme."),
        option("size", "Size of the window.", "WIDTHxHEIGHT"),
        option("shot", "Save a picture of the window once the cluster runs, then quit.", "file"),
        option("offscreen-tour", "Solve the lab (--lab, else the first), save pictures, then quit.", "folder"),
        option("startup-times", "Print how long it took until the window answers, and until the cluster does."),
        option("shot-after", "Milliseconds to wait before the picture.", "ms"),
    });
    parser.process(application);
    Options options;
    options.window.home = parser.isSet("home") ? parser.value("home") : QString::fromStdString(engine::local::defaultHome());
    options.window.cluster = parser.value("cluster");
    options.window.lab = parser.value("lab");
    options.window.net = parser.value("net");
    options.window.startNow = parser.isSet("start");
    options.theme = parser.isSet("light") ? "light" : parser.isSet("dark") ? "dark" : parser.isSet("contrast") ? "contrast" : "";
    options.shot = parser.value("shot");
    options.tour = parser.value("offscreen-tour");
    options.view = parser.value("view");
    options.startupTimes = parser.isSet("startup-times");
    options.size = sizeOf(parser.value("size"));
    if (parser.isSet("shot-after")) {
        options.shotAfterMillis = parser.value("shot-after").toInt();
    }
    return options;
}

/// What was asked for, else what was used last, else what the system's palette suggests.
ThemeKind themeFor(const Options& options) {
    const QSettings settings(QDir(options.window.home).filePath("ringside.ini"), QSettings::IniFormat);
    const QString name = options.theme.isEmpty() ? settings.value("theme").toString() : options.theme;
    if (!name.isEmpty()) {
        return app::shell::themeKindOf(name);
    }
    return QApplication::palette().color(QPalette::Window).lightness() < 110 ? ThemeKind::Dark : ThemeKind::Light;
}

void shootWhenReady(MainWindow& window, const Options& options) {
    const auto shoot = [&window, options] {
        QTimer::singleShot(options.shotAfterMillis, &window, [&window, options] {
            const bool saved = window.grab().save(options.shot);
            window.close();
            QApplication::exit(saved ? 0 : 1);
        });
    };
    if (options.window.cluster.isEmpty() && options.window.lab.isEmpty() && !options.window.startNow) {
        shoot();
        return;
    }
    QObject::connect(&window, &MainWindow::clusterStarted, &window, shoot);
    QObject::connect(&window, &MainWindow::clusterFailed, &window, shoot);
}

void tourFrom(MainWindow& window, const Options& options, const QString& firstLab) {
    auto* tour = new app::shell::Tour(window, options.window.lab.isEmpty() ? firstLab : options.window.lab, options.tour);
    QObject::connect(tour, &app::shell::Tour::finished, &window, [&window](const QString& trouble) {
        if (!trouble.isEmpty()) {
            std::fprintf(stderr, "ringside: the tour ended early: %s\n", qPrintable(trouble));
        }
        window.close();
        QApplication::exit(trouble.isEmpty() ? 0 : 1);
    });
    QTimer::singleShot(0, tour, &app::shell::Tour::start);
}

/// Milliseconds since the process began, before main() and the dynamic linker's work too where /proc tells.
qint64 sinceProcessStart() {
    QFile stat("/proc/self/stat");
    QFile uptime("/proc/uptime");
    if (stat.open(QIODevice::ReadOnly) && uptime.open(QIODevice::ReadOnly)) {
        // Field 22, after the name in brackets, which may hold blanks: start in ticks since boot.
        const QByteArray fields = stat.readAll();
        const double ticks = fields.mid(fields.lastIndexOf(')') + 2).split(' ').value(19).toDouble();
        const double up = uptime.readAll().split(' ').value(0).toDouble();
        return static_cast<qint64>((up - ticks / static_cast<double>(sysconf(_SC_CLK_TCK))) * 1000);
    }
    return 0;
}

/// Usable: painted once, and everything that was queued by then is done.
class FirstPaint : public QObject {
public:
    explicit FirstPaint(MainWindow& window) : QObject(&window) { window.installEventFilter(this); }

protected:
    bool eventFilter(QObject* object, QEvent* event) override {
        if (event->type() == QEvent::Paint) {
            object->removeEventFilter(this);
            QTimer::singleShot(0, this, [] {
                QTimer::singleShot(0, [] { std::fprintf(stdout, "window usable after %lld ms\n", sinceProcessStart()), std::fflush(stdout); });
            });
        }
        return false;
    }
};

void printStartupTimes(MainWindow& window) {
    new FirstPaint(window);
    QObject::connect(&window, &MainWindow::clusterStarted, &window, [](qint64 millis) {
        std::fprintf(stdout, "cluster answers CQL after %lld ms, %lld ms of them its own start\n", sinceProcessStart(), millis);
        std::fflush(stdout);
    });
    QObject::connect(&window, &MainWindow::clusterFailed, &window, [](const QString& why) {
        std::fprintf(stderr, "cluster did not start: %s\n", qPrintable(why));
    });
}

void quitOnSignal(int) { QMetaObject::invokeMethod(qApp, &QApplication::quit, Qt::QueuedConnection); }

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QApplication::setApplicationName("Ringside");
    QApplication::setApplicationVersion(RINGSIDE_VERSION);
    QApplication::setDesktopFileName("ringside");
    std::signal(SIGTERM, quitOnSignal);
    std::signal(SIGINT, quitOnSignal);
    const Options options = readOptions(application);
    QDir().mkpath(options.window.home);
    app::shell::theme().install(themeFor(options));

    auto library = std::make_unique<app::learn::FolderLibrary>(options.window.home, QString::fromStdString(lab::curriculumFolder()));
    const QString firstLab = library->labs().empty() ? QString() : QString::fromStdString(library->labs().front().id);
    app::shell::WindowOptions windowOptions = options.window;
    if (!options.tour.isEmpty()) {
        windowOptions.lab.clear();  // The tour opens it.
        windowOptions.resume = false;
    }
    MainWindow window(windowOptions, std::move(library), new app::console::CqlRunner);
    if (options.size.isValid()) {
        window.resize(options.size);
    }
    if (!options.view.isEmpty()) {
        window.showPlace(app::shell::Place::Explore);
        window.explore().show(options.view);
    }
    if (options.startupTimes) {
        printStartupTimes(window);
    }
    if (!options.tour.isEmpty()) {
        tourFrom(window, options, firstLab);
    } else if (!options.shot.isEmpty()) {
        shootWhenReady(window, options);
    }
    window.show();
    return QApplication::exec();
}
