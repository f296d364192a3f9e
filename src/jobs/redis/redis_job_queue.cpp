#include "jobs/redis/redis_job_queue.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "base/ids.h"
#include "jobs/page.h"

namespace fadeout::jobs {

using redis::elements;
using redis::is_nil;
using redis::Reply;
using redis::text;
using redis::Versioned;

namespace {

constexpr std::string_view prefix = "fadeout:jobs:";

/// What one script removes at most, so that the server answers others soon.
constexpr std::size_t max_removed_at_once = 200;
/// How many of the longest due jobs nodes that come at the same moment spread over.
constexpr std::size_t max_spread = 32;

const redis::Script& script() {
    static const redis::Script jobs(
#include "embedded/jobs.lua.inc"
    );
    return jobs;
}

std::string job_key(const std::string& id) {
    return std::string(prefix) + "job:" + id;
}

std::string milliseconds(Time t) {
    return std::to_string(t.time_since_epoch().count());
}

}  // namespace

RedisJobQueue::RedisJobQueue(const std::string& url, const Clock& clock, Limits limits, Random random,
                             RedisOptions options, FollowUp follow_up)
    : clock_(clock),
      limits_(limits),
      random_(std::move(random)),
      follow_up_(std::move(follow_up)),
      address_(redis::parse_url(url)),
      options_(options),
      client_(address_, options.timeouts, options.connections) {}

/// The same with one connection and other timeouts.
RedisJobQueue::RedisJobQueue(const RedisJobQueue& other, const redis::Timeouts& timeouts)
    : clock_(other.clock_),
      limits_(other.limits_),
      random_(other.random_),
      follow_up_(other.follow_up_),
      address_(other.address_),
      options_(other.options_),
      client_(address_, timeouts, 1) {}

/// Asks the server how it is set up. Error(misconfigured) where it may lose jobs.
RedisJobQueue::Known RedisJobQueue::learn() {
    const redis::ServerSettings settings = read_settings();
    redis::require_no_eviction(settings);
    Known known;
    if (options_.wait_for_fsync && redis::should_wait_for_fsync(settings))
        known.fsync_within =
            options_.timeouts.command * 4 / 5;  // before the connection gives up on the answer
    known.durability = describe_durability(settings, known.fsync_within > Duration::zero());
    const std::lock_guard lock(mutex_);
    known_ = known;
    return known;
}

Duration RedisJobQueue::fsync_within() {
    {
        const std::lock_guard lock(mutex_);
        if (known_) return known_->fsync_within;
    }
    return learn().fsync_within;
}

std::string RedisJobQueue::durability() const {
    const std::lock_guard lock(mutex_);
    return known_ ? known_->durability : "";
}

Job RedisJobQueue::enqueue(const NewJob& request) {
    const StoredJob made = make_job(request, make_uuid(), clock_.now());
    std::vector<std::string> arguments = {std::to_string(limits_.queued), made.idempotency_key, made.job.id,
                                          "stamp", make_uuid()};
    std::ranges::move(redis::all_fields(made), std::back_inserter(arguments));
    const Reply reply = run("insert", arguments, fsync_within());
    if (reply->type != REDIS_REPLY_ARRAY) {
        if (reply->integer == 0) throw queue_is_full();
        return made.job;
    }
    const Versioned known = redis::from_pairs(elements(*reply));
    require_same_request(known.stored, request);
    return known.stored.job;
}

/// Nodes that look at the same moment find the same job, and only one of them gets it. The others then choose
/// at random among the first few, so that they do not race for the next one as well.
std::optional<Lease> RedisJobQueue::lease(const std::vector<std::string>& types) {
    for (std::size_t spread = 1, skip = 0;;) {
        const Time now = clock_.now();
        std::optional<Versioned> found = find_runnable(types, now, skip);
        if (!found) return std::nullopt;
        StoredJob& stored = found->stored;
        if (stored.job.state == State::leased) {
            on_lease_expired(stored, limits_, now);
            store(*found);  // if not, another node has seen to it
            continue;
        }
        on_lease(stored, make_uuid(), limits_, now);
        if (store(*found)) return Lease{std::move(stored.job), std::move(stored.token), stored.lease_until};
        spread = std::min(spread * 2, max_spread);
        skip = static_cast<std::size_t>(system_random() * static_cast<double>(spread));
    }
}

/// `load_it`: an event that may end the job needs all of it, for what follows; the others do without the
/// payload.
template <class Event>
Report RedisJobQueue::report(const std::string& id, Load load_it, Event event) {
    for (;;) {
        std::optional<Versioned> found = (this->*load_it)(id);
        if (!found) return Report::lost;
        const Report report = event(found->stored, clock_.now());
        if (report != Report::accepted || store(*found)) return report;
    }
}

Report RedisJobQueue::heartbeat(const std::string& id, const std::string& token, int progress) {
    return report(id, &RedisJobQueue::load_deciding,
                  [&](StoredJob& s, Time now) { return on_heartbeat(s, token, progress, limits_, now); });
}

Report RedisJobQueue::done(const std::string& id, const std::string& token, const std::string& result) {
    return report(id, &RedisJobQueue::load,
                  [&](StoredJob& s, Time now) { return on_done(s, token, result, now); });
}

Report RedisJobQueue::failed(const std::string& id, const std::string& token, const std::string& error,
                             const Retry& retry) {
    return report(id, &RedisJobQueue::load, [&](StoredJob& s, Time now) {
        return on_failed(s, token, error, retry, limits_, random_(), now);
    });
}

Report RedisJobQueue::release(const std::string& id, const std::string& token) {
    return report(id, &RedisJobQueue::load_deciding,
                  [&](StoredJob& s, Time now) { return on_release(s, token, now); });
}

template <class Event>
Job RedisJobQueue::change(const std::string& id, Event event) {
    for (;;) {
        std::optional<Versioned> found = load(id);
        if (!found) throw no_such_job();
        event(found->stored, clock_.now());
        if (store(*found)) return std::move(found->stored.job);
    }
}

Job RedisJobQueue::cancel(const std::string& id) {
    return change(id, on_cancel);
}
Job RedisJobQueue::retry(const std::string& id) {
    return change(id, on_retry);
}
Job RedisJobQueue::restart(const std::string& id) {
    return change(id, on_restart);
}

std::optional<Job> RedisJobQueue::get(const std::string& id) {
    std::optional<Versioned> found = load(id);
    if (!found) return std::nullopt;
    return std::move(found->stored.job);
}

JobPage RedisJobQueue::list(const JobFilter& filter, std::string_view cursor, std::size_t limit) {
    PageBuilder page(limit);
    std::vector<std::string> arguments = {filter.state ? std::string(name(*filter.state)) : "",
                                          filter.type,
                                          "",
                                          "",
                                          std::to_string(page.limit()),
                                          std::to_string(max_page_bytes)};
    if (!cursor.empty()) {
        Cursor after = parse_cursor(cursor);
        if (after.created_at < Time{}) return {};  // no job is as old as that
        arguments[2] = milliseconds(after.created_at);
        arguments[3] = std::move(after.id);
    }
    const Reply reply = run("page", arguments);
    for (const redisReply* job : elements(*reply))
        if (!page.add(redis::from_pairs(elements(*job)).stored.job)) break;
    return page.take();
}

std::map<State, std::size_t> RedisJobQueue::counts() {
    std::vector<std::string> names;
    for (const State state : all_states) names.emplace_back(name(state));
    const Reply reply = run("counts", names);
    std::map<State, std::size_t> counts;
    for (std::size_t i = 0; i < elements(*reply).size(); ++i)
        if (const long long n = elements(*reply)[i]->integer)
            counts[all_states[i]] = static_cast<std::size_t>(n);
    return counts;
}

std::size_t RedisJobQueue::remove_ended(Time older_than, std::size_t limit) {
    std::size_t removed = 0;
    while (removed < limit) {
        const std::size_t wanted = std::min(limit - removed, max_removed_at_once);
        const Reply reply = run("remove", {milliseconds(older_than), std::to_string(wanted)});
        const auto now_removed = static_cast<std::size_t>(reply->integer);
        removed += now_removed;
        if (now_removed < wanted) break;
    }
    return removed;
}

bool RedisJobQueue::change_tenure(const std::string& name, const TenureChange& change) {
    const std::string key = std::string(prefix) + "tenure:" + name;
    for (;;) {
        const Reply reply =
            client_.call(std::array<std::string_view, 6>{"HMGET", key, "stamp", "holder", "term", "until"});
        const auto values = elements(*reply);
        Tenure tenure = redis::to_tenure(values.subspan(1));
        if (!change(tenure)) return false;
        if (run("store_tenure", {name, std::string(text(*values[0])), make_uuid(), "holder", tenure.holder,
                                 "term", std::to_string(tenure.term), "until", milliseconds(tenure.until)})
                ->integer == 1)
            return true;
    }
}

void RedisJobQueue::check() {
    constexpr Duration patience{2'000};
    const auto quick = [&](Duration usual) { return std::min(usual, patience); };
    RedisJobQueue probe(*this, {quick(options_.timeouts.connect), quick(options_.timeouts.command)});
    Known known = probe.try_everything();
    client_.forget_failure();
    const std::lock_guard lock(mutex_);
    known_ = std::move(known);
}

RedisJobQueue::Known RedisJobQueue::try_everything() {
    Known known = learn();
    const std::string probe = std::string(prefix) + "check";
    client_.call(std::array<std::string_view, 5>{"SET", probe, "1", "PX", "1000"});
    counts();
    const Reply time =
        client_.call(std::array<std::string_view, 1>{"TIME"});  // seconds and microseconds, as text
    long long seconds = 0;
    const std::string_view digits = text(*elements(*time)[0]);
    std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    redis::require_same_time(SystemClock().now(), from_unix_seconds(seconds));
    return known;
}

std::optional<Versioned> RedisJobQueue::load(const std::string& id) {
    const Reply reply = client_.call(std::array<std::string_view, 2>{"HGETALL", job_key(id)});
    if (elements(*reply).empty()) return std::nullopt;
    return redis::from_pairs(elements(*reply));
}

std::optional<Versioned> RedisJobQueue::load_deciding(const std::string& id) {
    const std::string key = job_key(id);
    const auto names = redis::deciding_names();
    std::vector<std::string_view> command = {"HMGET", key};
    command.insert(command.end(), names.begin(), names.end());
    const Reply reply = client_.call(command);
    const auto values = elements(*reply);
    if (values.empty() || is_nil(*values.front())) return std::nullopt;
    Versioned found = redis::from_values(names, values);
    found.stored.job.id = id;
    return found;
}

std::optional<Versioned> RedisJobQueue::find_runnable(const std::vector<std::string>& types, Time now,
                                                      std::size_t skip) {
    std::vector<std::string> arguments = {milliseconds(now), std::to_string(skip)};
    arguments.insert(arguments.end(), types.begin(), types.end());
    const Reply reply = run("find", arguments);
    if (is_nil(*reply)) return std::nullopt;
    return redis::from_pairs(elements(*reply));
}

/// False: it is no longer as it was read.
bool RedisJobQueue::store(Versioned& changed) {
    const auto next = follow(changed.stored, follow_up_, make_uuid(), clock_.now());
    std::vector<std::string> fields = redis::changing_fields(changed.stored);
    std::vector<std::string> arguments = {changed.stored.job.id, changed.stamp, make_uuid(),
                                          std::to_string(fields.size())};
    std::ranges::move(fields, std::back_inserter(arguments));
    if (next) {
        arguments.insert(arguments.end(), {next->idempotency_key, next->job.id, "stamp", make_uuid()});
        std::ranges::move(redis::all_fields(*next), std::back_inserter(arguments));
    }
    return run("update", arguments)->integer == 1;
}

Reply RedisJobQueue::run(std::string_view operation, const std::vector<std::string>& arguments,
                         Duration fsync_within) {
    std::vector<std::string_view> all = {operation};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return client_.run(script(), prefix, all, fsync_within);
}

redis::ServerSettings RedisJobQueue::read_settings() {
    redis::ServerSettings settings;
    if (const Reply info = ask({"INFO", "server"})) settings.version = redis::redis_version(text(*info));
    const auto setting = [&](std::string_view name) -> std::optional<std::string> {
        const Reply pair = ask({"CONFIG", "GET", name});
        if (!pair || elements(*pair).size() != 2) return std::nullopt;
        return std::string(text(*elements(*pair)[1]));
    };
    settings.appendonly = setting("appendonly");
    settings.appendfsync = setting("appendfsync");
    settings.save = setting("save");
    settings.eviction = setting("maxmemory-policy");
    return settings;
}

/// Null where the server does not answer such questions, as hosted ones do.
Reply RedisJobQueue::ask(std::initializer_list<std::string_view> command) {
    try {
        return client_.call({command.begin(), command.size()});
    } catch (const Error& e) {
        if (e.detail().starts_with("NOPERM") || e.detail().starts_with("ERR unknown")) return {};
        throw;
    }
}

}  // namespace fadeout::jobs
