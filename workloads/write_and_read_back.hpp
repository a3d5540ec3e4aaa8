#pragma once

#include <memory>

#include "workloads/kinds.hpp"

namespace afterwrite::workloads {

/// What `register` and `append` share: writers write their own keys and read each write back three times, each after a
/// delay from the write that is drawn from the settings; observers read what others just wrote. `lists`: by append and
/// read_list.
std::unique_ptr<Workload> make_write_and_read_back(bool lists, double observers_share,
                                                   const WorkloadSettings& settings);

}  // namespace afterwrite::workloads
