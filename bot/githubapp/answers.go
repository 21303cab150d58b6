package githubapp

import (
	"bytes"
	"container/list"
	"io"
	"net/http"
	"sync"
)

const (
	maxAnswers     = 1000
	maxAnswersSize = 8 << 20
	maxAnswerKept  = 256 << 10
)

// answers keeps GitHub's answers to questions of one installation with their
// entity tags, bounded in number and in bytes. A kept answer is never given
// without asking: GitHub says each time that it is still true, which costs nothing
// of the hour's requests.
type answers struct {
	mu    sync.Mutex
	bytes int
	order *list.List // of *kept, used last first
	index map[question]*list.Element
}

// question is what an answer depends on. Tokens are narrowed to a repository, so
// the answer for one must not be taken for another's.
type question struct {
	repository  int64
	url, accept string
}

type kept struct {
	question question
	tag      string
	header   http.Header
	body     []byte
}

func newAnswers() *answers {
	return &answers{order: list.New(), index: map[question]*list.Element{}}
}

// ask makes a request conditional if there is an answer to it, which is returned
// too. The request given is not changed.
func (a *answers) ask(r *http.Request) (*http.Request, *kept) {
	if a == nil || r.Method != http.MethodGet {
		return r, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.index[questionOf(r)]
	if e == nil {
		return r, nil
	}
	a.order.MoveToFront(e)
	k := e.Value.(*kept)
	asked := r.Clone(r.Context())
	asked.Header.Set("If-None-Match", k.tag)
	return asked, k
}

// keep takes on an answer that may be of use again.
func (a *answers) keep(r *http.Request, answer *http.Response, body []byte) {
	tag := answer.Header.Get("ETag")
	if a == nil || r.Method != http.MethodGet || answer.StatusCode != http.StatusOK || tag == "" || len(body) > maxAnswerKept {
		return
	}
	k := &kept{question: questionOf(r), tag: tag, header: answer.Header.Clone(), body: body}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.remove(a.index[k.question])
	a.index[k.question] = a.order.PushFront(k)
	a.bytes += len(body)
	for a.bytes > maxAnswersSize || a.order.Len() > maxAnswers {
		a.remove(a.order.Back())
	}
}

func (a *answers) remove(e *list.Element) {
	if e == nil {
		return
	}
	k := a.order.Remove(e).(*kept)
	delete(a.index, k.question)
	a.bytes -= len(k.body)
}

func questionOf(r *http.Request) question {
	repository, _ := r.Context().Value(repositoryKey{}).(int64)
	return question{repository: repository, url: r.URL.String(), accept: r.Header.Get("Accept")}
}

// answer is the kept answer, given to another asker.
func (k *kept) answer(r *http.Request) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: k.header.Clone(), Body: io.NopCloser(bytes.NewReader(k.body)), ContentLength: int64(len(k.body)), Request: r,
	}
}
