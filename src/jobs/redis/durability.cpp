#include "jobs/redis/durability.h"

#include <charconv>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::jobs::redis {

namespace {

std::pair<int, int> major_and_minor(std::string_view version) {
    std::pair<int, int> number{0, 0};
    const char* const end = version.data() + version.size();
    const auto [rest, failure] = std::from_chars(version.data(), end, number.first);
    if (failure == std::errc() && rest != end) std::from_chars(rest + 1, end, number.second);
    return number;
}

std::string describe_files(const ServerSettings& settings, bool waits) {
    if (!settings.appendonly) return "how it keeps data may not be read (CONFIG GET is denied)";
    if (settings.appendonly != "yes") {
        if (settings.save && !settings.save->empty())
            return "snapshots only: a crash loses the jobs since the last one. Set appendonly to yes";
        return "in memory only: a restart of Redis loses every job. Set appendonly to yes";
    }
    const std::string file = "append-only file, ";
    if (!settings.appendfsync) return file + "how often it is synced may not be read (CONFIG GET is denied)";
    if (settings.appendfsync == "always") return file + "synced before each answer: no accepted job is lost";
    if (waits)
        return file +
               "synced every second, and accepting a job waits for that: no accepted job is lost. Set "
               "appendfsync to always to accept jobs faster";
    if (settings.appendfsync == "everysec")
        return file +
               "synced every second: a loss of power can lose the jobs of the last second. Set appendfsync "
               "to "
               "always to lose none";
    return file +
           "synced when the system likes to: a loss of power can lose the jobs of the last half minute. Set "
           "appendfsync to always to lose none";
}

}  // namespace

std::string_view info_value(std::string_view info, std::string_view name) {
    for (const std::string_view line : split(info, '\n'))
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':')
            return trim(line.substr(name.size() + 1));
    return {};
}

std::string redis_version(std::string_view info) {
    const std::string_view server = info_value(info, "server_name");
    if (!server.empty() && server != "redis") return "";
    return std::string(info_value(info, "redis_version"));
}

bool should_wait_for_fsync(const ServerSettings& settings) {
    return major_and_minor(settings.version) >= std::pair(7, 2) && settings.appendonly == "yes" &&
           settings.appendfsync == "everysec";
}

std::string describe_durability(const ServerSettings& settings, bool waits) {
    const std::string version = settings.version.empty() ? "" : " " + settings.version;
    return "Redis" + version + ", " + describe_files(settings, waits);
}

void require_no_eviction(const ServerSettings& settings) {
    if (!settings.eviction || !settings.eviction->starts_with("allkeys")) return;
    throw Error(
        ErrorKind::misconfigured,
        "The job queue's Redis forgets keys when its memory is full, jobs too. Set its maxmemory-policy to "
        "noeviction, or name a Redis of its own in queue.url.",
        "maxmemory-policy " + *settings.eviction);
}

void require_same_time(Time here, Time at_server) {
    constexpr std::chrono::seconds tolerated{5};
    const auto apart = std::chrono::abs(here - at_server);
    if (apart <= tolerated) return;
    throw Error(ErrorKind::misconfigured,
                "The clocks of this machine and of the job queue's Redis are " +
                    format_duration(std::chrono::round<std::chrono::seconds>(apart)) +
                    " apart. Set them by NTP, on every node: leases end by the clock.");
}

}  // namespace fadeout::jobs::redis
