#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "harness/session/clock.hpp"
#include "harness/session/deployment.hpp"

namespace afterwrite::exec {

/// A program of the user's that speaks to a system for us: docs/adapter-protocol.md.
struct ExecOptions {
  /// The program, a path or a name in $PATH, and its arguments. Seen by everyone on the machine, so they hold no
  /// secret.
  std::vector<std::string> command;
  /// Handed to the adapter as it is. Recorded in histories.
  nlohmann::json config = nlohmann::json::object();
  /// What the adapter's processes write to stderr is appended to this file, up to 16 MiB; empty: only the end of it is
  /// kept, for messages.
  std::filesystem::path log;
  /// How long a process may take to answer its `hello`.
  Duration start_within = std::chrono::seconds(10);
};

/// Splits a command as a shell would, as far as that is plain: at blanks, with '...', "..." and backslashes. Throws
/// UsageError for a quote that is not closed, and for no words at all.
std::vector<std::string> split_words(std::string_view text);

/// Starts one process to learn what the adapter has (its nodes, above all), and ends it. Each client has a process of
/// its own, a child of ours, which is killed when it keeps a deadline or the protocol not. Throws EnvironmentError if
/// the program cannot be started, or its answer is none.
std::unique_ptr<Deployment> make_exec(const ExecOptions& options);

/// The process that serves a client of this system now; nothing if it has none, or is a client of another system. For
/// the client's own thread.
std::optional<pid_t> process_of(const Client& client);

}  // namespace afterwrite::exec
