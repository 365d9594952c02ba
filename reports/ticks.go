package reports

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// tickCount is about how many labels an axis has.
const tickCount = 5

// linearTicks puts about count labels on multiples of 1, 2 or 5 times a power of ten; on
// whole numbers only, if asked.
func linearTicks(whole bool, count int) plot.TickerFunc {
	return func(low, high float64) []plot.Tick {
		step := niceStep((high - low) / float64(count))
		if whole {
			step = math.Max(1, step)
		}
		if !(step > 0) || math.IsInf(step, 0) {
			return nil
		}
		places := -int(math.Floor(math.Log10(step) + 1e-9))
		most := math.Max(math.Abs(low), math.Abs(high))
		var ticks []plot.Tick
		first := math.Ceil(low/step - 1e-9)
		for i := first; i*step <= high+step*1e-9 && i < first+float64(3*count); i++ {
			ticks = append(ticks, plot.Tick{Value: i * step, Label: tickLabel(i*step, places, most)})
		}
		return ticks
	}
}

// tickLabel writes a tick of an axis whose largest number is most, with as many digits as
// tell it from the next one, places decimals apart.
func tickLabel(v float64, places int, most float64) string {
	if most >= 1e6 || places > 4 && most < 0.01 {
		return scientificTo(v, int(math.Floor(math.Log10(math.Abs(v))+1e-9))+1+places)
	}
	return withDecimals(v+0, max(0, places)) // + 0 makes -0 a plain 0
}

// niceStep rounds to 1, 2 or 5 times a power of ten.
func niceStep(raw float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	switch m := raw / power; {
	case m < 1.5:
		return power
	case m < 3.5:
		return 2 * power
	case m < 7.5:
		return 5 * power
	}
	return 10 * power
}

// logTicks labels powers of ten; with few of them, 2 and 5 times as well.
func logTicks(low, high float64) []plot.Tick {
	from, to := int(math.Floor(math.Log10(low))), int(math.Ceil(math.Log10(high)))
	factors := []float64{1}
	if math.Log10(high/low) < 2.5 {
		factors = []float64{1, 2, 5}
	}
	every := 1 + (to-from)/8
	var ticks []plot.Tick
	for e := from; e <= to; e++ {
		for _, f := range factors {
			v := f * math.Pow10(e)
			if e%every == 0 && v >= low*(1-1e-9) && v <= high*(1+1e-9) {
				ticks = append(ticks, plot.Tick{Value: v, Label: logLabel(f, e)})
			}
		}
	}
	return ticks
}

func logLabel(factor float64, exponent int) string {
	if exponent >= -2 && exponent <= 3 {
		return short(factor * math.Pow10(exponent))
	}
	return strconv.Itoa(int(factor)) + "e" + strconv.Itoa(exponent)
}
