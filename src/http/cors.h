#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace fadeout::http {

/// Which pages of other origins may use the answers (WHATWG Fetch, "CORS protocol").
class Cors {
  public:
    explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

    /// Fields for an answer to a request from `origin` (empty: none was sent). `any_origin`: the route
    /// answers all.
    Fields answer(std::string_view origin, bool any_origin) const;
    /// Those for the answer to a preflight: the above, and what may be sent. Empty where the origin may
    /// nothing.
    Fields preflight(std::string_view origin, bool any_origin, std::string_view methods) const;

  private:
    std::vector<std::string> origins_;
};

}  // namespace fadeout::http
