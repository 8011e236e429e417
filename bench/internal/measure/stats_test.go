package measure

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRounds(t *testing.T) {
	require.Equal(t, 3.0, Rounds{5, 1, 3}.Median())
	require.Equal(t, 2.5, Rounds{4, 1, 3, 2}.Median())
	require.True(t, math.IsNaN(Rounds{}.Median()))
	require.Equal(t, "0.90x (0.80x–1.00x)", Rounds{0.9, 1, 0.8}.Show("%.2fx"))
	require.Equal(t, "7 ms", Rounds{7}.Show("%.0f ms"))
	require.Equal(t, Rounds{2, 3}, Rounds{4, 9}.Over(Rounds{2, 3}))
	require.Equal(t, Rounds{2, 6}, Rounds{4, 9}.Minus(Rounds{2, 3}))
}

func TestQuantile(t *testing.T) {
	var all Latencies
	for i := 100; i > 0; i-- {
		all = append(all, time.Duration(i))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		require.Equal(t, want, all.Quantile(share), share)
	}
	require.Zero(t, Latencies{}.Quantile(0.99))
	require.Equal(t, time.Duration(7), Latencies{7}.Quantile(0.01))
}
