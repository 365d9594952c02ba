package torch

// #include "shim_device.h"
import "C"

// ChannelsLast keeps the channels of a pixel together in memory (NHWC, of volumes NDHWC), which
// convolutions on tensor cores want. Shape and values stay as they are.
func (s *Scope) ChannelsLast(x Tensor) Tensor {
	if !s.ok("channels_last", x) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_as_channels_last(x.c(), &out)
	return s.made(out, message)
}

// ChannelsLast lays out the weights of all convolutions so; nets then keep that
// layout from layer to layer.
func (st *Store) ChannelsLast(s *Scope) {
	for _, p := range st.Parameters {
		if (len(p.Shape) == 4 || len(p.Shape) == 5) && s.ok("channels_last", p.Tensor) {
			s.note(C.vt_channels_last_(p.Tensor.c()))
		}
	}
}
