// What a frame of the explorer costs with 12 nodes of 16 vnodes and 10,000 events a second, on the
// offscreen platform: QPainter on a QImage of 1228 x 608, as the raster backing store does it.

#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QPainter>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include "app/explorer/gossip/gossip_view.h"
#include "app/explorer/ring/ring_view.h"
#include "app/explorer/storage/storage_view.h"
#include "app/explorer/traffic/traffic_view.h"
#include "tests/app/explorer/scene.h"

namespace {

constexpr int kFrames = 240;
constexpr int kEventsAFrame = 10'000 / 60;
const QSize kSize(1228, 608);

/// Frame after frame of a busy cluster: writes, reads, gossip.
std::vector<app::sources::SourceBatch> framesOf(int nodes, int vnodes) {
    tests::Scene scene = tests::Scene::ofSize(nodes, vnodes);
    scene.gossip(4);
    scene.files(40);
    scene.compaction();
    std::vector<app::sources::SourceBatch> frames{scene.take()};
    double at = 5000;
    while (static_cast<int>(frames.size()) < kFrames) {
        while (static_cast<int>(scene.batch().events.size()) < kEventsAFrame) {
            scene.write(at);
            scene.readWithMismatch(at + 1);
            at += 3;
        }
        frames.push_back(scene.take());
    }
    return frames;
}

struct Times {
    std::vector<double> millis;
    void add(qint64 nanos) { millis.push_back(static_cast<double>(nanos) / 1e6); }
    double at(double part) {
        std::sort(millis.begin(), millis.end());
        return millis.empty() ? 0 : millis[static_cast<std::size_t>(part * static_cast<double>(millis.size() - 1))];
    }
};

void print(const char* name, Times& times) {
    std::printf("%-44s median %6.2f ms   p99 %6.2f ms   worst %6.2f ms\n", name, times.at(.5), times.at(.99), times.at(1));
}

template <typename View>
void measure(const char* name, int nodes, int vnodes) {
    app::sources::ClusterModel model;
    View view(model);
    view.resize(kSize);
    view.show();
    QImage image(kSize, QImage::Format_ARGB32_Premultiplied);
    Times whole, fold;
    bool first = true;
    for (const auto& batch : framesOf(nodes, vnodes)) {
        QElapsedTimer timer;
        timer.start();
        model.take(batch);  // Folds, and lets the view follow as it does while it is shown.
        const qint64 folded = timer.nsecsElapsed();
        QApplication::processEvents();
        view.render(&image);
        if (!first) {
            fold.add(folded);
            whole.add(timer.nsecsElapsed());
        }
        first = false;
        const qint64 rest = 16 - timer.elapsed();
        QElapsedTimer idle;
        idle.start();
        while (rest > 0 && idle.elapsed() < rest) {
            QApplication::processEvents(QEventLoop::WaitForMoreEvents, 1);
        }
    }
    print(name, whole);
    print("    of it folding and following", fold);
}

}  // namespace

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    app::shell::theme().install(app::shell::ThemeKind::Light);
    std::printf("%d events a frame, %d frames, %d x %d\n", kEventsAFrame, kFrames, kSize.width(), kSize.height());
    measure<app::explorer::ring::RingView>("Ring, 12 x 16, frame", 12, 16);
    measure<app::explorer::ring::RingView>("Ring, 12 x 256, frame", 12, 256);
    measure<app::explorer::traffic::TrafficView>("Traffic, 12 x 16, frame", 12, 16);
    measure<app::explorer::gossip::GossipView>("Gossip, 12 x 16, frame", 12, 16);
    measure<app::explorer::storage::StorageView>("Storage, 12 nodes x 40 SSTables, frame", 12, 16);
    return 0;
}
