#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace fadeout::cli {

namespace {

constexpr std::chrono::milliseconds redraw_every{100};
constexpr Seconds settled{0.5};  ///< before that, speed and time left would be guesses
constexpr std::size_t bar_width = 40;
constexpr std::size_t narrow_bar_width = 24;  ///< where more stands beside it

/// "0:07", "12:34", "3:05:09"
std::string clock_text(double seconds) {
    const auto whole = static_cast<long long>(std::min(std::ceil(seconds), 359'999.0));
    if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string with_thousands(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

double valid_fraction(double fraction) {
    return std::clamp(std::isfinite(fraction) ? fraction : 0.0, 0.0, 1.0);
}

/// " 42 % [####    ]"
std::string bar(double fraction, std::size_t width) {
    const auto filled = static_cast<std::size_t>(fraction * static_cast<double>(width));
    return fmt::format("{:3} % [{}{}]", static_cast<int>(fraction * 100), std::string(filled, '#'),
                       std::string(width - filled, ' '));
}

}  // namespace

std::string progress_line(double fraction, Seconds elapsed, std::optional<double> media_s) {
    fraction = valid_fraction(fraction);
    std::string line = bar(fraction, bar_width);
    if (elapsed < settled || fraction <= 0) return line;
    if (media_s) line += fmt::format(" {:.1f}x", *media_s * fraction / elapsed.count());
    return line + fmt::format(" {} left", clock_text(elapsed.count() * (1 - fraction) / fraction));
}

std::string count_line(std::uint64_t count, Seconds elapsed) {
    std::string line = with_thousands(count) + " looked at";
    if (elapsed < settled) return line;
    const double per_s = static_cast<double>(count) / elapsed.count();
    return line + fmt::format(", {}/s", with_thousands(static_cast<std::uint64_t>(per_s)));
}

std::string transfer_line(const Transfer& transfer, Seconds elapsed) {
    std::string line =
        fmt::format("{} {} objects, {}", bar(valid_fraction(transfer.fraction), narrow_bar_width),
                    with_thousands(transfer.objects), format_bytes(transfer.bytes));
    if (elapsed < settled) return line;
    const double per_s = static_cast<double>(transfer.bytes) / elapsed.count();
    return line + fmt::format(", {}/s", format_bytes(static_cast<std::uint64_t>(per_s)));
}

Progress::Progress() : is_shown_(::isatty(STDERR_FILENO) == 1), start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
    if (is_drawn_) std::fputs("\r\x1b[K", stderr);
}

bool Progress::is_due() {
    const auto now = std::chrono::steady_clock::now();
    if (!is_shown_ || (is_drawn_ && now - last_ < redraw_every)) return false;
    last_ = now;
    return true;
}

void Progress::draw(const std::string& line) {
    std::fputs(("\r" + line + "\x1b[K").c_str(), stderr);
    is_drawn_ = true;
}

void Progress::fraction(double done) {
    if (is_due()) draw(progress_line(done, elapsed(), media_s_));
}

void Progress::count(std::uint64_t done) {
    if (is_due()) draw(count_line(done, elapsed()));
}

void Progress::transfer(const Transfer& done) {
    if (is_due()) draw(transfer_line(done, elapsed()));
}

}  // namespace fadeout::cli
