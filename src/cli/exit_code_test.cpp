#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace fadeout::cli {
namespace {

TEST(ExitCode, TellsScriptsWhoMustActNow) {
    for (const ErrorKind refused : {ErrorKind::invalid, ErrorKind::denied, ErrorKind::unsupported})
        EXPECT_EQ(exit_code(refused), 2) << name(refused);
    for (const ErrorKind failed :
         {ErrorKind::not_found, ErrorKind::conflict, ErrorKind::too_large, ErrorKind::unprocessable,
          ErrorKind::busy, ErrorKind::bad_source, ErrorKind::timeout, ErrorKind::storage_full,
          ErrorKind::unavailable, ErrorKind::internal})
        EXPECT_EQ(exit_code(failed), 1) << name(failed);
    EXPECT_EQ(exit_code(ErrorKind::cancelled), 130);
}

}  // namespace
}  // namespace fadeout::cli
