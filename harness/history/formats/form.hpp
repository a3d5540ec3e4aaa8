#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace afterwrite {

/// What a form of EDN or JSON is. A tag (`#inst`) is left out: what it stands before remains.
enum class FormKind : std::uint8_t {
  nil,
  boolean,
  integer,  ///< one of 64 bits
  number,   ///< any other: a fraction, a ratio, one that is too big. As text
  string,
  keyword,  ///< without its colon
  symbol,
  character,  ///< with its backslash
  vector,     ///< a JSON array
  list,
  set,
  map,  ///< keys and values in turn, always an even number. A JSON object
};

/// The forms of one tree, in the order of their text: what a form holds follows it.
struct FormTree {
  struct Node {
    FormKind kind = FormKind::nil;
    std::uint32_t end = 0;    ///< index behind the last node within it
    std::uint32_t count = 0;  ///< of the forms directly within it
    std::uint64_t line = 0;
    std::int64_t integer = 0;
    std::size_t text = 0;  ///< where its text begins
    std::size_t size = 0;  ///< of its text
  };

  std::vector<Node> nodes;
  std::string texts;
};

/// One form of a tree: cheap to copy, good as long as the tree is not changed.
class Form {
 public:
  Form(const FormTree& tree, std::uint32_t at) : tree_(&tree), at_(at) {}

  FormKind kind() const { return node().kind; }
  bool is(FormKind kind) const { return node().kind == kind; }
  bool is_keyword(std::string_view name) const { return is(FormKind::keyword) && text() == name; }
  bool is_collection() const { return node().kind >= FormKind::vector; }
  /// A vector or a list.
  bool is_sequence() const { return is(FormKind::vector) || is(FormKind::list); }
  std::uint64_t line() const { return node().line; }
  std::int64_t integer() const { return node().integer; }
  /// As it stood in the file; of a string, what it says.
  std::string_view text() const { return std::string_view(tree_->texts).substr(node().text, node().size); }

  /// How many forms stand directly in it.
  std::uint32_t size() const { return node().count; }
  /// The one that stands at this place in it, counting from 0.
  Form operator[](std::uint32_t place) const {
    std::uint32_t at = at_ + 1;
    for (; place > 0; --place)
      at = tree_->nodes[at].end;
    return {*tree_, at};
  }

  class Iterator {
   public:
    Iterator(const FormTree& tree, std::uint32_t at) : tree_(&tree), at_(at) {}
    Form operator*() const { return {*tree_, at_}; }
    Iterator& operator++() {
      at_ = tree_->nodes[at_].end;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const FormTree* tree_;
    std::uint32_t at_;
  };
  Iterator begin() const { return {*tree_, at_ + 1}; }
  Iterator end() const { return {*tree_, node().end}; }

 private:
  friend std::string edn_text(const Form& form);
  const FormTree::Node& node() const { return tree_->nodes[at_]; }

  const FormTree* tree_;
  std::uint32_t at_;
};

/// The form as EDN on one line. Any depth: it does not recurse.
std::string edn_text(const Form& form);

/// A string as EDN writes it, quotes included. EDN and JSON agree on it as far as this goes.
std::string edn_string(std::string_view text);

/// For messages: `the string "x"`, `a map`, `nil`. Short, and safe to print.
std::string describe(const Form& form);

}  // namespace afterwrite
