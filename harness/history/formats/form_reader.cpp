#include "harness/history/formats/form_reader.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <simdjson.h>
#include <utility>

namespace afterwrite {
namespace {

/// What ends a token, and what may stand in one.
enum class Byte : std::uint8_t { bad, blank, token, mark };

constexpr std::array<Byte, 256> byte_classes = [] {
  std::array<Byte, 256> classes{};
  for (std::size_t byte = 0x21; byte < classes.size(); ++byte)
    classes[byte] = byte == 0x7f ? Byte::bad : Byte::token;
  for (const char byte : std::string_view(" \t\r\n\f\v,"))
    classes[static_cast<unsigned char>(byte)] = Byte::blank;
  for (const char byte : std::string_view("()[]{}\";"))
    classes[static_cast<unsigned char>(byte)] = Byte::mark;
  return classes;
}();

Byte class_of(int byte) {
  return byte < 0 ? Byte::blank : byte_classes[static_cast<std::size_t>(byte)];
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char closing_of(char bracket) {
  if (bracket == '[') return ']';
  return bracket == '(' ? ')' : '}';
}

void append_code_point(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
  }
  byte(0x80 | (code & 0x3F));
}

}  // namespace

FormReader::FormReader(ByteSource source, Dialect dialect) : bytes_(std::move(source)), dialect_(dialect) {}

void FormReader::unexpected(int byte) const {
  std::string shown = fmt::format("the byte 0x{:02x}", byte);
  if (byte > 0x20 && byte < 0x7f) shown = fmt::format("'{}'", static_cast<char>(byte));
  throw BadPlace(line(),
                 fmt::format("{} cannot stand here; is this {}?", shown, dialect_ == Dialect::edn ? "EDN" : "JSON"));
}

void FormReader::cut_off() const {
  throw CutOff(form_line_, form_line_ == line(),
               fmt::format("what begins here is never closed, the file ends in line {}; restore the rest", line()));
}

// What stands between forms

void FormReader::skip_blanks() {
  while (true) {
    const int byte = bytes_.peek();
    if (byte < 0) return;
    if (class_of(byte) == Byte::blank || (byte == ':' && dialect_ == Dialect::json)) {
      bytes_.take();
    } else if (byte == ';' && dialect_ == Dialect::edn) {
      take_comment();
    } else {
      return;
    }
  }
}

void FormReader::take_comment() {
  for (int byte = bytes_.peek(); byte >= 0 && byte != '\n'; byte = bytes_.peek())
    bytes_.take();
}

char FormReader::ahead() {
  skip_blanks();
  while (dialect_ == Dialect::edn && bytes_.peek() == '#' && bytes_.peek_second() == '_') {
    bytes_.take();
    bytes_.take();
    read();
    skip_blanks();
  }
  const int byte = bytes_.peek();
  if (byte == 0) unexpected(byte);
  return byte < 0 ? '\0' : static_cast<char>(byte);
}

void FormReader::enter() {
  entered_.push_back(closing_of(ahead()));
  bytes_.take();
}

void FormReader::leave() {
  if (ahead() != entered_.back()) unexpected(bytes_.peek());
  entered_.pop_back();
  bytes_.take();
}

// Forms

Form FormReader::read() {
  tree_.nodes.clear();
  tree_.texts.clear();
  frames_.clear();
  beyond_ascii_ = done_ = false;
  skip_blanks();
  form_line_ = line();
  bytes_.limit();
  while (!done_)
    read_piece();
  bytes_.release();
  if (beyond_ascii_) check_texts();
  return {tree_, 0};
}

void FormReader::read_piece() {
  skip_blanks();
  const int byte = bytes_.peek();
  switch (byte) {
    case -1:
      cut_off();
    case '(':
      if (dialect_ == Dialect::json) unexpected(byte);
      [[fallthrough]];
    case '[':
    case '{':
      bytes_.take();
      return open(static_cast<char>(byte));
    case ')':
    case ']':
    case '}':
      return close(static_cast<char>(byte));
    case '"':
      return take_string();
    default:
      if (class_of(byte) != Byte::token) unexpected(byte);
      if (dialect_ == Dialect::edn && byte == '#') return take_hash();
      if (dialect_ == Dialect::edn && byte == '\\') return take_character();
      return take_token();
  }
}

FormTree::Node& FormReader::add(FormKind kind) {
  if (tree_.nodes.size() == most_nodes) {
    throw BadPlace(
        form_line_,
        fmt::format("what begins here holds more than {} values, the most that an operation may have", most_nodes));
  }
  FormTree::Node& node = tree_.nodes.emplace_back();
  node.kind = kind;
  node.line = line();
  node.text = tree_.texts.size();
  return node;
}

void FormReader::open(char bracket) {
  const auto node = static_cast<std::uint32_t>(tree_.nodes.size());
  FormKind kind = FormKind::vector;
  if (bracket == '(') kind = FormKind::list;
  if (bracket == '{') kind = FormKind::map;
  const std::size_t texts = tree_.texts.size();
  add(kind);
  open_frame({Frame::Role::collection, closing_of(bracket), node, texts, line()});
}

void FormReader::open_frame(Frame frame) {
  if (frames_.size() == deepest_form) throw BadPlace(line(), fmt::format("nested more than {} deep", deepest_form));
  frames_.push_back(frame);
}

void FormReader::close(char bracket) {
  if (frames_.empty() || frames_.back().role != Frame::Role::collection) unexpected(bracket);
  const Frame& frame = frames_.back();
  if (frame.close != bracket) {
    throw BadPlace(line(),
                   fmt::format("'{}' closes what wants '{}' (opened in line {})", bracket, frame.close, frame.line));
  }
  FormTree::Node& node = tree_.nodes[frame.node];
  if (node.kind == FormKind::map && node.count % 2 != 0) {
    throw BadPlace(line(), fmt::format("the map of line {} has a key without a value", frame.line));
  }
  node.end = static_cast<std::uint32_t>(tree_.nodes.size());
  bytes_.take();
  frames_.pop_back();
  completed();
}

/// A form is whole: it counts in what holds it, or is dropped by what discards it, or is all that was asked for.
void FormReader::completed() {
  while (!frames_.empty() && frames_.back().role == Frame::Role::tag)
    frames_.pop_back();
  if (frames_.empty()) {
    done_ = true;
  } else if (frames_.back().role == Frame::Role::discard) {
    tree_.nodes.resize(frames_.back().node);
    tree_.texts.resize(frames_.back().texts);
    frames_.pop_back();
  } else {
    ++tree_.nodes[frames_.back().node].count;
  }
}

void FormReader::take_hash() {
  bytes_.take();
  const int byte = bytes_.peek();
  const auto here = static_cast<std::uint32_t>(tree_.nodes.size());
  const Frame prefix{Frame::Role::tag, 0, here, tree_.texts.size(), line()};
  if (byte == '{') {
    bytes_.take();
    open('{');
    tree_.nodes.back().kind = FormKind::set;
  } else if (byte == '_') {
    bytes_.take();
    Frame discard = prefix;
    discard.role = Frame::Role::discard;
    open_frame(discard);
  } else if (byte == '"') {  // a regular expression
    take_string();
  } else if (byte == '#' || byte == '\'') {  // ##NaN, #'var
    bytes_.take();
    take_token();
  } else if (class_of(byte) == Byte::token) {
    while (class_of(bytes_.peek()) == Byte::token)
      bytes_.take();
    open_frame(prefix);
  } else if (byte < 0) {
    cut_off();
  } else {
    unexpected(byte);
  }
}

// Atoms

void FormReader::take_token() {
  FormTree::Node& node = add(FormKind::symbol);
  const bool colons_end = dialect_ == Dialect::json;
  while (bytes_.peek() >= 0) {
    const std::string_view held = bytes_.held();
    std::size_t stop = 0;
    for (; stop < held.size(); ++stop) {
      const auto byte = static_cast<unsigned char>(held[stop]);
      if (byte_classes[byte] != Byte::token || (colons_end && byte == ':')) break;
      beyond_ascii_ = beyond_ascii_ || byte >= 0x80;
    }
    tree_.texts.append(held.substr(0, stop));
    bytes_.take_held(stop);
    if (stop < held.size()) break;
  }
  node.size = tree_.texts.size() - node.text;
  node.end = static_cast<std::uint32_t>(tree_.nodes.size());
  classify(node);
  completed();
}

void FormReader::classify(FormTree::Node& node) {
  std::string_view text = std::string_view(tree_.texts).substr(node.text, node.size);
  const char sign = text.empty() ? '\0' : text.front();
  if (sign == ':' && text.size() > 1) {
    node.kind = FormKind::keyword;
    ++node.text;
    --node.size;
  } else if (is_digit(sign) || ((sign == '-' || sign == '+') && text.size() > 1 && is_digit(text[1]))) {
    node.kind = FormKind::number;
    if (sign == '+') text.remove_prefix(1);
    if (text.back() == 'N') text.remove_suffix(1);
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), node.integer);
    if (error == std::errc{} && stop == text.data() + text.size()) node.kind = FormKind::integer;
  } else if (text == (dialect_ == Dialect::json ? "null" : "nil")) {
    node.kind = FormKind::nil;
  } else if (text == "true" || text == "false") {
    node.kind = FormKind::boolean;
  } else if (text.empty() && bytes_.peek() < 0) {
    cut_off();
  } else if (dialect_ == Dialect::json || text.empty()) {
    unexpected(text.empty() ? bytes_.peek() : static_cast<unsigned char>(sign));
  }
}

