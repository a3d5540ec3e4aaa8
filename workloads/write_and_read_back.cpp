#include "workloads/write_and_read_back.hpp"

#include "workloads/fresh_keys.hpp"
#include "workloads/keys.hpp"
#include "workloads/observing.hpp"
#include "workloads/pace.hpp"
#include "workloads/parts.hpp"

namespace afterwrite::workloads {
namespace {

constexpr std::size_t reads_of_a_write = 3;

class WriteAndReadBack final : public Workload {
 public:
  WriteAndReadBack(bool lists, double observers_share, const WorkloadSettings& settings)
      : lists_(lists),
        observers_share_(observers_share),
        delay_(settings.read_delay),
        control_key_(settings.keys),
        keys_(settings.keys + 1) {}

  void run(Session& session) override {
    const std::size_t writers = writers_of(session.count(), observers_share_);
    // A control session has a key of its own: who only reads could not show that its own writes may be missed.
    const bool control = session.ordinal() == session.count();
    if (session.ordinal() >= writers && !control) {
      observe(session, fresh_, Observing{.lists = lists_, .paced = !delay_.none()});
      return;
    }
    const std::vector<std::size_t> own =
        control ? std::vector{control_key_} : keys_of(session.ordinal(), writers, control_key_);
    while (session.running())
      write_one(session, any_of(own, session.random()));
  }

 private:
  void write_one(Session& session, std::size_t key_number) {
    // The name is kept for the reads: the key may go on under a new one in the meantime.
    const std::string key = lists_ ? keys_.name(key_number) : key_name(key_number);
    const Operation write =
        lists_ ? session.append(key, session.next_value()) : session.write(key, session.next_value());
    if (lists_) keys_.count_append(key_number);
    if (write.outcome == Outcome::fail) {
      settle(session, write);
      return;
    }
    // An unsure write is posted and read back too: it may have happened, or may yet.
    if (key_number != control_key_) fresh_.post(key, write.complete);
    // Delays count from the write, so a read that took long (it may have waited for a follower) is followed by the next
    // one the sooner.
    Nanoseconds now = write.complete;
    for (const Duration delay : delay_.draw_ascending(session.random(), reads_of_a_write)) {
      if (!pause_for(session, delay - Duration(now - write.complete))) return;
      const Operation read = lists_ ? session.read_list(key) : session.read(key);
      if (!settle(session, read)) return;
      now = read.complete;
    }
  }

  bool lists_;
  double observers_share_;
  ReadDelay delay_;
  std::size_t control_key_;  // the first number that is no key of the others
  ListKeys keys_;
  FreshKeys fresh_;
};

}  // namespace

std::unique_ptr<Workload> make_write_and_read_back(bool lists, double observers_share,
                                                   const WorkloadSettings& settings) {
  return std::make_unique<WriteAndReadBack>(lists, observers_share, settings);
}

}  // namespace afterwrite::workloads
