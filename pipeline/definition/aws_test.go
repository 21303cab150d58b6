package definition_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/penstock-cd/penstock/pipeline/definition"
)

// onAWS are the options of files in AWS's form, which are in the repository shop.
func onAWS() definition.Options {
	o := options()
	o.Repository = "acme/shop"
	return o
}

// TestReadAWSValid reads what get-pipeline prints, unchanged. The first file has
// every field that there is.
func TestReadAWSValid(t *testing.T) {
	t.Parallel()
	for _, file := range sources(t, "aws/valid") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			readValid(t, file, onAWS())
		})
	}
}

// TestReadAWSInvalid reads files that differ from the one with every field in one
// thing each, and holds that this is the one mistake which is told.
func TestReadAWSInvalid(t *testing.T) {
	t.Parallel()
	files := sources(t, "aws/invalid")
	if len(files) < 40 {
		t.Errorf("only %d files", len(files))
	}
	reasons := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := definition.Read(filepath.Base(file), content, onAWS())
		var errors definition.Problems
		for _, problem := range problems {
			if problem.Severity == definition.SeverityError {
				errors = append(errors, problem)
			}
		}
		if p != nil || len(errors) != 1 {
			t.Errorf("%s: %d mistakes:\n%s", file, len(errors), told(errors))
			continue
		}
		if other, taken := reasons[errors[0].Message]; taken {
			t.Errorf("%s is refused for the reason of %s: %s", file, other, errors[0].Message)
		}
		reasons[errors[0].Message] = file
		golden(t, file, told(errors))
	}
}