void FormReader::take_string() {
  bytes_.take();
  FormTree::Node& node = add(FormKind::string);
  while (true) {
    if (bytes_.peek() < 0) cut_off();
    const std::string_view held = bytes_.held();
    std::size_t stop = 0;
    for (; stop < held.size(); ++stop) {
      const auto byte = static_cast<unsigned char>(held[stop]);
      if (byte == '"' || byte == '\\' || byte < 0x20) break;
      beyond_ascii_ = beyond_ascii_ || byte >= 0x80;
    }
    tree_.texts.append(held.substr(0, stop));
    bytes_.take_held(stop);
    if (stop == held.size()) continue;
    const char byte = held[stop];
    if (byte == '\\') {
      take_escape();
    } else if (byte == '"') {
      bytes_.take();
      break;
    } else {
      if (byte == '\0' || dialect_ == Dialect::json) unexpected(byte);
      tree_.texts += byte;
      bytes_.take();
    }
  }
  node.size = tree_.texts.size() - node.text;
  node.end = static_cast<std::uint32_t>(tree_.nodes.size());
  completed();
}

void FormReader::take_escape() {
  bytes_.take();
  const int byte = bytes_.peek();
  if (byte < 0) cut_off();
  bytes_.take();
  constexpr std::string_view names = "tnrbf\\\"/";
  constexpr std::string_view meanings = "\t\n\r\b\f\\\"/";
  if (const std::size_t at = names.find(static_cast<char>(byte)); at != std::string_view::npos) {
    tree_.texts += meanings[at];
    return;
  }
  if (byte != 'u') throw BadPlace(line(), "a backslash in a string begins no escape that is known");
  std::uint32_t code = take_hex();
  if (code >= 0xD800 && code < 0xDC00 && bytes_.peek() == '\\') {
    bytes_.take();
    if (bytes_.peek() != 'u') throw BadPlace(line(), "an escape stands for half a character");
    bytes_.take();
    const std::uint32_t low = take_hex();
    if (low < 0xDC00 || low > 0xDFFF) throw BadPlace(line(), "an escape stands for half a character");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xD800 && code <= 0xDFFF) {
    throw BadPlace(line(), "an escape stands for half a character");
  }
  append_code_point(tree_.texts, code);
}

