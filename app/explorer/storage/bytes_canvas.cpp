#include "app/explorer/storage/bytes_canvas.h"

namespace app::explorer::storage {

using shell::Align;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace {

struct ByteLook {
    QColor fill;
    QColor edge;
    bool isHatched = false;
};

ByteLook lookOf(ByteKind kind) {
    const shell::Tokens& t = tokens();
    switch (kind) {
    case ByteKind::Key: return {t.info_tint, t.accent};
    case ByteKind::Flags: return {t.sunken, t.line_control};
    case ByteKind::Size: return {t.panel, t.line_strong};
    case ByteKind::Time: return {t.expired_tint, t.expired};
    case ByteKind::Value: return {t.live_tint, t.live};
    case ByteKind::Deletion: return {t.panel, t.tomb, true};
    case ByteKind::Place: return {t.panel, t.read};
    }
    return {t.panel, t.line};
}

void paintByteBox(QPainter& p, const QRectF& r, const ByteLook& look, const QColor& edge, double stroke) {
    paint::box(p, r, look.fill, {}, 3);
    if (look.isHatched) {
        QColor faint = look.edge;
        faint.setAlphaF(.35f);
        p.fillRect(r, paint::hatch(faint));
    }
    paint::box(p, r, {}, edge, 3, stroke);
}

}  // namespace

BytesCanvas::BytesCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Bytes of an SSTable on the way to a key");
}

void BytesCanvas::relayout(QSizeF size) {
    m_now = m_input();
    m_layout = m_now.bytes != nullptr ? BytesLayout::compute(*m_now.bytes, size.width()) : BytesLayout();
    growTo(m_layout.height);
}

void BytesCanvas::paintState(QPainter& p) {
    if (m_now.bytes == nullptr) {
        paintNotice(p, m_now.notice, m_now.hint);
        return;
    }
    paintHead(p);
    const shell::Tokens& t = tokens();
    for (const auto& label : m_layout.labels) {
        if (label.at.y() < exposed().top() - 20 || label.at.y() > exposed().bottom() + 20) {
            continue;
        }
        paint::mid(p, label.at, label.text, label.isHeading ? sans(13, 600) : mono(11.5), label.isHeading ? t.text : t.faint);
    }
    for (const auto& piece : m_layout.pieces) {
        if (piece.rect.bottom() >= exposed().top() && piece.rect.top() <= exposed().bottom()) {
            paintPiece(p, piece);
        }
    }
    if (m_now.bytes->isCut) {
        paint::mid(p, {16, m_layout.height - 22}, "More rows of the partition follow that are not told here.", sans(12), t.muted);
    }
}

void BytesCanvas::paintHead(QPainter& p) const {
    const shell::Tokens& t = tokens();
    double y = m_layout.stepsTop;
    for (qsizetype i = 0; i < m_now.bytes->steps.size(); ++i) {
        paint::mid(p, {16, y}, QString::number(i + 1), mono(12, 600), t.muted);
        paint::mid(p, {34, y}, paint::elided(m_now.bytes->steps[i], sans(12.5), logicalSize().width() - 50), sans(12.5), t.text);
        y += 22;
    }
    double x = 16;
    for (int i = 0; i < kByteKinds; ++i) {
        const auto kind = static_cast<ByteKind>(i);
        const ByteLook look = lookOf(kind);
        paintByteBox(p, {x, m_layout.legendY - 6, 16, 12}, look, look.edge, 1);
        x += 22 + paint::mid(p, {x + 22, m_layout.legendY}, nameOf(kind), sans(11.5), t.muted) + 18;
    }
}

void BytesCanvas::paintPiece(QPainter& p, const BytesLayout::Piece& piece) const {
    const shell::Tokens& t = tokens();
    const FileByteRange& range = m_now.bytes->ranges[static_cast<std::size_t>(piece.range)];
    const ByteLook look = lookOf(kindOf(range));
    const bool isHovered = hovered() >= 0 && m_layout.items[static_cast<std::size_t>(hovered())].row == piece.range;
    const QRectF r = piece.rect.adjusted(1, 0, -1, 0);
    paintByteBox(p, r, look, isHovered ? t.text : look.edge, isHovered ? 1.8 : 1);
    for (int i = 0; i < piece.count; ++i) {
        const QString pair = QString::fromLatin1(range.bytes.mid(piece.from + i, 1).toHex());
        paint::mid(p, {piece.rect.left() + (i + .5) * BytesLayout::kCell, r.center().y()}, pair, mono(11.5), t.text, Align::Centre);
    }
    if (piece.hidden > 0) {
        paint::mid(p, {r.right() + 8, r.center().y()}, QString("and %1 more").arg(shell::counted(static_cast<std::int64_t>(piece.hidden), "byte")), sans(11), t.muted);
    }
}

QString BytesCanvas::tipOf(const Item& item) const {
    if (m_now.bytes == nullptr) {
        return {};
    }
    const FileByteRange& range = m_now.bytes->ranges[static_cast<std::size_t>(item.row)];
    const QString within = pathOf(*m_now.bytes, item.row);
    return range.name + (range.meaning.isEmpty() ? QString() : ": " + range.meaning) + (within.isEmpty() ? QString() : "\nin " + within) +
           QString("\n%1, byte %2, %3").arg(range.component).arg(range.offset).arg(shell::counted(static_cast<std::int64_t>(range.length), "byte"));
}

bool BytesCanvas::isSelected(const Item& item) const { return m_now.chosen >= 0 && item.row == m_now.chosen; }

void BytesCanvas::open(const Item& item) {
    choose(item);
    emit opened();
}

}  // namespace app::explorer::storage
