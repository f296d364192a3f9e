#pragma once
#include <sys/types.h>
#include <string>

namespace fadeout::records {

/// A dynalite of this process's own on 127.0.0.1, in memory: started by tests/servers/start-dynalite.sh,
/// ended with this, or with the process however that ends.
class Dynalite {
  public:
    Dynalite();
    ~Dynalite();
    Dynalite(const Dynalite&) = delete;
    Dynalite& operator=(const Dynalite&) = delete;

    const std::string& endpoint() const noexcept { return endpoint_; }  ///< "http://127.0.0.1:PORT"

  private:
    pid_t pid_ = -1;
    std::string endpoint_;
};

}  // namespace fadeout::records
