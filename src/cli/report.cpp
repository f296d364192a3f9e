#include "service/report.h"

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace fadeout::cli {

namespace {

std::vector<std::string_view> report_settings() {
    std::vector<std::string_view> settings = state_settings;
    settings.insert(settings.end(), {"cleanup.temporary_prefixes", "report"});
    return settings;
}

int make_report(const Invocation& invocation) {
    const Interruption interruption;
    const auto services = invocation.program.open_services(invocation.settings());
    service::StorageReport report;
    {
        Progress progress;
        report = services->report.make([&](std::uint64_t objects) { progress.count(objects); },
                                       interruption.token());
    }
    if (invocation.json)
        print_json(service::to_json(report));
    else
        print(service::to_markdown(report));
    return exit_ok;
}

}  // namespace

Command report_command() {
    return {.name = "report",
            .summary = "What is stored, what it costs, and what was saved",
            .details =
                "Examples:\n"
                "  fadeout report > report.md\n"
                "  fadeout report --json\n"
                "Lists the whole bucket, and of a mirror or failover store each of the two. Markdown, or "
                "JSON with --json. Prices are the list prices of S3 and R2; "
                "--report-prices storage_gb_month=0.021,transfer_gb=0.05 sets your own, in US dollars.",
            .settings = report_settings(),
            .has_json = true,
            .run = make_report};
}

}  // namespace fadeout::cli
