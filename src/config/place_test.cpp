#include "config/place.h"

#include <gmock/gmock.h>

#include <array>

namespace fadeout::config {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::array<std::string_view, 3> known{"file:///absolute/path", "s3://bucket?region=NAME",
                                                "mirror:URL,URL"};

std::string message(std::string_view url) {
    const Error error = unknown_place("The store's URL", url, known);
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.what(),
                HasSubstr("Known are file:///absolute/path, s3://bucket?region=NAME, mirror:URL,URL."));
    return error.what();
}

TEST(UnknownPlace, NamesTheLikelySlip) {
    EXPECT_THAT(message("miror:s3://a,s3://b"),
                HasSubstr("begins with miror:, which is not known; did you mean mirror:?"));
    EXPECT_THAT(message("S3://bucket"), HasSubstr("begins with S3: where small letters are needed, s3:. "));
    EXPECT_THAT(message("s3:/bucket"),
                HasSubstr("begins with s3: but is not written as s3://bucket?region=NAME. "));
    EXPECT_THAT(message("file://relative"), HasSubstr("not written as file:///absolute/path"));
    EXPECT_THAT(message("postgres://db"), HasSubstr("begins with postgres:, which is not known. "));
    EXPECT_THAT(message("/srv/audio"), HasSubstr("does not begin with a scheme such as file://. "));
    EXPECT_THAT(message(""), HasSubstr("does not begin with a scheme"));
}

TEST(UnknownPlace, RepeatsNoSecrets) {
    for (const char* url : {"rediss://user:hunter2@host", "hunter2@host:6379", "hunter2"})
        EXPECT_THAT(message(url), Not(HasSubstr("hunter2"))) << url;
}

}  // namespace
}  // namespace fadeout::config
