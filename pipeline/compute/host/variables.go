package host

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// variables reads what the script has written of the output variables: NAME=value,
// each ended by a zero byte, which no variable of a shell can hold. The file was
// made by the supervisor outside of the task's reach, but what is in it is the
// task's word: only declared names count.
func (f folder) variables(declared []string) (map[string]string, error) {
	if len(declared) == 0 {
		return nil, nil
	}
	file, err := os.Open(f.path("vars"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	limit := int64(maxVariableBytes + 4096)
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for entry := range strings.SplitSeq(string(text), "\x00") {
		if name, value, ok := strings.Cut(entry, "="); ok && slices.Contains(declared, name) {
			found[name] = strings.ToValidUTF8(value, "\uFFFD")
		}
	}
	size := 0
	for name, value := range found {
		size += len(name) + len(value)
	}
	if size > maxVariableBytes || int64(len(text)) > limit {
		return nil, failure(pipeline.JobFailed, "the output variables are larger than %d bytes in total", maxVariableBytes)
	}
	return found, nil
}

// missing tells which declared variables the commands have not set.
func missing(declared []string, found map[string]string) string {
	var names []string
	for _, name := range declared {
		if _, ok := found[name]; !ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("Not set by the commands: output variable %s", strings.Join(names, ", "))
}
