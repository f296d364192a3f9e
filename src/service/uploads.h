#pragma once
#include <boost/json/object.hpp>

#include "base/clock.h"
#include "storage/object_store.h"

namespace fadeout::service {

/// Hands out a PUT link for an original: {"filename", "content_type", "pitch_id"?} ->
/// {"key", "method": "PUT", "url", "headers", "expires_at"}. Error(invalid) says what is wrong.
boost::json::object create_upload(storage::ObjectStore& objects, const Clock& clock, Duration link_expiry,
                                  const boost::json::object& body);

}  // namespace fadeout::service
