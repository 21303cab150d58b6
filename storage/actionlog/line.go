package actionlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// A line is stored as
//
//	<Unix microseconds> <o, e or s> <text>\n
//
// with backslashes and line feeds of the text written as \\ and \n.

// An unknown stream is stored as standard output.
func letterOf(stream pipeline.Stream) byte {
	switch stream {
	case pipeline.Stderr:
		return 'e'
	case pipeline.System:
		return 's'
	}
	return 'o'
}

func streamOf(letter byte) pipeline.Stream {
	switch letter {
	case 'o':
		return pipeline.Stdout
	case 'e':
		return pipeline.Stderr
	case 's':
		return pipeline.System
	}
	return ""
}

func appendLine(data []byte, line pipeline.LogLine) []byte {
	data = strconv.AppendInt(data, line.At.UnixMicro(), 10)
	data = append(data, ' ', letterOf(line.Stream), ' ')
	if strings.ContainsAny(line.Text, "\\\n") {
		data = append(data, escape(line.Text)...)
	} else {
		data = append(data, line.Text...)
	}
	return append(data, '\n')
}

func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(text)
}

func unescape(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(text)
}

func parseLine(raw string) (pipeline.LogLine, error) {
	at, rest, ok := strings.Cut(raw, " ")
	us, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || len(rest) < 2 || rest[1] != ' ' || streamOf(rest[0]) == "" {
		return pipeline.LogLine{}, fmt.Errorf("%.40q is not a line of a log", raw)
	}
	text := rest[2:]
	if strings.Contains(text, `\`) {
		text = unescape(text)
	}
	return pipeline.LogLine{At: time.UnixMicro(us).UTC(), Stream: streamOf(rest[0]), Text: text}, nil
}

// take skips lines of r and appends those that follow, up to limit in all. It
// returns how many it skipped.
func take(r io.Reader, skip int64, limit int, lines []pipeline.LogLine) (int64, []pipeline.LogLine, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	skipped := int64(0)
	for len(lines) < limit {
		if skipped < skip {
			if err := skipLine(br); errors.Is(err, io.EOF) {
				return skipped, lines, nil
			} else if err != nil {
				return skipped, lines, err
			}
			skipped++
			continue
		}
		raw, err := br.ReadString('\n')
		if errors.Is(err, io.EOF) && raw == "" {
			return skipped, lines, nil
		}
		if err != nil {
			return skipped, lines, err
		}
		line, err := parseLine(raw[:len(raw)-1])
		if err != nil {
			return skipped, lines, err
		}
		lines = append(lines, line)
	}
	return skipped, lines, nil
}

func skipLine(br *bufio.Reader) error {
	for {
		_, err := br.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
