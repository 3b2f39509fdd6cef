#include "app/console/shell_verb.h"

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

}  // namespace

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
        answer.says = word == "HOST" ? "Connected through " + settings.coordinatorLabel + " (" + settings.coordinator + ")"
                                     : QString("Ringside console | CQL spec 3.4.7 | Native protocol v5");
    } else if (verb == "CLEAR" || verb == "CLS") {
        answer.clear = true;
    } else if (verb == "HISTORY") {
        answer.history = true;
    } else if (verb == "SOURCE") {
        answer.source = text.mid(text.indexOf(words.value(1))).trimmed().remove('\'');
        answer.failed = words.size() < 2;
        answer.says = answer.failed ? "SOURCE needs a file: SOURCE 'schema.cql'" : QString();
    } else if (verb == "HELP") {
        answer.says = "CONSISTENCY, SERIAL CONSISTENCY, TRACING, PAGING, EXPAND, SHOW, SOURCE, HISTORY, CLEAR are the "
                      "console's own. Everything else goes to the coordinator, DESCRIBE too.";
    } else {
        answer.failed = true;
        answer.says = verb + " is not in this console. `ringctl cql` has it, and so has cqlsh.";
    }
    return answer;
}

}  // namespace app::console
