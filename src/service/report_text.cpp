#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "service/report.h"

// How a StorageReport is told: JSON for programs, Markdown for people.
namespace fadeout::service {

namespace {

/// To a hundredth of a cent.
double rounded(double dollars) {
    return std::round(dollars * 10'000) / 10'000;
}

boost::json::value cost_json(const StorageReport& report, std::uint64_t bytes) {
    if (!report.prices) return nullptr;
    return rounded(storage_cost(*report.prices, bytes));
}

boost::json::object total_json(const StorageReport& report, const Total& total) {
    return {{"objects", total.objects},
            {"bytes", total.bytes},
            {"cost_per_month", cost_json(report, total.bytes)}};
}

boost::json::value ratio_json(const std::optional<double>& ratio) {
    return ratio ? boost::json::value(std::round(*ratio * 100) / 100) : boost::json::value(nullptr);
}

boost::json::value prices_json(const std::optional<Prices>& prices) {
    if (!prices) return nullptr;
    return boost::json::object{{"currency", "USD"},
                               {"storage_gb_month", prices->storage_gb_month},
                               {"write_1000", prices->write_1000},
                               {"read_1000", prices->read_1000},
                               {"transfer_gb", prices->transfer_gb},
                               {"source", prices->source}};
}

std::string cost_text(const StorageReport& report, double dollars) {
    return report.prices ? fmt::format("${:.2f}", dollars) : "-";
}

std::string ratio_text(const std::optional<double>& ratio) {
    return ratio ? fmt::format("{:.2f}", *ratio) : "-";
}

std::string row(const StorageReport& report, std::string_view title, const Total& total) {
    const double dollars = report.prices ? storage_cost(*report.prices, total.bytes) : 0;
    return fmt::format("| {} | {} | {} | {} |\n", title, total.objects, format_bytes(total.bytes),
                       cost_text(report, dollars));
}

}  // namespace

boost::json::object to_json(const StorageReport& report) {
    boost::json::object classes;
    for (const ObjectClass object_class : object_classes)
        classes[name(object_class)] = total_json(report, report.of(object_class));
    const Avoided saved = avoided(report);
    const TemporaryFileCounts& files = report.temporary_files;
    return {
        {"made_at", utc_timestamp(report.made)},
        {"provider", report.provider},
        {"bucket", report.bucket},
        {"classes", std::move(classes)},
        {"copies_per_original", ratio_json(copies_per_original(report))},
        {"copies_per_original_three_copy", ratio_json(copies_per_original_three_copy(report))},
        {"avoided",
         {{"objects_written", saved.objects_written},
          {"bytes_moved", saved.bytes_moved},
          {"requests", saved.requests},
          {"cost", report.prices ? boost::json::value(rounded(saved.cost)) : boost::json::value(nullptr)}}},
        {"temporary_files",
         {{"cleaned", files.cleaned},
          {"waiting", files.waiting},
          {"refused", files.refused},
          {"failed", files.failed}}},
        {"cost_per_month", cost_json(report, report.all().bytes)},
        {"prices", prices_json(report.prices)}};
}

std::string to_markdown(const StorageReport& report) {
    std::string text = fmt::format("# Storage report\n\n{}, bucket {}, {}\n\n", report.provider,
                                   report.bucket, utc_timestamp(report.made));
    text += "| What | Objects | Bytes | Per month |\n|---|--:|--:|--:|\n";
    for (const ObjectClass object_class : object_classes)
        text += row(report, name(object_class), report.of(object_class));
    text += row(report, "**all**", report.all());
    text += fmt::format("\nCopies per original: {} (the three-copy way: {})\n",
                        ratio_text(copies_per_original(report)),
                        ratio_text(copies_per_original_three_copy(report)));

    const Avoided saved = avoided(report);
    text += fmt::format(
        "\n## Avoided against the three-copy way\n\n"
        "| Objects written | Bytes moved | Requests | Cost |\n|--:|--:|--:|--:|\n| {} | {} | {} | {} |\n",
        saved.objects_written, format_bytes(saved.bytes_moved), saved.requests,
        cost_text(report, saved.cost));

    const TemporaryFileCounts& files = report.temporary_files;
    text += fmt::format(
        "\n## Temporary files of remote processors\n\n"
        "| Cleaned | Waiting | Refused | Failed |\n|--:|--:|--:|--:|\n| {} | {} | {} | {} |\n",
        files.cleaned, files.waiting, files.refused, files.failed);
    text += report.prices ? fmt::format("\nPrices: {}\n", report.prices->source)
                          : "\nNo prices are known for this store; set them with report.prices.\n";
    return text;
}

}  // namespace fadeout::service
