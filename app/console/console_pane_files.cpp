#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMenu>
#include <QSaveFile>

#include <algorithm>

#include "app/console/console_pane.h"

/// Sheets and files: names, Open, Save.
namespace app::console {

using namespace app::shell;

namespace {

constexpr qint64 kMostBytes = 16 * 1024 * 1024;  // Of a file in a sheet; SOURCE runs longer ones.
constexpr int kNameWidth = 360;
const char* const kKinds = "CQL (*.cql);;All files (*)";

/// The text of a file, or why there is none.
std::optional<QString> textOf(const QString& path, QString& why) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        why = "Cannot read " + path + ": " + file.errorString();
        return std::nullopt;
    }
    if (file.size() > kMostBytes) {
        why = QString("%1 has %2 MiB; a sheet takes %3. SOURCE '%1' runs it.").arg(path).arg(file.size() >> 20).arg(kMostBytes >> 20);
        return std::nullopt;
    }
    QString text = QString::fromUtf8(file.readAll());
    return text.replace("\r\n", "\n");
}

}  // namespace

bool ConsolePane::isTaken(const QString& name) const {
    return std::any_of(m_sheets.begin(), m_sheets.end(), [&](const Sheet* one) { return one->name() == name; });
}

QString ConsolePane::freeName(const QString& wanted) const {
    const QFileInfo parts(wanted);
    for (int n = 2;; ++n) {
        const QString name = n == 2 ? wanted : QString("%1-%2.%3").arg(parts.completeBaseName()).arg(n - 1).arg(parts.suffix());
        if (!isTaken(name)) {
            return name;
        }
    }
}

bool ConsolePane::renameSheet(const QString& name) {
    const QString trimmed = name.trimmed();
    if (trimmed == sheet().name()) {
        return true;
    }
    if (trimmed.isEmpty() || isTaken(trimmed)) {
        sheet().addNote("Rename", trimmed.isEmpty() ? QString("A sheet needs a name.") : "There is a sheet " + trimmed + " already.", true);
        return false;
    }
    sheet().setName(trimmed);
    m_resultsChanged = true;  // They are kept under the sheet's name.
    fillSheetList();
    return true;
}

void ConsolePane::askForName() {
    QInputDialog dialog(this);
    dialog.setWindowTitle("Rename the sheet");
    dialog.setLabelText("Name");
    dialog.setTextValue(sheet().name());
    dialog.resize(kNameWidth, dialog.sizeHint().height());
    if (dialog.exec() == QDialog::Accepted) {
        renameSheet(dialog.textValue());
    }
}

void ConsolePane::askForFile() {
    if (const QString path = QFileDialog::getOpenFileName(this, "Open", QFileInfo(sheet().file()).path(), kKinds); !path.isEmpty()) {
        openFile(path);
    }
}

void ConsolePane::openFile(const QString& path) {
    const QString whole = QFileInfo(path).absoluteFilePath();
    const auto open = std::find_if(m_sheets.begin(), m_sheets.end(), [&](const Sheet* one) { return one->file() == whole; });
    if (open != m_sheets.end()) {
        showSheet(static_cast<int>(open - m_sheets.begin()));
        return;
    }
    QString why;
    const auto text = textOf(whole, why);
    if (!text) {
        sheet().addNote("Open", why, true);
        return;
    }
    newSheet(freeName(QFileInfo(whole).fileName()));
    sheet().editor().setPlainText(*text);
    sheet().setFile(whole);
    sheet().editor().document()->setModified(false);
    fillSheetList();
}

bool ConsolePane::saveFile() { return sheet().file().isEmpty() ? saveFileAs() : writeFile(sheet().file()); }

bool ConsolePane::saveFileAs() {
    const QString offered = sheet().file().isEmpty() ? sheet().name() : sheet().file();
    const QString path = QFileDialog::getSaveFileName(this, "Save the sheet", offered, kKinds);
    return !path.isEmpty() && writeFile(QFileInfo(path).suffix().isEmpty() ? path + ".cql" : path);
}

bool ConsolePane::writeFile(const QString& path) {
    const QString whole = QFileInfo(path).absoluteFilePath();
    QSaveFile file(whole);
    const QByteArray text = sheet().editor().toPlainText().toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit()) {
        sheet().addNote("Save", "Cannot write " + whole + ": " + file.errorString(), true);
        return false;
    }
    if (sheet().file() != whole) {
        sheet().setFile(whole);
        const QString name = QFileInfo(whole).fileName();
        if (name != sheet().name()) {
            sheet().setName(freeName(name));
            m_resultsChanged = true;
        }
    }
    sheet().editor().document()->setModified(false);
    fillSheetList();
    return true;
}

void ConsolePane::readFileOf(Sheet& restored) {
    QString why;
    const auto text = restored.file().isEmpty() ? std::nullopt : textOf(restored.file(), why);
    restored.editor().document()->setModified(!restored.file().isEmpty() && text != restored.editor().toPlainText());
}

void ConsolePane::fillSheetMenu(QMenu& menu) {
    menu.addAction("New sheet", QKeySequence("Ctrl+N"), this, [this] { newSheet(); });
    menu.addAction("Open a file…", QKeySequence("Ctrl+O"), this, &ConsolePane::askForFile);
    menu.addAction("Save", QKeySequence("Ctrl+S"), this, &ConsolePane::saveFile);
    menu.addAction("Save as…", QKeySequence("Ctrl+Shift+S"), this, &ConsolePane::saveFileAs);
    menu.addSeparator();
    menu.addAction("Rename…", QKeySequence("Ctrl+Shift+R"), this, &ConsolePane::askForName);
    menu.addAction("Close", QKeySequence("Ctrl+W"), this, &ConsolePane::closeSheet);
    menu.addAction("Reopen the sheet closed last", QKeySequence("Ctrl+Shift+W"), this, &ConsolePane::reopenSheet)->setEnabled(canReopen());
}

}  // namespace app::console
