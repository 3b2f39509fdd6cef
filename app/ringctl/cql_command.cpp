#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/ringctl/clusters.h"
#include "engine/base/text.h"
#include "engine/client/client.h"
#include "engine/client/copy.h"
#include "engine/cql/assist/completion.h"
#include "engine/cql/syntax/text.h"
#include "engine/ring/consistency.h"

namespace app::ringctl {

using engine::Result;
using engine::client::Client;

namespace {

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
            line.push_back(row[i] ? engine::client::plainText(*columns[i].type, *row[i]) : "null");
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

/// ERRFILE: made when the first record is refused.
class RejectedRecords {
public:
    RejectedRecords(const engine::client::CopyCommand& command, const std::string& keyspace) : m_name(command.errorFile) {
        if (m_name.empty()) {
            const bool qualified = command.table.find('.') != std::string::npos;
            m_name = fmt::format("import_{}.err", qualified ? command.table : keyspace + '.' + command.table);
            std::replace(m_name.begin(), m_name.end() - 4, '.', '_');
        }
    }
    void take(const std::string& record) {
        if (!m_out.is_open()) {
            m_out.open(m_name, std::ios::app);
        }
        m_out << record;
    }
    const std::string& file() const { return m_name; }

private:
    std::string m_name;
    std::ofstream m_out;
};

class Shell {
public:
    Shell(const Context& context, Client& client) : m_context(context), m_client(client) {}

    /// False when the statement failed.
    bool execute(const std::string& statement) {
        if (engine::cql::syntax::isLineVerb(statement, engine::cql::assist::shellVerbs())) {
            return ownVerb(statement);
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
        for (const engine::SourceSpan& span : engine::cql::syntax::splitStatements(text, engine::cql::assist::lineVerbs())) {
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
    /// What the server never sees: CONSISTENCY [LEVEL], COPY and SOURCE. False when it failed.
    bool ownVerb(const std::string& statement) {
        std::istringstream in(statement);
        std::string verb;
        std::string rest;
        in >> verb;
        std::getline(in >> std::ws, rest);
        verb = engine::upperCase(verb);
        if (verb == "CONSISTENCY") {
            return consistency(rest);
        }
        if (verb == "COPY") {
            return copy(statement);
        }
        if (verb == "SOURCE") {
            rest.erase(std::remove(rest.begin(), rest.end(), '\''), rest.end());
            std::ifstream file(rest);
            std::stringstream text;
            text << file.rdbuf();
            return file ? executeAll(text.str()) : refuse("Cannot read " + rest);
        }
        return refuse(verb + " is not in ringctl cql: CONSISTENCY, COPY and SOURCE are. The window's console has the others, and so has "
                             "cqlsh, which connects to any node.");
    }

    bool refuse(const std::string& why) {
        m_context.err << why << '\n';
        return false;
    }

    bool consistency(const std::string& level) {
        if (!level.empty()) {
            const auto parsed = engine::ring::parseConsistency(level);
            if (!parsed) {
                return refuse("Invalid consistency level: " + level);
            }
            m_level = *parsed;
            m_context.out << "Consistency level set to " << engine::ring::toString(m_level) << ".\n";
        } else {
            m_context.out << "Current consistency level is " << engine::ring::toString(m_level) << ".\n";
        }
        return true;
    }

    /// COPY FROM STDIN: what is typed, up to a line that is a point.
    std::string typedRecords() {
        m_context.out << "[Use . on a line by itself to end input]\n" << std::flush;
        std::string records;
        for (std::string line; std::getline(std::cin, line) && line != ".";) {
            records += line + '\n';
        }
        return records;
    }

    bool copy(const std::string& statement) {
        const auto command = engine::client::parseCopy(statement);
        if (!command) {
            return refuse(command.error().message);
        }
        const bool from = command.value().from;
        const std::string& name = command.value().file;
        std::fstream file;
        std::stringstream typed;
        if (!command.value().standard) {
            file.open(name, from ? std::ios::in : std::ios::out | std::ios::trunc);
            if (!file) {
                return refuse(fmt::format("Cannot {} {}", from ? "read" : "write", name));
            }
        } else if (from) {
            typed << typedRecords();
        }
        std::istream& in = command.value().standard ? static_cast<std::istream&>(typed) : file;
        std::ostream& out = command.value().standard ? m_context.out : file;
        RejectedRecords rejected(command.value(), m_client.keyspace());
        engine::client::Query how;
        how.consistency = static_cast<std::uint16_t>(m_level);
        const auto always = [](std::uint64_t) { return true; };
        const auto report = from ? engine::client::copyFrom(m_client, command.value(), how, in, always,
                                                           [&](const std::string& record) { rejected.take(record); })
                                 : engine::client::copyTo(m_client, command.value(), how, out, always);
        if (!report) {
            return refuse(report.error().message);
        }
        if (from || !command.value().standard) {
            m_context.out << fmt::format("{} rows {} {}.\n", report.value().rows, from ? "imported from" : "exported to", name);
        }
        return report.value().failed == 0 ||
               refuse(fmt::format("{} rows refused, the first at {}; they are in {}", report.value().failed,
                                  report.value().firstFailure, rejected.file()));
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
    constexpr std::string_view kForm = "cql [--cluster NAME | HOST [PORT]] [-e STATEMENT] [-f FILE] [-k KEYSPACE] [-u USER] [-p PASSWORD]";
    const auto line = CommandLine::parse(words, {}, {"--cluster", "-e", "--execute", "-f", "--file", "-k", "--keyspace", "-u", "--username", "-p", "--password"});
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
    options.user = line.value().value("-u", line.value().value("--username", options.user));
    options.password = line.value().value("-p", line.value().value("--password", options.password));
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
