#include <algorithm>

#include "workloads/keys.hpp"
#include "workloads/kinds.hpp"
#include "workloads/pace.hpp"
#include "workloads/parts.hpp"

namespace afterwrite::workloads {
namespace {

constexpr int most_attempts = 3;  ///< of one transfer
constexpr int most_looks = 3;     ///< at the ledger, while it does not answer

enum class Sight { there, missing, unknown };

/// A customer, an account and a business action: everything that one transfer is about.
struct Transfer {
  std::size_t account = 0;
  std::string ledger;  ///< kept for all attempts: the account may go on under a new name only between transfers
  std::string intent;
  List attempts;        ///< the elements that this customer appended for the intent
  bool unsure = false;  ///< an attempt's outcome was unknown
};

/// An account is a ledger: a list of transfers. Each session is a customer with accounts of its own (at least one, even
/// if there are more sessions than keys). It transfers money, looks at the ledger, and transfers again if the transfer
/// seems not to have happened: under the same intent, as a new element. An intent that stands in a ledger twice is
/// money moved twice.
class Bank final : public Workload {
 public:
  explicit Bank(const WorkloadSettings& settings) : delay_(settings.read_delay), keys_(settings.keys) {}

  void run(Session& session) override {
    const std::size_t accounts = std::max(keys_, session.count());
    const std::vector<std::size_t> own = keys_of(session.ordinal(), session.count(), accounts);
    ListKeys ledgers(accounts);
    for (std::size_t number = 1; session.running(); ++number) {
      const std::size_t account = any_of(own, session.random());
      Transfer transfer{.account = account,
                        .ledger = ledgers.name(account),
                        .intent = session.name() + "-pay-" + std::to_string(number),
                        .attempts = {}};
      carry_out(session, ledgers, transfer);
    }
  }

 private:
  void carry_out(Session& session, ListKeys& ledgers, Transfer& transfer) const {
    for (int attempt = 1; attempt <= most_attempts && session.running(); ++attempt) {
      Note note{.intent = transfer.intent, .labels = {{"amount", "100"}}};
      if (transfer.unsure) note.labels["after"] = "info";
      const Scalar element = session.next_value();
      const Operation append = session.append(transfer.ledger, element, note);
      ledgers.count_append(transfer.account);
      transfer.attempts.push_back(element);
      if (append.outcome == Outcome::fail) {
        // The customer was told that it failed: no need to look before the next attempt.
        if (!settle(session, append)) return;
        continue;
      }
      if (append.outcome == Outcome::info) transfer.unsure = true;
      const Sight sight = look(session, transfer);
      // Seen: the customer refreshes once more. Should it have vanished again, nobody pays twice for that.
      if (sight == Sight::there) look(session, transfer);
      if (sight != Sight::missing) return;
    }
  }

  /// What the ledger shows of the transfer, after a while. `unknown` if it does not answer or the run is over.
  Sight look(Session& session, const Transfer& transfer) const {
    for (int tries = 0; tries < most_looks; ++tries) {
      if (!pause_for(session, delay_.draw(session.random()))) return Sight::unknown;
      const Operation read = session.read_list(transfer.ledger, Note{.intent = transfer.intent, .labels = {}});
      if (read.outcome == Outcome::ok) return shows(read.value, transfer.attempts) ? Sight::there : Sight::missing;
      if (!settle(session, read)) return Sight::unknown;
    }
    return Sight::unknown;
  }

  static bool shows(const Value& ledger, const List& attempts) {
    const List* elements = std::get_if<List>(&ledger);
    return elements != nullptr &&
           std::find_first_of(elements->begin(), elements->end(), attempts.begin(), attempts.end()) != elements->end();
  }

  ReadDelay delay_;
  std::size_t keys_;
};

}  // namespace

std::unique_ptr<Workload> make_bank(const Parameters& parameters, const WorkloadSettings& settings) {
  expect_none(parameters);
  return std::make_unique<Bank>(settings);
}

}  // namespace afterwrite::workloads
