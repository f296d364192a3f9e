#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace fadeout::cli {

using Seconds = std::chrono::duration<double>;

/// " 42 % [########            ] 31.2x 0:12 left". `fraction` 0 to 1; `media_s` is the length of the whole
/// audio, from which the speed (times real time) follows; nothing leaves it out. Fits in 79 columns.
std::string progress_line(double fraction, Seconds elapsed, std::optional<double> media_s);

/// "12,345 looked at, 6,172/s": for work whose end is not known.
std::string count_line(std::uint64_t count, Seconds elapsed);

/// What a copy between two stores has done so far.
struct Transfer {
    double fraction = 0;  ///< of everything that there is to look at
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;  ///< copied
};

/// " 42 % [########            ] 1,234 objects, 3.2 GB, 45.1 MB/s".
std::string transfer_line(const Transfer& transfer, Seconds elapsed);

/// A line on standard error that is drawn over and over, at most ten times a second; nothing at all where
/// standard error is not a terminal. Goes when destroyed.
class Progress {
  public:
    Progress();
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    bool is_shown() const { return is_shown_; }
    void set_media_duration(double seconds) { media_s_ = seconds; }
    void fraction(double done);
    void count(std::uint64_t done);
    void transfer(const Transfer& done);
    Seconds elapsed() const { return std::chrono::steady_clock::now() - start_; }

  private:
    bool is_due();
    void draw(const std::string& line);

    bool is_shown_;
    bool is_drawn_ = false;
    std::optional<double> media_s_;
    std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace fadeout::cli
