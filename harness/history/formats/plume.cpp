// The plain text of Plume, PolySI and AWDIT, an operation a line: r(key,value,session,txn) or w(key,value,session,txn),
// all of them whole numbers. Each session's transactions stand in its order. Transaction -1: its write was aborted.

#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>
#include <utility>

#include "harness/history/formats/bad_place.hpp"
#include "harness/history/formats/format.hpp"
#include "harness/history/formats/untimed.hpp"
#include "harness/history/line_limit.hpp"
#include "harness/history/line_splitter.hpp"
#include "harness/history/text.hpp"

namespace afterwrite {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view form = "write r(key,value,session,txn) or w(key,value,session,txn)";
constexpr std::int64_t aborted = -1;

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// A line that is no operation: forgiven where the file was cut off.
class NoOperation : public BadLine {
 public:
  using BadLine::BadLine;
};

struct Line {
  bool write = false;
  std::int64_t key = 0;
  std::int64_t value = 0;
  std::int64_t session = 0;
  std::int64_t txn = 0;
};

/// Takes the next field off `rest`, up to `end`.
std::int64_t take_field(std::string_view& rest, char end, std::string_view name, std::int64_t least) {
  const std::size_t stop = rest.find(end);
  if (stop == std::string_view::npos)
    throw NoOperation(fmt::format("field '{}' is not followed by '{}'; {}", name, end, form));
  const std::string_view text = trimmed(rest.substr(0, stop));
  rest.remove_prefix(stop + 1);
  std::int64_t number = 0;
  const auto [parsed, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    throw BadLine(
        fmt::format("field '{}': is {}, which does not fit; write an integer of 64 bits", name, visible_text(text)));
  }
  if (error != std::errc{} || parsed != text.data() + text.size()) {
    throw BadLine(fmt::format("field '{}': is '{}'; write a whole number", name, visible_text(text)));
  }
  if (number < least) throw BadLine(fmt::format("field '{}': is {}; write a number from {}", name, number, least));
  return number;
}

Line parse(std::string_view text) {
  Line line;
  const bool known = text.starts_with("r(") || text.starts_with("w(");
  if (!known) throw NoOperation(fmt::format("'{}' is no operation; {}", visible_text(text, 40), form));
  line.write = text.front() == 'w';
  text.remove_prefix(2);
  line.key = take_field(text, ',', "key", 0);
  line.value = take_field(text, ',', "value", 0);
  line.session = take_field(text, ',', "session", 0);
  line.txn = take_field(text, ')', "txn", aborted);
  if (!text.empty()) throw BadLine(fmt::format("'{}' follows the operation; {}", visible_text(text, 40), form));
  return line;
}

class PlumeReader {
 public:
  void add(const Line& line, std::uint64_t number) {
    const Function function = line.write ? Function::write : Function::read;
    const Outcome outcome = line.txn == aborted ? Outcome::fail : Outcome::ok;
    history_.add(place_of(line, number), number, function, fmt::format("{}", line.key), line.value, outcome);
  }

  UntimedHistory& history() { return history_; }

 private:
  struct Transaction {
    UntimedHistory::Place place;
    std::int64_t session = 0;
    std::uint64_t line = 0;
  };

  UntimedHistory::Place place_of(const Line& line, std::uint64_t number) {
    std::string session = fmt::format("{}", line.session);
    if (line.txn == aborted) return history_.next(std::move(session), {});
    const auto found = transactions_.find(line.txn);
    if (found == transactions_.end()) {
      UntimedHistory::Place place = history_.next(std::move(session), fmt::format("{}", line.txn));
      transactions_.emplace(line.txn, Transaction{place, line.session, number});
      return place;
    }
    if (found->second.session != line.session) {
      throw BadLine(
          fmt::format("field 'txn': transaction {} is of session {} in line {}, here of session {}; number "
                      "transactions across all sessions",
                      line.txn, found->second.session, found->second.line, line.session));
    }
    return found->second.place;
  }

  UntimedHistory history_;
  std::unordered_map<std::int64_t, Transaction> transactions_;
};

}  // namespace

History read_plume(ByteSource source, const ReadOptions& /*options*/) {
  LineSplitter lines(std::move(source), max_line_bytes, 0);
  PlumeReader reader;
  try {
    while (const auto line = lines.next()) {
      const std::string_view text = trimmed(line->text);
      if (text.empty()) continue;
      try {
        reader.add(parse(text), lines.number());
      } catch (const NoOperation&) {
        if (line->terminated) throw;
        reader.history().note(fmt::format("line {} was cut off in mid-write ({} bytes) and is left out", lines.number(),
                                          line->text.size()));
        reader.history().cut_short();
      }
    }
  } catch (const BadLine& bad) {
    throw BadPlace(lines.number(), bad.what());
  }
  if (reader.history().size() == 0) throw EmptyHistory("holds no operation; name a history that holds some");
  return reader.history().finish("plume");
}

}  // namespace afterwrite
