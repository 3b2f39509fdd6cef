#pragma once

#include <deque>
#include <map>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {

/// One holder a key at a time, the others in the order of their coming: what is read is still so when
/// it is written, though both wait for the disk. On the node's thread; outlives who holds and waits.
class KeyLocks {
public:
    class Held {
    public:
        Held(KeyLocks& locks, Bytes key) : m_locks(&locks), m_key(std::move(key)) {}
        Held(Held&& other) noexcept
            : m_locks(std::exchange(other.m_locks, nullptr)), m_key(std::move(other.m_key)) {}
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (m_locks != nullptr) {
                m_locks->release(m_key);
            }
        }

    private:
        KeyLocks* m_locks;
        Bytes m_key;
    };

    runtime::Task<Held> lock(Bytes key) {
        const auto [it, isFree] = m_held.try_emplace(key);
        if (!isFree) {
            const runtime::Promise<bool> turn;
            it->second.push_back(turn);
            co_await turn;
        }
        co_return Held(*this, std::move(key));
    }

private:
    void release(const Bytes& key) {
        const auto it = m_held.find(key);
        if (it->second.empty()) {
            m_held.erase(it);
            return;
        }
        const runtime::Promise<bool> next = std::move(it->second.front());
        it->second.pop_front();
        next.set(true);
    }

    std::map<Bytes, std::deque<runtime::Promise<bool>>> m_held;
};

}  // namespace engine::coordinator
