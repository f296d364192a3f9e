#pragma once
#include <memory>
#include <optional>

#include "base/file.h"
#include "storage/object_store.h"

namespace fadeout::storage::disk {

/// One version of an object: the open file goes on holding it, whatever happens to its name.
class DiskReader final : public ObjectReader {
  public:
    DiskReader(Descriptor file, ObjectHead head) : file_(std::move(file)), head_(std::move(head)) {}

    const ObjectHead& head() const override { return head_; }
    std::optional<std::uint64_t> size() const override { return head_.info.size_bytes; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;
    int file_descriptor() const noexcept override { return file_.get(); }

  private:
    Descriptor file_;
    ObjectHead head_;
};

/// Opens the object with the attributes that belong to just this version; null where there is none. `top` is
/// the bucket's folder.
std::unique_ptr<DiskReader> open_object(int top, const Key& key);

}  // namespace fadeout::storage::disk
