#include <cctype>
#include <fmt/format.h>
#include <functional>
#include <set>

#include "harness/process/error.hpp"
#include "harness/process/free_port.hpp"
#include "harness/service/service_spec.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite::service {

namespace {

using Json = nlohmann::json;

/// `text` with what `replacement` says for the name in each {kind:name}.
std::string replaced(std::string_view text, std::string_view kind,
                     const std::function<std::string(const std::string&)>& replacement) {
  const std::string opening = fmt::format("{{{}:", kind);
  std::string whole;
  for (;;) {
    const std::size_t at = text.find(opening);
    const std::size_t end = at == std::string_view::npos ? at : text.find('}', at);
    if (end == std::string_view::npos) return whole.append(text);
    whole.append(text.substr(0, at));
    whole += replacement(std::string(text.substr(at + opening.size(), end - at - opening.size())));
    text.remove_prefix(end + 1);
  }
}

void for_each_text(Json& json, const std::function<void(std::string&)>& action) {
  if (json.is_string()) return action(json.get_ref<std::string&>());
  if (!json.is_structured()) return;
  for (Json& element : json)
    for_each_text(element, action);
}

// free_port() may name one twice: nobody listens there yet.
std::uint16_t another_port(std::set<std::uint16_t>& taken) {
  try {
    for (;;) {
      const std::uint16_t port = free_port();
      if (taken.insert(port).second) return port;
    }
  } catch (const ProcessError& error) {
    throw EnvironmentError(error.what());
  }
}

}  // namespace

WithPorts choose_ports(const Json& members, const std::string& file) {
  WithPorts chosen{members, {}};
  std::set<std::uint16_t> taken;
  for_each_text(chosen.members, [&](std::string& text) {
    text = replaced(text, "port", [&](const std::string& name) {
      if (!members.contains("start")) {
        throw UsageError(
            fmt::format("{}: '{{port:{}}}' asks for a port that a service is told to listen on, but there is no "
                        "'start' that starts one; write the port",
                        file, name));
      }
      if (variable_part(name).empty())
        throw UsageError(fmt::format("{}: '{{port:}}' needs a name, e.g. {{port:api}}", file));
      const auto found = chosen.ports.find(name);
      const std::uint16_t port = found != chosen.ports.end() ? found->second : another_port(taken);
      chosen.ports[name] = port;
      return std::to_string(port);
    });
  });
  return chosen;
}

std::string variable_part(const std::string& name) {
  std::string part;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto character = static_cast<unsigned char>(name[i]);
    if (name.compare(i, 2, "->") == 0) {
      part += "_TO_";
      ++i;
    } else {
      part += std::isalnum(character) != 0 ? static_cast<char>(std::toupper(character)) : '_';
    }
  }
  return part;
}

std::map<std::string, std::string> variables_of(const ServiceSpec& spec, const std::map<LinkName, Address>& links) {
  std::map<std::string, std::string> variables;
  for (const auto& [name, port] : spec.ports)
    variables["AFTERWRITE_PORT_" + variable_part(name)] = std::to_string(port);
  for (const auto& [name, address] : links)
    variables["AFTERWRITE_LINK_" + variable_part(afterwrite::to_string(name))] = to_string(address);
  return variables;
}

std::string with_links(const std::string& text, const std::map<LinkName, Address>& links, const std::string& where) {
  return replaced(text, "link", [&](const std::string& asked) {
    std::vector<std::string> known;
    for (const auto& [name, address] : links) {
      known.push_back(afterwrite::to_string(name));
      if (known.back() == asked) return to_string(address);
    }
    throw UsageError(fmt::format("{}: no link is called '{}'{}", where, asked,
                                 known.empty() ? "; name it under 'links'" : known_names_hint(asked, known)));
  });
}

}  // namespace afterwrite::service
