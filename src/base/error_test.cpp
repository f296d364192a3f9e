#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace fadeout {
namespace {

TEST(Error, KeepsWhatIsPublicApartFromWhatIsNot) {
    const Error error(ErrorKind::bad_source, "The source broke off.", "http://10.0.0.1: reset");
    EXPECT_EQ(error.kind(), ErrorKind::bad_source);
    EXPECT_STREQ(error.what(), "The source broke off.");
    EXPECT_EQ(error.detail(), "http://10.0.0.1: reset");
    EXPECT_EQ(with_detail(error), "The source broke off. (http://10.0.0.1: reset)");
    EXPECT_EQ(with_detail({ErrorKind::busy, "Wait."}), "Wait.");
    const Error copy = error;
    EXPECT_EQ(copy.detail(), error.detail());
}

TEST(Error, EveryKindHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind)
        EXPECT_TRUE(names.insert(name(static_cast<ErrorKind>(kind))).second) << kind;
}

TEST(Error, SystemErrorsAreSortedByWhoCanMendThem) {
    EXPECT_EQ(system_error(ENOSPC, "write").kind(), ErrorKind::storage_full);
    EXPECT_EQ(system_error(EDQUOT, "write").kind(), ErrorKind::storage_full);
    EXPECT_EQ(system_error(ENOENT, "open").kind(), ErrorKind::not_found);
    EXPECT_EQ(system_error(EACCES, "open").kind(), ErrorKind::denied);
    EXPECT_EQ(system_error(EPERM, "open").kind(), ErrorKind::denied);
    EXPECT_EQ(system_error(EIO, "read").kind(), ErrorKind::internal);
}

TEST(Error, SystemErrorsKeepPathsOutOfThePublicMessage) {
    for (const int code : {ENOSPC, ENOENT, EACCES, EIO}) {
        const Error error = system_error(code, "write the object", "/srv/secret/file");
        const std::string what = error.what();
        EXPECT_TRUE(what.starts_with("Could not write the object: ")) << what;
        EXPECT_EQ(what.find("/srv"), std::string::npos) << what;
        EXPECT_TRUE(error.detail().starts_with("/srv/secret/file: ")) << error.detail();
    }
    EXPECT_FALSE(system_error(EIO, "read").detail().empty()) << "the reason is logged";
}

}  // namespace
}  // namespace fadeout
