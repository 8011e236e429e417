package cli

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
)

// pictureFile is the file for the picture of an answer, opened before the call; nil
// where none is wanted.
type pictureFile struct {
	*os.File
	isNew bool // it was not there before
}

// openPicture opens the file, so that a call is not made for a picture that can't be
// kept. What is in it stays there until there is a picture.
func openPicture(path string) (*pictureFile, error) {
	if path == "" {
		return nil, nil
	}
	_, missing := os.Lstat(path)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--picture: cannot write %s: name a file in a directory that is there and that you can write to. Nothing was called", withoutCall(err))
	}
	return &pictureFile{file, errors.Is(missing, os.ErrNotExist)}, nil
}

// leave closes the file as it was: one that was made for the picture goes again.
func (p *pictureFile) leave() {
	if p == nil {
		return
	}
	_ = p.Close()
	if p.isNew {
		_ = os.Remove(p.Name())
	}
}

// write puts a picture into the file, in place of what is there.
func (p *pictureFile) write(data []byte) error {
	_ = p.Truncate(0) // of what is no plain file, there is nothing to cut
	_, err := p.Write(data)
	if err = errors.Join(err, p.Close()); err != nil {
		if p.isNew {
			_ = os.Remove(p.Name())
		}
		return fmt.Errorf("the picture could not be written: %s", withoutCall(err))
	}
	return nil
}

// savePicture keeps the picture of an answer, or tells who sees the answer on a
// terminal that there is one.
func (a *app) savePicture(answer *mcp.CallToolResult, file *pictureFile) error {
	data, err := pictureIn(answer)
	switch {
	case file == nil && data != nil && lookOf(a.Out, a.Environ).screen:
		fmt.Fprintln(a.Err, "It has a picture: --picture FILE saves it.")
		return nil
	case file == nil:
		return nil
	case err != nil:
		file.leave()
		return err
	}
	if err := file.write(data); err != nil {
		return err
	}
	fmt.Fprintf(a.Err, "The picture is in %s.\n", file.Name())
	return nil
}

// pictureIn is the picture of an answer, a PNG.
func pictureIn(answer *mcp.CallToolResult) ([]byte, error) {
	for _, c := range answer.Content {
		if image, ok := c.(mcp.ImageContent); ok {
			data, err := base64.StdEncoding.DecodeString(image.Data)
			if err != nil {
				return nil, fmt.Errorf("the picture can't be read: %w", err)
			}
			return data, nil
		}
	}
	return nil, errors.New("the answer has no picture: search_deals, search_cases and get_report make one with \"chart\":true")
}
