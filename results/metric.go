package results

import (
	"context"
	"maps"
	"sync"

	"vertebra/stages/stage"
)

// metric is what the numbers of one curve share.
type metric struct {
	name, title, series, phase, unit string
	better                           stage.Direction
}

// metrics remembers the ids of metrics that are stored. It may be used from any
// goroutine.
type metrics struct {
	lock sync.Mutex
	ids  map[metric]int64
}

func (m *metrics) find(key metric) (id int64, known bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	id, known = m.ids[key]
	return id, known
}

func (m *metrics) add(fresh map[metric]int64) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.ids == nil {
		m.ids = map[metric]int64{}
	}
	maps.Copy(m.ids, fresh)
}

func (b *batch) scalar(ctx context.Context, v stage.Scalar) error {
	id, err := b.metricID(ctx, metric{v.Name, v.Title, v.Series, v.Phase, v.Unit, v.Better})
	if err != nil {
		return err
	}
	var low, high, level, method any // NULLs
	if i := v.Interval; i != nil {
		low, high, level, method = i.Low, i.High, i.Level, i.Method
	}
	return b.exec(ctx, `INSERT INTO points (metric, epoch, step, value, low, high, level, method) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value,
			low = excluded.low, high = excluded.high, level = excluded.level, method = excluded.method`,
		id, v.Epoch, v.Step, v.Value, low, high, level, method)
}

// metricID finds or stores a metric. The latest title, unit and direction hold.
func (b *batch) metricID(ctx context.Context, m metric) (id int64, err error) {
	if id, known := b.fresh[m]; known {
		return id, nil
	}
	if id, known := b.known(m); known {
		return id, nil
	}
	s, err := b.stmt(ctx, `INSERT INTO metrics (run, name, title, series, phase, unit, better) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET title = excluded.title, unit = excluded.unit, better = excluded.better RETURNING id`)
	if err != nil {
		return 0, err
	}
	err = s.QueryRowContext(ctx, b.run, m.name, m.title, m.series, m.phase, m.unit, string(m.better)).Scan(&id)
	b.fresh[m] = id
	return id, err
}
