#include "base/ids.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/text.h"

namespace fadeout {

void random_bytes(std::span<unsigned char> out) {
    while (!out.empty()) {
        const ssize_t n = ::getrandom(out.data(), out.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw system_error(errno, "read random bytes");
        out = out.subspan(static_cast<std::size_t>(n));
    }
}

std::string make_uuid() {
    std::array<unsigned char, 16> b{};
    random_bytes(b);
    b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x40);  // version 4
    b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);  // variant 10
    std::string hex = to_hex(b);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, 1, '-');
    return hex;
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = text[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

}  // namespace fadeout
