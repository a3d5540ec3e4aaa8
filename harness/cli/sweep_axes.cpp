#include "harness/cli/sweep_axes.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "harness/cli/asking.hpp"
#include "harness/session/errors.hpp"
#include "harness/session/names.hpp"

namespace afterwrite {

namespace {

constexpr std::string_view option_prefix = "opt.";
constexpr std::string_view fault = "fault";
constexpr std::string_view no_fault = "none";

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void require_known(const std::string& name, const std::map<std::string, bool>& known) {
  if (known.contains(name) || name == fault || (name.starts_with(option_prefix) && name.size() > option_prefix.size()))
    return;
  std::vector<std::string> names{std::string(fault), "opt.NAME"};
  for (const auto& [flag, number] : known)
    names.push_back(flag);
  throw UsageError(fmt::format("--over: '{}' is not known{}", name, known_names_hint(name, names)));
}

}  // namespace

SweepAxis parse_axis(const std::string& text, const std::map<std::string, bool>& known) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(fmt::format("--over: '{}' names no values; write NAME=VALUE,VALUE, e.g. lag=0ms,500ms", text));
  }
  SweepAxis axis{text.substr(0, equals), {}};
  require_known(axis.name, known);
  const std::string values = text.substr(equals + 1);
  axis.values = parts_of(values, values.find(';') == std::string::npos ? ',' : ';');
  for (const std::string& value : axis.values) {
    if (value.empty()) throw UsageError(fmt::format("--over {}: a value is empty; write NAME=VALUE,VALUE", text));
    if (std::count(axis.values.begin(), axis.values.end(), value) > 1) {
      throw UsageError(
          fmt::format("--over {}: {} stands there twice; a sweep with other seeds: --over seed=1,2", text, value));
    }
  }
  return axis;
}

std::vector<SweepSettings> all_settings(const std::vector<SweepAxis>& axes) {
  constexpr std::size_t most_cells = 10'000;
  std::vector<SweepSettings> all{{}};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (axes[k].name == axes[i].name)
        throw UsageError(fmt::format("--over {}: is given twice; name all its values in one", axes[i].name));
    }
    std::vector<SweepSettings> longer;
    for (const SweepSettings& settings : all) {
      for (const std::string& value : axes[i].values) {
        longer.push_back(settings);
        longer.back().emplace_back(axes[i].name, value);
      }
    }
    all = std::move(longer);
    if (all.size() > most_cells)
      throw UsageError(fmt::format("--over: makes more than {} combinations; name fewer values", most_cells));
  }
  return all;
}

nlohmann::json members_of(const SweepSettings& settings, const std::map<std::string, bool>& known) {
  nlohmann::json members = nlohmann::json::object();
  for (const auto& [name, value] : settings) {
    if (name.starts_with(option_prefix)) {
      members["options"][name.substr(option_prefix.size())] = value;
    } else if (name == fault) {
      members["faults"] = value == no_fault ? nlohmann::json::array() : nlohmann::json::array({value});
    } else if (known.at(name)) {
      members[name] = whole_number(value, "--over " + name);
    } else {
      members[name] = value;
    }
  }
  return members;
}

std::vector<std::string> as_audit(const std::vector<std::string>& sweep, const SweepSettings& settings, bool faults) {
  const auto is = [](const std::string& word, std::string_view flag) {
    return word == flag || (word.starts_with(flag) && word.substr(flag.size()).starts_with('='));
  };
  std::vector<std::string> words;
  for (std::size_t i = 0; i < sweep.size(); ++i) {
    const std::string& word = sweep[i];
    if (is(word, "--over") || is(word, "--out") || is(word, "--summary")) {
      if (word.find('=') == std::string::npos) ++i;
    } else if (word == "sweep" && words.empty()) {
      words.emplace_back("audit");
    } else if (!is(word, "--resume") && !is(word, "--json")) {
      words.push_back(word);
    }
  }
  for (const auto& [name, value] : settings) {
    if (name == fault && value == no_fault && !faults) continue;
    if (name.starts_with(option_prefix)) {
      words.insert(words.end(), {"--opt", fmt::format("{}={}", name.substr(option_prefix.size()), value)});
    } else {
      words.insert(words.end(), {"--" + name, value});
    }
  }
  return words;
}

std::string in_words(const SweepSettings& settings) {
  std::string text;
  for (const auto& [name, value] : settings)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value);
  return text;
}

std::string folder_of(std::size_t number, const SweepSettings& settings) {
  constexpr std::size_t longest = 80;
  std::string name = fmt::format("{:02}", number);
  for (const auto& [axis, value] : settings)
    name += "-" + value;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.') c = '-';
  }
  return name.substr(0, longest);
}

}  // namespace afterwrite
