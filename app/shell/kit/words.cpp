#include "app/shell/kit/words.h"

#include <QDateTime>

namespace app::shell {

namespace {
constexpr QChar kMinus(0x2212);
constexpr QChar kThinSpace(0x2009);
}  // namespace

QString tokenText(std::int64_t token) {
    QString text = QString::number(token);
    if (text.startsWith('-')) {
        text[0] = kMinus;
    }
    return text;
}

QString countText(std::int64_t count) {
    QString text = tokenText(count);
    const qsizetype first = count < 0 ? 1 : 0;
    for (qsizetype at = text.size() - 3; at > first; at -= 3) {
        text.insert(at, kThinSpace);
    }
    return text;
}

QString millisText(std::int64_t nanos) {
    const double seconds = static_cast<double>(nanos) / 1e9;
    if (seconds < 1) {
        return QString::number(seconds * 1000, 'f', 2) + " ms";
    }
    if (seconds < 60) {
        return QString::number(seconds, 'f', 1) + " s";
    }
    const auto whole = static_cast<std::int64_t>(seconds);
    return QString("%1 min %2 s").arg(whole / 60).arg(whole % 60);
}

QString bytesText(std::uint64_t bytes) {
    const double value = static_cast<double>(bytes);
    if (bytes < 1024) {
        return QString("%1 B").arg(bytes);
    }
    if (bytes < 1024 * 1024) {
        return QString::number(value / 1024, 'f', value < 10240 ? 1 : 0) + " KiB";
    }
    if (bytes < 1024ull * 1024 * 1024) {
        return QString::number(value / (1024 * 1024), 'f', value < 10 * 1048576.0 ? 1 : 0) + " MiB";
    }
    return QString::number(value / (1024.0 * 1024 * 1024), 'f', 1) + " GiB";
}

QString percentText(double share) { return QString::number(share * 100, 'f', 1) + " %"; }

QString clockText(std::int64_t wallMicros, bool millis) {
    return QDateTime::fromMSecsSinceEpoch(wallMicros / 1000).toString(millis ? "HH:mm:ss.zzz" : "HH:mm:ss");
}

QString counted(std::int64_t count, const QString& noun) {
    return QString("%1 %2%3").arg(countText(count), noun, count == 1 ? "" : "s");
}

QString shortId(const QString& uuid, int length) { return uuid.left(length); }

}  // namespace app::shell
