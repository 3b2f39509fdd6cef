#include "app/console/console_pane.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QCoreApplication>
#include <QFileInfo>
#include <QMenu>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "app/console/exports.h"
#include "app/console/history_dialog.h"
#include "engine/cql/assist/classification.h"
#include "engine/cql/assist/place.h"

namespace app::console {

using namespace app::shell;

namespace {

/// Beside the history.
QString resultsFile(const QString& historyFile) {
    return historyFile.isEmpty() ? QString() : QFileInfo(historyFile).dir().filePath("console-results.json");
}

/// As cqlsh would print it.
QString printed(const Outcome& outcome) {
    const QString script = toCreateStatements(*outcome.rows);
    if (!script.isEmpty()) {
        return '\n' + script;
    }
    return outcome.settings.expand ? '\n' + toVertical(*outcome.rows, 1, outcome.rows->rows.size()) + '\n' : toTable(*outcome.rows);
}

}  // namespace

ConsolePane::ConsolePane(sources::ClusterModel& model, CqlRunner* runner, const QString& historyFile, QWidget* parent)
    : QWidget(parent), m_model(model), m_runner(runner), m_history(historyFile), m_results(resultsFile(historyFile)) {
    runner->setParent(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_bar = new RunBar(model);
    column->addWidget(m_bar);
    m_stack = new QStackedWidget;
    column->addWidget(m_stack, 1);

    m_tools = new QWidget;
    auto* tools = new QHBoxLayout(m_tools);
    tools->setContentsMargins(0, 0, 6, 0);
    tools->setSpacing(2);
    m_sheetList = new FieldCombo("Sheet");
    auto* add = new IconButton("plus", "New sheet", nullptr, 26);
    auto* drop = new IconButton("x", "Close this sheet", nullptr, 26);
    auto* past = new IconButton("history", "Statements run before", nullptr, 26);
    auto* more = new IconButton("dots", "Open, save, rename this sheet", nullptr, 26);
    for (QWidget* tool : std::initializer_list<QWidget*>{m_sheetList, add, drop, past, more}) {
        tools->addWidget(tool);
    }
    connect(m_sheetList, &QComboBox::currentIndexChanged, this, &ConsolePane::showSheet);
    connect(add, &QAbstractButton::clicked, this, [this] { newSheet(); });
    connect(drop, &QAbstractButton::clicked, this, &ConsolePane::closeSheet);
    connect(past, &QAbstractButton::clicked, this, &ConsolePane::showHistory);
    connect(more, &QAbstractButton::clicked, this, [this, more] {
        QMenu menu(this);
        fillSheetMenu(menu);
        menu.exec(more->mapToGlobal(QPoint(0, more->height())));
    });

    connect(m_bar, &RunBar::runWanted, this, &ConsolePane::runChosen);
    connect(m_bar, &RunBar::stopWanted, this, &ConsolePane::stop);
    connect(runner, &CqlRunner::statementStarted, this, [this](int, const StatementText& statement, qint64 at) {
        if (m_running != nullptr && !m_paging && !m_asksVersion) {
            connectCard(m_running->addCard(statement, at, m_bar->settings()), m_running);
        }
    });
    connect(runner, &CqlRunner::statementFinished, this, &ConsolePane::takeOutcome);
    connect(runner, &CqlRunner::finished, this, &ConsolePane::finish);
    connect(runner, &CqlRunner::copied, this, [this](const QString& says, bool done, bool failed) {
        m_copyNote.say(says, done, failed);
        m_copyFailed = failed;
    });
    connect(runner, &CqlRunner::namesLoaded, this, [this](const engine::cql::assist::Names& names) {
        m_names = names;
        useTables();
        for (Sheet* one : m_sheets) {
            one->editor().lookAgain();
        }
    });
    m_schemaSoon.setSingleShot(true);
    m_schemaSoon.setInterval(250);
    connect(&m_schemaSoon, &QTimer::timeout, this, [this] {
        if (const auto at = coordinator()) {
            m_runner->loadNames(*at);
        }
    });
    connect(&model, &sources::ClusterModel::changed, this, &ConsolePane::watchSchema);
    newSheet();
}

// ---- Running ----

std::optional<Coordinator> ConsolePane::coordinator() const {
    const sources::NodeInfo* node = m_bar->coordinator();
    if (node == nullptr) {
        return std::nullopt;
    }
    return Coordinator{node->name, node->label(), {node->address.toStdString(), node->nativePort}};
}

void ConsolePane::offer(const QString& cql, bool run) {
    CqlEditor& editor = sheet().editor();
    QTextCursor cursor = editor.textCursor();
    cursor.movePosition(QTextCursor::End);
    if (!editor.toPlainText().trimmed().isEmpty()) {
        cursor.insertText(editor.toPlainText().endsWith('\n') ? "\n" : "\n\n");
    }
    const int start = cursor.position();
    cursor.insertText(cql.trimmed());
    cursor.setPosition(start);
    cursor.setPosition(start + static_cast<int>(cql.trimmed().size()), QTextCursor::KeepAnchor);
    editor.setTextCursor(cursor);
    editor.ensureCursorVisible();
    if (run) {
        runChosen();
        cursor.setPosition(start);
        editor.setTextCursor(cursor);
    }
}

void ConsolePane::runChosen() { this->run(sheet().editor().chosenStatements()); }

void ConsolePane::runAll() { this->run(sheet().editor().allStatements()); }

void ConsolePane::run(std::vector<StatementText> statements) {
    if (m_runner->isRunning() || statements.empty()) {
        return;
    }
    m_running = &sheet();
    m_running->editor().clearError();
    m_queue = std::move(statements);
    m_paging = false;
    runNext();
}

void ConsolePane::runNext() {
    while (!m_queue.empty() && m_queue.front().shellVerb) {
        const StatementText verb = m_queue.front();
        m_queue.erase(m_queue.begin());
        m_history.add(verb.text);
        if (!runShell(verb)) {
            m_queue.clear();
        }
        if (m_runner->isRunning()) {
            return;  // COPY: its end goes on with the rest.
        }
    }
    if (m_queue.empty()) {
        return;
    }
    const auto at = coordinator();
    if (!at) {
        m_running->addNote(m_queue.front().verb(), "No cluster is running. Start one first.", true);
        m_queue.clear();
        return;
    }
    std::vector<StatementText> now;
    while (!m_queue.empty() && !m_queue.front().shellVerb) {
        m_history.add(m_queue.front().text);
        now.push_back(m_queue.front());
        m_queue.erase(m_queue.begin());
    }
    m_bar->setRunning(true);
    m_runner->run(std::move(now), m_bar->settings(), *at, m_running->keyspace());
}

bool ConsolePane::runShell(const StatementText& statement) {
    const ShellAnswer answer = runShellVerb(statement.text, m_bar->settings());
    if (!(answer.settings == m_bar->settings())) {
        m_bar->setSettings(answer.settings);
    }
    if (!answer.says.isEmpty()) {
        m_running->addNote(statement.verb(), answer.says, answer.failed);
    }
    return !answer.failed && carryOut(answer, statement);
}

bool ConsolePane::carryOut(const ShellAnswer& answer, const StatementText& statement) {
    if (answer.clear) {
        m_running->clearResults();
        m_resultsChanged = true;
    } else if (answer.history) {
        showHistory();
    } else if (answer.login) {
        m_runner->logIn(answer.login->user, answer.login->password);
    } else if (answer.replicas) {
        showReplicas(answer.token, answer.keyspace);
    } else if (!answer.source.isEmpty()) {
        return source(answer.source, statement);
    } else if (!answer.help.empty()) {
        for (const HelpTopic* topic : answer.help) {
            m_running->addHelp(*topic);
        }
    } else if (answer.version) {
        const auto at = coordinator();
        if (!at) {
            m_running->addNote(statement.verb(), "No cluster is running. Start one first.", true);
            return false;
        }
        m_asksVersion = true;
        m_bar->setRunning(true);
        StatementText query = statement;
        query.text = answer.statement;
        query.shellVerb = false;
        m_runner->run({query}, m_bar->settings(), *at, m_running->keyspace());
    } else if (!answer.statement.isEmpty()) {
        StatementText instead = statement;
        instead.text = answer.statement;
        instead.shellVerb = false;
        m_queue.insert(m_queue.begin(), std::move(instead));
    } else if (answer.copy) {
        const auto at = coordinator();
        if (!at) {
            m_running->addNote(statement.verb(), "No cluster is running. Start one first.", true);
            return false;
        }
        m_copyNote = m_running->addNote(statement.verb(), answer.copy->from ? "importing" : "exporting", false);
        m_bar->setRunning(true);
        m_runner->copy(*answer.copy, m_bar->settings(), *at, m_running->keyspace());
    } else if (answer.capture && !answer.capture->isEmpty()) {
        QFile file(*answer.capture);
        if (!file.open(QIODevice::Append)) {
            m_running->addNote(statement.verb(), "Cannot write " + file.fileName() + ": " + file.errorString(), true);
            RunSettings without = m_bar->settings();
            without.capture.clear();
            m_bar->setSettings(without);
            return false;
        }
    }
    return true;
}

bool ConsolePane::source(const QString& name, const StatementText& statement) {
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly)) {
        m_running->addNote(statement.verb(), "Cannot read " + name + ": " + file.errorString(), true);
        return false;
    }
    auto sourced = splitStatements(QString::fromUtf8(file.readAll()));
    m_running->addNote(statement.verb(), counted(static_cast<int>(sourced.size()), "statement") + " of " + name, false);
    m_queue.insert(m_queue.begin(), sourced.begin(), sourced.end());
    return true;
}

