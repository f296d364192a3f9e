#include "service/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::service {

namespace {

void require(bool worked) {
    if (!worked) throw Error(ErrorKind::internal, "The SHA-256 digest could not be computed.");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::update(Bytes data) {
    require(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
}

std::string Sha256::hex() {
    std::array<unsigned char, 32> digest{};
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return to_hex(digest);
}

}  // namespace fadeout::service
