#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace afterwrite {

/// What a part of a text means, for those who asked for colour.
enum class Tone { plain, heading, good, bad, doubtful };

/// Puts a text together for a terminal or a file: wrapped lines, hanging indents, colour if asked for.
class TextLayout {
 public:
  explicit TextLayout(bool colour, std::size_t wrapped_at = columns) : colour_(colour), wrapped_at_(wrapped_at) {}

  /// `text` in the tone, with nothing around it; plain without colour.
  std::string toned(std::string_view text, Tone tone) const;

  /// A line of its own, wrapped too, in the tone of headings, after an empty line.
  void heading(std::string_view text);

  /// `label`, then `text` beside it, wrapped and continued under where it began; a number and its unit
  /// stay together, and so does a command of ours in backticks. The label may be toned.
  void item(std::string_view label, std::string_view text, Tone label_tone = Tone::plain);

  /// A line as it is, not wrapped: for what people copy.
  void line(std::string_view text);
  void empty_line();

  const std::string& text() const { return text_; }

  static constexpr std::size_t columns = 100;  ///< unless told otherwise

 private:
  bool colour_;
  std::size_t wrapped_at_;
  std::string text_;
};

/// Characters, not bytes: how wide valid UTF-8 is on a terminal, as far as that can be told without its font.
std::size_t width(std::string_view text);

}  // namespace afterwrite
