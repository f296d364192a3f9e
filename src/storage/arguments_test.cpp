#include "storage/arguments.h"

#include <gtest/gtest.h>

namespace fadeout::storage {
namespace {

TEST(BucketName, IsOnePlainFolderName) {
    for (const char* name : {"a", "audio", "My_Bucket-1.x"}) EXPECT_NO_THROW(check_bucket_name(name));
    EXPECT_NO_THROW(check_bucket_name(std::string(63, 'x')));
    for (const std::string& name :
         {std::string(), std::string(64, 'x'), std::string("."), std::string(".."), std::string(".x"),
          std::string("a/b"), std::string("a b"), std::string("\xc3\xbc")})
        EXPECT_THROW(check_bucket_name(name), Error) << name;
}

TEST(Metadata, NamesAreFoundBySpellingAlike) {
    const ObjectAttributes attributes{.content_type = "", .metadata = {{"processed-at", "1"}, {"b_c", "2"}}};
    EXPECT_EQ(find_metadata(attributes, "processed_at"), "1");
    EXPECT_EQ(find_metadata(attributes, "B-C"), "2");
    EXPECT_EQ(find_metadata(attributes, "bc"), std::nullopt);
}

TEST(Patch, StaysWithinTheFirstPart) {
    constexpr std::uint64_t beyond = first_part_bytes + 100;
    EXPECT_NO_THROW(check_patch(0, first_part_bytes, beyond));
    EXPECT_NO_THROW(check_patch(first_part_bytes - 1, 1, beyond));
    EXPECT_NO_THROW(check_patch(0, 0, 0));
    EXPECT_THROW(check_patch(first_part_bytes - 1, 2, beyond), Error);
    EXPECT_THROW(check_patch(0, 11, 10), Error);
    EXPECT_THROW(check_patch(UINT64_MAX, 1, beyond), Error);
    EXPECT_THROW(check_patch(1, SIZE_MAX, beyond), Error);
}

}  // namespace
}  // namespace fadeout::storage
