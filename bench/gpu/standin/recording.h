// What CUDA graphs need: operators of a stream that are noted instead of done.
#pragma once
#include "call.h"

#include <map>

namespace standin {

struct Recording {
  struct Step {
    c10::OperatorHandle op;
    std::vector<IValue> args, outs;
  };
  std::vector<Step> steps;
  std::map<Block *, std::vector<char>> before; // what was in memory that the recording saw
  std::vector<Block *> fresh;                  // memory that was taken during the recording

  Done run(const c10::OperatorHandle &, const std::vector<IValue> &args); // and notes it
  void restore();                                                        // as if nothing had been done
  void replay();
};

void record(cudaStream_t, Recording *); // nullptr ends it
Recording *recording(int device);       // of the stream that the thread uses there

} // namespace standin
