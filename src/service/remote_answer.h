#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fadeout::service {

/// What a transcoding function says it did. Its word only: nothing in it is checked yet.
struct RemoteAnswer {
    bool direct_upload = false;
    std::string s3_key;      ///< empty: none was named
    std::string output_url;  ///< empty: none was named
    std::optional<bool> watermarked;
    std::vector<std::string> temp_files;  ///< keys or URLs
};

/// Reads an answer: an object as POST /transcode answers, or that object inside a proxy integration's
/// {"statusCode", "body": string (base64 where "isBase64Encoded") or object}. Error(bad_source) where it is a
/// failure (status, statusCode, success: false, Lambda's errorMessage), no JSON, or of the wrong shape.
RemoteAnswer parse_remote_answer(int status, std::string_view body);

}  // namespace fadeout::service
