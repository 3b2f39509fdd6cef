#include "app/console/shell_verb.h"

#include <QDir>
#include <QStringList>

#include <algorithm>

namespace app::console {

namespace {

/// ON, OFF or nothing; says what is on now.
void toggle(ShellAnswer& answer, bool& value, const QString& word, const QString& name) {
    if (word == "ON" || word == "OFF") {
        value = word == "ON";
        answer.says = QString("%1 is now %2").arg(name, value ? "enabled" : "disabled");
    } else if (word.isEmpty()) {
        answer.says = QString("%1 is currently %2. Use %3 ON or OFF").arg(name, value ? "enabled" : "disabled", name.toUpper());
    } else {
        answer.failed = true;
        answer.says = QString("%1 takes ON or OFF, not %2").arg(name.toUpper(), word);
    }
}

void consistency(ShellAnswer& answer, QString& value, const QString& word, const QString& name, const QStringList& allowed) {
    if (word.isEmpty()) {
        answer.says = QString("Current %1 level is %2.").arg(name, value);
    } else if (allowed.contains(word)) {
        value = word;
        answer.says = QString("%1 level set to %2.").arg(name.at(0).toUpper() + name.mid(1), word);
    } else {
        answer.failed = true;
        answer.says = QString("%1 is no %2 level. There are %3").arg(word, name, allowed.join(", "));
    }
}

void paging(ShellAnswer& answer, const QString& word) {
    bool number = false;
    const int size = word.toInt(&number);
    if (number && size > 0) {
        answer.settings.pageSize = size;
        answer.says = QString("Page size: %1").arg(size);
    } else if (word == "OFF") {
        answer.settings.pageSize = -1;
        answer.says = "Disabled Query paging.";
    } else if (word == "ON") {
        answer.settings.pageSize = answer.settings.pageSize > 0 ? answer.settings.pageSize : 5000;
        answer.says = QString("Now Query paging is enabled\nPage size: %1").arg(answer.settings.pageSize);
    } else if (word.isEmpty()) {
        answer.says = answer.settings.pageSize > 0 ? QString("Query paging is currently enabled. Page size: %1").arg(answer.settings.pageSize)
                                                   : QString("Query paging is currently disabled.");
    } else {
        answer.failed = true;
        answer.says = "PAGING takes ON, OFF or a number of rows, not " + word;
    }
}

/// A password that is asked for has no place to be typed unseen here, so both are written.
void logIn(ShellAnswer& answer, const QString& text) {
    const QStringList words = text.simplified().split(' ');
    if (words.size() != 3) {
        answer.failed = true;
        answer.says = "LOGIN takes a user name and a password: LOGIN ada 'secret'";
        return;
    }
    const auto bare = [](QString word) { return word.remove('\'').toStdString(); };
    answer.login = Credentials{bare(words.at(1)), bare(words.at(2))};
    answer.says = QString("Where a node asks who comes, statements from now on are %1's.").arg(QString(words.at(1)).remove('\''));
}

/// The name in quotes after the verb, or the bare word.
QString fileIn(const QString& text) {
    const QString rest = text.mid(text.indexOf(' ') + 1).trimmed();
    return !text.contains(' ') ? QString() : filePath(QString(rest).remove('\''));
}

void capture(ShellAnswer& answer, const QString& text, const QString& word) {
    if (word.isEmpty()) {
        answer.says = answer.settings.capture.isEmpty() ? QString("Currently not capturing query output.")
                                                        : "Currently capturing query output to '" + answer.settings.capture + "'.";
        return;
    }
    answer.capture = word == "OFF" ? QString() : fileIn(text);
    answer.settings.capture = *answer.capture;
    answer.says = word == "OFF" ? QString("Query output is no longer captured.")
                                : "Now capturing query output to '" + answer.settings.capture + "'.";
}

void show(ShellAnswer& answer, const QStringList& words) {
    const QString what = words.value(1).toUpper();
    if (what == "HOST") {
        answer.says = "Connected through " + answer.settings.coordinatorLabel + " (" + answer.settings.coordinator + ")";
    } else if (what == "VERSION") {
        answer.version = true;
        answer.statement = "SELECT release_version, cql_version, native_protocol_version FROM system.local";
    } else if (what == "SESSION" && words.size() == 3) {
        answer.statement = "SELECT activity, source, source_elapsed, event_id FROM system_traces.events WHERE session_id = " + words[2];
    } else if (what == "REPLICAS" && words.size() >= 3) {
        answer.token = words[2].toLongLong(&answer.replicas);
        answer.keyspace = words.value(3);
        answer.failed = !answer.replicas;
        answer.says = answer.failed ? words[2] + " is no token: a token is a whole number of 64 bits" : QString();
    } else {
        answer.failed = true;
        answer.says = "SHOW VERSION, SHOW HOST, SHOW SESSION id and SHOW REPLICAS token [keyspace] are there.";
    }
}

const char* const kHelp =
    "The console's own words, as in cqlsh: CONSISTENCY and SERIAL CONSISTENCY level; TRACING, EXPAND on or off; PAGING on, off "
    "or rows; SHOW VERSION, HOST, SESSION id, REPLICAS token [keyspace]; SOURCE 'file'; CAPTURE 'file' or OFF; COPY table "
    "[(columns)] TO or FROM 'file'; HISTORY; CLEAR. Everything else goes to the coordinator, DESCRIBE too. Ctrl Space shows what "
    "may come next.";

constexpr qsizetype kMostWords = 3;  // CREATE MATERIALIZED VIEW.

void help(ShellAnswer& answer, const QString& topics) {
    if (topics.isEmpty()) {
        QStringList names;
        for (const HelpTopic& topic : helpTopics()) {
            names << topic.name;
        }
        answer.says = QString(kHelp) + "\n\nHELP topic, as HELP CREATE TABLE, says what a statement looks like and does. Topics: " +
                      names.join(", ") + '.';
        return;
    }
    answer.help = helpOn(topics);
    if (!answer.help.empty()) {
        return;
    }
    // Several topics at once, as cqlsh takes them; the longest name first.
    QStringList words = topics.simplified().split(' ');
    while (!words.isEmpty()) {
        qsizetype taken = std::min<qsizetype>(words.size(), kMostWords);
        auto found = helpOn(QStringList(words.first(taken)).join(' '));
        while (found.empty() && --taken > 0) {
            found = helpOn(QStringList(words.first(taken)).join(' '));
        }
        if (taken == 0) {
            answer.failed = true;
            answer.help.clear();
            answer.says = "There is no help on " + words.first() + ". HELP lists the topics.";
            return;
        }
        answer.help.insert(answer.help.end(), found.begin(), found.end());
        words.remove(0, taken);
    }
}

}  // namespace

QString filePath(QString name) {
    if (name == "~" || name.startsWith("~/")) {
        name.replace(0, 1, QDir::homePath());
    }
    return name;
}

ShellAnswer runShellVerb(const QString& text, const RunSettings& settings) {
    ShellAnswer answer;
    answer.settings = settings;
    const QStringList words = text.simplified().split(' ');
    const QString verb = words.value(0).toUpper();
    const QString word = words.value(1).toUpper();
    if (verb == "CONSISTENCY") {
        QStringList allowed = consistencyNames();
        consistency(answer, answer.settings.consistency, word, "consistency", allowed);
    } else if (verb == "SERIAL") {
        consistency(answer, answer.settings.serial, words.value(2).toUpper(), "serial consistency", {"SERIAL", "LOCAL_SERIAL"});
    } else if (verb == "TRACING") {
        toggle(answer, answer.settings.tracing, word, "Tracing");
    } else if (verb == "EXPAND") {
        toggle(answer, answer.settings.expand, word, "Expand");
    } else if (verb == "PAGING") {
        paging(answer, word);
    } else if (verb == "SHOW") {
        show(answer, words);
    } else if (verb == "CLEAR" || verb == "CLS") {
        answer.clear = true;
    } else if (verb == "HISTORY") {
        answer.history = true;
    } else if (verb == "SOURCE") {
        answer.source = fileIn(text);
        answer.failed = answer.source.isEmpty();
        answer.says = answer.failed ? "SOURCE needs a file: SOURCE 'schema.cql'" : QString();
    } else if (verb == "CAPTURE") {
        capture(answer, text, word);
    } else if (verb == "COPY") {
        auto copy = engine::client::parseCopy(text.toStdString());
        answer.failed = !copy || copy.value().standard;
        if (copy && copy.value().standard) {
            answer.says = "A window has no STDIN and no STDOUT: COPY needs a file in single quotes.";
        } else if (copy) {
            answer.copy = std::move(copy).value();
            answer.copy->file = filePath(QString::fromStdString(answer.copy->file)).toStdString();
            if (!answer.copy->errorFile.empty()) {
                answer.copy->errorFile = filePath(QString::fromStdString(answer.copy->errorFile)).toStdString();
            }
        } else {
            answer.says = QString::fromStdString(copy.error().message);
        }
    } else if (verb == "LOGIN") {
        logIn(answer, text);
    } else if (verb == "UNICODE") {
        answer.says = "Encoding: utf-8";
    } else if (verb == "EXIT" || verb == "QUIT") {
        answer.says = "The console stays. The cross beside the sheet's name closes the sheet.";
    } else if (verb == "HELP") {
        help(answer, QString(text).replace(',', ' ').simplified().mid(4).trimmed());
    } else {
        answer.failed = true;
        answer.says = verb + " is not known to the console.";
    }
    return answer;
}

}  // namespace app::console
