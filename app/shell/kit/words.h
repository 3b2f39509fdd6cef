#pragma once

#include <QString>

#include <cstdint>

namespace app::shell {

/// How numbers and times read everywhere: true minus, thin-space groups of three, tokens ungrouped,
/// ms with two decimals, seconds under a minute with one, MiB not MB. Set them in mono().
QString tokenText(std::int64_t token);
QString countText(std::int64_t count);
QString millisText(std::int64_t nanos);      // "0.64 ms", "12.1 s", "3 min 5 s"
QString bytesText(std::uint64_t bytes);      // "31 MiB"
QString percentText(double share);           // 0.017 -> "1.7 %"
QString clockText(std::int64_t wallMicros, bool millis = false);  // "10:41:52" in local time
/// "1 fault", "2 faults".
QString counted(std::int64_t count, const QString& noun);
/// The first `length` hex digits of a UUID's text.
QString shortId(const QString& uuid, int length = 4);

}  // namespace app::shell
