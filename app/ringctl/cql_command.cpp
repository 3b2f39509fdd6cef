#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/ringctl/clusters.h"
#include "engine/client/client.h"
#include "engine/cql/syntax/text.h"
#include "engine/ring/consistency.h"
#include "engine/types/data_type.h"
#include "engine/types/literals.h"

namespace app::ringctl {

using engine::Result;
using engine::client::Client;

namespace {

std::string cellText(const engine::cql::ColumnSpec& column, const engine::cql::Value& value) {
    if (!value) {
        return "null";
    }
    const auto kind = column.type->kind();
    const bool isText = kind == engine::types::Kind::Text || kind == engine::types::Kind::Ascii;
    return isText ? *value : engine::types::toCqlLiteral(*column.type, *value);
}

/// As cqlsh prints a result: headings, a rule, right-aligned cells.
void printRows(std::ostream& out, const engine::cql::RowsResult& rows) {
    const auto& columns = rows.metadata->columns;
    std::vector<std::size_t> widths;
    std::vector<std::vector<std::string>> cells;
    for (const auto& column : columns) {
        widths.push_back(column.name.size());
    }
    for (const auto& row : rows.rows) {
        auto& line = cells.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            line.push_back(cellText(columns[i], row[i]));
            widths[i] = std::max(widths[i], line.back().size());
        }
    }
    out << '\n';
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out << (i > 0 ? " |" : "") << ' ' << fmt::format("{:<{}}", columns[i].name, widths[i]);
    }
    out << '\n';
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out << (i > 0 ? "+" : "") << std::string(widths[i] + 2, '-');
    }
    out << '\n';
    for (const auto& line : cells) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            out << (i > 0 ? " |" : "") << ' ' << fmt::format("{:>{}}", line[i], widths[i]);
        }
        out << '\n';
    }
    out << fmt::format("\n({} row{})\n", rows.rows.size(), rows.rows.size() == 1 ? "" : "s");
}

class Shell {
public:
    Shell(const Context& context, Client& client) : m_context(context), m_client(client) {}

    /// False when the statement failed.
    bool execute(const std::string& statement) {
        if (handleCommand(statement)) {
            return true;
        }
        engine::client::Query query;
        query.text = statement;
        query.consistency = static_cast<std::uint16_t>(m_level);
        do {
            const auto answer = m_client.execute(query);
            if (!answer) {
                m_context.err << answer.error().message << '\n';
                return false;
            }
            for (const std::string& warning : answer.value().warnings) {
                m_context.err << "Warnings :\n" << warning << '\n';
            }
            query.pagingState.reset();
            if (const auto* rows = std::get_if<engine::cql::RowsResult>(&answer.value().result)) {
                printRows(m_context.out, *rows);
                query.pagingState = rows->pagingState;
            }
        } while (query.pagingState);
        return true;
    }

    bool executeAll(const std::string& text) {
        bool good = true;
        for (const engine::SourceSpan& span : engine::cql::syntax::splitStatements(text)) {
            good = execute(text.substr(span.offset, span.length)) && good;
        }
        return good;
    }

    void interact(std::istream& in) {
        std::string pending;
        for (std::string line; std::getline(in, line);) {
            if (pending.empty() && (line == "exit" || line == "quit" || line == "exit;" || line == "quit;")) {
                return;
            }
            pending += line + '\n';
            if (!engine::cql::syntax::isIncomplete(pending)) {
                executeAll(pending);
                pending.clear();
            }
        }
        executeAll(pending);
    }

private:
    /// CONSISTENCY [LEVEL], which is the client's own.
    bool handleCommand(const std::string& statement) {
        std::istringstream in(statement);
        std::string word;
        std::string level;
        in >> word >> level;
        std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
        if (word != "CONSISTENCY") {
            return false;
        }
        if (!level.empty()) {
            const auto parsed = engine::ring::parseConsistency(level);
            if (!parsed) {
                m_context.err << "Invalid consistency level: " << level << '\n';
                return true;
            }
            m_level = *parsed;
            m_context.out << "Consistency level set to " << engine::ring::toString(m_level) << ".\n";
        } else {
            m_context.out << "Current consistency level is " << engine::ring::toString(m_level) << ".\n";
        }
        return true;
    }

    const Context& m_context;
    Client& m_client;
    engine::ring::Consistency m_level = engine::ring::Consistency::One;
};

Result<engine::runtime::Endpoint> contactOf(const Context& context, const CommandLine& line) {
    constexpr std::uint16_t kCqlPort = 9042;
    if (!line.words().empty()) {
        TRY_ASSIGN(const int port,
                   line.words().size() > 1 ? parseNumber("PORT", line.words()[1], 1, 65535) : Result<int>(kCqlPort));
        return engine::runtime::Endpoint(line.words()[0], static_cast<std::uint16_t>(port));
    }
    TRY_ASSIGN(const auto cluster, chooseCluster(context, line.value("--cluster")));
    for (const auto& node : cluster->nodes()) {
        if (node.state == engine::local::ProcessState::Running) {
            return engine::runtime::Endpoint(node.address, node.nativePort);
        }
    }
    return engine::invalid(fmt::format("no node of {} runs", cluster->spec().name));
}

}  // namespace

ExitCode runCql(const Context& context, const Words& words) {
    constexpr std::string_view kForm = "cql [--cluster NAME | HOST [PORT]] [-e STATEMENT] [-f FILE] [-k KEYSPACE]";
    const auto line = CommandLine::parse(words, {}, {"--cluster", "-e", "--execute", "-f", "--file", "-k", "--keyspace"});
    if (!line || line.value().words().size() > 2) {
        return usage(context, kForm);
    }
    const auto contact = contactOf(context, line.value());
    if (!contact) {
        return failed(context, contact.error().message);
    }
    engine::client::ConnectOptions options;
    options.contact = contact.value();
    options.driverName = "ringctl";
    options.keyspace = line.value().value("-k", line.value().value("--keyspace"));
    const auto client = Client::connect(options);
    if (!client) {
        return failed(context, client.error().message);
    }
    Shell shell(context, *client.value());
    const std::string statement = line.value().value("-e", line.value().value("--execute"));
    const std::string file = line.value().value("-f", line.value().value("--file"));
    if (!statement.empty()) {
        return shell.executeAll(statement) ? ExitCode::Ok : ExitCode::Failed;
    }
    if (!file.empty()) {
        std::ifstream in(file);
        if (!in) {
            return failed(context, "cannot read " + file);
        }
        std::ostringstream content;
        content << in.rdbuf();
        return shell.executeAll(content.str()) ? ExitCode::Ok : ExitCode::Failed;
    }
    shell.interact(std::cin);
    return ExitCode::Ok;
}

}  // namespace app::ringctl
