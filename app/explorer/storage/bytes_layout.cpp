#include "app/explorer/storage/bytes_layout.h"

#include <algorithm>

namespace app::explorer::storage {

namespace {

constexpr double kBytesLeft = 16;
constexpr double kOffsetWidth = 74;
constexpr double kStepHeight = 22;

/// Puts ranges one behind the other, and begins a line where the offsets do not go on.
class BytePen {
public:
    BytePen(BytesLayout& out, double top) : m_out(out), m_y(top) {}

    void heading(const QString& text) {
        breakLine();
        m_y += m_out.pieces.empty() ? 0 : 14;
        m_out.labels.push_back({{kBytesLeft, m_y + 10}, text, true});
        m_y += 26;
        m_next = 0;
        m_isNew = true;
    }
    void put(const FileByteRange& range, int index) {
        if (m_isNew || range.offset != m_next) {
            breakLine();
        }
        m_next = range.offset + range.length;
        m_isNew = false;
        const int total = static_cast<int>(range.bytes.size());
        for (int from = 0; from < total;) {
            if (m_column == m_out.perLine) {
                breakLine();
            }
            if (m_column == 0) {
                m_out.labels.push_back({{kBytesLeft, m_y + (BytesLayout::kLine - 4) / 2}, QString::number(range.offset + static_cast<std::uint64_t>(from)), false});
            }
            const int count = std::min(total - from, m_out.perLine - m_column);
            const bool isLast = from + count == total;
            const QRectF rect(kBytesLeft + kOffsetWidth + m_column * BytesLayout::kCell, m_y, count * BytesLayout::kCell, BytesLayout::kLine - 4);
            const std::uint64_t hidden = isLast ? range.length - static_cast<std::uint64_t>(total) : 0;
            m_out.pieces.push_back({rect, index, from, count, hidden, from == 0, isLast});
            m_column += count;
            from += count;
            if (hidden > 0) {
                m_column = m_out.perLine;  // The rest of the line says how many there are.
                if (rect.right() + 130 > kBytesLeft + kOffsetWidth + m_out.perLine * BytesLayout::kCell) {
                    breakLine();
                    m_y += BytesLayout::kLine;
                }
            }
        }
    }
    double end() {
        breakLine();
        return m_y;
    }

private:
    void breakLine() {
        if (m_column > 0) {
            m_y += BytesLayout::kLine;
            m_column = 0;
        }
    }

    BytesLayout& m_out;
    double m_y;
    int m_column = 0;
    std::uint64_t m_next = 0;
    bool m_isNew = true;
};

QString headingOf(const QString& component) {
    return component.startsWith("Data") ? component + ", before compression" : component;
}

}  // namespace

BytesLayout BytesLayout::compute(const FileBytes& bytes, double width) {
    BytesLayout out;
    out.perLine = width - kBytesLeft * 2 - kOffsetWidth >= 32 * kCell ? 32 : width - kBytesLeft * 2 - kOffsetWidth >= 16 * kCell ? 16 : 8;
    out.stepsTop = 14;
    out.legendY = out.stepsTop + static_cast<double>(bytes.steps.size()) * kStepHeight + 10;
    BytePen pen(out, out.legendY + 24);
    QString component;
    for (std::size_t i = 0; i < bytes.ranges.size(); ++i) {
        const FileByteRange& range = bytes.ranges[i];
        if (range.component != component) {
            component = range.component;
            pen.heading(headingOf(component));
        }
        if (range.isLeaf) {
            pen.put(range, static_cast<int>(i));
        }
    }
    out.height = pen.end() + (bytes.isCut ? 44 : 20);
    for (std::size_t i = 0; i < out.pieces.size(); ++i) {
        out.items.push_back({Shape::rect(out.pieces[i].rect, 3), RangeItem, static_cast<int>(i), out.pieces[i].range});
    }
    return out;
}

}  // namespace app::explorer::storage
