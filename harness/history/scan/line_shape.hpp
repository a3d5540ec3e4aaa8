#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/scan/scanned_operation.hpp"

namespace afterwrite {

/// How the lines of a program look: the bytes between the values, which are the same line after line, and which field
/// each value belongs to. Learned from one line that the full parser accepted; a line that matches needs no parser.
///
/// A match accepts nothing that LineParser would refuse: what is between the values is JSON and names each field once,
/// since it was so in the line learned from; the values are looked at one by one, in their plain forms only. Any thread
/// may match.
class LineShape {
 public:
  /// The shape of a line of kind `op`, line feed included, that LineParser has accepted. Nothing if it has values that
  /// no shape can stand for (nested ones, escapes).
  static std::optional<LineShape> of(std::string_view line);

  /// Reads the line at `at` if it has this shape; says where the next line begins, or null. `end` is that of the text;
  /// behind it `token_padding` bytes must be readable. `index` is set if the line numbers its operation.
  const char* match(const char* at, const char* end, ScannedOperation& operation,
                    std::optional<std::uint64_t>& index) const;

 private:
  enum class Field : std::uint8_t {
    session,
    function,
    key,
    value,
    outcome,
    invoke,
    complete,
    index,
    role,
    node,
    version,
    epoch,
    txn,
    waited,
    fallback,
    error,
    text,     // known, optional, of no interest here
    unknown,  // whatever it is
  };

  /// The bytes before a value, or behind the last one. Up to sixteen of them are compared at once, the last sixteen of
  /// more besides.
  struct Literal {
    std::array<char, 16> first{};
    std::array<char, 16> last{};
    std::uint32_t mask = 0;  // a bit for each of the first
    std::uint32_t size = 0;
    std::string between;  // what goes beyond

    explicit Literal(std::string_view bytes);
    const char* end(const char* at, const char* end_of_text) const;
  };

  struct Step {
    Literal before;
    Field field;
  };

  static std::optional<Field> field_named(std::string_view name);
  static const char* read_value(Field field, const char* at, const char* end, ScannedOperation& operation,
                                std::optional<std::uint64_t>& index);
  static const char* read_anything(const char* at, const char* end);

  std::vector<Step> steps_;
  std::optional<Literal> tail_;
};

/// What no field shows by itself, as LineParser checks it.
bool fits_together(const ScannedOperation& operation);

}  // namespace afterwrite
