#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/formats/form.hpp"
#include "harness/history/operation.hpp"

namespace afterwrite {

/// One thing that a Jepsen operation does.
struct Step {
  Function function = Function::read;
  std::string key;
  Value value;
};

/// All that a Jepsen operation does: one step, or those of a transaction.
struct JepsenCall {
  enum class Kind : std::uint8_t {
    read,
    write,
    append,
    compare_and_set,  ///< the read of the old value and the write of the new one
    transaction,
  };
  Kind kind = Kind::read;
  std::vector<Step> steps;
};

/// What `:f`, `:value` and, if it is there, `:key` mean. Remembers whether values are `[k v]` in this history: one that
/// mixes them with bare values cannot be understood. Throws BadPlace. Used by one thread.
class CallReader {
 public:
  struct Fields {
    std::uint64_t line = 0;
    std::string_view f;
    std::optional<Form> value;
    std::optional<Form> key;
  };

  JepsenCall read(const Fields& fields);

  /// Takes what was read from the completion of the call: an ok one.
  void take_answer(JepsenCall& call, const Fields& completion);

 private:
  struct Addressed {
    std::string key;
    std::optional<Form> value;
  };

  JepsenCall read_transaction(const Form& value) const;
  JepsenCall read_compare_and_set(const Fields& fields);
  Addressed address(const Fields& fields, bool pair_expected);
  void remember(bool keyed, std::uint64_t line);

  std::optional<bool> keyed_;
  std::uint64_t keyed_line_ = 0;
};

/// A key as text: `7` of the integer, `"7"` of the string that would look the same, any other form as EDN.
std::string key_text(const Form& form);

/// The other way round: the form that reads as this key.
std::string key_form(std::string_view key);

}  // namespace afterwrite
