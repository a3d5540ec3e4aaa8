#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/history/byte_source.hpp"
#include "harness/history/formats/bad_place.hpp"
#include "harness/history/formats/byte_cursor.hpp"
#include "harness/history/formats/form.hpp"

namespace afterwrite {

enum class Dialect {
  edn,   ///< with comments, discards (`#_`) and tags
  json,  ///< read as leniently as EDN: commas and colons are blanks
};

/// The text ended within a form.
class CutOff : public BadPlace {
 public:
  CutOff(std::uint64_t line, bool on_last_line, const std::string& message)
      : BadPlace(line, message), on_last_line_(on_last_line) {}

  /// The form began on the last line of the text: it may have been cut off in mid-write, and takes no other form with
  /// it.
  bool on_last_line() const { return on_last_line_; }

 private:
  bool on_last_line_;
};

/// Reads forms one by one from a text of any length, and holds no more of it than one form. A collection can be
/// entered, so that a file which is a single vector need not be held either. Does not recurse; a form is at most
/// `deepest_form` deep, has at most `max_line_bytes` of text and `most_nodes` forms within. Throws BadPlace for
/// anything else that is no form. One thread.
class FormReader {
 public:
  FormReader(ByteSource source, Dialect dialect);

  /// The first byte of what comes next at this level: of a form, or the bracket that ends it; '\0' at the end of the
  /// text. What is discarded (`#_`) is passed over.
  char ahead();

  /// The form that comes next, whole. Good until the next call of anything here. Throws CutOff too.
  Form read();

  /// Goes into the collection whose opening bracket is ahead, or out of it, where its closing one is.
  void enter();
  void leave();
  /// How many collections were entered and not left.
  std::size_t depth() const { return entered_.size(); }

  /// Of what is ahead, from 1.
  std::uint64_t line() const { return bytes_.line(); }

  static constexpr std::size_t deepest_form = 64;
  static constexpr std::size_t most_nodes = 2U << 20U;

 private:
  /// What stands open: a collection, or a prefix that takes the next form.
  struct Frame {
    enum class Role : std::uint8_t { collection, discard, tag };
    Role role = Role::collection;
    char close = 0;
    std::uint32_t node = 0;
    std::size_t texts = 0;  ///< size of the texts when it was opened
    std::uint64_t line = 0;
  };

  void skip_blanks();
  void take_comment();
  void read_piece();
  void open(char bracket);
  void open_frame(Frame frame);
  void close(char bracket);
  void take_hash();
  void take_token();
  void take_string();
  void take_escape();
  std::uint32_t take_hex();
  void take_character();
  FormTree::Node& add(FormKind kind);
  void classify(FormTree::Node& node);
  void completed();
  void check_texts() const;
  [[noreturn]] void unexpected(int byte) const;
  [[noreturn]] void cut_off() const;

  ByteCursor bytes_;
  Dialect dialect_;
  std::vector<char> entered_;  // the brackets that will close what was entered
  FormTree tree_;
  std::vector<Frame> frames_;
  bool done_ = false;
  bool beyond_ascii_ = false;
  std::uint64_t form_line_ = 0;
};

}  // namespace afterwrite
