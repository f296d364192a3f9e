#include "service/jobs.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace fadeout::cli {

namespace {

struct ListOptions {
    std::string state, type;
    std::optional<int> limit = 50;
};

std::string line(const jobs::Job& job) {
    return fmt::format("{}  {:<9}  {:>3} %  {:<10}  {}  {}\n", job.id, jobs::name(job.state), job.progress,
                       job.type, utc_timestamp(job.created_at), job.error);
}

/// What does not fit into the line of a list.
std::string details(const jobs::Job& job) {
    std::string text;
    if (job.attempts > 0) text += fmt::format("  attempts {}\n", job.attempts);
    if (job.state == jobs::State::queued) text += fmt::format("  runs at {}\n", utc_timestamp(job.run_at));
    if (!job.result.empty()) text += fmt::format("  result {}\n", job.result);
    if (!job.follow_up.empty()) text += fmt::format("  webhook {}\n", job.follow_up);
    return text;
}

void print_job(const jobs::Job& job, const Invocation& invocation) {
    if (invocation.json)
        print_json(service::to_json(job));
    else
        print(line(job) + details(job));
}

int list_jobs(const ListOptions& options, const Invocation& invocation) {
    if (*options.limit < 1 || *options.limit > 1000)
        throw Error(ErrorKind::invalid, "--limit must be a whole number from 1 to 1000.");
    const jobs::JobFilter filter = service::parse_filter(options.state, options.type);
    const auto services = invocation.program.open_services(invocation.settings());
    const jobs::JobPage page =
        services->jobs.queue().list(filter, "", static_cast<std::size_t>(*options.limit));
    if (!invocation.json) {
        for (const jobs::Job& job : page.jobs) print(line(job));
        return exit_ok;
    }
    boost::json::array all;
    for (const jobs::Job& job : page.jobs) all.push_back(service::to_json(job));
    boost::json::object answer{{"jobs", std::move(all)}, {"next", nullptr}};
    if (page.next) answer["next"] = *page.next;
    print_json(answer);
    return exit_ok;
}

Command list_command() {
    const auto options = std::make_shared<ListOptions>();
    return {.name = "list",
            .summary = "The newest jobs",
            .details = "Example:\n  fadeout jobs list --state failed --json",
            .arguments = {{"--state",
                           "Only jobs in this state: queued, leased, done, failed, dead, cancelled",
                           &options->state,
                           "STATE",
                           false,
                           {"queued", "leased", "done", "failed", "dead", "cancelled"}},
                          {"--type",
                           "Only jobs of this type: transcode, process, speak, cleanup, webhook, repair",
                           &options->type,
                           "TYPE",
                           false,
                           {service::job_type_names.begin(), service::job_type_names.end()}},
                          {"--limit", "At most so many; otherwise 50", &options->limit, "N", false, {}}},
            .settings = state_settings,
            .has_json = true,
            .run = [options](const Invocation& invocation) { return list_jobs(*options, invocation); }};
}

/// A command about one job: `act` gives the job as it is then.
Command one_job_command(std::string name, std::string summary,
                        std::function<jobs::Job(service::Jobs&, const std::string&)> act) {
    const auto id = std::make_shared<std::string>();
    return {.name = std::move(name),
            .summary = std::move(summary),
            .arguments = {{"ID", "Id of the job", id.get(), "", true, {}}},
            .settings = state_settings,
            .has_json = true,
            .run = [id, act](const Invocation& invocation) {
                const auto services = invocation.program.open_services(invocation.settings());
                print_job(act(services->jobs, *id), invocation);
                return exit_ok;
            }};
}

jobs::Job find_job(service::Jobs& jobs, const std::string& id) {
    if (auto job = jobs.queue().get(id)) return *job;
    throw Error(ErrorKind::not_found,
                fmt::format("There is no job {}. `fadeout jobs list` shows the newest.", id));
}

}  // namespace

Command jobs_command() {
    return {.name = "jobs",
            .summary = "List, show, cancel and retry jobs, and resend their webhooks",
            .details =
                "Examples:\n"
                "  fadeout jobs list --state dead\n"
                "  fadeout jobs list --type webhook --state dead\n"
                "  fadeout jobs retry 6f1c5b7e-0d3a-4f0e-9a57-2b8a5f1f9c11",
            .subcommands = {
                list_command(), one_job_command("show", "One job", find_job),
                one_job_command(
                    "cancel", "Cancel a job that has not ended",
                    [](service::Jobs& jobs, const std::string& id) { return jobs.queue().cancel(id); }),
                one_job_command(
                    "retry", "Queue a failed, dead or cancelled job again",
                    [](service::Jobs& jobs, const std::string& id) { return jobs.queue().retry(id); }),
                one_job_command("resend", "Send the webhook of an ended job again, delivered or not",
                                [](service::Jobs& jobs, const std::string& id) { return jobs.resend(id); })}};
}

}  // namespace fadeout::cli
