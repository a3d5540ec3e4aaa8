#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace afterwrite {

/// A member of a header, a footer or a fault's detail. Any program may have written these, so a member of another type
/// than the one asked for counts as absent, and so does every member of what is no object: a report must not fail for
/// it. None of these throws.
std::optional<bool> recorded_flag(const nlohmann::json& object, const char* name);
std::optional<double> recorded_number(const nlohmann::json& object, const char* name);
/// An integer that is not negative.
std::optional<std::uint64_t> recorded_count(const nlohmann::json& object, const char* name);
std::optional<std::string> recorded_text(const nlohmann::json& object, const char* name);
/// The member itself if it is an array; null otherwise. Lives as long as `object`.
const nlohmann::json* recorded_array(const nlohmann::json& object, const char* name);

}  // namespace afterwrite
