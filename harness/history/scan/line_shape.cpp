#include "harness/history/scan/line_shape.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <utility>

#include "harness/history/scan/json_tokens.hpp"

namespace afterwrite {
namespace {

std::uint64_t load_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

const char* skip_blanks(const char* at) {
  while (*at == ' ' || *at == '\t')
    ++at;
  return at;
}

/// A word as it stands in a line, closing quote and all: compared at once, up to eight bytes.
struct Word {
  std::uint64_t bytes = 0;
  std::uint64_t mask = 0;
  std::size_t size = 0;

  explicit Word(std::string_view name) : size(name.size() + 1) {
    std::array<char, 8> text{};
    std::array<char, 8> ones{};
    std::copy(name.begin(), name.end(), text.begin());
    text[name.size()] = '"';
    std::fill_n(ones.begin(), size, static_cast<char>(-1));
    bytes = load_word(text.data());
    mask = load_word(ones.data());
  }
};

/// The names of an enumeration, as far as they are short.
template <typename Enum, std::size_t count>
struct Words {
  std::array<std::pair<Word, Enum>, count> all;

  /// `at` is the opening quote.
  const char* read(const char* at, Enum& out) const {
    if (*at != '"') return nullptr;
    const std::uint64_t here = load_word(at + 1);
    for (const auto& [word, value] : all) {
      if ((here & word.mask) != word.bytes) continue;
      out = value;
      return at + 1 + word.size;
    }
    return nullptr;
  }
};

const Words<Function, 4> functions{{{{Word("read"), Function::read},
                                     {Word("write"), Function::write},
                                     {Word("append"), Function::append},
                                     {Word("delete"), Function::remove}}}};
const Words<Outcome, 3> outcomes{
    {{{Word("ok"), Outcome::ok}, {Word("fail"), Outcome::fail}, {Word("info"), Outcome::info}}}};

}  // namespace

LineShape::Literal::Literal(std::string_view bytes) : size(static_cast<std::uint32_t>(bytes.size())) {
  const std::size_t taken = std::min(bytes.size(), first.size());
  std::copy_n(bytes.begin(), taken, first.begin());
  mask = taken == first.size() ? 0xffff : (1U << taken) - 1;
  rest = bytes.substr(taken);
}

[[gnu::always_inline]] inline const char* LineShape::Literal::end(const char* at, const char* end_of_text) const {
  if (at > end_of_text) return nullptr;  // the padding is long enough for one step beyond, not for more
#if defined(__SSE2__)
  const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i wanted = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first.data()));
  if ((static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(here, wanted))) & mask) != mask) return nullptr;
#else
  if (std::memcmp(at, first.data(), std::min<std::size_t>(size, first.size())) != 0) return nullptr;
#endif
  if (size > first.size() && (end_of_text - at < static_cast<std::ptrdiff_t>(size) ||
                              std::memcmp(at + first.size(), rest.data(), rest.size()) != 0)) {
    return nullptr;
  }
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

const char* read_role(const char* at, const char* end, Role& role) {
  std::string_view text;
  const char* const stop = read_text(at, end, text);
  if (stop == nullptr) return nullptr;
  const auto is = [&](std::string_view name) {
    return text.size() == name.size() && std::memcmp(text.data(), name.data(), name.size()) == 0;
  };
  if (is("leader")) {
    role = Role::leader;
  } else if (is("follower")) {
    role = Role::follower;
  } else if (is("unknown")) {
    role = Role::unknown;
  } else {
    return nullptr;
  }
  return stop;
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
      return read_role(at, end, operation.role);
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
