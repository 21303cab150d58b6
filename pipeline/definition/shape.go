package definition

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// The bounds of a file. They are far beyond any pipeline that people wrote, and
// keep the cost of a hostile one to a fraction of a second: the YAML parser
// takes time and memory in the square of the nesting and of the number of keys
// in one map.
const (
	maxBytes  = 1 << 20
	maxLine   = 10_000 // characters in a line of YAML
	maxTokens = 100_000
	maxNodes  = 100_000 // after following aliases
	maxDepth  = 64
	maxKeys   = 1000 // in one map
)

// checkShape refuses token streams that would be too deep or too wide for the
// parser. It looks at columns and brackets only, so it may count a little more
// than there is.
func checkShape(tokens token.Tokens) *fault {
	if len(tokens) > maxTokens {
		return &fault{
			at:      positionFrom(tokens[maxTokens].Position),
			message: fmt.Sprintf("the file has more than %d pieces", maxTokens),
			hint:    "split it into several files in .penstock/",
		}
	}
	s := shape{}
	for i, t := range tokens {
		at := t.Position
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			s.flow++
		case token.SequenceEndType, token.MappingEndType:
			s.flow = max(s.flow-1, 0)
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			s.open(at.Column)
		case token.MappingValueType:
			column := at.Column
			if i > 0 && tokens[i-1].Position.Line == at.Line {
				column = tokens[i-1].Position.Column
			}
			s.key(column)
		}
		if s.flow+len(s.columns) > maxDepth {
			return &fault{at: positionFrom(at), message: fmt.Sprintf("nested more than %d levels deep", maxDepth)}
		}
		if s.widest > maxKeys {
			return &fault{at: positionFrom(at), message: fmt.Sprintf("a map with more than %d keys", maxKeys)}
		}
	}
	return nil
}

// shape is what is open while walking through the tokens.
type shape struct {
	flow    int     // open brackets and braces
	columns []level // of block lists and maps
	widest  int
}

type level struct{ column, keys int }

// open notes a block structure that begins in a column: everything to the right
// of it has ended.
func (s *shape) open(column int) {
	if s.flow > 0 {
		return
	}
	for len(s.columns) > 0 && s.columns[len(s.columns)-1].column > column {
		s.columns = s.columns[:len(s.columns)-1]
	}
	if len(s.columns) == 0 || s.columns[len(s.columns)-1].column < column {
		s.columns = append(s.columns, level{column: column})
	}
}

// key notes a key that begins in a column.
func (s *shape) key(column int) {
	if s.flow > 0 {
		return
	}
	s.open(column)
	top := &s.columns[len(s.columns)-1]
	top.keys++
	s.widest = max(s.widest, top.keys)
}