void ConsolePane::showReplicas(qint64 token, const QString& keyspace) {
    const std::string wanted = (keyspace.isEmpty() ? m_running->keyspace() : keyspace).toStdString();
    const auto& state = m_model.live();
    const auto known = std::find_if(state.keyspaces.begin(), state.keyspaces.end(), [&](const auto& one) { return one.name == wanted; });
    const auto topology = m_topology.of(state);
    if (known == state.keyspaces.end() || topology == nullptr) {
        m_running->addNote("SHOW REPLICAS", wanted.empty() ? QString("USE a keyspace first, or name one: SHOW REPLICAS token keyspace")
                                                          : "There is no keyspace " + QString::fromStdString(wanted), true);
        return;
    }
    QStringList replicas;
    for (const auto* replica : topology->replicasFor(explorer::ring::replicationOf(*known), token).natural) {
        const sources::NodeInfo* node = m_model.node(QString::fromStdString(replica->node));
        replicas << (node != nullptr ? node->label() + " " + node->address : QString::fromStdString(replica->node));
    }
    m_running->addNote("SHOW REPLICAS", replicas.join(", "), false);
}

void ConsolePane::capture(const Outcome& outcome) {
    QFile file(outcome.settings.capture);
    const QString text = outcome.error ? outcome.error->message + '\n' : outcome.rows ? printed(outcome) : QString();
    if (!file.open(QIODevice::Append) || file.write(text.toUtf8()) < 0) {
        m_running->addNote("CAPTURE", "Cannot write " + file.fileName() + ": " + file.errorString(), true);
    }
}

