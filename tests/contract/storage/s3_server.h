#pragma once
#include <memory>
#include <string>

#include "aws/credentials.h"
#include "base/test_folder.h"
#include "storage/s3/s3_store.h"

namespace fadeout::storage {

/// A Ceph Object Gateway on loopback, started by tests/servers/start-rgw.sh when first asked for; it ends
/// with this process, however that ends.
class S3Server {
  public:
    static S3Server& shared();
    ~S3Server();
    S3Server(const S3Server&) = delete;
    S3Server& operator=(const S3Server&) = delete;

    const std::string& endpoint() const { return endpoint_; }
    static aws::Credentials keys() { return {"fadeouttestaccess", "fadeouttestsecret", {}}; }

  private:
    S3Server();

    std::string folder_, endpoint_;
    FILE* guard_ = nullptr;  ///< stops the server once our end of this pipe is closed
};

/// A bucket of its own, never seen before. Retries do not wait.
S3Options new_bucket();
/// Options for that bucket, whether or not it exists.
S3Options bucket_options(const std::string& bucket);

}  // namespace fadeout::storage
