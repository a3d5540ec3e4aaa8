#include "harness/history/operation.hpp"

#include <array>
#include <cassert>
#include <utility>

namespace afterwrite {
namespace {

template <typename Enum, std::size_t size>
using Names = std::array<std::pair<Enum, std::string_view>, size>;

constexpr Names<Function, 4> function_names{
    {{Function::read, "read"}, {Function::write, "write"}, {Function::append, "append"}, {Function::remove, "delete"}}};
constexpr Names<Outcome, 3> outcome_names{{{Outcome::ok, "ok"}, {Outcome::fail, "fail"}, {Outcome::info, "info"}}};
constexpr Names<Role, 3> role_names{
    {{Role::unknown, "unknown"}, {Role::leader, "leader"}, {Role::follower, "follower"}}};

template <typename Enum, std::size_t size>
std::string_view name_of(const Names<Enum, size>& names, Enum wanted) {
  for (const auto& [value, name] : names) {
    if (value == wanted) return name;
  }
  assert(false && "an enumerator without a name");
  return "?";
}

template <typename Enum, std::size_t size>
std::optional<Enum> value_of(const Names<Enum, size>& names, std::string_view wanted) {
  for (const auto& [value, name] : names) {
    if (name == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Function function) {
  return name_of(function_names, function);
}
std::string_view to_string(Outcome outcome) {
  return name_of(outcome_names, outcome);
}
std::string_view to_string(Role role) {
  return name_of(role_names, role);
}
std::optional<Function> parse_function(std::string_view text) {
  return value_of(function_names, text);
}
std::optional<Outcome> parse_outcome(std::string_view text) {
  return value_of(outcome_names, text);
}
std::optional<Role> parse_role(std::string_view text) {
  return value_of(role_names, text);
}

}  // namespace afterwrite
