#pragma once
#include <cstddef>
#include <vector>

#include "base/byte_stream.h"

namespace fadeout::audio::libav {

/// Checks the pages of an Ogg file as its bytes pass by: libavformat leaves a damaged page out without a
/// word, and cannot tell a file that was cut off from a whole one. RFC 3533, section 6.
class OggPages {
  public:
    /// The next bytes of the file.
    void feed(Bytes bytes);
    /// After all bytes: did every page arrive, sound and complete? Other data behind the last page is allowed
    /// (tags).
    bool whole() const noexcept;

  private:
    bool take_page();
    void skip_junk();
    Bytes rest() const noexcept { return Bytes(buffer_).subspan(start_); }

    std::vector<std::byte> buffer_;
    std::size_t start_ = 0;
    bool damaged_ = false;
    bool junk_ = false;
    bool ended_ = false;
};

}  // namespace fadeout::audio::libav
