#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/client/client.h"
#include "engine/client/copy_text.h"
#include "engine/client/csv.h"

/// COPY as cqlsh knows it: a table's rows to a file of separated values, and back (cqlshlib/copyutil.py).
namespace engine::client {

struct CopyCommand {
    bool from = false;
    std::string table;  // As written: [keyspace.]table.
    std::vector<std::string> columns;  // Names; empty: all.
    std::string file;
    bool standard = false;  // STDIN or STDOUT instead of a file.
    CsvForm form;
    CopyStyle style;
    bool header = false;
    std::int32_t pageSize = 1000;            // TO.
    std::optional<std::int64_t> beginToken;  // TO: rows whose token is above it.
    std::optional<std::int64_t> endToken;    // TO: and not above this one.
    std::int64_t maxRows = -1;               // FROM, as the following; -1: all.
    std::int64_t skipRows = 0;
    std::vector<std::string> skipColumns;    // Of the file, by name: read and thrown away.
    std::int64_t maxParseErrors = -1;        // It ends when more records than that are no values of their columns,
    std::int64_t maxInsertErrors = -1;       // or are refused by the server. -1: it never does.
    std::optional<std::int32_t> ttl;         // Seconds.
    std::string errorFile;                   // Where refused records go; empty: nowhere.
};

/// Reads `COPY table [(columns)] TO|FROM 'file' [WITH option = value [AND …]]`. Invalid names what is wrong: a form, or an
/// option that is not there (in cqlsh's words where cqlsh does not know it either). What only tunes cqlsh's own processes (NUMPROCESSES, CHUNKSIZE, …) is read and changes nothing.
Result<CopyCommand> parseCopy(std::string_view text);

struct CopyReport {
    std::uint64_t rows = 0;
    std::uint64_t failed = 0;       // FROM: records that were refused; the others are in.
    std::string firstFailure;       // "line 7: …"
};

/// Asked now and then with the rows so far; false ends the copy there.
using CopyProgress = std::function<bool(std::uint64_t rows)>;

/// Takes each refused record as it would be written, with its line end.
using CopyRejects = std::function<void(const std::string& record)>;

/// `how` gives levels and keyspace; its text is not used. Errors: the server's, or the file's. With HEADER the first record of
/// a file read names the columns when all its fields are columns of the table; else it is passed over, as cqlsh always does.
/// A table of counters gets each value added, as with cqlsh.
Result<CopyReport> copyTo(Client& client, const CopyCommand& command, const Query& how, std::ostream& out,
                          const CopyProgress& goOn);
Result<CopyReport> copyFrom(Client& client, const CopyCommand& command, const Query& how, std::istream& in,
                            const CopyProgress& goOn, const CopyRejects& rejects = {});

/// A value as COPY and result tables write it: text bare, everything else as CQL writes it but without outer quotes.
std::string plainText(const types::DataType& type, BytesView value);

}  // namespace engine::client
