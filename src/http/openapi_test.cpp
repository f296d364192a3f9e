#include "http/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <set>

#include "base/text.h"
#include "http/handlers.h"
#include "http/test_server.h"

namespace fadeout::http {
namespace {

using boost::json::object;

const object& document() {
    static const boost::json::value parsed = boost::json::parse(openapi_json());
    return parsed.as_object();
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// "{key...}" is this router's own way to write a parameter.
std::string plain(std::string pattern) {
    const std::size_t dots = pattern.find("...}");
    return dots == std::string::npos ? pattern : pattern.erase(dots, 3);
}

TEST(OpenApi, DescribesExactlyTheRoutes) {
    TestServices services;
    std::set<std::string> routes, described;
    for (const Route& route : all_routes(services.services, {}))
        routes.insert(route.method + " " + plain(route.pattern));
    for (const auto& [path, methods] : document().at("paths").as_object())
        for (const auto& [method, operation] : methods.as_object())
            described.insert(upper(std::string(method)) + " " + std::string(path));
    EXPECT_EQ(routes, described);
}

TEST(OpenApi, EveryPathParameterIsDescribed) {
    for (const auto& [path, methods] : document().at("paths").as_object())
        for (const auto& [method, operation] : methods.as_object()) {
            std::set<std::string> expected, described;
            for (const std::string_view segment : split(path, '/'))
                if (segment.starts_with('{')) expected.emplace(segment.substr(1, segment.size() - 2));
            if (const auto* parameters = operation.as_object().if_contains("parameters"))
                for (const auto& parameter : parameters->as_array())
                    if (parameter.at("in") == "path") described.emplace(parameter.at("name").as_string());
            EXPECT_EQ(expected, described) << std::string(method) << " " << std::string(path);
        }
}

void check_references(const boost::json::value& value) {
    if (const auto* array = value.if_array())
        for (const auto& item : *array) check_references(item);
    if (const auto* members = value.if_object())
        for (const auto& [name, member] : *members) {
            if (name != "$ref") {
                check_references(member);
                continue;
            }
            const std::string target(member.as_string());
            boost::system::error_code error;
            EXPECT_NE(boost::json::value(document()).find_pointer(target.substr(1), error), nullptr)
                << target;
        }
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
    check_references(document());
}

TEST(OpenApi, OpenRoutesAreMarkedSo) {
    TestServices services;
    for (const Route& route : all_routes(services.services, {})) {
        const auto& operation =
            document().at("paths").at(plain(route.pattern)).at(to_lower(route.method)).as_object();
        EXPECT_EQ(operation.contains("security"), route.access == Access::open) << route.pattern;
    }
}

}  // namespace
}  // namespace fadeout::http
