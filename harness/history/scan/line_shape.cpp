#include "harness/history/scan/line_shape.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

#include "harness/history/scan/json_tokens.hpp"

namespace afterwrite {
namespace {

/// Of the sixteen bytes that stand here, a bit for each that is as expected.
std::uint32_t equal_bytes(const char* at, const std::array<char, 16>& expected) {
#if defined(__SSE2__)
  const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i wanted = _mm_loadu_si128(reinterpret_cast<const __m128i*>(expected.data()));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(here, wanted)));
#else
  std::uint32_t equal = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    equal |= (at[i] == expected[i] ? 1U : 0U) << i;
  return equal;
#endif
}

const char* skip_blanks(const char* at) {
  while (*at == ' ' || *at == '\t')
    ++at;
  return at;
}

/// The names of an enumeration, quotes and all, by the low bits of their first letters: of these none has two alike.
template <typename Enum>
class Words {
 public:
  Words(std::initializer_list<std::pair<std::string_view, Enum>> all) {
    for (const auto& [name, value] : all) {
      Word& word = words_[place(name.front())];
      const std::string quoted = "\"" + std::string(name) + "\"";
      std::copy(quoted.begin(), quoted.end(), word.bytes.begin());
      word.mask = (1U << quoted.size()) - 1;
      word.size = quoted.size();
      word.value = value;
    }
  }

  /// `at` is the opening quote.
  const char* read(const char* at, Enum& out) const {
    const Word& word = words_[place(at[1])];
    if ((equal_bytes(at, word.bytes) & word.mask) != word.mask || word.size == 0) return nullptr;
    out = word.value;
    return at + word.size;
  }

 private:
  struct Word {
    std::array<char, 16> bytes{};
    std::uint32_t mask = 0;
    std::size_t size = 0;
    Enum value{};
  };
  static std::size_t place(char first) { return static_cast<unsigned char>(first) % 16; }

  std::array<Word, 16> words_;
};

const Words<Function> functions{{"read", Function::read},
                                {"write", Function::write},
                                {"append", Function::append},
                                {"delete", Function::remove}};
const Words<Outcome> outcomes{{"ok", Outcome::ok}, {"fail", Outcome::fail}, {"info", Outcome::info}};
const Words<Role> roles{{"leader", Role::leader}, {"follower", Role::follower}, {"unknown", Role::unknown}};

}  // namespace

LineShape::Literal::Literal(std::string_view bytes) : size(static_cast<std::uint32_t>(bytes.size())) {
  const std::size_t taken = std::min(bytes.size(), first.size());
  std::copy_n(bytes.begin(), taken, first.begin());
  mask = taken == first.size() ? 0xffff : (1U << taken) - 1;
  if (bytes.size() <= first.size()) return;
  std::copy_n(bytes.end() - static_cast<std::ptrdiff_t>(last.size()), last.size(), last.begin());
  if (bytes.size() > 2 * first.size()) between = bytes.substr(first.size(), bytes.size() - 2 * first.size());
}

[[gnu::always_inline]] inline const char* LineShape::Literal::end(const char* at, const char* end_of_text) const {
  if (at > end_of_text) return nullptr;  // the padding is long enough for one step beyond, not for more
  if ((equal_bytes(at, first) & mask) != mask) return nullptr;
  if (size <= first.size()) return at + size;
  if (end_of_text - at < static_cast<std::ptrdiff_t>(size)) return nullptr;
  if (equal_bytes(at + size - last.size(), last) != 0xffff) return nullptr;
  if (!between.empty() && std::memcmp(at + first.size(), between.data(), between.size()) != 0) return nullptr;
  return at + size;
}

std::optional<LineShape::Field> LineShape::field_named(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Field>, 20> known{
      {{"session", Field::session},   {"f", Field::function},        {"key", Field::key},
       {"value", Field::value},       {"type", Field::outcome},      {"invoke", Field::invoke},
       {"complete", Field::complete}, {"i", Field::index},           {"role", Field::role},
       {"version", Field::version},   {"epoch", Field::epoch},       {"txn", Field::txn},
       {"waited_ms", Field::waited},  {"fallback", Field::fallback}, {"error", Field::error},
       {"user", Field::text},         {"process", Field::text},      {"node", Field::node},
       {"position", Field::text},     {"intent", Field::text}}};
  for (const auto& [known_name, field] : known) {
    if (known_name == name) return field;
  }
  if (name == "labels") return std::nullopt;
  return Field::unknown;
}

std::optional<LineShape> LineShape::of(std::string_view line) {
  // A copy with padding, so that the tokens may look ahead.
  std::string padded(line);
  padded.append(token_padding, '\0');
  const char* const begin = padded.data();
  const char* const end = begin + line.size();
  LineShape shape;
  const char* literal = begin;
  const char* at = skip_blanks(begin);
  if (*at != '{') return std::nullopt;
  do {
    at = skip_blanks(at + 1);
    if (*at != '"') return std::nullopt;
    const char* const name_end = plain_string_end(at + 1, end);
    if (name_end == nullptr) return std::nullopt;
    const std::string_view name(at + 1, static_cast<std::size_t>(name_end - at - 1));
    at = skip_blanks(name_end + 1);
    if (*at != ':') return std::nullopt;
    at = skip_blanks(at + 1);
    const char* const value_end = name == "waited_ms" ? number_end(at) : read_anything(at, end);
    if (value_end == nullptr) return std::nullopt;
    if (name != "kind") {  // which stands for itself
      const auto field = field_named(name);
      if (!field) return std::nullopt;
      shape.steps_.push_back({Literal({literal, static_cast<std::size_t>(at - literal)}), *field});
      literal = value_end;
    }
    at = skip_blanks(value_end);
  } while (*at == ',');
  if (*at != '}' || end[-1] != '\n') return std::nullopt;
  shape.tail_.emplace(std::string_view(literal, static_cast<std::size_t>(end - literal)));
  return shape;
}

