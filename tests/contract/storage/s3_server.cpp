#include "s3_server.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <stdexcept>

#include "base/ids.h"

namespace fadeout::storage {

namespace {

std::string script(const std::string& name) {
    return std::string(FADEOUT_SOURCE_DIR) + "/tests/servers/" + name;
}

/// The first line that the command prints.
std::string first_line(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "re");
    if (pipe == nullptr) throw std::runtime_error("popen");
    std::array<char, 512> line{};
    const bool read = std::fgets(line.data(), line.size(), pipe) != nullptr;
    ::pclose(pipe);
    return read ? line.data() : "";
}

}  // namespace

S3Server& S3Server::shared() {
    static S3Server server;
    return server;
}

S3Server::S3Server() {
    std::string name = (std::filesystem::temp_directory_path() / "fadeout-rgw-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
    // Below the ports that the system gives out, and another range for each test that runs at the same time.
    const std::string port = std::to_string(12'000 + ::getpid() % 400 * 50);
    // In a session of its own: what ends this process group must not end the guard before its work.
    const std::string guard = "exec setsid sh -c 'cat >/dev/null; " + script("stop-rgw.sh") + " " + folder_ +
                              "; rm -rf " + folder_ + "'";
    guard_ = ::popen(guard.c_str(), "we");
    if (!first_line(script("start-rgw.sh") + " -p " + port + " -d " + folder_).starts_with("READY"))
        throw std::runtime_error("no S3 server; see the messages above");
    endpoint_ = "http://127.0.0.1:" + port;
}

S3Server::~S3Server() {
    if (guard_ != nullptr) ::pclose(guard_);
}

S3Options bucket_options(const std::string& bucket) {
    S3Options options;
    options.location = {.provider = "s3",
                        .bucket = bucket,
                        .region = "us-east-1",
                        .endpoint = S3Server::shared().endpoint(),
                        .path_style = true};
    options.credentials = std::make_shared<aws::StaticCredentials>(S3Server::keys());
    options.retry.transient_base = options.retry.throttled_base = Duration(1);
    return options;
}

S3Options new_bucket() {
    S3Options options = bucket_options("test-" + make_uuid());
    const SystemClock clock;
    s3::Client(options, clock).require({"PUT", {}}, "make a bucket");
    return options;
}

}  // namespace fadeout::storage
