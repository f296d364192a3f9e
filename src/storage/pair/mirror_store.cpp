#include "storage/pair/mirror_store.h"

#include <fmt/format.h>

#include "storage/arguments.h"
#include "storage/pair/mirror_writer.h"

namespace fadeout::storage {

MirrorStore::MirrorStore(std::unique_ptr<ObjectStore> first, std::unique_ptr<ObjectStore> second,
                         MirrorOptions options)
    : first_(std::move(first)), second_(std::move(second)), options_(std::move(options)) {}

std::unique_ptr<ObjectWriter> MirrorStore::create(const Key& key, const ObjectAttributes& attributes) {
    check_attributes(attributes);
    return std::make_unique<MirrorWriter>(*this, key, attributes);
}

/// Takes the second store first, so that what could not be removed there stays listed, unless its removal is
/// noted by then.
std::vector<RemoveResult> MirrorStore::remove(std::span<const Key> keys) {
    check_remove_count(keys.size());
    std::vector<RemoveResult> results = remove_from_side(*second_, Side::second, keys);
    std::vector<Key> gone, due;
    for (RemoveResult& result : results) {
        if (!result.error)
            gone.push_back(result.key);
        else if (waits_for_repair(result))
            result.error.reset();
        if (!result.error) due.push_back(result.key);
    }
    const auto of_first = remove_from_side(*first_, Side::first, due);
    auto next = of_first.begin();
    for (RemoveResult& result : results) {
        if (result.error) continue;
        result = *next++;
        if (!result.error) continue;
        // Whatever kept the first from it: it is no refusal any more, as the second has removed it.
        result.error = Error(ErrorKind::unavailable, result.error->what(), result.error->detail());
        note_repair(result.key, Missed::removal);
    }
    if (gone.size() <= max_verified_removals)
        for (const Key& key : gone) expect_absent(key);
    return results;
}

/// Whether what the second store could not remove may go from the first all the same.
bool MirrorStore::waits_for_repair(const RemoveResult& failed) {
    if (options_.mode == MirrorMode::both) return false;
    try {
        options_.ask_for_repair(failed.key, Missed::removal, removal_delay);
    } catch (const Error&) {
        return false;
    }
    options_.log(Severity::error, fmt::format("{} was not removed from the mirror and waits for repair: {}",
                                              failed.key.str(), failed.error->what()));
    return true;
}

std::size_t MirrorStore::remove_unfinished(Time older_than) {
    return sum_of_unfinished([&](ObjectStore& store) { return store.remove_unfinished(older_than); });
}

std::size_t MirrorStore::count_unfinished(Time older_than) {
    return sum_of_unfinished([&](ObjectStore& store) { return store.count_unfinished(older_than); });
}

std::size_t MirrorStore::sum_of_unfinished(const std::function<std::size_t(ObjectStore&)>& see_to) {
    const std::size_t of_first = see_to(*first_);
    try {
        return of_first + see_to(*second_);
    } catch (const Error&) {
        if (options_.mode == MirrorMode::both) throw;
        return of_first;  // the next sweep ends the others
    }
}

std::string MirrorStore::presign(LinkMethod method, const Key& key, Duration expires,
                                 const LinkOptions& options) {
    std::string link = first_->presign(method, key, expires, options);
    if (method == LinkMethod::put) options_.ask_for_repair(key, Missed::write, expires + late_upload);
    return link;
}

void MirrorStore::check() {
    check_side(*first_, Side::first);
    if (options_.mode == MirrorMode::both) check_side(*second_, Side::second);
}

/// After a failed write: what only the second store holds goes again. Only the first store can tell, so what
/// it cannot tell now is left to the repair; and so is what another writer put into both meanwhile.
void MirrorStore::take_back(const Key& key) noexcept {
    try {
        if (!first_->head(key) && !second_->remove(std::span(&key, 1)).front().error && !first_->head(key))
            return;
    } catch (const std::exception&) {  // the repair will ask again
    }
    note_repair(key, Missed::removal);
}

/// `store` was written before the other one. Where it holds something else by now, another writer or a
/// removal came between, and the other store may have kept what this one lost.
void MirrorStore::expect_unchanged(ObjectStore& store, const ObjectInfo& written) noexcept {
    Missed missed = Missed::write;
    try {
        const auto head = store.head(written.key);
        if (head && !written.etag.empty() && head->info.etag == written.etag) return;
        if (!head) missed = Missed::removal;
    } catch (const std::exception&) {  // not known is as good as changed
    }
    note_repair(written.key, missed);
}

/// The same for a key that was removed from the second store before it was from the first.
void MirrorStore::expect_absent(const Key& key) noexcept {
    try {
        if (!second_->head(key)) return;
    } catch (const std::exception&) {  // not known is as good as there
    }
    note_repair(key, Missed::removal);
}

void MirrorStore::note_repair(const Key& key, Missed missed) noexcept {
    try {
        options_.ask_for_repair(key, missed, Duration(0));
    } catch (const std::exception& error) {
        options_.log(Severity::error,
                     fmt::format("The two stores may differ in {}, and its repair could not be noted ({}). "
                                 "`fadeout migrate` finds and mends it.",
                                 key.str(), error.what()));
    }
}

}  // namespace fadeout::storage
