package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheGracesLeaveRoom: a client expects a server to be gone a second after
// it closed its end.
func TestTheGracesLeaveRoom(t *testing.T) {
	require.LessOrEqual(t, answerGrace+stopGrace, 800*time.Millisecond)
}
