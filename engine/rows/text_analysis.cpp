#include "engine/rows/text_analysis.h"

#include <array>
#include <optional>

#include "engine/base/utf8.h"

namespace engine::rows {

namespace {

/// Calls `each` with every code point; bytes that are no UTF-8 come one by one, negative.
template <typename Each>
void forEachPoint(BytesView text, Each each) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
        if (length == 0 || i + length > text.size()) {
            each(-static_cast<std::int32_t>(lead));
            ++i;
            continue;
        }
        std::int32_t point = length == 1 ? lead : lead & (0x7f >> length);
        for (std::size_t k = 1; k < length; ++k) {
            point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
        }
        each(point);
        i += length;
    }
}

void append(Bytes& out, std::int32_t point) {
    if (point < 0) {
        out.push_back(static_cast<char>(-point));
    } else {
        appendUtf8(out, static_cast<std::uint32_t>(point));
    }
}

std::int32_t lowerCase(std::int32_t c) {
    const auto within = [c](std::int32_t from, std::int32_t to) { return c >= from && c <= to; };
    if (within('A', 'Z') || (within(0xc0, 0xde) && c != 0xd7)) {
        return c + 32;
    }
    // Pairs of capital and small letter: even and odd, or odd and even.
    if ((within(0x100, 0x137) && c != 0x130) || within(0x14a, 0x177) || within(0x460, 0x481) ||
        within(0x48a, 0x4bf) || within(0x4d0, 0x52f)) {
        return c | 1;
    }
    if (within(0x139, 0x148) || within(0x179, 0x17e) || within(0x4c1, 0x4ce)) {
        return c + (c & 1);
    }
    if (c == 0x130) {
        return 'i';
    }
    if (c == 0x178) {
        return 0xff;
    }
    if (within(0x391, 0x3ab) && c != 0x3a2) {
        return c + 32;
    }
    if (c == 0x386) {
        return 0x3ac;
    }
    if (within(0x388, 0x38a)) {
        return c + 37;
    }
    if (within(0x410, 0x42f)) {
        return c + 32;
    }
    return within(0x400, 0x40f) ? c + 80 : c;
}

/// A letter with an accent: what it is made of.
struct Accented {
    std::int32_t letter;
    char base;
    std::int32_t mark;
};

constexpr std::int32_t kGrave = 0x300, kAcute = 0x301, kCircumflex = 0x302, kTilde = 0x303, kMacron = 0x304,
                       kBreve = 0x306, kDot = 0x307, kDiaeresis = 0x308, kRing = 0x30a, kDoubleAcute = 0x30b,
                       kCaron = 0x30c, kCedilla = 0x327, kOgonek = 0x328;

