#include "engine/storage/commit_log_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "engine/storage/commit_log_segment.h"

namespace engine::storage {

namespace {

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (std::string part = trimmed(text.substr(0, end)); !part.empty()) {
            out.push_back(std::move(part));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// Lines `name=value` or `name: value`; # and ! begin comments.
std::map<std::string, std::string> readProperties(std::string_view text) {
    std::map<std::string, std::string> out;
    for (const std::string& line : split(text, '\n')) {
        if (line.front() == '#' || line.front() == '!') {
            continue;
        }
        const std::size_t at = std::min(line.find_first_of("=:"), line.size());
        out[trimmed(std::string_view(line).substr(0, at))] =
            at < line.size() ? trimmed(std::string_view(line).substr(at + 1)) : std::string();
    }
    return out;
}

/// Days since 1970 of a date of the Gregorian calendar.
std::int64_t daysOf(std::int64_t year, int month, int day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t yearOfEra = year - era * 400;
    const std::int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

/// "yyyy:MM:dd HH:mm:ss" in GMT, with up to six digits of a second's fraction, as later versions
/// take it.
Result<std::int64_t> parsePointInTime(const std::string& text) {
    std::array<int, 6> fields{};
    constexpr std::string_view kSeparators = ":: ::.";
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    bool good = true;
    for (std::size_t i = 0; i < fields.size() && good; ++i) {
        const auto [next, error] = std::from_chars(at, end, fields[i]);
        good = error == std::errc() && (i == 5 || (next != end && *next == kSeparators[i]));
        at = i == 5 ? next : next + 1;
    }
    std::int64_t millis = 0;
    if (good && at != end && *at == '.' && end - at <= 7) {
        std::int64_t scale = 100'000;
        for (++at; at != end && *at >= '0' && *at <= '9'; ++at, scale /= 10) {
            millis += (*at - '0') * scale;
        }
        millis /= 1000;
    }
    if (!good || at != end || fields[1] < 1 || fields[1] > 12 || fields[2] < 1 || fields[2] > 31 ||
        fields[3] > 23 || fields[4] > 59 || fields[5] > 60) {
        return invalid(
            fmt::format("restore_point_in_time: '{}' is not of the form yyyy:MM:dd HH:mm:ss", text));
    }
    const std::int64_t hours = daysOf(fields[0], fields[1], fields[2]) * 24 + fields[3];
    return ((hours * 60 + fields[4]) * 60 + fields[5]) * 1000 + millis;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
        text.replace(at, what.size(), with);
    }
    return text;
}

/// Words are told apart before names are put in, so that a name may have spaces.
std::vector<std::string> commandLine(
    const std::string& command,
    const std::vector<std::pair<std::string_view, std::string>>& names) {
    std::vector<std::string> out = split(command, ' ');
    for (std::string& word : out) {
        for (const auto& [what, with] : names) {
            word = replaced(std::move(word), what, with);
        }
    }
    return out;
}

}  // namespace

bool CommitLogArchive::isPast(const rows::Mutation& mutation) const {
    if (!restorePointMillis) {
        return false;
    }
    std::int64_t newest = rows::kNoTimestamp;
    const auto note = [&](const rows::Row& row) {
        newest = std::max({newest, row.liveness.timestamp, row.deletion.markedForDeleteAt});
        for (const rows::Cell& cell : row.cells) {
            newest = std::max(newest, cell.timestamp);
        }
        for (const rows::ComplexDeletion& complex : row.complexDeletions) {
            newest = std::max(newest, complex.deletion.markedForDeleteAt);
        }
    };
    for (const rows::PartitionUpdate& update : mutation.updates) {
        newest = std::max(newest, update.partition.deletion.markedForDeleteAt);
        note(update.partition.staticRow);
        std::for_each(update.partition.rows.begin(), update.partition.rows.end(), note);
        for (const rows::RangeTombstone& tombstone : update.partition.rangeTombstones) {
            newest = std::max(newest, tombstone.deletion.markedForDeleteAt);
        }
    }
    return newest != rows::kNoTimestamp && newest / unitsPerMilli > *restorePointMillis;
}

Result<CommitLogArchive> parseArchiveProperties(std::string_view text) {
    const std::map<std::string, std::string> properties = readProperties(text);
    const auto value = [&](const char* name) {
        const auto it = properties.find(name);
        return it == properties.end() ? std::string() : it->second;
    };
    CommitLogArchive out;
    out.archiveCommand = value("archive_command");
    out.restoreCommand = value("restore_command");
    out.restoreDirectories = split(value("restore_directories"), ',');
    if (!out.restoreDirectories.empty() && out.restoreCommand.empty()) {
        return invalid("restore_directories is set, but restore_command is not");
    }
    if (const std::string point = value("restore_point_in_time"); !point.empty()) {
        TRY_ASSIGN(out.restorePointMillis, parsePointInTime(point));
    }
    static const std::map<std::string, std::int64_t> kPrecisions{
        {"", 1000}, {"MICROSECONDS", 1000}, {"MILLISECONDS", 1}, {"NANOSECONDS", 1'000'000}};
    const auto precision = kPrecisions.find(value("precision"));
    if (precision == kPrecisions.end()) {
        return invalid(fmt::format("precision: '{}' is none of MICROSECONDS, MILLISECONDS, "
                                   "NANOSECONDS",
                                   value("precision")));
    }
    out.unitsPerMilli = precision->second;
    return out;
}

Result<void> archiveSegment(const CommitLogArchive& archive, const RunCommand& run,
                            const std::string& path, const std::string& name) {
    return run(commandLine(archive.archiveCommand, {{"%path", path}, {"%name", name}}));
}

Result<void> restoreSegments(const CommitLogArchive& archive, const RunCommand& run,
                             runtime::FileSystem& files, const std::string& folder, Log& log) {
    for (const std::string& directory : archive.restoreDirectories) {
        TRY(files.createFolders(directory));
        TRY_ASSIGN(const auto names, files.list(directory));
        for (const std::string& name : names) {
            const std::string from = directory + '/' + name;
            if (!segmentIdOf(name)) {
                return invalid(fmt::format("restore_directories: {} is not a commit log segment "
                                           "by its name",
                                           from));
            }
            const std::string to = folder + '/' + name;
            if (files.exists(to)) {
                continue;
            }
            const Result<void> done =
                run(commandLine(archive.restoreCommand, {{"%from", from}, {"%to", to}}));
            if (!done) {
                return makeError(done.error().kind, fmt::format("restoring {} to {}: {}", from, to,
                                                                done.error().message));
            }
            log.info("restored the commit log segment {} from {}", to, from);
        }
    }
    return ok();
}

}  // namespace engine::storage
