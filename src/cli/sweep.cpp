#include "cli/cleanup_report.h"
#include "cli/commands.h"

namespace fadeout::cli {

namespace {

std::vector<std::string_view> sweep_settings() {
    std::vector<std::string_view> settings = state_settings;
    settings.insert(settings.end(),
                    {"sweep.mode", "sweep.orphans_after", "sweep.uploads_after", "sweep.max_deletions",
                     "speech.link_expiry", "cleanup.temporary_prefixes"});
    return settings;
}

}  // namespace

Command sweep_command() {
    const auto dry_run = std::make_shared<bool>(false);
    return {
        .name = "sweep",
        .summary = "Delete the speech whose links have expired",
        .details =
            "Examples:\n"
            "  fadeout sweep --dry-run\n"
            "  fadeout sweep --json\n"
            "Walks every day under temp-audio/, finds orphans and unfinished writes too. Keys that fail are "
            "named and stay due: exit code 1.",
        .arguments =
            {{"--dry-run", "Only tell what would be deleted, and why", dry_run.get(), "", false, {}}},
        .settings = sweep_settings(),
        .has_json = true,
        .run = [dry_run](const Invocation& invocation) {
            return report_cleanup(
                invocation, *dry_run, [&](const service::CleanupObserver& observer, std::stop_token stop) {
                    const auto services = invocation.program.open_services(invocation.settings());
                    return services->cleanup.sweep(*dry_run, observer, std::move(stop));
                });
        }};
}

}  // namespace fadeout::cli
