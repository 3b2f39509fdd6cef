#pragma once

namespace app::explorer {

/// Makes every Canvas a table for assistive technology: a row for each item of its layout, one column
/// with what tipOf() says. Called by Canvas; more than once does no harm.
void installCanvasAccessibility();

}  // namespace app::explorer
