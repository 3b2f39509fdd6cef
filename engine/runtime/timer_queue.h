#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/ensure.h"

namespace engine::runtime {

/// Payloads ordered by time, and by insertion among equal times: what clocks and the simulator's
/// world are made of. A four-way heap that knows where each entry lies, so that the many timeouts
/// that never fire leave it when they are cancelled. For one thread.
template <typename Payload>
class TimerQueue {
public:
    using Id = std::uint64_t;  // Never 0, never given twice.

    Id add(std::int64_t when, Payload payload) {
        const std::uint32_t slot = takeSlot();
        m_slots[slot].payload = std::move(payload);
        m_heap.push_back({when, m_nextSequence++, slot});
        siftUp(m_heap.size() - 1);
        return (static_cast<Id>(m_slots[slot].generation) << 32) | slot;
    }

    /// False when `id` has left the queue already.
    bool cancel(Id id) {
        const auto slot = static_cast<std::uint32_t>(id);
        if (slot >= m_slots.size() || m_slots[slot].generation != id >> 32 ||
            m_slots[slot].place == kNowhere) {
            return false;
        }
        // Destroyed once it is out: its captures may come back to this queue.
        remove(m_slots[slot].place);
        return true;
    }

    bool empty() const { return m_heap.empty(); }
    std::size_t size() const { return m_heap.size(); }
    /// Time and sequence of the first entry; only when not empty().
    std::int64_t firstTime() const { return m_heap.front().when; }
    std::uint64_t firstSequence() const { return m_heap.front().sequence; }
    /// The sequence that the next entry will get.
    std::uint64_t nextSequence() const { return m_nextSequence; }
    const Payload& first() const { return m_slots[m_heap.front().slot].payload; }

    Payload takeFirst() {
        ENSURE(!m_heap.empty());
        return remove(0);
    }

    /// Takes out everything for which `matches(payload)`, in no particular order.
    template <typename Matches>
    std::vector<Payload> takeIf(const Matches& matches) {
        std::vector<Payload> taken;
        for (std::uint32_t slot = 0; slot < m_slots.size(); ++slot) {
            if (m_slots[slot].place != kNowhere && matches(m_slots[slot].payload)) {
                taken.push_back(remove(m_slots[slot].place));
            }
        }
        return taken;
    }

private:
    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    static constexpr std::size_t kWays = 4;

    struct Entry {
        std::int64_t when;
        std::uint64_t sequence;
        std::uint32_t slot;
        bool operator<(const Entry& other) const {
            return when != other.when ? when < other.when : sequence < other.sequence;
        }
    };
    struct Slot {
        Payload payload{};
        std::uint32_t generation = 0;
        std::size_t place = kNowhere;
    };

    std::uint32_t takeSlot() {
        std::uint32_t slot = 0;
        if (m_free.empty()) {
            slot = static_cast<std::uint32_t>(m_slots.size());
            m_slots.emplace_back();
        } else {
            slot = m_free.back();
            m_free.pop_back();
        }
        ++m_slots[slot].generation;
        return slot;
    }

    Payload remove(std::size_t place) {
        const std::uint32_t slot = m_heap[place].slot;
        const Entry last = m_heap.back();
        m_heap.pop_back();
        if (place < m_heap.size()) {
            m_heap[place] = last;
            m_slots[last.slot].place = place;
            siftDown(place);
            siftUp(place);
        }
        m_slots[slot].place = kNowhere;
        m_free.push_back(slot);
        return std::exchange(m_slots[slot].payload, Payload{});
    }

    void siftUp(std::size_t place) {
        const Entry entry = m_heap[place];
        while (place > 0 && entry < m_heap[(place - 1) / kWays]) {
            set(place, m_heap[(place - 1) / kWays]);
            place = (place - 1) / kWays;
        }
        set(place, entry);
    }

    void siftDown(std::size_t place) {
        const Entry entry = m_heap[place];
        for (;;) {
            const std::size_t begin = place * kWays + 1;
            const std::size_t end = begin + kWays < m_heap.size() ? begin + kWays : m_heap.size();
            std::size_t least = place;
            for (std::size_t child = begin; child < end; ++child) {
                if (m_heap[child] < (least == place ? entry : m_heap[least])) {
                    least = child;
                }
            }
            if (least == place) {
                break;
            }
            set(place, m_heap[least]);
            place = least;
        }
        set(place, entry);
    }

    void set(std::size_t place, const Entry& entry) {
        m_heap[place] = entry;
        m_slots[entry.slot].place = place;
    }

    std::vector<Entry> m_heap;
    std::vector<Slot> m_slots;
    std::vector<std::uint32_t> m_free;
    std::uint64_t m_nextSequence = 0;
};

}  // namespace engine::runtime
