#include "tests/checkers/story.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>

namespace afterwrite::oracle {
namespace {

Value parse_value(const std::string& word) {
  if (word == "-") {
    return std::monostate{};
  }
  if (word.front() != '[') {
    return word;
  }
  List list;
  std::istringstream elements(word.substr(1, word.size() - 2));
  for (std::string element; std::getline(elements, element, ',');) {
    list.emplace_back(element);
  }
  return list;
}

void parse_who(const std::string& who, Operation& operation) {
  const std::size_t slash = who.find('/');
  const std::size_t dot = who.find('.');
  operation.session = who.substr(0, std::min(slash, dot));
  operation.user = operation.session;
  operation.process = operation.session;
  if (slash != std::string::npos) {
    operation.user = who.substr(slash + 1, dot == std::string::npos ? dot : dot - slash - 1);
  }
  if (dot != std::string::npos) {
    operation.process = operation.session + who.substr(dot);
  }
}

void parse_option(const std::string& word, Operation& operation) {
  if (const auto outcome = parse_outcome(word)) {
    operation.outcome = *outcome;
  } else if (word.rfind("k=", 0) == 0) {
    operation.key = word.substr(2);
  } else if (word.rfind("t=", 0) == 0) {
    operation.txn = word.substr(2);
  } else if (word.rfind("v=", 0) == 0) {
    const std::size_t colon = word.find(':');
    RecordedVersion version;
    if (colon != std::string::npos) {
      version.epoch = std::stoll(word.substr(2, colon - 2));
    }
    version.version = std::stoll(word.substr(colon == std::string::npos ? 2 : colon + 1));
    operation.version = version;
  } else {
    throw std::invalid_argument("story: what is '" + word + "'?");
  }
}

Operation parse_operation(const std::string& line) {
  std::istringstream words(line);
  std::string who;
  std::string function;
  std::string value;
  Operation operation;
  if (!(words >> who >> function >> value >> operation.invoke >> operation.complete)) {
    throw std::invalid_argument("story: not an operation: '" + line + "'");
  }
  parse_who(who, operation);
  const auto parsed = parse_function(function);
  if (!parsed) {
    throw std::invalid_argument("story: no function '" + function + "'");
  }
  operation.function = *parsed;
  operation.value = parse_value(value);
  operation.key = "x";
  operation.outcome = Outcome::ok;
  for (std::string word; words >> word;) {
    parse_option(word, operation);
  }
  return operation;
}

}  // namespace

History story(std::string_view text) {
  History history;
  history.name = "story";
  std::string lines(text);
  std::replace(lines.begin(), lines.end(), ';', '\n');
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    line.erase(std::min(line.find('#'), line.size()));
    if (line.find_first_not_of(' ') == std::string::npos) {
      continue;
    }
    history.operations.push_back(parse_operation(line));
    history.operations.back().line = history.operations.size() + 1;  // the header is line 1
    const std::size_t count = history.operations.size();
    if (count > 1 && history.operations[count - 2].complete > history.operations[count - 1].complete) {
      throw std::invalid_argument("story: not in order of completion: '" + line + "'");
    }
  }
  return history;
}

}  // namespace afterwrite::oracle
