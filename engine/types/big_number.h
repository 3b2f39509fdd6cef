#pragma once

// java.math's numbers and how Java prints the others, for those who reckon as Java does (functions of
// one's own). Heavy to compile: include it in as few sources as can be.
#include "engine/types/detail/big_number.h"
#include "engine/types/detail/number.h"
