#pragma once
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace fadeout::service {

/// Where the warnings of the render with this digest are kept: "renders/{pitch_id}/{digest}.warnings". A
/// small object of its own, since S3 takes an object's metadata before its first part, and damage may come
/// last.
storage::Key warnings_key(const std::string& pitch_id, const std::string& digest);

/// One line each; of all together the first 4 KiB. Nothing is written where there are none.
void keep_warnings(storage::ObjectStore& objects, const storage::Key& key,
                   const std::vector<std::string>& warnings);
/// Empty where none were kept.
std::vector<std::string> kept_warnings(storage::ObjectStore& objects, const storage::Key& key);

}  // namespace fadeout::service
