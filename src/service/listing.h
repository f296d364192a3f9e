#pragma once
#include <deque>
#include <optional>
#include <string>

#include "storage/object_store.h"

namespace fadeout::service {

/// All objects of a store in the order of their keys, a page in memory at a time.
class Listing {
  public:
    explicit Listing(storage::ObjectStore& store) : store_(store) {}

    const storage::ObjectInfo* peek();  ///< the next one; null at the end
    void pop();                         ///< only after peek() gave one

  private:
    storage::ObjectStore& store_;
    std::deque<storage::ObjectInfo> page_;
    std::optional<std::string> cursor_ = "";  ///< nothing: the page is the last one
};

}  // namespace fadeout::service
