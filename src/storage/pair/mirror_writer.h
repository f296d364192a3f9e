#pragma once
#include <functional>

#include "storage/pair/mirror_store.h"

namespace fadeout::storage {

/// Writes to both stores of a mirror as the bytes come. A store that sends while it is written to does so
/// beside the other.
class MirrorWriter final : public ObjectWriter {
  public:
    MirrorWriter(MirrorStore& store, Key key, const ObjectAttributes& attributes);

    void write(Bytes data) override;
    void patch(std::uint64_t offset, Bytes data) override;
    std::uint64_t patchable_bytes() const override;
    ObjectInfo commit(Existing existing) override;
    void abort() noexcept override;

  private:
    void require_open() const;
    void in_both(const std::function<void(ObjectWriter&)>& call);
    void give_up_second(const std::exception& error);
    ObjectInfo commit_both(Existing existing);
    ObjectInfo commit_first(Existing existing);

    MirrorStore& store_;
    const Key key_;
    std::unique_ptr<ObjectWriter> first_;   ///< null: spent
    std::unique_ptr<ObjectWriter> second_;  ///< null in mode repair: it failed
    std::uint64_t written_ = 0;
};

}  // namespace fadeout::storage
