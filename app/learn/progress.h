#pragma once

#include <QString>

#include <vector>

namespace app::learn {

/// How far somebody is in a lab; what the course map draws.
struct LabProgress {
    int steps = 0;
    int passed = 0;
    int current = 0;   // From 0.
    bool opened = false;

    bool done() const { return steps > 0 && passed == steps; }
};

/// One locked prediction whose step has been decided.
struct Guess {
    int confidence = 0;  // Per cent.
    bool right = false;
};

/// How often a person was right when that sure: confidence 50, 60, … 90.
struct Calibration {
    int confidence = 0;
    int count = 0;
    int right = 0;
};
std::vector<Calibration> calibrationOf(const std::vector<Guess>& guesses);

}  // namespace app::learn
