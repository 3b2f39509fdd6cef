#pragma once

#include <string>
#include <vector>

#include "labs/yaml_fields.h"

namespace lab {

/// A step's Markdown file, taken apart: `# Title`, text, ```cql blocks, `## Hint 1` to 3, `## Why`.
struct StepText {
    std::string title;
    std::string text;
    std::vector<std::string> snippets;
    std::vector<std::string> hints;
    std::string why;
};

/// Notes what is missing or out of place in `problems`, with `file` and line.
StepText readStepText(const std::string& markdown, const std::string& file, Problems& problems);

}  // namespace lab
