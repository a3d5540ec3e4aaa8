#include "harness/history/scan/block_scanner.hpp"

#include <cstring>
#include <simdjson.h>
#include <utility>

#include "harness/history/scan/hash.hpp"
#include "harness/history/scan/json_tokens.hpp"

namespace afterwrite {
namespace {

static_assert(token_padding >= simdjson::SIMDJSON_PADDING);

/// Programs write a few shapes of lines; whoever writes more is read by the full parser.
constexpr std::size_t most_shapes = 16;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

std::uint64_t BlockScanner::hash(std::string_view text, std::uint64_t seed) {
  return hash_text(text, seed);
}

void BlockScanner::scan(ScannedBlock& block) {
  block.operations.clear();
  block.parsed.clear();
  block.faults.clear();
  block.lags.clear();
  block.lines = 0;
  block.first_index.reset();
  block.header.reset();
  block.footer.reset();
  block.torn.reset();
  const char* at = block.text.data();
  const char* const end = at + block.text.size();
  while (at < end) {
    at = scan_line(at, end, block);
    ++block.lines;
  }
}

const char* BlockScanner::scan_line(const char* at, const char* end, ScannedBlock& block) {
  ScannedOperation& operation = block.operations.emplace_back();  // read in place
  std::optional<std::uint64_t> index;
  for (std::size_t tried = 0; tried < shapes_.size(); ++tried) {
    const std::size_t shape = likely_ + tried < shapes_.size() ? likely_ + tried : likely_ + tried - shapes_.size();
    if (const char* const next = shapes_[shape].match(at, end, operation, index)) {
      likely_ = shape;
      add(index, at, block);
      return next;
    }
    operation = {};
    index.reset();
  }
  block.operations.pop_back();
  return parse_line(at, end, block);
}

const char* BlockScanner::parse_line(const char* at, const char* end, ScannedBlock& block) {
  const auto* const feed = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
  const std::string_view line(at, static_cast<std::size_t>((feed == nullptr ? end : feed) - at));
  const char* const next = feed == nullptr ? end : feed + 1;
  if (is_blank(line)) return next;
  try {
    ParsedLine parsed = parser_.parse(line);
    if (block.footer) throw NotPlain{};  // nothing may follow
    if (auto* const found = std::get_if<OperationLine>(&parsed)) {
      if (shapes_.size() < most_shapes && feed != nullptr) {
        if (auto shape = LineShape::of({at, static_cast<std::size_t>(next - at)})) shapes_.push_back(*std::move(shape));
      }
      take(std::move(*found), at, block);
    } else if (auto* const header = std::get_if<Header>(&parsed)) {
      if (block.header || block.holds_events()) throw NotPlain{};
      block.header = std::move(*header);
    } else if (auto* const footer = std::get_if<FooterLine>(&parsed)) {
      block.footer = std::move(*footer);
    } else if (auto* const fault = std::get_if<FaultEvent>(&parsed)) {
      fault->line = block.lines;
      block.faults.push_back(std::move(*fault));
    } else if (auto* const sample = std::get_if<LagSample>(&parsed)) {
      sample->line = block.lines;
      block.lags.push_back(std::move(*sample));
    }
  } catch (const NotJson&) {
    if (feed != nullptr || block.footer) throw NotPlain{};
    block.torn = line.size();
  } catch (const BadLine&) {
    throw NotPlain{};
  }
  return next;
}

void BlockScanner::take(OperationLine&& line, const char* at, ScannedBlock& block) {
  const Operation& held = block.parsed.emplace_back(std::move(line.operation));
  const auto control = held.labels.find("control");
  if (control != held.labels.end() && control->second == "true") throw NotPlain{"it has a control session"};
  block.operations.push_back(scanned(held));
  add(line.index, at, block);
}

/// Checks the operation that was put last, and fills in where it stands.
void BlockScanner::add(std::optional<std::uint64_t> index, const char* at, ScannedBlock& block) const {
  const std::size_t before = block.operations.size() - 1;
  ScannedOperation& added = block.operations.back();
  if (added.in_transaction) throw NotPlain{"it holds transactions"};
  if (block.footer) throw NotPlain{};
  if (index) {
    const std::int64_t first = static_cast<std::int64_t>(*index) - static_cast<std::int64_t>(before);
    if (block.first_index.value_or(first) != first) throw NotPlain{};
    block.first_index = first;
  }
  if (before > 0 && added.complete < block.operations[before - 1].complete) throw NotPlain{};
  added.line = static_cast<std::uint32_t>(block.lines);
  added.offset = static_cast<std::uint32_t>(at - block.text.data());
  added.key_hash = hash_text(added.key, seed_);
}

}  // namespace afterwrite
