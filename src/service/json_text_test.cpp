#include "service/json_text.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cmath>
#include <cstdlib>
#include <random>

namespace fadeout::service {
namespace {

TEST(JsonText, WritesNumbersAsPeopleDo) {
    EXPECT_EQ(json_text(0.78), "0.78");
    EXPECT_EQ(json_text(3.0), "3.0");
    EXPECT_EQ(json_text(-0.5), "-0.5");
    EXPECT_EQ(json_text(44'100), "44100");
}

TEST(JsonText, IsJson) {
    const char* text = R"({"a":[1,-2,true,null,"x\n\"é"],"b":{},"c":[],"d":{"e":1.25}})";
    EXPECT_EQ(json_text(boost::json::parse(text)), text);
}

TEST(JsonText, EveryDoubleReadsBack) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 10'000; ++i) {
        const double number = std::ldexp(std::uniform_real_distribution<>(-1, 1)(random),
                                         static_cast<int>(random() % 120) - 60);
        EXPECT_EQ(std::strtod(json_text(number).c_str(), nullptr), number);
    }
}

}  // namespace
}  // namespace fadeout::service
