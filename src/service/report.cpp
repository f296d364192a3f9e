#include "service/report.h"

#include <boost/json/parse.hpp>
#include <future>

#include "base/pause.h"
#include "service/listing.h"
#include "service/result_key.h"
#include "storage/arguments.h"

namespace fadeout::service {

namespace {

constexpr std::size_t heads_at_once = 16;
constexpr double gb = 1 << 30;

void add(Total& total, const storage::ObjectInfo& object) {
    ++total.objects;
    total.bytes += object.size_bytes;
}

std::uint64_t count_in(const boost::json::object& result, std::string_view member) {
    const auto* value = result.if_contains(member);
    return value != nullptr && value->is_int64() && value->as_int64() > 0
               ? static_cast<std::uint64_t>(value->as_int64())
               : 0;
}

std::uint64_t count_keys(const jobs::Job& job) {
    return boost::json::parse(job.payload).at("keys").as_array().size();
}

/// A job without a result does not tell one of its files from another: they count alike.
void add(TemporaryFileCounts& files, const jobs::Job& job) {
    if (job.state == jobs::State::failed || job.state == jobs::State::dead) files.failed += count_keys(job);
    if (!jobs::is_ended(job.state)) files.waiting += count_keys(job);
    if (job.result.empty()) return;
    const boost::json::object result = boost::json::parse(job.result).as_object();
    files.cleaned += count_in(result, "deleted");
    files.refused += count_in(result, "refused");
    files.failed += count_in(result, "failed");
}

/// Asks the store who rendered each of the results, all at the same time, and adds fadeout's own.
void add_own(storage::ObjectStore& objects, const std::vector<storage::ObjectInfo>& results, Total& own) {
    std::vector<std::future<bool>> answers;
    for (const storage::ObjectInfo& result : results)
        answers.push_back(std::async(std::launch::async, [&objects, &result] {
            const auto head = objects.head(result.key);
            return head && storage::find_metadata(head->attributes, "processing_source") == "fadeout";
        }));
    for (std::size_t i = 0; i < results.size(); ++i)
        if (answers[i].get()) add(own, results[i]);
}

std::optional<double> per_original(const StorageReport& report, std::uint64_t copies) {
    const std::uint64_t originals = report.of(ObjectClass::original).objects;
    if (originals == 0) return std::nullopt;
    return static_cast<double>(originals + copies) / static_cast<double>(originals);
}

}  // namespace

std::string_view name(ObjectClass object_class) noexcept {
    switch (object_class) {
        case ObjectClass::original:
            return "originals";
        case ObjectClass::processed:
            return "processed";
        case ObjectClass::temporary:
            return "temporary";
        case ObjectClass::other:
            break;
    }
    return "other";
}

ObjectClass classify(const storage::Key& key, const cleanup::TemporaryPrefixes& prefixes) {
    if (prefixes.admit(key)) return ObjectClass::temporary;
    const std::string_view text = key.str();
    if (is_result_key(text)) return ObjectClass::processed;
    return text.starts_with("pitches/") || text.starts_with("uploads/") ? ObjectClass::original
                                                                        : ObjectClass::other;
}

Total sum(const ClassTotals& totals) {
    Total sum;
    for (const Total& total : totals) {
        sum.objects += total.objects;
        sum.bytes += total.bytes;
    }
    return sum;
}

double storage_cost(const Prices& prices, std::uint64_t bytes) {
    return static_cast<double>(bytes) / gb * prices.storage_gb_month;
}

Avoided avoided(const StorageReport& report) {
    Avoided out{report.own.objects, 2 * report.own.bytes, 3 * report.own.objects, std::nullopt};
    if (const auto& prices = report.stores.front().prices)
        // deleting is free; the fetch leaves the store, the second write enters it
        out.cost = static_cast<double>(report.own.objects) / 1000 * (prices->write_1000 + prices->read_1000) +
                   static_cast<double>(report.own.bytes) / gb * prices->transfer_gb;
    return out;
}

std::optional<double> copies_per_original(const StorageReport& report) {
    return per_original(report, report.of(ObjectClass::processed).objects + report.copies.objects);
}

std::optional<double> copies_per_original_three_copy(const StorageReport& report) {
    return per_original(report, 2 * report.of(ObjectClass::processed).objects);
}

void Report::count(storage::ObjectStore& objects, const std::function<void(const storage::ObjectInfo&)>& each,
                   const std::stop_token& stop) const {
    Listing listing(objects);
    for (const storage::ObjectInfo* object; (object = listing.peek()) != nullptr; listing.pop()) {
        require_going_on(stop, "report");
        each(*object);
    }
}

StorageReport Report::make(const std::function<void(std::uint64_t)>& on_progress, std::stop_token stop) {
    StorageReport report;
    report.made = clock_.now();
    std::uint64_t seen = 0;
    const auto add_to = [&](ClassTotals& totals, const storage::ObjectInfo& object) {
        const ObjectClass object_class = classify(object.key, prefixes_);
        add(totals[static_cast<std::size_t>(object_class)], object);
        on_progress(++seen);
        return object_class;
    };
    std::vector<storage::ObjectInfo> results;  // whose maker is not known yet
    count(
        objects_,
        [&](const storage::ObjectInfo& object) {
            const ObjectClass object_class = add_to(report.totals, object);
            const bool is_speech = object.key.str().starts_with(cleanup::speech_prefix);
            if (object_class == ObjectClass::temporary && !is_speech) add(report.copies, object);
            if (object_class == ObjectClass::processed) results.push_back(object);
            if (results.size() == heads_at_once) {
                add_own(objects_, results, report.own);
                results.clear();
            }
        },
        stop);
    add_own(objects_, results, report.own);
    for (const PricedStore& store : stores_) {
        StoreTotals totals{std::string(store.objects.provider()), store.objects.bucket(), report.totals,
                           store.prices};
        if (stores_.size() > 1) {
            totals.totals = {};
            count(
                store.objects, [&](const storage::ObjectInfo& object) { add_to(totals.totals, object); },
                stop);
        }
        report.stores.push_back(std::move(totals));
    }
    for (std::optional<std::string> cursor = ""; cursor;) {
        require_going_on(stop, "report");
        jobs::JobPage page =
            queue_.list({.state = std::nullopt, .type = "cleanup"}, *cursor, jobs::max_page_jobs);
        for (const jobs::Job& job : page.jobs) add(report.temporary_files, job);
        cursor = std::move(page.next);
    }
    return report;
}

}  // namespace fadeout::service
