package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// quietLimit is how long a git server may say nothing.
const quietLimit = 2 * time.Minute

// fetcher asks git servers for commits: version 2 of git's protocol over HTTP,
// in a single request, because a fetch of one known commit needs no more.
type fetcher struct{ client *http.Client }

func newFetcher() *fetcher {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = quietLimit
	transport.DisableCompression = true
	return &fetcher{&http.Client{
		Transport: transport,
		// The token is for this very URL.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (f *fetcher) close() { f.client.CloseIdleConnections() }

// commit asks for a commit without its history. Errors of kind Unavailable and
// doubtful ones are worth another try.
func (f *fetcher) commit(ctx context.Context, source compute.Source, sha string) (*packStream, error) {
	target, err := url.Parse(source.URL)
	if err != nil || target.User != nil || target.Scheme != "https" && target.Scheme != "http" {
		return nil, failure(pipeline.ConfigurationError, "checkout: the repository's address is not http or https without a password")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	body := pkt("command=fetch") + pkt("agent=penstock") + pkt("object-format=sha1") + pktDelim +
		pkt("no-progress") + pkt("ofs-delta") + pkt("deepen 1") + pkt("want "+sha) + pkt("done") + pktFlush
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(target.String(), "/")+"/git-upload-pack", strings.NewReader(body))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-git-upload-pack-request")
	request.Header.Set("Accept", "application/x-git-upload-pack-result")
	request.Header.Set("Git-Protocol", "version=2")
	request.Header.Set("User-Agent", "git/2 (penstock)")
	if source.Token != "" {
		request.SetBasicAuth("x-access-token", source.Token)
	}
	response, err := f.client.Do(request)
	if err != nil {
		cancel(nil)
		return nil, pipeline.Errorf(pipeline.Unavailable, "the git server at %s cannot be reached: %w", target.Host, err)
	}
	p := &packStream{body: response.Body, cancel: cancel, buffer: make([]byte, maxPkt), server: target.Host}
	p.quiet = time.AfterFunc(quietLimit, func() { cancel(errors.New("it has gone quiet")) })
	p.in = bufio.NewReaderSize(response.Body, 64<<10)
	if err := p.begin(response); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// refused says what an answer without a pack means.
func refused(response *http.Response, server string) error {
	kind := response.Header.Get("Content-Type")
	switch code := response.StatusCode; {
	case code == http.StatusOK && kind == "application/x-git-upload-pack-result":
		return nil
	case code == http.StatusOK:
		return pipeline.Errorf(pipeline.Unavailable, "what is at %s does not answer like a git server: %s", server, kind)
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return pipeline.Errorf(pipeline.Unavailable, "the git server at %s answers %s", server, response.Status)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return &doubtful{failure(pipeline.PermissionError, "the git server at %s refuses: %s", server, response.Status)}
	case code == http.StatusNotFound:
		return &doubtful{failure(pipeline.RevisionUnavailable, "the git server at %s does not know the repository", server)}
	case code >= 300 && code < 400:
		return failure(pipeline.RevisionUnavailable, "the git server at %s says that the repository has moved; redirects are not followed", server)
	default:
		return failure(pipeline.SystemUnavailable, "the git server at %s answers %s", server, response.Status)
	}
}

// packStream is the pack in a server's answer, as a reader. It is for one
// goroutine until it has been read to its end.
type packStream struct {
	server  string
	body    io.ReadCloser
	in      *bufio.Reader
	buffer  []byte
	rest    []byte // of the packet at hand
	err     error  // sticky; io.EOF: all is well
	shallow []string
	quiet   *time.Timer
	cancel  context.CancelCauseFunc
}

func (p *packStream) begin(response *http.Response) error {
	if err := refused(response, p.server); err != nil {
		return err
	}
	for {
		line, mark, err := readPkt(p.in, p.buffer)
		if err != nil {
			return p.broken(err)
		}
		text := strings.TrimSuffix(string(line), "\n")
		switch {
		case mark == pktDelim, text == "shallow-info":
		case mark != "":
			return p.broken(errors.New("the answer ends before the pack"))
		case text == "packfile":
			return nil
		case strings.HasPrefix(text, "shallow "):
			p.shallow = append(p.shallow, strings.TrimPrefix(text, "shallow "))
		case strings.HasPrefix(text, "ERR "):
			return p.complaint(strings.TrimPrefix(text, "ERR "))
		default:
			return p.broken(fmt.Errorf("unexpected %.80q", text))
		}
	}
}

// complaint is an error in git's own words.
func (p *packStream) complaint(text string) error {
	if strings.Contains(text, "not our ref") || strings.Contains(text, "unadvertised") {
		return &doubtful{failure(pipeline.RevisionUnavailable, "the git server at %s does not have this commit", p.server)}
	}
	return pipeline.Errorf(pipeline.Unavailable, "the git server at %s complains: %.200s", p.server, text)
}

func (p *packStream) broken(err error) error {
	return pipeline.Errorf(pipeline.Unavailable, "the answer of the git server at %s is broken: %w", p.server, err)
}

// Read gives the bytes of the pack.
func (p *packStream) Read(to []byte) (int, error) {
	for len(p.rest) == 0 && p.err == nil {
		p.next()
	}
	if len(p.rest) == 0 {
		return 0, p.err
	}
	n := copy(to, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// next reads one packet: its first byte says what the rest is.
func (p *packStream) next() {
	line, mark, err := readPkt(p.in, p.buffer)
	p.quiet.Reset(quietLimit)
	switch {
	case err != nil:
		p.err = p.broken(err)
	case mark == pktFlush:
		p.err = io.EOF
	case mark != "" || len(line) == 0:
		p.err = p.broken(errors.New("unexpected packet"))
	case line[0] == 1:
		p.rest = line[1:]
	case line[0] == 3:
		p.err = p.complaint(string(line[1:]))
	}
}

// failed tells why the pack was cut short, nil if it was not.
func (p *packStream) failed() error {
	if p.err == io.EOF { // itself, not as the cause of a broken answer
		return nil
	}
	return p.err
}

func (p *packStream) close() {
	p.quiet.Stop()
	p.cancel(nil)
	p.body.Close()
}
