#pragma once
#include <string>
#include <utility>
#include <vector>

namespace fadeout::config {

/// The secrets of webhook endpoints in a file: pairs of a URL prefix and a key's bytes, from lines
/// "https://app.example.com/hooks whsec_BASE64" with the base64 of 24 to 64 bytes (Standard Webhooks). Empty
/// lines and those that begin with '#' are skipped. Error(invalid) names the line, never the secret.
std::vector<std::pair<std::string, std::string>> read_webhook_secrets(const std::string& path);

}  // namespace fadeout::config
