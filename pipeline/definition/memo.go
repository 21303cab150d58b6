package definition

import (
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/shell"
)

// memo remembers what the languages inside of a file said of a text. An alias can
// repeat a text some ten thousand times, and each of them takes more time than all
// else.
type memo map[string]error

func (m memo) once(kind, text string, check func() error) error {
	key := kind + "\x00" + text
	err, known := m[key]
	if !known {
		err = check()
		m[key] = err
	}
	return err
}

// maxExpressions bounds all expressions of a file together: checking a thousand
// characters takes some milliseconds.
const maxExpressions = 50_000

// checkExpression checks an expression in CEL.
func (r *reader) checkExpression(text string) error {
	if r.language == nil {
		language, err := condition.NewLanguage()
		if err != nil {
			return err
		}
		r.language = &language
	}
	return r.memo.once("expression", text, func() error {
		if r.expressions += len(text); r.expressions > maxExpressions {
			return pipeline.Errorf(pipeline.Invalid, "the expressions of a file have %d characters together at most", maxExpressions)
		}
		_, err := r.language.Compile(text)
		return err
	})
}

// checkShell checks that references in a command stand where the shell can be given
// their values.
func (r *reader) checkShell(command string) error {
	return r.memo.once("shell", command, func() error {
		_, err := shell.Expand(command, func(pipeline.Reference) string { return "X" })
		return err
	})
}

// checkPattern checks a regular expression.
func (r *reader) checkPattern(text string) error {
	return r.memo.once("pattern", text, func() error {
		_, err := condition.ParsePattern(text)
		return err
	})
}

// checkCron checks a schedule.
func (r *reader) checkCron(cron, zone string) error {
	return r.memo.once("cron", cron+"\x00"+zone, func() error {
		_, err := condition.ParseCron(cron, zone)
		return err
	})
}

// maxEndless bounds for how many freezes of a file is looked whether they end.
const maxEndless = 100

// endsNever reports whether a freeze that is read correctly never ends.
func (r *reader) endsNever(f pipeline.Freeze) bool {
	return r.memo.once("freeze", f.Cron+"\x00"+f.TimeZone+"\x00"+f.For.String(), func() error {
		if r.freezeCount++; r.freezeCount > maxEndless {
			return nil
		}
		if endless, err := condition.EndsNever(f); err == nil && endless {
			return pipeline.Errorf(pipeline.Invalid, "never ends")
		}
		return nil
	}) != nil
}

// checkWindow checks a window, and that it opens at some time from 2025 on.
func (r *reader) checkWindow(cron, zone string) error {
	return r.memo.once("window", cron+"\x00"+zone, func() error {
		w, err := condition.ParseWindow(cron, zone)
		if err != nil {
			return err
		}
		if _, opens := w.Next(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)); !opens {
			return pipeline.Errorf(pipeline.Invalid, "%s is a window that never opens", quote(cron))
		}
		return nil
	})
}
