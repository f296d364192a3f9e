#pragma once
#include <string>
#include <vector>

#include "http/message.h"

namespace fadeout::http {

/// The keys that let a caller in. Only their hashes are kept.
class ApiKeys {
  public:
    explicit ApiKeys(const std::vector<std::string>& keys);

    /// Looks at `Authorization: Bearer KEY` and `X-Api-Key: KEY`. Always true where no keys are configured.
    /// Takes the same time whichever key it is, or none.
    bool allow(const Request& request) const;

  private:
    bool is_known(std::string_view key) const;
    std::vector<std::string> hashes_;
};

}  // namespace fadeout::http
