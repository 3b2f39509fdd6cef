#include <QSignalBlocker>

#include <algorithm>

#include "app/console/console_pane.h"

namespace app::console {

using namespace app::shell;

QString ConsolePane::freeName() const {
    for (int n = 1;; ++n) {
        const QString name = QString("sheet-%1.cql").arg(n);
        if (std::none_of(m_sheets.begin(), m_sheets.end(), [&](const Sheet* s) { return s->name() == name; })) {
            return name;
        }
    }
}

void ConsolePane::newSheet(const QString& name) {
    auto* fresh = new Sheet(m_model, name.isEmpty() ? freeName() : name);
    m_sheets.push_back(fresh);
    m_stack->addWidget(fresh);
    fresh->editor().setNames(&m_names, fresh->keyspace());
    connect(fresh->editor().document(), &QTextDocument::modificationChanged, this, [this, fresh] {
        if (!fresh->file().isEmpty()) {
            fillSheetList();
        }
    });
    fillSheetList();
    showSheet(sheetCount() - 1);
}

void ConsolePane::fillSheetList() {
    const QSignalBlocker quiet(m_sheetList);
    m_sheetList->clear();
    for (const Sheet* sheet : m_sheets) {
        m_sheetList->addItem(sheet->name() + (sheet->isChanged() ? " *" : ""));
        m_sheetList->setItemData(m_sheetList->count() - 1, sheet->file(), Qt::ToolTipRole);
    }
    m_sheetList->setCurrentIndex(m_current);
    m_sheetList->updateGeometry();
}

void ConsolePane::showSheet(int index) {
    if (index < 0 || index >= sheetCount()) {
        return;
    }
    m_current = index;
    m_stack->setCurrentWidget(m_sheets[static_cast<std::size_t>(index)]);
    const QSignalBlocker quiet(m_sheetList);
    m_sheetList->setCurrentIndex(index);
}

void ConsolePane::closeSheet() {
    Sheet* gone = &sheet();
    if (gone == m_running) {
        stop();
        m_running = nullptr;
    }
    m_resultsChanged = true;
    if (const QString text = gone->editor().toPlainText(); !text.trimmed().isEmpty()) {
        if (m_closed.size() == kClosedMost) {
            m_closed.erase(m_closed.begin());
        }
        m_closed.push_back({gone->name(), text, gone->file(), gone->keyspace()});
    }
    m_sheets.erase(m_sheets.begin() + m_current);
    gone->deleteLater();
    m_current = std::max(0, m_current - 1);
    if (m_sheets.empty()) {
        newSheet();
        return;
    }
    fillSheetList();
    showSheet(m_current);
}

void ConsolePane::reopenSheet() {
    if (m_closed.empty()) {
        return;
    }
    const ClosedSheet closed = std::move(m_closed.back());
    m_closed.pop_back();
    newSheet(freeName(closed.name));
    sheet().editor().setPlainText(closed.text);
    sheet().setFile(closed.file);
    sheet().setKeyspace(closed.keyspace);
    sheet().editor().setNames(&m_names, closed.keyspace);
    readFileOf(sheet());
    fillSheetList();
}

void ConsolePane::restore(QSettings& settings) {
    const auto results = m_results.read();
    const int count = settings.beginReadArray("sheets");
    for (int i = 0; i < count; ++i) {
        settings.setArrayIndex(i);
        if (i > 0 || m_sheets.empty()) {
            newSheet(settings.value("name").toString());
        } else {
            delete m_sheets.front();
            m_sheets.clear();
            newSheet(settings.value("name").toString());
        }
        sheet().editor().setPlainText(settings.value("text").toString());
        sheet().setFile(settings.value("file").toString());
        readFileOf(sheet());
        sheet().setKeyspace(settings.value("keyspace").toString());
        sheet().editor().setNames(&m_names, sheet().keyspace());
        QTextCursor cursor = sheet().editor().textCursor();
        cursor.setPosition(std::min<int>(settings.value("cursor").toInt(), static_cast<int>(sheet().editor().toPlainText().size())));
        sheet().editor().setTextCursor(cursor);
        if (const auto found = results.find(sheet().name()); found != results.end()) {
            for (const Outcome& outcome : found->second) {
                showEarlier(outcome);
            }
        }
    }
    settings.endArray();
    fillSheetList();
    showSheet(settings.value("console/sheet", 0).toInt());
    RunSettings run;
    run.consistency = settings.value("console/consistency", "ONE").toString();
    run.serial = settings.value("console/serial", "SERIAL").toString();
    run.pageSize = settings.value("console/page", 5000).toInt();
    run.clientTimestamp = settings.value("console/clientTimestamp", false).toBool();
    run.coordinatorLabel = settings.value("console/coordinator").toString();
    m_bar->setSettings(run);
}

void ConsolePane::showEarlier(const Outcome& outcome) {
    ResultCard* card = sheet().addCard(outcome.statement, 0, outcome.settings);
    connectCard(card, &sheet());
    card->setOutcome(outcome);
}

void ConsolePane::saveResults() {
    if (!m_resultsChanged) {
        return;
    }
    m_resultsChanged = false;
    std::map<QString, std::vector<Outcome>> sheets;
    for (const Sheet* one : m_sheets) {
        sheets[one->name()] = one->outcomes();
    }
    m_results.write(sheets);
}

void ConsolePane::save(QSettings& settings) {
    saveResults();
    settings.beginWriteArray("sheets", sheetCount());
    for (int i = 0; i < sheetCount(); ++i) {
        Sheet* one = m_sheets[static_cast<std::size_t>(i)];
        settings.setArrayIndex(i);
        settings.setValue("name", one->name());
        settings.setValue("text", one->editor().toPlainText());
        settings.setValue("file", one->file());
        settings.setValue("cursor", one->editor().textCursor().position());
        settings.setValue("keyspace", one->keyspace());
    }
    settings.endArray();
    const RunSettings run = m_bar->settings();
    settings.setValue("console/sheet", m_current);
    settings.setValue("console/consistency", run.consistency);
    settings.setValue("console/serial", run.serial);
    settings.setValue("console/page", run.pageSize);
    settings.setValue("console/clientTimestamp", run.clientTimestamp);
}

void ConsolePane::focusEditor() { sheet().editor().setFocus(Qt::ShortcutFocusReason); }

}  // namespace app::console
