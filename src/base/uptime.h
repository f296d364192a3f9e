#pragma once
#include "base/clock.h"

namespace fadeout {

/// Time since the machine was started. Nobody can set it, and it goes on while the process is paused or the
/// machine sleeps: for judging how old an answer is.
Duration uptime();

}  // namespace fadeout
