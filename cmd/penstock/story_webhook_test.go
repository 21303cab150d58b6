package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// post EVENT FILE|BYTES signed properly|wrongly|sha1|never
//
// sends the webhook what only says that it comes from GitHub, and prints the
// answer. BYTES instead of a file is a body of so many.
func (s *player) post(args []string) error {
	rest, by := clauses(args, "signed")
	if len(rest) != 2 {
		return errors.New("post EVENT FILE|BYTES signed properly|wrongly|sha1|never")
	}
	var body []byte
	if n, err := strconv.Atoi(rest[1]); err == nil {
		body = bytes.Repeat([]byte(" "), n)
	} else if body, err = os.ReadFile(s.ts.MkAbs(rest[1])); err != nil {
		return err
	}
	guid := fmt.Sprintf("%s-%s-%s", rest[0], strings.TrimSuffix(rest[1], ".json"), by["signed"])
	header := emulator.SignedHeader(rest[0], guid, storySecret, body)
	switch by["signed"] {
	case "properly":
	case "wrongly":
		header = emulator.SignedHeader(rest[0], guid, "a guess", body)
	case "never", "sha1":
		header.Del("X-Hub-Signature-256")
	default:
		return fmt.Errorf("signed %s?", by["signed"])
	}
	if by["signed"] == "sha1" {
		mac := hmac.New(sha1.New, []byte(storySecret))
		mac.Write(body)
		header.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(mac.Sum(nil)))
	}
	request, err := http.NewRequest(http.MethodPost, s.ts.Getenv("PENSTOCK_URL")+"/webhooks/github", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	s.printf("%d %s\n", response.StatusCode, text)
	return err
}
