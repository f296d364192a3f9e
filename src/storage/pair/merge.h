#pragma once
#include "storage/object_store.h"

namespace fadeout::storage {

/// One page of what two stores hold together, from a page of each after the same cursor. A key that both hold
/// is that of `first`. May be shorter than `limit` although another page follows.
ObjectPage merge_pages(ObjectPage first, ObjectPage second, std::size_t limit);

}  // namespace fadeout::storage
