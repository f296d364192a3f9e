#include "cli/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace fadeout::cli {

namespace {

/// `print` needs no store, but takes the flags that a user keeps together for all commands.
std::vector<std::string_view> lifecycle_settings() {
    std::vector<std::string_view> settings = state_settings;
    settings.insert(settings.end(), {"speech.link_expiry", "sweep.orphans_after", "sweep.uploads_after",
                                     "cleanup.temporary_prefixes", "cleanup.delay"});
    return settings;
}

int print_rules(const Invocation& invocation) {
    const auto rules = service::safety_net(lifecycle_promises(invocation.settings()));
    if (invocation.json)
        print_json(service::lifecycle_json(rules));
    else
        print(service::lifecycle_xml(rules));
    return exit_ok;
}

int check_rules(const Invocation& invocation) {
    const auto services = invocation.program.open_services(invocation.settings());
    std::string lines;
    boost::json::array differences;
    bool is_supported = false;
    for (storage::ObjectStore* store : service::plain_stores(*services)) {
        const auto found = compare_lifecycle(*store, invocation.settings());
        if (!found) continue;
        is_supported = true;
        for (const auto& [is_danger, rule, text] : *found) {
            const std::string_view kind = is_danger ? "danger" : "missing";
            lines += fmt::format("{} in bucket {}: {}\n", kind, store->bucket(), text);
            differences.push_back(boost::json::object{
                {"kind", kind}, {"bucket", store->bucket()}, {"rule", rule}, {"text", text}});
        }
    }
    const bool is_well = differences.empty();
    if (is_well)
        lines = is_supported ? "The bucket's rules match the settings.\n"
                             : "This store has no lifecycle rules: the sweep needs no net.\n";
    if (invocation.json)
        print_json(boost::json::object{
            {"ok", is_well}, {"supported", is_supported}, {"differences", std::move(differences)}});
    else
        print(lines);
    return is_well ? exit_ok : exit_failed;
}

}  // namespace

service::LifecyclePromises lifecycle_promises(const config::Settings& settings) {
    return {.temporary_prefixes = settings.cleanup.temporary_prefixes,
            .speech_link_expiry = settings.speech.link_expiry,
            .orphans_after = settings.sweep.orphans_after,
            .cleanup_delay = settings.cleanup.delay,
            .uploads_after = settings.sweep.uploads_after};
}

std::optional<std::vector<service::LifecycleDifference>> compare_lifecycle(storage::ObjectStore& store,
                                                                           const config::Settings& settings) {
    const auto rules = store.lifecycle();
    if (!rules) return std::nullopt;
    return service::compare_lifecycle(lifecycle_promises(settings), *rules);
}

Command lifecycle_command() {
    return {
        .name = "lifecycle",
        .summary = "Rules by which the bucket itself deletes what the sweep should have",
        .details =
            "Examples:\n"
            "  fadeout lifecycle print --json > rules.json\n"
            "  fadeout lifecycle check --store 's3://bucket?region=eu-west-1'\n",
        .subcommands = {
            {.name = "print",
             .summary = "Print the rules that match the settings: a day after each promise",
             .details =
                 "XML as the S3 API takes it; with --json as the AWS command line takes it. To set them:\n"
                 "  fadeout lifecycle print --json > rules.json\n"
                 "  aws s3api put-bucket-lifecycle-configuration --bucket NAME \\\n"
                 "      --lifecycle-configuration file://rules.json\n"
                 "(with --endpoint-url for R2 and Ceph). That replaces all rules that the bucket has.",
             .settings = lifecycle_settings(),
             .has_json = true,
             .run = print_rules},
            {.name = "check",
             .summary = "Compare the bucket's rules with the settings",
             .details =
                 "One line for each difference: \"danger\" is a rule that deletes originals, results or "
                 "what was promised to stay; \"missing\" a hole in the net. Exit code 0 only if there "
                 "is none. Needs the permission s3:GetLifecycleConfiguration.",
             .settings = lifecycle_settings(),
             .has_json = true,
             .run = check_rules}}};
}

}  // namespace fadeout::cli
