#include "cli/progress.h"

#include <gtest/gtest.h>

#include <limits>

namespace fadeout::cli {
namespace {

TEST(ProgressLine, ShowsShareSpeedAndTimeLeft) {
    EXPECT_EQ(progress_line(0.5, Seconds(10), 600.0),
              " 50 % [####################                    ] 30.0x 0:10 left");
    EXPECT_EQ(progress_line(0.25, Seconds(20), std::nullopt),
              " 25 % [##########                              ] 1:00 left");
}

TEST(ProgressLine, DoesNotGuessBeforeItKnows) {
    EXPECT_EQ(progress_line(0.5, Seconds(0.1), 600.0), " 50 % [####################                    ]");
    EXPECT_EQ(progress_line(0, Seconds(10), 600.0), "  0 % [                                        ]");
}

TEST(ProgressLine, StaysWithinItsBoundsWhateverComes) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double fraction : {-1.0, 0.0, 1e-300, 0.3, 0.999999, 1.0, 7.0, nan})
        for (const double elapsed : {0.0, 0.6, 86'400.0, 1e12})
            EXPECT_LE(progress_line(fraction, Seconds(elapsed), 43'200.0).size(), 79u)
                << fraction << ' ' << elapsed;
    EXPECT_TRUE(progress_line(7, Seconds(1), {}).starts_with("100 % ["));
    EXPECT_TRUE(progress_line(nan, Seconds(1), {}).starts_with("  0 % ["));
    EXPECT_EQ(progress_line(0.5, Seconds(7265), {}).substr(49), "2:01:05 left");
}

TEST(CountLine, ShowsCountAndRate) {
    EXPECT_EQ(count_line(0, Seconds(0)), "0 looked at");
    EXPECT_EQ(count_line(999, Seconds(0.1)), "999 looked at");
    EXPECT_EQ(count_line(1'234'567, Seconds(2)), "1,234,567 looked at, 617,283/s");
}

TEST(ProgressOnStandardError, IsSilentWhereThatIsNoTerminal) {
    testing::internal::CaptureStderr();
    {
        Progress progress;
        EXPECT_FALSE(progress.is_shown());
        progress.fraction(0.5);
        progress.count(3);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(TransferLine, ShowsShareObjectsBytesAndSpeed) {
    EXPECT_EQ(transfer_line({.fraction = 0.5, .objects = 1'234, .bytes = 3'200'000'000}, Seconds(10)),
              " 50 % [############            ] 1,234 objects, 3.2 GB, 320.0 MB/s");
    EXPECT_EQ(transfer_line({}, Seconds(0.1)), "  0 % [                        ] 0 objects, 0 B");
    EXPECT_LE(
        transfer_line({.fraction = 1, .objects = 999'999'999, .bytes = 999'900'000'000'000}, Seconds(0.6))
            .size(),
        79u);
}

}  // namespace
}  // namespace fadeout::cli
