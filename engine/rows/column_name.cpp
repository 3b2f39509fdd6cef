#include "engine/rows/column_name.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>

namespace engine::rows {

namespace {

constexpr std::size_t kBuckets = 4096;

struct Name {
    std::string text;
    const Name* next = nullptr;
};

/// Only ever grows, at the heads of its chains: readers need no lock.
std::array<std::atomic<const Name*>, kBuckets> names;

const Name* findIn(const Name* from, const Name* until, std::string_view text) {
    while (from != until && from->text != text) {
        from = from->next;
    }
    return from != until ? from : nullptr;
}

}  // namespace

const std::string ColumnName::kEmpty;

const std::string* ColumnName::intern(std::string_view text) {
    if (text.empty()) {
        return nullptr;
    }
    auto& bucket = names[std::hash<std::string_view>()(text) % kBuckets];
    const Name* head = bucket.load(std::memory_order_acquire);
    if (const Name* found = findIn(head, nullptr, text)) {
        return &found->text;
    }
    auto* added = new Name{std::string(text), head};
    while (!bucket.compare_exchange_weak(head, added, std::memory_order_release,
                                         std::memory_order_acquire)) {
        // Somebody else was first; perhaps with the same name.
        if (const Name* found = findIn(head, added->next, text)) {
            delete added;
            return &found->text;
        }
        added->next = head;
    }
    return &added->text;
}

}  // namespace engine::rows
