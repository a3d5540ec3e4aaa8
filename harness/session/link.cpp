#include "harness/session/link.hpp"

namespace afterwrite {

namespace {

constexpr std::string_view arrow = "->";

}  // namespace

std::string to_string(const LinkName& name) {
  return name.from + std::string(arrow) + name.to;
}

std::optional<LinkName> parse_link_name(std::string_view text) {
  const std::size_t at = text.find(arrow);
  if (at == std::string_view::npos) return std::nullopt;
  LinkName name{std::string(text.substr(0, at)), std::string(text.substr(at + arrow.size()))};
  if (name.from.empty() || name.to.empty() || name.to.find(arrow) != std::string::npos) return std::nullopt;
  return name;
}

}  // namespace afterwrite
