#include "app/learn/progress.h"

namespace app::learn {

std::vector<Calibration> calibrationOf(const std::vector<Guess>& guesses) {
    std::vector<Calibration> steps;
    for (int confidence = 50; confidence <= 90; confidence += 10) {
        Calibration step{confidence, 0, 0};
        for (const Guess& guess : guesses) {
            if (guess.confidence == confidence) {
                ++step.count;
                step.right += guess.right ? 1 : 0;
            }
        }
        if (step.count > 0) {
            steps.push_back(step);
        }
    }
    return steps;
}

}  // namespace app::learn
