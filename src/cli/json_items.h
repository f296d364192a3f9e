#pragma once
#include <boost/json/object.hpp>

namespace fadeout::cli {

/// {"items": [...], members of the end...}, printed in pieces so that memory does not grow with the items.
class JsonItems {
  public:
    void item(const boost::json::object& item);
    /// `with_items`: "items" is there even where there were none.
    void end(const boost::json::object& members, bool with_items);

  private:
    bool has_items_ = false;
};

}  // namespace fadeout::cli
