#include "cleanup/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/ids.h"

namespace fadeout::cleanup {

namespace {

Decision keep(Reason reason, const ObjectFact& object, const RecordFact* record, std::optional<Time> until) {
    return {Action::keep, reason, &object, record, until};
}

/// In whole days, by name: "2026-11-20" sorts as its date does.
bool is_over(std::string_view date, Time now) {
    return date < utc_date(now);
}

Decision decide_orphan(const ObjectFact& object, const Policy& policy, Time now) {
    const Time due = object.modified + std::max(policy.orphans_after, policy.speech_link_expiry);
    if (now < due) return keep(Reason::no_record_young, object, nullptr, due);
    const auto id = speech_id_of(object.key.str());
    const bool record_elsewhere = id && !is_uuid(id->audio_id);
    return {record_elsewhere ? Action::remove_if_unrecorded : Action::remove,
            Reason::no_record,
            &object,
            nullptr,
            {}};
}

Decision decide_object(const ObjectFact& object, const RecordFact* record, const Policy& policy, Time now) {
    const Time old_enough = object.modified + policy.min_age;
    if (now < old_enough) return keep(Reason::too_young, object, record, old_enough);
    if (!object.key.str().starts_with(speech_prefix)) {
        return {Action::remove, Reason::old_enough, &object, record, {}};
    }
    const std::string_view day = day_folder_of(object.key.str());
    if (policy.mode == Mode::day && !day.empty()) {
        if (!is_over(day, now)) return keep(Reason::day_not_over, object, record, {});
        return {Action::remove, Reason::day_over, &object, record, {}};
    }
    if (record == nullptr) return decide_orphan(object, policy, now);
    if (now < record->expires) return keep(Reason::link_valid, object, record, record->expires);
    return {Action::remove, Reason::link_expired, &object, record, {}};
}

Decision decide_record(const RecordFact& record, Time now) {
    if (now >= record.expires) return {Action::remove, Reason::record_expired, nullptr, &record, {}};
    return {Action::remove_if_missing, Reason::object_missing, nullptr, &record, record.expires};
}

}  // namespace

std::vector<Decision> plan(std::span<const ObjectFact> objects, std::span<const RecordFact> records,
                           const Policy& policy, Time now) {
    std::unordered_map<std::string_view, const RecordFact*> unmatched;
    unmatched.reserve(records.size());
    for (const RecordFact& record : records) unmatched.emplace(record.object_key, &record);

    std::vector<Decision> decisions;
    decisions.reserve(objects.size() + records.size());
    for (const ObjectFact& object : objects) {
        const auto found = unmatched.extract(object.key.str());
        decisions.push_back(decide_object(object, found ? found.mapped() : nullptr, policy, now));
    }
    for (const RecordFact& record : records) {
        if (unmatched.contains(record.object_key)) decisions.push_back(decide_record(record, now));
    }
    return decisions;
}

std::string_view name(Reason reason) noexcept {
    switch (reason) {
        case Reason::link_expired:
            return "link expired";
        case Reason::link_valid:
            return "link still valid";
        case Reason::no_record:
            return "no record";
        case Reason::no_record_young:
            return "no record yet";
        case Reason::day_over:
            return "its day is over";
        case Reason::day_not_over:
            return "its day is not over";
        case Reason::old_enough:
            return "old enough";
        case Reason::too_young:
            return "too young";
        case Reason::record_expired:
            return "record expired, object gone";
        case Reason::object_missing:
            return "record without object";
    }
    return "";
}

std::string explain(const Decision& decision) {
    if (decision.action != Action::keep || !decision.until) return std::string(name(decision.reason));
    return fmt::format("{}, kept until {}", name(decision.reason), utc_timestamp(*decision.until));
}

}  // namespace fadeout::cleanup
