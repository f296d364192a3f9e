#include "storage/disk/version.h"

#include <fmt/format.h>

#include <atomic>

#include "base/ids.h"

namespace fadeout::storage::disk {

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t ns_per_s = 1'000'000'000;

std::uint32_t random_start() {
    std::uint32_t out = 0;
    random_bytes({reinterpret_cast<unsigned char*>(&out), sizeof out});
    return out;
}

}  // namespace

Version Version::of(const struct stat& status) noexcept {
    return {static_cast<std::uint64_t>(status.st_size),
            static_cast<std::int64_t>(status.st_mtim.tv_sec) * ns_per_s + status.st_mtim.tv_nsec};
}

Time Version::modified() const noexcept {
    return Time(std::chrono::floor<Duration>(std::chrono::nanoseconds(modified_ns)));
}

std::string Version::etag() const {
    return fmt::format("{:x}-{:x}", size_bytes, modified_ns);
}

std::int64_t next_modification_time(Time now) {
    static std::atomic<std::uint32_t> sequence{random_start()};
    // 1 to 999,999: never a whole millisecond, so that a time cut to whole seconds is recognised as such.
    const std::int64_t below = sequence++ % (ns_per_ms - 1) + 1;
    return now.time_since_epoch().count() * ns_per_ms + below;
}

}  // namespace fadeout::storage::disk
