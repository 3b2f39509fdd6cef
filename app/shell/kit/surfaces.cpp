#include "app/shell/kit/surfaces.h"

#include <QRegularExpression>

#include "app/shell/kit/controls.h"

namespace app::shell {

QColor colourOf(Ink ink) {
    const Tokens& t = tokens();
    switch (ink) {
    case Ink::Text: return t.text;
    case Ink::Muted: return t.muted;
    case Ink::Faint: return t.faint;
    case Ink::Accent: return t.accent;
    case Ink::Pass: return t.pass;
    case Ink::Near: return t.near;
    case Ink::Fail: return t.fail;
    }
    return t.text;
}

namespace {

void inkOf(QWidget& widget, Ink ink) {
    QPalette palette = widget.palette();
    palette.setColor(QPalette::WindowText, colourOf(ink));
    palette.setColor(QPalette::Text, colourOf(ink));
    widget.setPalette(palette);
}

}  // namespace

// ---- Label, Prose ----

Label::Label(const QString& text, double px, int weight, Ink ink, QWidget* parent) : QLabel(text, parent), m_ink(ink) {
    setFont(sans(px, weight));
    setTextFormat(Qt::PlainText);
    colour();
    connect(&theme(), &Theme::changed, this, &Label::colour);
}

Label* Label::data(const QString& text, double px, int weight, Ink ink) {
    auto* label = new Label(text, px, weight, ink);
    label->setFont(mono(px, weight));
    return label;
}

void Label::setInk(Ink ink) {
    m_ink = ink;
    colour();
}

void Label::colour() { inkOf(*this, m_ink); }

ElidedLabel::ElidedLabel(const QString& text, double px, int weight, Ink ink) : Label(text, px, weight, ink) {
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const QString shown = paint::elided(text(), font(), width());
    setToolTip(shown == text() ? QString() : text());
    p.setPen(palette().color(QPalette::WindowText));
    p.drawText(contentsRect(), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
}

Prose::Prose(const QString& markdown, double px, Ink ink, QWidget* parent)
    : QLabel(parent), m_markdown(markdown), m_px(px), m_ink(ink) {
    setFont(sans(px));
    setWordWrap(true);
    setTextFormat(Qt::RichText);
    setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    render();
    connect(&theme(), &Theme::changed, this, &Prose::render);
}

void Prose::setMarkdown(const QString& markdown) {
    m_markdown = markdown;
    render();
}

void Prose::setInk(Ink ink) {
    m_ink = ink;
    render();
}

void Prose::render() {
    static const QRegularExpression code("`([^`]+)`"), bold("\\*\\*([^*]+)\\*\\*"), emphasis("\\*([^*]+)\\*");
    QString html;
    for (const QString& paragraph : m_markdown.trimmed().split(QRegularExpression("\n\\s*\n"))) {
        QString text = paragraph.toHtmlEscaped();
        text.replace('\n', ' ');
        text.replace(code, QString("<span style='font-family:\"%1\";font-size:%2pt'>\\1</span>")
                               .arg(mono(m_px).families().first())
                               .arg(pointsOf(m_px - 1)));
        text.replace(bold, "<span style='font-weight:600'>\\1</span>");
        text.replace(emphasis, "<i>\\1</i>");
        html += QString("<p style='line-height:%1%;margin:%2 0 0 0'>%3</p>")
                    .arg(124)
                    .arg(html.isEmpty() ? "0" : "8px")
                    .arg(text);
    }
    inkOf(*this, m_ink);
    setText(html);
}

// ---- Card ----

Card::Card(const QString& title, QWidget* parent) : QFrame(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    if (!title.isEmpty()) {
        m_head = new QWidget(this);
        m_head->setFixedHeight(43);
        m_header = new QHBoxLayout(m_head);
        m_header->setContentsMargins(16, 0, 14, 0);
        m_header->addWidget(new Label(title, 13.5, 600));
        m_header->addStretch();
        column->addWidget(m_head);
        column->addWidget(new Hairline(Qt::Horizontal, this));
    }
    auto* content = new QWidget(this);
    m_body = new QVBoxLayout(content);
    m_body->setContentsMargins(16, 12, 16, 14);
    m_body->setSpacing(6);
    column->addWidget(content, 1);
}

void Card::setColours(Colours edgeAndGround, double stroke) {
    m_colours = edgeAndGround;
    m_stroke = stroke;
    update();
}

void Card::setHeaderWidget(QWidget* right) {
    if (m_header != nullptr) {
        m_header->addWidget(right);
    }
}

void Card::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const auto [edge, ground] = m_colours != nullptr ? m_colours() : std::pair<QColor, QColor>{};
    paint::box(p, rect(), ground.isValid() ? ground : tokens().panel, edge.isValid() ? edge : tokens().line, 8, m_stroke);
}

// ---- Hairline, Surface ----

Hairline::Hairline(Qt::Orientation orientation, QWidget* parent) : QWidget(parent) {
    orientation == Qt::Horizontal ? setFixedHeight(1) : setFixedWidth(1);
}

void Hairline::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().line); }

