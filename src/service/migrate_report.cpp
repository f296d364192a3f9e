#include <fmt/format.h>

#include "base/text.h"
#include "service/migrate.h"

namespace fadeout::service {

namespace {

std::string advice(const MigrateSummary& summary) {
    const std::uint64_t objects = summary.copied + summary.skipped;
    if (summary.safe_to_cut_over())
        return fmt::format("Safe to cut over: {} objects ({}) are in both.", summary.skipped,
                           format_bytes(summary.skipped_bytes));
    if (!summary.complete) return "Not yet safe to cut over: it was stopped. Run it again to go on.";
    if (summary.failed > 0)
        return "Not yet safe to cut over: some objects failed. Mend what is said of them, then run it again.";
    if (summary.missing_only)
        return "What is in both was not compared; run it without --missing-only for that.";
    if (objects == 0)
        return "Not safe to cut over: the source holds no object. Check that it is the right one.";
    if (summary.dry_run)
        return "Not yet safe to cut over: run it without --dry-run, and then again until it finds nothing to "
               "copy.";
    return "Not yet safe to cut over: something was missing or changing. Run it again until it finds nothing "
           "to copy. Where new objects keep coming, first let them go to both: --store mirror:SRC,DST";
}

}  // namespace

bool MigrateSummary::safe_to_cut_over() const {
    return complete && !missing_only && copied == 0 && failed == 0 && vanished == 0 && skipped > 0;
}

boost::json::object to_json(const MigrateSummary& summary) {
    return {{"copied", summary.copied},
            {"skipped", summary.skipped},
            {"failed", summary.failed},
            {"bytes", summary.bytes},
            {"skipped_bytes", summary.skipped_bytes},
            {"only_in_destination", summary.only_in_destination},
            {"left_out", summary.left_out},
            {"seconds", summary.seconds},
            {"dry_run", summary.dry_run},
            {"complete", summary.complete},
            {"safe_to_cut_over", summary.safe_to_cut_over()}};
}

boost::json::object to_json(const MigrateItem& item) {
    return {{"key", item.key}, {"action", item.action}, {"reason", item.reason}};
}

std::string to_text(const MigrateSummary& summary) {
    std::string text =
        fmt::format("{} {} ({}), the same already {}, failed {}", summary.dry_run ? "would copy" : "copied",
                    summary.copied, format_bytes(summary.bytes), summary.skipped, summary.failed);
    if (!summary.dry_run && summary.bytes > 0 && summary.seconds > 0)
        text += fmt::format(
            ", {}/s",
            format_bytes(static_cast<std::uint64_t>(static_cast<double>(summary.bytes) / summary.seconds)));
    if (summary.only_in_destination > 0)
        text += fmt::format(", only in the destination {}", summary.only_in_destination);
    text += ".\n" + advice(summary);
    if (summary.left_out > 0)
        text += fmt::format(
            "\nLeft out {} whose names are no keys of fadeout (hidden, or with '//', say): copy them "
            "otherwise.",
            summary.left_out);
    return text;
}

}  // namespace fadeout::service