constexpr Accented kAccented[] = {
    {0xc0, 'A', kGrave}, {0xc1, 'A', kAcute}, {0xc2, 'A', kCircumflex}, {0xc3, 'A', kTilde},
    {0xc4, 'A', kDiaeresis}, {0xc5, 'A', kRing}, {0xc7, 'C', kCedilla}, {0xc8, 'E', kGrave},
    {0xc9, 'E', kAcute}, {0xca, 'E', kCircumflex}, {0xcb, 'E', kDiaeresis}, {0xcc, 'I', kGrave},
    {0xcd, 'I', kAcute}, {0xce, 'I', kCircumflex}, {0xcf, 'I', kDiaeresis}, {0xd1, 'N', kTilde},
    {0xd2, 'O', kGrave}, {0xd3, 'O', kAcute}, {0xd4, 'O', kCircumflex}, {0xd5, 'O', kTilde},
    {0xd6, 'O', kDiaeresis}, {0xd9, 'U', kGrave}, {0xda, 'U', kAcute}, {0xdb, 'U', kCircumflex},
    {0xdc, 'U', kDiaeresis}, {0xdd, 'Y', kAcute}, {0xe0, 'a', kGrave}, {0xe1, 'a', kAcute},
    {0xe2, 'a', kCircumflex}, {0xe3, 'a', kTilde}, {0xe4, 'a', kDiaeresis}, {0xe5, 'a', kRing},
    {0xe7, 'c', kCedilla}, {0xe8, 'e', kGrave}, {0xe9, 'e', kAcute}, {0xea, 'e', kCircumflex},
    {0xeb, 'e', kDiaeresis}, {0xec, 'i', kGrave}, {0xed, 'i', kAcute}, {0xee, 'i', kCircumflex},
    {0xef, 'i', kDiaeresis}, {0xf1, 'n', kTilde}, {0xf2, 'o', kGrave}, {0xf3, 'o', kAcute},
    {0xf4, 'o', kCircumflex}, {0xf5, 'o', kTilde}, {0xf6, 'o', kDiaeresis}, {0xf9, 'u', kGrave},
    {0xfa, 'u', kAcute}, {0xfb, 'u', kCircumflex}, {0xfc, 'u', kDiaeresis}, {0xfd, 'y', kAcute},
    {0xff, 'y', kDiaeresis}, {0x100, 'A', kMacron}, {0x101, 'a', kMacron}, {0x102, 'A', kBreve},
    {0x103, 'a', kBreve}, {0x104, 'A', kOgonek}, {0x105, 'a', kOgonek}, {0x106, 'C', kAcute},
    {0x107, 'c', kAcute}, {0x108, 'C', kCircumflex}, {0x109, 'c', kCircumflex}, {0x10a, 'C', kDot},
    {0x10b, 'c', kDot}, {0x10c, 'C', kCaron}, {0x10d, 'c', kCaron}, {0x10e, 'D', kCaron},
    {0x10f, 'd', kCaron}, {0x112, 'E', kMacron}, {0x113, 'e', kMacron}, {0x114, 'E', kBreve},
    {0x115, 'e', kBreve}, {0x116, 'E', kDot}, {0x117, 'e', kDot}, {0x118, 'E', kOgonek},
    {0x119, 'e', kOgonek}, {0x11a, 'E', kCaron}, {0x11b, 'e', kCaron}, {0x11c, 'G', kCircumflex},
    {0x11d, 'g', kCircumflex}, {0x11e, 'G', kBreve}, {0x11f, 'g', kBreve}, {0x120, 'G', kDot},
    {0x121, 'g', kDot}, {0x122, 'G', kCedilla}, {0x123, 'g', kCedilla}, {0x124, 'H', kCircumflex},
    {0x125, 'h', kCircumflex}, {0x128, 'I', kTilde}, {0x129, 'i', kTilde}, {0x12a, 'I', kMacron},
    {0x12b, 'i', kMacron}, {0x12c, 'I', kBreve}, {0x12d, 'i', kBreve}, {0x12e, 'I', kOgonek},
    {0x12f, 'i', kOgonek}, {0x130, 'I', kDot}, {0x134, 'J', kCircumflex}, {0x135, 'j', kCircumflex},
    {0x136, 'K', kCedilla}, {0x137, 'k', kCedilla}, {0x139, 'L', kAcute}, {0x13a, 'l', kAcute},
    {0x13b, 'L', kCedilla}, {0x13c, 'l', kCedilla}, {0x13d, 'L', kCaron}, {0x13e, 'l', kCaron},
    {0x143, 'N', kAcute}, {0x144, 'n', kAcute}, {0x145, 'N', kCedilla}, {0x146, 'n', kCedilla},
    {0x147, 'N', kCaron}, {0x148, 'n', kCaron}, {0x14c, 'O', kMacron}, {0x14d, 'o', kMacron},
    {0x14e, 'O', kBreve}, {0x14f, 'o', kBreve}, {0x150, 'O', kDoubleAcute}, {0x151, 'o', kDoubleAcute},
    {0x154, 'R', kAcute}, {0x155, 'r', kAcute}, {0x156, 'R', kCedilla}, {0x157, 'r', kCedilla},
    {0x158, 'R', kCaron}, {0x159, 'r', kCaron}, {0x15a, 'S', kAcute}, {0x15b, 's', kAcute},
    {0x15c, 'S', kCircumflex}, {0x15d, 's', kCircumflex}, {0x15e, 'S', kCedilla}, {0x15f, 's', kCedilla},
    {0x160, 'S', kCaron}, {0x161, 's', kCaron}, {0x162, 'T', kCedilla}, {0x163, 't', kCedilla},
    {0x164, 'T', kCaron}, {0x165, 't', kCaron}, {0x168, 'U', kTilde}, {0x169, 'u', kTilde},
    {0x16a, 'U', kMacron}, {0x16b, 'u', kMacron}, {0x16c, 'U', kBreve}, {0x16d, 'u', kBreve},
    {0x16e, 'U', kRing}, {0x16f, 'u', kRing}, {0x170, 'U', kDoubleAcute}, {0x171, 'u', kDoubleAcute},
    {0x172, 'U', kOgonek}, {0x173, 'u', kOgonek}, {0x174, 'W', kCircumflex}, {0x175, 'w', kCircumflex},
    {0x176, 'Y', kCircumflex}, {0x177, 'y', kCircumflex}, {0x178, 'Y', kDiaeresis}, {0x179, 'Z', kAcute},
    {0x17a, 'z', kAcute}, {0x17b, 'Z', kDot}, {0x17c, 'z', kDot}, {0x17d, 'Z', kCaron},
    {0x17e, 'z', kCaron},
};

