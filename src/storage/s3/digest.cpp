#include "storage/s3/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/base64.h"
#include "base/error.h"

namespace fadeout::storage::s3 {

std::string content_md5(Bytes body) {
    std::array<char, 16> digest{};
    if (EVP_Digest(body.data(), body.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                   EVP_md5(), nullptr) != 1)
        throw Error(ErrorKind::internal, "The MD5 digest could not be computed.");
    return base64_encode({digest.data(), digest.size()});
}

}  // namespace fadeout::storage::s3
