package shell_test

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/shell"
)

func name(r pipeline.Reference) string { return "REF_" + r.Key }

func TestExpand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ command, want string }{
		{"make all", "make all"},
		{"echo #{v.A}", `echo "${REF_A}"`},
		{"echo x#{v.A}y #{v.B}", `echo x"${REF_A}"y "${REF_B}"`},
		{`echo "is #{v.A}!"`, `echo "is ${REF_A}!"`},
		{`echo 'is #{v.A}!'`, `echo 'is '"${REF_A}"'!'`},
		{`echo $'a\n#{v.A}'`, `echo $'a\n'"${REF_A}"$''`},
		{`echo "$(cat #{v.A})"`, `echo "$(cat "${REF_A}")"`},
		{`echo "$(cat '#{v.A}' "x#{v.B}")"`, `echo "$(cat ''"${REF_A}"'' "x${REF_B}")"`},
		{"X=#{v.A} make", `X="${REF_A}" make`},
		{"make > #{v.A}.log", `make > "${REF_A}".log`},
		{"[ #{v.A} = main ] && ship", `[ "${REF_A}" = main ] && ship`},
		{"[[ #{v.A} == main ]]", `[[ "${REF_A}" == main ]]`},
		{"case #{v.A} in main) ship;; esac", `case "${REF_A}" in main) ship;; esac`},
		{"for x in #{v.A} b; do echo $x; done", `for x in "${REF_A}" b; do echo $x; done`},
		{"cat <<END\nis #{v.A}\nEND\n", "cat <<END\nis ${REF_A}\nEND\n"},
		{"cat <<<#{v.A}", `cat <<<"${REF_A}"`},
		{"make # not #{v.A}", "make # not #{v.A}"},
		{"echo PENSTOCKREF #{v.A}", `echo PENSTOCKREF "${REF_A}"`},
		{"echo `cat #{v.A}`", "echo `cat \"${REF_A}\"`"},
		{"echo #{not a reference} ${#HOME}", "echo #{not a reference} ${#HOME}"},
		{"sh -c 'echo \"$1\"' sh #{v.A}", `sh -c 'echo "$1"' sh "${REF_A}"`},
		{"bash build.sh -c #{v.A}", "bash build.sh -c \"${REF_A}\""},
		{`export "A=#{v.A}" B=#{v.B}`, `export "A=${REF_A}" B="${REF_B}"`},
		{"declare -r A=#{v.A}", `declare -r A="${REF_A}"`},
		{"printf '%s' #{v.A}; [ -n #{v.A} ]", `printf '%s' "${REF_A}"; [ -n "${REF_A}" ]`},
		{"#{v.A} --version", `"${REF_A}" --version`},
	} {
		got, err := shell.Expand(test.command, name)
		if err != nil || got != test.want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", test.command, got, err, test.want)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"echo $((1 + #{v.A}))":                           "arithmetic",
		`echo "$((1 + #{v.A}))"`:                         "arithmetic",
		"((#{v.A} > 1))":                                 "arithmetic",
		"x[#{v.A}]=1":                                    "index",
		"#{v.A}=1":                                       "name of a variable",
		"echo ${x:-#{v.A}}":                              "inside of ${ }",
		`echo "${x:-'#{v.A}'}"`:                          "inside of ${ }",
		"cat <<'END'\nis #{v.A}\nEND\n":                  "here-document",
		"cat <<\\END\nis #{v.A}\nEND\n":                  "here-document",
		"echo 'open #{v.A}":                              "cannot be read as shell",
		"let x=#{v.A}":                                   "arithmetic",
		"[[ #{v.A} -eq 1 ]]":                             "comparison of numbers",
		`[[ "#{v.A}" -gt 1 ]]`:                           "comparison of numbers",
		`[[ a = b || 1 -le '#{v.A}' ]]`:                  "comparison of numbers",
		"[[ -v #{v.A} ]]":                                "comparison of numbers",
		"#{v.A}() { true; }":                             "name of a function",
		"a=([#{v.A}]=1)":                                 "in an index",
		"declare -A a=(['#{v.A}']=1)":                    "in an index",
		"declare -i n=#{v.A}":                            "declaration of numbers",
		`local -xi n="#{v.A}"`:                           "declaration of numbers",
		"declare -n n=#{v.A}":                            "declaration of numbers",
		`declare "a[#{v.A}]=1"`:                          "name of a variable",
		"unset #{v.A}":                                   "name of a variable",
		"[ -v #{v.A} ]":                                  "name of a variable",
		"test x -a -v '#{v.A}'":                          "name of a variable",
		"printf -v #{v.A} x":                             "name of a variable",
		"read -r #{v.A}":                                 "name of a variable",
		"eval make #{v.A}":                               "evaluated again",
		`eval "make '#{v.A}'"`:                           "evaluated again",
		`eval "$(make #{v.A})"`:                          "evaluated again",
		"command \\eval '#{v.A}'":                        "evaluated again",
		"trap 'echo #{v.A}' EXIT":                        "evaluated again",
		"'let' n=#{v.A}":                                 "arithmetic",
		"bash -eo pipefail -c 'echo #{v.A}'":             "evaluated again",
		"su - www -c 'echo #{v.A}'":                      "evaluated again",
		"bash -c 'echo #{v.A}'":                          "evaluated again",
		"sudo -u www /bin/sh -eux -c \"echo #{v.A}\"":    "evaluated again",
		"find . -exec sh -ec 'echo #{v.A}' {} \\;":       "evaluated again",
		"docker run --rm alpine sh -c \"echo '#{v.A}'\"": "evaluated again",
	} {
		if got, err := shell.Expand(command, name); pipeline.KindOf(err) != pipeline.Invalid || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %s, %v; want %s", command, got, err, want)
		}
	}
}

// Whatever a value is, the shell prints it and does nothing else.
func TestValuesStayValues(t *testing.T) {
	t.Parallel()
	commands := []string{
		"printf %s #{v.A}", `printf %s "#{v.A}"`, `printf %s '#{v.A}'`, `printf %s "$(printf %s #{v.A})"`,
		"X=#{v.A}; printf %s \"$X\"", "cat <<END\n#{v.A}\nEND", `printf %s $'#{v.A}'`, "case #{v.A} in *) printf %s #{v.A};; esac",
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`([a-z ]|\$\(touch x\)|;|'|"|\\|\x60|\*|\$HOME|#\{v\.A\}|&|\||<|>|!|\(|\)){0,12}z`).Draw(t, "value")
		command, err := shell.Expand(rapid.SampledFrom(commands).Draw(t, "command"), name)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bash, "-c", command)
		cmd.Env = []string{"REF_A=" + value, "HOME=/home"}
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSuffix(string(out), "\n"); err != nil || got != value {
			t.Fatalf("%s\nprints %q, %v; want %q", command, got, err, value)
		}
	})
}
