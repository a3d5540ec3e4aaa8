#include "workloads/write_and_read_back.hpp"

namespace afterwrite::workloads {

std::unique_ptr<Workload> make_register(const Parameters& parameters, const WorkloadSettings& settings) {
  return make_write_and_read_back(/*lists=*/false, observers_share(parameters), settings);
}

}  // namespace afterwrite::workloads
