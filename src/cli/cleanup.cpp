#include "cli/cleanup_report.h"
#include "cli/commands.h"

namespace fadeout::cli {

namespace {

struct Options {
    bool dry_run = false;
    std::optional<int> days = 7;
    std::string path = "processed-audio/";
};

std::vector<std::string_view> cleanup_settings() {
    std::vector<std::string_view> settings = state_settings;
    settings.insert(settings.end(),
                    {"cleanup.temporary_prefixes", "speech.link_expiry", "sweep.max_deletions"});
    return settings;
}

}  // namespace

Command cleanup_command() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "cleanup",
        .summary = "Delete old objects under a temporary folder",
        .details =
            "Examples:\n"
            "  fadeout cleanup --dry-run\n"
            "  fadeout cleanup --days=7 --path=processed-audio/\n"
            "Also callable as `fadeout audio:cleanup-temp-files`. Only folders of cleanup.temporary_prefixes "
            "can be named; anything else is refused with exit code 2.",
        .arguments =
            {{"--dry-run", "Only tell what would be deleted, and why", &options->dry_run, "", false, {}},
             {"--days",
              "Delete what is older than this many days; otherwise 7",
              &options->days,
              "N",
              false,
              {}},
             {"--path", "Folder to clean; otherwise processed-audio/", &options->path, "FOLDER", false, {}}},
        .settings = cleanup_settings(),
        .has_json = true,
        .run =
            [options](const Invocation& invocation) {
                return report_cleanup(
                    invocation, options->dry_run,
                    [&](const service::CleanupObserver& observer, std::stop_token stop) {
                        const auto services = invocation.program.open_services(invocation.settings());
                        return services->cleanup.clean_prefix(options->path, *options->days, options->dry_run,
                                                              observer, std::move(stop));
                    });
            },
        .alias = "audio:cleanup-temp-files"};
}

}  // namespace fadeout::cli
