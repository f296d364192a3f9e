#include "storage/disk/signing_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/text.h"

namespace fadeout::storage {

namespace {

constexpr std::string_view format_name = "fadeout-signing-key-1";
constexpr std::size_t id_length = 20;      // as long as those of AWS
constexpr std::size_t secret_length = 64;  // 32 bytes in hex

template <std::size_t N>
std::string random_hex() {
    std::array<unsigned char, N> bytes{};
    random_bytes(bytes);
    return to_hex(bytes);
}

bool is_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

std::optional<aws::Credentials> parse(std::string_view text) {
    if (!text.ends_with('\n')) return std::nullopt;
    text.remove_suffix(1);
    const auto words = split(text, ' ');
    if (words.size() != 3 || words[0] != format_name) return std::nullopt;
    if (words[1].size() != id_length || !is_of(words[1], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
        return std::nullopt;
    if (words[2].size() != secret_length || !is_of(words[2], "0123456789abcdef")) return std::nullopt;
    return aws::Credentials{std::string(words[1]), std::string(words[2]), {}};
}

std::string new_key_line() {
    std::string id = "FADE" + random_hex<8>();
    std::transform(id.begin(), id.end(), id.begin(),
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    return std::string(format_name) + " " + id + " " + random_hex<32>() + "\n";
}

aws::Credentials load(const Descriptor& file, const std::string& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw system_error(errno, "read the signing key", path);
    if (!S_ISREG(status.st_mode))
        throw Error(ErrorKind::invalid, "The signing key is not a file. Remove what stands in its place.",
                    path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw Error(
            ErrorKind::denied,
            "The signing key may be read or changed by other users. Set its mode to 0600; if others may have "
            "seen it, remove it: a new one is made, and links handed out before stop working.",
            path);
    std::string text(256, '\0');
    const ssize_t n = ::pread(file.get(), text.data(), text.size(), 0);
    if (n < 0) throw system_error(errno, "read the signing key", path);
    text.resize(static_cast<std::size_t>(n));
    if (auto key = parse(text)) return std::move(*key);
    throw Error(
        ErrorKind::invalid,
        std::string(text.empty() ? "The signing key's file is empty."
                                 : "The signing key's file is damaged.") +
            " Restore it from a backup, or remove it: a new one is made, and links handed out before stop "
            "working.",
        path);
}

void write_new(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const std::string line = new_key_line();
    if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(file.get()) != 0)
        throw system_error(errno, "make the signing key", path);
}

/// Makes the file whole under another name and links it to `path`, which fails where another process was
/// first.
void create(const std::string& path) {
    const std::string draft = path + "." + random_hex<8>() + ".new";
    int error = 0;
    try {
        write_new(draft);
        if (::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) error = errno;
    } catch (const Error&) {
        ::unlink(draft.c_str());
        throw;
    }
    ::unlink(draft.c_str());
    if (error != 0) throw system_error(error, "make the signing key", path);
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const Descriptor parent(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent || ::fsync(parent.get()) != 0) throw system_error(errno, "make the signing key", path);
}

}  // namespace

aws::Credentials load_or_create_signing_key(const std::string& path) {
    for (bool created = false;; created = true) {
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (file) return load(file, path);
        if (errno != ENOENT || created) throw system_error(errno, "read the signing key", path);
        create(path);
    }
}

}  // namespace fadeout::storage
