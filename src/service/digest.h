#pragma once
#include <memory>
#include <string>

#include "base/byte_stream.h"

struct evp_md_ctx_st;

namespace fadeout::service {

/// SHA-256 of bytes that come piece by piece (FIPS 180-4).
class Sha256 {
  public:
    Sha256();
    void update(Bytes data);
    std::string hex();  ///< lower case; at most once

  private:
    std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

}  // namespace fadeout::service
