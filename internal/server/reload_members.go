package server

// LimitRequests changes how many requests workspaces are sent: those a second, and
// those at the same time, as flexie.NewLimits has them. It holds for those under
// way and waiting, too.
func (m *Members) LimitRequests(perSecond float64, atOnce int) {
	m.workspace.options.Limits.Change(perSecond, atOnce)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settings.MaxRate, m.settings.MaxConcurrent = perSecond, atOnce
	for _, kept := range m.limits {
		kept.Value().Change(perSecond, atOnce) // nil where nobody has them any more
	}
}
