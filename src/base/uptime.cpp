#include "base/uptime.h"

#include <ctime>

namespace fadeout {

Duration uptime() {
    timespec t{};
    clock_gettime(CLOCK_BOOTTIME, &t);
    return std::chrono::duration_cast<Duration>(std::chrono::seconds(t.tv_sec) +
                                                std::chrono::nanoseconds(t.tv_nsec));
}

}  // namespace fadeout