/// Letters that fold to others than their base.
std::string_view foldedSpecially(std::int32_t point) {
    switch (point) {
        case 0xc6: return "AE";
        case 0xe6: return "ae";
        case 0xd0:
        case 0x110: return "D";
        case 0xf0:
        case 0x111: return "d";
        case 0xd8: return "O";
        case 0xf8: return "o";
        case 0xde: return "TH";
        case 0xfe: return "th";
        case 0xdf: return "ss";
        case 0x126: return "H";
        case 0x127: return "h";
        case 0x131: return "i";
        case 0x141: return "L";
        case 0x142: return "l";
        case 0x152: return "OE";
        case 0x153: return "oe";
        default: return {};
    }
}

const Accented* accented(std::int32_t point) {
    for (const Accented& entry : kAccented) {
        if (entry.letter == point) {
            return &entry;
        }
    }
    return nullptr;
}

bool isWordPoint(std::int32_t point) {
    return point >= 0x80 || (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') ||
           (point >= 'A' && point <= 'Z') || point == '_';
}

}  // namespace

Bytes lowerCase(BytesView text) {
    Bytes out;
    forEachPoint(text, [&](std::int32_t point) { append(out, point < 0 ? point : lowerCase(point)); });
    return out;
}

Bytes composed(BytesView text) {
    std::vector<std::int32_t> points;
    forEachPoint(text, [&](std::int32_t point) {
        if (point >= kGrave && point <= kOgonek && !points.empty()) {
            for (const Accented& entry : kAccented) {
                if (entry.base == points.back() && entry.mark == point) {
                    points.back() = entry.letter;
                    return;
                }
            }
        }
        points.push_back(point);
    });
    Bytes out;
    for (const std::int32_t point : points) {
        append(out, point);
    }
    return out;
}

Bytes asciiFolded(BytesView text) {
    Bytes out;
    forEachPoint(text, [&](std::int32_t point) {
        if (const std::string_view special = foldedSpecially(point); !special.empty()) {
            out += special;
        } else if (const Accented* entry = accented(point)) {
            out.push_back(entry->base);
        } else {
            append(out, point);
        }
    });
    return out;
}

Bytes analyse(BytesView text, std::uint8_t analysis) {
    Bytes out(text);
    if ((analysis & Analysis::LowerCase) != 0) {
        out = lowerCase(out);
    }
    if ((analysis & Analysis::Composed) != 0) {
        out = composed(out);
    }
    if ((analysis & Analysis::AsciiOnly) != 0) {
        out = asciiFolded(out);
    }
    return out;
}

std::vector<Bytes> wordsOf(BytesView text) {
    std::vector<Bytes> out;
    Bytes word;
    forEachPoint(lowerCase(text), [&](std::int32_t point) {
        if (isWordPoint(point)) {
            append(word, point);
        } else if (!word.empty()) {
            out.push_back(std::exchange(word, {}));
        }
    });
    if (!word.empty()) {
        out.push_back(std::move(word));
    }
    return out;
}

}  // namespace engine::rows
