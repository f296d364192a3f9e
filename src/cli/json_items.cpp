#include "cli/json_items.h"

#include <boost/json/serialize.hpp>

#include "cli/output.h"

namespace fadeout::cli {

void JsonItems::item(const boost::json::object& item) {
    print((has_items_ ? "," : "{\"items\":[") + boost::json::serialize(item));
    has_items_ = true;
}

void JsonItems::end(const boost::json::object& members, bool with_items) {
    if (with_items && !has_items_) print("{\"items\":[");
    const std::string text = boost::json::serialize(members);
    print(with_items ? "]," + text.substr(1) + '\n' : text + '\n');
}

}  // namespace fadeout::cli
