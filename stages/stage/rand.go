package stage

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
)

// Rand gives the random stream of one purpose: a pure function of the seed, the
// purpose and the indices (epoch, sample), never of what was drawn before. So
// results do not depend on the number of workers or on an interruption.
func Rand(seed uint64, purpose string, indices ...int) *rand.Rand {
	return rand.New(rand.NewPCG(Hash(seed, purpose, indices...), seed))
}

// Hash mixes the seed, the purpose and the indices into one number (FNV-1a,
// then the finalizer of MurmurHash3 so that near inputs give far outputs).
func Hash(seed uint64, purpose string, indices ...int) uint64 {
	h := fnv.New64a()
	var b [8]byte
	put := func(v uint64) { binary.LittleEndian.PutUint64(b[:], v); h.Write(b[:]) }
	put(seed)
	h.Write([]byte(purpose))
	for _, i := range indices {
		put(uint64(i))
	}
	return avalanche(h.Sum64())
}

func avalanche(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
