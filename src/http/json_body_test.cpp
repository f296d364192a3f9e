#include "http/json_body.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace fadeout::http {
namespace {

std::string refusal(std::string_view body) {
    try {
        parse_json_object(body);
    } catch (const Error& error) {
        return error.kind() == ErrorKind::invalid ? error.what() : "another kind";
    }
    return "";
}

TEST(JsonBody, ReadsAnObject) {
    EXPECT_EQ(parse_json_object(R"( {"text": "hallo"} )").at("text"), "hallo");
}

TEST(Faults, F09_JsonOfTheWrongShapeIsTheCallersMistake) {
    for (const std::string_view body : {"[]", "[{\"text\": \"a\"}]", "\"text\"", "5", "null", "true"})
        EXPECT_EQ(refusal(body), "The body must be a JSON object") << body;
    for (const std::string_view body :
         {"{", "{\"text\": }", "text=hello", "{\"a\": 1} x", "{\"a\": \"\xff\"}", "{'a': 1}"})
        EXPECT_EQ(refusal(body), "The body is not valid JSON") << body;
    EXPECT_EQ(refusal("  \n"), "The body is empty; send a JSON object");
}

TEST(JsonBody, LimitsDepth) {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    EXPECT_EQ(refusal(nested(max_json_depth)), "");
    EXPECT_EQ(refusal(nested(max_json_depth + 1)), "The JSON is nested deeper than 32");
    EXPECT_EQ(refusal(std::string(1 << 20, '{')), "The JSON has more than 10000 values");
}

TEST(JsonBody, LimitsValuesButNotWhatStandsInStrings) {
    std::string many = "{\"a\":[1";
    for (std::size_t i = 0; i < max_json_values; ++i) many += ",1";
    EXPECT_EQ(refusal(many + "]}"), "The JSON has more than 10000 values");
    EXPECT_EQ(refusal("{\"text\":\"\\\"" + std::string(100'000, ',') + "\\\\\"}"), "");
}

}  // namespace
}  // namespace fadeout::http
