#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace fadeout::storage::disk {

/// system_error() for the store's own files, of which no caller is to blame: misconfigured where fadeout may
/// not write (EACCES, EPERM, EROFS), unavailable where the disk or the network to it fails (EIO, ESTALE,
/// ...).
Error store_error(int errno_value, std::string_view doing, std::string detail = {});

}  // namespace fadeout::storage::disk
