#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "storage/object_store.h"

namespace fadeout::service {

/// All objects of a store in the order of their keys, a page in memory at a time.
class Listing {
  public:
    explicit Listing(storage::ObjectStore& store) : store_(store) {}

    const storage::ObjectInfo* peek();                             ///< the next one; null at the end
    void pop();                                                    ///< only after peek() gave one
    std::uint64_t left_out() const noexcept { return left_out_; }  ///< until now, see ObjectPage

  private:
    storage::ObjectStore& store_;
    std::deque<storage::ObjectInfo> page_;
    std::uint64_t left_out_ = 0;
    std::optional<std::string> cursor_ = "";  ///< nothing: the page is the last one
};

}  // namespace fadeout::service
