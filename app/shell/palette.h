#pragma once

#include <QFrame>
#include <QLineEdit>
#include <QListView>
#include <QStandardItemModel>

#include <functional>
#include <vector>

namespace app::shell {

/// One thing the palette can do or find.
struct PaletteEntry {
    QChar prefix;  // > command, @ node, # table, ? lab.
    QString icon;
    QString text;
    QString note;     // Shortcut or where.
    QString refusal;  // Not empty: cannot be done now, and why.
    std::function<void()> run;
};

/// How well `text` matches what was typed; negative: not at all. Letters must come in order;
/// beginnings of words and runs count more.
int fuzzyScore(const QString& typed, const QString& text);

/// The command palette (Ctrl+Shift+P): one list, recent first, fuzzy; prefixes > @ # ? narrow it.
class CommandPalette : public QFrame {
    Q_OBJECT

public:
    using Provider = std::function<std::vector<PaletteEntry>()>;
    CommandPalette(Provider provider, QWidget* window);
    void open(const QString& typed = {});

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void filter();
    void runCurrent();
    void place();

    Provider m_provider;
    QLineEdit* m_line;
    QListView* m_list;
    QStandardItemModel* m_rows;
    std::vector<PaletteEntry> m_entries;
    QStringList m_recent;
};

}  // namespace app::shell
