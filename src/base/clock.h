#pragma once
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace fadeout {

/// Wall-clock time, UTC, in milliseconds: the resolution of everything that is stored or handed out.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

/// Where "now" comes from. Injected everywhere, so that tests need not sleep. Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
  public:
    Time now() const override {
        return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    }
};

/// For tests: stands still until it is moved.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Time start) : now_(start.time_since_epoch().count()) {}
    Time now() const override { return Time(Duration(now_.load())); }
    void set(Time t) { now_ = t.time_since_epoch().count(); }
    void advance(Duration d) { now_ += d.count(); }

  private:
    std::atomic<Duration::rep> now_;
};

std::string utc_date(Time t);       ///< "2026-11-20"
std::string utc_timestamp(Time t);  ///< "2026-11-20T15:11:00Z" (RFC 3339, whole seconds)
/// Reads "2026-11-20T15:11:00Z" and "2026-11-20T15:11:00.123456Z" (RFC 3339 in UTC); nothing for other texts.
std::optional<Time> parse_utc_timestamp(std::string_view text);
std::string utc_basic_timestamp(Time t);  ///< "20261120T151100Z" (ISO 8601 basic form, as SigV4 wants it)
long long unix_seconds(Time t);           ///< whole seconds since the epoch, rounded down
Time from_unix_seconds(long long seconds);

}  // namespace fadeout
