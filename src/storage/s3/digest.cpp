#include "storage/s3/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/error.h"

namespace fadeout::storage::s3 {

std::string base64(std::string_view data) {
    std::string out((data.size() + 2) / 3 * 4 + 1, '\0');  // with the zero that OpenSSL writes
    const int n =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(data.data()), static_cast<int>(data.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

std::string content_md5(Bytes body) {
    std::array<char, 16> digest{};
    if (EVP_Digest(body.data(), body.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                   EVP_md5(), nullptr) != 1)
        throw Error(ErrorKind::internal, "The MD5 digest could not be computed.");
    return base64({digest.data(), digest.size()});
}

}  // namespace fadeout::storage::s3
