#pragma once
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace fadeout::http {

/// Bytes that came and were not used yet, in one piece, in a buffer of fixed size.
class InputBuffer {
  public:
    explicit InputBuffer(std::size_t bytes) : buffer_(bytes) {}

    std::string_view data() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
    bool empty() const noexcept { return begin_ == end_; }
    bool is_full() const noexcept { return end_ - begin_ == buffer_.size(); }

    void consume(std::size_t bytes) noexcept {
        begin_ += bytes;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    /// Room behind the data, which moves to the front for it. Not empty unless is_full().
    std::span<char> room() noexcept {
        if (begin_ > 0) {
            std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        return std::span(buffer_).subspan(end_);
    }
    void commit(std::size_t bytes) noexcept { end_ += bytes; }

  private:
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace fadeout::http
