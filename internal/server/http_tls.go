package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// Certificate is the configuration of a server of HTTPS by files of PEM. When
// they have changed, the next client gets what is in them then; as long as that
// is not right, what was in them before. Its error is of files that are not right
// to begin with.
func Certificate(certFile, keyFile string, log *slog.Logger) (*tls.Config, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	files := c.look()
	if err := c.load(files); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.current(), nil
		},
	}, nil
}

type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	files  pemFiles // as they were when they were read last
}

// pemFiles are the certificate's and the key's.
type pemFiles [2]os.FileInfo

func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if files := c.look(); files.differ(c.files) {
		if err := c.load(files); err != nil {
			c.log.Error("the certificate stays as it was, since its files are not right", "error", err)
		} else {
			c.log.Info("the certificate was read again, and is used for new connections")
		}
	}
	return c.loaded
}

// load reads the files, which are then known as they were before that: one that
// changes meanwhile is read again.
func (c *certificate) load(files pemFiles) error {
	c.files = files
	loaded, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("http_tls_cert and http_tls_key: %w", err)
	}
	c.loaded = &loaded
	return nil
}

func (c *certificate) look() (files pemFiles) {
	for i, name := range []string{c.certFile, c.keyFile} {
		files[i], _ = os.Stat(name)
	}
	return files
}

func (files pemFiles) differ(before pemFiles) bool {
	for i, now := range files {
		was := before[i]
		if now == nil || was == nil {
			if now != was {
				return true
			}
			continue
		}
		if !os.SameFile(now, was) || !now.ModTime().Equal(was.ModTime()) || now.Size() != was.Size() {
			return true
		}
	}
	return false
}
