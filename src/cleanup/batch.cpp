#include "cleanup/batch.h"

#include <algorithm>
#include <span>

namespace fadeout::cleanup {

namespace {

constexpr std::size_t max_batch = 1'000;  // of ObjectStore::remove and RecordStore::remove

bool is_due(const Step& step) {
    return step.decision.action == Action::remove && !step.failure && !step.skipped;
}

std::vector<Step*> due_steps(std::vector<Step>& steps, bool (*has_part)(const Decision&)) {
    std::vector<Step*> due;
    for (Step& step : steps) {
        if (is_due(step) && has_part(step.decision)) due.push_back(&step);
    }
    return due;
}

/// Calls `remove_batch` for each at most 1,000 steps; what it throws becomes the failure of the whole batch.
template <typename RemoveBatch>
void in_batches(const std::vector<Step*>& due, const std::function<bool()>& may_delete,
                RemoveBatch remove_batch) {
    bool goes_on = true;
    for (std::size_t at = 0; at < due.size(); at += max_batch) {
        const std::span<Step* const> batch(due.data() + at, std::min(max_batch, due.size() - at));
        goes_on = goes_on && may_delete();
        if (!goes_on) {
            for (Step* step : batch) step->skipped = true;
            continue;
        }
        for (Step* step : batch) step->was_sent = true;
        try {
            remove_batch(batch);
        } catch (const Error& error) {
            for (Step* step : batch) step->failure = error.what();
        }
    }
}

/// What a store refuses stays. Of what fails otherwise nobody knows: it may be gone.
bool is_refusal(ErrorKind kind) {
    return kind == ErrorKind::denied || kind == ErrorKind::misconfigured || kind == ErrorKind::invalid ||
           kind == ErrorKind::conflict;
}

void remove_objects(std::span<Step* const> batch, storage::ObjectStore& objects) {
    std::vector<storage::Key> keys;
    keys.reserve(batch.size());
    for (const Step* step : batch) {
        const TemporaryKey& temporary = step->decision.object->key;
        keys.push_back(temporary.key());
    }
    const std::vector<storage::RemoveResult> results = objects.remove(keys);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (i >= results.size()) {
            batch[i]->failure = "the store did not answer for this object";
        } else if (results[i].error) {
            batch[i]->failure = results[i].error->what();
            batch[i]->was_sent = !is_refusal(results[i].error->kind());
        }
    }
}

void remove_records(std::span<Step* const> batch, records::RecordStore& records) {
    std::vector<records::RecordId> ids;
    ids.reserve(batch.size());
    for (const Step* step : batch) ids.push_back(step->decision.record->id);
    records.remove(ids);
}

/// A record whose id makes no key ("..", say) has no object.
bool has_object(const RecordFact& record, storage::ObjectStore& objects) {
    std::optional<storage::Key> key;
    try {
        key = storage::Key::parse(record.object_key);
    } catch (const Error&) {
        return false;
    }
    return objects.head(*key).has_value();
}

}  // namespace

void confirm(Step& step, storage::ObjectStore& objects, records::RecordStore& records) {
    Decision& decision = step.decision;
    try {
        if (decision.action == Action::remove_if_missing) {
            const bool found = has_object(*decision.record, objects);
            if (found) decision.reason = Reason::link_valid;
            decision.action = found ? Action::keep : Action::remove;
        } else if (decision.action == Action::remove_if_unrecorded) {
            const auto id = speech_id_of(decision.object->key.str());
            const auto record = records.get(id->date, id->audio_id);
            if (record) decision.reason = Reason::link_valid;
            decision.action = record ? Action::keep : Action::remove;
        }
    } catch (const Error& error) {
        step.failure = error.what();
    }
}

void remove(std::vector<Step>& steps, storage::ObjectStore& objects, records::RecordStore& records,
            const std::function<bool()>& may_delete) {
    in_batches(due_steps(steps, [](const Decision& decision) { return decision.object != nullptr; }),
               may_delete, [&](std::span<Step* const> batch) { remove_objects(batch, objects); });
    in_batches(due_steps(steps, [](const Decision& decision) { return decision.record != nullptr; }),
               may_delete, [&](std::span<Step* const> batch) { remove_records(batch, records); });
}

}  // namespace fadeout::cleanup