namespace {

[[gnu::always_inline]] inline const char* read_text(const char* at, const char* end, std::string_view& text) {
  if (*at != '"') return nullptr;
  const char* const stop = plain_string_end(at + 1, end);
  if (stop == nullptr) return nullptr;
  text = {at + 1, static_cast<std::size_t>(stop - at - 1)};
  return stop + 1;
}

const char* read_milliseconds(const char* at, double& milliseconds) {
  const char* const stop = number_end(at);
  constexpr std::ptrdiff_t safe = 18;  // an integer that is longer may be too long for the full parser
  if (stop == nullptr || stop - at > safe) return nullptr;
  const auto [rest, error] = std::from_chars(at, stop, milliseconds);
  return error == std::errc{} && rest == stop && milliseconds >= 0 ? stop : nullptr;
}

const char* read_index(const char* at, std::optional<std::uint64_t>& index) {
  std::int64_t number = 0;
  const char* const stop = plain_integer_end(at, number);
  if (stop == nullptr || number < 0) return nullptr;
  index = static_cast<std::uint64_t>(number);
  return stop;
}

const char* read_scalar(const char* at, const char* end, ScannedOperation& operation) {
  if (*at == '"') {
    operation.value = ValueKind::text;
    return read_text(at, end, operation.text);
  }
  if (*at == 'n') {
    operation.value = ValueKind::nothing;
    return word_end(at, "null");
  }
  operation.value = ValueKind::integer;
  return plain_integer_end(at, operation.integer);
}

}  // namespace

[[gnu::always_inline]] inline const char* LineShape::read_value(Field field, const char* at, const char* end,
                                                                ScannedOperation& operation,
                                                                std::optional<std::uint64_t>& index) {
  std::string_view ignored;
  switch (field) {
    case Field::text:
      return read_text(at, end, ignored);
    case Field::session:
      return read_text(at, end, operation.session);
    case Field::key:
      return read_text(at, end, operation.key);
    case Field::function:
      return functions.read(at, operation.function);
    case Field::outcome:
      return outcomes.read(at, operation.outcome);
    case Field::value:
      return read_scalar(at, end, operation);
    case Field::invoke:
      return plain_integer_end(at, operation.invoke);
    case Field::complete:
      return plain_integer_end(at, operation.complete);
    case Field::index:
      return read_index(at, index);
    case Field::node:
      return read_text(at, end, operation.node);
    case Field::role:
      return roles.read(at, operation.role);
    case Field::version:
      operation.versioned = true;
      return plain_integer_end(at, operation.version);
    case Field::epoch:
      return plain_integer_end(at, operation.epoch);
    case Field::txn:
      at = read_text(at, end, ignored);
      operation.in_transaction = !ignored.empty();
      return at;
    case Field::waited:
      return read_milliseconds(at, operation.waited_ms);
    case Field::fallback:
      operation.fallback = *at == 't';
      return operation.fallback ? word_end(at, "true") : word_end(at, "false");
    case Field::error:
      return read_text(at, end, operation.error);
    case Field::unknown:
      return read_anything(at, end);
  }
  return nullptr;
}

const char* LineShape::match(const char* at, const char* end, ScannedOperation& operation,
                             std::optional<std::uint64_t>& index) const {
  for (const Step& step : steps_) {
    at = step.before.end(at, end);
    if (at == nullptr) return nullptr;
    at = read_value(step.field, at, end, operation, index);
    if (at == nullptr) return nullptr;
  }
  at = tail_->end(at, end);
  return at != nullptr && at <= end && fits_together(operation) ? at : nullptr;
}

/// A string, a number or a word.
const char* LineShape::read_anything(const char* at, const char* end) {
  switch (*at) {
    case '"': {
      const char* const stop = plain_string_end(at + 1, end);
      return stop == nullptr ? nullptr : stop + 1;
    }
    case 'n':
      return word_end(at, "null");
    case 't':
      return word_end(at, "true");
    case 'f':
      return word_end(at, "false");
    default: {
      // A number whose value the full parser finds out of range must not get through here.
      std::int64_t number = 0;
      const char* const stop = plain_integer_end(at, number);
      return stop != nullptr && *stop != '.' && *stop != 'e' && *stop != 'E' ? stop : nullptr;
    }
  }
}

bool fits_together(const ScannedOperation& operation) {
  if (operation.session.empty() || operation.invoke < 0 || operation.complete < operation.invoke) return false;
  switch (operation.function) {
    case Function::read:
      return operation.value == ValueKind::nothing || operation.outcome == Outcome::ok;
    case Function::write:
    case Function::append:
      return operation.value == ValueKind::text || operation.value == ValueKind::integer;
    case Function::remove:
      return operation.value == ValueKind::nothing;
  }
  return false;
}

}  // namespace afterwrite
