#pragma once
#include <functional>
#include <vector>

#include "storage/pair/failover_store.h"

namespace fadeout::storage {

/// Writes to the first store and keeps what it wrote, up to the first part, so that the second can be given
/// all of it.
class FailoverWriter final : public ObjectWriter {
  public:
    FailoverWriter(FailoverStore& store, Key key, const ObjectAttributes& attributes);

    void write(Bytes data) override;
    void patch(std::uint64_t offset, Bytes data) override;
    std::uint64_t patchable_bytes() const override;
    ObjectInfo commit(Existing existing) override;
    void abort() noexcept override;

  private:
    void require_open() const;
    void keep(Bytes data);
    void attempt(const std::function<void()>& call);
    void turn_to_second();
    ObjectAttributes marked_attributes() const;
    bool is_in_second() const;

    FailoverStore& store_;
    const Key key_;
    const ObjectAttributes attributes_;
    std::unique_ptr<ObjectWriter> writer_;  ///< null: spent
    bool in_second_ = false;
    std::vector<std::byte> kept_;  ///< all that was written, while it is no more than the first part
    std::uint64_t written_ = 0;
};

}  // namespace fadeout::storage
