package chaos

import (
	"errors"
	"net"
	"net/http"
)

// Listen serves the workspace on a socket of this machine until Close, and says
// where its API is: "http://127.0.0.1:41234/api".
//
// Here the rule is asked once the request is there, so its Refused is a reset; a
// refused connection is made by [Workspace.Down]. And as between any two
// machines, connections are used again, and net/http repeats a GET by itself if
// one of those breaks: it is then written down twice.
func (w *Workspace) Listen() (root string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.server != nil || w.down {
		return "", errors.New("chaos: this workspace is listening already")
	}
	if err := w.listen("127.0.0.1:0"); err != nil {
		return "", err
	}
	return "http://" + w.address + "/api", nil
}

func (w *Workspace) listen(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	w.address = l.Addr().String()
	w.server = &http.Server{Handler: w}
	go w.server.Serve(l)
	return nil
}

// Down breaks all connections and refuses new ones until Up, as if the machine
// were restarting. Requests in that time are not written down, since nobody is
// there, but for those by Transport.
func (w *Workspace) Down() {
	w.mu.Lock()
	server := w.server
	w.down, w.server = true, nil
	w.mu.Unlock()
	if server != nil {
		server.Close()
	}
}

// Up listens again, where it did before.
func (w *Workspace) Up() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.down || w.closed {
		return nil
	}
	w.down = false
	if w.address == "" {
		return nil
	}
	return w.listen(w.address)
}
