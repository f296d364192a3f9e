#include <fmt/format.h>

#include <boost/json/array.hpp>
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

boost::json::value cost_json(const std::optional<double>& dollars) {
    return dollars ? boost::json::value(rounded(*dollars)) : boost::json::value(nullptr);
}

std::optional<double> cost(const StoreTotals& store, const Total& total) {
    if (!store.prices) return std::nullopt;
    return storage_cost(*store.prices, total.bytes);
}

/// A month's cost of what `part` takes of each store's totals, in all stores whose prices are known.
template <class Part>
std::optional<double> cost_of(const StorageReport& report, Part part) {
    std::optional<double> dollars;
    for (const StoreTotals& store : report.stores)
        if (const auto more = cost(store, part(store.totals))) dollars = dollars.value_or(0) + *more;
    return dollars;
}

std::optional<double> cost_of(const StorageReport& report, ObjectClass object_class) {
    return cost_of(report,
                   [&](const ClassTotals& totals) { return totals[static_cast<std::size_t>(object_class)]; });
}

boost::json::object total_json(const Total& total, const std::optional<double>& dollars) {
    return {{"objects", total.objects}, {"bytes", total.bytes}, {"cost_per_month", cost_json(dollars)}};
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

boost::json::object store_json(const StoreTotals& store) {
    boost::json::object classes;
    for (const ObjectClass object_class : object_classes) {
        const Total& total = store.totals[static_cast<std::size_t>(object_class)];
        classes[name(object_class)] = total_json(total, cost(store, total));
    }
    return {{"provider", store.provider},
            {"bucket", store.bucket},
            {"classes", std::move(classes)},
            {"cost_per_month", cost_json(cost(store, sum(store.totals)))},
            {"prices", prices_json(store.prices)}};
}

std::string cost_text(const std::optional<double>& dollars) {
    return dollars ? fmt::format("${:.2f}", *dollars) : "-";
}

std::string ratio_text(const std::optional<double>& ratio) {
    return ratio ? fmt::format("{:.2f}", *ratio) : "-";
}

std::string row(std::string_view title, const Total& total, const std::optional<double>& dollars) {
    return fmt::format("| {} | {} | {} | {} |\n", title, total.objects, format_bytes(total.bytes),
                       cost_text(dollars));
}

std::string title(const StoreTotals& store) {
    return fmt::format("{}, bucket {}", store.provider, store.bucket);
}

/// Each store with what to call it: "first: s3, bucket audio" of two.
template <class Each>
void for_each_store(const StorageReport& report, Each each) {
    std::string_view which = report.stores.size() > 1 ? "first: " : "";
    for (const StoreTotals& store : report.stores) {
        each(store, std::string(which) + title(store));
        which = "second: ";
    }
}

/// Only where there are two.
std::string stores_text(const StorageReport& report) {
    if (report.stores.size() == 1) return {};
    std::string text = "\n## In each store\n\n| Store | Objects | Bytes | Per month |\n|---|--:|--:|--:|\n";
    for_each_store(report, [&](const StoreTotals& store, const std::string& called) {
        const Total total = sum(store.totals);
        text += row(called, total, cost(store, total));
    });
    return text;
}

std::string prices_text(const StorageReport& report) {
    std::string text;
    for_each_store(report, [&](const StoreTotals& store, const std::string& called) {
        text += store.prices
                    ? fmt::format("\nPrices ({}): {}\n", called, store.prices->source)
                    : fmt::format("\nNo prices are known ({}); set them with report.prices.\n", called);
    });
    return text;
}

}  // namespace

boost::json::object to_json(const StorageReport& report) {
    boost::json::object classes;
    for (const ObjectClass object_class : object_classes)
        classes[name(object_class)] = total_json(report.of(object_class), cost_of(report, object_class));
    boost::json::array stores;
    for (const StoreTotals& store : report.stores) stores.push_back(store_json(store));
    const Avoided saved = avoided(report);
    const TemporaryFileCounts& files = report.temporary_files;
    return {{"made_at", utc_timestamp(report.made)},
            {"provider", report.stores.front().provider},
            {"bucket", report.stores.front().bucket},
            {"classes", std::move(classes)},
            {"copies_per_original", ratio_json(copies_per_original(report))},
            {"copies_per_original_three_copy", ratio_json(copies_per_original_three_copy(report))},
            {"avoided",
             {{"objects_written", saved.objects_written},
              {"bytes_moved", saved.bytes_moved},
              {"requests", saved.requests},
              {"cost", cost_json(saved.cost)}}},
            {"temporary_files",
             {{"cleaned", files.cleaned},
              {"waiting", files.waiting},
              {"refused", files.refused},
              {"failed", files.failed}}},
            {"cost_per_month", cost_json(cost_of(report, sum))},
            {"prices", prices_json(report.stores.front().prices)},
            {"stores", std::move(stores)}};
}

std::string to_markdown(const StorageReport& report) {
    std::string text = fmt::format("# Storage report\n\n{}, {}\n\n", title(report.stores.front()),
                                   utc_timestamp(report.made));
    text += "| What | Objects | Bytes | Per month |\n|---|--:|--:|--:|\n";
    for (const ObjectClass object_class : object_classes)
        text += row(name(object_class), report.of(object_class), cost_of(report, object_class));
    text += row("**all**", sum(report.totals), cost_of(report, sum));
    text += stores_text(report);
    text += fmt::format("\nCopies per original: {} (the three-copy way: {})\n",
                        ratio_text(copies_per_original(report)),
                        ratio_text(copies_per_original_three_copy(report)));

    const Avoided saved = avoided(report);
    text += fmt::format(
        "\n## Avoided against the three-copy way\n\n"
        "| Objects written | Bytes moved | Requests | Cost |\n|--:|--:|--:|--:|\n| {} | {} | {} | {} |\n",
        saved.objects_written, format_bytes(saved.bytes_moved), saved.requests, cost_text(saved.cost));

    const TemporaryFileCounts& files = report.temporary_files;
    text += fmt::format(
        "\n## Temporary files of remote processors\n\n"
        "| Cleaned | Waiting | Refused | Failed |\n|--:|--:|--:|--:|\n| {} | {} | {} | {} |\n",
        files.cleaned, files.waiting, files.refused, files.failed);
    return text + prices_text(report);
}

}  // namespace fadeout::service
