// The sanitizers' run-time options, compiled into every executable of a sanitizer build, so that a
// program started by hand fails as hard as one started by ctest. ASAN_OPTIONS and the like still override.

extern "C" {

const char* __asan_default_options();
const char* __ubsan_default_options();
const char* __tsan_default_options();

const char* __asan_default_options() {
  return "halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1";
}

const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }

// Threads that were not joined are no finding: a second Ctrl-C ends the command with them running, and all of ours are
// jthreads, which join by themselves.
const char* __tsan_default_options() { return "halt_on_error=1:second_deadlock_stack=1:report_thread_leaks=0"; }
}
