#pragma once

/// Everything a view needs of the design language, in one include:
///
///     tokens().accent                    colours of the present theme; never a literal colour
///     theme().version(), Theme::changed  keys of cached pixmaps; when to repaint
///     theme().zoom()                     painted views scale by it
///     sans(12.5, 500), mono(12)          fonts in px of the design; numbers are always mono
///     paint::badge(p, centre, r, n)      marks, pills, arrows, text; all in logical pixels
///     tokenText, millisText, bytesText   how numbers read
///     Button, FieldCombo, SegmentedControl, TabStrip, Chip, IconButton
///     Card, Label, Prose, Surface, Hairline, CaptionStrip, EmptyNote
///     Badge, StateLabel, VerdictLabel, Pill, IconLabel
///
/// Widgets follow a change of theme by themselves. GUI thread only.

#include "app/shell/kit/controls.h"
#include "app/shell/kit/marks.h"
#include "app/shell/kit/paint.h"
#include "app/shell/kit/surfaces.h"
#include "app/shell/kit/words.h"
#include "app/shell/theme/icons.h"
#include "app/shell/theme/theme.h"
