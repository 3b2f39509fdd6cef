#include "engine/rows/command_text.h"

#include <algorithm>

#include "engine/types/literals.h"

namespace engine::rows {

namespace {

/// ColumnIdentifier.maybeQuote.
std::string maybeQuoted(std::string_view name) {
    const bool plain =
        !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
        std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
        });
    if (plain) {
        return std::string(name);
    }
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        out += c == '"' ? "\"" : "";
    }
    return out + '"';
}

std::string literal(const types::DataType& type, BytesView value) {
    return value.empty() && type.fixedLength() > 0 ? "null" : types::toCqlLiteral(type, value);
}

/// Values of the partition key, in order.
std::vector<BytesView> keyValues(const schema::Table& table, BytesView key) {
    const std::size_t columns = table.partitionKey().size();
    if (columns == 1) {
        return {key};
    }
    std::vector<BytesView> out;
    ByteReader in(key);
    for (std::size_t i = 0; i < columns; ++i) {
        out.push_back(in.shortBlob());
        in.u8();
    }
    return out;
}

class Conditions {
public:
    void add(const std::string& condition) {
        m_text += (m_text.empty() ? " WHERE " : " AND ") + condition;
    }
    const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

void addKey(Conditions& out, const schema::Table& table, BytesView key) {
    const auto columns = table.partitionKey();
    const std::vector<BytesView> values = keyValues(table, key);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out.add(maybeQuoted(columns[i].name) + " = " + literal(*columns[i].type, values[i]));
    }
}

/// token(pk) > n, as far as a range of partitions is bounded.
void addRange(Conditions& out, const schema::Table& table, const PartitionRange& range) {
    std::string columns;
    for (const schema::Column& column : table.partitionKey()) {
        columns += (columns.empty() ? "" : ", ") + maybeQuoted(column.name);
    }
    const auto bound = [&](const PartitionBound& at, const char* operation) {
        const std::string value = at.key ? "token(" + keyText(table, *at.key) + ')'
                                         : std::to_string(at.token);
        out.add("token(" + columns + ") " + operation + (at.inclusive ? "= " : " ") + value);
    };
    if (range.start) {
        bound(*range.start, ">");
    }
    if (range.end) {
        bound(*range.end, "<");
    }
}

std::string clusteringText(const schema::Table& table, const Clustering& clustering) {
    std::string out;
    for (std::size_t i = 0; i < clustering.size(); ++i) {
        out += (i == 0 ? "" : ", ") + literal(*table.clustering()[i].type, clustering[i]);
    }
    return out;
}

std::string clusteringNames(const schema::Table& table, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += (i == 0 ? "" : ", ") + maybeQuoted(table.clustering()[i].name);
    }
    return out;
}

void addNames(Conditions& out, const ReadCommand& command) {
    const schema::Table& table = *command.table;
    const std::size_t columns = table.clustering().size();
    if (columns == 0) {
        return;
    }
    const char* const open = columns == 1 ? "" : "(";
    const char* const close = columns == 1 ? "" : ")";
    std::string values;
    for (const Clustering& name : command.names) {
        values += (values.empty() ? "" : ", ") + std::string(open) + clusteringText(table, name) + close;
    }
    const bool one = command.names.size() == 1;
    out.add(open + clusteringNames(table, columns) + close + (one ? " = " : " IN (") + values +
            (one ? "" : ")"));
}

/// Slices.toCQLString: the values that both ends share are equal, the rest is bounded.
void addSlice(Conditions& out, const schema::Table& table, const Slice& slice) {
    const Clustering& start = slice.start.prefix;
    const Clustering& end = slice.end.prefix;
    std::size_t shared = 0;
    while (shared < start.size() && shared < end.size() && start[shared] == end[shared]) {
        const schema::Column& column = table.clustering()[shared];
        out.add(maybeQuoted(column.name) + " = " + literal(*column.type, start[shared]));
        ++shared;
    }
    const auto bound = [&](const ClusteringBound& at, char operation) {
        if (at.prefix.size() <= shared) {
            return;
        }
        const Clustering rest(at.prefix.begin() + static_cast<std::ptrdiff_t>(shared),
                              at.prefix.end());
        std::string names;
        std::string values;
        for (std::size_t i = shared; i < at.prefix.size(); ++i) {
            const schema::Column& column = table.clustering()[i];
            names += (names.empty() ? "" : ", ") + maybeQuoted(column.name);
            values += (values.empty() ? "" : ", ") + literal(*column.type, at.prefix[i]);
        }
        const bool tuple = rest.size() > 1;
        const bool descending = table.clustering()[shared].descending;
        const char shown = descending ? (operation == '<' ? '>' : '<') : operation;
        out.add((tuple ? "(" + names + ")" : names) + ' ' + shown + (at.inclusive ? "= " : " ") +
                (tuple ? "(" + values + ")" : values));
    };
    bound(slice.start, '>');
    bound(slice.end, '<');
}

}  // namespace

std::string keyText(const schema::Table& table, BytesView key) {
    std::string out;
    const auto columns = table.partitionKey();
    const std::vector<BytesView> values = keyValues(table, key);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out += (i == 0 ? "" : ", ") + literal(*columns[i].type, values[i]);
    }
    return out;
}

std::string toCql(const ReadCommand& command) {
    const schema::Table& table = *command.table;
    std::string columns;
    for (const std::string& name : command.columns.names) {
        columns += (columns.empty() ? "" : ", ") + maybeQuoted(name);
    }
    Conditions conditions;
    if (command.key) {
        addKey(conditions, table, command.key->key);
    } else {
        addRange(conditions, table, command.range);
    }
    if (!command.names.empty()) {
        addNames(conditions, command);
    } else {
        for (const Slice& slice : command.slices) {
            addSlice(conditions, table, slice);
        }
    }
    std::string out = "SELECT " + (command.columns.all || columns.empty() ? "*" : columns) + " FROM " +
                      maybeQuoted(table.keyspace) + '.' + maybeQuoted(table.name) + conditions.text();
    if (command.limits.rowsPerPartition != ReadLimits::kNone) {
        out += " PER PARTITION LIMIT " + std::to_string(command.limits.rowsPerPartition);
    }
    if (command.limits.rows != ReadLimits::kNone) {
        out += " LIMIT " + std::to_string(command.limits.rows);
    }
    return out + " ALLOW FILTERING";
}

}  // namespace engine::rows