std::uint32_t FormReader::take_hex() {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const int byte = bytes_.peek();
    if (byte < 0) cut_off();
    const char digit = static_cast<char>(byte);
    std::uint32_t worth = 0;
    if (std::from_chars(&digit, &digit + 1, worth, 16).ec != std::errc{}) unexpected(byte);
    code = code * 16 + worth;
    bytes_.take();
  }
  return code;
}

/// `\a`, `\newline`, `\(`: a backslash, any byte, and what follows it as in a token.
void FormReader::take_character() {
  FormTree::Node& node = add(FormKind::character);
  tree_.texts += '\\';
  bytes_.take();
  int byte = bytes_.peek();
  if (byte < 0) cut_off();
  if (byte < 0x20 || byte == 0x7f) unexpected(byte);
  do {
    beyond_ascii_ = beyond_ascii_ || byte >= 0x80;
    tree_.texts += static_cast<char>(byte);
    bytes_.take();
    byte = bytes_.peek();
  } while (class_of(byte) == Byte::token);
  node.size = tree_.texts.size() - node.text;
  node.end = static_cast<std::uint32_t>(tree_.nodes.size());
  completed();
}

void FormReader::check_texts() const {
  for (const FormTree::Node& node : tree_.nodes) {
    if (!simdjson::validate_utf8(tree_.texts.data() + node.text, node.size))
      throw BadPlace(node.line, "not valid UTF-8");
  }
}

}  // namespace afterwrite
