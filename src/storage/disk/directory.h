#pragma once
#include <dirent.h>

#include <memory>
#include <optional>

#include "base/file.h"

namespace fadeout::storage::disk {

enum class NameKind { file, folder, other };

struct DirectoryEntry {
    const char* name;  ///< valid until the next call of Directory::next()
    NameKind kind;
};

/// The names in a folder, in no order, without "." and "..". Symbolic links are `other`.
class Directory {
  public:
    /// Takes the descriptor over.
    explicit Directory(Descriptor folder);
    /// Nothing at the end. Error(internal) where reading fails.
    std::optional<DirectoryEntry> next();

  private:
    struct Close {
        void operator()(DIR* d) const noexcept { ::closedir(d); }
    };
    std::unique_ptr<DIR, Close> dir_;
};

}  // namespace fadeout::storage::disk