Surface::Surface(Colour ground, Qt::Edges lines, QWidget* parent) : QWidget(parent), m_ground(ground), m_lines(lines) {}

void Surface::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    p.fillRect(rect(), t.*m_ground);
    if (m_lines & Qt::TopEdge) {
        paint::hline(p, 0, width(), 0, t.line);
    }
    if (m_lines & Qt::BottomEdge) {
        paint::hline(p, 0, width(), height() - 1, t.line);
    }
    if (m_lines & Qt::LeftEdge) {
        paint::vline(p, 0, 0, height(), t.line);
    }
    if (m_lines & Qt::RightEdge) {
        paint::vline(p, width() - 1, 0, height(), t.line);
    }
}

// ---- CaptionStrip ----

CaptionStrip::CaptionStrip(QWidget* parent) : QWidget(parent) {
    setFixedHeight(34);
    setFocusPolicy(Qt::TabFocus);
}

void CaptionStrip::setCaption(const Caption& caption) {
    m_caption = caption;
    setAccessibleName(plainText());
    update();
}

void CaptionStrip::setLarge(bool large) {
    m_large = large;
    setFixedHeight(large ? 52 : 34);
    update();
}

QString CaptionStrip::plainText() const {
    QString text = m_caption.sentence;
    for (const CaptionFact& fact : m_caption.facts) {
        text += fact.was.isEmpty() ? QString(" %1 %2.").arg(fact.label, fact.now)
                                   : QString(" %1: was %2, now %3.").arg(fact.label, fact.was, fact.now);
    }
    return text;
}

void CaptionStrip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    p.fillRect(rect(), t.panel);
    paint::hline(p, 0, width(), 0, t.line);
    const double yc = height() / 2.0 + .5;
    const QFont sentence = m_large ? sans(kTypeLead, 500) : sans(kTypeView);
    const double wanted = widthOf(sentence, m_caption.sentence) + 42;
    double x = width() - 18;
    for (auto fact = m_caption.facts.crbegin(); fact != m_caption.facts.crend(); ++fact) {
        const double needs = widthOf(mono(12, 700), fact->now) + widthOf(sans(12, 500), fact->label) + 6 +
                             (fact->was.isEmpty() ? 0 : widthOf(mono(12), fact->was) + 66);
        if (x - needs < wanted && fact != m_caption.facts.crbegin()) {
            break;  // The sentence comes first; further facts are in the table form.
        }
        x -= paint::mid(p, {x, yc}, fact->now, mono(12, 700), t.text, Align::Right);
        if (!fact->was.isEmpty()) {
            x -= paint::mid(p, {x - 5, yc}, "now", sans(11), t.faint, Align::Right) + 11;
            x -= paint::mid(p, {x, yc}, fact->was, mono(12), t.muted, Align::Right);
            x -= paint::mid(p, {x - 5, yc}, "was", sans(11), t.faint, Align::Right) + 11;
        } else {
            x -= 6;
        }
        x -= paint::mid(p, {x, yc}, fact->label, sans(12, 500), t.muted, Align::Right) + 26;
    }
    paint::mid(p, {18, yc}, paint::elided(m_caption.sentence, sentence, x - 18), sentence, t.text);
    if (hasFocus()) {
        paint::box(p, rect(), {}, t.focus, 0, 2);
    }
}

void showThrough(QScrollArea& area) {
    area.viewport()->setAutoFillBackground(false);
    if (area.widget() != nullptr) {
        area.widget()->setAutoFillBackground(false);
    }
}

// ---- EmptyNote ----

EmptyNote::EmptyNote(const QString& sentence, const QString& action, QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->addStretch();
    auto* label = new Label(sentence, kTypeText, 400, Ink::Muted);
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    column->addWidget(label);
    if (!action.isEmpty()) {
        auto* button = new Button(action, ButtonKind::Primary);
        column->addSpacing(10);
        column->addWidget(button, 0, Qt::AlignHCenter);
        connect(button, &Button::clicked, this, &EmptyNote::actionChosen);
    }
    column->addStretch();
}

}  // namespace app::shell
