#pragma once

#include "engine/base/bytes.h"

namespace engine::native {

/// Bytes of a stream that are not used up yet. While a chunk is handled it is only borrowed, so
/// that whole messages are decoded where the system put them; what is left of it is copied at the
/// end of the turn.
class StreamBuffer {
public:
    /// `chunk` must stay valid until keep().
    void add(BytesView chunk) {
        if (m_at == m_kept.size() && m_borrowed.empty()) {
            m_kept.clear();
            m_at = 0;
            m_borrowed = chunk;
            return;
        }
        keep();
        m_kept.append(chunk);
    }

    BytesView view() const {
        return m_borrowed.empty() ? BytesView(m_kept).substr(m_at) : m_borrowed;
    }

    void consume(std::size_t bytes) {
        if (m_borrowed.empty()) {
            m_at += bytes;
        } else {
            m_borrowed.remove_prefix(bytes);
        }
    }

    /// Copies what is still borrowed, and forgets what has been consumed. Views become invalid.
    void keep() {
        if (!m_borrowed.empty()) {
            m_kept.assign(m_borrowed);
            m_at = 0;
            m_borrowed = {};
        } else if (m_at > 0) {
            m_kept.erase(0, m_at);
            m_at = 0;
        }
        if (m_kept.empty() && m_kept.capacity() > kKeptCapacity) {
            Bytes().swap(m_kept);
        }
    }

    std::size_t size() const { return view().size(); }

private:
    static constexpr std::size_t kKeptCapacity = 64 * 1024;

    BytesView m_borrowed;
    Bytes m_kept;
    std::size_t m_at = 0;  // Of m_kept, what is consumed.
};

}  // namespace engine::native
