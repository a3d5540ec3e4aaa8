#include "harness/cli/witness_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "harness/cli/asking.hpp"
#include "harness/cli/streams.hpp"
#include "harness/history/text.hpp"
#include "harness/session/errors.hpp"
#include "results/quantities.hpp"
#include "results/witness_history.hpp"

namespace afterwrite {

namespace {

std::pair<const Row*, const Violation*> entry_of(const Judgement& judgement, const std::string& typed) {
  const std::uint64_t number = whole_number(typed, "--witness");
  std::uint64_t count = 0;
  for (const Row& row : judgement.rows) {
    for (const Violation& entry : row.entries) {
      if (entry.number == number) return {&row, &entry};
      ++count;
    }
  }
  throw UsageError(count == 0 ? "--witness: nothing was violated, so there is no entry to cut out"
                              : fmt::format("--witness: no entry is numbered {}; they go from 1 to {}", number, count));
}

/// A new file: what is there already may be the history itself.
void write_new_file(const std::string& path, std::string_view text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST) {
    throw UsageError(fmt::format("--out: {} is there already; name another file, or remove that one", path));
  }
  bool written = descriptor >= 0;
  while (written && !text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    written = count > 0;
    if (written) text.remove_prefix(static_cast<std::size_t>(count));
  }
  const int cause = errno;
  if (descriptor >= 0 && ::close(descriptor) == 0 && written) return;
  if (descriptor >= 0) ::unlink(path.c_str());
  throw EnvironmentError(
      fmt::format("--out: {} cannot be written ({}); name a file in a folder that is there and has room", path,
                  std::strerror(cause)));
}

}  // namespace

void require_sense(const WitnessWish& wish) {
  if (wish.number.empty() && !wish.out.empty()) {
    throw UsageError("--out: names the file of a witness; say which with --witness N");
  }
  if (!wish.number.empty() && wish.out.empty()) {
    throw UsageError("--witness: name the file to write with --out FILE");
  }
  if (wish.asked()) whole_number(wish.number, "--witness");
}

void write_witness(const WitnessWish& wish, const History& history, const Question& asked, const Judgement& judgement) {
  const auto [row, entry] = entry_of(judgement, wish.number);
  const auto text = witness_history(history, asked, *row, *entry);
  if (!text) {
    throw EnvironmentError(
        fmt::format("--witness: entry {} is not found again when it is judged by itself; please report this history",
                    entry->number));
  }
  write_new_file(wish.out, *text);
  const auto lines = static_cast<std::uint64_t>(std::count(text->begin(), text->end(), '\n'));
  const std::uint64_t others = history.truncated ? 1 : 2;  // header and footer
  say(fmt::format("{}: {} that show entry {}, {} of {} {}; check it again\n", wish.out,
                  counted(lines - others, "operation"), entry->number, to_string(entry->guarantees),
                  to_string(row->scope), visible_text(entry->scope_name)));
}

}  // namespace afterwrite
