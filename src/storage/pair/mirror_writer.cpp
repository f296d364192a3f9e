#include "storage/pair/mirror_writer.h"

#include <fmt/format.h>

#include "storage/arguments.h"

namespace fadeout::storage {

MirrorWriter::MirrorWriter(MirrorStore& store, Key key, const ObjectAttributes& attributes)
    : store_(store), key_(std::move(key)), first_(store_.first_->create(key_, attributes)) {
    try {
        second_ = store_.second_->create(key_, attributes);
    } catch (const Error& error) {
        give_up_second(error);
    }
}

void MirrorWriter::require_open() const {
    if (!first_) throw Error(ErrorKind::internal, "Could not write the object.", "its writer is spent");
}

void MirrorWriter::write(Bytes data) {
    require_open();
    in_both([&](ObjectWriter& writer) { writer.write(data); });
    written_ += data.size();
}

void MirrorWriter::patch(std::uint64_t offset, Bytes data) {
    require_open();
    check_patch(offset, data.size(), written_);
    in_both([&](ObjectWriter& writer) { writer.patch(offset, data); });
}

std::uint64_t MirrorWriter::patchable_bytes() const {
    return first_part_bytes;
}

void MirrorWriter::in_both(const std::function<void(ObjectWriter&)>& call) {
    try {
        call(*first_);
    } catch (const Error& error) {
        abort();
        throw of_side(error, Side::first, *store_.first_);
    }
    if (!second_) return;
    try {
        call(*second_);
    } catch (const Error& error) {
        give_up_second(error);
    }
}

/// Goes on without the second store, or throws where it is needed.
void MirrorWriter::give_up_second(const std::exception& error) {
    const Error named = of_side(error, Side::second, *store_.second_);
    second_.reset();
    if (store_.options_.mode == MirrorMode::both) {
        abort();
        throw named;
    }
    store_.options_.log(Severity::error, fmt::format("{} misses in the mirror and waits for repair: {}",
                                                     key_.str(), with_detail(named)));
}

/// What Existing::keep protects is the first store's object: the second store only follows.
ObjectInfo MirrorWriter::commit(Existing existing) {
    require_open();
    return store_.options_.mode == MirrorMode::both ? commit_both(existing) : commit_first(existing);
}

ObjectInfo MirrorWriter::commit_both(Existing existing) {
    if (existing == Existing::keep && store_.first_->head(key_)) {
        abort();
        throw already_there(key_);
    }
    Side side = Side::second;
    try {
        const ObjectInfo copy = second_->commit();
        side = Side::first;
        ObjectInfo info = first_->commit(existing);
        store_.expect_unchanged(*store_.second_, copy);
        first_.reset();
        return info;
    } catch (const std::exception& error) {
        abort();
        store_.take_back(key_);
        throw of_side(error, side, side == Side::first ? *store_.first_ : *store_.second_);
    }
}

ObjectInfo MirrorWriter::commit_first(Existing existing) {
    const std::unique_ptr<ObjectWriter> first = std::move(first_), second = std::move(second_);
    ObjectInfo info{key_, 0, {}, {}};
    try {
        info = first->commit(existing);
    } catch (const std::exception& error) {
        if (const auto* known = dynamic_cast<const Error*>(&error);
            known && known->kind() == ErrorKind::conflict)
            throw;
        store_.note_repair(key_, Missed::write);  // the answer may have been lost, and the object be there
        throw of_side(error, Side::first, *store_.first_);
    }
    if (second) try {
            second->commit();
            store_.expect_unchanged(*store_.first_, info);
            return info;
        } catch (const std::exception& error) {
            give_up_second(error);
        }
    try {
        store_.options_.ask_for_repair(key_, Missed::write, Duration(0));
    } catch (const Error& error) {
        throw Error(
            ErrorKind::unavailable,
            "The object could not be written to the second store, nor its repair be noted. Try again.",
            error.what());
    }
    return info;
}

void MirrorWriter::abort() noexcept {
    first_.reset();
    second_.reset();
}

}  // namespace fadeout::storage
