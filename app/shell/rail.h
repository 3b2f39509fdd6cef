#pragma once

#include <QAbstractButton>
#include <QWidget>

#include <vector>

namespace app::shell {

/// A place in the rail.
class RailButton : public QAbstractButton {
    Q_OBJECT

public:
    RailButton(const QString& icon, const QString& label, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString m_icon;
};

/// The 60 px strip of places on the left, settings at its foot.
class Rail : public QWidget {
    Q_OBJECT

public:
    struct Place {
        QString icon;
        QString label;
        QString keys;
    };
    explicit Rail(const std::vector<Place>& places, QWidget* parent = nullptr);
    void setCurrent(int index);
    QAbstractButton* settingsButton() const { return m_settings; }

signals:
    void chosen(int index);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<RailButton*> m_buttons;
    QAbstractButton* m_settings;
};

}  // namespace app::shell
