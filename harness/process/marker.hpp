#pragma once

#include <filesystem>
#include <string_view>

#include "harness/process/descriptor.hpp"

namespace afterwrite {

/// The names of private folders begin with this.
inline constexpr std::string_view private_folder_prefix = "afterwrite-";

/// Puts the marker into a new private folder and locks it (shared). The lock goes when the descriptor is closed, that
/// is, when its owner ends. Returns none, with errno, if that failed.
Descriptor create_marker(const std::filesystem::path& folder);

enum class MarkerLock { shared, exclusive };

/// Locks the marker of a folder; none if there is no marker of ours, or if the lock conflicts with one that is held.
Descriptor lock_marker(const std::filesystem::path& folder, MarkerLock lock);

/// Removes a private folder with all that is in it, the marker last, so that a removal that was interrupted can be
/// taken up again. True if nothing is left of it. A folder without a marker of ours is only removed if it is empty;
/// symlinks are removed, never followed.
bool remove_marked_folder(const std::filesystem::path& folder) noexcept;

}  // namespace afterwrite
