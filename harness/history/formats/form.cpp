#include "harness/history/formats/form.hpp"

#include <fmt/format.h>

#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

std::string_view opening(FormKind kind) {
  switch (kind) {
    case FormKind::list:
      return "(";
    case FormKind::set:
      return "#{";
    case FormKind::map:
      return "{";
    default:
      return "[";
  }
}

char closing(FormKind kind) {
  if (kind == FormKind::vector) return ']';
  return kind == FormKind::list ? ')' : '}';
}

}  // namespace

std::string edn_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          quoted += c;
        }
    }
  }
  return quoted + '"';
}

std::string edn_text(const Form& form) {
  struct Open {
    std::uint32_t end;
    char close;
  };
  std::string out;
  std::vector<Open> open;
  const std::uint32_t end = form.node().end;
  for (std::uint32_t at = form.at_; at < end; ++at) {
    while (!open.empty() && open.back().end == at) {
      out += open.back().close;
      open.pop_back();
    }
    const Form inner(*form.tree_, at);
    const bool first = out.empty() || (!open.empty() && (out.back() == '[' || out.back() == '(' || out.back() == '{'));
    if (!first) out += ' ';
    if (inner.is_collection()) {
      out += opening(inner.kind());
      open.push_back({inner.node().end, closing(inner.kind())});
    } else if (inner.is(FormKind::string)) {
      out += edn_string(inner.text());
    } else {
      if (inner.is(FormKind::keyword)) out += ':';
      out += inner.text();
    }
  }
  for (; !open.empty(); open.pop_back())
    out += open.back().close;
  return out;
}

std::string describe(const Form& form) {
  constexpr std::size_t shown = 40;
  switch (form.kind()) {
    case FormKind::vector:
      return "a vector";
    case FormKind::list:
      return "a list";
    case FormKind::set:
      return "a set";
    case FormKind::map:
      return "a map";
    case FormKind::string:
      return fmt::format("the string \"{}\"", visible_text(form.text(), shown));
    case FormKind::number:
      return fmt::format("{}, which is no integer of 64 bits", visible_text(form.text(), shown));
    case FormKind::keyword:
      return ":" + visible_text(form.text(), shown);
    default:
      return visible_text(form.text(), shown);
  }
}

}  // namespace afterwrite
