#include "service/fields.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/error.h"

namespace fadeout::service {
namespace {

boost::json::object object(const char* text) {
    return boost::json::parse(text).as_object();
}

TEST(Fields, MissingAndNullAreNothing) {
    const auto body = object(R"({"a": null})");
    for (const char* name : {"a", "b"}) {
        EXPECT_FALSE(string_member(body, name));
        EXPECT_FALSE(number_member(body, name));
        EXPECT_FALSE(integer_member(body, name, 0, 9));
        EXPECT_FALSE(bool_member(body, name));
        EXPECT_FALSE(id_member(body, name));
        EXPECT_EQ(object_member(body, name), nullptr);
    }
}

TEST(Fields, OtherTypesAreRefused) {
    const auto body = object(R"({"s": "1", "n": 1, "f": 1.5, "o": {}, "big": 1e300})");
    EXPECT_THROW(string_member(body, "n"), Error);
    EXPECT_THROW(number_member(body, "s"), Error);
    EXPECT_THROW(integer_member(body, "f", 0, 9), Error);
    EXPECT_THROW(integer_member(body, "big", 0, 9), Error);
    EXPECT_THROW(integer_member(body, "n", 2, 9), Error);
    EXPECT_THROW(bool_member(body, "n"), Error);
    EXPECT_THROW(object_member(body, "s"), Error);
    EXPECT_EQ(integer_member(body, "n", 0, 9), 1);
    EXPECT_EQ(number_member(body, "f"), 1.5);
}

TEST(Fields, IdsAreShortAndPlain) {
    EXPECT_EQ(id_member(object(R"({"id": "Ab_9-"})"), "id"), "Ab_9-");
    EXPECT_EQ(id_member(object(R"({"id": 17})"), "id"), "17");
    EXPECT_FALSE(id_member(object(R"({"id": ""})"), "id"));
    for (const char* bad :
         {R"({"id": "a/b"})", R"({"id": ".."})", R"({"id": -1})", R"({"id": 1.5})", R"({"id": []})"})
        EXPECT_THROW(id_member(object(bad), "id"), Error) << bad;
    EXPECT_THROW(id_member({{"id", std::string(65, 'a')}}, "id"), Error);
}

}  // namespace
}  // namespace fadeout::service
