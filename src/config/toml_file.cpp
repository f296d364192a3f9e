// The only unit that includes toml++, whose headers take long to compile.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>

#include "base/error.h"
#include "config/load.h"

namespace fadeout::config {

namespace {

[[noreturn]] void refuse(std::string_view file_name, std::size_t line, std::string_view what) {
    throw Error(ErrorKind::invalid, fmt::format("{}, line {}: {}", file_name, line, what));
}

class Flattener {
  public:
    explicit Flattener(std::string_view file_name) : file_name_(file_name) {}

    void add_table(const std::string& prefix, const toml::table& table) {
        for (const auto& [key, node] : table) {
            const std::string name = prefix + std::string(key.str());
            if (const toml::table* inner = node.as_table())
                add_table(name + '.', *inner);
            else
                values.emplace_back(name, text_of(name, node));
        }
    }

    NameValues values;

  private:
    std::string text_of(const std::string& name, const toml::node& node) const {
        if (const toml::array* items = node.as_array()) return list_of(name, *items);
        if (const auto text = node.value_exact<std::string>()) return *text;
        if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
        if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
        refuse(file_name_, node.source().begin.line,
               name + " must be a text in quotes, a whole number, true, false, or an array of texts.");
    }

    std::string list_of(const std::string& name, const toml::array& items) const {
        std::string joined;
        for (const toml::node& item : items) {
            const auto text = item.value_exact<std::string>();
            if (!text || text->find(',') != std::string::npos)
                refuse(file_name_, item.source().begin.line,
                       name + " must hold texts in quotes, without commas.");
            if (&item != &items.front()) joined += ',';
            joined += *text;
        }
        return joined;
    }

    std::string_view file_name_;
};

}  // namespace

NameValues parse_toml(std::string_view text, std::string_view file_name) {
    try {
        Flattener flattener(file_name);
        flattener.add_table("", toml::parse(text, file_name));
        return flattener.values;
    } catch (const toml::parse_error& error) {
        refuse(file_name, error.source().begin.line, error.description());
    }
}

}  // namespace fadeout::config
