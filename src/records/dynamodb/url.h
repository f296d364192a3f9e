#pragma once
#include <string>
#include <string_view>

namespace fadeout::records::dynamodb {

/// Where a table is, and how requests to it are signed.
struct TableAddress {
    std::string table;
    std::string region;
    std::string endpoint;  ///< "https://host" or "http://host:port": no path, no default port, lower case

    /// The Host header of a request to the endpoint.
    std::string_view host() const { return std::string_view(endpoint).substr(endpoint.find("//") + 2); }
};

/// Reads "dynamodb://TABLE?region=NAME&endpoint=URL". Without a region it is `default_region`; without an
/// endpoint, that of AWS in the region. Error(invalid) tells what is wrong with it and what it should look
/// like.
TableAddress parse_url(std::string_view url, std::string_view default_region);

}  // namespace fadeout::records::dynamodb
