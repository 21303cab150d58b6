package host

import (
	"fmt"
	"os"
	"strings"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

// The script runs all commands in one shell, so that a changed folder and set
// variables carry over. Each command is evaluated by itself: an open quote ends
// with its command. Descriptors 7 (variables), 8 and 9 (the supervisor's ear and
// its answer) are the script's; commands do not get them.
//
// TERM has a handler because a shell with one lets the command it waits for end
// first; without, the shell would die at once and take the sandbox with it.
const scriptHead = `__penstock_step() {
	printf '%s\n' "$1" >&8
	read -r __penstock_line <&9 || exit 1
}
__penstock_check() {
	[ "$1" -eq 0 ] || exit "$1"
}
__penstock_leave() {
	__penstock_status=$?
	trap - EXIT
	if [ "$__penstock_status" -eq 0 ]; then
		__penstock_variables
	fi
	exit "$__penstock_status"
}
trap 'exit 143' TERM
trap __penstock_leave EXIT
`

// writeScript writes the script. The names of output variables have been
// validated.
func (f folder) writeScript(t compute.Task) error {
	var s strings.Builder
	s.WriteString("__penstock_variables() {\n\t:\n")
	for _, name := range t.OutputVariables {
		fmt.Fprintf(&s, "\t[ -z \"${%[1]s+set}\" ] || printf '%%s=%%s\\0' %[1]s \"$%[1]s\" >&7\n", name)
	}
	s.WriteString("}\n" + scriptHead)
	for i, command := range t.Commands {
		fmt.Fprintf(&s, "__penstock_step %d\neval %s 7>&- 8>&- 9<&-\n__penstock_check $?\n", i+1, quote(command))
	}
	fmt.Fprintf(&s, "__penstock_step %d\n__penstock_leave\n", len(t.Commands)+1)
	return os.WriteFile(f.path("script"), []byte(s.String()), 0o644)
}

// quote makes a word of the shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
