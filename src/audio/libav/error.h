#pragma once
#include <string>

#include "base/error.h"

namespace fadeout::audio::libav {

/// The one place where libav's codes become an Error. ENOMEM is too_large (av_max_alloc refuses what hostile
/// media asks for), everything else is `kind`; libav's own text goes into the detail.
Error av_error(int code, ErrorKind kind, const std::string& public_message);

/// Returns `code` where it is no error.
int check(int code, ErrorKind kind, const std::string& public_message);

/// Throws too_large where `pointer` is null; libav's allocators return that and nothing else.
void check_allocated(const void* pointer);

}  // namespace fadeout::audio::libav