void ConsolePane::advise(Outcome& outcome) const {
    using engine::cql::assist::LevelUse;
    using engine::cql::assist::StatementKind;
    const QString& text = outcome.statement.text;
    if (const auto known = engine::cql::assist::classify(text.toStdString(), m_names, m_running->keyspace().toStdString())) {
        outcome.conditional = known->level == LevelUse::Serial;
        outcome.writes = known->kind == StatementKind::Write || known->kind == StatementKind::Batch;
        if (!outcome.error) {
            outcome.advice = adviceOn(*known);
        }
    }
    if (outcome.error) {
        RunError& error = *outcome.error;
        error.fixes = fixesOf(text, error, m_names, m_running->keyspace());
        const std::string utf8 = text.toStdString();
        if (error.hasSpan) {
            return;
        }
        if (const auto place = engine::cql::assist::placeOf(utf8, error.message.toStdString())) {
            error.hasSpan = true;
            error.offset = utf16Offset(text, place->offset);
            error.length = utf16Offset(text, place->offset + place->length) - error.offset;
        } else if (!error.fixes.empty()) {
            error.hasSpan = true;
            error.offset = error.fixes.front().offset;
            error.length = error.fixes.front().length;
        }
    }
}

void ConsolePane::takeOutcome(const Outcome& told) {
    if (m_running == nullptr) {
        return;
    }
    if (m_asksVersion) {
        takeVersion(told);
        return;
    }
    Outcome outcome = told;
    advise(outcome);
    m_resultsChanged = true;
    if (!outcome.keyspace.isEmpty()) {
        m_running->setKeyspace(outcome.keyspace);
        m_running->editor().setNames(&m_names, outcome.keyspace);
    }
    if (m_paging) {
        if (ResultCard* card = m_running->cardOf(outcome.statement); card != nullptr && !outcome.error) {
            card->appendPage(outcome);
        }
        return;
    }
    if (ResultCard* card = m_running->currentCard()) {
        card->setOutcome(outcome);
        m_running->scrollToEnd();
    }
    if (outcome.error) {
        m_running->editor().showError(outcome.statement.offset, outcome.statement.text, *outcome.error);
    }
    if (!outcome.settings.capture.isEmpty()) {
        capture(outcome);
    }
    const QString what = outcome.error ? QString("refused, ") + outcome.error->code
                         : outcome.rows ? counted(static_cast<int>(outcome.rows->rows.size()), "row") : QString("done");
    emit noteChanged(QString("Last: %1, %2, %3 at %4").arg(outcome.statement.verb(), what, millisText(outcome.nanos), outcome.settings.consistency));
    emit answered(outcome);
}

