#include "service/jobs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.h"
#include "service/fields.h"
#include "service/webhook.h"

namespace fadeout::service {

namespace {

boost::json::object parse_object(const std::string& text) {
    return boost::json::parse(text).as_object();
}

/// The words of the original speech API for a job's state.
std::string_view speech_status(jobs::State state) {
    switch (state) {
        case jobs::State::queued:
            return "queued";
        case jobs::State::leased:
            return "processing";
        case jobs::State::done:
            return "completed";
        case jobs::State::failed:
        case jobs::State::dead:
        case jobs::State::cancelled:
            return "failed";
    }
    return "failed";
}

/// While a store or database is away or full, jobs wait for it, for a day: what was accepted must not be lost
/// to an outage that somebody mends. Other failures, before or afterwards, have a limit of their own
/// (jobs::Retry).
std::vector<Duration> outage_delays() {
    using namespace std::chrono_literals;
    std::vector<Duration> delays{2s, 4s, 8s, 15s, 30s, 1min, 2min, 5min, 10min, 20min};
    delays.resize(delays.size() + 46, 30min);
    return delays;
}

boost::json::value text_or_null(const std::string& text) {
    return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

}  // namespace

Jobs::Jobs(jobs::JobQueue& queue, std::vector<JobType> types, WebhookSecrets webhook_secrets)
    : queue_(queue), types_(std::move(types)), webhook_secrets_(std::move(webhook_secrets)) {}

jobs::Job Jobs::submit(const boost::json::object& body, const std::string& idempotency_key) {
    const std::string type = string_member(body, "type").value_or("");
    std::vector<std::string_view> accepted;
    for (const JobType& known : types_)
        if (known.check) accepted.push_back(known.name);
    if (std::ranges::find(accepted, type) == accepted.end())
        throw Error(ErrorKind::invalid,
                    fmt::format("Unknown type '{}'; accepted are {}", type, fmt::join(accepted, ", ")));
    std::ranges::find(types_, type, &JobType::name)->check(body);
    if (const auto webhook = string_member(body, "webhook")) webhook_secrets_.require(*webhook);
    jobs::Job job = queue_.enqueue({.type = type,
                                    .payload = boost::json::serialize(body),
                                    .run_at = std::nullopt,
                                    .idempotency_key = idempotency_key});
    wake_();
    return job;
}

void Jobs::forget_ended(Time now, Duration keep) {
    constexpr std::size_t batch = 1000;
    while (queue_.remove_ended(now - keep, batch) == batch) {
    }
}

std::string Jobs::run(const jobs::Job& job, const audio::OnProgress& on_progress, std::stop_token stop) {
    const auto type = std::ranges::find(types_, job.type, &JobType::name);
    if (type == types_.end())
        throw Error(ErrorKind::invalid, fmt::format("This build does not know jobs of type '{}'", job.type));
    return boost::json::serialize(type->run(job, parse_object(job.payload), on_progress, std::move(stop)));
}

jobs::Retry Jobs::retry_after(const jobs::Job& job, ErrorKind kind) const {
    const auto type = std::ranges::find(types_, job.type, &JobType::name);
    jobs::Retry retry{is_retryable(kind),
                      type == types_.end() ? std::vector<Duration>{} : type->retry_delays};
    const bool is_outage =
        kind == ErrorKind::unavailable || kind == ErrorKind::misconfigured || kind == ErrorKind::storage_full;
    if (is_outage && retry.delays.empty()) retry.delays = outage_delays();
    return retry;
}

jobs::Job Jobs::resend(const std::string& id) {
    const auto job = queue_.get(id);
    if (!job) throw Error(ErrorKind::not_found, "There is no job of this id.");
    if (job->type != webhook_type && job->follow_up.empty())
        throw Error(ErrorKind::conflict, "This job has sent no webhook: it has none, or has not ended yet.");
    jobs::Job delivery = queue_.restart(job->type == webhook_type ? id : job->follow_up);
    wake_();
    return delivery;
}

std::vector<std::string> Jobs::types_of_work() const {
    std::vector<std::string> names;
    for (const JobType& type : types_)
        if (type.name != webhook_type) names.push_back(type.name);
    return names;
}

jobs::JobFilter parse_filter(const std::string& state, const std::string& type) {
    jobs::JobFilter filter{.state = jobs::parse_state(state), .type = type};
    if (!state.empty() && !filter.state) {
        std::vector<std::string_view> known;
        for (const jobs::State each : jobs::all_states) known.push_back(jobs::name(each));
        throw Error(ErrorKind::invalid, fmt::format("state must be one of {}", fmt::join(known, ", ")));
    }
    if (!type.empty() && std::ranges::find(job_type_names, type) == job_type_names.end())
        throw Error(ErrorKind::invalid,
                    fmt::format("type must be one of {}", fmt::join(job_type_names, ", ")));
    return filter;
}

bool is_retryable(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::busy:
        case ErrorKind::bad_source:
        case ErrorKind::timeout:
        case ErrorKind::storage_full:
        case ErrorKind::unavailable:
        case ErrorKind::misconfigured:
        case ErrorKind::internal:
            return true;
        default:
            return false;
    }
}

boost::json::object to_json(const jobs::Job& job) {
    boost::json::object answer{
        {"id", job.id},
        {"type", job.type},
        {"state", jobs::name(job.state)},
        {"progress", job.progress},
        {"attempts", job.attempts},
        {"created_at", utc_timestamp(job.created_at)},
        {"updated_at", utc_timestamp(job.updated_at)},
        {"run_at", utc_timestamp(job.run_at)},
        {"result", job.result.empty() ? boost::json::value(nullptr) : boost::json::parse(job.result)},
        {"error", text_or_null(job.error)},
        {"webhook", text_or_null(job.follow_up)}};
    if (job.type == webhook_type) answer["delivers"] = describe_delivery(job);
    if (job.type == "cleanup") answer["cleans"] = parse_object(job.payload);
    return answer;
}

boost::json::object to_speech_job_json(const jobs::Job& job, std::size_t max_text_characters) {
    const boost::json::object body = parse_object(job.payload);
    const std::string text = string_member(body, "text").value_or("");
    boost::json::object answer{{"id", job.id},
                               {"status", speech_status(job.state)},
                               {"created_at", utc_timestamp(job.created_at)},
                               {"audio_url", nullptr},
                               {"text", first_characters(text, max_text_characters)},
                               {"voice_id", nullptr},
                               {"duration", nullptr},
                               {"error", text_or_null(job.error)}};
    if (job.state == jobs::State::done) {
        const boost::json::object result = parse_object(job.result);
        answer["audio_url"] = result.at("s3_url");
        answer["voice_id"] = result.at("voice_id");
        answer["duration"] = result.at("duration");
    } else {
        for (const std::string_view name : {"voice", "voice_id"})
            if (const auto voice = string_member(body, name)) answer["voice_id"] = *voice;
    }
    return answer;
}

}  // namespace fadeout::service
