#include "service/migrate.h"

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/json_items.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "service/named_store.h"

namespace fadeout::cli {

namespace {

struct Options {
    std::string source, destination;
    bool dry_run = false, missing_only = false;
};

Transfer to_transfer(const service::MigrateProgress& progress) {
    const bool by_bytes = progress.total_bytes > 0;
    const auto part = static_cast<double>(by_bytes ? progress.bytes : progress.objects);
    const auto whole = static_cast<double>(by_bytes ? progress.total_bytes : progress.total_objects);
    return {.fraction = whole > 0 ? part / whole : 0,
            .objects = progress.objects,
            .bytes = progress.copied_bytes};
}

std::unique_ptr<storage::ObjectStore> open_named(const Invocation& invocation, const std::string& name,
                                                 const std::string& url, bool must_exist) {
    try {
        return invocation.program.open_store(invocation.settings(), url, must_exist);
    } catch (const Error& error) {
        throw service::named(error, name);
    }
}

service::MigrateSummary run_migration(const Options& options, const Invocation& invocation, JsonItems& items,
                                      std::stop_token stop) {
    if (options.source == options.destination)
        throw Error(ErrorKind::invalid, "SRC and DST are the same store.");
    const auto opened_source = open_named(invocation, "SRC", options.source, true);
    const auto opened_destination = open_named(invocation, "DST", options.destination, false);
    service::NamedStore from(*opened_source, "SRC"), to(*opened_destination, "DST");
    Progress progress;
    service::MigrateObserver observer;
    observer.on_progress = [&](const service::MigrateProgress& done) {
        progress.transfer(to_transfer(done));
    };
    observer.on_item = [&](const service::MigrateItem& item) {
        if (item.action == "failed") complain(item.key + ": " + item.reason);
        if (options.dry_run && invocation.json) items.item(service::to_json(item));
        if (options.dry_run && !invocation.json && item.action != "failed")
            print(item.action + ' ' + item.key + " (" + item.reason + ")\n");
    };
    return service::migrate(from, to,
                            {.dry_run = options.dry_run,
                             .missing_only = options.missing_only,
                             .count_first = progress.is_shown()},
                            observer, std::move(stop));
}

int run_migrate(const Options& options, const Invocation& invocation) {
    const Interruption interruption;
    JsonItems items;
    service::MigrateSummary summary;
    try {
        summary = run_migration(options, invocation, items, interruption.token());
    } catch (const Error& error) {
        if (!invocation.json) throw;
        complain(describe(error));
        items.end(error_json(error), options.dry_run);
        return exit_code(error.kind());
    }
    if (invocation.json)
        items.end(service::to_json(summary), options.dry_run);
    else
        print(service::to_text(summary) + '\n');
    if (interruption.happened()) {
        complain("Interrupted. Run it again to go on.");
        return exit_interrupted;
    }
    return summary.failed > 0 ? exit_failed : exit_ok;
}

}  // namespace

Command migrate_command() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "migrate",
        .summary = "Copy all objects from one store to another, and tell when it is safe to cut over",
        .details =
            "Examples:\n"
            "  fadeout migrate file:///var/lib/fadeout/objects 's3://audio?region=eu-central-1' --dry-run\n"
            "  fadeout migrate 's3://audio?profile=old' 'r2://audio?account=ID&profile=new'\n"
            "Copies what is missing or different in DST, verifies every copy by reading it back, and "
            "deletes nothing. What is the same already is skipped: after an interruption run it again. "
            "Objects that fail are named, the rest goes on: exit code 1.",
        .arguments =
            {{"SRC",
              "URL of the store to copy from: file://, s3:// or r2://",
              &options->source,
              "",
              true,
              {}},
             {"DST", "URL of the store to copy to", &options->destination, "", true, {}},
             {"--dry-run", "Only tell what would be copied, and why", &options->dry_run, "", false, {}},
             {"--missing-only",
              "Leave alone what is in DST already, even if it differs: for what came to SRC after the move",
              &options->missing_only,
              "",
              false,
              {}}},
        .settings = {"store.bucket", "store.region"},
        .has_json = true,
        .run = [options](const Invocation& invocation) { return run_migrate(*options, invocation); }};
}

}  // namespace fadeout::cli
