package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// maxPasted is how long a pasted address may be, in bytes.
const maxPasted = 4 << 10

// byFile writes the page to a file, and waits for the address that the browser,
// wherever it is, was led to.
func (p *setupPlan) byFile(ctx context.Context, in io.Reader, out io.Writer) error {
	// Nothing listens there: the browser shows the address, and that it leads nowhere.
	listener, err := net.Listen("tcp", p.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	site, err := p.newSite(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		return err
	}
	var page bytes.Buffer
	view := site.begin()
	view.Nonce = rand.Text()
	if err := site.page.Execute(&page, view); err != nil {
		return err
	}
	file, err := os.OpenFile(p.page, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // it holds nothing that is of use to others
	if err != nil {
		return fmt.Errorf("--page: %w", err)
	}
	_, err = file.Write(page.Bytes())
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("--page: %w", err)
	}
	defer os.Remove(p.page)
	name, err := filepath.Abs(p.page)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Open this file in a browser, on any machine:\n\n  %s\n\n"+
		"When the app is made, the browser is led to a page that cannot be shown. Paste its\naddress, which begins with %s, and press Enter:\n",
		name, site.manifest.Redirect)
	lines := bufio.NewReader(io.LimitReader(in, maxPasted))
	for {
		line, err := nextLine(ctx, lines)
		if err != nil {
			return err
		}
		answer, err := url.Parse(line)
		if err != nil || answer.Query().Get("code") == "" {
			fmt.Fprintln(out, "That is not the address: it has code=... in it. Once more:")
			continue
		}
		return site.take(ctx, answer.Query())
	}
}

// nextLine reads a line that is not empty.
func nextLine(ctx context.Context, in *bufio.Reader) (string, error) {
	type read struct {
		line string
		err  error
	}
	got := make(chan read, 1)
	go func() { // ends with the program if nobody says anything
		for {
			line, err := in.ReadString('\n')
			if line = strings.TrimSpace(line); line != "" || err != nil {
				got <- read{line, err}
				return
			}
		}
	}()
	select {
	case r := <-got:
		if r.line == "" {
			return "", errors.New("no address was pasted; nothing is changed here, and if GitHub has made the app, delete it on its settings page")
		}
		return r.line, nil
	case <-ctx.Done():
		return "", &exitError{exitInterrupted, errors.New("ended; if GitHub has made the app, delete it on its settings page")}
	}
}
