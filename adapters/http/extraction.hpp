#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/history/bounded_json.hpp"
#include "harness/history/operation.hpp"
#include "harness/http/connection.hpp"
#include "harness/http/redaction.hpp"

namespace afterwrite::http {

/// Where in an answer something stands: in its JSON, in a header, or the body itself.
struct Extraction {
  std::optional<nlohmann::json::json_pointer> pointer;
  std::string header;  ///< without a pointer and a header: the body as text
};

/// What was found, or in words why nothing was.
template <typename What>
struct Found {
  std::optional<What> what;
  std::string problem;
};

/// An answer whose body is parsed as JSON once, when first asked for. Refers to the answer. `redact` makes of a text
/// what a problem may show of it.
class Answered {
 public:
  Answered(const Answer& answer, Redact redact) : answer_(answer), redact_(std::move(redact)) {}
  const Answer& answer() const { return answer_; }
  Found<nlohmann::json> find(const Extraction& extraction);
  /// The beginning of what may be shown, for problems; nothing in it is escaped.
  std::string shown(std::string_view text) const;
  std::string shown_json(const nlohmann::json& json) const;

 private:
  std::string kind_of_body() const;

  const Answer& answer_;
  Redact redact_;
  bool parsed_ = false;
  BoundedJson body_;
};

/// How a read's answer says its value.
struct ValueForm {
  Extraction where;
  std::optional<nlohmann::json::json_pointer> each;  ///< lists: where in each element its value stands
  std::vector<nlohmann::json> nothing;               ///< values that stand for "nothing there"
};

/// What the answer says, as an operation records it. `list`: it has to be an array.
Found<Value> value_of(Answered& answered, const ValueForm& form, bool list);

/// A text, or a number as text: a position, the name of a node, a captured variable.
Found<std::string> text_in(Answered& answered, const Extraction& extraction);

/// A whole number, as such or as text.
Found<std::int64_t> number_in(Answered& answered, const Extraction& extraction);

}  // namespace afterwrite::http