/// As cqlsh prints it, with our name for cqlsh's.
void ConsolePane::takeVersion(const Outcome& outcome) {
    if (outcome.error) {
        m_running->addNote("SHOW VERSION", outcome.error->message, true);
    } else if (outcome.rows && !outcome.rows->rows.empty() && outcome.rows->rows.front().size() >= 3) {
        const auto& row = outcome.rows->rows.front();
        m_running->addNote("SHOW VERSION", QString("[Ringside %1 | Cassandra %2 | CQL spec %3 | Native protocol v%4]")
                                               .arg(QCoreApplication::applicationVersion(), row[0].value_or("?"), row[1].value_or("?"),
                                                    row[2].value_or("?")), false);
    }
}

void ConsolePane::finish(bool stopped) {
    m_bar->setRunning(false);
    m_paging = false;
    if (std::exchange(m_asksVersion, false) && !stopped) {
        runNext();
        return;
    }
    if (stopped) {
        m_queue.clear();
        if (m_running != nullptr && m_running->currentCard() != nullptr && !m_running->currentCard()->isDone()) {
            m_running->currentCard()->setStopped();
        }
        return;
    }
    const ResultCard* card = m_running != nullptr ? m_running->currentCard() : nullptr;
    if (m_copyFailed || (card != nullptr && card->outcome().error)) {
        m_copyFailed = false;
        m_queue.clear();
        return;
    }
    runNext();
}

void ConsolePane::stop() {
    m_queue.clear();
    m_runner->stop();
}

void ConsolePane::connectCard(ResultCard* card, Sheet* of) {
    connect(card, &ResultCard::requestChosen, this, &ConsolePane::requestChosen);
    connect(card, &ResultCard::exportWanted, this, &ConsolePane::exportCard);
    connect(card, &ResultCard::labWanted, this, &ConsolePane::labWanted);
    connect(card, &ResultCard::fixWanted, this, [of](const StatementText& statement, const RunFix& fix) {
        if (!of->editor().applyFix(statement.offset, statement.text, fix)) {
            of->addNote("Fix", "The statement is no longer in the sheet.", true);
        }
        of->editor().setFocus();
    });
    connect(card, &ResultCard::nextPageWanted, this, [this, of](const Outcome& outcome) {
        const auto at = coordinator();
        if (at && !m_runner->isRunning()) {
            m_running = of;
            m_paging = true;
            m_bar->setRunning(true);
            m_runner->nextPage(outcome, *at);
        }
    });
}

// ---- Schema, history, export ----

void ConsolePane::useTables() {
    for (const auto& keyspace : m_model.live().keyspaces) {
        auto& tables = m_names.keyspaces[keyspace.name].tables;
        for (const std::string& table : keyspace.tables) {
            tables[table];
        }
    }
}

void ConsolePane::watchSchema() {
    if (m_model.live().schemaVersion != m_schemaSeen) {
        m_schemaSeen = m_model.live().schemaVersion;
        useTables();
        m_schemaSoon.start();
    }
}

void ConsolePane::showHistory() {
    if (const QString statement = chooseFromHistory(m_history, this); !statement.isEmpty()) {
        offer(statement + ';', false);
    }
}

bool ConsolePane::showResultOf(const engine::Uuid& request) {
    for (int i = 0; i < sheetCount(); ++i) {
        if (ResultCard* card = m_sheets[static_cast<std::size_t>(i)]->cardOf(request)) {
            showSheet(i);
            sheet().bringToSight(card);
            return true;
        }
    }
    return false;
}

void ConsolePane::exportCard(const ResultCard* card) {
    if (card->rows() == nullptr) {
        return;
    }
    const ResultSet set = card->rows()->whole();
    const QString script = toCreateStatements(set);
    QString kinds = "CSV (*.csv);;JSON (*.json);;Markdown (*.md)";
    if (!script.isEmpty()) {
        kinds.prepend("CQL (*.cql);;");
    } else if (!toInserts(set).isEmpty()) {
        kinds += ";;INSERT statements (*.cql)";
    }
    const QString file = QFileDialog::getSaveFileName(this, "Export the result", script.isEmpty() ? "result.csv" : "schema.cql", kinds);
    if (file.isEmpty()) {
        return;
    }
    const QString text = file.endsWith(".json") ? toJson(set)
                         : file.endsWith(".md") ? toMarkdown(set)
                         : !file.endsWith(".cql") ? toCsv(set)
                         : script.isEmpty() ? toInserts(set) : script;
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(text.toUtf8()) < 0) {
        sheet().addNote("Export", "Cannot write " + file + ": " + out.errorString(), true);
        return;
    }
    sheet().addNote("Export", counted(static_cast<int>(set.rows.size()), "row") + " to " + file, false);
}

}  // namespace app::console
