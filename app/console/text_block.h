#pragma once

#include <QPlainTextEdit>

namespace app::console {

/// Fixed-width text of a result that is read, chosen and copied, not edited: as high as its lines, up to a limit, and
/// scrolled past it.
class TextBlock : public QPlainTextEdit {
    Q_OBJECT

public:
    /// `coloured`: as CQL.
    TextBlock(const QString& text, bool coloured, QWidget* parent = nullptr);
    void setText(const QString& text);
    void setMost(int height);

protected:
    void wheelEvent(QWheelEvent* event) override;

private:
    void fit();
    void applyZoom();

    int m_most = 264;
};

}  // namespace app::console
