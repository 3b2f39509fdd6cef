#pragma once

#include <QElapsedTimer>
#include <QTimer>

#include <functional>

namespace app::explorer {

/// Does its work at most ten times a second however often it is asked: at once when it has rested
/// long enough, else when it has. GUI thread.
class Coalesced : public QObject {
    Q_OBJECT

public:
    static constexpr int kMillis = 100;

    explicit Coalesced(std::function<void()> work, QObject* parent = nullptr) : QObject(parent), m_work(std::move(work)) {
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, &Coalesced::now);
    }

    void ask() {
        if (!m_rested.isValid() || m_rested.elapsed() >= kMillis) {
            now();
        } else if (!m_timer.isActive()) {
            m_timer.start(kMillis - static_cast<int>(m_rested.elapsed()));
        }
    }
    void now() {
        m_timer.stop();
        m_rested.start();
        m_work();
    }

private:
    std::function<void()> m_work;
    QTimer m_timer;
    QElapsedTimer m_rested;
};

}  // namespace app::explorer
