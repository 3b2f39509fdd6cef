#include "app/console/history_dialog.h"

#include <QDialog>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include "app/console/history_store.h"
#include "app/shell/kit.h"

namespace app::console {

QString chooseFromHistory(const HistoryStore& history, QWidget* parent) {
    QDialog dialog(parent);
    QString chosen;
    dialog.setWindowTitle("Statements run before");
    dialog.resize(680, 420);
    auto* column = new QVBoxLayout(&dialog);
    auto* words = new QLineEdit;
    words->setPlaceholderText("Find in what was run");
    auto* list = new QListWidget;
    list->setFont(shell::mono(12));
    column->addWidget(words);
    column->addWidget(list, 1);
    const auto fill = [&] {
        list->clear();
        for (const QString& statement : history.find(words->text())) {
            auto* item = new QListWidgetItem(statement.simplified(), list);
            item->setData(Qt::UserRole, statement);
        }
        list->setCurrentRow(0);
    };
    QObject::connect(words, &QLineEdit::textChanged, &dialog, fill);
    const auto take = [&] {
        if (list->currentItem() != nullptr) {
            chosen = list->currentItem()->data(Qt::UserRole).toString();
            dialog.accept();
        }
    };
    QObject::connect(words, &QLineEdit::returnPressed, &dialog, take);
    QObject::connect(list, &QListWidget::itemActivated, &dialog, take);
    fill();
    dialog.exec();
    return chosen;
}

}  // namespace app::console
